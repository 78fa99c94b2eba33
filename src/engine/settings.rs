//! How a run is made: rate, concurrency, patience.

use super::rate::Rate;
use std::time::Duration;

/// Timeout and retry policy.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// How many times a row is sent at most. Refusals for the rate and lookups do not count.
    pub max_attempts: u32,
    /// How long to wait for an answer.
    pub timeout: Duration,
    /// How long after a lost answer a negative lookup can be trusted. After a timeout it is at
    /// least as long as the timeout.
    pub lookup_pause: Duration,
}

impl Policy {
    /// How long after a lost answer a negative lookup can be trusted.
    pub(super) fn patience(&self, still_running: bool) -> Duration {
        if still_running {
            self.lookup_pause.max(self.timeout)
        } else {
            self.lookup_pause
        }
    }

    /// How long after a request was sent a negative lookup can be trusted, whatever became of its
    /// answer: the time in which it may be lost, and the patience after that.
    pub fn longest_patience(&self) -> Duration {
        self.timeout + self.patience(true)
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            max_attempts: 5,
            timeout: Duration::from_secs(30),
            lookup_pause: Duration::from_secs(5),
        }
    }
}

/// How to make a run.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Requests per second.
    pub rate: Rate,
    /// How many rows are in flight at once; where it is not fixed, as many as the rate needs.
    pub concurrency: Option<usize>,
    /// Timeout and retry policy.
    pub policy: Policy,
    /// After how many failures in a row the run stops.
    pub max_failures: u64,
}

impl Settings {
    /// How many rows are in flight at once.
    ///
    /// The throttle decides when a request may go, so the rows in flight are as many as are sent
    /// within one latency. This is only the ceiling: it suffices for the rate at a latency of two
    /// seconds. Without a rate it is what keeps one core busy.
    pub(super) fn concurrency(&self) -> usize {
        let by_default = match self.rate.at_start() {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "the clamp is within both"
            )]
            Some(rate) => (rate * 2.0).clamp(32.0, 512.0) as usize,
            None => 64,
        };
        self.concurrency.unwrap_or(by_default).max(1)
    }
}
