//! From a row to its outcome, by its operation.

use super::caller::{Caller, ReadError};
use super::clock::Clock;
use super::dispatch::Dispatcher;
use super::events::Observers;
use super::ledger::Ledger;
use super::likeness::LikenessLocks;
use super::lookup::Lookup;
use super::lost::LostAnswers;
use super::outcome::{Outcome, rejected};
use super::settings::Policy;
use super::shutdown::Shutdown;
use super::work::{Start, Work};
use crate::plan::{Operation, Task};
use crate::results::ErrorName;
use crate::workos::{ListQuery, OrganizationsApi, Refusal};
use std::sync::Arc;
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
            Operation::Create(create) => self.create(&task, create, start, dispatcher).await,
        };
        (task, outcome)
    }

    /// What a row failed with that was refused with 401 or 403; `None` where it is the key that was
    /// refused, or the run is stopping.
    pub(super) async fn error_of_auth(&self, refusal: &Refusal) -> Option<ErrorName> {
        let stops = |error: ReadError| {
            error.key_refusal().is_some() || matches!(error, ReadError::Interrupted)
        };
        if self.shutdown.is_draining() || self.check_key().await.is_err_and(stops) {
            return None;
        }
        // A page that is not JSON comes from a firewall before the API.
        Some(if refusal.is_json {
            ErrorName::AuthError
        } else {
            ErrorName::ApiError
        })
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
}
