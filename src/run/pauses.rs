//! The pauses that WorkOS asks for, on their way from the engine's events to the journal.

use crate::engine::{Clock, Event, Observer};
use crate::journal::Paused;
use jiff::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};

/// Pauses that are not in the journal yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Pauses(Arc<Mutex<Pending>>);

#[derive(Debug, Default)]
struct Pending {
    pauses: Vec<Paused>,
    /// When the last one ends.
    until: Option<Timestamp>,
}

impl Pauses {
    /// What collects them during a run.
    pub(super) fn observer(&self, clock: Clock) -> Box<dyn Observer> {
        let pauses = self.clone();
        Box::new(Collector { pauses, clock })
    }

    /// Those that came since the last call.
    pub(super) fn take(&self) -> Vec<Paused> {
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut pending.pauses)
    }

    /// Records a pause from `at` on. Responses of one moment name one pause.
    fn add(&self, at: Timestamp, seconds: f64) {
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seconds < 1.0 || pending.until.is_some_and(|until| until > at) {
            return;
        }
        let length = jiff::SignedDuration::try_from_secs_f64(seconds).unwrap_or_default();
        pending.until = at.checked_add(length).ok();
        pending.pauses.push(Paused { at, seconds });
    }
}

struct Collector {
    pauses: Pauses,
    clock: Clock,
}

impl Observer for Collector {
    fn observe(&mut self, event: &Event<'_>) {
        if let Event::Throttled(pause) = event {
            self.pauses.add(self.clock.now(), pause.as_secs_f64());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn responses_of_one_moment_are_one_pause() {
        let pauses = Pauses::default();
        let at = |second| Timestamp::from_second(second).unwrap();
        pauses.add(at(10), 0.2);
        pauses.add(at(20), 30.0);
        pauses.add(at(21), 29.0);
        pauses.add(at(60), 2.0);
        let taken: Vec<_> = pauses.take().iter().map(|pause| pause.at).collect();
        assert_eq!(taken, [at(20), at(60)]);
        assert!(pauses.take().is_empty());
    }
}
