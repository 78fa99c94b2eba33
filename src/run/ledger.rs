//! The memory of a run: the journal, and the results file beside it.

use super::pauses::Pauses;
use super::report::{Rendered, Report};
use crate::engine::{Clock, Ledger};
use crate::journal::{Alive, AnswerLost, Dispatched, DispatchedRow, Journal, Outcome, UpdateOf};
use crate::plan::{Earlier, Operation, Task};
use crate::results::{Record, Status};
use crate::{journal, results};
use jiff::Timestamp;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::Instant;

/// Writes to the journal, and renders the results file now and then.
#[derive(Debug)]
pub(super) struct RunLedger {
    pub(super) journal: Journal,
    pub(super) report: Report,
    clock: Clock,
    path: PathBuf,
    pauses: Pauses,
    /// When the journal last said that the process is alive.
    alive_at: Instant,
    /// Edited rows that this run has dispatched: what they were before is certainly not there.
    dispatched: HashSet<u64>,
}

/// How often the journal says that the process is alive: the time of a crash is then known well
/// enough to tell the organizations of a row from later ones with the same name.
const ALIVE_EVERY: Duration = Duration::from_secs(20);

/// Why a run could not write down what it did.
#[derive(Debug, thiserror::Error)]
pub(super) enum LedgerError {
    #[error(transparent)]
    Journal(#[from] journal::Error),
    #[error(transparent)]
    Results(#[from] results::Error),
}

impl From<LedgerError> for super::Error {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Journal(error) => Self::Journal(error),
            LedgerError::Results(error) => Self::Results(error),
        }
    }
}

impl RunLedger {
    pub(super) fn new(
        journal: Journal,
        report: Report,
        clock: Clock,
        path: PathBuf,
        pauses: Pauses,
    ) -> Self {
        Self {
            pauses,
            journal,
            report,
            clock,
            path,
            alive_at: Instant::now(),
            dispatched: HashSet::new(),
        }
    }

    /// As what a row may still be there that was edited while in doubt.
    fn earlier<'a>(&self, task: &'a Task, record: &Record) -> Option<&'a Earlier> {
        let is_open = record.status == Status::Unknown && !self.dispatched.contains(&task.row);
        earlier_of(task).filter(|_| is_open)
    }

    /// The journal's file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What generated external ids begin with, in this journal.
    pub(super) fn generated_ids(&self) -> Option<String> {
        let run = self.journal.state().last_run()?;
        run.generated.clone()
    }

    /// Renders the results file at once.
    pub(super) fn render(&mut self) -> Result<Rendered, LedgerError> {
        let records = self.journal.records()?;
        Ok(self.report.finish(records)?)
    }
}

/// The record of a row whose organization is there already, with what can be done about it.
fn with_ways_on(mut record: Record, task: &Task) -> Record {
    let is_there = record.existing_organization_id.is_some();
    let is_creation = matches!(task.operation, Operation::Create(_));
    if record.status == Status::Conflict && is_there && is_creation {
        let message = record.message.unwrap_or_default();
        record.message = Some(format!(
            "{message} If it is another customer, correct the row and run retry. If it is the same one, run retry with --adopt to take it as it is, or sync to change it."
        ));
    }
    record
}

/// What an earlier process may have sent for a row that was edited since.
fn earlier_of(task: &Task) -> Option<&Earlier> {
    match &task.operation {
        Operation::Create(create) => create.doubt.as_ref()?.earlier.as_ref(),
        Operation::Update(_) | Operation::Delete(_) | Operation::Reject(_) => None,
    }
}

/// What is changed of which organization, so that it can be taken back.
fn update_of(task: &Task) -> Option<UpdateOf> {
    match &task.operation {
        Operation::Update(update) => Some(UpdateOf {
            organization_id: update.organization_id.clone(),
            before: update.before.clone(),
            after: update.after.clone(),
            domain_states: update.domain_states.clone(),
        }),
        Operation::Create(_) | Operation::Delete(_) | Operation::Reject(_) => None,
    }
}

impl Ledger for RunLedger {
    type Error = LedgerError;

    fn dispatch(&mut self, rows: &[&Task], at: Option<Timestamp>) -> Result<(), LedgerError> {
        let edited = rows.iter().filter(|task| earlier_of(task).is_some());
        self.dispatched.extend(edited.map(|task| task.row));
        let rows = rows.iter().map(|task| DispatchedRow {
            row: task.row,
            list: task.list,
            sent: task.sent().filter(|sent| *sent != task.list),
            cells: task.cells,
            name: task.name().to_owned(),
            external_id: task.external_id().map(str::to_owned),
            update: update_of(task).map(Box::new),
        });
        self.journal.dispatch(Dispatched {
            at,
            rows: rows.collect(),
        })?;
        self.alive_at = Instant::now();
        Ok(())
    }

    fn finish(&mut self, task: &Task, record: &Record) -> Result<(), LedgerError> {
        let (sent, name, external_id) = match self.earlier(task, record) {
            Some(earlier) => (
                Some(earlier.fingerprint),
                earlier.name.clone(),
                earlier.external_id.clone(),
            ),
            None => (
                task.sent(),
                task.name().to_owned(),
                task.external_id().map(str::to_owned),
            ),
        };
        let record = with_ways_on(record.clone(), task);
        let outcome = Outcome::new(record, task.list, sent, name, external_id);
        self.report.changed();
        self.journal.outcome(outcome.with_cells(task.cells))?;
        Ok(())
    }

    fn answer_lost(&mut self, patience: Duration) -> Result<(), LedgerError> {
        self.journal.answer_lost(AnswerLost {
            at: self.clock.now(),
            patience: patience.as_secs() + u64::from(patience.subsec_nanos() > 0),
        })?;
        Ok(())
    }

    fn tick(&mut self, at: Option<Timestamp>) -> Result<(), LedgerError> {
        if self.alive_at.elapsed() >= ALIVE_EVERY {
            self.alive_at = Instant::now();
            self.journal.alive(Alive { at })?;
        }
        for pause in self.pauses.take() {
            self.journal.paused(pause)?;
        }
        self.journal.flush()?;
        if self.report.is_due() {
            let records = self.journal.records()?;
            self.report.start(records)?;
        }
        Ok(())
    }
}
