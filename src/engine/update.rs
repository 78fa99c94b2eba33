//! Changing an organization: read it, compare, send what is missing, and read again after a lost
//! answer.
//!
//! A change may be sent twice without harm, so nothing has to be looked for: what the organization
//! holds says what is left to do. An organization that somebody else has changed since the plan is
//! left alone.

use super::caller::{ReadError, backoff};
use super::conflict::by_domains;
use super::dispatch::{Dispatched, Dispatcher, block_size};
use super::events::Event;
use super::ledger::Ledger;
use super::outcome::{Outcome, describe, error_of};
use super::processor::RowProcessor;
use super::retry::{Next, after_create};
use super::steps::{Remaining, Step, other_states, states_at_stake};
use crate::organization::{Patch, changes_in_words};
use crate::plan::{Operation, Task, Update};
use crate::results::{ErrorName, Record, Status};
use crate::text::quoted;
use crate::workos::{Failure, Organization, OrganizationsApi};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// After how long an organization is read again before it is changed.
const FRESH: Duration = Duration::from_millis(500);

/// A row whose organization is changed.
struct Change<'a, A, L: Ledger> {
    processor: &'a RowProcessor<A>,
    dispatcher: &'a Dispatcher<L>,
    task: Arc<Task>,
    update: &'a Update,
    record: Record,
    is_dispatched: bool,
    backoff: backon::ExponentialBackoff,
    /// Whether the throttle has let the next request through.
    has_permit: bool,
    read_at: Instant,
    /// What was left to do when WorkOS last accepted all of it.
    accepted: Option<Remaining>,
    /// The states that domains had and may not get again.
    states: BTreeMap<String, String>,
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
            task: Arc::clone(task),
            update,
            record: Record {
                organization_id: Some(update.organization_id.clone()),
                ..Record::finished(task.row, Status::Failed, self.clock.now())
            },
            is_dispatched: already.is_some(),
            backoff: backoff(task.row),
            has_permit: false,
            read_at: Instant::now(),
            accepted: None,
            states: update.domain_states.clone(),
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
    /// It is not known, or too old: read again.
    ReadAgain,
    /// WorkOS has answered with the organization as it is now.
    Shown(Box<Organization>),
    /// The row has its outcome.
    Done(Outcome),
}

impl<A: OrganizationsApi, L: Ledger> Change<'_, A, L> {
    async fn run(mut self) -> Outcome {
        let mut shown = None;
        loop {
            let organization = match shown.take() {
                Some(organization) => organization,
                None => match self.read().await {
                    Ok(organization) => organization,
                    Err(outcome) => return outcome,
                },
            };
            let remaining = match self.remaining(&organization) {
                Ok(remaining) => remaining,
                Err(outcome) => return outcome,
            };
            match self.send(remaining, &organization).await {
                Then::ReadAgain => {}
                Then::Shown(organization) => shown = Some(organization),
                Then::Done(outcome) => return outcome,
            }
        }
    }

    /// # Errors
    /// The outcome of the row, where there is nothing to read.
    async fn read(&mut self) -> Result<Box<Organization>, Outcome> {
        let id = &self.update.organization_id;
        let caller = &self.processor.caller;
        let answer = caller.read_for_row(|| caller.api().by_id(id)).await;
        self.read_at = Instant::now();
        match answer {
            Ok(answer) => answer.value.map(Box::new).ok_or_else(|| {
                let why = format!("it was deleted since {}", self.since());
                self.conflict(&why)
            }),
            Err(error) => Err(self.unread(&error)),
        }
    }

    /// Since when it must not have been changed.
    const fn since(&self) -> &'static str {
        if self.update.is_restoring {
            "the run"
        } else {
            "the plan was made"
        }
    }

    /// What is left to do for an organization.
    ///
    /// # Errors
    /// The outcome of the row, where nothing is.
    fn remaining(&mut self, organization: &Organization) -> Result<Remaining, Outcome> {
        let update = self.update;
        let current = organization.content();
        if !update.may_change(&current) {
            let since = Patch::between(&update.before, &current).changes(&update.before);
            let since = changes_in_words(&since);
            let why = format!("it was changed since {} ({since})", self.since());
            return Err(self.conflict(&why));
        }
        let remaining = Remaining::of(update, organization);
        if remaining.is_nothing() {
            return Err(self.updated(organization, None));
        }
        if self.accepted.as_ref() == Some(&remaining) {
            let left = changes_in_words(&remaining.patch.changes(&current));
            return Err(self.updated(organization, Some(&left)));
        }
        Ok(remaining)
    }

    async fn send(&mut self, remaining: Remaining, organization: &Organization) -> Then {
        for (domain, state) in states_at_stake(&remaining, self.update, organization) {
            self.states.entry(domain).or_insert(state);
        }
        if !self.is_dispatched {
            self.task = with_states(&self.task, self.update, &self.states);
        }
        let mut shown = None;
        for (index, step) in remaining
            .steps(self.update, organization)
            .iter()
            .enumerate()
        {
            if !std::mem::take(&mut self.has_permit) && !self.wait_for_permit().await {
                return Then::Done(Outcome::NotTried);
            }
            if index == 0 && self.read_at.elapsed() > FRESH {
                // It may have been changed while this waited for its turn.
                self.has_permit = true;
                return Then::ReadAgain;
            }
            self.record.attempts += 1;
            match self.send_step(step).await {
                Ok(answered) => shown = answered,
                Err(failure) => return self.after(&failure, step, &remaining).await,
            }
        }
        self.accepted = Some(remaining);
        shown.map_or(Then::ReadAgain, Then::Shown)
    }

    /// Sends a request; returns the organization where the answer shows all of it.
    async fn send_step(&mut self, step: &Step) -> Result<Option<Box<Organization>>, Failure> {
        let caller = &self.processor.caller;
        let (api, id) = (caller.api(), self.update.organization_id.as_str());
        let mut shown = None;
        let (request_id, http_status) = match step {
            Step::Put(body) => {
                let answer = caller.change(api.update(id, body.clone())).await?;
                let organization =
                    Some(answer.value).filter(|it| it.id == id && it.is_fully_listed());
                shown = organization.map(Box::new);
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
        Ok(shown)
    }

    /// Waits for the throttle, and makes sure that the row is dispatched, with what the
    /// organization held before; `false` when the run drains.
    async fn wait_for_permit(&mut self) -> bool {
        let caller = &self.processor.caller;
        if !self.is_dispatched {
            self.dispatcher.announce(&self.task);
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

    async fn after(&mut self, failure: &Failure, step: &Step, remaining: &Remaining) -> Then {
        match after_create(failure) {
            Next::Pause => {
                self.record.attempts -= 1;
                Then::ReadAgain
            }
            // It is read again, which says what is left to do.
            next @ (Next::SendAgain | Next::LookFirst { .. }) => {
                if let Next::LookFirst { still_running } = next {
                    self.lose_answer(still_running);
                }
                if self.record.attempts >= self.processor.policy.max_attempts {
                    return Then::Done(self.unavailable(failure));
                }
                let wait = self.backoff.next().unwrap_or_default();
                let caller = &self.processor.caller;
                caller.wait_to_repeat(wait).await;
                Then::ReadAgain
            }
            Next::Conflict => self.refused_as_taken(failure, step, remaining).await,
            Next::Final => Then::Done(self.failed(failure, ErrorName::ApiError)),
            Next::CheckKey => Then::Done(self.auth_refused(failure).await),
        }
    }

    /// WorkOS may act on the request later: the run ends after that, so that nothing that follows it
    /// is overwritten.
    fn lose_answer(&self, still_running: bool) {
        let processor = self.processor;
        let line = self.task.line;
        processor.observers.emit(&Event::AnswerLost { line });
        let settled = Instant::now() + processor.policy.patience(still_running);
        if let Some(patience) = processor.lost.add(settled) {
            self.dispatcher.answer_lost(patience);
        }
    }

    /// A domain or an external id belongs to another organization, or already to this one: a request
    /// whose answer was lost may have been acted on since it was read.
    async fn refused_as_taken(
        &mut self,
        failure: &Failure,
        step: &Step,
        remaining: &Remaining,
    ) -> Then {
        match self.read().await {
            Ok(now) if Remaining::of(self.update, &now) != *remaining => return Then::Shown(now),
            Ok(_) => {}
            Err(outcome) => return Then::Done(outcome),
        }
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
        Then::Done(self.conflict(&message))
    }

    fn updated(&mut self, organization: &Organization, left: Option<&str>) -> Outcome {
        let patch = Patch::between(&self.update.before, &self.update.after);
        let changes = patch.changes(&self.update.before);
        let changes = changes_in_words(&changes);
        if self.update.is_restoring {
            return self.restored(organization, &changes, left);
        }
        self.record.changes = Some(changes);
        self.record.error = None;
        self.record.code = None;
        self.record.message =
            left.map(|left| format!("WorkOS accepted the change, and holds other values ({left})"));
        self.done(Status::Updated)
    }

    /// A change was taken back, as far as WorkOS has done it.
    fn restored(
        &mut self,
        organization: &Organization,
        changes: &str,
        left: Option<&str>,
    ) -> Outcome {
        let states = other_states(&self.states, organization);
        if let Some(left) = left {
            let why = [left, &states].into_iter().filter(|it| !it.is_empty());
            let why = why.collect::<Vec<_>>().join("; ");
            self.record.error = Some(ErrorName::ConflictError);
            self.record.message = Some(format!(
                "not all was taken back: WorkOS accepted the change, and holds other values ({why})"
            ));
            return self.done(Status::Conflict);
        }
        let states = if states.is_empty() {
            states
        } else {
            format!(". WorkOS does not let the state of a domain be set: {states}")
        };
        self.record.message = Some(format!("taken back: {changes}{states}"));
        self.done(Status::Unchanged)
    }

    fn conflict(&mut self, why: &str) -> Outcome {
        self.record.error = Some(ErrorName::ConflictError);
        let what = if self.update.is_restoring {
            "not taken back"
        } else {
            "not changed"
        };
        self.record.message = Some(format!("{what}: {why}"));
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
        let Some(error) = self.processor.error_of_auth(refusal).await else {
            return Outcome::NotTried;
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

/// The row with the states of the domains that it removes, for the ledger: they are not in what was
/// compared when the change was planned.
fn with_states(task: &Arc<Task>, update: &Update, states: &BTreeMap<String, String>) -> Arc<Task> {
    if *states == update.domain_states {
        return Arc::clone(task);
    }
    Arc::new(Task {
        row: task.row,
        line: task.line,
        list: task.list,
        cells: task.cells,
        operation: Operation::Update(Box::new(Update {
            domain_states: states.clone(),
            ..update.clone()
        })),
    })
}
