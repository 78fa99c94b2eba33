//! What a results file that is there says, and which of its rows and cells are kept.

use super::knowledge::{Claim, Knowledge};
use super::previous::{Previous, PreviousRow};
use super::run_plan::RunPlan;
use super::united::Groups;
use crate::plan::{Facts, KnownRows, Matching, Progress};
use std::collections::{HashMap, HashSet};

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
        if plan.replaced.contains(id) {
            continue;
        }
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
    (united, previous): (&Previous, &Groups),
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
        // The list has changed, and not the results file.
        let cells = united
            .rows
            .get(*group as usize)
            .map(|row| row.facts.content);
        let is_as_sent = cells == Some(known.content_in_list(id));
        let was_unsent = number > 0 && known.progress(id) == Progress::Unseen;
        if is_as_sent || was_unsent && !known.is_same_list {
            continue;
        }
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
