//! Stopping in order: first no more rows are handed out, then, if asked again, all is dropped.

use crate::workos::Refusal;
use std::sync::{Arc, Mutex, PoisonError};
use tokio_util::sync::CancellationToken;

/// Why a run stops before its rows are done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// Ctrl-C or SIGTERM.
    Interrupted,
    /// This many rows failed in a row: an outage should not burn the list.
    TooManyFailures(u64),
    /// The input could not be read any further.
    Input,
    /// The results file or the run file could not be written.
    Results,
    /// WorkOS refused the key.
    KeyRefused(Box<Refusal>),
}

impl StopReason {
    /// Of two reasons the weightier one is told: a refused key explains the failures after it.
    const fn weight(&self) -> u8 {
        match self {
            Self::Interrupted => 0,
            Self::TooManyFailures(_) => 1,
            Self::Input => 2,
            Self::Results => 3,
            Self::KeyRefused(_) => 4,
        }
    }
}

/// The signal to stop, shared by all that work on a run.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    drain: CancellationToken,
    now: CancellationToken,
    reason: Arc<Mutex<Option<StopReason>>>,
}

impl Shutdown {
    /// Stops handing out rows; what is in flight is finished.
    pub fn drain(&self, reason: StopReason) {
        let mut current = self.reason.lock().unwrap_or_else(PoisonError::into_inner);
        if current
            .as_ref()
            .is_none_or(|current| current.weight() < reason.weight())
        {
            *current = Some(reason);
        }
        self.drain.cancel();
    }

    /// Takes a Ctrl-C: the first one drains, the second one drops what is in flight.
    pub fn interrupt(&self) {
        if self.drain.is_cancelled() {
            self.now.cancel();
        }
        self.drain(StopReason::Interrupted);
    }

    /// Why the run stops; `None` while it does not.
    pub fn reason(&self) -> Option<StopReason> {
        self.reason
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Whether no more rows are handed out.
    pub fn is_draining(&self) -> bool {
        self.drain.is_cancelled()
    }

    /// Returns when no more rows are to be handed out.
    pub async fn draining(&self) {
        self.drain.cancelled().await;
    }

    /// Returns when what is in flight is to be dropped.
    pub async fn now(&self) {
        self.now.cancelled().await;
    }

    /// Whether what is in flight is to be dropped.
    pub fn is_now(&self) -> bool {
        self.now.is_cancelled()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_interrupt_drains_and_the_second_drops() {
        let shutdown = Shutdown::default();
        shutdown.interrupt();
        assert!(shutdown.is_draining() && !shutdown.is_now());
        shutdown.interrupt();
        assert!(shutdown.is_now());
        assert_eq!(shutdown.reason(), Some(StopReason::Interrupted));
    }

    #[test]
    fn the_weightier_reason_is_told() {
        let shutdown = Shutdown::default();
        shutdown.drain(StopReason::TooManyFailures(50));
        shutdown.drain(StopReason::KeyRefused(Box::default()));
        shutdown.drain(StopReason::Interrupted);
        assert_eq!(
            shutdown.reason(),
            Some(StopReason::KeyRefused(Box::default()))
        );
    }
}
