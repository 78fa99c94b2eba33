//! The outcome of a row, and the records that say so.

use crate::organization::problem::Problem;
use crate::results::{ErrorName, Record, Status};
use crate::workos::{Failure, Organization, Refusal};
use jiff::Timestamp;

/// The outcome of a row.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Its record, and the organization as WorkOS answered it.
    Done(Box<Record>, Option<Box<Organization>>),
    /// WorkOS refused it with 401 or 403 and accepted the key elsewhere. Several of these in a row
    /// are the key's fault after all.
    AuthRefused(Box<Record>, Box<Refusal>),
    /// None: it was never sent, or certainly not acted on, and the run is stopping.
    NotTried,
}

/// What to do about a row of which it is not known whether it was created.
pub(super) const RUN_AGAIN: &str =
    "Run the same command again before changing this row: it looks it up first";

/// The record of a row that breaks rules: all of them are named.
pub(super) fn rejected(row: u64, problems: &[Problem], at: Timestamp) -> Record {
    let messages: Vec<_> = problems.iter().map(ToString::to_string).collect();
    Record {
        error: Some(ErrorName::InputError),
        code: problems.first().map(|problem| problem.code.to_owned()),
        message: Some(messages.join("; ")),
        ..Record::finished(row, Status::Invalid, at)
    }
}

/// The record of a row that was dropped while its request was in flight.
pub(super) fn interrupted(row: u64, at: Timestamp) -> Record {
    Record {
        error: Some(ErrorName::NetworkError),
        message: Some(format!(
            "sent, but the run was stopped before the answer came. {RUN_AGAIN}"
        )),
        ..Record::finished(row, Status::Unknown, at)
    }
}

/// Fills in what a failure says.
pub(super) fn describe(record: &mut Record, failure: &Failure) {
    match failure {
        Failure::NotSent { .. } => record.message = Some(failure.to_string()),
        Failure::Lost(lost) => {
            record.http_status = lost.http_status;
            record.request_id.clone_from(&lost.request_id);
            record.message = Some(failure.to_string());
        }
        Failure::Refused(refusal) => {
            record.http_status = Some(refusal.http_status);
            record.request_id.clone_from(&refusal.request_id);
            record.code.clone_from(&refusal.code);
            record.message = Some(refusal.message.clone());
        }
    }
}

/// The kind of error of a row that was not acted on because WorkOS or the network failed.
pub(super) const fn error_of(failure: &Failure) -> ErrorName {
    match failure {
        Failure::NotSent { .. } | Failure::Lost(_) => ErrorName::NetworkError,
        Failure::Refused(_) => ErrorName::ApiError,
    }
}
