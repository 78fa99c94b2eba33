//! Changing an organization: read it, compare, send what is missing, and read again after a lost
//! answer.
//!
//! A change may be sent twice without harm, so nothing has to be looked for: what the organization
//! holds says what is left to do. An organization that somebody else has changed since the plan is
//! left alone.

use super::caller::{ReadError, backoff};
use super::conflict::by_domains;
use super::dispatch::{Dispatched, Dispatcher, block_size};
use super::ledger::Ledger;
use super::outcome::{Outcome, describe, error_of};
use super::processor::RowProcessor;
use super::retry::{Next, after_create};
use crate::organization::{Patch, changes_in_words};
use crate::plan::{Task, Update};
use crate::results::{ErrorName, Record, Status};
use crate::text::quoted;
use crate::workos::{Failure, OrganizationDomain, OrganizationsApi};
use bytes::Bytes;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::time::Instant;

/// A request of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// `PUT` with this body.
    Put(Bytes),
    /// Adds a pending domain.
    AddDomain(String),
    /// Removes a domain, by the id that it has.
    RemoveDomain(String),
}

/// A row whose organization is changed.
struct Change<'a, A, L: Ledger> {
    processor: &'a RowProcessor<A>,
    dispatcher: &'a Dispatcher<L>,
    task: &'a Arc<Task>,
    update: &'a Update,
    record: Record,
    is_dispatched: bool,
    backoff: backon::ExponentialBackoff,
    /// What was left to do when WorkOS last accepted all of it.
    accepted: Option<Patch>,
}

impl<A: OrganizationsApi> RowProcessor<A> {
    /// Changes the organization of a row.
    pub(super) async fn update<L: Ledger>(
        &self,
        task: &Arc<Task>,
        update: &Update,
        dispatcher: &Dispatcher<L>,
        already: Option<Dispatched>,
    ) -> Outcome {
        let change = Change {
            processor: self,
            dispatcher,
            task,
            update,
            record: Record {
                organization_id: Some(update.organization_id.clone()),
                ..Record::finished(task.row, Status::Failed, self.clock.now())
            },
            is_dispatched: already.is_some(),
            backoff: backoff(task.row),
            accepted: None,
        };
        tokio::select! {
            biased;
            () = self.shutdown.now() => Outcome::NotTried,
            outcome = Box::pin(change.run()) => outcome,
        }
    }
}

/// What a request, or reading, leads to.
enum Then {
    /// All of it was accepted, or it is not known: read again.
    ReadAgain,
    /// The row has its outcome.
    Done(Outcome),
}

impl<A: OrganizationsApi, L: Ledger> Change<'_, A, L> {
    async fn run(mut self) -> Outcome {
        loop {
            let then = match self.remaining().await {
                Ok((patch, steps)) => self.send(patch, steps).await,
                Err(outcome) => return outcome,
            };
            if let Then::Done(outcome) = then {
                return outcome;
            }
        }
    }

    /// Reads the organization, and says what is left to do.
    ///
    /// # Errors
    /// The outcome of the row, where nothing is.
    async fn remaining(&mut self) -> Result<(Patch, Vec<Step>), Outcome> {
        let id = &self.update.organization_id;
        let (caller, update) = (&self.processor.caller, self.update);
        let answer = caller.read_for_row(|| caller.api().by_id(id)).await;
        let found = match answer {
            Ok(answer) => answer.value,
            Err(error) => return Err(self.unread(&error)),
        };
        let Some(organization) = found else {
            return Err(self.conflict("it was deleted since the plan was made"));
        };
        let current = organization.content();
        if !update.may_change(&current) {
            let since = Patch::between(&update.before, &current).changes(&update.before);
            let since = changes_in_words(&since);
            let why = format!("it was changed since the plan was made ({since})");
            return Err(self.conflict(&why));
        }
        let patch = Patch::between(&current, &update.after);
        if patch.is_empty() {
            return Err(self.updated(None));
        }
        if self.accepted.as_ref() == Some(&patch) {
            let left = changes_in_words(&patch.changes(&current));
            return Err(self.updated(Some(&left)));
        }
        let steps = steps(
            &patch,
            &organization.domain_details().unwrap_or_default(),
            update,
        );
        Ok((patch, steps))
    }

    async fn send(&mut self, patch: Patch, steps: Vec<Step>) -> Then {
        for step in steps {
            if !self.wait_for_permit().await {
                return Then::Done(Outcome::NotTried);
            }
            self.record.attempts += 1;
            if let Err(failure) = self.send_step(&step).await {
                return self.after(&failure, &step).await;
            }
        }
        self.accepted = Some(patch);
        Then::ReadAgain
    }

    async fn send_step(&mut self, step: &Step) -> Result<(), Failure> {
        let caller = &self.processor.caller;
        let (api, id) = (caller.api(), self.update.organization_id.as_str());
        let (request_id, http_status) = match step {
            Step::Put(body) => {
                let answer = caller.change(api.update(id, body.clone())).await?;
                (answer.request_id, 200)
            }
            Step::AddDomain(domain) => {
                let answer = caller.change(api.add_domain(id, domain)).await?;
                (answer.request_id, 201)
            }
            Step::RemoveDomain(domain_id) => {
                let answer = caller.change(api.remove_domain(domain_id)).await?;
                (answer.request_id, 204)
            }
        };
        self.record.request_id = request_id;
        self.record.http_status = Some(http_status);
        Ok(())
    }

    /// Waits for the throttle, and makes sure that the row is dispatched, with what the
    /// organization held before; `false` when the run drains.
    async fn wait_for_permit(&mut self) -> bool {
        let caller = &self.processor.caller;
        if !self.is_dispatched {
            self.dispatcher.announce(self.task);
        }
        if !caller.may_create().await {
            return false;
        }
        if !self.is_dispatched {
            let block = block_size(caller.throttle().rate());
            let at = caller.server_now();
            let dispatched = self.dispatcher.dispatch_announced(self.task.row, block, at);
            self.is_dispatched = dispatched.is_some();
        }
        self.is_dispatched
    }

    async fn after(&mut self, failure: &Failure, step: &Step) -> Then {
        match after_create(failure) {
            Next::Pause => {
                self.record.attempts -= 1;
                Then::ReadAgain
            }
            // It is read again, which says what is left to do.
            Next::SendAgain | Next::LookFirst { .. } => {
                if self.record.attempts >= self.processor.policy.max_attempts {
                    return Then::Done(self.unavailable(failure));
                }
                let wait = self.backoff.next().unwrap_or_default();
                let caller = &self.processor.caller;
                caller.sleep_until(Instant::now() + wait).await;
                Then::ReadAgain
            }
            Next::Conflict => Then::Done(self.refused_as_taken(failure, step).await),
            Next::Final => Then::Done(self.failed(failure, ErrorName::ApiError)),
            Next::CheckKey => Then::Done(self.auth_refused(failure).await),
        }
    }

    /// A domain or an external id belongs to another organization.
    async fn refused_as_taken(&mut self, failure: &Failure, step: &Step) -> Outcome {
        let mut message = failure.to_string();
        let mut owner_id = None;
        if let Step::AddDomain(domain) = step {
            let caller = &self.processor.caller;
            let owners = by_domains(caller, &[domain]).await.unwrap_or_default();
            if let Some(owner) = owners.first() {
                message = format!(
                    "{message} The domain {domain} is used by {} ({}).",
                    quoted(&owner.name),
                    owner.id
                );
                owner_id = Some(owner.id.clone());
            }
        }
        describe(&mut self.record, failure);
        if matches!(step, Step::AddDomain(_)) {
            // WorkOS names a code for external ids only.
            let code = self.record.code.take();
            self.record.code = code.or_else(|| Some("domain_already_used".to_owned()));
        }
        self.record.existing_organization_id = owner_id;
        self.conflict(&message)
    }

    fn updated(&mut self, left: Option<&str>) -> Outcome {
        let patch = Patch::between(&self.update.before, &self.update.after);
        let changes = patch.changes(&self.update.before);
        let changes = changes_in_words(&changes);
        if self.update.is_restoring {
            self.record.message = Some(format!("taken back: {changes}"));
            return self.done(Status::Unchanged);
        }
        self.record.changes = Some(changes);
        self.record.error = None;
        self.record.code = None;
        self.record.message =
            left.map(|left| format!("WorkOS accepted the change, and holds other values ({left})"));
        self.done(Status::Updated)
    }

    fn conflict(&mut self, why: &str) -> Outcome {
        self.record.error = Some(ErrorName::ConflictError);
        self.record.message = Some(format!("not changed: {why}"));
        self.done(Status::Conflict)
    }

    fn failed(&mut self, failure: &Failure, error: ErrorName) -> Outcome {
        describe(&mut self.record, failure);
        self.record.error = Some(error);
        self.done(Status::Failed)
    }

    fn unavailable(&mut self, failure: &Failure) -> Outcome {
        describe(&mut self.record, failure);
        self.record.error = Some(error_of(failure));
        self.done(Status::Unavailable)
    }

    fn unread(&mut self, error: &ReadError) -> Outcome {
        if matches!(error, ReadError::Interrupted) {
            return Outcome::NotTried;
        }
        self.record.error = Some(ErrorName::NetworkError);
        self.record.message = Some(format!("reading the organization failed: {error}"));
        self.done(Status::Unavailable)
    }

    /// 401 or 403: is it the key, or this row?
    async fn auth_refused(&mut self, failure: &Failure) -> Outcome {
        let Failure::Refused(refusal) = failure else {
            return self.failed(failure, ErrorName::AuthError);
        };
        let stops = |error: ReadError| {
            error.key_refusal().is_some() || matches!(error, ReadError::Interrupted)
        };
        let is_draining = self.processor.shutdown.is_draining();
        if is_draining || self.processor.check_key().await.is_err_and(stops) {
            return Outcome::NotTried;
        }
        let error = if refusal.is_json {
            ErrorName::AuthError
        } else {
            ErrorName::ApiError
        };
        match self.failed(failure, error) {
            Outcome::Done(record, _) => Outcome::AuthRefused(record, refusal.clone()),
            outcome => outcome,
        }
    }

    fn done(&mut self, status: Status) -> Outcome {
        self.record.status = status;
        self.record.finished_at = Some(self.processor.clock.now());
        Outcome::Done(Box::new(self.record.clone()), None)
    }
}

/// The requests of a patch. Pending domains are added one by one, because a `PUT` of domains sends
/// all others again; where a new one is marked as verified there is no other way.
fn steps(patch: &Patch, domains: &[OrganizationDomain], update: &Update) -> Vec<Step> {
    let mut steps = Vec::new();
    let is_verified = |domain: &&String| update.verified.contains(*domain);
    let verified: Vec<&String> = patch.added_domains.iter().filter(is_verified).collect();
    let mut body = patch.body();
    if !verified.is_empty() {
        let kept = domains.iter().map(kept_as);
        let added = verified
            .iter()
            .map(|domain| json!({"domain": domain, "state": "verified"}));
        let all: Vec<Value> = kept.chain(added).collect();
        let fields = json!({"domain_data": all});
        // One by one: both in one request may not reach the application's webhooks.
        steps.extend(body.take().map(|body| Step::Put(body.to_string().into())));
        steps.push(Step::Put(fields.to_string().into()));
    }
    steps.extend(body.map(|body| Step::Put(body.to_string().into())));
    let pending = patch
        .added_domains
        .iter()
        .filter(|it| !update.verified.contains(*it));
    steps.extend(pending.map(|domain| Step::AddDomain(domain.clone())));
    let removed = domains
        .iter()
        .filter(|it| patch.removed_domains.contains(&it.domain.to_lowercase()));
    steps.extend(removed.map(|it| Step::RemoveDomain(it.id.clone())));
    steps
}

/// A domain as it is sent again, so that it stays: a verified one is never made pending.
fn kept_as(domain: &OrganizationDomain) -> Value {
    let state = match domain.state.as_deref() {
        Some("verified" | "legacy_verified") => "verified",
        _ => "pending",
    };
    json!({"domain": domain.domain, "state": state})
}
