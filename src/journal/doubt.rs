//! When rows in doubt may have been sent, by the server's clock.

use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// How long after the last sign of a process a request of it may still have been on its way.
const SLACK: SignedDuration = SignedDuration::from_secs(60);

/// When an earlier process may have sent a row, by the server's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Doubt {
    /// Not before this; `None` where it is not known.
    pub since: Option<Timestamp>,
    /// Not after this; `None` where it is not known.
    pub until: Option<Timestamp>,
}

/// The server times of a journal, by where they are in the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Times {
    /// Where each dispatch is, and its time.
    dispatched: Vec<(u64, Option<Timestamp>)>,
    /// Where each run begins, and its last time.
    runs: Vec<(u64, Option<Timestamp>)>,
    /// Of rows that were dispatched again while in doubt, or whose outcome is `unknown`: where
    /// their first dispatch in doubt is.
    first: HashMap<u32, u64>,
}

impl Times {
    pub(super) fn run(&mut self, offset: u64) {
        self.runs.push((offset, None));
    }

    pub(super) fn dispatched(&mut self, offset: u64, at: Option<Timestamp>) {
        self.dispatched.push((offset, at));
        self.alive(at);
    }

    /// The process is alive at this time. Servers' clocks differ a little, so a time may be before
    /// an earlier one; where it is not known, the process may outlive every time that is.
    pub(super) fn alive(&mut self, at: Option<Timestamp>) {
        if let Some((_, last)) = self.runs.last_mut() {
            *last = at.map(|at| last.map_or(at, |last| last.max(at)));
        }
    }

    /// A row stays in doubt since an earlier line.
    pub(super) fn keep_first(&mut self, row: u32, offset: u64) {
        self.first.entry(row).or_insert(offset);
    }

    /// A row is in doubt no more.
    pub(super) fn settle(&mut self, row: u32) {
        if !self.first.is_empty() {
            self.first.remove(&row);
        }
    }

    /// The doubt of a row whose last line is at `last`.
    pub(super) fn doubt(&self, row: u32, last: u64) -> Doubt {
        let first = self.first.get(&row).copied().unwrap_or(last);
        let dispatch = self.dispatched.binary_search_by_key(&first, |(at, _)| *at);
        let since = dispatch.ok().and_then(|found| self.dispatched.get(found));
        let runs = self.runs.partition_point(|(offset, _)| *offset <= last);
        let run = runs.checked_sub(1).and_then(|index| self.runs.get(index));
        Doubt {
            since: since.and_then(|(_, at)| *at),
            until: run
                .and_then(|(_, at)| *at)
                .and_then(|at| at.checked_add(SLACK).ok()),
        }
    }
}
