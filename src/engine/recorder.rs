//! Outcomes: into the ledger, the counters, and to the observers.

use super::dispatch::Dispatcher;
use super::events::{Event, Observers};
use super::ledger::Ledger;
use super::outcome::Outcome;
use super::shutdown::{Shutdown, StopReason};
use crate::plan::Task;
use crate::results::{Counts, Record, Status};
use crate::workos::Refusal;
use std::sync::Arc;

/// After this many rows in a row that were refused with 401 or 403, the key is to blame.
const AUTH_STREAK: usize = 5;

/// Records outcomes.
pub(super) struct Recorder<'a, L: Ledger> {
    dispatcher: &'a Dispatcher<L>,
    observers: &'a Observers,
    shutdown: &'a Shutdown,
    max_failures: u64,
    pub(super) counts: Counts,
    pub(super) not_tried: u64,
    failures_in_a_row: u64,
    /// Rows refused with 401 or 403, one after the other: they have an outcome only if it turns
    /// out that the key is fine.
    streak: Vec<(Arc<Task>, Box<Record>)>,
}

impl<'a, L: Ledger> Recorder<'a, L> {
    pub(super) fn new(
        dispatcher: &'a Dispatcher<L>,
        observers: &'a Observers,
        shutdown: &'a Shutdown,
        max_failures: u64,
    ) -> Self {
        Self {
            dispatcher,
            observers,
            shutdown,
            max_failures,
            counts: Counts::default(),
            not_tried: 0,
            failures_in_a_row: 0,
            streak: Vec::new(),
        }
    }

    /// Records the outcome of a row.
    pub(super) fn record(&mut self, task: Arc<Task>, outcome: Outcome) {
        match outcome {
            Outcome::NotTried => self.not_tried += 1,
            Outcome::Done(record, _) => {
                // A row that was never sent says nothing about the key.
                if record.status != Status::Invalid {
                    self.release_streak();
                }
                self.write(&task, &record);
            }
            Outcome::AuthRefused(record, refusal) => self.hold(task, record, refusal),
        }
    }

    /// Records what was held back; to be called when all outcomes are in.
    pub(super) fn finish(&mut self) {
        self.release_streak();
    }

    fn hold(&mut self, task: Arc<Task>, record: Box<Record>, refusal: Box<Refusal>) {
        self.streak.push((task, record));
        if self.streak.len() >= AUTH_STREAK {
            self.shutdown.drain(StopReason::KeyRefused(refusal));
        }
    }

    fn release_streak(&mut self) {
        let streak = std::mem::take(&mut self.streak);
        if matches!(self.shutdown.reason(), Some(StopReason::KeyRefused(_))) {
            self.not_tried += streak.len() as u64;
            return;
        }
        for (task, record) in streak {
            self.write(&task, &record);
        }
    }

    fn write(&mut self, task: &Task, record: &Record) {
        self.dispatcher.finish(task, record);
        self.counts.add(Some(record.status));
        self.count_failures(record.status);
        self.observers.emit(&Event::RowFinished {
            line: task.line,
            name: task.name(),
            record,
        });
    }

    fn count_failures(&mut self, status: Status) {
        match status {
            Status::Failed | Status::Unknown | Status::Unavailable => self.failures_in_a_row += 1,
            Status::Invalid => {}
            _ => self.failures_in_a_row = 0,
        }
        // Rows that a stop has cut off are no failures.
        if self.failures_in_a_row >= self.max_failures && !self.shutdown.is_draining() {
            let reason = StopReason::TooManyFailures(self.failures_in_a_row);
            self.shutdown.drain(reason);
        }
    }
}
