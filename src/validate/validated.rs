//! The validation result of a row.

use super::cells::ColumnPath;
use crate::organization::NewOrganization;
use crate::organization::problem::Problem;
use crate::text::quoted;
use std::borrow::Cow;

/// The validation result of a row. It borrows from the row and the validator's headers.
#[derive(Clone, Debug, Default)]
pub struct Validated<'a> {
    /// What is to be created; `None` if and only if there are problems.
    pub organization: Option<NewOrganization<'a>>,
    /// Why the row cannot be sent: all reasons at once.
    pub problems: Vec<Problem>,
    /// What is sent nevertheless, but may be refused or not be meant.
    pub warnings: Vec<Problem>,
    /// What was cleaned on the way from the cells to the organization.
    pub changes: Vec<Change<'a>>,
    /// A hash of what it has in common with the other rows of its organization; 0 where it is blank
    /// there, or each row is an organization.
    pub(crate) key: u64,
    /// Whether an earlier row has the same name.
    pub(super) repeats_name: bool,
    /// The external id of a row that cannot be sent, if it has one.
    pub(super) unsent_id: Option<Cow<'a, str>>,
}

/// Something that was cleaned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change<'a> {
    /// A stable name of what was done, for counting: `trimmed`, `formula_text`, `placeholder`,
    /// `domain_repeated`, or one of the codes that cleaning a domain gives.
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
    pub(super) fn forbidden(&self) -> Problem {
        let instead = match self.to.as_ref() {
            "" => "leave it blank".to_owned(),
            to => format!("write {}", quoted(to)),
        };
        Problem::new(
            "not_clean",
            format!(
                "{} would need cleaning, which --strict forbids: {instead}",
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

impl<'a> Validated<'a> {
    /// The organization to be created, or else the problems; independent of the row.
    ///
    /// # Errors
    /// All that is wrong with the row, if anything is.
    pub fn into_result(self) -> Result<NewOrganization<'static>, Vec<Problem>> {
        let organization = self.organization.map(NewOrganization::into_owned);
        organization.ok_or(self.problems)
    }

    /// The external id of the row, whether it can be sent or not.
    pub fn external_id(&self) -> Option<&str> {
        let sent = self.organization.as_ref().map(|it| &it.external_id);
        sent.unwrap_or(&self.unsent_id).as_deref()
    }

    /// Notes that something was cleaned.
    pub(super) fn note(
        &mut self,
        code: &'static str,
        column: &ColumnPath<'a>,
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
