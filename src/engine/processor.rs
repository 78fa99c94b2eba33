//! From a row to its outcome: retried if safe, looked up otherwise.

use super::caller::{Caller, ReadError, backoff};
use super::clock::{Clock, between, later};
use super::conflict::{Owner, choose_owner, owners};
use super::content::ContentDiff;
use super::dispatch::{Dispatched, Dispatcher, block_size};
use super::events::{Event, Observers};
use super::ledger::Ledger;
use super::likeness::LikenessLocks;
use super::lookup::{Found, Lookup};
use super::lost::LostAnswers;
use super::outcome::{Outcome, RUN_AGAIN, describe, error_of, interrupted, rejected};
use super::retry::{Next, after_create};
use super::settings::Policy;
use super::shutdown::Shutdown;
use super::window::Window;
use super::work::{Start, Work};
use crate::plan::{Create, Doubt, Operation, Task};
use crate::results::{ErrorName, Record, Status};
use crate::workos::{Answer, Failure, ListQuery, Lost, Organization, OrganizationsApi, Refusal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::time::Instant;

/// Processes rows, one call each.
#[derive(Debug)]
pub(super) struct RowProcessor<A> {
    pub(super) caller: Caller<A>,
    pub(super) lookup: Lookup,
    pub(super) likeness: LikenessLocks,
    pub(super) lost: LostAnswers,
    pub(super) policy: Policy,
    pub(super) observers: Observers,
    pub(super) shutdown: Shutdown,
    pub(super) clock: Clock,
    /// When this process began: every earlier one was dead by then.
    pub(super) started_at: Instant,
    /// When the last check that accepted the key was asked.
    pub(super) key_accepted_at: tokio::sync::Mutex<Option<Instant>>,
}

impl<A: OrganizationsApi> RowProcessor<A> {
    /// Processes a row, or drops it when the run stops at once.
    pub(super) async fn process_row<L: Ledger>(
        &self,
        work: Work<'_>,
        dispatcher: &Dispatcher<L>,
    ) -> (Arc<Task>, Outcome) {
        let Work { task, start } = work;
        let outcome = match &task.operation {
            Operation::Reject(row) => {
                let rejected = rejected(task.row, &row.problems, self.clock.now());
                Outcome::Done(Box::new(rejected), None)
            }
            Operation::Delete(delete) => self.delete(&task, delete).await,
            Operation::Update(update) => {
                let already = match start {
                    Start::Permitted { dispatched, .. } => Some(dispatched),
                    Start::Waiting { dispatched } => dispatched,
                };
                self.update(&task, update, dispatcher, already).await
            }
            Operation::Create(create) => {
                let in_doubt = AtomicBool::new(false);
                let row = Row {
                    task: &task,
                    create,
                    in_doubt: &in_doubt,
                };
                tokio::select! {
                    biased;
                    () = self.shutdown.now() => {
                        if in_doubt.load(Ordering::Relaxed) {
                            let record = interrupted(task.row, self.clock.now());
                            Outcome::Done(Box::new(record), None)
                        } else {
                            Outcome::NotTried
                        }
                    }
                    outcome = Box::pin(self.create(row, start, dispatcher)) => outcome,
                }
            }
        };
        (task, outcome)
    }

    async fn create<L: Ledger>(
        &self,
        row: Row<'_>,
        start: Start<'_>,
        dispatcher: &Dispatcher<L>,
    ) -> Outcome {
        let is_permitted = matches!(start, Start::Permitted { .. });
        let (already, lock) = match start {
            Start::Permitted { dispatched, lock } => (Some(dispatched), lock),
            Start::Waiting { dispatched } => {
                let lock = tokio::select! {
                    biased;
                    () = self.shutdown.draining() => return Outcome::NotTried,
                    lock = self.likeness.lock(&row.create.organization) => lock,
                };
                (dispatched, lock)
            }
        };
        let mut row = RowInFlight {
            processor: self,
            dispatcher,
            row,
            record: Record::finished(row.task.row, Status::Failed, self.clock.now()),
            backoff: backoff(row.task.row),
            lost: Vec::new(),
            windows: Vec::new(),
            is_dispatched: false,
        };
        if let Some(dispatched) = already {
            row.open_window(dispatched);
        }
        if let Some(doubt) = &row.row.create.doubt {
            let outcome = row.look_for_earlier(doubt).await;
            self.observers.emit(&Event::LookedUp);
            if let Some(outcome) = outcome {
                return outcome;
            }
        }
        let outcome = row.send_until_done(is_permitted).await;
        drop(lock);
        outcome
    }

    /// Whether WorkOS accepts the key in a request that no row is to blame for. One check serves
    /// all rows that were refused before it was asked.
    ///
    /// # Errors
    /// When it is refused: the run is then stopping.
    pub(super) async fn check_key(&self) -> Result<(), ReadError> {
        let refused_at = Instant::now();
        let mut accepted_at = self.key_accepted_at.lock().await;
        if accepted_at.is_some_and(|at| at >= refused_at) {
            return Ok(());
        }
        let asked_at = Instant::now();
        let query = ListQuery {
            limit: 1,
            ..ListQuery::default()
        };
        let api = self.caller.api();
        match self.caller.read(|| api.list(&query)).await {
            // A server that knows no listing has not refused the key.
            Err(error) if !error.is_unsupported() => Err(error),
            _ => {
                *accepted_at = Some(asked_at);
                Ok(())
            }
        }
    }

    /// When a lookup that finds nothing is trusted for a row that an earlier process may have
    /// sent: its request may still be at work in WorkOS.
    fn trusts_earlier_at(&self, doubt: &Doubt) -> Instant {
        let patience = self.policy.longest_patience();
        let at_the_latest = self.started_at + patience;
        match (doubt.until, self.caller.server_now()) {
            (Some(until), Some(now)) => {
                let left = between(now, later(until, patience));
                at_the_latest.min(Instant::now() + left)
            }
            _ => at_the_latest,
        }
    }
}

/// A row that creates an organization.
#[derive(Clone, Copy, Debug)]
struct Row<'a> {
    task: &'a Arc<Task>,
    create: &'a Create,
    /// Set while the row's organization may or may not exist.
    in_doubt: &'a AtomicBool,
}

/// A row while it is processed.
struct RowInFlight<'a, A, L: Ledger> {
    processor: &'a RowProcessor<A>,
    dispatcher: &'a Dispatcher<L>,
    row: Row<'a>,
    record: Record,
    backoff: backon::ExponentialBackoff,
    /// How answers were lost, for the message.
    lost: Vec<String>,
    /// When its organization can have been created.
    windows: Vec<Window>,
    is_dispatched: bool,
}

impl<A: OrganizationsApi, L: Ledger> RowInFlight<'_, A, L> {
    async fn send_until_done(mut self, mut is_permitted: bool) -> Outcome {
        loop {
            if !is_permitted && !self.wait_for_permit().await {
                return Outcome::NotTried;
            }
            is_permitted = false;
            self.record.attempts += 1;
            self.set_in_doubt(true);
            let body = self.row.create.body.clone();
            let failure = match self.processor.caller.create(body).await {
                Ok(answer) => match self.created(answer) {
                    Ok(outcome) => return outcome,
                    Err(failure) => failure,
                },
                Err(failure) => failure,
            };
            let next = after_create(&failure);
            self.set_in_doubt(matches!(next, Next::LookFirst { .. }));
            let outcome = match next {
                Next::Pause => {
                    self.record.attempts -= 1;
                    None
                }
                Next::SendAgain => self.back_off(&failure).await,
                Next::LookFirst { still_running } => self.doubt(&failure, still_running).await,
                Next::Conflict => Some(self.conflict(&failure).await),
                Next::Final => Some(self.failed(&failure, ErrorName::ApiError)),
                Next::CheckKey => Some(self.auth_refused(&failure).await),
            };
            if let Some(outcome) = outcome {
                return outcome;
            }
        }
    }

    /// Waits for the throttle, and makes sure that the row is dispatched; `false` when the run
    /// drains.
    async fn wait_for_permit(&mut self) -> bool {
        let caller = &self.processor.caller;
        if !self.is_dispatched {
            self.dispatcher.announce(self.row.task);
        }
        if !caller.may_create().await {
            return false;
        }
        if self.is_dispatched {
            return true;
        }
        let block = block_size(caller.throttle().rate());
        let row = self.row.task.row;
        let dispatched = self
            .dispatcher
            .dispatch_announced(row, block, caller.server_now());
        if let Some(dispatched) = dispatched {
            self.open_window(dispatched);
        }
        dispatched.is_some()
    }

    /// What is created from now on may be the row's.
    fn open_window(&mut self, dispatched: Dispatched) {
        self.is_dispatched = true;
        self.windows.push(Window {
            since: dispatched.at,
            until: None,
        });
    }

    /// Records the answer of a creation.
    ///
    /// # Errors
    /// When it names an organization of another row: what was created is then not known.
    fn created(&mut self, answer: Answer<Organization>) -> Result<Outcome, Failure> {
        if !self.processor.lookup.claim(&answer.value.id) {
            return Err(Failure::Lost(Lost {
                detail: format!(
                    "WorkOS answered with {}, an organization of another row",
                    answer.value.id
                ),
                timed_out: false,
                http_status: Some(201),
                request_id: answer.request_id,
                date: answer.date,
            }));
        }
        self.record.http_status = Some(201);
        self.record.request_id = answer.request_id;
        self.record.message = None;
        Ok(self.owns(Status::Created, Box::new(answer.value)))
    }

    fn owns(&mut self, status: Status, organization: Box<Organization>) -> Outcome {
        self.record.status = status;
        self.record.organization_id = Some(organization.id.clone());
        self.record.error = None;
        self.record.code = None;
        self.done(Some(organization))
    }

    fn done(&mut self, organization: Option<Box<Organization>>) -> Outcome {
        self.set_in_doubt(false);
        Outcome::Done(self.finished(), organization)
    }

    fn finished(&mut self) -> Box<Record> {
        self.record.finished_at = Some(self.processor.clock.now());
        Box::new(self.record.clone())
    }

    fn set_in_doubt(&self, in_doubt: bool) {
        self.row.in_doubt.store(in_doubt, Ordering::Relaxed);
    }

    /// Not acted on: wait, unless it has been sent often enough.
    async fn back_off(&mut self, failure: &Failure) -> Option<Outcome> {
        if self.record.attempts >= self.processor.policy.max_attempts {
            return Some(self.unavailable(failure));
        }
        let wait = self.backoff.next().unwrap_or_default();
        let caller = &self.processor.caller;
        caller.sleep_until(Instant::now() + wait).await;
        None
    }

    /// May have been acted on: look it up before it is sent again.
    async fn doubt(&mut self, failure: &Failure, still_running: bool) -> Option<Outcome> {
        let processor = self.processor;
        let line = self.row.task.line;
        processor.observers.emit(&Event::AnswerLost { line });
        self.lost.push(failure.to_string());
        describe(&mut self.record, failure);
        let trusted_at = Instant::now() + processor.policy.patience(still_running);
        if let Some(outcome) = self.look_until(trusted_at).await {
            return Some(outcome);
        }
        if self.record.attempts >= processor.policy.max_attempts {
            return Some(self.unavailable(failure));
        }
        None
    }

    /// Looks up what an earlier process may have sent. `None` when it has not.
    async fn look_for_earlier(&mut self, doubt: &Doubt) -> Option<Outcome> {
        self.set_in_doubt(true);
        let patience = self.processor.policy.longest_patience();
        self.windows.push(Window {
            since: doubt.since,
            until: doubt.until.map(|until| later(until, patience)),
        });
        let trusted_at = self.processor.trusts_earlier_at(doubt);
        match self.look_until(trusted_at).await {
            None => self.take_equal(doubt).await,
            found => found,
        }
    }

    /// Takes an organization that equals the row, and that no other row owns, though it was not
    /// created when the row may have been sent.
    async fn take_equal(&mut self, doubt: &Doubt) -> Option<Outcome> {
        let processor = self.processor;
        for id in doubt.equal.iter() {
            if processor.lookup.is_owned(id) {
                continue;
            }
            let api = processor.caller.api();
            let there = match processor.caller.read_for_row(|| api.by_id(id)).await {
                Ok(answer) => answer.value,
                Err(error) => return Some(self.unknown(&error)),
            };
            let new = &self.row.create.organization;
            let equal = there.filter(|it| ContentDiff::between(it, new).is_equal());
            if let Some(organization) = equal.filter(|it| processor.lookup.claim(&it.id)) {
                return Some(self.unchanged(Box::new(organization), ""));
            }
        }
        None
    }

    /// Looks up the row's organization at once, and again at `trusted_at`. `None` when there is
    /// none, so that it may be sent.
    async fn look_until(&mut self, trusted_at: Instant) -> Option<Outcome> {
        let processor = self.processor;
        if let Some(patience) = processor.lost.add(trusted_at) {
            self.dispatcher.answer_lost(patience);
        }
        loop {
            let asked_at = Instant::now();
            let create = &self.row.create;
            let earlier = create
                .doubt
                .as_ref()
                .and_then(|doubt| doubt.earlier.as_ref());
            let new = &create.organization;
            let found = processor
                .lookup
                .find(&processor.caller, new, earlier, &self.windows)
                .await;
            match found {
                Ok(Found::Ours {
                    organization,
                    is_new,
                    caveat,
                }) => return Some(self.recovered(organization, is_new, &caveat)),
                Ok(Found::Taken(owner)) => return Some(self.taken(*owner)),
                Ok(Found::Absent) if asked_at >= trusted_at => {
                    self.set_in_doubt(false);
                    return None;
                }
                Ok(Found::Absent) if processor.shutdown.is_draining() => {
                    return Some(self.unknown(&ReadError::Interrupted));
                }
                Ok(Found::Absent) => processor.caller.sleep_until(trusted_at).await,
                Err(error) => return Some(self.unknown(&error)),
            }
        }
    }

    /// Found: created by a request of the row, unless it was there before.
    fn recovered(
        &mut self,
        organization: Box<Organization>,
        is_new: bool,
        caveat: &str,
    ) -> Outcome {
        if !is_new {
            return self.unchanged(organization, caveat);
        }
        let how = if self.lost.is_empty() {
            "sent by an earlier run that was interrupted".to_owned()
        } else {
            format!("the answer was lost: {}", self.lost.join("; then: "))
        };
        self.record.message = Some(format!("found by looking it up ({how}){caveat}"));
        self.owns(Status::Created, organization)
    }

    fn unchanged(&mut self, organization: Box<Organization>, caveat: &str) -> Outcome {
        self.record.message = Some(format!("already there with the same values{caveat}"));
        self.owns(Status::Unchanged, organization)
    }

    /// The lookup failed or was cut off: the row stays unknown until a later run looks again.
    fn unknown(&mut self, error: &ReadError) -> Outcome {
        self.record.status = Status::Unknown;
        self.record.error = Some(ErrorName::NetworkError);
        let why = match error {
            error if error.is_unsupported() => {
                "WorkOS does not list its organizations, so it cannot be looked up without an external id. Check in the WorkOS dashboard whether it was created".to_owned()
            }
            ReadError::Interrupted => {
                format!("the run was stopped before it was looked up. {RUN_AGAIN}")
            }
            error => format!("looking it up failed: {error}. {RUN_AGAIN}"),
        };
        self.record.message = Some(format!("sent, but the answer was lost; {why}"));
        self.done(None)
    }

    /// Certainly not acted on, because WorkOS or the network failed.
    fn unavailable(&mut self, failure: &Failure) -> Outcome {
        describe(&mut self.record, failure);
        self.record.status = Status::Unavailable;
        self.record.error = Some(error_of(failure));
        self.done(None)
    }

    fn failed(&mut self, failure: &Failure, error: ErrorName) -> Outcome {
        describe(&mut self.record, failure);
        self.record.status = Status::Failed;
        self.record.error = Some(error);
        self.done(None)
    }

    /// 401 or 403: is it the key, or this row?
    async fn auth_refused(&mut self, failure: &Failure) -> Outcome {
        let Failure::Refused(refusal) = failure else {
            return self.failed(failure, ErrorName::AuthError);
        };
        if self.processor.shutdown.is_draining() {
            return Outcome::NotTried;
        }
        let checked = self.processor.check_key().await;
        if checked.is_err_and(|error| {
            error.key_refusal().is_some() || matches!(error, ReadError::Interrupted)
        }) {
            return Outcome::NotTried;
        }
        // A page that is not JSON comes from a firewall before the API.
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

    /// What the row claims is taken: finds out by which organization.
    async fn conflict(&mut self, failure: &Failure) -> Outcome {
        let Failure::Refused(refusal) = failure else {
            return self.failed(failure, ErrorName::ApiError);
        };
        describe(&mut self.record, failure);
        let owners = self.owners(refusal).await;
        self.resolve_conflict(&refusal.message, owners)
    }

    async fn owners(&self, refusal: &Refusal) -> Vec<Organization> {
        let new = &self.row.create.organization;
        let owners = owners(&self.processor.caller, new, refusal).await;
        // The refusal counts even if the owner cannot be shown.
        owners.unwrap_or_default()
    }

    /// A lookup met the row's external id at an organization that is not the row's.
    fn taken(&mut self, owner: Organization) -> Outcome {
        let message = "The external id is already in use.";
        self.resolve_conflict(message, vec![owner])
    }

    fn resolve_conflict(&mut self, refusal: &str, owners: Vec<Organization>) -> Outcome {
        let processor = self.processor;
        let may_be_ours = self.row.create.doubt.is_some() || !self.lost.is_empty();
        let owner = choose_owner(owners, &self.row.create.organization, &processor.lookup);
        let (id, message) = match owner {
            Some(Owner::Equal(organization)) => {
                let is_new = processor.lookup.is_new(&organization, &self.windows);
                return self.recovered(organization, may_be_ours && is_new, "");
            }
            Some(Owner::Others { id, message }) => (id, format!("{refusal} {message}")),
            None => (None, refusal.to_owned()),
        };
        self.record.status = Status::Conflict;
        self.record.error = Some(ErrorName::ConflictError);
        self.record.existing_organization_id = id;
        self.record.message = Some(message);
        if self.record.http_status == Some(409) {
            // WorkOS names a code for external ids only.
            let code = self.record.code.take();
            self.record.code = code.or_else(|| Some("domain_already_used".to_owned()));
        }
        self.done(None)
    }
}
