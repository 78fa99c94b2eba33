//! The one judgement of rows: an organization to be created, or the list of a row's problems.

mod all;
mod cells;
mod domains;
mod duplicates;
mod late;
mod pairs;
mod plan;
mod shape;
mod turns;
mod values;

use super::{InputFormat, Reader};
use crate::columns::Mapping;
use crate::organization::NewOrganization;
use crate::organization::problem::Problem;
use crate::table::{Cells, Row};
use crate::text::quoted;
use cells::Place;
use duplicates::{Claims, Duplicates};
pub use late::LateKey;
use plan::Plan;
use std::borrow::Cow;
use std::sync::Arc;

/// Judges the rows of one file, in order. It remembers the domains, external ids and names of the
/// valid rows, as small fingerprints, to find rows that repeat them.
#[derive(Clone, Debug)]
pub struct Examiner {
    /// Shared with those who judge rows at the same time: it changes where new keys appear.
    plan: Arc<Plan>,
    duplicates: Duplicates,
}

/// What was found out about a row. It borrows from the row, and from the examiner's headers.
#[derive(Clone, Debug, Default)]
pub struct Examined<'a> {
    /// What is to be created; `None` if and only if there are problems.
    pub organization: Option<NewOrganization<'a>>,
    /// Why the row cannot be sent: all reasons at once.
    pub problems: Vec<Problem>,
    /// What is sent nevertheless, but may be refused or not be meant.
    pub warnings: Vec<Problem>,
    /// What was cleaned on the way from the cells to the organization.
    pub changes: Vec<Change<'a>>,
    /// The external id of a row that cannot be sent, if it has one.
    unsent_id: Option<Cow<'a, str>>,
}

/// Something that was cleaned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change<'a> {
    /// A stable name of what was done, for counting: `trimmed`, `formula_text`, `placeholder`,
    /// `domain_repeated`, or one of the codes of [`crate::organization::domain::Normalized::change`].
    pub code: &'static str,
    /// The header of the column.
    pub column: Cow<'a, str>,
    /// The text as it stood in the cell.
    pub from: Cow<'a, str>,
    /// What is sent instead; blank if nothing is.
    pub to: Cow<'a, str>,
}

impl Change<'_> {
    /// The problem that this change is where cleaning is not wanted.
    fn forbidden(&self) -> Problem {
        let instead = match self.to.as_ref() {
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

    /// The same, independent of the row.
    pub fn into_owned(self) -> Change<'static> {
        Change {
            code: self.code,
            column: Cow::Owned(self.column.into_owned()),
            from: Cow::Owned(self.from.into_owned()),
            to: Cow::Owned(self.to.into_owned()),
        }
    }
}

impl<'a> Examined<'a> {
    /// The organization to be created, or else the problems; independent of the row.
    ///
    /// # Errors
    /// All that is wrong with the row, if anything is.
    pub fn verdict(self) -> Result<NewOrganization<'static>, Vec<Problem>> {
        let organization = self.organization.map(NewOrganization::into_owned);
        organization.ok_or(self.problems)
    }

    /// The external id of the row, whether it can be sent or not.
    pub fn external_id(&self) -> Option<&str> {
        let sent = self.organization.as_ref().map(|it| &it.external_id);
        sent.unwrap_or(&self.unsent_id).as_deref()
    }

    /// Notes that something was cleaned.
    fn note(
        &mut self,
        code: &'static str,
        column: &Place<'a>,
        from: Cow<'a, str>,
        to: Cow<'a, str>,
    ) {
        self.changes.push(Change {
            code,
            column: column.header(),
            from,
            to,
        });
    }
}

impl Examiner {
    /// An examiner of the rows of a file with this header, whose columns may stand in another
    /// order than those for which the mapping was made.
    pub fn new(mapping: Mapping, header: &[String]) -> Self {
        Self {
            plan: Arc::new(Plan::new(mapping, header)),
            duplicates: Duplicates::new(),
        }
    }

    /// An examiner of the rows of an input. In a text file every row has a cell for every column,
    /// so that it warns of those that have fewer.
    pub fn of_input(mapping: Mapping, input: &Reader) -> Self {
        let mut plan = Plan::new(mapping, input.header());
        if input.read_as().format == InputFormat::Csv {
            plan.count_cells();
        }
        Self {
            plan: Arc::new(plan),
            duplicates: Duplicates::new(),
        }
    }

    /// The same without warnings of repeated names, which take memory to find. What is wrong with
    /// a row is the same with and without them.
    #[must_use]
    pub fn without_name_warnings(mut self) -> Self {
        self.duplicates.forget_names();
        self
    }

    /// The keys of a JSONL file that the header, made of the first objects, does not hold, as far
    /// as they have been seen.
    pub fn late_keys(&self) -> &[LateKey] {
        self.plan.keys.late()
    }

    /// Which column means what.
    pub fn mapping(&self) -> &Mapping {
        self.plan.mapping()
    }

    /// Judges a row. Only a row without problems is remembered for finding repetitions.
    pub fn examine<'a>(&'a mut self, row: &'a Row) -> Examined<'a> {
        if let Cells::Object(object) = &row.cells {
            Plan::learn(&mut self.plan, row.line, object);
        }
        let mut claims = Claims::default();
        let mut found = self.plan.examine(row, &mut claims);
        let (duplicates, plan) = (&mut self.duplicates, &self.plan);
        conclude(duplicates, plan, row, &mut claims, &mut found);
        found
    }
}

/// Ends the judgement of a row by comparing it with those before it.
fn conclude(
    duplicates: &mut Duplicates,
    plan: &Plan,
    row: &Row,
    claims: &mut Claims,
    found: &mut Examined<'_>,
) {
    if let Some(organization) = found.organization.take() {
        duplicates.judge(row.line, &organization, claims, plan, found);
        if found.problems.is_empty() {
            found.organization = Some(organization);
        } else {
            found.unsent_id = organization.external_id;
        }
    }
    if found.organization.is_none() {
        // A row that is not sent has worse to tell.
        found.warnings.clear();
    }
}

#[cfg(test)]
mod tests;
