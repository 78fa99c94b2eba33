//! The plan of a run, as a value: what is done with each row, and what the user should know.
//!
//! Made from what was read (the list, the results file, the journal, WorkOS's organizations)
//! without touching any of it. The question before a run quotes its numbers, and the run carries
//! out exactly it.

use super::knowledge::{Claim, Knowledge, Listed};
use super::matched::Matched;
use super::planned::{PlannedRow, Skipped};
use super::previous::{Previous, PreviousRow};
use super::renamed::{Identity, Renamed};
use super::table::Places;
use super::united::Groups;
use super::{DeletedRows, EditedRows, Request};
use crate::plan::{
    Decision, Doubt, Edit, Facts, KnownRows, Matching, Mode, Progress, Standing, decide,
    decide_missing,
};
use crate::results::Status;
use crate::text::{counted, grouped, untrusted};
use std::collections::{HashMap, HashSet};

/// What a run is about to do.
#[derive(Debug, Default)]
pub(super) struct RunPlan {
    /// How many rows the list has.
    pub(super) rows: u64,
    /// How many are sent because nothing was done for them yet.
    pub(super) new: u64,
    /// How many of these were added to a results file by hand.
    pub(super) added: u64,
    /// How many organizations WorkOS has, where all were listed.
    pub(super) listed: Option<u64>,
    /// How many are sent again.
    pub(super) again: u64,
    /// How many are looked up before they are sent.
    pub(super) in_doubt: u64,
    /// How many are compared with what WorkOS has; none once they were.
    pub(super) to_compare: u64,
    /// How many organizations are changed.
    pub(super) updates: u64,
    /// How many rows may be several organizations, or another row's.
    pub(super) conflicts: u64,
    /// How many are done.
    pub(super) done: u64,
    /// How many WorkOS already has.
    pub(super) unchanged: u64,
    /// How many of those that are sent break a rule, so that nothing is sent for them.
    pub(super) invalid: u64,
    /// How many need a person, and are left alone.
    pub(super) left: u64,
    /// How many are sent again although an undo has deleted them.
    pub(super) deleted: u64,
    /// How many are beyond the limit.
    pub(super) beyond_limit: u64,
    /// Which row has which id and number.
    pub(super) places: Places,
    /// What is done with each row; where there is nothing, all rows are sent.
    pub(super) decisions: Vec<Decision>,
    /// What a sync does with each row of which WorkOS has no organization.
    pub(super) missing: Vec<Decision>,
    /// How many organizations WorkOS has that are no row's; [`None`] where they were not counted.
    pub(super) other_organizations: Option<u64>,
    /// Some of them, as (id, name), where they are asked for.
    pub(super) others_shown: Vec<(String, String)>,
    /// The rows as they are shown.
    pub(super) planned: Vec<PlannedRow>,
    /// Rows that are not as in the plan that is carried out.
    pub(super) skipped: Vec<Skipped>,
    /// How many rows take an organization as their own, as it is.
    pub(super) adopted: u64,
    /// The organizations of the rows of a sync.
    pub(super) matched: Option<Matched>,
    /// When and as what rows may have been sent, by id.
    pub(super) doubts: HashMap<u32, Doubt>,
    /// What rows were in their list, by id, where a results file has them otherwise.
    pub(super) lists: HashMap<u32, Listed>,
    /// Rows that were edited in the list after they were done, or that the user says are the
    /// customers in doubt, by their places and ids.
    pub(super) kept: Vec<(usize, u32)>,
    /// Edited rows that may be other customers than those for which they were sent.
    pub(super) renamed: Vec<Renamed>,
    /// How many rows the journal recognizes by more than their place.
    pub(super) recognized: u64,
    /// The names of organizations that were created for rows the list no longer has: the first.
    pub(super) gone: Vec<String>,
    /// How many these are.
    pub(super) gone_count: u64,
    /// The ids of these rows.
    pub(super) gone_ids: HashSet<u32>,
    /// Rows of the results file that the list does not have, by their places in it.
    pub(super) carried: Vec<(usize, u32)>,
    /// Rows whose cells were corrected in the results file, by their places in it: their ids, or where
    /// rows are united, their numbers.
    pub(super) corrected: HashMap<usize, u32>,
    /// What the user should know, a line each.
    pub(super) notices: Vec<String>,
}

/// How many names of organizations are listed.
const NAMES: usize = 3;

impl RunPlan {
    /// How many rows this run brings to a result.
    pub(super) const fn to_process(&self) -> u64 {
        self.new + self.again + self.in_doubt + self.to_compare + self.updates
    }

    /// How many rows are sent, or looked up and perhaps sent.
    pub(super) const fn to_send(&self) -> u64 {
        self.to_process().saturating_sub(self.invalid)
    }

    /// `1 row already done, 2 new rows`.
    pub(super) fn in_words(&self) -> String {
        let mut invalid = self.invalid;
        let mut valid = |count: u64| {
            let left = count.saturating_sub(invalid);
            invalid = invalid.saturating_sub(count);
            left
        };
        let (new, again, in_doubt) = (valid(self.new), valid(self.again), valid(self.in_doubt));
        let counts = [
            (self.done, "already done"),
            (
                self.unchanged,
                if self.other_organizations.is_some() {
                    "unchanged"
                } else {
                    "already in WorkOS with the same name and domains"
                },
            ),
            (self.to_compare, "to compare with WorkOS"),
            (self.updates, "to update"),
            (self.conflicts, "in conflict with what is there"),
            (new, "new"),
            (again, "to send again"),
            (in_doubt, "to check first"),
            (self.invalid, "invalid (not sent)"),
            (
                self.left,
                "skipped (fix them in the results file, then retry)",
            ),
            (self.beyond_limit, "beyond --limit"),
            (self.skipped.len() as u64, "skipped (not as in the plan)"),
        ];
        let counts = counts.iter().filter(|(count, _)| *count > 0);
        let words: Vec<_> = counts
            .map(|(count, what)| format!("{} {what}", grouped(*count)))
            .collect();
        if words.is_empty() {
            return "none".to_owned();
        }
        words.join(", ")
    }

    /// The plan of a list whose rows are all new.
    pub(super) fn of_new_list(rows: u64, invalid: u64, limit: Option<u64>) -> Self {
        let new = limit.map_or(rows, |limit| rows.min(limit));
        Self {
            rows,
            new,
            invalid,
            beyond_limit: rows - new,
            ..Self::default()
        }
    }

    /// The plan of a list that was not changed since its last import.
    pub(super) fn of_same_list(ids: Vec<u32>, known: &Knowledge<'_>, request: &Request) -> Self {
        let mut plan = Self {
            rows: ids.len() as u64,
            ..Self::default()
        };
        plan.decide_all(&ids, &HashMap::new(), known, request);
        let is_identity = ids.iter().zip(1_u32..).all(|(id, place)| *id == place);
        if !is_identity {
            plan.places.ids = ids;
        }
        plan
    }

    /// The plan of a retry.
    pub(super) fn of_results(
        previous: &Previous,
        matching: Matching,
        found: &HashMap<usize, Identity>,
        known: &Knowledge<'_>,
        request: &Request,
    ) -> Self {
        let facts: Vec<Facts> = previous.rows.iter().map(|row| row.facts).collect();
        // Also of rows that an earlier retry has sent as they are now.
        let ids = facts.iter().zip(&matching.ids);
        let lists = ids.filter_map(|(row, id)| Some((*id, known.listed(*id, row)?)));
        let lists = lists.collect();
        let mut plan = Self::of_list(&facts, matching, found, known, request);
        plan.lists = lists;
        // The list is what it was; only the results file was edited.
        plan.kept.clear();
        // Users drop rows that are done.
        (plan.gone, plan.gone_count) = (Vec::new(), 0);
        plan.places.numbers = numbers(&plan.places.ids, previous, known);
        plan
    }

    /// The plan of a list that may have been changed. `found` has the texts of rows that may be other
    /// customers.
    pub(super) fn of_list(
        facts: &[Facts],
        matching: Matching,
        found: &HashMap<usize, Identity>,
        known: &Knowledge<'_>,
        request: &Request,
    ) -> Self {
        let Matching {
            mut ids,
            edits,
            replaced,
            gone,
            new,
        } = matching;
        let others = edits.iter().filter(|edit| edit.may_be_another).count() as u64;
        let mut plan = Self {
            rows: ids.len() as u64,
            recognized: (ids.len() as u64).saturating_sub(new + others),
            ..Self::default()
        };
        let mut changed = Vec::new();
        let mut gone: HashSet<u32> = gone.into_iter().collect();
        let mut next = ids.iter().copied().max().unwrap_or(0).max(known.last());
        let answer = request.answers.edited_rows;
        for edit in edits
            .iter()
            .filter(|edit| known.progress(edit.id).may_own())
        {
            let line = facts.get(edit.index).map_or(0, |row| row.line);
            let external = facts.get(edit.index).map_or(0, |row| row.external);
            let is_same = !edit.may_be_another
                || answer == Some(EditedRows::Update)
                || external != 0 && external == known.external(edit.id);
            if request.is_sync() && is_same {
                continue;
            }
            let identity = found.get(&edit.index).cloned().unwrap_or_default();
            let renamed = edit.may_be_another.then_some(identity);
            let renamed = renamed.and_then(|now| Renamed::of(edit, line.into(), now, known));
            let is_another = renamed.is_some() && answer == Some(EditedRows::Create);
            let is_done = known.progress(edit.id).is_done();
            let is_asked = renamed.is_some();
            if is_done && !is_asked {
                changed.push(line);
            }
            plan.renamed.extend(renamed);
            if let Some(id) = ids.get_mut(edit.index).filter(|_| is_another) {
                next += 1;
                gone.insert(*id);
                *id = next;
            } else if is_done || is_asked {
                plan.kept.push((edit.index, edit.id));
            }
        }
        let is_settled = |(_, id): &(usize, u32)| !known.progress(*id).is_in_doubt();
        plan.kept.extend(replaced.into_iter().filter(is_settled));
        let edited: HashMap<usize, Edit> = edits.iter().map(|edit| (edit.index, *edit)).collect();
        plan.decide_all(&ids, &edited, known, request);
        plan.count_invalid(facts);
        plan.notice_changed(&changed, facts.iter().any(|row| row.key != 0));
        let mut names: Vec<u32> = gone.iter().copied().collect();
        names.sort_unstable();
        plan.gone_count = names.len() as u64;
        let names = names.iter().filter_map(|id| known.name_of(*id)).take(NAMES);
        plan.gone = names
            .map(|name| format!("\"{}\"", untrusted(&name, 60)))
            .collect();
        plan.gone_ids = gone;
        plan.places.ids = ids;
        plan
    }

    /// Counts the rows that are sent and break a rule.
    pub(super) fn count_invalid(&mut self, facts: &[Facts]) {
        let rows = facts.iter().enumerate();
        let invalid = rows.filter(|(index, row)| row.name == 0 && self.is_sent(*index));
        self.invalid = invalid.count() as u64;
    }

    fn notice_changed(&mut self, lines: &[u32], are_united: bool) {
        if lines.is_empty() {
            return;
        }
        let first: Vec<_> = lines.iter().take(NAMES).map(ToString::to_string).collect();
        let more = if lines.len() > NAMES { ", …" } else { "" };
        if are_united {
            self.notices.push(format!(
                "rows of {} were added or changed after it was created: import does not change it, workos-orgs sync does (line {}{more})",
                counted(lines.len() as u64, "organization"),
                first.join(", ")
            ));
            return;
        }
        let noun = if lines.len() == 1 {
            "row was"
        } else {
            "rows were"
        };
        self.notices.push(format!(
            "{} {noun} changed after the organization was created; the change is not sent (line {}{more})",
            grouped(lines.len() as u64),
            first.join(", ")
        ));
    }

    /// Decides what is done with each row, and counts.
    fn decide_all(
        &mut self,
        ids: &[u32],
        edited: &HashMap<usize, Edit>,
        known: &Knowledge<'_>,
        request: &Request,
    ) {
        let limit = request.limit.unwrap_or(u64::MAX);
        self.decisions = Vec::with_capacity(ids.len());
        for (index, id) in ids.iter().enumerate() {
            let progress = known.progress(*id);
            let edit = edited.get(&index).filter(|edit| edit.id == *id);
            let row = Standing {
                progress,
                is_owner: known.owner(*id) != 0,
                is_edited: edit.is_some(),
                is_incomplete: known.is_incomplete,
            };
            let mut decision = decide(row, &request.mode);
            if decision == Decision::Compare
                && request.answers.edited_rows == Some(EditedRows::Keep)
                && edit.is_some_and(|edit| edit.may_be_another && progress.is_done())
            {
                decision = Decision::Keep;
            }
            if request.is_sync() {
                let stays_deleted = progress == Progress::Outcome(Status::Deleted)
                    && request.answers.deleted_rows == Some(DeletedRows::Keep);
                self.missing.push(if stays_deleted {
                    Decision::Keep
                } else {
                    decide_missing(row, &request.mode)
                });
            }
            if is_deleted(progress, request) && (index as u64) < limit {
                self.deleted += 1;
                if decision == Decision::Keep {
                    decision = Decision::Send;
                }
            }
            let is_chosen = request.corrections.as_ref().is_none_or(|chosen| {
                let number = known.number(*id);
                chosen.rows.contains(&number)
            });
            if !is_chosen && decision != Decision::Keep {
                decision = Decision::Leave;
            }
            if index as u64 >= limit {
                decision = Decision::Leave;
                self.beyond_limit += 1;
            } else {
                self.count(decision, progress);
            }
            if decision == Decision::LookUp {
                let mut doubt = known.doubt(*id);
                // What may be there is the row as it was sent: the list or the results file may have
                // been edited since, also before a run that did not come to it.
                doubt.earlier = known.earlier(*id);
                self.doubts.insert(*id, doubt);
            }
            self.decisions.push(decision);
        }
    }

    /// A row was compared: this is done with it.
    pub(super) fn compared(&mut self, index: usize, decision: Decision, is_new: bool) {
        let Some(slot) = self.decisions.get_mut(index) else {
            return;
        };
        *slot = decision;
        self.to_compare = self.to_compare.saturating_sub(1);
        match decision {
            Decision::Keep => self.unchanged += 1,
            Decision::Send if is_new => self.new += 1,
            Decision::Send => self.again += 1,
            decision => self.count(decision, Progress::Unseen),
        }
    }

    const fn count(&mut self, decision: Decision, progress: Progress) {
        match decision {
            Decision::Compare => self.to_compare += 1,
            Decision::Update => self.updates += 1,
            Decision::Keep => self.done += 1,
            Decision::Leave => self.left += 1,
            Decision::LookUp => self.in_doubt += 1,
            Decision::Send => match progress {
                Progress::Unseen => self.new += 1,
                _ => self.again += 1,
            },
        }
    }

    /// Marks a row as one that WorkOS already has.
    pub(super) fn adopt(&mut self, index: usize) {
        if self.decisions.is_empty() {
            let limit = self.rows - self.beyond_limit;
            let decision = |index| {
                if index < limit {
                    Decision::Send
                } else {
                    Decision::Leave
                }
            };
            self.decisions = (0..self.rows).map(decision).collect();
        }
        if let Some(decision) = self.decisions.get_mut(index) {
            let count = match decision {
                Decision::LookUp => &mut self.in_doubt,
                _ => &mut self.new,
            };
            *count = count.saturating_sub(1);
            *decision = Decision::Keep;
            self.unchanged += 1;
        }
    }

    /// The ids of all rows of the results file.
    pub(super) fn ids(&self) -> impl Iterator<Item = u64> {
        let listed = 0..usize::try_from(self.rows).unwrap_or(usize::MAX);
        let listed = listed.map(|index| self.places.at(index).0);
        let carried = self.carried.iter().map(|(_, id)| *id);
        listed.chain(carried).map(u64::from)
    }

    /// Whether the row at this place is sent, or looked up and perhaps sent.
    pub(super) fn is_sent(&self, index: usize) -> bool {
        matches!(
            self.decision(index),
            Decision::Send | Decision::LookUp | Decision::Compare
        )
    }

    /// The decision about the row at this place.
    pub(super) fn decision(&self, index: usize) -> Decision {
        let beyond = || index as u64 >= self.rows - self.beyond_limit;
        let by_default = || {
            if beyond() {
                Decision::Leave
            } else {
                Decision::Send
            }
        };
        self.decisions
            .get(index)
            .copied()
            .unwrap_or_else(by_default)
    }
}

/// Whether a row is created again that an undo has deleted.
fn is_deleted(progress: Progress, request: &Request) -> bool {
    progress == Progress::Outcome(Status::Deleted)
        && matches!(request.mode, Mode::Import | Mode::Sync)
        && request.answers.deleted_rows != Some(DeletedRows::Keep)
}

/// The number of each row of a retry: that of its id; a new row gets the next free one.
fn numbers(ids: &[u32], previous: &Previous, known: &Knowledge<'_>) -> Vec<u32> {
    let of_file = previous.rows.iter().map(|row| row.number);
    let of_journal = ids.iter().map(|id| known.number(*id));
    let mut next = of_file.chain(of_journal).max().unwrap_or(0);
    let mut seen = HashSet::new();
    let mut number = |id: &u32| {
        let number = Some(known.number(*id)).filter(|number| *number > 0);
        let number = number
            .filter(|number| seen.insert(*number))
            .unwrap_or_else(|| {
                next += 1;
                next
            });
        u32::try_from(number).unwrap_or(u32::MAX)
    };
    ids.iter().map(&mut number).collect()
}

/// Takes what a results file says of rows that the journal does not know: it is all there is
/// where the journal is missing, older, or another one. Returns whether there was any such row.
pub(super) fn take_claims(
    previous: &Previous,
    matching: &Matching,
    known: &mut Knowledge<'_>,
) -> bool {
    let last = known.last();
    let mut has_claims = false;
    for (row, id) in previous.rows.iter().zip(&matching.ids) {
        let is_known = *id <= last && known.progress(*id) != Progress::Unseen;
        let owns = row.facts.owner != 0;
        if (is_known && (!owns || known.progress(*id).is_done())) || row.claims.is_none() {
            continue;
        }
        has_claims = true;
        known.claim(*id, Claim::of(row));
    }
    has_claims
}

/// Decides which rows of the results file keep their cells: those that its user has corrected, and
/// those that the list does not have. Returns the lines of corrected rows that this run would
/// send as they are in the list.
pub(super) fn keep_cells(
    plan: &mut RunPlan,
    facts: &[Facts],
    previous: &Previous,
    matching: &Matching,
    known: &Knowledge<'_>,
) -> Vec<u64> {
    let place = |index: usize| u32::try_from(index + 1).unwrap_or(u32::MAX);
    let id_of = |index: usize| plan.places.ids.get(index).copied();
    let by_id: HashMap<u32, usize> = (0..facts.len())
        .map(|index| (id_of(index).unwrap_or_else(|| place(index)), index))
        .collect();
    let mut unseen = unseen_contents(facts, &by_id, known);
    let mut next = by_id.keys().copied().max().unwrap_or(0).max(known.last());
    let mut conflicting = Vec::new();
    // Without any numbers, a row that lacks one need not be one that the user has added.
    let has_numbers = previous.rows.iter().any(|row| row.number > 0);
    for (at, (row, id)) in previous.rows.iter().zip(&matching.ids).enumerate() {
        let line = u64::from(row.facts.line);
        if known.progress(*id) == Progress::Unseen {
            match unseen.get_mut(&row.facts.content) {
                Some(count @ 1..) => *count -= 1,
                _ if row.number == 0 && has_numbers => {
                    next += 1;
                    plan.carried.push((at, next));
                }
                _ if known.is_same_list => conflicting.push(line),
                // A row that was not sent yet and that the list has otherwise now.
                _ => {}
            }
            continue;
        }
        let Some(&index) = by_id.get(id) else {
            // Nothing was created for it, and its user has removed it from the list.
            let is_removed = known.was_listed(*id) && known.agrees(&row.facts, *id);
            if known.progress(*id).may_own() || !is_removed {
                plan.carried.push((at, *id));
            }
            continue;
        };
        let Some(listed) = facts.get(index) else {
            continue;
        };
        let now = row.facts.content;
        let is_unchanged = now == listed.content || now == known.content_in_list(*id);
        if is_unchanged || (!known.agrees(listed, *id) && known.agrees(&row.facts, *id)) {
            continue;
        }
        if plan.is_sent(index) && row.facts.list != listed.list {
            conflicting.push(line);
        }
        plan.corrected.insert(at, *id);
    }
    conflicting
}

/// Decides which rows of a results file are kept where rows are united: those whose organization the
/// list does not have, and the cells of those that its user has corrected. Returns the lines of
/// rows that would lose their corrections; `is_edited` says whether there may be any.
pub(super) fn keep_rows(
    plan: &mut RunPlan,
    previous: &Groups,
    listed: &Groups,
    matching: &Matching,
    known: &Knowledge<'_>,
    is_edited: bool,
) -> Vec<u64> {
    let places = 0..usize::try_from(plan.rows).unwrap_or(usize::MAX);
    let ids: HashSet<u32> = places.map(|index| plan.places.at(index).0).collect();
    let mut left: HashMap<u64, u64> = HashMap::new();
    for content in &listed.contents {
        *left.entry(*content).or_default() += 1;
    }
    let mut lost = Vec::new();
    for (at, (content, group)) in previous.contents.iter().zip(&previous.of_row).enumerate() {
        let id = matching.ids.get(*group as usize).copied().unwrap_or(0);
        if !ids.contains(&id) && known.progress(id) != Progress::Unseen {
            plan.carried.push((at, id));
            continue;
        }
        if let Some(count @ 1..) = left.get_mut(content) {
            *count -= 1;
            continue;
        }
        let number = previous.numbers.get(at).copied().unwrap_or(0);
        let place = number.checked_sub(1).filter(|_| known.is_same_list);
        let group = place.and_then(|place| listed.of_row.get(place as usize));
        if group.is_some_and(|group| !plan.is_sent(*group as usize)) {
            plan.corrected.insert(at, number);
        } else if is_edited {
            lost.push(previous.lines.get(at).copied().unwrap_or(0).into());
        }
    }
    lost
}

/// How many rows of the list that nothing was done for have which cells.
fn unseen_contents(
    facts: &[Facts],
    by_id: &HashMap<u32, usize>,
    known: &Knowledge<'_>,
) -> HashMap<u64, u64> {
    let mut unseen = HashMap::new();
    for (id, index) in by_id {
        if known.progress(*id) == Progress::Unseen
            && let Some(row) = facts.get(*index)
        {
            *unseen.entry(row.content).or_default() += 1;
        }
    }
    unseen
}

/// Whether a results file says of every row what the journal does, so that it can stay as it is.
pub(super) fn is_up_to_date(
    plan: &RunPlan,
    previous: &[PreviousRow],
    matching: &Matching,
    known: &Knowledge<'_>,
) -> bool {
    let said: HashSet<u32> = previous
        .iter()
        .zip(&matching.ids)
        .filter(|(row, id)| {
            let owner = known.owner(**id);
            row.is_complete && (owner == 0 || owner == row.facts.owner)
        })
        .map(|(_, id)| *id)
        .collect();
    let mut rows = 0..usize::try_from(plan.rows).unwrap_or(usize::MAX);
    rows.all(|index| said.contains(&plan.places.at(index).0))
}
