//! The events of a journal, as they are written: one JSON object a line.
//!
//! Reading is strict. A newer schema, an unknown event or an unknown field is an error, never
//! skipped: what an event says may change what may be sent.

use super::Numbering;
use crate::columns::Mapping;
use crate::input::ReadOptions;
use crate::organization::{Content, Fingerprint, SyncOptions};
use crate::results::{ErrorName, Record, Status};
use crate::table::Format;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the format that this program writes, and the newest it reads.
pub const SCHEMA: u32 = 1;

/// A line of a journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The first line: what the file is.
    Journal(Opening),
    /// A run begins.
    Run(Box<Run>),
    /// These rows may be sent from now on. Synced before the first of them is.
    Dispatched(Dispatched),
    /// A row has an outcome.
    Outcome(Box<Outcome>),
    /// These rows were dispatched and certainly not sent.
    Withdrawn(Withdrawn),
    /// The answer of a request was lost: the run ends with a comparison.
    AnswerLost(AnswerLost),
    /// WorkOS asked all requests to pause.
    Paused(Paused),
    /// The process is alive and may still send rows that it has dispatched.
    Alive(Alive),
    /// The run has ended in order.
    Ended(Ended),
}

/// What the file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// The version of the format: [`SCHEMA`].
    pub schema: u32,
    /// The program that made the file, for example `workos-orgs 0.1.0`.
    pub program: String,
}

/// The command of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// All rows of a list.
    Import,
    /// The rows of a results file that are not done.
    Retry,
    /// All rows of a list; organizations that differ from their rows are changed.
    Sync,
    /// What earlier runs have made is taken back.
    Undo,
}

impl Command {
    /// Whether it is about all rows of a list.
    pub const fn is_of_list(self) -> bool {
        matches!(self, Self::Import | Self::Sync)
    }
}

/// A run: one process at work on one list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// What was asked for.
    pub command: Command,
    /// Whether rows may have been sent that the journal does not mention: it was missing, cut, or
    /// older than the results file. Until the list is finished, such rows are looked up first.
    #[serde(default)]
    pub is_incomplete: bool,
    /// Whether all rows are asked for, so that the run can finish the list.
    pub is_whole: bool,
    /// The version of the program.
    pub program: String,
    /// The process id.
    pub pid: u32,
    /// When it began, by this machine's clock.
    pub at: Timestamp,
    /// The base URL of the API, or `sandbox`.
    pub api: String,
    /// The environment of the key: `staging`, `production`, `unknown` or `sandbox`.
    pub environment: String,
    /// The fingerprint of the key.
    pub key: String,
    /// The last four characters of the key, by which a person recognizes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_hint: Option<String>,
    /// The list, and how it was read.
    pub list: List,
    /// What its columns mean.
    pub mapping: Mapping,
    /// Which row of the list has which id.
    pub numbering: Numbering,
    /// Where rows are united, a hash of what those of each id have in common, by id from 1; 0 where
    /// nothing is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<Fingerprint>,
    /// What was there before the first run of the journal.
    pub baseline: Baseline,
    /// What generated external ids begin with; [`None`] where none are generated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated: Option<String>,
    /// What rows of the list repeat of earlier ones, as hashes; [`None`] where that is much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats: Option<Vec<Fingerprint>>,
    /// How a sync compares rows with their organizations; [`None`] in a run that only creates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sync: Option<SyncOptions>,
}

/// A list, and how it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// Its name as the user gave it.
    pub name: String,
    /// A digest of its bytes.
    pub digest: String,
    /// The options by which it was read.
    pub read: ReadOptions,
    /// How it was understood, in words: `CSV, semicolons, Windows-1252`.
    pub read_as: String,
    /// The sheet, of a workbook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The form of its rows.
    pub format: Format,
    /// Its columns, in order.
    pub columns: Vec<String>,
}

/// The newest organizations of the environment when the first run began: what is older cannot be
/// the work of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// When the run began, by the server's clock; `None` where it could not be told.
    pub at: Option<Timestamp>,
    /// When the newest organization was created; `None` where there was none.
    pub newest: Option<Timestamp>,
    /// The ids of the organizations created at that moment.
    #[serde(default)]
    pub ids: Vec<String>,
    /// Whether the beginning is not known: rows may have been sent before, because the journal of
    /// earlier runs is missing.
    #[serde(default)]
    pub is_late: bool,
}

/// A block of rows that may be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dispatched {
    /// When, by the server's clock; `None` where it cannot be told.
    pub at: Option<Timestamp>,
    /// The rows.
    pub rows: Vec<DispatchedRow>,
}

/// A row that may be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DispatchedRow {
    /// Its id in the journal, counted from 1. It never changes.
    pub row: u64,
    /// The row as it is in the list.
    pub list: Fingerprint,
    /// What is sent; left out where it is the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Fingerprint>,
    /// All cells of the row as it is in the list, also those that are not sent: they tell rows apart
    /// that are sent alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cells: Option<Fingerprint>,
    /// The name of the organization.
    pub name: String,
    /// The external id that is sent, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Set where an organization that is there is changed; without it, one is created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update: Option<Box<UpdateOf>>,
}

/// An organization that is changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateOf {
    /// Its id.
    pub organization_id: String,
    /// What it held before.
    pub before: Content,
    /// What it is to hold.
    pub after: Content,
    /// The states of the domains that it loses or, in an undo, gets again.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub domain_states: BTreeMap<String, String>,
}

/// What happened to a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// Its id in the journal.
    pub row: u64,
    /// The row as it is in the list.
    pub list: Fingerprint,
    /// What was sent; left out where it is the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Fingerprint>,
    /// All cells of the row as it is in the list, also those that are not sent: they tell rows apart
    /// that are sent alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cells: Option<Fingerprint>,
    /// The name of the organization; blank where the row has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The external id that was sent, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The state of the row.
    pub status: Status,
    /// The organization that it became.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
    /// See [`Record::error`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorName>,
    /// See [`Record::code`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// See [`Record::message`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// See [`Record::http_status`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// See [`Record::request_id`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// See [`Record::attempts`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub attempts: u32,
    /// See [`Record::existing_organization_id`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub existing_organization_id: Option<String>,
    /// See [`Record::changes`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<String>,
    /// When, by this machine's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Outcome {
    /// The outcome that this record is, for a row with these fingerprints.
    pub fn new(
        record: Record,
        list: Fingerprint,
        sent: Option<Fingerprint>,
        name: String,
        external_id: Option<String>,
    ) -> Self {
        Self {
            row: record.row,
            list,
            sent: sent.filter(|sent| *sent != list),
            cells: None,
            name,
            external_id,
            status: record.status,
            organization_id: record.organization_id,
            error: record.error,
            code: record.code,
            message: record.message,
            http_status: record.http_status,
            request_id: record.request_id,
            attempts: record.attempts,
            existing_organization_id: record.existing_organization_id,
            changes: record.changes,
            finished_at: record.finished_at,
        }
    }

    /// The same, of a row with these cells in its list.
    #[must_use]
    pub fn with_cells(self, cells: Option<Fingerprint>) -> Self {
        Self { cells, ..self }
    }

    /// What a results file says of the row.
    pub fn into_record(self) -> Record {
        Record {
            status: self.status,
            organization_id: self.organization_id,
            error: self.error,
            code: self.code,
            message: self.message,
            http_status: self.http_status,
            request_id: self.request_id,
            attempts: self.attempts,
            existing_organization_id: self.existing_organization_id,
            changes: self.changes,
            row: self.row,
            finished_at: self.finished_at,
        }
    }
}

/// Rows that were dispatched and certainly not sent, because the run stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawn {
    /// Their ids in the journal.
    pub rows: Vec<u64>,
}

/// An answer was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerLost {
    /// When, by this machine's clock.
    pub at: Timestamp,
    /// How many seconds after it a comparison can be trusted.
    pub patience: u64,
}

/// WorkOS asked all requests to pause: only for the report.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paused {
    /// When, by this machine's clock.
    pub at: Timestamp,
    /// For how many seconds.
    pub seconds: f64,
}

/// A process is alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alive {
    /// The time, by the server's clock; `None` where it cannot be told.
    pub at: Option<Timestamp>,
}

/// The end of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ended {
    /// When, by this machine's clock.
    pub at: Timestamp,
    /// Whether every row of the list was handed out and came to an outcome.
    pub is_finished: bool,
    /// Whether WorkOS was compared with the journal, or there was no need to.
    pub is_verified: bool,
    /// A digest of the results file as it was written; `None` where it could not be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub results: Option<String>,
    /// Organizations that are there more often than rows own them: ids by row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub duplicates: Vec<Duplicate>,
}

/// More organizations match rows than rows own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duplicate {
    /// The rows that have this content, by their ids in the journal.
    pub rows: Vec<u64>,
    /// The name of the organizations.
    pub name: String,
    /// The organizations that rows own.
    pub owned: Vec<String>,
    /// The organizations that no row owns.
    pub unowned: Vec<String>,
}
