//! The speed of the last seconds.

use std::collections::VecDeque;
use std::time::Instant;

/// Over how many seconds the speed is measured.
const SECONDS: u64 = 5;
/// The same where a pause has just interrupted the run.
const MORE_SECONDS: u64 = 60;

/// Counts what was finished in each of the last seconds.
#[derive(Debug, Default)]
pub(super) struct Speed {
    started: Option<Instant>,
    /// The last seconds in which something was finished, each with its count.
    counts: VecDeque<(u64, u64)>,
}

impl Speed {
    /// One more was finished.
    pub(super) fn add(&mut self, now: Instant) {
        let started = *self.started.get_or_insert(now);
        let second = now.saturating_duration_since(started).as_secs();
        match self.counts.back_mut() {
            Some((of, count)) if *of == second => *count += 1,
            _ => self.counts.push_back((second, 1)),
        }
        while self
            .counts
            .front()
            .is_some_and(|(of, _)| of + MORE_SECONDS < second)
        {
            self.counts.pop_front();
        }
    }

    /// How many were finished in a second, over the last full seconds.
    pub(super) fn per_second(&self, now: Instant) -> f64 {
        self.over(SECONDS, now)
    }

    /// The same over the last minute, in which short pauses count little.
    pub(super) fn of_last_minute(&self, now: Instant) -> f64 {
        self.over(MORE_SECONDS, now)
    }

    fn over(&self, seconds: u64, now: Instant) -> f64 {
        let Some(started) = self.started else {
            return 0.0;
        };
        let elapsed = now.saturating_duration_since(started);
        let second = elapsed.as_secs();
        if second == 0 {
            // Within the first second there is no full one.
            let first = self.counts.front().map_or(0, |(_, count)| *count);
            return first as f64 / elapsed.as_secs_f64().max(0.2);
        }
        let recent = |of: u64| of < second && of + seconds >= second;
        let counts = self.counts.iter().filter(|(of, _)| recent(*of));
        let counted: u64 = counts.map(|(_, count)| count).sum();
        counted as f64 / second.min(seconds) as f64
    }
}
