//! A row on its way through the pipeline.

use crate::organization::NewOrganization;
use crate::organization::problem::Problem;
use crate::results::{ErrorName, Record, Status};
use crate::table::Row;
use bytes::Bytes;

/// A row and what there is to do for it.
#[derive(Debug)]
pub struct Task {
    /// The row as it stands in the file.
    pub row: Row,
    /// What there is to do.
    pub kind: TaskKind,
}

/// What there is to do for a row.
#[derive(Debug)]
pub enum TaskKind {
    /// Create this organization.
    Create(Box<Candidate>),
    /// Nothing: it breaks a rule.
    Reject(Vec<Problem>),
}

/// An organization that may be sent.
#[derive(Debug)]
pub struct Candidate {
    /// What is asked for.
    pub organization: NewOrganization<'static>,
    /// The same as the body of a request.
    pub body: Bytes,
    /// Whether an earlier process may have sent it and not learnt the answer.
    pub is_suspect: bool,
}

impl Task {
    /// The task of a row, as its examination has it.
    pub fn new(
        row: Row,
        verdict: Result<NewOrganization<'static>, Vec<Problem>>,
        is_suspect: bool,
    ) -> Self {
        let kind = verdict.map_or_else(TaskKind::Reject, |organization| {
            // Text always serializes.
            let body = serde_json::to_vec(&organization).unwrap_or_default().into();
            TaskKind::Create(Box::new(Candidate {
                organization,
                body,
                is_suspect,
            }))
        });
        Self { row, kind }
    }

    /// Whether there is nothing to send for the row.
    pub const fn is_rejected(&self) -> bool {
        matches!(self.kind, TaskKind::Reject(_))
    }

    /// The name of the organization, as far as it is known.
    pub fn name(&self) -> &str {
        match &self.kind {
            TaskKind::Create(candidate) => &candidate.organization.name,
            TaskKind::Reject(_) => "",
        }
    }
}

/// The record of a row that breaks rules: all of them are named.
pub(super) fn rejected(row: u64, problems: &[Problem]) -> Record {
    let messages: Vec<_> = problems.iter().map(ToString::to_string).collect();
    Record {
        error: Some(ErrorName::InputError),
        code: problems.first().map(|problem| problem.code.to_owned()),
        message: Some(messages.join("; ")),
        ..Record::new(row, Status::Invalid)
    }
}
