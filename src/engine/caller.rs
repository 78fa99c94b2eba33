//! Every request of a run: through the throttle, and with what its answer teaches the throttle.

use super::events::{Event, Observers};
use super::retry::{NextRead, after_read};
use super::shutdown::{Shutdown, StopReason};
use super::throttle::Throttle;
use crate::workos::{Answer, Failure, Organization, OrganizationsApi};
use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use bytes::Bytes;
use std::future::Future;
use std::time::Duration;
use tracing::{debug, info};

/// The API behind the throttle.
#[derive(Debug)]
pub(super) struct Caller<A> {
    api: A,
    throttle: Throttle,
    observers: Observers,
    shutdown: Shutdown,
    max_attempts: u32,
}

impl<A: OrganizationsApi> Caller<A> {
    pub(super) const fn new(
        api: A,
        throttle: Throttle,
        observers: Observers,
        shutdown: Shutdown,
        max_attempts: u32,
    ) -> Self {
        Self {
            api,
            throttle,
            observers,
            shutdown,
            max_attempts,
        }
    }

    pub(super) const fn api(&self) -> &A {
        &self.api
    }

    pub(super) const fn throttle(&self) -> &Throttle {
        &self.throttle
    }

    /// Waits for the throttle; `false` when the run began to drain meanwhile, and nothing that
    /// can be left for later should be sent.
    pub(super) async fn may_send(&self) -> bool {
        tokio::select! {
            biased;
            () = self.shutdown.draining() => false,
            () = self.throttle.ready() => true,
        }
    }

    /// Sends one `POST /organizations`, once. The caller has waited for [`Self::may_send`].
    pub(super) async fn create(&self, body: Bytes) -> Result<Answer<Organization>, Failure> {
        let result = self.api.create(body).await;
        match &result {
            Ok(answer) => debug!(
                request_id = answer.request_id,
                id = answer.value.id,
                "created"
            ),
            Err(failure) => info!(%failure, "a creation failed"),
        }
        self.learn(result.as_ref().err());
        result
    }

    /// Asks until there is an answer, or no hope for one.
    pub(super) async fn read<T, F>(&self, ask: impl Fn() -> F) -> Result<Answer<T>, Failure>
    where
        F: Future<Output = Result<Answer<T>, Failure>>,
    {
        let mut backoff = backoff();
        let mut attempts = 0;
        loop {
            self.throttle.ready().await;
            let result = ask().await;
            self.learn(result.as_ref().err());
            let failure = match result {
                Ok(answer) => {
                    debug!(request_id = answer.request_id, "looked up");
                    return Ok(answer);
                }
                Err(failure) => failure,
            };
            info!(%failure, "a look-up failed");
            match after_read(&failure) {
                NextRead::Pause(_) => {}
                NextRead::ReadAgain => {
                    attempts += 1;
                    if attempts >= self.max_attempts {
                        return Err(failure);
                    }
                    tokio::time::sleep(backoff.next().unwrap_or(LONGEST_BACKOFF)).await;
                }
                NextRead::GiveUp => return Err(failure),
                NextRead::Stop => {
                    self.key_refused(&failure);
                    return Err(failure);
                }
            }
        }
    }

    /// Stops the run, because no request of it can succeed.
    pub(super) fn key_refused(&self, failure: &Failure) {
        if let Failure::Refused(refusal) = failure {
            self.shutdown.drain(StopReason::KeyRefused(refusal.clone()));
        }
    }

    /// Tells the throttle what an answer says of the rate.
    fn learn(&self, failure: Option<&Failure>) {
        match failure {
            Some(Failure::Refused(refusal))
                if refusal.http_status == 429
                    || (refusal.http_status == 503 && refusal.retry_after.is_some()) =>
            {
                let before = self.throttle.pauses();
                let pause = self.throttle.refused(refusal.retry_after);
                info!(?pause, "WorkOS asked to slow down");
                if self.throttle.pauses() > before {
                    self.observers.tell(&Event::Throttled(pause));
                    if let Some(rate) = self.throttle.rate() {
                        self.observers.tell(&Event::RateChanged(rate));
                    }
                }
            }
            Some(Failure::NotSent { .. }) => {}
            _ => self.throttle.accepted(),
        }
    }
}

const LONGEST_BACKOFF: Duration = Duration::from_secs(20);

/// The waits between attempts of one request: half a second, doubling, jittered.
pub(super) fn backoff() -> ExponentialBackoff {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(500))
        .with_max_delay(LONGEST_BACKOFF)
        .with_jitter()
        .without_max_times()
        .build()
}
