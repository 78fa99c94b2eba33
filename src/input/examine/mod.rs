//! The one judgement of rows: an organization to be created, or the list of a row's problems.

mod cells;
mod domains;
mod duplicates;
mod pairs;
mod plan;
mod values;

use super::mapping::Mapping;
use crate::organization::NewOrganization;
use crate::organization::problem::Problem;
use crate::organization::text::quoted;
use crate::table::Row;
use duplicates::Duplicates;
use plan::Plan;
use std::sync::Arc;

/// Judges the rows of one file, in order. It remembers the domains, external ids and names of the
/// valid rows, as small fingerprints, to find rows that repeat them.
#[derive(Clone, Debug)]
pub struct Examiner {
    inspector: Inspector,
    comparer: Comparer,
}

/// What was found out about a row.
#[derive(Clone, Debug, Default)]
pub struct Examined {
    /// What is to be created; `None` if and only if there are problems.
    pub organization: Option<NewOrganization>,
    /// Why the row cannot be sent: all reasons at once.
    pub problems: Vec<Problem>,
    /// What is sent nevertheless, but may be refused or not be meant.
    pub warnings: Vec<Problem>,
    /// What was cleaned on the way from the cells to the organization.
    pub changes: Vec<Change>,
}

/// Something that was cleaned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// A stable name of what was done, for counting: `trimmed`, `placeholder`, `domain_repeated`,
    /// or one of the codes of [`crate::organization::domain::Normalized::change`].
    pub code: &'static str,
    /// The header of the column.
    pub column: String,
    /// The text as it stood in the cell.
    pub from: String,
    /// What is sent instead; blank if nothing is.
    pub to: String,
}

impl Change {
    /// The problem that this change is where cleaning is not wanted.
    fn forbidden(&self) -> Problem {
        let instead = match self.to.as_str() {
            "" => "leave it blank".to_owned(),
            to => format!("write {}", quoted(to)),
        };
        Problem::new(
            "not_clean",
            format!(
                "{} would have to be cleaned, which --strict forbids: {instead}",
                quoted(&self.from)
            ),
        )
        .in_column(&self.column)
    }
}

/// The part of an examiner that looks at each row by itself, so that rows can be looked at while
/// others are still being compared.
#[derive(Clone, Debug)]
pub struct Inspector {
    plan: Arc<Plan>,
}

/// The part of an examiner that compares rows with those before them.
#[derive(Clone, Debug)]
pub struct Comparer {
    plan: Arc<Plan>,
    duplicates: Duplicates,
}

/// A row that was looked at by itself and is still to be compared.
#[derive(Debug)]
pub struct Inspected {
    line: u64,
    organization: Option<NewOrganization>,
    found: Examined,
}

impl Examiner {
    /// An examiner of the rows of a file with this header, whose columns may stand in another
    /// order than those for which the mapping was made.
    pub fn new(mapping: Mapping, header: &[String]) -> Self {
        let plan = Arc::new(Plan::new(mapping, header));
        let inspector = Inspector {
            plan: Arc::clone(&plan),
        };
        Self {
            inspector,
            comparer: Comparer {
                plan,
                duplicates: Duplicates::new(),
            },
        }
    }

    /// The same without warnings of repeated names, which take memory to find. What is wrong with
    /// a row is the same with and without them.
    #[must_use]
    pub fn without_name_warnings(mut self) -> Self {
        self.comparer.duplicates.forget_names();
        self
    }

    /// Which column means what.
    pub fn mapping(&self) -> &Mapping {
        self.inspector.plan.mapping()
    }

    /// Judges a row. Only a row without problems is remembered for finding repetitions.
    pub fn examine(&mut self, row: &Row) -> Examined {
        self.comparer.compare(self.inspector.inspect(row))
    }

    /// The two halves of the judgement, which may be done by two threads: [`Examiner::examine`] is
    /// the one after the other.
    pub fn split(self) -> (Inspector, Comparer) {
        (self.inspector, self.comparer)
    }
}

impl Inspector {
    /// Looks at a row by itself.
    pub fn inspect(&self, row: &Row) -> Inspected {
        let mut found = Examined::default();
        let organization = self.plan.examine(row, &mut found);
        Inspected {
            line: row.line,
            organization,
            found,
        }
    }
}

impl Comparer {
    /// Compares a row with those before it, in their order, and so ends its judgement.
    pub fn compare(&mut self, inspected: Inspected) -> Examined {
        let Inspected {
            organization,
            mut found,
            line,
        } = inspected;
        if let Some(organization) = organization {
            self.duplicates
                .judge(line, &organization, &self.plan, &mut found);
            if found.problems.is_empty() {
                found.organization = Some(organization);
            }
        }
        found
    }
}

impl Inspected {
    /// The line of the row.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// What was cleaned.
    pub fn changes(&self) -> &[Change] {
        &self.found.changes
    }
}

#[cfg(test)]
mod tests;
