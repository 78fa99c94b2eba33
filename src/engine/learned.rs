//! An automatic rate: it starts low and learns what the key allows beside its other users.
//!
//! A refusal shows how much was accepted in the last seconds. From then on the rate stays a little
//! below that: the window of the limit empties, and other users of the key are not refused.

use super::rate::Rate;
use std::time::Duration;
use tokio::time::Instant;

/// The first rate, and what it grows by each second until the default is reached.
const START: f64 = 30.0;
const FIRST_GROWTH: f64 = 1.5;
/// Without a refusal for so many seconds, WorkOS's whole window, the key may allow more.
const WINDOW: u64 = 60;
/// What the rate grows by each second then.
const GROWTH: f64 = 1.004;
/// What is kept of the accepted rate after a refusal, after another one soon, and after one at once.
const KEPT: [(u64, f64); 2] = [(15, 0.7), (70, 0.9)];
const KEPT_FIRST: f64 = 0.93;
/// After a refusal the rate is this part of what it will be, for so many seconds.
const REST: f64 = 0.85;
const REST_SECONDS: u64 = 3;
/// How it climbs back: this part of its ceiling each second.
const CLIMB: f64 = 0.05;
/// What the ceiling grows by each second after a window without a refusal.
const CEILING_GROWTH: f64 = 1.003;
/// The rate never falls below this.
const FLOOR: f64 = 1.0;

/// How many seconds are remembered.
const SECONDS: usize = 10;

/// An automatic rate.
#[derive(Debug, Default)]
pub(super) struct Learned {
    /// When it was first asked for.
    started: Option<Instant>,
    /// Up to which second since then it has grown.
    grown: u64,
    rate: f64,
    /// What it may grow to; `None` while nothing was refused.
    ceiling: Option<f64>,
    /// In which second since the start WorkOS refused last.
    refused: Option<u64>,
    /// How many requests were accepted in each of the last seconds, and up to which second.
    accepted: [u32; SECONDS],
    latest: u64,
}

impl Learned {
    /// The rate at this moment.
    pub(super) fn rate(&mut self, now: Instant) -> f64 {
        let second = self.second(now);
        // After a long pause the rate has grown as far as it can.
        self.grown = self.grown.max(second.saturating_sub(1_000));
        while self.grown < second {
            self.grown += 1;
            self.grow();
        }
        self.rate
    }

    fn second(&mut self, now: Instant) -> u64 {
        let started = *self.started.get_or_insert_with(|| {
            self.rate = START;
            now
        });
        now.saturating_duration_since(started).as_secs()
    }

    /// Another second has passed.
    fn grow(&mut self) {
        let calm = self.refused.map(|at| self.grown.saturating_sub(at));
        let Some(ceiling) = self.ceiling else {
            if self.rate < Rate::DEFAULT {
                self.rate = (self.rate * FIRST_GROWTH).min(Rate::DEFAULT);
            } else if self.grown > WINDOW {
                self.rate *= GROWTH;
            }
            return;
        };
        if calm.is_some_and(|calm| calm <= REST_SECONDS) {
            return;
        }
        if self.rate < ceiling {
            self.rate = (self.rate + (ceiling * CLIMB).max(1.0)).min(ceiling);
        } else if calm.is_none_or(|calm| calm > WINDOW) {
            self.ceiling = Some(ceiling * CEILING_GROWTH);
            self.rate = ceiling * CEILING_GROWTH;
        }
    }

    /// Takes in that WorkOS accepted a request.
    pub(super) fn accepted(&mut self, now: Instant) {
        self.forget(now);
        if let Some(count) = self.accepted.get_mut(place(self.latest)) {
            *count += 1;
        }
    }

    /// Forgets what is older than the seconds that are remembered.
    fn forget(&mut self, now: Instant) {
        let second = self.second(now);
        self.latest = self.latest.max(second.saturating_sub(SECONDS as u64));
        while self.latest < second {
            self.latest += 1;
            if let Some(count) = self.accepted.get_mut(place(self.latest)) {
                *count = 0;
            }
        }
    }

    /// Takes in a refusal.
    pub(super) fn slow_down(&mut self, now: Instant) {
        self.rate(now);
        self.forget(now);
        let second = self.latest;
        let seconds = Duration::from_secs(second.clamp(1, SECONDS as u64 - 1)).as_secs_f64();
        let accepted = f64::from(self.accepted.iter().sum::<u32>()) / seconds;
        let accepted = accepted.min(self.rate);
        let since = self.refused.map(|at| second.saturating_sub(at));
        let kept = KEPT
            .iter()
            .find(|(within, _)| since.is_some_and(|since| since < *within));
        let kept = kept.map_or(KEPT_FIRST, |(_, kept)| *kept);
        let ceiling = (accepted * kept).max(FLOOR);
        self.ceiling = Some(ceiling);
        self.rate = (ceiling * REST).max(FLOOR);
        self.refused = Some(second);
        self.grown = second;
    }
}

/// The place of a second among those that are remembered.
fn place(second: u64) -> usize {
    usize::try_from(second % SECONDS as u64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    /// A key's limit: so many requests in a sliding window.
    struct Window {
        requests: usize,
        length: Duration,
        admitted: VecDeque<Instant>,
    }

    impl Window {
        fn admit(&mut self, now: Instant) -> Result<(), Duration> {
            while self
                .admitted
                .front()
                .is_some_and(|at| now - *at >= self.length)
            {
                self.admitted.pop_front();
            }
            match self.admitted.front() {
                Some(oldest) if self.admitted.len() >= self.requests => {
                    Err((*oldest + self.length - now).max(Duration::from_secs(1)))
                }
                _ => {
                    self.admitted.push_back(now);
                    Ok(())
                }
            }
        }
    }

    /// An import of so many rows beside another application with 20 requests a second at random
    /// times: which part of what the application leaves the import uses, and which part of the
    /// application's requests is refused.
    fn beside_another(requests: usize, seconds: u64, rows: u32, seed: u64) -> (f64, f64) {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut window = Window {
            requests,
            length: Duration::from_secs(seconds),
            admitted: VecDeque::new(),
        };
        let start = Instant::now();
        let (mut ours, mut theirs) = (start, start);
        let mut learned = Learned::default();
        let (mut done, mut sent, mut refused) = (0, 0.0, 0.0);
        while done < rows {
            if theirs < ours {
                sent += 1.0;
                refused += f64::from(u8::from(window.admit(theirs).is_err()));
                let wait = -random.f64().max(1e-9).ln() / 20.0;
                theirs += Duration::from_secs_f64(wait);
                continue;
            }
            match window.admit(ours) {
                Ok(()) => {
                    done += 1;
                    learned.accepted(ours);
                    ours += Duration::from_secs_f64(1.0 / learned.rate(ours));
                }
                Err(pause) => {
                    learned.slow_down(ours);
                    ours += pause;
                }
            }
        }
        let left = requests as f64 / seconds as f64 - 20.0;
        let used = f64::from(rows) / (ours - start).as_secs_f64() / left;
        (used, refused / sent)
    }

    #[test]
    fn another_application_is_hardly_refused_and_what_it_leaves_is_used() {
        for (requests, seconds) in [(1_000, 10), (6_000, 60)] {
            for rows in [5_000, 20_000] {
                let runs = (0..5).map(|seed| beside_another(requests, seconds, rows, seed));
                let runs: Vec<_> = runs.collect();
                let used = runs.iter().map(|(used, _)| used).sum::<f64>() / 5.0;
                assert!(used >= 0.9, "{requests}/{seconds}, {rows} rows: {runs:?}");
                let refused = runs.iter().map(|(_, refused)| refused).sum::<f64>() / 5.0;
                assert!(
                    refused <= 0.002,
                    "{requests}/{seconds}, {rows} rows: {runs:?}"
                );
            }
        }
    }

    #[test]
    fn it_starts_low_and_grows_beyond_the_default_where_nothing_is_refused() {
        let start = Instant::now();
        let mut learned = Learned::default();
        let mut at = |seconds| {
            learned
                .rate(start + Duration::from_secs(seconds))
                .to_string()
        };
        assert_eq!([at(0), at(1), at(3), at(60)], ["30", "45", "75", "75"]);
        assert!(learned.rate(start + Duration::from_secs(300)) > 150.0);
    }

    #[test]
    fn it_never_falls_to_nothing() {
        let start = Instant::now();
        let mut learned = Learned::default();
        for _ in 0..50 {
            learned.slow_down(start);
        }
        assert!(learned.rate(start) >= FLOOR);
    }
}
