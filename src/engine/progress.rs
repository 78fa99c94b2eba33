//! How far a run has come, as its results file tells.

use crate::results::{Error, Scan, Status};
use std::collections::HashSet;
use xxhash_rust::xxh3::xxh3_64;

/// What a results file says of the rows it holds.
#[derive(Debug, Default)]
pub struct Progress {
    /// The numbers of the rows that need no further try, ascending.
    settled: Vec<u64>,
    /// The next of them, for rows that come in order.
    cursor: usize,
    /// The hashed ids of all organizations that rows own.
    pub owned: HashSet<u64>,
    /// One of these organizations, by its id.
    pub example: Option<String>,
    /// How many rows stand at each status, in the order of [`Status::ALL`].
    pub counts: [u64; Status::ALL.len()],
    /// Where the last whole record ends, in bytes.
    pub end: u64,
    /// Whether the last record was torn by a crash.
    pub torn: bool,
}

impl Progress {
    /// Reads a results file to its end.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(scan: &mut Scan) -> Result<Self, Error> {
        // The last record of a row counts, so states are collected before they are judged.
        let mut states: Vec<(u64, Status, bool)> = Vec::new();
        let mut owned = HashSet::new();
        let mut example = None;
        for entry in &mut *scan {
            let Some(record) = entry?.said.record else {
                continue;
            };
            if let Some(id) = &record.organization_id {
                owned.insert(xxh3_64(id.as_bytes()));
                example.get_or_insert_with(|| id.clone());
            }
            let again = record.is_worth_another_try();
            states.push((record.row, record.status, again));
        }
        states.sort_by_key(|(row, ..)| *row);
        states.reverse();
        states.dedup_by_key(|(row, ..)| *row);
        states.reverse();
        let mut progress = Self {
            owned,
            example,
            end: scan.end(),
            torn: scan.torn(),
            ..Self::default()
        };
        for (row, status, again) in states {
            let slots = Status::ALL.into_iter().zip(&mut progress.counts);
            for (_, count) in slots.filter(|(s, _)| *s == status) {
                *count += 1;
            }
            if !again {
                progress.settled.push(row);
            }
        }
        Ok(progress)
    }

    /// How many rows need no further try.
    pub fn settled(&self) -> u64 {
        self.settled.len() as u64
    }

    /// How many rows the file holds.
    pub fn rows(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Whether a row in the file needs another try.
    pub fn has_unsettled(&self) -> bool {
        self.rows() > self.settled()
    }

    /// Whether a row needs no further try. Rows are asked for in ascending order.
    pub fn is_settled(&mut self, row: u64) -> bool {
        while let Some(&settled) = self.settled.get(self.cursor) {
            if settled >= row {
                return settled == row;
            }
            self.cursor += 1;
        }
        false
    }
}
