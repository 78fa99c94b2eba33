//! Reading the results file that is there, and matching its rows with the journal.

use super::kept_cells::take_claims;
use super::knowledge::Knowledge;
use super::previous::{Previous, PreviousRow, is_results, own_rows};
use super::run_plan::RunPlan;
use super::united::{self, Groups};
use super::{Error, Opened, Request};
use crate::columns::Mapping;
use crate::input::{ReadOptions, Reader, Source};
use crate::plan::{Facts, Matching, Origin, match_rows};
use crate::validate::{ValidationSummary, Validator};

/// Matches the rows of a results file with the journal, and takes what they say where it lacks them.
/// Returns also whether there was any such row.
pub(super) fn match_previous(previous: &Previous, known: &mut Knowledge<'_>) -> (Matching, bool) {
    let matching = match_rows(&facts_of(previous), known, Origin::Results);
    let has_claims = take_claims(previous, &matching, known);
    let contents = previous.rows.iter().map(|row| row.facts.content);
    known.set_contents(matching.ids.iter().copied().zip(contents));
    (matching, has_claims)
}

pub(super) fn facts_of(previous: &Previous) -> Vec<Facts> {
    previous.rows.iter().map(|row| row.facts).collect()
}

/// Reads a results file; `None` where it is not one any more.
pub(super) fn read_previous(
    source: &Source,
    options: &ReadOptions,
    mapping: &Mapping,
    known: &Knowledge<'_>,
) -> Result<Option<Previous>, Error> {
    let mut previous = Previous::read(
        source,
        options,
        mapping,
        &known.numbering(),
        |owner| known.is_owned(owner),
        matches!(source, Source::File(_)),
    )?;
    if let (Some(previous), Some(before)) = (&mut previous, known.numbering_before()) {
        let agree = |hint: &dyn Fn(&PreviousRow) -> u32| {
            let rows = previous.rows.iter();
            rows.filter(|row| known.agrees(&row.facts, hint(row)))
                .count()
        };
        let of_before = |row: &PreviousRow| {
            let id = before.id(row.number).and_then(|id| id.try_into().ok());
            id.unwrap_or(0)
        };
        if agree(&of_before) > agree(&|row| row.facts.hint) {
            for row in &mut previous.rows {
                row.facts.hint = of_before(row);
            }
        }
    }
    Ok(previous)
}

/// Reads a results file whose rows are united; nothing where it is not one any more.
pub(super) fn united_previous(
    source: &Source,
    mapping: &Mapping,
    known: &Knowledge<'_>,
) -> Result<(Option<Previous>, Option<Groups>), Error> {
    let read = ReadOptions::default();
    match Reader::open(source, &read) {
        Ok(reader) if is_results(&reader) => {}
        Ok(_) | Err(crate::input::Error::Empty { .. }) => return Ok((None, None)),
        Err(error) => return Err(error.into()),
    }
    let of_rows = Mapping {
        is_united: false,
        ..mapping.clone()
    };
    let grouper = united::of_results(source, &read, &of_rows, true)?;
    let (copied, groups) = grouper.united(source)?;
    let previous = read_previous(&copied.source, &united::read_options(), mapping, known)?;
    Ok((previous, Some(groups)))
}

/// What is validated of a retry: the rows that it sends.
pub(super) fn summarize(
    request: &Request,
    opened: &Opened,
    previous: &Previous,
    mapping: &Mapping,
    plan: &RunPlan,
) -> Result<ValidationSummary, Error> {
    let mut summary = ValidationSummary::new(0);
    let validator = Validator::new(mapping.clone(), &previous.header).without_name_warnings();
    let mut validator = validator.expecting(previous.repeats.clone());
    let reader = Reader::open(&opened.copied.source, &request.read)?;
    for (index, row) in own_rows(reader, &previous.layout, &opened.copied.source).enumerate() {
        let row = row?.0;
        let validated = validator.validate(&row);
        if plan.is_sent(index) {
            summary.add(row.line, &validated);
        }
    }
    Ok(summary)
}
