//! The organizations of a check whose rows are united.

use super::checked::CheckOptions;
use super::problems::Problems;
use super::text::{self, EXAMPLES, written};
use crate::run::{Error, Grouper, Groups};
use crate::validate::{ROW_INVALID, ValidationSummary};
use std::io::Write;

/// What was found in the rows by themselves.
pub(super) struct Rows<'a, 'p> {
    pub(super) options: &'a CheckOptions,
    pub(super) out: &'a mut (dyn Write + Send),
    pub(super) problems: &'a mut Problems<'p>,
    pub(super) summary: ValidationSummary,
}

impl Rows<'_, '_> {
    /// Unites the rows; returns which are one organization, and the findings about all of them,
    /// counted in organizations.
    pub(super) fn united(self, grouper: Grouper<'_>) -> Result<(Groups, ValidationSummary), Error> {
        let Self {
            options,
            out,
            problems,
            summary: rows,
        } = self;
        let is_shown = options.verbose && !options.json;
        let mut summary = ValidationSummary::new(if options.json { usize::MAX } else { EXAMPLES });
        let mut shown = 0;
        let groups = grouper.validate(&options.source, |number, row, found| {
            // Problems of a row were reported with it.
            let mut found = found.clone();
            let is_of_row = |code| code == ROW_INVALID || rows.count_of(code) > 0;
            found.problems.retain(|problem| !is_of_row(problem.code));
            summary.add(row.line, &found);
            problems.add(number, row.line, &found)?;
            if is_shown {
                written(text::findings(out, options, row.line, &found))?;
            }
            if let Some(organization) = &found.organization
                && shown < options.show_requests
                && !options.json
            {
                shown += 1;
                written(text::request(out, options, row.line, organization))?;
            }
            Ok(())
        })?;
        summary.take_problems(&rows);
        summary.take_cells(rows);
        Ok((groups, summary))
    }
}
