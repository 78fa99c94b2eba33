//! How far a run has come, as its results file tells.

use super::reconcile::hash_of;
use crate::results::{Counts, Error, Scan, Status};
use std::collections::HashSet;
use std::ops::RangeInclusive;

/// What a results file says of the rows it holds.
#[derive(Debug, Default)]
pub struct Progress {
    /// The numbers of the rows that need no further try, ascending.
    settled: Vec<RangeInclusive<u64>>,
    /// The first of them that does not lie before the rows asked for.
    cursor: usize,
    /// The numbers of the rows that may have been created although the file does not say so.
    doubtful: HashSet<u64>,
    /// The hashed ids of all organizations that rows own.
    pub owned: Vec<u64>,
    /// One of these organizations, by its id.
    pub example: Option<String>,
    /// How many rows have a status, and no number any more.
    pub unnumbered: u64,
    /// How many rows stand at each status.
    pub counts: Counts,
    /// Where the last whole record ends, in bytes.
    pub end: u64,
    /// Whether the last record was torn by a crash.
    pub torn: bool,
}

/// A row number, its status and whether it needs another try, in 8 bytes: a list of a million
/// rows has to be collected before it can be judged, because the last record of a row counts.
#[derive(Clone, Copy)]
struct State(u64);

impl State {
    fn new(row: u64, status: Status, again: bool) -> Self {
        let status = Status::ALL.iter().position(|s| *s == status);
        Self((row << 8) | (status.unwrap_or_default() as u64) << 1 | u64::from(again))
    }

    const fn row(self) -> u64 {
        self.0 >> 8
    }

    fn status(self) -> Option<Status> {
        Status::ALL.get((self.0 >> 1 & 0x7f) as usize).copied()
    }

    const fn needs_another_try(self) -> bool {
        self.0 & 1 == 1
    }
}

impl Progress {
    /// Reads a results file to its end.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(scan: &mut Scan) -> Result<Self, Error> {
        let mut progress = Self::default();
        let mut found = Vec::new();
        while let Some(outline) = scan.next_outline()? {
            let Some(status) = outline.status else {
                continue;
            };
            let Some(row) = outline.row else {
                progress.unnumbered += 1;
                continue;
            };
            if let Some(id) = outline.organization_id {
                progress.owned.push(hash_of(&id));
                progress.example.get_or_insert_with(|| id.into_owned());
            }
            found.push(State::new(row, status, outline.is_worth_another_try));
        }
        progress.end = scan.end();
        progress.torn = scan.torn();
        for state in last_of_each_row(found) {
            progress.counts.add(state.status());
            if state.needs_another_try() {
                progress.doubtful.insert(state.row());
            } else {
                progress.settle(state.row());
            }
        }
        Ok(progress)
    }

    /// Adds a row, which comes after all others, to those that need no further try.
    fn settle(&mut self, row: u64) {
        match self.settled.last_mut() {
            Some(last) if last.end() + 1 == row => *last = *last.start()..=row,
            _ => self.settled.push(row..=row),
        }
    }

    /// How many rows up to this number need no further try.
    pub fn settled_up_to(&self, row: u64) -> u64 {
        let within = self.settled.iter().take_while(|part| *part.start() <= row);
        within
            .map(|part| row.min(*part.end()) - part.start() + 1)
            .sum()
    }

    /// How many rows the file holds.
    pub fn rows(&self) -> u64 {
        self.counts.total()
    }

    /// Whether a row in the file may have been created although the file does not say so.
    pub fn has_doubtful(&self) -> bool {
        !self.doubtful.is_empty()
    }

    /// Whether a row may have been created although the file does not say so.
    pub fn is_doubtful(&self, row: u64) -> bool {
        self.doubtful.contains(&row)
    }

    /// Whether a row needs no further try. Rows are asked for in ascending order.
    pub fn is_settled(&mut self, row: u64) -> bool {
        while let Some(settled) = self.settled.get(self.cursor) {
            if *settled.end() >= row {
                return settled.contains(&row);
            }
            self.cursor += 1;
        }
        false
    }
}

/// One state a row, the last one, in the order of the rows.
fn last_of_each_row(mut states: Vec<State>) -> impl Iterator<Item = State> {
    // A stable sort: of several states of one row, the last one stays the last.
    states.sort_by_key(|state| state.row());
    let mut states = states.into_iter().peekable();
    std::iter::from_fn(move || {
        loop {
            let state = states.next()?;
            if states.peek().is_none_or(|next| next.row() != state.row()) {
                return Some(state);
            }
        }
    })
}
