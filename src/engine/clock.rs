//! Two clocks: this machine's, for the times in records, and the server's, to tell which
//! organizations are newer than a request.

use jiff::Timestamp;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// This machine's clock.
#[derive(Clone, Copy, Debug)]
pub struct Clock(Kind);

#[derive(Clone, Copy, Debug)]
enum Kind {
    System,
    Simulated { base: Timestamp, started: Instant },
}

impl Clock {
    /// The system's clock.
    pub const fn system() -> Self {
        Self(Kind::System)
    }

    /// A clock that shows `base` now and follows tokio's time, so that tests can pause it.
    pub fn simulated(base: Timestamp) -> Self {
        Self(Kind::Simulated {
            base,
            started: Instant::now(),
        })
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        match self.0 {
            Kind::System => Timestamp::now(),
            Kind::Simulated { base, started } => later(base, started.elapsed()),
        }
    }

    /// The instant when this clock shows a time; now, if that time has passed.
    pub(super) fn instant(&self, at: Timestamp) -> Instant {
        Instant::now() + between(self.now(), at)
    }
}

/// A time this much later.
pub(super) fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// A time this much earlier.
pub(super) fn earlier(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_sub(by).unwrap_or(Timestamp::MIN)
}

/// How long it is from one time to a later one; zero where it is not later.
pub(super) fn between(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or(Duration::ZERO)
}

/// The server's clock, as its answers show it. It may be hours off from this machine's, and two of
/// its servers may differ by a fraction of a second.
#[derive(Debug, Default)]
pub(super) struct ServerClock(Mutex<Option<Reading>>);

#[derive(Clone, Copy, Debug)]
struct Reading {
    at: Timestamp,
    seen: Instant,
    source: Source,
}

/// Where a reading comes from, the better source last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    /// When an organization was created, where answers have no `Date` header.
    CreatedAt,
    /// The `Date` header.
    Header,
}

/// A `Date` header is cut to the second, and servers differ: a reading that is before the last one
/// by no more than this says nothing new.
const GRANULARITY: Duration = Duration::from_secs(2);

impl Reading {
    fn now(&self) -> Timestamp {
        later(self.at, self.seen.elapsed())
    }
}

impl ServerClock {
    /// Learns from the `Date` header of an answer.
    pub(super) fn learn_date(&self, date: Option<Timestamp>) {
        if let Some(date) = date {
            self.learn(date, Source::Header);
        }
    }

    /// Learns from the creation time of an organization that was created just now.
    pub(super) fn learn_created_at(&self, created_at: Option<Timestamp>) {
        if let Some(created_at) = created_at {
            self.learn(created_at, Source::CreatedAt);
        }
    }

    /// The server's time, as soon as an answer has shown it.
    pub(super) fn now(&self) -> Option<Timestamp> {
        let reading = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        reading.map(|reading| reading.now())
    }

    fn learn(&self, at: Timestamp, source: Source) {
        let mut reading = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let keeps = reading.is_some_and(|old| {
            let is_behind = old.now() >= at;
            match source.cmp(&old.source) {
                std::cmp::Ordering::Less => true,
                std::cmp::Ordering::Greater => false,
                // An answer may be late, so a creation only shows that it is at least that time.
                std::cmp::Ordering::Equal if source == Source::CreatedAt => is_behind,
                std::cmp::Ordering::Equal => is_behind && between(at, old.now()) <= GRANULARITY,
            }
        });
        if !keeps {
            *reading = Some(Reading {
                at,
                seen: Instant::now(),
                source,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn the_server_clock_follows_the_date_header_and_keeps_the_part_of_a_second() {
        let clock = ServerClock::default();
        assert_eq!(clock.now(), None);
        clock.learn_date(Some(at(0)));
        tokio::time::sleep(Duration::from_millis(900)).await;
        // Another server still shows the same second.
        clock.learn_date(Some(at(0)));
        assert_eq!(clock.now(), Some(later(at(0), Duration::from_millis(900))));
        clock.learn_date(Some(at(2)));
        assert_eq!(clock.now(), Some(at(2)));
        // The clock was set back.
        clock.learn_date(Some(at(-3600)));
        assert_eq!(clock.now(), Some(at(-3600)));
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_date_header_creations_show_the_time() {
        let clock = ServerClock::default();
        clock.learn_created_at(Some(at(10)));
        clock.learn_created_at(Some(at(3)));
        assert_eq!(clock.now(), Some(at(10)));
        clock.learn_date(Some(at(4)));
        clock.learn_created_at(Some(at(20)));
        assert_eq!(clock.now(), Some(at(4)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_simulated_clock_follows_paused_time() {
        let clock = Clock::simulated(at(0));
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(clock.now(), at(5));
        assert_eq!(clock.instant(at(2)), Instant::now());
        assert_eq!(
            clock.instant(at(8)),
            Instant::now() + Duration::from_secs(3)
        );
    }
}
