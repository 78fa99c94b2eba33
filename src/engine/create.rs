//! A row that creates an organization: sent until its outcome is known.

use super::caller::backoff;
use super::dispatch::{Dispatched, Dispatcher, block_size};
use super::events::Event;
use super::ledger::Ledger;
use super::outcome::{Outcome, describe, error_of, interrupted};
use super::processor::RowProcessor;
use super::retry::{Next, after_create};
use super::window::Window;
use super::work::Start;
use crate::plan::{Create, Task};
use crate::results::{ErrorName, Record, Status};
use crate::workos::{Answer, Failure, Lost, Organization, OrganizationsApi};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

impl<A: OrganizationsApi> RowProcessor<A> {
    /// Creates the organization of a row, or drops it when the run stops at once.
    pub(super) async fn create<L: Ledger>(
        &self,
        task: &Arc<Task>,
        create: &Create,
        start: Start<'_>,
        dispatcher: &Dispatcher<L>,
    ) -> Outcome {
        let in_doubt = AtomicBool::new(false);
        let row = Row {
            task,
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
            outcome = Box::pin(self.create_unless_stopped(row, start, dispatcher)) => outcome,
        }
    }

    async fn create_unless_stopped<L: Ledger>(
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
}

/// A row that creates an organization.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    pub(super) task: &'a Arc<Task>,
    pub(super) create: &'a Create,
    /// Set while the row's organization may or may not exist.
    pub(super) in_doubt: &'a AtomicBool,
}

/// A row while it is processed.
pub(super) struct RowInFlight<'a, A, L: Ledger> {
    pub(super) processor: &'a RowProcessor<A>,
    pub(super) dispatcher: &'a Dispatcher<L>,
    pub(super) row: Row<'a>,
    pub(super) record: Record,
    pub(super) backoff: backon::ExponentialBackoff,
    /// How answers were lost, for the message.
    pub(super) lost: Vec<String>,
    /// When its organization can have been created.
    pub(super) windows: Vec<Window>,
    pub(super) is_dispatched: bool,
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

    pub(super) fn owns(&mut self, status: Status, organization: Box<Organization>) -> Outcome {
        self.record.status = status;
        self.record.organization_id = Some(organization.id.clone());
        self.record.error = None;
        self.record.code = None;
        self.done(Some(organization))
    }

    pub(super) fn done(&mut self, organization: Option<Box<Organization>>) -> Outcome {
        self.set_in_doubt(false);
        Outcome::Done(self.finished(), organization)
    }

    fn finished(&mut self) -> Box<Record> {
        self.record.finished_at = Some(self.processor.clock.now());
        Box::new(self.record.clone())
    }

    pub(super) fn set_in_doubt(&self, in_doubt: bool) {
        self.row.in_doubt.store(in_doubt, Ordering::Relaxed);
    }

    /// Not acted on: wait, unless it has been sent often enough.
    async fn back_off(&mut self, failure: &Failure) -> Option<Outcome> {
        if self.record.attempts >= self.processor.policy.max_attempts {
            return Some(self.unavailable(failure));
        }
        let wait = self.backoff.next().unwrap_or_default();
        let caller = &self.processor.caller;
        caller.wait_to_repeat(wait).await;
        None
    }

    /// Certainly not acted on, because WorkOS or the network failed.
    pub(super) fn unavailable(&mut self, failure: &Failure) -> Outcome {
        describe(&mut self.record, failure);
        self.record.status = Status::Unavailable;
        self.record.error = Some(error_of(failure));
        self.done(None)
    }

    pub(super) fn failed(&mut self, failure: &Failure, error: ErrorName) -> Outcome {
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
        let Some(error) = self.processor.error_of_auth(refusal).await else {
            return Outcome::NotTried;
        };
        match self.failed(failure, error) {
            Outcome::Done(record, _) => Outcome::AuthRefused(record, refusal.clone()),
            outcome => outcome,
        }
    }
}
