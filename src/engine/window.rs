//! When an organization must have been created to be the work of a request.

use super::clock::{earlier, later};
use jiff::Timestamp;
use std::time::Duration;

/// Servers' clocks differ, and a `Date` header is cut to the second: times that are compared may
/// be off by this much.
pub(super) const CLOCK_MARGIN: Duration = Duration::from_secs(10);

/// The time in which a row's requests may have been acted on, by the server's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// When the row was dispatched; `None` where it is not known.
    pub since: Option<Timestamp>,
    /// When its last request can have been acted on; `None` where it is not known or still open.
    pub until: Option<Timestamp>,
}

impl Window {
    /// Whether an organization of this time may be the work of the row, with a margin for clocks
    /// that differ.
    pub fn contains(&self, created_at: Timestamp) -> bool {
        let is_after = |since| created_at >= earlier(since, CLOCK_MARGIN);
        let is_before = |until| created_at <= later(until, CLOCK_MARGIN);
        self.since.is_none_or(is_after) && self.until.is_none_or(is_before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_has_a_margin_of_ten_seconds_at_both_ends() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let window = Window {
            since: Some(at(100)),
            until: Some(at(200)),
        };
        for (second, is_within) in [(89, false), (90, true), (210, true), (211, false)] {
            assert_eq!(window.contains(at(second)), is_within, "{second}");
        }
        assert!(Window::default().contains(at(0)));
    }
}
