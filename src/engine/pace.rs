//! How the rate itself changes.
//!
//! A rate that the user has chosen is halved when WorkOS refuses, and climbs back while it does not
//! (additive increase, multiplicative decrease). An automatic rate is in `learned.rs`.

use super::learned::Learned;
use super::rate::Rate;
use std::time::Duration;
use tokio::time::Instant;

/// How many steps lead from half the rate back to the whole.
const STEPS: f64 = 10.0;
/// How long nothing may be refused before each step up: half of WorkOS's window, so that what
/// was sent at the old rate has mostly left it.
const STEP_EVERY: Duration = Duration::from_secs(5);
/// The rate never falls below this part of the one asked for.
const FLOOR: f64 = 1.0 / 16.0;

/// The rate at a moment.
#[derive(Debug)]
pub(super) enum Pace {
    /// No limit.
    Unlimited,
    /// At most what the user has chosen.
    Chosen(Chosen),
    /// As much as the key allows.
    Learned(Learned),
}

/// A rate that the user has chosen.
#[derive(Debug)]
pub(super) struct Chosen {
    asked: f64,
    now: f64,
    last_change: Option<Instant>,
}

impl Pace {
    pub(super) fn new(rate: Rate) -> Self {
        match rate {
            Rate::Unlimited => Self::Unlimited,
            Rate::Auto => Self::Learned(Learned::default()),
            Rate::PerSecond(asked) => Self::Chosen(Chosen {
                asked,
                now: asked,
                last_change: None,
            }),
        }
    }

    /// The rate at this moment; `None` where there is no limit.
    pub(super) fn rate(&mut self, now: Instant) -> Option<f64> {
        match self {
            Self::Unlimited => None,
            Self::Chosen(chosen) => Some(chosen.rate(now)),
            Self::Learned(learned) => Some(learned.rate(now)),
        }
    }

    /// Takes in that WorkOS accepted a request.
    pub(super) fn accepted(&mut self, now: Instant) {
        if let Self::Learned(learned) = self {
            learned.accepted(now);
        }
    }

    /// Takes in a refusal.
    pub(super) fn slow_down(&mut self, now: Instant) {
        match self {
            Self::Unlimited => {}
            Self::Chosen(chosen) => chosen.slow_down(now),
            Self::Learned(learned) => learned.slow_down(now),
        }
    }
}

impl Chosen {
    /// The rate, having climbed as far as the time since the last change allows.
    fn rate(&mut self, now: Instant) -> f64 {
        if self.now >= self.asked {
            return self.now;
        }
        let since = *self.last_change.get_or_insert(now);
        let steps = now
            .duration_since(since)
            .div_duration_f64(STEP_EVERY)
            .floor();
        if steps > 0.0 {
            let climbed = self.now + steps * self.asked / (2.0 * STEPS);
            self.now = climbed.min(self.asked);
            self.last_change = Some(now);
        }
        self.now
    }

    fn slow_down(&mut self, now: Instant) {
        self.now = (self.now / 2.0).max(self.asked * FLOOR);
        self.last_change = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_refusal_halves_the_rate_and_time_brings_it_back() {
        let start = Instant::now();
        let mut pace = Pace::new(Rate::PerSecond(80.0));
        assert_eq!(pace.rate(start), Some(80.0));
        pace.slow_down(start);
        assert_eq!(pace.rate(start), Some(40.0));
        assert_eq!(pace.rate(start + after(4)), Some(40.0));
        assert_eq!(pace.rate(start + after(5)), Some(44.0));
        assert_eq!(pace.rate(start + after(15)), Some(52.0));
        assert_eq!(pace.rate(start + after(500)), Some(80.0));
    }

    #[test]
    fn the_rate_never_falls_to_nothing() {
        let start = Instant::now();
        let mut pace = Pace::new(Rate::PerSecond(80.0));
        for _ in 0..50 {
            pace.slow_down(start);
        }
        assert_eq!(pace.rate(start), Some(5.0));
    }

    #[test]
    fn without_a_limit_there_is_no_rate_to_change() {
        let mut pace = Pace::new(Rate::Unlimited);
        pace.slow_down(Instant::now());
        assert_eq!(pace.rate(Instant::now()), None);
    }
}
