//! Which rows of a file are handed out: those that no earlier process has settled.

use super::progress::Progress;
use super::task::Task;
use crate::input::{self};
use crate::results::{self, Scan, Status};
use crate::validate::Validator as Examiner;

/// Why rows cannot be read any further.
#[derive(Debug, thiserror::Error)]
pub enum RowsError {
    /// The input cannot be read.
    #[error(transparent)]
    Input(#[from] input::Error),
    /// The results file or the run file cannot be read or written.
    #[error(transparent)]
    Results(#[from] results::Error),
}

/// The rows of an input that are not settled yet.
#[derive(Debug)]
pub struct ImportRows {
    reader: input::Reader,
    examiner: Examiner,
    progress: Progress,
    suspects_up_to: u64,
    limit: u64,
}

impl ImportRows {
    /// The first `limit` rows of an input, without those that `progress` has settled. Rows up to
    /// number `suspects_up_to` may have been sent by an earlier process.
    pub const fn new(
        reader: input::Reader,
        examiner: Examiner,
        progress: Progress,
        suspects_up_to: u64,
        limit: u64,
    ) -> Self {
        Self {
            reader,
            examiner,
            progress,
            suspects_up_to,
            limit,
        }
    }
}

impl Iterator for ImportRows {
    type Item = Result<Task, RowsError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let row = match self.reader.next()? {
                Ok(row) => row,
                Err(error) => return Some(Err(error.into())),
            };
            if row.number > self.limit {
                return None;
            }
            // A settled row is examined all the same: a later one may claim what it has.
            let examined = self.examiner.examine(&row);
            if !self.progress.is_settled(row.number) {
                let is_suspect =
                    row.number <= self.suspects_up_to || self.progress.is_doubtful(row.number);
                let verdict = examined.verdict();
                return Some(Ok(Task::new(row, verdict, is_suspect)));
            }
        }
    }
}

/// The rows of a results file that are to be tried again.
#[derive(Debug)]
pub struct RetryRows {
    scan: Scan,
    examiner: Examiner,
    only: Vec<Status>,
    suspects_up_to: u64,
    end: u64,
}

impl RetryRows {
    /// The rows of a results file that are not done; where `only` is not empty, only those with
    /// one of its statuses. Rows up to number `suspects_up_to` may have been sent by an earlier
    /// process of this pass.
    pub const fn new(
        scan: Scan,
        examiner: Examiner,
        only: Vec<Status>,
        suspects_up_to: u64,
    ) -> Self {
        Self {
            scan,
            examiner,
            only,
            suspects_up_to,
            end: u64::MAX,
        }
    }

    /// Only the rows that end at this byte of the file or before: what stands behind is appended
    /// while the rows are read.
    #[must_use]
    pub const fn up_to(mut self, end: u64) -> Self {
        self.end = end;
        self
    }

    /// Whether a row is to be tried again.
    pub fn is_wanted(only: &[Status], status: Option<Status>) -> bool {
        match status {
            None => only.is_empty(),
            Some(status) if only.is_empty() => !status.is_done(),
            Some(status) => only.contains(&status),
        }
    }
}

impl Iterator for RetryRows {
    type Item = Result<Task, RowsError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let entry = match self.scan.next()? {
                Ok(entry) if entry.end > self.end => return None,
                Ok(entry) => entry,
                Err(error) => return Some(Err(error.into())),
            };
            let (row, record) = entry.into_row();
            let examined = self.examiner.examine(&row);
            let status = record.as_ref().map(|record| record.status);
            if Self::is_wanted(&self.only, status) {
                let is_suspect = row.number <= self.suspects_up_to
                    || record.is_some_and(|record| record.is_worth_another_try());
                let verdict = examined.verdict();
                return Some(Ok(Task::new(row, verdict, is_suspect)));
            }
        }
    }
}
