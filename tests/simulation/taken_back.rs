//! What must hold when everything was taken back, and when a plan was carried out.

use crate::second_day::SecondDay;
use crate::server::Stored;
use crate::sheet::Sheet;
use crate::story::Checked;
use std::collections::{BTreeMap, BTreeSet};
use workos_orgs::organization::state_when_sent;
use workos_orgs::run::{Action, Planned};

/// The environment is what it would be without the program, field by field; what is not is listed
/// in the results file with the reason, and only where somebody else had to do with it.
pub(crate) fn check(day: &SecondDay) -> Checked {
    let listed = listed(day);
    let state = day.machine.server.state();
    let journal = std::fs::read_to_string(&state.watch.journal).unwrap_or_default();
    let mut missing: BTreeSet<&String> = state.watch.shadow.keys().collect();
    for stored in &state.organizations {
        let id = &stored.organization.id;
        missing.remove(id);
        let marks = &stored.marks;
        if marks.gone_at.is_some() || marks.is_raced {
            continue;
        }
        let is_listed = listed.get(id).is_some_and(|(status, message)| {
            ["conflict", "failed"].contains(&status.as_str()) && !message.is_empty()
        });
        // A row that was created again has the outcome of its newest organization.
        let conflict = format!("\"conflict\",\"organization_id\":\"{id}\"");
        let is_listed = is_listed || journal.contains(&conflict);
        let is_excused = is_listed && (marks.is_disputed || marks.in_use);
        let Some((content, states)) = state.watch.shadow.get(id) else {
            if is_excused {
                day.machine.trace.count("second day: left and listed");
                continue;
            }
            if marks.is_disputed
                && !journal.contains(&format!("\"created\",\"organization_id\":\"{id}\""))
            {
                // Its answer was lost, and it was another one before it was looked up.
                day.machine
                    .trace
                    .count("second day: changed before it was found");
                continue;
            }
            return Err(format!("{id} was not deleted ({:?})", listed.get(id)));
        };
        let current = stored.content();
        // Another organization that is left has the domain.
        let is_excused = is_excused || is_listed && state.weather.unique_domains;
        if current != *content {
            if is_excused {
                day.machine.trace.count("second day: left and listed");
                continue;
            }
            return Err(format!(
                "{id} is {current:?}, and was {content:?} ({:?})",
                listed.get(id)
            ));
        }
        // WorkOS lets only two states be set. What became of the others is told, in the results file
        // or, where a later run has written its outcome there, in the journal.
        let is_as_far_as_possible = stored.content().domains.iter().all(|domain| {
            let was = states.get(domain).map_or("pending", String::as_str);
            let is = stored.states.get(domain).map_or("pending", String::as_str);
            was == is || state_when_sent(was) == is
        });
        let mut told = journal.lines();
        let is_told = told.any(|line| line.contains(id) && line.contains(", was "));
        if stored.states != *states && !(is_as_far_as_possible && is_told) && !marks.is_disputed {
            return Err(format!(
                "{id} has the states {:?}, and had {states:?} ({:?})",
                stored.states,
                listed.get(id)
            ));
        }
        day.machine.trace.count("second day: exactly as before");
    }
    match missing.first() {
        Some(id) => Err(format!("{id} is gone")),
        None => Ok(()),
    }
}

/// What the results file says of organizations: status and message.
fn listed(day: &SecondDay) -> BTreeMap<String, (String, String)> {
    let Some(sheet) = Sheet::read(&day.results()) else {
        return BTreeMap::new();
    };
    let rows = (0..sheet.rows.len()).map(|row| {
        let cell = |name: &str| sheet.cell(row, name).to_owned();
        let said = (cell("workos_status"), cell("workos_message"));
        (cell("workos_organization_id"), said)
    });
    rows.collect()
}

/// A sync has done exactly what was planned.
pub(crate) fn as_planned(day: &SecondDay, planned: &Planned, before: &[Stored]) -> Checked {
    let state = day.machine.server.state();
    let before: BTreeMap<_, _> = before
        .iter()
        .map(|stored| (&stored.organization.id, stored.content()))
        .collect();
    let mut created = 0;
    let mut changed = BTreeSet::new();
    for stored in &state.organizations {
        let id = &stored.organization.id;
        match before.get(id) {
            None => created += 1,
            Some(was) if *was != stored.content() => drop(changed.insert(id)),
            Some(_) => {}
        }
    }
    let updates = planned
        .rows
        .iter()
        .filter(|row| row.action == Action::Update);
    let updates: BTreeSet<_> = updates
        .filter_map(|row| row.organization_id.as_ref())
        .collect();
    if created != planned.create || changed != updates {
        return Err(format!(
            "planned were {} and {updates:?}, and created {created}, changed {changed:?}",
            planned.create
        ));
    }
    for row in &planned.rows {
        let Some(id) = &row.organization_id else {
            continue;
        };
        let mut all = state.organizations.iter();
        let Some(stored) = all.find(|stored| stored.organization.id == *id) else {
            continue;
        };
        let current = stored.content();
        for change in &row.changes {
            let domains: Vec<_> = current.domains.iter().map(String::as_str).collect();
            let domains = (!domains.is_empty()).then(|| domains.join(", "));
            let is = match change.field.as_str() {
                "name" => Some(current.name.clone()),
                "external_id" => current.external_id.clone(),
                "domains" => domains,
                key => current
                    .metadata
                    .get(key.trim_start_matches("metadata."))
                    .cloned(),
            };
            if is != change.after {
                return Err(format!("{id}: {change:?} was planned, and it is {is:?}"));
            }
        }
    }
    Ok(())
}
