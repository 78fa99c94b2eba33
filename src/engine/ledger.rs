//! Where the engine records what it does, before and after it does it.

use crate::plan::Task;
use crate::results::Record;
use jiff::Timestamp;
use std::time::Duration;

/// The memory of a run. The program's is the journal with the results file beside it; tests have
/// their own.
pub trait Ledger: Send {
    /// Why something could not be written.
    type Error: Send;

    /// These rows may be sent from now on. Returns when they are synced; only then are they sent.
    /// A row may be dispatched a second time, when an earlier process had dispatched it and it
    /// turned out not to exist. `at` is the server's time, where it is known.
    ///
    /// # Errors
    /// When it cannot be written; the rows are then not sent.
    fn dispatch(&mut self, rows: &[&Task], at: Option<Timestamp>) -> Result<(), Self::Error>;

    /// A row has this outcome.
    ///
    /// # Errors
    /// When it cannot be written; it is kept and written with the next call.
    fn finish(&mut self, task: &Task, record: &Record) -> Result<(), Self::Error>;

    /// The answer of a request was lost; `patience` later a comparison can be trusted. An answer
    /// lost soon after another one may be covered by the patience of that one.
    ///
    /// # Errors
    /// When it cannot be written.
    fn answer_lost(&mut self, patience: Duration) -> Result<(), Self::Error>;

    /// Called several times a second while the run lasts: makes finished rows visible to others.
    /// `at` is the server's time, where it is known.
    ///
    /// # Errors
    /// When a file cannot be written.
    fn tick(&mut self, at: Option<Timestamp>) -> Result<(), Self::Error>;
}

impl<L: Ledger> Ledger for &mut L {
    type Error = L::Error;

    fn dispatch(&mut self, rows: &[&Task], at: Option<Timestamp>) -> Result<(), Self::Error> {
        (**self).dispatch(rows, at)
    }

    fn finish(&mut self, task: &Task, record: &Record) -> Result<(), Self::Error> {
        (**self).finish(task, record)
    }

    fn answer_lost(&mut self, patience: Duration) -> Result<(), Self::Error> {
        (**self).answer_lost(patience)
    }

    fn tick(&mut self, at: Option<Timestamp>) -> Result<(), Self::Error> {
        (**self).tick(at)
    }
}
