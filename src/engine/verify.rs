//! The check that ends a run in which an answer was lost: the organizations created since its
//! start, compared with the results file.

use super::pipeline::Engine;
use super::reconcile::is_like;
use super::rows::RowsError;
use crate::results::{Record, Scan, Status, Writer};
use crate::table::Row;
use crate::validate::Validator as Examiner;
use crate::workos::{Failure, Organization, OrganizationsApi};

/// An organization that was created for a row besides the one that stands in the results file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// The number of the row.
    pub row: u64,
    /// The name of both.
    pub name: String,
    /// The organization in the results file.
    pub organization_id: String,
    /// The other one.
    pub duplicate_id: String,
}

/// What the check found.
#[derive(Debug, Default)]
pub struct Verification {
    /// Organizations that were created twice.
    pub duplicates: Vec<Duplicate>,
    /// The rows that turned out to be created, by the status that they had.
    pub resolved: Vec<Status>,
}

/// Why the check could not be made.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// WorkOS did not list its organizations.
    #[error("the organizations created since the start could not be listed: {0}")]
    Api(#[from] Failure),
    /// A file could not be read or written.
    #[error(transparent)]
    Rows(#[from] RowsError),
}

impl<A: OrganizationsApi> Engine<A> {
    /// Compares what was created since the run's start with what the results file says, and
    /// appends what it learns: rows whose organization turned up are `created`.
    ///
    /// # Errors
    /// When WorkOS does not answer, or the results file cannot be read or written.
    pub async fn verify(
        &self,
        scan: Scan,
        mut examiner: Examiner,
        writer: &mut Writer,
    ) -> Result<Verification, VerifyError> {
        let reconciler = &self.settler.reconciler;
        let mut unowned = reconciler.unowned(&self.settler.caller).await?;
        let mut found = Verification::default();
        if unowned.is_empty() {
            return Ok(found);
        }
        for entry in scan {
            let entry = entry.map_err(RowsError::from)?;
            let Some(record) = entry.said.record else {
                continue;
            };
            let row = Row {
                number: record.row,
                line: entry.line,
                cells: entry.cells,
            };
            let Some(new) = examiner.examine(&row).organization else {
                continue;
            };
            let Some(at) = unowned.iter().position(|free| is_like(free, &new)) else {
                continue;
            };
            let organization = unowned.swap_remove(at);
            let record = if let Some(id) = record.organization_id.clone() {
                let duplicate = Duplicate {
                    row: record.row,
                    name: organization.name.clone(),
                    organization_id: id,
                    duplicate_id: organization.id.clone(),
                };
                let record = doubled(record, &duplicate);
                found.duplicates.push(duplicate);
                record
            } else {
                reconciler.claim(&organization.id);
                found.resolved.push(record.status);
                resolved(record, &organization)
            };
            writer
                .write(&row.cells, &record)
                .map_err(|error| RowsError::Results(error.into()))?;
        }
        writer
            .flush()
            .map_err(|error| RowsError::Results(error.into()))?;
        Ok(found)
    }
}

fn doubled(record: Record, duplicate: &Duplicate) -> Record {
    Record {
        message: Some(format!(
            "created twice, because an answer was lost and the request took longer than the search for its work: {} is a duplicate. Delete one of the two in the WorkOS dashboard",
            duplicate.duplicate_id
        )),
        existing_organization_id: Some(duplicate.duplicate_id.clone()),
        ..record
    }
}

fn resolved(record: Record, organization: &Organization) -> Record {
    Record {
        status: Status::Created,
        organization_id: Some(organization.id.clone()),
        error: None,
        code: None,
        message: Some(
            "found by listing what was created since the run began (its answer was lost)"
                .to_owned(),
        ),
        ..record
    }
}
