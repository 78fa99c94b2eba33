//! Reading and validating all rows before anything is sent.

use super::Error;
use super::copied::Copied;
use crate::columns::Mapping;
use crate::input::{ReadOptions, Reader};
use crate::plan::Facts;
use crate::validate::{RepeatedTexts, ValidationSummary, Validator};

/// What reading a list to its end has shown.
#[derive(Debug)]
pub(super) struct Survey {
    /// The findings about the rows that are asked for.
    pub(super) summary: ValidationSummary,
    /// What rows repeat of earlier ones.
    pub(super) repeats: RepeatedTexts,
    /// How many rows the list has.
    pub(super) rows: u64,
    /// The places of the rows that break a rule.
    pub(super) invalid: Vec<usize>,
    /// The facts of each row, where they were asked for.
    pub(super) facts: Vec<Facts>,
}

/// Validates a list to its end: nothing is sent of one that cannot be read. `repeats` is what it
/// repeats, where that is known from an earlier run.
///
/// # Errors
/// When it cannot be read.
pub(super) fn survey(
    copied: &Copied,
    read: &ReadOptions,
    mapping: &Mapping,
    limit: Option<u64>,
    repeats: Option<RepeatedTexts>,
    wants_facts: bool,
) -> Result<Survey, Error> {
    let mut reader = Reader::open(&copied.source, read)?;
    let header = reader.header().to_vec();
    let mut validator = Validator::of_input(mapping.clone(), &reader);
    if let Some(repeats) = repeats {
        validator = validator.expecting(repeats);
    }
    let mut survey = Survey {
        summary: ValidationSummary::new(0),
        repeats: RepeatedTexts::default(),
        rows: 0,
        invalid: Vec::new(),
        facts: Vec::new(),
    };
    validator.validate_all(&mut reader, |row, found| -> Result<(), Error> {
        survey.rows = row.number;
        if limit.is_none_or(|limit| row.number <= limit) {
            survey.summary.add(row.line, found);
        }
        if !found.problems.is_empty() {
            let place = usize::try_from(row.number - 1);
            survey.invalid.extend(place);
        }
        if wants_facts {
            survey.facts.push(Facts::of(row, &header, found));
        }
        Ok(())
    })?;
    survey.repeats = validator.repeats();
    survey.summary.left_out = reader.left_out().to_vec();
    Ok(survey)
}
