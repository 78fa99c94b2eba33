//! The results file that is there: read, matched with the journal, and kept where it was edited.

use super::kept_cells::{is_up_to_date, keep_cells, keep_rows, take_claims};
use super::knowledge::Knowledge;
use super::memory::Memory;
use super::previous::{Previous, PreviousRow, is_results, own_rows};
use super::run_plan::RunPlan;
use super::united::{self, Groups};
use super::untouched::untouched;
use super::{Error, Opened, Request};
use crate::columns::Mapping;
use crate::input::{ReadOptions, Reader, Source};
use crate::plan::{Facts, KnownRows, Matching, Origin, Progress, match_rows};
use crate::validate::{ValidationSummary, Validator};
use std::cmp::Reverse;

/// The results file beside a list.
#[derive(Debug, Default)]
pub(super) struct ResultsFile {
    /// Its rows; `None` where they need not be read, or where it has none.
    pub(super) previous: Option<Previous>,
    /// Which of its rows are one organization, where rows are united.
    groups: Option<Groups>,
    /// Which journal row each of its rows is.
    matching: Option<Matching>,
    /// Whether it says of every row what the journal does.
    pub(super) is_up_to_date: bool,
}

impl ResultsFile {
    /// Reads it, unless it is as the last run has left it; the journal then learns what it lacks.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn read(
        &mut self,
        request: &Request,
        opened: &Opened,
        memory: &Memory,
        mapping: &Mapping,
        known: &mut Knowledge<'_>,
        is_as_before: bool,
    ) -> Result<(), Error> {
        if is_as_before
            && !mapping.is_united
            && !request.is_sync()
            && let Some(file) = untouched(request, opened, known)?
        {
            self.is_up_to_date = file.is_up_to_date;
            return Ok(());
        }
        let source = Source::File(opened.results.clone());
        if mapping.is_united {
            (self.previous, self.groups) = united_previous(&source, mapping, known)?;
        } else {
            self.previous = read_previous(&source, &ReadOptions::default(), mapping, known)?;
        }
        let Some(previous) = &self.previous else {
            return Ok(());
        };
        let matching = match_rows(&facts_of(previous), known, Origin::Results);
        let has_claims = take_claims(previous, &matching, known);
        let rows = previous.rows.iter().map(|row| &row.facts);
        known.set_contents(matching.ids.iter().copied().zip(rows));
        known.is_incomplete = has_claims || memory.state.is_none();
        self.matching = Some(matching);
        Ok(())
    }

    /// Decides which of its rows and cells the run keeps.
    ///
    /// # Errors
    /// When rows were corrected that this run would send as they are in the list.
    pub(super) fn keep(
        &mut self,
        plan: &mut RunPlan,
        facts: &[Facts],
        opened: &Opened,
        memory: &Memory,
        known: &Knowledge<'_>,
    ) -> Result<(), Error> {
        let (Some(previous), Some(matching)) = (&self.previous, &self.matching) else {
            return Ok(());
        };
        let lines = if let (Some(original), Some(groups)) = (&opened.original, &self.groups) {
            let is_edited = memory.is_edited(&opened.results)?;
            let file = (previous, groups);
            keep_rows(plan, file, &original.groups, matching, known, is_edited)
        } else {
            self.is_up_to_date = known.is_same_list
                && previous.is_whole
                && is_up_to_date(plan, &previous.rows, matching, known);
            keep_cells(plan, facts, previous, matching, known)
        };
        refuse_corrected(&lines, opened)
    }
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
        let of_before = |row: &PreviousRow| {
            let id = before.id(row.number).and_then(|id| id.try_into().ok());
            id.unwrap_or(0)
        };
        let of_last = |row: &PreviousRow| row.facts.hint;
        if fit(&previous.rows, known, of_before) < fit(&previous.rows, known, of_last) {
            // A row that was not sent has got another id since.
            let is_known = |id: &u32| known.progress(*id) != Progress::Unseen;
            for row in &mut previous.rows {
                let id = Some(of_before(row)).filter(is_known);
                row.facts.hint = id.unwrap_or(0);
            }
        }
    }
    Ok(previous)
}

/// How well rows fit the ids that a numbering gives them, the best first: how few are other rows in the
/// journal, then how many are as in the journal.
fn fit(
    rows: &[PreviousRow],
    known: &Knowledge<'_>,
    id_of: impl Fn(&PreviousRow) -> u32,
) -> (usize, Reverse<usize>) {
    let (mut others, mut same) = (0, 0);
    for row in rows {
        let id = id_of(row);
        if known.progress(id) == Progress::Unseen {
            continue;
        }
        let (owner, cells) = (known.owner(id), known.content_in_list(id));
        let has_other_owner = ![0, owner].contains(&row.facts.owner) && owner != 0;
        let has_other_cells = ![0, row.facts.content].contains(&cells);
        if has_other_owner || has_other_cells || !known.agrees(&row.facts, id) {
            others += 1;
        } else {
            same += 1;
        }
    }
    (others, Reverse(same))
}

/// Reads a results file whose rows are united; nothing where it is not one any more.
fn united_previous(
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

/// Rows that were corrected in the results file are not sent as they are in the list.
fn refuse_corrected(lines: &[u64], opened: &Opened) -> Result<(), Error> {
    let Some(first) = lines.first() else {
        return Ok(());
    };
    let results = opened.results.display();
    let more = lines.len() - 1;
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    let quoted = crate::text::shell_path(&opened.results);
    Err(Error::Mismatch {
        message: format!(
            "{results} was edited: line {first}{more} would be sent as in the list, without the correction"
        ),
        hint: format!(
            "to send the rows as they are in the results file: workos-orgs retry {quoted}; to drop the corrections and send the rows of the list, add --discard-edits"
        ),
    })
}
