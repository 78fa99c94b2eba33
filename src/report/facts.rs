//! The facts of a report: what every format shows, and what `--format json` prints.

use crate::results::{ErrorName, Status};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// The version of [`Facts`] as JSON. It changes when a field changes its meaning or goes.
pub const SCHEMA: u32 = 1;

/// What is known of a list and its results.
#[derive(Clone, Debug, Serialize)]
pub struct Facts {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The program that made the report.
    pub program: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// Whether names, domains, ids, metadata and messages are left out.
    pub is_redacted: bool,
    /// Whether the last run has ended.
    pub state: RunState,
    /// What happened, in a sentence or two.
    pub verdict: String,
    /// What to do now.
    pub next: Next,
    /// The results file; left out of a redacted report.
    pub results: Option<String>,
    /// The list that was imported.
    pub list: Option<ListFacts>,
    /// Where the organizations are.
    pub environment: Option<EnvironmentFacts>,
    /// How many rows are in which group.
    pub totals: Totals,
    /// How many rows have which status; `not_sent` are those without one.
    pub counts: BTreeMap<&'static str, u64>,
    /// Organizations that were created for rows which the list does not have any more.
    pub no_longer_listed: u64,
    /// The runs, in order.
    pub runs: Vec<RunFacts>,
    /// The requests, as far as the journal records them.
    pub requests: Requests,
    /// Results over time.
    pub timeline: Timeline,
    /// Why rows are not done: largest first.
    pub causes: Vec<Cause>,
    /// What was cleaned in the rows that are done.
    pub cleaned: Vec<Cleaned>,
    /// Rows that are done and were not created: left alone, changed, merged, deleted.
    pub kept: Vec<Kept>,
    /// Organizations that are in WorkOS more often than rows own them.
    pub duplicates: Vec<DuplicateFacts>,
    /// Every row.
    pub rows: Vec<RowFacts>,
}

/// How far the last run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// It is at work.
    Running,
    /// It has ended in order.
    Ended,
    /// It was cut off: a crash, a kill, a power loss.
    Interrupted,
    /// There is no journal.
    Unknown,
}

/// What to do now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Next {
    /// In words.
    pub what: String,
    /// The command, if there is one.
    pub command: Option<String>,
}

/// The list that was imported.
#[derive(Clone, Debug, Serialize)]
pub struct ListFacts {
    /// Its name as the user gave it.
    pub name: String,
    /// How it was read.
    pub read_as: String,
}

/// Where the organizations are.
#[derive(Clone, Debug, Serialize)]
pub struct EnvironmentFacts {
    /// `staging`, `production`, `unknown` or `sandbox`.
    pub name: String,
    /// The base URL of the API, or `sandbox`.
    pub api: String,
    /// The fingerprint of the API key.
    pub key_fingerprint: String,
    /// Its last four characters. The journal holds nothing else of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_hint: Option<String>,
}

/// How many rows are in which group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// All rows.
    pub rows: u64,
    /// Rows whose organization is in WorkOS.
    pub done: u64,
    /// Rows whose organization was deleted.
    pub deleted: u64,
    /// Rows that need a person.
    pub attention: u64,
    /// Rows that the same command sends again.
    pub again: u64,
    /// Rows that were not sent yet.
    pub unsent: u64,
}

/// What the status of a row means for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Its organization is in WorkOS.
    Done,
    /// Its organization was deleted.
    Deleted,
    /// It needs a person.
    Attention,
    /// The same command sends it again.
    Again,
    /// It was not sent yet.
    Unsent,
}

impl Group {
    /// Every group, in the order of the page.
    pub const ALL: [Self; 5] = [
        Self::Done,
        Self::Deleted,
        Self::Attention,
        Self::Again,
        Self::Unsent,
    ];

    /// The group of a status.
    pub const fn of(status: Option<Status>) -> Self {
        match status {
            None => Self::Unsent,
            Some(Status::Deleted) => Self::Deleted,
            Some(status) if status.is_done() => Self::Done,
            Some(status) if status.is_retryable() => Self::Again,
            Some(_) => Self::Attention,
        }
    }

    /// Its name in the page.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Deleted => "deleted",
            Self::Attention => "attention",
            Self::Again => "again",
            Self::Unsent => "unsent",
        }
    }

    /// What the rows of the group are, after their count.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Deleted => "deleted by undo",
            Self::Attention => "need a person",
            Self::Again => "to be sent again",
            Self::Unsent => "not sent yet",
        }
    }
}

impl Totals {
    /// Counts a row.
    pub(super) const fn add(&mut self, group: Group) {
        self.rows += 1;
        match group {
            Group::Done => self.done += 1,
            Group::Deleted => self.deleted += 1,
            Group::Attention => self.attention += 1,
            Group::Again => self.again += 1,
            Group::Unsent => self.unsent += 1,
        }
    }

    /// The rows of a group.
    pub const fn of(&self, group: Group) -> u64 {
        match group {
            Group::Done => self.done,
            Group::Deleted => self.deleted,
            Group::Attention => self.attention,
            Group::Again => self.again,
            Group::Unsent => self.unsent,
        }
    }
}

/// A run.
#[derive(Clone, Debug, Serialize)]
pub struct RunFacts {
    /// Its command: `import`, `retry`.
    pub command: String,
    /// The version of the program.
    pub program: String,
    /// When it began.
    pub started: Timestamp,
    /// The last that the journal knows of it: its end, or its last result.
    pub last_sign: Timestamp,
    /// Whether it ended in order.
    pub has_ended: bool,
    /// Whether it went through its whole list.
    pub is_finished: bool,
    /// How many results it had.
    pub results: u64,
}

/// The requests, as far as the journal records them: the attempts to create, change or delete
/// an organization. Lookups, listings
/// and each response that asked to slow down are not recorded, so each number is a lower bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Requests {
    /// Attempts of all rows.
    pub attempts: u64,
    /// Rows that needed more than one.
    pub repeated_rows: u64,
    /// Requests without a clear answer.
    pub lost_answers: u64,
    /// The attempts of rows that finished within the busiest 60 seconds.
    pub busiest_minute: u64,
    /// What WorkOS allows a key in 60 seconds; `None` where that is not the limit.
    pub limit: Option<u64>,
}

/// Results over time, run after run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Timeline {
    /// How many seconds a slot is long.
    pub slot_seconds: f64,
    /// The runs that had results.
    pub runs: Vec<TimelineRun>,
    /// Earlier runs that are left out.
    pub omitted_runs: usize,
}

/// A run in time.
#[derive(Clone, Debug, Serialize)]
pub struct TimelineRun {
    /// Its place among the runs, from 0.
    pub run: usize,
    /// When it began.
    pub started: Timestamp,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// Whether it was cut off.
    pub is_interrupted: bool,
    /// The results of each slot.
    pub slots: Vec<Slot>,
    /// Spans without any result.
    pub quiet: Vec<Quiet>,
}

/// The results of a slot of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Slot {
    /// Rows that were done.
    pub done: u32,
    /// Rows that need a person.
    pub attention: u32,
    /// Rows that failed because WorkOS or the network did.
    pub again: u32,
    /// Rows that needed more than one attempt.
    pub repeated: u32,
    /// Requests without a clear answer.
    pub lost_answers: u32,
    /// Pauses that WorkOS asked for (429).
    pub pauses: u32,
}

/// A span without any result. The journal does not record why.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Quiet {
    /// Where it begins, in seconds of the run.
    pub from: f64,
    /// How long it is, in seconds.
    pub seconds: f64,
}

/// Why rows are not done.
#[derive(Clone, Debug, Serialize)]
pub struct Cause {
    /// The status of these rows.
    pub status: Status,
    /// What that means.
    pub group: Group,
    /// Their kind of error.
    pub error: Option<ErrorName>,
    /// The API's error code, or that of the broken rule.
    pub code: Option<String>,
    /// The status of the response, where there is no code.
    pub http_status: Option<u16>,
    /// How many rows there are.
    pub count: u64,
    /// What happened, as a heading.
    pub title: String,
    /// What that means, in plain words.
    pub meaning: &'static str,
    /// What to do.
    pub advice: &'static str,
    /// The command for it.
    pub command: Option<String>,
    /// The message of the first row.
    pub message: Option<String>,
    /// Ids of requests, for WorkOS's support.
    pub request_ids: Vec<String>,
    /// The first rows, as places in [`Facts::rows`].
    pub first_rows: Vec<usize>,
}

/// Something that was cleaned.
#[derive(Clone, Debug, Serialize)]
pub struct Cleaned {
    /// A stable name of what was done.
    pub code: &'static str,
    /// The same in words.
    pub title: &'static str,
    /// How many cells.
    pub count: u64,
    /// The first of them.
    pub samples: Vec<CleanedSample>,
}

/// A cell that was cleaned.
#[derive(Clone, Debug, Serialize)]
pub struct CleanedSample {
    /// Its line.
    pub line: u64,
    /// The header of its column.
    pub column: String,
    /// What it was.
    pub from: String,
    /// What was sent; blank if nothing was.
    pub to: String,
}

/// Rows that are done and were not created.
#[derive(Clone, Debug, Serialize)]
pub struct Kept {
    /// Their status.
    pub status: Status,
    /// How many there are.
    pub count: u64,
    /// The first of them, as places in [`Facts::rows`].
    pub first_rows: Vec<usize>,
}

/// Organizations that are in WorkOS more often than rows own them.
#[derive(Clone, Debug, Serialize)]
pub struct DuplicateFacts {
    /// The rows that have this content.
    pub rows: Vec<u64>,
    /// The name of the organizations.
    pub name: Option<String>,
    /// Those that rows own.
    pub owned: Vec<String>,
    /// Those that no row owns.
    pub unowned: Vec<String>,
}

/// A row.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RowFacts {
    /// Its number in the list, from 1; 0 where it has none yet.
    pub row: u64,
    /// Its line in the results file; `None` where it is not there.
    pub line: Option<u64>,
    /// Its status; `None` where it was not sent yet.
    pub status: Option<Status>,
    /// Its cause, as a place in [`Facts::causes`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<usize>,
    /// The name of the organization.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Its domains.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<String>,
    /// Its external id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The organization that it became.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
    /// The organization that has what it claims.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub existing_organization_id: Option<String>,
    /// The kind of error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorName>,
    /// The code of the error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The cause in the API's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The status of the last response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// The id of the last request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What was changed of its organization: each field with its old and new value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<String>,
    /// How many times it was sent.
    pub attempts: u32,
    /// When it was finished.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
}

impl RowFacts {
    /// What its status means for a person.
    pub const fn group(&self) -> Group {
        Group::of(self.status)
    }
}
