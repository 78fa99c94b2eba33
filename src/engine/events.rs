//! What happens in a run, told to whoever watches: the progress bar, log lines, the summary.

use super::shutdown::StopReason;
use crate::results::Record;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A fact about a run.
#[derive(Debug)]
pub enum Event<'a> {
    /// How many rows the run has to settle is now known.
    RowsCounted(u64),
    /// A row has its outcome.
    RowFinished {
        /// The line of the input on which the row begins.
        line: u64,
        /// The name of the organization, as far as the row has one.
        name: &'a str,
        /// What became of it.
        record: &'a Record,
    },
    /// WorkOS refused a request for its rate; everybody pauses this long.
    Throttled(Duration),
    /// The rate has changed to this many requests per second.
    RateChanged(f64),
    /// An answer was lost; its row is being looked for.
    AnswerLost {
        /// The line of the row.
        line: u64,
    },
    /// No more rows are handed out.
    Draining(&'a StopReason),
    /// All rows are through; the organizations created since the start are compared with them.
    Verifying,
}

/// Someone who watches a run.
pub trait Observer: Send {
    /// Takes in a fact.
    fn observe(&mut self, event: &Event<'_>);
}

/// All who watch a run.
#[derive(Clone, Default)]
pub struct Observers(Arc<Mutex<Vec<Box<dyn Observer>>>>);

impl Observers {
    /// These observers; they are told in this order.
    pub fn new(observers: Vec<Box<dyn Observer>>) -> Self {
        Self(Arc::new(Mutex::new(observers)))
    }

    /// Tells all observers.
    pub fn tell(&self, event: &Event<'_>) {
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
