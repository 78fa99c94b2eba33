//! What the comparison of a sync has decided, put into the plan.

use super::matched::Matched;
use super::memory::Memory;
use super::planned::{Action, PlannedRow, Skipped};
use super::preparation::Prepared;
use super::run_plan::RunPlan;
use crate::journal::{Outcome, Progress};
use crate::organization::SyncOptions;
use crate::plan::Decision;
use crate::snapshot::Spooled;
use crate::text::counted;
use std::collections::{HashMap, HashSet};

/// What a comparison has decided.
pub(super) struct Decided {
    pub(super) decisions: Vec<(usize, Decision)>,
    pub(super) rows: Vec<PlannedRow>,
    pub(super) namesakes: u64,
    pub(super) outcomes: Vec<Outcome>,
    pub(super) of: HashMap<u32, u32>,
    pub(super) ids: Vec<u64>,
    pub(super) recognized: HashSet<usize>,
    pub(super) left_out: Vec<usize>,
    pub(super) left_updates: u64,
    pub(super) skipped: Vec<Skipped>,
    pub(super) spooled: Spooled,
}

impl Decided {
    /// Puts it into the plan; returns the outcomes of rows for which nothing is sent.
    pub(super) fn apply(
        self,
        prepared: &mut Prepared,
        memory: &Memory,
        options: &SyncOptions,
    ) -> Vec<Outcome> {
        let plan = &mut prepared.plan;
        let state = memory.state.as_ref();
        for (index, decision) in self.decisions {
            let (id, _) = plan.places.at(index);
            let is_new = state.is_none_or(|state| state.progress(id.into()) == Progress::Unseen);
            plan.compared(index, decision, is_new);
        }
        for index in self.left_out {
            leave_out(plan, index);
        }
        plan.skipped = self.skipped;
        if self.left_updates > 0 {
            plan.notices.push(format!(
                "{} of the plan not carried out: import changes no organization; sync with the same --plan does",
                counted(self.left_updates, "update")
            ));
        }
        let of_kind = |action| self.rows.iter().filter(|row| row.action == action).count() as u64;
        (plan.conflicts, plan.adopted) = (of_kind(Action::Conflict), of_kind(Action::Adopt));
        plan.left = plan.left.saturating_sub(plan.conflicts);
        plan.planned = self.rows;
        // These were recognized by more than their place: it is the same customer.
        plan.renamed
            .retain(|renamed| !self.recognized.contains(&renamed.index));
        if self.namesakes > 0 {
            plan.notices.push(format!(
                "{} to create {} the name of an organization that is there. To update these instead, add --match name",
                counted(self.namesakes, "row"),
                if self.namesakes == 1 { "has" } else { "have" },
            ));
        }
        plan.matched = Some(Matched::new(
            self.spooled,
            self.of,
            self.ids,
            options.clone(),
        ));
        plan.count_invalid(&prepared.facts);
        self.outcomes
    }
}

/// Nothing is done with a row that was to be compared or looked up.
fn leave_out(plan: &mut RunPlan, index: usize) {
    let Some(decision) = plan.decisions.get_mut(index) else {
        return;
    };
    let count = match decision {
        Decision::LookUp => &mut plan.in_doubt,
        _ => &mut plan.to_compare,
    };
    *count = count.saturating_sub(1);
    *decision = Decision::Leave;
}
