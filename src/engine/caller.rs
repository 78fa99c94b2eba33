//! Sends every request of a run through the throttle, and learns the rate and the server's clock from
//! responses.

use super::clock::ServerClock;
use super::events::{Event, Observers};
use super::rate::Rate;
use super::retry::{NextRead, after_read};
use super::shutdown::{Shutdown, StopReason};
use super::throttle::{LONGEST_NAMED_PAUSE, Throttle};
use crate::snapshot::FetchError;
use crate::workos::{Answer, Failure, Organization, OrganizationsApi, Refusal};
use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use bytes::Bytes;
use jiff::Timestamp;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::Instant;
use tracing::{debug, info};

/// Why something could not be read from WorkOS.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ReadError {
    /// WorkOS or the network failed for too long, or the request was refused.
    #[error("{0}")]
    Failed(Failure),
    /// The run was stopped before there was an answer.
    #[error("the run was stopped")]
    Interrupted,
    /// The list of organizations does not end.
    #[error("the list of organizations does not end: WorkOS sent {0}")]
    EndlessList(&'static str),
}

impl ReadError {
    /// Whether the server does not know this endpoint.
    pub(super) fn is_unsupported(&self) -> bool {
        let status = match self {
            Self::Failed(failure) => failure.http_status(),
            _ => None,
        };
        matches!(status, Some(404 | 405))
    }

    /// The refusal of the key, if that is what happened.
    pub(super) fn key_refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Failed(Failure::Refused(refusal)) if matches!(refusal.http_status, 401 | 403) => {
                Some(refusal)
            }
            _ => None,
        }
    }
}

impl FetchError for ReadError {
    fn http_status(&self) -> Option<u16> {
        match self {
            Self::Failed(failure) => FetchError::http_status(failure),
            Self::Interrupted | Self::EndlessList(_) => None,
        }
    }
}

/// How long a request that only reads is repeated while WorkOS or the network fails. Pauses that
/// WorkOS asks for do not count.
pub(super) const READ_PATIENCE: Duration = Duration::from_secs(60);

/// The same before anything is sent: somebody waits for the plan.
pub(super) const PREFLIGHT_PATIENCE: Duration = Duration::from_secs(8);

/// How many organizations WorkOS lets a key delete in a second: 50 in 60.
const DELETIONS: f64 = 50.0 / 60.0;

/// The API, called through the throttle.
#[derive(Debug)]
pub(super) struct Caller<A> {
    api: A,
    throttle: Arc<Throttle>,
    observers: Observers,
    shutdown: Shutdown,
    server_clock: ServerClock,
    /// Held by the one creation that waits for the throttle: a lookup waits for one at most.
    creation_turn: tokio::sync::Mutex<()>,
    /// WorkOS limits deletions on their own.
    deletions: Throttle,
    reads: AtomicU64,
    running: AtomicUsize,
    has_trouble: AtomicBool,
}

/// Counts a request as running until it is dropped.
struct Running<'a>(&'a AtomicUsize);

impl<'a> Running<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<A: OrganizationsApi> Caller<A> {
    pub(super) fn new(
        api: A,
        throttle: Throttle,
        observers: Observers,
        shutdown: Shutdown,
    ) -> Self {
        Self {
            api,
            throttle: Arc::new(throttle),
            observers,
            shutdown,
            server_clock: ServerClock::default(),
            running: AtomicUsize::new(0),
            has_trouble: AtomicBool::new(false),
            creation_turn: tokio::sync::Mutex::default(),
            deletions: Throttle::new(Rate::PerSecond(DELETIONS)),
            reads: AtomicU64::new(0),
        }
    }

    pub(super) const fn api(&self) -> &A {
        &self.api
    }

    /// How many requests are running.
    pub(super) fn running(&self) -> usize {
        self.running.load(Ordering::Relaxed)
    }

    pub(super) fn throttle(&self) -> &Throttle {
        &self.throttle
    }

    pub(super) fn shared_throttle(&self) -> Arc<Throttle> {
        Arc::clone(&self.throttle)
    }

    /// The server's time, as far as its answers have shown it.
    pub(super) fn server_now(&self) -> Option<Timestamp> {
        self.server_clock.now()
    }

    /// Waits until the next creation may be sent; `false` when the run began to drain meanwhile.
    pub(super) async fn may_create(&self) -> bool {
        tokio::select! {
            biased;
            () = self.shutdown.draining() => false,
            () = self.creation_permit() => true,
        }
    }

    async fn creation_permit(&self) {
        let _turn = self.creation_turn.lock().await;
        self.throttle.ready().await;
    }

    /// Waits until the next deletion may be sent; `false` when the run began to drain meanwhile.
    pub(super) async fn may_delete(&self) -> bool {
        let permit = async {
            self.deletions.ready().await;
            self.throttle.ready().await;
        };
        tokio::select! {
            biased;
            () = self.shutdown.draining() => false,
            () = permit => true,
        }
    }

    /// Sends one `DELETE`, once. The caller has waited for [`Self::may_delete`].
    pub(super) async fn delete<T>(
        &self,
        send: impl Future<Output = Result<Answer<T>, Failure>>,
    ) -> Result<Answer<T>, Failure> {
        let result = self.change(send).await;
        match &result {
            Err(Failure::Refused(refusal)) if refusal.http_status == 429 => {
                self.deletions.refused(refusal.retry_after);
            }
            _ => self.deletions.accepted(),
        }
        result
    }

    /// Waits for the throttle. A run that drains does not wait for the end of a pause.
    async fn may_read(&self) -> bool {
        tokio::select! {
            biased;
            () = self.shutdown.draining() => self.throttle.ready_unless_paused().await,
            () = self.throttle.ready() => true,
        }
    }

    /// Sends one `POST /organizations`, once. The caller has waited for [`Self::may_create`].
    pub(super) async fn create(&self, body: Bytes) -> Result<Answer<Organization>, Failure> {
        let result = {
            let _running = Running::begin(&self.running);
            self.api.create(body).await
        };
        match &result {
            Ok(answer) => debug!(
                request_id = answer.request_id,
                id = answer.value.id,
                "created"
            ),
            Err(failure) => info!(%failure, "POST failed"),
        }
        self.learn(&result);
        if let Ok(answer) = &result {
            self.server_clock.learn_created_at(answer.value.created_at);
        }
        result
    }

    /// Sends one request that changes an organization, once. The caller has waited for
    /// [`Self::may_create`].
    pub(super) async fn change<T>(
        &self,
        send: impl Future<Output = Result<Answer<T>, Failure>>,
    ) -> Result<Answer<T>, Failure> {
        let result = {
            let _running = Running::begin(&self.running);
            send.await
        };
        match &result {
            Ok(answer) => debug!(request_id = answer.request_id, "changed"),
            Err(failure) => info!(%failure, "change failed"),
        }
        self.learn(&result);
        result
    }

    /// Repeats a GET that no row is to blame for until success, a permanent error, or the end of
    /// [`READ_PATIENCE`]. A refusal of the key stops the run.
    pub(super) async fn read<T, F>(&self, ask: impl Fn() -> F) -> Result<Answer<T>, ReadError>
    where
        F: Future<Output = Result<Answer<T>, Failure>>,
    {
        self.read_within(READ_PATIENCE, ask).await
    }

    /// The same with another patience.
    pub(super) async fn read_within<T, F>(
        &self,
        patience: Duration,
        ask: impl Fn() -> F,
    ) -> Result<Answer<T>, ReadError>
    where
        F: Future<Output = Result<Answer<T>, Failure>>,
    {
        let result = self.repeat(patience, ask).await;
        if let Some(refusal) = result.as_ref().err().and_then(ReadError::key_refusal) {
            self.key_refused(refusal);
        }
        result
    }

    /// The same for a GET about one row: a firewall may refuse it for what the row holds, so a
    /// refusal says nothing about the key.
    pub(super) async fn read_for_row<T, F>(
        &self,
        ask: impl Fn() -> F,
    ) -> Result<Answer<T>, ReadError>
    where
        F: Future<Output = Result<Answer<T>, Failure>>,
    {
        self.repeat(READ_PATIENCE, ask).await
    }

    async fn repeat<T, F>(
        &self,
        patience: Duration,
        ask: impl Fn() -> F,
    ) -> Result<Answer<T>, ReadError>
    where
        F: Future<Output = Result<Answer<T>, Failure>>,
    {
        let mut backoff = backoff(self.reads.fetch_add(1, Ordering::Relaxed));
        let mut spent = Duration::ZERO;
        loop {
            if !self.may_read().await {
                return Err(ReadError::Interrupted);
            }
            let asked_at = Instant::now();
            let result = {
                let _running = Running::begin(&self.running);
                ask().await
            };
            self.learn(&result);
            let failure = match result {
                Ok(answer) => {
                    debug!(request_id = answer.request_id, "read");
                    return Ok(answer);
                }
                Err(failure) => failure,
            };
            info!(%failure, "GET failed");
            match after_read(&failure) {
                NextRead::Pause => continue,
                NextRead::GiveUp => return Err(ReadError::Failed(failure)),
                NextRead::ReadAgain => {}
            }
            let wait = backoff.next().unwrap_or(LONGEST_BACKOFF);
            spent += asked_at.elapsed() + wait;
            if spent > patience || self.shutdown.is_draining() {
                return Err(ReadError::Failed(failure));
            }
            self.wait_to_repeat(wait).await;
        }
    }

    /// Waits before a request is repeated, or until the run begins to drain.
    pub(super) async fn wait_to_repeat(&self, wait: Duration) {
        self.observers.emit(&Event::RetryIn(wait));
        self.sleep_until(Instant::now() + wait).await;
    }

    /// Sleeps until then, or until the run begins to drain.
    pub(super) async fn sleep_until(&self, until: Instant) {
        tokio::select! {
            biased;
            () = self.shutdown.draining() => {}
            () = tokio::time::sleep_until(until) => {}
        }
    }

    /// Stops the run, because no request of it can succeed.
    pub(super) fn key_refused(&self, refusal: &Refusal) {
        let refusal = Box::new(refusal.clone());
        self.shutdown.drain(StopReason::KeyRefused(refusal));
    }

    /// Says when WorkOS begins to fail, and when it answers again.
    fn watch<T>(&self, result: &Result<Answer<T>, Failure>) {
        let trouble = match result {
            Err(Failure::NotSent { .. }) => Some("cannot reach WorkOS".to_owned()),
            Err(Failure::Lost(lost)) => Some(match lost.http_status {
                None => "WorkOS does not answer".to_owned(),
                Some(status @ 400..) => format!("WorkOS answers {status}"),
                Some(_) => "unreadable answers from WorkOS".to_owned(),
            }),
            Err(Failure::Refused(refusal)) if matches!(refusal.http_status, 408 | 500..) => {
                Some(format!("WorkOS answers {}", refusal.http_status))
            }
            Err(Failure::Refused(_)) | Ok(_) => None,
        };
        match trouble {
            Some(what) => {
                self.has_trouble.store(true, Ordering::Relaxed);
                self.observers.emit(&Event::Trouble(&what));
            }
            None if self.has_trouble.swap(false, Ordering::Relaxed) => {
                self.observers.emit(&Event::Answered);
            }
            None => {}
        }
    }

    /// Learns the rate and the server's time from an answer.
    fn learn<T>(&self, result: &Result<Answer<T>, Failure>) {
        self.watch(result);
        self.server_clock.learn_date(match result {
            Ok(answer) => answer.date,
            Err(failure) => failure.date(),
        });
        match result {
            Err(Failure::Refused(refusal))
                if refusal.http_status == 429
                    || (refusal.http_status == 503 && refusal.retry_after.is_some()) =>
            {
                self.pause(refusal.retry_after);
            }
            Err(Failure::NotSent { .. }) => {}
            _ => self.throttle.accepted(),
        }
        if let Ok(Answer {
            rest: Some(rest), ..
        }) = result
        {
            self.rest(*rest);
        }
    }

    /// The key has nothing left of its limit: the next request would be refused.
    fn rest(&self, rest: Duration) {
        if let Some(pause) = self.throttle.rest(rest) {
            info!(?pause, "the limit of the key is used up");
            self.observers.emit(&Event::Throttled(pause));
        }
    }

    fn pause(&self, retry_after: Option<Duration>) {
        let before = self.throttle.pauses();
        if let Some(pause) = retry_after.filter(|pause| *pause > LONGEST_NAMED_PAUSE) {
            self.shutdown.drain(StopReason::LongPause(pause));
        }
        let pause = self.throttle.refused(retry_after);
        info!(?pause, "WorkOS asked to slow down");
        if self.throttle.pauses() > before {
            self.observers.emit(&Event::Throttled(pause));
            if let Some(rate) = self.throttle.rate() {
                self.observers.emit(&Event::RateChanged(rate));
            }
        }
    }
}

const LONGEST_BACKOFF: Duration = Duration::from_secs(20);

/// The waits between attempts of one request: half a second, doubling, jittered. The same seed
/// gives the same waits, so that a simulation can be repeated.
pub(super) fn backoff(seed: u64) -> ExponentialBackoff {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(500))
        .with_max_delay(LONGEST_BACKOFF)
        .with_jitter()
        .with_jitter_seed(seed)
        .without_max_times()
        .build()
}
