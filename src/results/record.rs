//! The result of one row: its status and its fields.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The columns that a results file adds to the original ones, in their order.
pub const COLUMNS: [&str; 13] = [
    "workos_status",
    "workos_organization_id",
    "workos_error",
    "workos_code",
    "workos_message",
    "workos_http_status",
    "workos_request_id",
    "workos_attempts",
    "workos_existing_organization_id",
    "workos_changes",
    "workos_row",
    "workos_line",
    "workos_finished_at",
];

/// The place of each among [`COLUMNS`].
#[derive(Clone, Copy, Debug)]
pub(super) enum Column {
    Status,
    OrganizationId,
    Error,
    Code,
    Message,
    HttpStatus,
    RequestId,
    Attempts,
    ExistingOrganizationId,
    Changes,
    Row,
    Line,
    FinishedAt,
}

/// The column, or the key, by which a row of a small file names the results file that it is from.
pub const POINTER: &str = "workos_results_file";

/// The key that a JSONL results file adds to the original object; its value holds the same fields
/// as [`COLUMNS`], without the prefix.
pub const JSON_KEY: &str = "workos";

/// Where a row is, which is all that there is to say of one that was not sent yet.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Place {
    /// Its number in the list, from 1.
    pub row: u64,
    /// The line of the list on which it begins; `None` where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
}

/// The state of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Its organization was created.
    Created,
    /// Its organization was there already, with the same values.
    Unchanged,
    /// Its organization was there and was changed to the row's values.
    Updated,
    /// It is another row of an organization that the list has more than once.
    Merged,
    /// Its domain or external id belongs to another organization.
    Conflict,
    /// WorkOS refused it.
    Failed,
    /// WorkOS or the network failed, and certainly created nothing. Run again.
    Unavailable,
    /// It breaks a rule, and was never sent.
    Invalid,
    /// It was sent, its answer was lost, and it is not known whether it was created.
    Unknown,
    /// Its organization was deleted again.
    Deleted,
}

impl Status {
    /// Every status, in the order in which a summary lists them.
    pub const ALL: [Self; 10] = [
        Self::Created,
        Self::Unchanged,
        Self::Updated,
        Self::Deleted,
        Self::Merged,
        Self::Conflict,
        Self::Failed,
        Self::Unavailable,
        Self::Invalid,
        Self::Unknown,
    ];

    /// Whether nothing is left to do for the row.
    pub const fn is_done(self) -> bool {
        matches!(
            self,
            Self::Created | Self::Unchanged | Self::Updated | Self::Deleted | Self::Merged
        )
    }

    /// The status of another row of the same organization.
    #[must_use]
    pub const fn of_other_row(self) -> Self {
        match self {
            Self::Created | Self::Unchanged | Self::Updated => Self::Merged,
            status => status,
        }
    }

    /// Whether the same command sends the row again: WorkOS or the network failed.
    pub const fn is_retryable(self) -> bool {
        matches!(self, Self::Unknown | Self::Unavailable)
    }

    /// Its name in a results file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Unchanged => "unchanged",
            Self::Updated => "updated",
            Self::Merged => "merged",
            Self::Conflict => "conflict",
            Self::Failed => "failed",
            Self::Unavailable => "unavailable",
            Self::Invalid => "invalid",
            Self::Unknown => "unknown",
            Self::Deleted => "deleted",
        }
    }

    /// The status of this name; a spreadsheet's user may have changed case or added spaces.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim();
        Self::ALL
            .into_iter()
            .find(|status| status.name().eq_ignore_ascii_case(name))
    }
}

/// How many rows have each status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([u64; Status::ALL.len()]);

impl Counts {
    /// Counts a row; one that was not sent yet has no status.
    pub fn add(&mut self, status: Option<Status>) {
        self.change(status, |count| count.saturating_add(1));
    }

    /// Removes a row that has another status now.
    pub fn remove(&mut self, status: Status) {
        self.change(Some(status), |count| count.saturating_sub(1));
    }

    fn change(&mut self, status: Option<Status>, change: impl Fn(u64) -> u64) {
        for (counted, count) in Status::ALL.into_iter().zip(&mut self.0) {
            if status == Some(counted) {
                *count = change(*count);
            }
        }
    }

    /// Every status with its count, in the order of [`Status::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Status, u64)> {
        Status::ALL.into_iter().zip(self.0)
    }

    /// How many rows there are in all.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// How many rows are not done.
    pub fn not_done(&self) -> u64 {
        let not_done = self.iter().filter(|(status, _)| !status.is_done());
        not_done.map(|(_, count)| count).sum()
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The kind of error that keeps a row from being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorName {
    /// The row breaks a rule.
    InputError,
    /// A domain or an external id is in use.
    ConflictError,
    /// The API key was refused.
    AuthError,
    /// WorkOS refused the request, or failed.
    ApiError,
    /// WorkOS could not be reached, or its answer was lost.
    NetworkError,
}

impl ErrorName {
    const ALL: [Self; 5] = [
        Self::InputError,
        Self::ConflictError,
        Self::AuthError,
        Self::ApiError,
        Self::NetworkError,
    ];

    /// Its name in a results file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InputError => "input_error",
            Self::ConflictError => "conflict_error",
            Self::AuthError => "auth_error",
            Self::ApiError => "api_error",
            Self::NetworkError => "network_error",
        }
    }

    /// The error of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim();
        Self::ALL.into_iter().find(|error| error.name() == name)
    }
}

/// The result of a row: the fields that a results file adds to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The state of the row.
    pub status: Status,
    /// The organization that the row became.
    #[serde(default)]
    pub organization_id: Option<String>,
    /// What kind of error keeps it from being done.
    #[serde(default)]
    pub error: Option<ErrorName>,
    /// The API's error code, or the code of the first broken rule.
    #[serde(default)]
    pub code: Option<String>,
    /// The cause in the API's own words and what to do next.
    #[serde(default)]
    pub message: Option<String>,
    /// The status of the last answer.
    #[serde(default)]
    pub http_status: Option<u16>,
    /// The id of the last request, by which WorkOS support finds it.
    #[serde(default)]
    pub request_id: Option<String>,
    /// How many times the row was sent.
    #[serde(default)]
    pub attempts: u32,
    /// The organization that holds what this row claims.
    #[serde(default)]
    pub existing_organization_id: Option<String>,
    /// What was changed of its organization: each field with its values before and after.
    #[serde(default)]
    pub changes: Option<String>,
    /// The id of the row in the journal, counted from 1.
    #[serde(default)]
    pub row: u64,
    /// When it was finished, by this machine's clock; `None` where that is not known.
    #[serde(default)]
    pub finished_at: Option<Timestamp>,
}

impl Record {
    /// The result of another row of the same organization, for which nothing was sent.
    #[must_use]
    pub fn of_other_row(self) -> Self {
        Self {
            status: self.status.of_other_row(),
            http_status: None,
            request_id: None,
            attempts: 0,
            changes: None,
            ..self
        }
    }

    /// A record with a status only, finished now.
    pub fn new(row: u64, status: Status) -> Self {
        Self::finished(row, status, Timestamp::now())
    }

    /// A record with a status only, finished at this time.
    pub const fn finished(row: u64, status: Status, at: Timestamp) -> Self {
        Self {
            status,
            organization_id: None,
            error: None,
            code: None,
            message: None,
            http_status: None,
            request_id: None,
            attempts: 0,
            existing_organization_id: None,
            changes: None,
            row,
            finished_at: Some(at),
        }
    }

    /// Whether the same command sends the row again: its outcome is not known, or WorkOS or the
    /// network failed. A row is not sent again because WorkOS refused it.
    pub fn is_retryable(&self) -> bool {
        is_retryable(self.status, self.error, self.http_status)
    }
}

/// See [`Record::is_retryable`].
pub(super) fn is_retryable(
    status: Status,
    error: Option<ErrorName>,
    http_status: Option<u16>,
) -> bool {
    match status {
        Status::Unknown | Status::Unavailable => true,
        // A results file of another program may call an outage a failure.
        Status::Failed => {
            error == Some(ErrorName::NetworkError)
                || http_status.is_some_and(|status| status >= 500 || status == 429)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outages_are_retryable_and_refusals_are_not() {
        let failed = |error, http_status| {
            let record = Record::new(1, Status::Failed);
            Record {
                error,
                http_status,
                ..record
            }
            .is_retryable()
        };
        assert!(Record::new(1, Status::Unknown).is_retryable());
        assert!(Record::new(1, Status::Unavailable).is_retryable());
        assert!(failed(Some(ErrorName::NetworkError), None));
        assert!(failed(None, Some(503)) && failed(None, Some(429)));
        assert!(!failed(Some(ErrorName::ApiError), Some(422)));
        assert!(!Record::new(1, Status::Conflict).is_retryable());
    }

    #[test]
    fn names_read_back() {
        for status in Status::ALL {
            assert_eq!(Status::from_name(status.name()), Some(status));
            let json = serde_json::to_string(&status).unwrap();
            assert_eq!(json, format!("{:?}", status.name()));
        }
        for error in ErrorName::ALL {
            assert_eq!(ErrorName::from_name(error.name()), Some(error));
        }
        assert_eq!(Status::from_name(" Conflict "), Some(Status::Conflict));
        assert_eq!(Status::from_name("done"), None);
    }
}
