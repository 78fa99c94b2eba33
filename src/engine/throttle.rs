//! The one gate that every request passes: the rate, and the shared pause after a refusal.
//!
//! The rate is a `governor` limiter with a burst of one. A request takes [`CELLS`] of the
//! limiter's cells and the limiter can save up one cell more than that, so that a timer which
//! fires late by up to a quarter of the interval costs no throughput. No window of any length
//! sees more than `rate × window + 1¼` requests, which is to say that a window of whole requests
//! sees `rate × window + 1`.
//!
//! A 429 moves one *resume-at instant* forward for all. Storing the instant, not a duration, is
//! what makes all requests pause as one: however late a request comes to the gate, it waits for
//! the same moment.

use super::pace::Pace;
use super::rate::Rate;
use backon::{BackoffBuilder, ExponentialBuilder};
use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How many of the limiter's cells one request takes.
const CELLS: NonZeroU32 = NonZeroU32::new(4).unwrap();

/// Until when nothing is sent after a refusal that does not say so: from this, doubling, jittered.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause after a refusal that does not say how long: WorkOS counts in minutes.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The longest pause that an answer can ask for. Asked for more, a run stops.
pub(super) const LONGEST_NAMED_PAUSE: Duration = Duration::from_secs(24 * 3600);

/// The longest rest where a success says that nothing is left of the limit: WorkOS counts in minutes.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// The gate.
#[derive(Debug)]
pub struct Throttle {
    /// Held by the task that waits for the limiter; the others queue in order.
    turn: tokio::sync::Mutex<Option<Limiter>>,
    shared: Mutex<Shared>,
}

#[derive(Debug)]
struct Shared {
    pace: Pace,
    resume_at: Option<Instant>,
    pauses_in_a_row: usize,
    pauses: u64,
}

#[derive(Debug)]
struct Limiter {
    rate: f64,
    limiter: RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Duration>>,
}

/// A clock for `governor` that follows tokio's, so that tests can pause it.
#[derive(Clone, Copy, Debug)]
struct TokioClock(Instant);

impl Clock for TokioClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

impl Limiter {
    fn new(rate: f64) -> Self {
        let a_cell = Duration::from_secs_f64(1.0 / (rate * f64::from(CELLS.get())));
        let burst = CELLS.saturating_add(1);
        let quota = Quota::with_period(a_cell.max(Duration::from_nanos(1)))
            .unwrap_or_else(|| Quota::per_second(CELLS))
            .allow_burst(burst);
        Self {
            rate,
            limiter: RateLimiter::direct_with_clock(quota, TokioClock(Instant::now())),
        }
    }

    /// How long until the next request may go; `None` when it may go now, and then it is taken.
    fn wait(&self) -> Option<Duration> {
        match self.limiter.check_n(CELLS) {
            Ok(Ok(())) | Err(_) => None,
            Ok(Err(not_until)) => Some(not_until.wait_time_from(self.limiter.clock().now())),
        }
    }
}

impl Throttle {
    /// A gate that lets requests through at this rate.
    pub fn new(rate: Rate) -> Self {
        Self {
            turn: tokio::sync::Mutex::new(rate.at_start().map(Limiter::new)),
            shared: Mutex::new(Shared {
                pace: Pace::new(rate),
                resume_at: None,
                pauses_in_a_row: 0,
                pauses: 0,
            }),
        }
    }

    /// Returns when the next request may be sent. Dropping the future gives the turn up.
    pub async fn ready(&self) {
        self.permit(true).await;
    }

    /// The same, but does not wait for the end of a pause: `false` where there is one.
    pub async fn ready_unless_paused(&self) -> bool {
        self.permit(false).await
    }

    async fn permit(&self, waits_for_pause: bool) -> bool {
        let mut limiter = self.turn.lock().await;
        loop {
            let (resume_at, rate) = {
                let mut shared = self.shared();
                (shared.resume_at, shared.pace.rate(Instant::now()))
            };
            if let Some(resume_at) = resume_at.filter(|at| *at > Instant::now()) {
                if !waits_for_pause {
                    return false;
                }
                tokio::time::sleep_until(resume_at).await;
                continue;
            }
            match rate.and_then(|rate| wait_at(&mut limiter, rate)) {
                None => return true,
                Some(wait) => tokio::time::sleep(wait).await,
            }
        }
    }

    /// Records a refusal for the rate: nothing is sent before the time it names has passed, or,
    /// where it names none or zero, before a growing pause has.
    ///
    /// Returns how long all requests pause from now.
    pub fn refused(&self, retry_after: Option<Duration>) -> Duration {
        let now = Instant::now();
        let mut shared = self.shared();
        let is_new = shared.resume_at.is_none_or(|at| at <= now);
        if is_new {
            shared.pauses_in_a_row += 1;
            shared.pauses += 1;
            shared.pace.slow_down(now);
        }
        let named = retry_after
            .filter(|wait| !wait.is_zero())
            .map(|wait| wait.min(LONGEST_NAMED_PAUSE));
        let pause = named.unwrap_or_else(|| own_pause(shared.pauses_in_a_row));
        let until = now + pause;
        // Answers to requests of the same moment name the same pause; only one that names its
        // time may lengthen it.
        if is_new || named.is_some() {
            shared.resume_at = Some(shared.resume_at.map_or(until, |at| at.max(until)));
        }
        shared
            .resume_at
            .map_or(pause, |at| at.saturating_duration_since(now))
    }

    /// A success says that nothing is left of the limit for so long: nothing is sent before, so that
    /// nothing is refused. Returns the pause, unless one is under way that lasts as long.
    pub fn rest(&self, wait: Duration) -> Option<Duration> {
        let now = Instant::now();
        let until = now + wait.min(LONGEST_REST);
        let mut shared = self.shared();
        let is_longer = shared.resume_at.is_none_or(|at| at < until);
        let was_paused = shared.resume_at.is_some_and(|at| at > now);
        if is_longer {
            shared.resume_at = Some(until);
        }
        (is_longer && !was_paused).then(|| until - now)
    }

    /// Sends at another rate from now on.
    pub fn set_rate(&self, rate: Rate) {
        self.shared().pace = Pace::new(rate);
    }

    /// Records a success.
    pub fn accepted(&self) {
        let now = Instant::now();
        let mut shared = self.shared();
        shared.pace.accepted(now);
        if shared.resume_at.is_none_or(|at| at <= now) {
            shared.pauses_in_a_row = 0;
        }
    }

    /// Requests per second at this moment; `None` where there is no limit.
    pub fn rate(&self) -> Option<f64> {
        self.shared().pace.rate(Instant::now())
    }

    /// How often all requests had to pause.
    pub fn pauses(&self) -> u64 {
        self.shared().pauses
    }

    fn shared(&self) -> std::sync::MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long until the next request may go at this rate; `None` when it may go now, and then it is
/// taken.
fn wait_at(limiter: &mut Option<Limiter>, rate: f64) -> Option<Duration> {
    let limiter = limiter.get_or_insert_with(|| Limiter::new(rate));
    if (limiter.rate - rate).abs() > f64::EPSILON {
        // A new limiter starts with a request saved up; this one has to be waited for.
        let fresh = Limiter::new(rate);
        fresh.wait();
        *limiter = fresh;
    }
    limiter.wait()
}

/// The pause of our own choosing after this many refusals in a row that named none.
fn own_pause(in_a_row: usize) -> Duration {
    ExponentialBuilder::default()
        .with_min_delay(SHORTEST_PAUSE)
        .with_max_delay(LONGEST_PAUSE)
        .with_jitter()
        .with_jitter_seed(in_a_row as u64)
        .without_max_times()
        .build()
        .nth(in_a_row.saturating_sub(1).min(16))
        .unwrap_or(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::StreamExt;
    use std::sync::Arc;

    /// When each of `count` requests of a crowd passes a gate, seen from the first.
    async fn passages(throttle: Arc<Throttle>, count: usize, crowd: usize) -> Vec<Duration> {
        let start = Instant::now();
        futures::stream::iter(0..count)
            .map(|_| async {
                throttle.ready().await;
                start.elapsed()
            })
            .buffer_unordered(crowd)
            .collect()
            .await
    }

    #[tokio::test(start_paused = true)]
    async fn no_window_sees_more_than_the_rate_allows() {
        for rate in [0.5, 7.0, 90.0, 333.0] {
            let times = passages(Arc::new(Throttle::new(Rate::PerSecond(rate))), 300, 32).await;
            for (first, start) in times.iter().enumerate() {
                for (last, end) in times.iter().enumerate().skip(first) {
                    let seen = (last - first + 1) as f64;
                    let window = end.as_secs_f64() - start.as_secs_f64();
                    assert!(
                        seen <= rate * window + 1.25 + 1e-6,
                        "{seen} requests in {window} s at {rate}/s"
                    );
                }
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nearly_all_of_the_rate_is_used() {
        for rate in [1.0, 50.0, 90.0, 100.0, 200.0] {
            let count = 500;
            let times = passages(Arc::new(Throttle::new(Rate::PerSecond(rate))), count, 64).await;
            let least = count as f64 / rate;
            let took = times.last().unwrap().as_secs_f64();
            assert!(
                took <= 1.03 * least,
                "{took} s instead of {least} s at {rate}/s"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_passes_before_a_named_time_has_come() {
        let throttle = Arc::new(Throttle::new(Rate::Unlimited));
        throttle.refused(Some(Duration::from_secs(12)));
        throttle.refused(Some(Duration::from_secs(3)));
        throttle.refused(None);
        let times = passages(throttle, 50, 50).await;
        assert!(times.iter().all(|time| *time >= Duration::from_secs(12)));
        assert!(times.iter().all(|time| *time < Duration::from_secs(13)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_that_is_zero_or_not_named_grows_and_ends() {
        let throttle = Throttle::new(Rate::Unlimited);
        let mut last = Duration::ZERO;
        for _ in 0..5 {
            let pause = throttle.refused(Some(Duration::ZERO));
            assert!(pause >= SHORTEST_PAUSE && pause <= LONGEST_PAUSE * 2);
            assert!(pause > last / 2);
            last = pause;
            throttle.ready().await;
        }
        assert!(last >= SHORTEST_PAUSE * 8, "{last:?}");
        throttle.accepted();
        assert!(throttle.refused(None) <= SHORTEST_PAUSE * 2);
        assert_eq!(throttle.pauses(), 6);
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_that_is_used_up_is_waited_for_and_costs_no_rate() {
        let throttle = Throttle::new(Rate::PerSecond(90.0));
        let rest = Duration::from_secs(7);
        assert_eq!(throttle.rest(rest), Some(rest));
        assert_eq!(
            throttle.rest(rest),
            None,
            "answers of one moment are one pause"
        );
        let start = Instant::now();
        throttle.ready().await;
        assert!(start.elapsed() >= rest);
        assert_eq!(throttle.rate(), Some(90.0));
        assert_eq!(throttle.pauses(), 0);
        assert_eq!(throttle.rest(Duration::MAX), Some(LONGEST_REST));
    }

    #[tokio::test(start_paused = true)]
    async fn another_rate_holds_from_the_next_request_on() {
        let throttle = Arc::new(Throttle::new(Rate::PerSecond(1.0)));
        throttle.set_rate(Rate::PerSecond(100.0));
        let times = passages(Arc::clone(&throttle), 100, 10).await;
        assert!(times.last().unwrap().as_secs_f64() < 1.1);
        throttle.set_rate(Rate::Unlimited);
        assert_eq!(throttle.rate(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_is_limited_and_need_not_be_waited_for() {
        let throttle = Throttle::new(Rate::PerSecond(90.0));
        assert!(throttle.ready_unless_paused().await);
        let pause = throttle.refused(Some(Duration::MAX));
        assert_eq!(pause, LONGEST_NAMED_PAUSE);
        assert!(!throttle.ready_unless_paused().await);
    }
}
