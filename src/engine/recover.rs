//! A row whose organization may exist already: looked up before it is sent again.

use super::caller::ReadError;
use super::clock::{between, later};
use super::conflict::{Owner, choose_owner, owners};
use super::content::ContentDiff;
use super::create::RowInFlight;
use super::events::Event;
use super::ledger::Ledger;
use super::lookup::Found;
use super::outcome::{Outcome, RUN_AGAIN, describe};
use super::processor::RowProcessor;
use super::window::Window;
use crate::plan::Doubt;
use crate::results::{ErrorName, Status};
use crate::workos::{Failure, Organization, OrganizationsApi, Refusal};
use tokio::time::Instant;

impl<A: OrganizationsApi, L: Ledger> RowInFlight<'_, A, L> {
    /// May have been acted on: look it up before it is sent again.
    pub(super) async fn doubt(
        &mut self,
        failure: &Failure,
        still_running: bool,
    ) -> Option<Outcome> {
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
    pub(super) async fn look_for_earlier(&mut self, doubt: &Doubt) -> Option<Outcome> {
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

    /// What the row claims is taken: finds out by which organization.
    pub(super) async fn conflict(&mut self, failure: &Failure) -> Outcome {
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

impl<A: OrganizationsApi> RowProcessor<A> {
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
