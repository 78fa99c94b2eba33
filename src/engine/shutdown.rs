//! Graceful shutdown; a second signal aborts.

use crate::workos::Refusal;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Why a run stops before its rows are done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// Ctrl-C or SIGTERM.
    Interrupted,
    /// This many rows failed in a row: an outage should not use up the list.
    TooManyFailures(u64),
    /// WorkOS asked for a pause that is longer than a run waits.
    LongPause(Duration),
    /// The list could not be read any further.
    Input,
    /// The ledger could not be written.
    Ledger,
    /// WorkOS refused the key.
    KeyRefused(Box<Refusal>),
}

impl StopReason {
    /// The more severe reason wins: a refused key explains the failures after it.
    const fn severity(&self) -> u8 {
        match self {
            Self::Interrupted => 0,
            Self::TooManyFailures(_) => 1,
            Self::LongPause(_) => 2,
            Self::Input => 3,
            Self::Ledger => 4,
            Self::KeyRefused(_) => 5,
        }
    }
}

impl StopReason {
    /// Its name in the summary for scripts.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Interrupted => "interrupted",
            Self::TooManyFailures(_) => "too_many_failures",
            Self::LongPause(_) => "long_pause",
            Self::Input => "input",
            Self::Ledger => "results",
            Self::KeyRefused(_) => "key_refused",
        }
    }
}

/// The signal to stop, shared by all tasks of a run.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    drain: CancellationToken,
    now: CancellationToken,
    reason: Arc<Mutex<Option<StopReason>>>,
}

impl Shutdown {
    /// How long running requests may take after the first Ctrl-C.
    pub const GRACE: Duration = Duration::from_secs(8);

    /// Stops sending rows. Requests in flight are finished; every other wait ends.
    pub fn drain(&self, reason: StopReason) {
        let mut current = self.reason.lock().unwrap_or_else(PoisonError::into_inner);
        if current
            .as_ref()
            .is_none_or(|current| current.severity() < reason.severity())
        {
            *current = Some(reason);
        }
        self.drain.cancel();
    }

    /// Handles a Ctrl-C: the first one drains, the second one drops what is in flight.
    pub fn interrupt(&self) {
        if self.drain.is_cancelled() {
            self.now.cancel();
        }
        self.drain(StopReason::Interrupted);
    }

    /// Drops what is in flight.
    pub fn stop_now(&self) {
        self.now.cancel();
    }

    /// Why the run stops; `None` while it does not.
    pub fn reason(&self) -> Option<StopReason> {
        self.reason
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Whether no more rows are sent.
    pub fn is_draining(&self) -> bool {
        self.drain.is_cancelled()
    }

    /// Returns when no more rows may be sent.
    pub async fn draining(&self) {
        self.drain.cancelled().await;
    }

    /// Returns when requests in flight are to be dropped.
    pub async fn now(&self) {
        self.now.cancelled().await;
    }

    /// Whether requests in flight are to be dropped.
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
    fn the_more_severe_reason_wins() {
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
