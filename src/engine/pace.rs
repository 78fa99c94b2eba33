//! How the rate itself changes: halved when WorkOS refuses, climbing back while it does not
//! (additive increase, multiplicative decrease).

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
pub(super) struct Pace {
    /// What the user asked for; `None` for no limit.
    asked: Option<f64>,
    /// What it may climb to.
    ceiling: f64,
    now: f64,
    last_change: Option<Instant>,
}

impl Pace {
    pub(super) fn new(rate: Rate) -> Self {
        let asked = rate.at_start();
        Self {
            asked,
            ceiling: match rate {
                // A key that bears more than WorkOS documents is given as much as it bears.
                Rate::Auto => f64::INFINITY,
                _ => asked.unwrap_or(f64::INFINITY),
            },
            now: asked.unwrap_or(f64::INFINITY),
            last_change: None,
        }
    }

    /// The rate at this moment, having climbed as far as the time since the last change allows.
    pub(super) fn rate(&mut self, now: Instant) -> Option<f64> {
        let asked = self.asked?;
        if self.now >= self.ceiling {
            return Some(self.now);
        }
        let since = *self.last_change.get_or_insert(now);
        let steps = now
            .duration_since(since)
            .div_duration_f64(STEP_EVERY)
            .floor();
        if steps > 0.0 {
            let climbed = self.now + steps * asked / (2.0 * STEPS);
            self.now = climbed.min(self.ceiling);
            self.last_change = Some(now);
        }
        Some(self.now)
    }

    /// Takes in a refusal.
    pub(super) fn slow_down(&mut self, now: Instant) {
        if let Some(asked) = self.asked {
            self.now = (self.now / 2.0).max(asked * FLOOR);
            self.last_change = Some(now);
        }
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
    fn an_automatic_rate_climbs_above_where_it_began() {
        let start = Instant::now();
        let mut pace = Pace::new(Rate::Auto);
        assert_eq!(pace.rate(start), Some(90.0));
        assert_eq!(pace.rate(start + after(5)), Some(94.5));
        pace.slow_down(start + after(6));
        assert_eq!(pace.rate(start + after(6)), Some(47.25));
    }

    #[test]
    fn without_a_limit_there_is_no_rate_to_change() {
        let mut pace = Pace::new(Rate::Unlimited);
        pace.slow_down(Instant::now());
        assert_eq!(pace.rate(Instant::now()), None);
    }
}
