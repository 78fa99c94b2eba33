//! The rate limit: a sliding window over the arrival times of requests.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::time::{Duration, Instant};

/// A number of requests in any window of a length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// How many requests are allowed in one window.
    pub requests: u32,
    /// How long the window is.
    pub window: Duration,
}

impl RateLimit {
    /// WorkOS's limit for one API key, all endpoints together: 6,000 requests in 60 seconds.
    pub const WORKOS: Self = Self {
        requests: 6_000,
        window: Duration::from_secs(60),
    };
    /// WorkOS's limit for deletions of organizations: 50 in 60 seconds.
    pub const WORKOS_DELETE: Self = Self {
        requests: 50,
        window: Duration::from_secs(60),
    };
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.requests, self.window.as_secs_f64())
    }
}

/// An invalid rate limit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("invalid rate limit {text:?}: expected REQUESTS/SECONDS, for example 6000/60")]
pub struct ParseRateLimitError {
    text: String,
}

impl FromStr for RateLimit {
    type Err = ParseRateLimitError;

    /// Parses `REQUESTS/SECONDS`; seconds may have a fraction.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let (requests, seconds) = text.split_once('/')?;
            let requests = requests.trim().parse().ok().filter(|n| *n > 0)?;
            let seconds = seconds.trim().parse().ok()?;
            let window = Duration::try_from_secs_f64(seconds).ok()?;
            (!window.is_zero()).then_some(Self { requests, window })
        };
        parse().ok_or_else(|| ParseRateLimitError {
            text: text.to_owned(),
        })
    }
}

/// The requests of the last window. Refused ones do not count.
#[derive(Debug)]
pub(super) struct SlidingWindow {
    limit: RateLimit,
    admitted: VecDeque<Instant>,
}

impl SlidingWindow {
    pub(super) const fn new(limit: RateLimit) -> Self {
        Self {
            limit,
            admitted: VecDeque::new(),
        }
    }

    /// Allows a request that arrived `now`, or returns how long until one is allowed.
    pub(super) fn admit(&mut self, now: Instant) -> Result<(), Duration> {
        while let Some(oldest) = self.admitted.front() {
            if now.saturating_duration_since(*oldest) < self.limit.window {
                break;
            }
            self.admitted.pop_front();
        }
        match self.admitted.front() {
            Some(oldest) if self.admitted.len() >= self.limit.requests as usize => {
                Err((*oldest + self.limit.window).saturating_duration_since(now))
            }
            _ => {
                self.admitted.push_back(now);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_read_from_requests_and_seconds() {
        assert_eq!("6000/60".parse(), Ok(RateLimit::WORKOS));
        for wrong in [
            "", "6000", "0/60", "10/0", "10/-1", "10/soon", "-1/60", "1/inf",
        ] {
            assert!(wrong.parse::<RateLimit>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_window_slides_with_each_arrival() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut window = SlidingWindow::new("2/1".parse().unwrap());
        assert_eq!(window.admit(at(0)), Ok(()));
        assert_eq!(window.admit(at(900)), Ok(()));
        assert_eq!(window.admit(at(950)), Err(Duration::from_millis(50)));
        assert_eq!(window.admit(at(1_000)), Ok(()));
        assert_eq!(window.admit(at(1_001)), Err(Duration::from_millis(899)));
        assert_eq!(window.admit(at(1_900)), Ok(()));
    }
}
