//! The rows that a run sends, one by one, as its plan decided.

use super::Error;
use super::knowledge::Listed;
use super::matched::Matched;
use super::run_plan::RunPlan;
use super::table::{Rows, Table, TableRow};
use crate::columns::{Mapping, is_results_column};
use crate::organization::{Fingerprint, NewOrganization};
use crate::plan::{Create, Decision, Doubt, Operation, Rejected, Task, content};
use crate::validate::{RepeatedTexts, Validator};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// The tasks of a run.
#[derive(Debug)]
pub(super) struct Tasks {
    rows: Rows,
    validator: Validator,
    /// The columns of the list.
    header: Vec<String>,
    /// What is done with each row; where there is nothing, all are sent.
    decisions: Vec<Decision>,
    /// The organizations of the rows of a sync.
    matched: Option<Matched>,
    doubts: HashMap<u32, Doubt>,
    /// What rows were in their list, where a results file has them otherwise.
    lists: HashMap<u32, Listed>,
    /// How many rows are handed out at most.
    end: u64,
    /// What generated external ids begin with, where rows without one get one.
    generated: Option<String>,
    index: usize,
}

impl Tasks {
    /// The tasks of the rows of a table; `repeats` is what the first reading of them has shown.
    ///
    /// # Errors
    /// When the list cannot be read again.
    pub(super) fn new(
        table: &Arc<Table>,
        mapping: &Mapping,
        repeats: RepeatedTexts,
        plan: &mut RunPlan,
        generated: Option<String>,
    ) -> Result<Self, Error> {
        let header: Vec<String> = table.header.iter().take(table.width).cloned().collect();
        let validator = Validator::new(mapping.clone(), &header).without_name_warnings();
        let validator = validator.expecting(repeats);
        Ok(Self {
            rows: table.rows()?,
            validator,
            header,
            decisions: std::mem::take(&mut plan.decisions),
            matched: plan.matched.take(),
            doubts: std::mem::take(&mut plan.doubts),
            lists: std::mem::take(&mut plan.lists),
            end: plan.rows - plan.beyond_limit,
            generated,
            index: 0,
        })
    }

    /// The task of a row; `None` where nothing is done with it. It is validated all the same: a
    /// later row may repeat what it has.
    fn task(&mut self, row: &TableRow) -> Option<Result<Task, Error>> {
        let decision = self.decisions.get(self.index).copied();
        let found = self.validator.validate(&row.row);
        let cells = || {
            let is_own = |name: &str| !is_results_column(name);
            Fingerprint(content(&row.row, &self.header, is_own))
        };
        let is_update = match decision.unwrap_or(Decision::Send) {
            Decision::Send | Decision::LookUp => false,
            Decision::Update => true,
            Decision::Keep | Decision::Leave | Decision::Compare => return None,
        };
        let doubt = self.doubts.remove(&row.id);
        let external_id = found.external_id().map(str::to_owned);
        let (list, operation) = match found.into_result() {
            Ok(organization) if is_update => {
                let update = self.matched.as_mut()?.update(self.index, &organization);
                let operation = match update {
                    Ok(update) => Operation::Update(Box::new(update?)),
                    Err(source) => {
                        return Some(Err(Error::System {
                            what: "cannot read a temporary file",
                            source,
                        }));
                    }
                };
                (organization.fingerprint(), operation)
            }
            Ok(organization) => {
                let list = organization.fingerprint();
                let organization = match &self.matched {
                    Some(matched) => matched.to_create(organization),
                    None => organization,
                };
                let organization = with_id(organization, self.generated.as_deref(), row.id);
                let sent = organization.fingerprint();
                let doubt = doubt.map(|doubt| Doubt {
                    earlier: doubt.earlier.filter(|earlier| earlier.fingerprint != sent),
                    ..doubt
                });
                let create = Create::new(organization, doubt);
                (list, Operation::Create(Box::new(create)))
            }
            Err(problems) => {
                let rejected = Rejected {
                    problems,
                    external_id,
                };
                (cells(), Operation::Reject(rejected))
            }
        };
        let listed = self.lists.get(&row.id);
        Some(Ok(Task {
            row: row.id.into(),
            line: row.row.line,
            list: listed.map_or(list, |listed| listed.list),
            cells: Some(listed.map_or_else(cells, |listed| listed.cells)),
            operation,
        }))
    }
}

/// Gives an organization without external id a generated one. It is made of the row's id in the
/// journal, so it is the same in every run.
fn with_id(
    organization: NewOrganization<'static>,
    generated: Option<&str>,
    row: u32,
) -> NewOrganization<'static> {
    match generated {
        Some(prefix) if organization.external_id.is_none() => NewOrganization {
            external_id: Some(Cow::Owned(format!("{prefix}-{row}"))),
            ..organization
        },
        _ => organization,
    }
}

impl Iterator for Tasks {
    type Item = Result<Task, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        while (self.index as u64) < self.end {
            let row = match self.rows.next()? {
                Ok(row) => row,
                Err(error) => return Some(Err(error.into())),
            };
            let task = self.task(&row);
            self.index += 1;
            if let Some(task) = task {
                return Some(task);
            }
        }
        None
    }
}
