//! The plan of a run, as a value: what is done with each row, and what the user should know.
//!
//! Made from what was read (the list, the results file, the journal, WorkOS's organizations)
//! without touching any of it. The question before a run quotes its numbers, and the run carries
//! out exactly it.

use super::knowledge::Listed;
use super::matched::Matched;
use super::planned::{PlannedRow, Skipped};
use super::renamed::Renamed;
use super::table::Places;
use crate::plan::{Decision, Doubt, Facts, Progress};
use crate::text::grouped;
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
    /// The ids of rows whose places others take that are sent alike: the other cells are the others'.
    pub(super) replaced: HashSet<u32>,
    /// Edited rows that may be other customers than those for which they were sent, in their order.
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

    /// Counts the rows that are sent and break a rule.
    pub(super) fn count_invalid(&mut self, facts: &[Facts]) {
        let rows = facts.iter().enumerate();
        let invalid = rows.filter(|(index, row)| row.name == 0 && self.is_sent(*index));
        self.invalid = invalid.count() as u64;
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

    pub(super) const fn count(&mut self, decision: Decision, progress: Progress) {
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

    /// Whether the row at this place may be another customer than the one for which it was sent.
    pub(super) fn is_renamed(&self, index: usize) -> bool {
        let found = self.renamed.binary_search_by_key(&index, |it| it.index);
        found.is_ok()
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
