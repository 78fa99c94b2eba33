//! Making the plan of a run: what is decided about each row of a list or of a results file.

use super::knowledge::Knowledge;
use super::previous::Previous;
use super::renamed::{Identity, Renamed};
use super::run_plan::RunPlan;
use super::{DeletedRows, EditedRows, Request};
use crate::plan::{
    Decision, Edit, Facts, KnownRows, Matching, Mode, Progress, Standing, decide, decide_missing,
};
use crate::results::Status;
use crate::text::{counted, grouped, untrusted};
use std::collections::{HashMap, HashSet};

/// How many names of organizations are listed.
const NAMES: usize = 3;

impl RunPlan {
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
        plan.replaced = replaced.iter().map(|(_, id)| *id).collect();
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
    pub(super) fn decide_all(
        &mut self,
        ids: &[u32],
        edited: &HashMap<usize, Edit>,
        known: &Knowledge<'_>,
        request: &Request,
    ) {
        let limit = request.limit.unwrap_or(u64::MAX);
        let mut within_limit = 0;
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
            if is_deleted(progress, request) && within_limit < limit {
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
            // The limit is about rows for which there is something to do: repeated, it does the next ones.
            let is_open = !matches!(decision, Decision::Keep | Decision::Leave);
            if is_open && within_limit >= limit {
                decision = Decision::Leave;
                self.beyond_limit += 1;
            } else {
                within_limit += u64::from(is_open);
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
}

/// Whether a row is created again that an undo has deleted.
pub(super) fn is_deleted(progress: Progress, request: &Request) -> bool {
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
