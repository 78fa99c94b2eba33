//! What became of one row.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The columns that a results file adds to the original ones, in their order.
pub const COLUMNS: [&str; 11] = [
    "workos_status",
    "workos_organization_id",
    "workos_error",
    "workos_code",
    "workos_message",
    "workos_http_status",
    "workos_request_id",
    "workos_attempts",
    "workos_existing_organization_id",
    "workos_row",
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
    Row,
    FinishedAt,
}

/// The key that a JSONL results file adds to the original object; its value holds the same fields
/// as [`COLUMNS`], without the prefix.
pub const JSON_KEY: &str = "workos";

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
    /// Its domain or external id belongs to another organization.
    Conflict,
    /// WorkOS refused it, or could not be reached.
    Failed,
    /// It breaks a rule, and was never sent.
    Invalid,
    /// It was sent, its answer was lost, and whether it was created is not yet known.
    Unknown,
    /// Its organization was deleted again.
    Deleted,
}

impl Status {
    /// Every status, in the order in which a summary lists them.
    pub const ALL: [Self; 8] = [
        Self::Created,
        Self::Unchanged,
        Self::Updated,
        Self::Deleted,
        Self::Conflict,
        Self::Failed,
        Self::Invalid,
        Self::Unknown,
    ];

    /// Whether nothing is left to do for the row.
    pub const fn is_done(self) -> bool {
        matches!(
            self,
            Self::Created | Self::Unchanged | Self::Updated | Self::Deleted
        )
    }

    /// Its name in a results file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Unchanged => "unchanged",
            Self::Updated => "updated",
            Self::Conflict => "conflict",
            Self::Failed => "failed",
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

/// How many rows stand at each status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([u64; Status::ALL.len()]);

impl Counts {
    /// Counts a row; one that was never tried has no status.
    pub fn add(&mut self, status: Option<Status>) {
        self.change(status, |count| count.saturating_add(1));
    }

    /// Takes a row away that came to another status.
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

/// What became of a row: the fields that a results file adds to it.
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
    /// The number of the row in the input, counted from 1.
    #[serde(default)]
    pub row: u64,
    /// When this became of it, by this machine's clock; `None` where the file no longer says so.
    #[serde(default)]
    pub finished_at: Option<Timestamp>,
}

impl Record {
    /// A record with nothing but a state, of now.
    pub fn new(row: u64, status: Status) -> Self {
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
            row,
            finished_at: Some(Timestamp::now()),
        }
    }

    /// Whether the same command should try the row again: its answer is unknown, or what kept it
    /// from being done was trouble of the moment, not a refusal.
    pub fn is_worth_another_try(&self) -> bool {
        is_worth_another_try(self.status, self.error, self.http_status)
    }
}

/// See [`Record::is_worth_another_try`].
pub(super) fn is_worth_another_try(
    status: Status,
    error: Option<ErrorName>,
    http_status: Option<u16>,
) -> bool {
    match status {
        Status::Unknown => true,
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
