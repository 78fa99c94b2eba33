//! A run that carries out just a plan that was made before: which of its rows are as they were then,
//! and which have changed and are skipped.

use super::plan_file::PlanFile;
use super::planned::{Action, PlannedRow, Skipped};
use crate::organization::{FieldChange, Fingerprint, changes_in_words};
use std::collections::{HashMap, HashSet};

/// The rows of a plan that have not been met in the list yet, and what was skipped so far.
#[derive(Debug)]
pub(super) struct Approved {
    rows: HashMap<Fingerprint, Vec<PlannedRow>>,
    creates_only: bool,
    /// How many updates of the plan are left alone.
    pub(super) left_updates: u64,
    skipped: Vec<Skipped>,
}

/// What is done with a row for which something is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Approval {
    /// It is as it was planned.
    Given,
    /// It is not, and is skipped.
    Refused,
    /// It is, and this command does not carry it out.
    NotHere,
}

impl Approved {
    /// The rows of a plan. `creates_only` where organizations that are there are left alone.
    pub(super) fn new(plan: &PlanFile<'_>, creates_only: bool) -> Self {
        let mut rows: HashMap<_, Vec<_>> = HashMap::new();
        for row in plan.planned.iter().filter(|row| is_to_do(row.action)) {
            if let Some(fingerprint) = row.fingerprint {
                rows.entry(fingerprint).or_default().push(row.clone());
            }
        }
        Self {
            rows,
            creates_only,
            left_updates: 0,
            skipped: Vec::new(),
        }
    }

    /// Whether a row is carried out as `now` says.
    pub(super) fn ask(&mut self, now: &PlannedRow) -> Approval {
        let planned = now.fingerprint.and_then(|it| self.rows.get_mut(&it));
        let planned = planned.filter(|planned| !planned.is_empty());
        let Some(planned) = planned else {
            if now.action == Action::Update && self.creates_only {
                return Approval::NotHere;
            }
            self.skip(now, "the row was changed or added in the list".to_owned());
            return Approval::Refused;
        };
        let is_update = now.action == Action::Update;
        if let Some(at) = planned.iter().position(|was| is_same(was, now)) {
            planned.remove(at);
            if is_update && self.creates_only {
                self.left_updates += 1;
                return Approval::NotHere;
            }
            return Approval::Given;
        }
        let was = planned.remove(0);
        let reason = changed(&was, now);
        self.skip(now, reason);
        Approval::Refused
    }

    /// There is nothing to do for a row any more, or a person has to decide.
    pub(super) fn settled(&mut self, fingerprint: Option<Fingerprint>) {
        let planned = fingerprint.and_then(|it| self.rows.get_mut(&it));
        // Of several rows alike it does not matter which.
        planned.map(Vec::pop);
    }

    /// All rows that are skipped, also those that the list does not have as they were planned.
    pub(super) fn skipped(mut self) -> Vec<Skipped> {
        let mut gone: Vec<PlannedRow> = self.rows.into_values().flatten().collect();
        gone.retain(|was| {
            let mut skipped = self.skipped.iter();
            !skipped.any(|now| now.line == was.line)
        });
        self.skipped.extend(gone.into_iter().map(|was| Skipped {
            line: was.line,
            name: was.name,
            reason: "the list does not have the row any more as it was planned".to_owned(),
        }));
        self.skipped.sort_by_key(|row| row.line);
        self.skipped
    }

    fn skip(&mut self, now: &PlannedRow, reason: String) {
        self.skipped.push(Skipped {
            line: now.line,
            name: now.name.clone(),
            reason,
        });
    }
}

/// Whether something is sent for a row.
const fn is_to_do(action: Action) -> bool {
    matches!(action, Action::Create | Action::Update | Action::LookUp)
}

/// Whether the same is done with the same row, whatever its line is now.
fn is_same(was: &PlannedRow, now: &PlannedRow) -> bool {
    // A row that this plan may have sent already is looked up before it is created.
    let creates = |row: &PlannedRow| matches!(row.action, Action::Create | Action::LookUp);
    was.fingerprint == now.fingerprint
        && (creates(was) && creates(now) || was.action == now.action)
        && was.organization_id == now.organization_id
        && is_rest_of(&was.changes, &now.changes)
}

/// Whether what is to change now is what is left of a plan, of which a run that was cut off may have
/// done a part: each field from the same value, or on its way, to the same.
fn is_rest_of(was: &[FieldChange], now: &[FieldChange]) -> bool {
    let is_planned = |now: &FieldChange| {
        let mut planned = was.iter();
        planned.any(|was| {
            let is_on_its_way = was.before == now.before || is_between(was, now);
            was.field == now.field && was.after == now.after && is_on_its_way
        })
    };
    now.iter().all(is_planned)
}

/// Whether some of the domains are already added or removed. They change one by one.
fn is_between(was: &FieldChange, now: &FieldChange) -> bool {
    let all = |text: &Option<String>| -> HashSet<String> {
        let text = text.as_deref().unwrap_or_default();
        text.split(", ").map(str::to_owned).collect()
    };
    let (start, end, here) = (all(&was.before), all(&was.after), all(&now.before));
    let mut kept = start.intersection(&end);
    now.field == "domains"
        && kept.all(|domain| here.contains(domain))
        && here
            .iter()
            .all(|domain| start.contains(domain) || end.contains(domain))
}

/// What has changed in WorkOS since a row was planned.
fn changed(was: &PlannedRow, now: &PlannedRow) -> String {
    let id = |row: &PlannedRow| row.organization_id.clone().unwrap_or_default();
    match (was.action, now.action) {
        (Action::Update, Action::Update) if was.organization_id == now.organization_id => format!(
            "its organization {} was changed in WorkOS; the update would now be {}",
            id(now),
            changes_in_words(&now.changes)
        ),
        (Action::Update, Action::Update) => {
            format!("its organization is {} now, not {}", id(now), id(was))
        }
        (Action::Update, _) => format!("its organization {} is gone from WorkOS", id(was)),
        _ => format!("it has the organization {} in WorkOS now", id(now)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: u64, action: Action, fingerprint: u64) -> PlannedRow {
        PlannedRow {
            line,
            action,
            name: format!("Row {fingerprint}"),
            external_id: None,
            organization_id: (action == Action::Update).then(|| "org_1".to_owned()),
            changes: Vec::new(),
            reason: None,
            fingerprint: Some(Fingerprint(fingerprint)),
        }
    }

    fn renamed(was: &str, row: PlannedRow) -> PlannedRow {
        PlannedRow {
            changes: vec![FieldChange {
                field: "name".to_owned(),
                before: Some(was.to_owned()),
                after: Some("B".to_owned()),
            }],
            ..row
        }
    }

    fn approved(rows: &[PlannedRow], creates_only: bool) -> Approved {
        let mut approved = Approved {
            rows: HashMap::new(),
            creates_only,
            left_updates: 0,
            skipped: Vec::new(),
        };
        for row in rows {
            let key = row.fingerprint.unwrap();
            approved.rows.entry(key).or_default().push(row.clone());
        }
        approved
    }

    #[test]
    fn rows_that_have_moved_in_the_list_are_carried_out_and_each_only_once() {
        let planned = [row(2, Action::Create, 1), row(3, Action::Create, 1)];
        let mut approved = approved(&planned, false);
        assert_eq!(approved.ask(&row(7, Action::Create, 1)), Approval::Given);
        assert_eq!(approved.ask(&row(8, Action::LookUp, 1)), Approval::Given);
        assert_eq!(approved.ask(&row(9, Action::Create, 1)), Approval::Refused);
        let skipped = approved.skipped();
        assert_eq!(skipped.len(), 1);
        assert_eq!(skipped[0].line, 9);
    }

    #[test]
    fn a_changed_row_is_named_once_and_a_removed_one_too() {
        let planned = [row(2, Action::Create, 1), row(3, Action::Create, 2)];
        let mut approved = approved(&planned, false);
        assert_eq!(approved.ask(&row(2, Action::Create, 5)), Approval::Refused);
        let skipped = approved.skipped();
        let lines: Vec<_> = skipped.iter().map(|row| row.line).collect();
        assert_eq!(lines, [2, 3]);
        assert!(skipped[1].reason.contains("does not have the row any more"));
    }

    #[test]
    fn what_has_changed_in_workos_is_said() {
        let update = || row(2, Action::Update, 1);
        for (was, now, reason) in [
            (
                renamed("A", update()),
                renamed("C", update()),
                "org_1 was changed in WorkOS; the update would now be name: \"C\" → \"B\"",
            ),
            (
                update(),
                row(2, Action::Create, 1),
                "org_1 is gone from WorkOS",
            ),
            (
                row(2, Action::Create, 1),
                update(),
                "has the organization org_1 in WorkOS now",
            ),
        ] {
            let mut approved = approved(&[was], false);
            assert_eq!(approved.ask(&now), Approval::Refused);
            let skipped = approved.skipped();
            assert!(skipped[0].reason.contains(reason), "{skipped:?}");
        }
    }

    #[test]
    fn what_a_run_that_was_cut_off_has_left_to_do_is_as_it_was_planned() {
        let change = |field: &str, before: &str, after: &str| FieldChange {
            field: field.to_owned(),
            before: Some(before.to_owned()).filter(|it| !it.is_empty()),
            after: Some(after.to_owned()),
        };
        let name = || change("name", "A", "B");
        let planned = [
            name(),
            change("domains", "a.com, b.com", "b.com, c.com, d.com"),
        ];
        for (before, is_rest) in [
            ("a.com, b.com", true),
            ("a.com, b.com, c.com", true),
            ("b.com, c.com", true),
            ("a.com, b.com, e.com", false),
            ("a.com, c.com", false),
        ] {
            let now = [change("domains", before, "b.com, c.com, d.com")];
            assert_eq!(is_rest_of(&planned, &now), is_rest, "{before}");
        }
        assert!(is_rest_of(&planned, &[name()]));
        assert!(!is_rest_of(&planned, &[change("name", "C", "B")]));
        assert!(!is_rest_of(&planned, &[change("metadata.plan", "A", "B")]));
    }

    #[test]
    fn what_is_done_already_is_not_skipped_and_an_import_leaves_updates_alone() {
        let planned = [row(2, Action::Create, 1), row(3, Action::Update, 2)];
        let mut approved = approved(&planned, true);
        approved.settled(Some(Fingerprint(1)));
        let update = row(3, Action::Update, 2);
        assert_eq!(approved.ask(&update), Approval::NotHere);
        assert_eq!(approved.skipped(), []);
    }
}
