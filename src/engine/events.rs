//! Events of a run, for the progress bar, log lines and the summary.

use super::shutdown::StopReason;
use crate::results::Record;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A fact about a run.
#[derive(Debug)]
pub enum Event<'a> {
    /// The number of rows to process is now known.
    RowsCounted(u64),
    /// This many rows may have been sent by an earlier process; they are looked up first.
    InDoubt {
        /// How many.
        rows: u64,
        /// Whether that process was interrupted.
        is_interrupted: bool,
    },
    /// One of these rows was looked up.
    LookedUp,
    /// A row has its outcome.
    RowFinished {
        /// The line of the list on which the row begins.
        line: u64,
        /// The name of the organization; blank where the row has none.
        name: &'a str,
        /// The outcome.
        record: &'a Record,
    },
    /// Got 429; all requests pause this long.
    Throttled(Duration),
    /// The rate has changed to this many requests per second.
    RateChanged(f64),
    /// The user has asked for another rate, in words.
    RateAsked(&'a str),
    /// An answer was lost; its row is looked up.
    AnswerLost {
        /// The line of the row.
        line: u64,
    },
    /// WorkOS cannot be reached or fails, in words: `WorkOS answers 503`. The request is repeated.
    Trouble(&'a str),
    /// A request is repeated after so long.
    RetryIn(Duration),
    /// WorkOS answers again.
    Answered,
    /// No more rows are sent.
    Draining {
        /// Why.
        reason: &'a StopReason,
        /// How many requests are still running.
        running: usize,
    },
    /// All rows are processed; organizations created since the start are compared with them.
    Comparing,
}

/// Watches a run.
pub trait Observer: Send {
    /// Receives a fact.
    fn observe(&mut self, event: &Event<'_>);
}

/// All observers of a run.
#[derive(Clone, Default)]
pub struct Observers(Arc<Mutex<Vec<Box<dyn Observer>>>>);

impl Observers {
    /// These observers; each event reaches them in this order.
    pub fn new(observers: Vec<Box<dyn Observer>>) -> Self {
        Self(Arc::new(Mutex::new(observers)))
    }

    /// Sends an event to all observers.
    pub fn emit(&self, event: &Event<'_>) {
        let mut observers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for observer in observers.iter_mut() {
            observer.observe(event);
        }
    }
}

impl std::fmt::Debug for Observers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Observers").finish_non_exhaustive()
    }
}
