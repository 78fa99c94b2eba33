//! The comparison that ends a run in which an answer was lost.

use super::error::CompareError;
use super::ledger::RunLedger;
use crate::engine::{Adopted, Engine, KnownRow, KnownRows, Unowned, Window, match_unowned};
use crate::journal::{Duplicate, Outcome, Progress, Reader, State};
use crate::organization::Fingerprint;
use crate::results::{Record, Status};
use crate::workos::OrganizationsApi;
use crate::{engine, journal};
use jiff::Timestamp;
use std::cell::RefCell;

/// What a comparison found.
#[derive(Debug, Default)]
pub(super) struct Compared {
    /// The statuses that rows had whose organization turned up.
    pub(super) adopted: Vec<Option<Status>>,
    /// Organizations that are there more often than rows own them.
    pub(super) duplicates: Vec<Duplicate>,
}

/// Lists everything that was created since the first run began, and compares it with the journal:
/// a row in doubt whose organization is there owns it, and organizations beyond those that rows
/// own are reported.
///
/// `gone` says of a row that neither the list nor the results file has it. One in doubt that is not
/// found either was not created: no later run would look it up. It may be found until `settled`.
///
/// # Errors
/// When WorkOS does not answer, the run is stopped, or the journal cannot be written.
pub(super) async fn compare<A: OrganizationsApi>(
    engine: &Engine<A>,
    ledger: &mut RunLedger,
    settled: Timestamp,
    gone: impl Fn(u64) -> bool,
) -> Result<Compared, CompareError> {
    let state = ledger.journal.state();
    let mut due = state.comparison_due();
    let gone: Vec<u64> = state.rows_in_doubt().filter(|row| gone(*row)).collect();
    if !gone.is_empty() {
        due = due.max(Some(settled));
    }
    let unowned = engine.compare(due, |_| true).await?;
    ledger.journal.flush()?;
    let rows = JournalRows {
        state: ledger.journal.state(),
        reader: RefCell::new(Reader::open(ledger.path())?),
    };
    let found = match_unowned(unowned, &rows);
    let mut compared = Compared {
        duplicates: found.duplicates.into_iter().map(duplicate).collect(),
        ..Compared::default()
    };
    let mut outcomes = Vec::new();
    for Adopted { row, organization } in found.adopted {
        let status = match rows.state.progress(row) {
            Progress::Outcome(status) => Some(status),
            Progress::Dispatched | Progress::Unseen => None,
        };
        let sent = rows.reader.borrow_mut().dispatched(rows.state, row)?;
        let list = rows
            .state
            .row(row)
            .map_or(organization.fingerprint, |row| row.list);
        compared.adopted.push(status);
        outcomes.push(adopted(row, list, organization, sent));
    }
    for outcome in outcomes {
        ledger.journal.outcome(outcome)?;
    }
    let state = ledger.journal.state();
    let is_in_doubt = |row: &u64| state.progress(*row).is_in_doubt();
    let gone = gone.into_iter().filter(is_in_doubt).collect();
    ledger.journal.not_created(gone)?;
    ledger.report.changed();
    Ok(compared)
}

fn adopted(
    row: u64,
    list: Fingerprint,
    organization: Unowned,
    sent: Option<journal::DispatchedRow>,
) -> Outcome {
    let record = Record {
        organization_id: Some(organization.id),
        message: Some("found in WorkOS at the end of the run (its response was lost)".to_owned()),
        ..Record::new(row, Status::Created)
    };
    let cells = sent.as_ref().and_then(|sent| sent.cells);
    let external_id = sent.and_then(|sent| sent.external_id);
    let content = Some(organization.fingerprint);
    Outcome::new(record, list, content, organization.name, external_id).with_cells(cells)
}

fn duplicate(found: engine::Duplicate) -> Duplicate {
    Duplicate {
        rows: found.rows,
        name: found.name,
        owned: found.owned,
        unowned: found.unowned,
    }
}

/// The rows of the journal, as the engine asks for them.
struct JournalRows<'a> {
    state: &'a State,
    reader: RefCell<Reader>,
}

impl KnownRows for JournalRows<'_> {
    fn with_sent(&self, sent: Fingerprint) -> Vec<KnownRow> {
        let rows = self.state.rows_with_sent(sent);
        rows.map(|row| {
            let outcome = self.reader.borrow_mut().outcome(self.state, row);
            let outcome = outcome.ok().flatten();
            let owned = outcome.and_then(|outcome| outcome.organization_id);
            let doubt = self.state.doubt(row).filter(|_| owned.is_none());
            KnownRow {
                row,
                organization_id: owned,
                undecided: doubt.map(|doubt| Window {
                    since: doubt.since,
                    until: doubt.until,
                }),
            }
        })
        .collect()
    }
}
