//! From an open list to a plan: everything that is read before WorkOS is asked.

use super::kept_cells::take_claims;
use super::knowledge::Knowledge;
use super::likely::match_and_compare;
use super::memory::Memory;
use super::previous::{Previous, PreviousRow};
use super::renamed::Identity;
use super::reread::{read_again, read_rows};
use super::results_file::{ResultsFile, facts_of, read_previous, summarize};
use super::run_plan::RunPlan;
use super::survey::{Survey, survey};
use super::{Error, Opened, Request};
use crate::columns::Mapping;
use crate::journal::{List, Outcome, State};
use crate::plan::{Edit, Facts, KnownRows, Matching, Mode, Progress, is_damaged};
use crate::results::Layout;
use crate::table::Row;
use crate::validate::{RepeatedTexts, SeveralRows, Validated, ValidationSummary};
use std::collections::{HashMap, HashSet};

/// Everything that is known before WorkOS is asked.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) mapping: Mapping,
    pub(super) list: List,
    /// The findings about the rows that are asked for.
    pub(super) summary: ValidationSummary,
    /// Whether several rows seem to be one customer.
    several_rows: Option<SeveralRows>,
    /// What rows repeat of earlier ones.
    pub(super) repeats: RepeatedTexts,
    /// The facts of each row; none where the plan needed none.
    pub(super) facts: Vec<Facts>,
    pub(super) plan: RunPlan,
    /// The results file that is there.
    pub(super) previous: Option<Previous>,
    /// Whether the results file already says all that the journal does.
    pub(super) is_up_to_date: bool,
    /// Outcomes that the results file has and the journal has not.
    pub(super) claims: Vec<Outcome>,
    /// Whether the journal is missing or older than the results file.
    pub(super) is_incomplete: bool,
    /// External ids that a spreadsheet has probably changed: the id before, the one now.
    pub(super) changed_ids: Vec<(String, String)>,
}

impl Prepared {
    /// The columns of the results file whose rows are read; `None` where those of a list are.
    pub(super) fn layout_of_retry(&self, request: &Request) -> Option<&Layout> {
        let retried = self.previous.as_ref().filter(|_| request.is_retry());
        retried.map(|previous| &previous.layout)
    }

    /// Reads and validates all rows again, in order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(super) fn read_rows(
        &self,
        request: &Request,
        opened: &Opened,
        found: impl FnMut(usize, &Row, &Validated<'_>) + Send,
    ) -> Result<(), Error> {
        let layout = self.layout_of_retry(request);
        read_rows(request, opened, &self.mapping, layout, &self.repeats, found)
    }

    /// Reads and validates all rows, and plans what is done with each.
    ///
    /// # Errors
    /// When the list cannot be read, or does not belong to the journal.
    pub(super) fn new(
        request: &Request,
        opened: &Opened,
        memory: &Memory,
        list: List,
        mapping: Mapping,
    ) -> Result<Self, Error> {
        if request.is_retry() {
            return Self::retry(request, opened, memory, list, mapping);
        }
        Self::import(request, opened, memory, list, mapping)
    }

    /// Whether several rows seem to be one customer, and some of them are to be created: what a sync
    /// creates is known only when its rows were compared.
    pub(super) fn several_rows(&self) -> Option<&SeveralRows> {
        self.several_rows.as_ref().filter(|_| self.plan.new > 0)
    }

    fn import(
        request: &Request,
        opened: &Opened,
        memory: &Memory,
        list: List,
        mapping: Mapping,
    ) -> Result<Self, Error> {
        let state = memory.state.as_ref();
        let mut known = Knowledge::new(state, &memory.path, memory.is_same_list(&list))?;
        // A retry may have given ids to other rows than the list's numbering does.
        let last_run = state.and_then(State::last_run);
        let was_of_list = last_run.is_some_and(|run| run.command.is_of_list());
        let is_as_before = known.is_same_list && was_of_list;
        let mut file = ResultsFile::default();
        if memory.has_results() && !request.answers.discard_edits {
            file.read(request, opened, memory, &mapping, &mut known, is_as_before)?;
        }
        known.is_incomplete |= state.is_some_and(lacks_rows);
        let has_previous = file.previous.is_some();
        let is_new = state.is_none() && !has_previous && !request.is_sync();
        let wants_facts =
            mapping.is_united || request.is_sync() || has_previous || !(is_new || is_as_before);
        let Survey {
            mut summary,
            repeats,
            rows,
            invalid,
            mut facts,
        } = survey(
            &opened.copied,
            &request.read,
            &mapping,
            request.limit.filter(|_| is_new || request.is_sync()),
            memory.repeats(&list, &mapping),
            wants_facts,
        )?;
        if let Some(original) = &opened.original {
            summary.take_cells(original.summary.clone());
        }
        let mut plan = if is_new {
            RunPlan::of_new_list(rows, summary.invalid(), request.limit)
        } else if is_as_before && !(known.is_incomplete && has_previous) {
            let places = 0..usize::try_from(rows).unwrap_or(usize::MAX);
            let ids = places.map(|index| known.id_in_list(opened.number(index)));
            let mut plan = RunPlan::of_same_list(ids.collect(), &known, request);
            let invalid = invalid.into_iter().filter(|index| plan.is_sent(*index));
            plan.invalid = invalid.count() as u64;
            plan
        } else {
            hint_at_same_list(&mut facts, opened, &known);
            let same = (&mapping, None, &repeats);
            let matching = match_and_compare(&facts, &known, request, opened, same)?;
            let found = found_edits(&matching, &known, request, opened, same)?;
            let plan = RunPlan::of_list(&facts, matching, &found, &known, request);
            refuse_unrelated(&plan, &list, memory, opened)?;
            plan
        };
        file.keep(&mut plan, &facts, opened, memory, &known)?;
        notice_journal(&mut plan, memory, &known);
        notice_constant_ids(&mut plan, opened, &mapping);
        Ok(Self {
            claims: known.claimed_outcomes(),
            is_incomplete: known.is_incomplete,
            is_up_to_date: file.is_up_to_date,
            changed_ids: Vec::new(),
            several_rows: SeveralRows::of(&summary, opened.list_reader().header(), &mapping),
            mapping,
            list,
            summary,
            repeats,
            facts,
            plan,
            previous: file.previous,
        })
    }

    fn retry(
        request: &Request,
        opened: &Opened,
        memory: &Memory,
        list: List,
        mapping: Mapping,
    ) -> Result<Self, Error> {
        let state = memory.state.as_ref();
        let mut known = Knowledge::new(state, &memory.path, false)?;
        let source = &opened.copied.source;
        let previous = read_previous(source, &request.read, &mapping, &known)?;
        let Some(previous) = previous else {
            return Err(crate::results::Error::NotResults {
                path: opened.results.clone(),
            }
            .into());
        };
        let numbers = match &opened.original {
            Some(original) => original
                .groups
                .numbers
                .iter()
                .map(|it| (*it).into())
                .collect(),
            None => previous.rows.iter().map(|row| row.number).collect(),
        };
        if request.mode != Mode::Undo {
            memory.refuse_unfinished_import(&numbers, opened)?;
        }
        let same = (&mapping, Some(&previous.layout), &previous.repeats);
        let facts = facts_of(&previous);
        let matching = match_and_compare(&facts, &known, request, opened, same)?;
        let known_before = known.last();
        let has_claims = take_claims(&previous, &matching, &mut known);
        known.is_incomplete = has_claims || state.is_none_or(lacks_rows);
        let changed_ids = changed_ids(&previous.rows, &matching.edits, &known);
        // Rows of the list that were not sent yet are new too, and were not added.
        let is_added = |id: &&u32| **id > known_before && known.progress(**id) == Progress::Unseen;
        let added = matching.ids.iter().filter(is_added).count() as u64;
        let found = found_edits(&matching, &known, request, opened, same)?;
        let mut plan = RunPlan::of_results(&previous, matching, &found, &known, request);
        notice_journal(&mut plan, memory, &known);
        let corrections = request.corrections.iter();
        let taken = corrections.map(|taken| taken.in_words(&opened.results));
        plan.notices.extend(taken);
        if added > 0 && state.is_some() {
            plan.added = added;
            let rows = crate::text::counted(plan.added, "row");
            plan.notices
                .push(format!("{rows} added since the last run"));
        }
        let summary = summarize(request, opened, &previous, &mapping, &plan)?;
        Ok(Self {
            claims: known.claimed_outcomes(),
            is_incomplete: known.is_incomplete,
            is_up_to_date: true,
            changed_ids,
            several_rows: None,
            repeats: previous.repeats.clone(),
            facts: facts_of(&previous),
            previous: Some(previous),
            mapping,
            list,
            summary,
            plan,
        })
    }
}

/// In the list that was imported last, each row has the id that it had then.
fn hint_at_same_list(facts: &mut [Facts], opened: &Opened, known: &Knowledge<'_>) {
    if !known.is_same_list {
        return;
    }
    for (index, row) in facts.iter_mut().enumerate() {
        row.hint = known.id_in_list(opened.number(index));
    }
}

fn notice_constant_ids(plan: &mut RunPlan, opened: &Opened, mapping: &Mapping) {
    let constant = opened.content.constant_ids(mapping).into_iter();
    plan.notices.extend(constant.map(|column| {
        let column = crate::text::quoted(column);
        format!("column {column} is not an id: it has the same value in all rows")
    }));
}

/// Whether rows may have been sent that the journal does not mention.
fn lacks_rows(state: &State) -> bool {
    state.is_torn() || state.is_incomplete()
}

/// The texts of edited rows that may be other customers, by their places.
fn found_edits(
    matching: &Matching,
    known: &Knowledge<'_>,
    request: &Request,
    opened: &Opened,
    (mapping, layout, repeats): (&Mapping, Option<&Layout>, &RepeatedTexts),
) -> Result<HashMap<usize, Identity>, Error> {
    let edits = matching.edits.iter().filter(|edit| edit.may_be_another);
    let edits = edits.filter(|edit| known.progress(edit.id).may_own());
    let wanted: HashSet<usize> = edits.map(|edit| edit.index).collect();
    let mut found = HashMap::new();
    let add = |index, row: &Validated<'_>| {
        let name = row.organization.as_ref().map(|it| it.name.to_string());
        let identity = Identity {
            name: name.unwrap_or_default(),
            external_id: row.external_id().map(str::to_owned),
        };
        found.insert(index, identity);
    };
    read_again(request, opened, mapping, layout, repeats, &wanted, add)?;
    Ok(found)
}

fn notice_journal(plan: &mut RunPlan, memory: &Memory, known: &Knowledge<'_>) {
    let Some(state) = &memory.state else {
        return;
    };
    if state.is_torn() {
        plan.notices.push(
            "the last line of the journal was incomplete (crash or full disk): repaired".to_owned(),
        );
    } else if known.is_incomplete {
        plan.notices.push(
            "the journal is older than the results file: rows without a result are looked up before they are sent".to_owned(),
        );
    }
}

/// External ids of corrected rows that a spreadsheet has probably changed.
fn changed_ids(
    rows: &[PreviousRow],
    edits: &[Edit],
    known: &Knowledge<'_>,
) -> Vec<(String, String)> {
    let edited = edits.iter().filter(
        |edit| matches!(known.progress(edit.id), Progress::Outcome(status) if !status.is_done()),
    );
    let ids = edited.filter_map(|edit| {
        let was = known.external_id_of(edit.id)?;
        let is = rows.get(edit.index)?.external_id.as_deref()?;
        is_damaged(&was, is).then(|| (was, is.to_owned()))
    });
    ids.collect()
}

/// How the list is read, for the journal.
pub(super) fn list_of(request: &Request, opened: &Opened) -> List {
    let read_as = opened.reader.read_as();
    List {
        name: request.source.to_string(),
        digest: opened.copied.digest.clone(),
        read: request.read.clone(),
        read_as: read_as.to_string(),
        sheet: read_as.sheet.as_ref().map(|(name, _)| name.clone()),
        format: opened.reader.format(),
        columns: opened.header(),
    }
}

/// A list of another name of which hardly a row is known is another list.
fn refuse_unrelated(
    plan: &RunPlan,
    list: &List,
    memory: &Memory,
    opened: &Opened,
) -> Result<(), Error> {
    let has_others = plan.gone_count + plan.renamed.len() as u64 > 0;
    if plan.recognized > 0 || !has_others {
        return Ok(());
    }
    memory.other_file(list, opened).map_or(Ok(()), Err)
}
