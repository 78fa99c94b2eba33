//! The speed of the last seconds.

use std::time::Instant;

/// Over how many seconds the speed is measured.
const SECONDS: u64 = 5;
/// How many seconds are remembered: also the present one.
const PLACES: usize = 6;

/// Counts what was finished in each of the last seconds.
#[derive(Debug, Default)]
pub(super) struct Speed {
    started: Option<Instant>,
    /// The counts of the last seconds, each with its second.
    counts: [(u64, u64); PLACES],
}

impl Speed {
    /// One more was finished.
    pub(super) fn add(&mut self, now: Instant) {
        let started = *self.started.get_or_insert(now);
        let second = now.saturating_duration_since(started).as_secs();
        let place = usize::try_from(second % PLACES as u64).unwrap_or_default();
        if let Some((of, count)) = self.counts.get_mut(place) {
            if *of != second {
                (*of, *count) = (second, 0);
            }
            *count += 1;
        }
    }

    /// How many were finished in a second, over the last full seconds.
    pub(super) fn per_second(&self, now: Instant) -> f64 {
        let Some(started) = self.started else {
            return 0.0;
        };
        let elapsed = now.saturating_duration_since(started);
        let second = elapsed.as_secs();
        let recent = |of: u64| of < second && of + SECONDS >= second;
        let counts = self.counts.iter().filter(|(of, _)| recent(*of));
        let counted: u64 = counts.map(|(_, count)| count).sum();
        if second == 0 {
            // Within the first second there is no full one.
            let first = self.counts.first().map_or(0, |(_, count)| *count);
            return first as f64 / elapsed.as_secs_f64().max(0.2);
        }
        counted as f64 / second.min(SECONDS) as f64
    }
}
