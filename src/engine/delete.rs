//! Deleting an organization that a run has created: only as the run has left it, and only if
//! nothing belongs to it.
//!
//! WorkOS deletes connections, directories and memberships with it, and cannot take that back.

use super::caller::{ReadError, backoff};
use super::outcome::{Outcome, describe, error_of};
use super::processor::RowProcessor;
use super::retry::{Next, after_create};
use crate::organization::Left;
use crate::plan::{Delete, Task};
use crate::results::{ErrorName, Record, Status};
use crate::workos::{Dependent, Failure, OrganizationsApi};
use futures::future::join_all;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How often a deleted organization is read again before it counts as still there: WorkOS may
/// only have accepted the request.
const CHECKS: u32 = 6;

/// If reading an organization, and what belongs to it, takes longer, it is read again before it is
/// deleted.
const FRESH: Duration = Duration::from_secs(2);
/// How often it is read at most.
const LOOKS: u32 = 3;

/// A row whose organization is deleted.
struct Deletion<'a, A> {
    processor: &'a RowProcessor<A>,
    delete: &'a Delete,
    record: Record,
    backoff: backon::ExponentialBackoff,
    checks: u32,
}

impl<A: OrganizationsApi> RowProcessor<A> {
    /// Deletes the organization of a row.
    pub(super) async fn delete(&self, task: &Arc<Task>, delete: &Delete) -> Outcome {
        let deletion = Deletion {
            processor: self,
            delete,
            record: Record {
                organization_id: Some(delete.organization_id.clone()),
                ..Record::finished(task.row, Status::Failed, self.clock.now())
            },
            backoff: backoff(task.row),
            checks: 0,
        };
        tokio::select! {
            biased;
            () = self.shutdown.now() => Outcome::NotTried,
            outcome = Box::pin(deletion.run()) => outcome,
        }
    }
}

impl<A: OrganizationsApi> Deletion<'_, A> {
    async fn run(mut self) -> Outcome {
        loop {
            let ended = if self.checks == 0 {
                self.delete().await
            } else {
                self.check().await
            };
            if let Some(outcome) = ended {
                return outcome;
            }
        }
    }

    /// Sends the deletion, if it may be sent.
    async fn delete(&mut self) -> Option<Outcome> {
        if let Some(outcome) = self.take_turn().await {
            return Some(outcome);
        }
        let caller = &self.processor.caller;
        self.record.attempts += 1;
        let sent = caller.api().delete(&self.delete.organization_id);
        match caller.delete(sent).await {
            Ok(answer) => {
                self.record.http_status = Some(200);
                self.record.request_id = answer.request_id;
                self.checks = 1;
                None
            }
            Err(failure) => self.after(&failure).await,
        }
    }

    /// Waits for the throttle, and looks after that, so that what was seen is not old when the
    /// deletion is sent.
    async fn take_turn(&mut self) -> Option<Outcome> {
        // One that is gone, or was changed, does not need a turn.
        if let Some(outcome) = self.look().await {
            return Some(outcome);
        }
        if !self.processor.caller.may_delete().await {
            return Some(Outcome::NotTried);
        }
        for _ in 0..LOOKS {
            let looked_at = Instant::now();
            if let Some(outcome) = self.look().await {
                return Some(outcome);
            }
            if let Some(outcome) = self.look_for_dependents().await {
                return Some(outcome);
            }
            if looked_at.elapsed() <= FRESH {
                break;
            }
        }
        None
    }

    /// Whether the organization is gone: WorkOS may only have accepted the request.
    async fn check(&mut self) -> Option<Outcome> {
        if let Some(outcome) = self.look().await {
            return Some(outcome);
        }
        if self.checks < CHECKS {
            self.checks += 1;
            self.wait().await;
            return None;
        }
        self.record.message = Some(
            "WorkOS accepted the deletion, and the organization is still there; run the same command again to check".to_owned(),
        );
        Some(self.done(Status::Unavailable))
    }

    /// Reads the organization: the outcome, unless it is to be deleted.
    async fn look(&mut self) -> Option<Outcome> {
        let id = &self.delete.organization_id;
        let caller = &self.processor.caller;
        let answer = caller.read_for_row(|| caller.api().by_id(id)).await;
        let organization = match answer {
            Ok(answer) => answer.value,
            Err(error) => return Some(self.unread(&error)),
        };
        let Some(organization) = organization else {
            return Some(self.done(Status::Deleted));
        };
        if self.checks > 0 {
            return None;
        }
        if self.delete.left == Left::ByOthers {
            return Some(self.left("somebody else changed it before a sync did"));
        }
        if !self.delete.left.is(&organization.content()) {
            return Some(self.left("it was changed since the run"));
        }
        None
    }

    /// Whether anything belongs to the organization.
    async fn look_for_dependents(&mut self) -> Option<Outcome> {
        let id = &self.delete.organization_id;
        let caller = &self.processor.caller;
        let api = caller.api();
        let has_any =
            Dependent::ALL.map(|kind| caller.read_for_row(move || api.has_dependents(id, kind)));
        for (kind, has_any) in Dependent::ALL.into_iter().zip(join_all(has_any).await) {
            match has_any {
                Ok(answer) if answer.value => {
                    let what = match kind {
                        Dependent::Connection => "a connection",
                        Dependent::Directory => "a directory",
                        Dependent::Membership => "members",
                    };
                    return Some(self.left(&format!("it has {what}")));
                }
                Ok(_) => {}
                Err(error) => return Some(self.unread(&error)),
            }
        }
        None
    }

    async fn after(&mut self, failure: &Failure) -> Option<Outcome> {
        match after_create(failure) {
            Next::Pause => {
                self.record.attempts -= 1;
                None
            }
            Next::SendAgain | Next::LookFirst { .. }
                if self.record.attempts < self.processor.policy.max_attempts =>
            {
                self.wait().await;
                None
            }
            Next::SendAgain | Next::LookFirst { .. } => {
                describe(&mut self.record, failure);
                self.record.error = Some(error_of(failure));
                Some(self.done(Status::Unavailable))
            }
            Next::CheckKey if self.processor.check_key().await.is_err() => Some(Outcome::NotTried),
            Next::Conflict | Next::Final | Next::CheckKey => {
                describe(&mut self.record, failure);
                self.record.error = Some(ErrorName::ApiError);
                Some(self.done(Status::Failed))
            }
        }
    }

    async fn wait(&mut self) {
        let wait = self.backoff.next().unwrap_or_default();
        let caller = &self.processor.caller;
        caller.wait_to_repeat(wait).await;
    }

    /// It is left alone: a person has to decide.
    fn left(&mut self, why: &str) -> Outcome {
        self.record.error = Some(ErrorName::ConflictError);
        self.record.message = Some(format!("not deleted: {why}"));
        self.done(Status::Conflict)
    }

    fn unread(&mut self, error: &ReadError) -> Outcome {
        if matches!(error, ReadError::Interrupted) {
            return Outcome::NotTried;
        }
        self.record.error = Some(ErrorName::NetworkError);
        self.record.message = Some(format!("reading the organization failed: {error}"));
        self.done(Status::Unavailable)
    }

    fn done(&mut self, status: Status) -> Outcome {
        self.record.status = status;
        self.record.finished_at = Some(self.processor.clock.now());
        Outcome::Done(Box::new(self.record.clone()), None)
    }
}
