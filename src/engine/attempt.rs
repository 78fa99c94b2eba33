//! From a row to its outcome: sent, sent again where that is safe, looked for where it is not.

use super::caller::{Caller, backoff};
use super::events::{Event, Observers};
use super::reconcile::{Reconciler, is_like};
use super::retry::{Next, after_create};
use super::shutdown::Shutdown;
use super::task::Candidate;
use crate::results::{ErrorName, Record, Status};
use crate::text::quoted;
use crate::workos::{Answer, Failure, Organization, OrganizationsApi, Refusal};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// How patiently rows are settled.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// How many times a row is sent at most; refusals for the rate do not count.
    pub max_attempts: u32,
    /// How long an answer is waited for.
    pub timeout: Duration,
    /// How long after a lost answer a search that finds nothing is believed. After a timeout it
    /// is at least as long as the timeout was.
    pub lookup_pause: Duration,
}

impl Policy {
    /// How long after a lost answer a search that finds nothing is believed.
    fn patience(&self, still_running: bool) -> Duration {
        if still_running {
            self.lookup_pause.max(self.timeout)
        } else {
            self.lookup_pause
        }
    }

    /// How long it takes at most until a search that finds nothing is believed.
    pub fn longest_patience(&self) -> Duration {
        self.patience(true)
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            max_attempts: 5,
            timeout: Duration::from_secs(30),
            lookup_pause: Duration::from_secs(5),
        }
    }
}

/// Settles rows, one call each.
#[derive(Debug)]
pub(super) struct Settler<A> {
    pub(super) caller: Caller<A>,
    pub(super) reconciler: Reconciler,
    pub(super) policy: Policy,
    pub(super) observers: Observers,
    pub(super) shutdown: Shutdown,
    pub(super) started_at: Instant,
    /// Whether an answer was lost, so that the run has to end with a check.
    pub(super) answer_lost: AtomicBool,
}

/// What became of a row.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Its record, and the organization as the API told it.
    Settled(Record, Option<Box<Organization>>),
    /// Nothing: it was never sent, or certainly never acted on, and the run is stopping.
    NotTried,
}

impl<A: OrganizationsApi> Settler<A> {
    /// Settles a row, or drops it when the run stops at once.
    pub(super) async fn settle(&self, row: u64, line: u64, candidate: &Candidate) -> Outcome {
        let in_doubt = AtomicBool::new(candidate.is_suspect);
        tokio::select! {
            biased;
            () = self.shutdown.now() => {
                if in_doubt.load(Ordering::Relaxed) {
                    Outcome::Settled(interrupted(row), None)
                } else {
                    Outcome::NotTried
                }
            }
            outcome = self.settle_in_turn(row, line, candidate, &in_doubt) => outcome,
        }
    }

    async fn settle_in_turn(
        &self,
        row: u64,
        line: u64,
        candidate: &Candidate,
        in_doubt: &AtomicBool,
    ) -> Outcome {
        let _turn = self.reconciler.turn(&candidate.organization).await;
        let mut row = RowInFlight {
            settler: self,
            candidate,
            line,
            in_doubt,
            record: Record::new(row, Status::Failed),
            backoff: backoff(),
            lost: Vec::new(),
        };
        if candidate.is_suspect {
            // What the process before us sent may still be at work in WorkOS.
            let believed_at = self.started_at + self.policy.patience(true);
            if let Some(outcome) = row.look(believed_at).await {
                return outcome;
            }
        }
        row.send_until_settled().await
    }
}

/// A row while it is being settled.
struct RowInFlight<'a, A> {
    settler: &'a Settler<A>,
    candidate: &'a Candidate,
    line: u64,
    /// Set while the row's organization may or may not exist.
    in_doubt: &'a AtomicBool,
    record: Record,
    backoff: backon::ExponentialBackoff,
    /// How answers were lost, for the message.
    lost: Vec<String>,
}

impl<A: OrganizationsApi> RowInFlight<'_, A> {
    async fn send_until_settled(mut self) -> Outcome {
        loop {
            if !self.settler.caller.may_send().await {
                return Outcome::NotTried;
            }
            self.record.attempts += 1;
            self.in_doubt.store(true, Ordering::Relaxed);
            let body = self.candidate.body.clone();
            let failure = match self.settler.caller.create(body).await {
                Ok(answer) => return self.created(answer),
                Err(failure) => failure,
            };
            let next = after_create(&failure);
            let in_doubt = matches!(next, Next::LookFirst { .. });
            self.in_doubt.store(in_doubt, Ordering::Relaxed);
            let outcome = match next {
                Next::Pause(_) => {
                    self.record.attempts -= 1;
                    None
                }
                Next::SendAgain => self.back_off(&failure).await,
                Next::LookFirst { still_running } => self.doubt(&failure, still_running).await,
                Next::Conflict => Some(self.conflict(&failure).await),
                Next::Final => Some(self.failed(&failure)),
                Next::Stop => {
                    self.settler.caller.key_refused(&failure);
                    Some(Outcome::NotTried)
                }
            };
            if let Some(outcome) = outcome {
                return outcome;
            }
        }
    }

    fn created(&mut self, answer: Answer<Organization>) -> Outcome {
        self.settler.reconciler.own(&answer.value.id);
        self.record.http_status = Some(201);
        self.record.request_id = answer.request_id;
        self.belongs(Status::Created, answer.value)
    }

    fn belongs(&mut self, status: Status, organization: Organization) -> Outcome {
        self.record.status = status;
        self.record.organization_id = Some(organization.id.clone());
        self.record.error = None;
        self.record.code = None;
        self.settled(Some(Box::new(organization)))
    }

    fn settled(&mut self, organization: Option<Box<Organization>>) -> Outcome {
        self.in_doubt.store(false, Ordering::Relaxed);
        self.record.finished_at = Some(jiff::Timestamp::now());
        Outcome::Settled(self.record.clone(), organization)
    }

    /// Never arrived: wait, unless it has been tried often enough.
    async fn back_off(&mut self, failure: &Failure) -> Option<Outcome> {
        if self.record.attempts >= self.settler.policy.max_attempts {
            return Some(self.failed(failure));
        }
        let wait = self.backoff.next().unwrap_or_default();
        tokio::select! {
            () = self.settler.shutdown.draining() => Some(Outcome::NotTried),
            () = tokio::time::sleep(wait) => None,
        }
    }

    /// May have been acted on: look, and look again when a search that finds nothing is believed.
    async fn doubt(&mut self, failure: &Failure, still_running: bool) -> Option<Outcome> {
        let lost_at = Instant::now();
        let settler = self.settler;
        settler.answer_lost.store(true, Ordering::Relaxed);
        settler
            .observers
            .tell(&Event::AnswerLost { line: self.line });
        self.lost.push(failure.to_string());
        let believed_at = lost_at + settler.policy.patience(still_running);
        if let Some(outcome) = self.look(believed_at).await {
            return Some(outcome);
        }
        if self.record.attempts >= settler.policy.max_attempts {
            return Some(self.failed(failure));
        }
        None
    }

    /// Looks for the row's organization, at once and again after `believed_at`. `None` when there
    /// is none, so that it may be sent.
    async fn look(&mut self, believed_at: Instant) -> Option<Outcome> {
        let settler = self.settler;
        settler.answer_lost.store(true, Ordering::Relaxed);
        loop {
            let looked_at = Instant::now();
            let found = settler
                .reconciler
                .look(&settler.caller, &self.candidate.organization)
                .await;
            match found {
                Ok(Some(organization)) => return Some(self.recovered(organization)),
                Ok(None) if looked_at >= believed_at => {
                    self.in_doubt.store(false, Ordering::Relaxed);
                    return None;
                }
                Ok(None) => tokio::time::sleep_until(believed_at).await,
                Err(failure) => return Some(self.unknown(&failure)),
            }
        }
    }

    /// Found: created by a request whose answer was lost, unless it may have been there before.
    fn recovered(&mut self, organization: Organization) -> Outcome {
        if !self.settler.reconciler.is_of_this_run(&organization) {
            return self.unchanged(organization);
        }
        let how = if self.lost.is_empty() {
            "sent by an earlier run that was interrupted".to_owned()
        } else {
            format!("the answer was lost: {}", self.lost.join("; then: "))
        };
        self.record.message = Some(format!("found by looking it up ({how})"));
        self.belongs(Status::Created, organization)
    }

    fn unchanged(&mut self, organization: Organization) -> Outcome {
        self.record.message = Some("already there with the same values".to_owned());
        self.belongs(Status::Unchanged, organization)
    }

    /// The search itself failed: the row stays unknown until a later run looks again.
    fn unknown(&mut self, failure: &Failure) -> Outcome {
        self.describe(failure);
        self.record.status = Status::Unknown;
        self.record.error = Some(ErrorName::NetworkError);
        self.record.message = Some(format!(
            "sent, but the answer was lost, and looking it up failed: {failure}. Run the same command again before changing this row: it looks first"
        ));
        self.settled(None)
    }

    fn failed(&mut self, failure: &Failure) -> Outcome {
        self.describe(failure);
        self.record.status = Status::Failed;
        self.record.error = Some(match failure {
            Failure::NotSent { .. } | Failure::Lost(_) => ErrorName::NetworkError,
            Failure::Refused(_) => ErrorName::ApiError,
        });
        self.settled(None)
    }

    fn describe(&mut self, failure: &Failure) {
        let record = &mut self.record;
        match failure {
            Failure::NotSent { .. } => record.message = Some(failure.to_string()),
            Failure::Lost(lost) => {
                record.http_status = lost.http_status;
                record.request_id.clone_from(&lost.request_id);
                record.message = Some(failure.to_string());
            }
            Failure::Refused(refusal) => {
                record.http_status = Some(refusal.http_status);
                record.request_id.clone_from(&refusal.request_id);
                record.code.clone_from(&refusal.code);
                record.message = Some(refusal.message.clone());
            }
        }
    }

    /// What the row claims is taken: by whom?
    async fn conflict(&mut self, failure: &Failure) -> Outcome {
        self.describe(failure);
        let Failure::Refused(refusal) = failure else {
            return self.failed(failure);
        };
        let owner = self.owner(refusal).await;
        let settler = self.settler;
        let new = &self.candidate.organization;
        if let Some(owner) = &owner {
            let may_be_ours = self.candidate.is_suspect || !self.lost.is_empty();
            if may_be_ours
                && owner.name.trim() == new.name
                && settler.reconciler.is_of_this_run(owner)
                && settler.reconciler.claim(&owner.id)
            {
                return self.recovered(owner.clone());
            }
            if is_like(owner, new) && settler.reconciler.claim(&owner.id) {
                return self.unchanged(owner.clone());
            }
        }
        self.record.status = Status::Conflict;
        self.record.error = Some(ErrorName::ConflictError);
        let mut message = refusal.message.clone();
        if let Some(owner) = owner {
            message = format!("{message} It is {} ({}).", quoted(&owner.name), owner.id);
            self.record.existing_organization_id = Some(owner.id);
        }
        self.record.message = Some(message);
        self.settled(None)
    }

    /// The organization that has what the row claims; `None` where nobody can tell.
    async fn owner(&self, refusal: &Refusal) -> Option<Organization> {
        let caller = &self.settler.caller;
        let new = &self.candidate.organization;
        let names: Vec<&str> = new.domain_data.iter().map(|d| d.domain.as_ref()).collect();
        let is_about_domain = refusal.http_status == 409 && !names.is_empty();
        if is_about_domain {
            let page = caller.read(|| caller.api().by_domains(&names)).await.ok()?;
            let owner = page.value.data.into_iter().find(|organization| {
                let mut domains = organization.domains.iter();
                domains.any(|domain| names.contains(&domain.to_lowercase().as_str()))
            });
            if owner.is_some() {
                return owner;
            }
        }
        let external_id = new.external_id.as_deref()?;
        let answer = caller.read(|| caller.api().by_external_id(external_id));
        answer.await.ok()?.value
    }
}

/// The record of a row that was dropped while it was under way.
fn interrupted(row: u64) -> Record {
    Record {
        error: Some(ErrorName::NetworkError),
        message: Some(
            "sent, but the run was stopped before the answer came. Run the same command again before changing this row: it looks first".to_owned(),
        ),
        ..Record::new(row, Status::Unknown)
    }
}
