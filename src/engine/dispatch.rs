//! The ledger while a run lasts: shared by the rows in flight, and the first error kept.

use super::ledger::Ledger;
use super::shutdown::{Shutdown, StopReason};
use crate::plan::Task;
use crate::results::Record;
use jiff::Timestamp;
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A row is in the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dispatched {
    /// Since when, by the server's clock; `None` if unknown.
    pub(super) at: Option<Timestamp>,
}

/// How many rows are dispatched at once: those that are sent in half a second at this rate. After
/// a crash, a row that was dispatched and not sent costs a lookup.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the clamp is within both"
)]
pub(super) fn block_size(rate: Option<f64>) -> usize {
    let rows = rate.map_or(LARGEST_BLOCK, |rate| rate / 2.0);
    rows.clamp(8.0, LARGEST_BLOCK) as usize
}

const LARGEST_BLOCK: f64 = 256.0;

/// The ledger of a run.
pub(super) struct Dispatcher<L: Ledger> {
    inner: Mutex<Inner<L>>,
    shutdown: Shutdown,
}

struct Inner<L: Ledger> {
    ledger: L,
    error: Option<L::Error>,
    /// Rows outside the order of the list that will ask for a permit.
    waiting: Vec<Arc<Task>>,
    /// Those of them that were dispatched together with another one.
    dispatched: HashMap<u64, Dispatched>,
}

impl<L: Ledger> Dispatcher<L> {
    pub(super) fn new(ledger: L, shutdown: Shutdown) -> Self {
        Self {
            inner: Mutex::new(Inner {
                ledger,
                error: None,
                waiting: Vec::new(),
                dispatched: HashMap::new(),
            }),
            shutdown,
        }
    }

    /// Dispatches these rows at the server's time `at`. `None` where the ledger cannot be
    /// written: the rows must not be sent, and the run stops.
    pub(super) fn dispatch(&self, rows: &[&Task], at: Option<Timestamp>) -> Option<Dispatched> {
        let mut inner = self.lock();
        let written = inner.ledger.dispatch(rows, at);
        self.check(&mut inner, written).then_some(Dispatched { at })
    }

    /// Announces a row outside the order of the list: it is dispatched with the next of its kind.
    pub(super) fn announce(&self, task: &Arc<Task>) {
        self.lock().waiting.push(Arc::clone(task));
    }

    /// Dispatches an announced row, together with up to `block` others. See [`Self::dispatch`].
    pub(super) fn dispatch_announced(
        &self,
        row: u64,
        block: usize,
        at: Option<Timestamp>,
    ) -> Option<Dispatched> {
        let mut inner = self.lock();
        if let Some(dispatched) = inner.dispatched.remove(&row) {
            return Some(dispatched);
        }
        // The row itself comes first; those that have waited longest come with it.
        let mut waiting = std::mem::take(&mut inner.waiting);
        waiting.sort_by_key(|task| task.row != row);
        inner.waiting = waiting.split_off(block.min(waiting.len()));
        let rows: Vec<&Task> = waiting.iter().map(AsRef::as_ref).collect();
        let written = inner.ledger.dispatch(&rows, at);
        if !self.check(&mut inner, written) {
            return None;
        }
        let dispatched = Dispatched { at };
        let others = waiting.iter().filter(|task| task.row != row);
        inner
            .dispatched
            .extend(others.map(|task| (task.row, dispatched)));
        Some(dispatched)
    }

    pub(super) fn finish(&self, task: &Task, record: &Record) {
        self.write(|ledger| ledger.finish(task, record));
    }

    pub(super) fn answer_lost(&self, patience: Duration) {
        self.write(|ledger| ledger.answer_lost(patience));
    }

    pub(super) fn tick(&self, at: Option<Timestamp>) {
        self.write(|ledger| ledger.tick(at));
    }

    /// The first error of the ledger.
    pub(super) fn into_error(self) -> Option<L::Error> {
        let inner = self.inner.into_inner();
        inner.unwrap_or_else(PoisonError::into_inner).error
    }

    fn write(&self, write: impl FnOnce(&mut L) -> Result<(), L::Error>) {
        let mut inner = self.lock();
        let written = write(&mut inner.ledger);
        self.check(&mut inner, written);
    }

    /// A ledger that cannot be written ends the run; what is in flight is finished and kept.
    fn check(&self, inner: &mut Inner<L>, written: Result<(), L::Error>) -> bool {
        let Err(error) = written else {
            return true;
        };
        inner.error.get_or_insert(error);
        self.shutdown.drain(StopReason::Ledger);
        false
    }

    fn lock(&self) -> MutexGuard<'_, Inner<L>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The ledger of a single row, which is never resumed.
#[derive(Debug)]
pub(super) struct NoLedger;

impl Ledger for NoLedger {
    type Error = Infallible;

    fn dispatch(&mut self, _: &[&Task], _: Option<Timestamp>) -> Result<(), Infallible> {
        Ok(())
    }

    fn finish(&mut self, _: &Task, _: &Record) -> Result<(), Infallible> {
        Ok(())
    }

    fn answer_lost(&mut self, _: Duration) -> Result<(), Infallible> {
        Ok(())
    }

    fn tick(&mut self, _: Option<Timestamp>) -> Result<(), Infallible> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_what_is_sent_in_half_a_second() {
        for (rate, size) in [
            (Some(90.0), 45),
            (Some(1.0), 8),
            (Some(10_000.0), 256),
            (None, 256),
        ] {
            assert_eq!(block_size(rate), size, "{rate:?}");
        }
    }
}
