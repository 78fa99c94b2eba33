//! What must hold when an import has come to its end undisturbed.

use crate::customers::Customer;
use crate::sheet::Sheet;
use crate::story::{Checked, Story};
use std::collections::{BTreeMap, BTreeSet};
use workos_orgs::journal::{Reader, State};
use workos_orgs::workos::Organization;

/// Every customer of the list has exactly one organization, nothing is there twice, and journal
/// and results file say so.
pub(crate) fn all(story: &Story) -> Checked {
    let rows = results(story)?;
    let owned = owned(story, &rows)?;
    each_organization_has_its_customer(story, &rows, &owned)?;
    journal(story, &owned)
}

/// The same of a list that was imported elsewhere.
pub(crate) fn results_and_organizations(story: &Story) -> Checked {
    let rows = results(story)?;
    owned(story, &rows).map(|_| ())
}

/// A row of the results file.
struct Row {
    customer: usize,
    organization: String,
    status: String,
}

/// Reads the results file: each customer of the list once, done, with the user's cells.
fn results(story: &Story) -> Checked<Vec<Row>> {
    let sheet = Sheet::read(&story.results()).ok_or("there is no results file")?;
    let mut rows = Vec::new();
    let mut seen = BTreeSet::new();
    for row in 0..sheet.rows.len() {
        let customer = sheet
            .customer(row)
            .ok_or_else(|| format!("a row without a tag: {:?}", sheet.rows[row]))?;
        if !seen.insert(customer) {
            return Err(format!("customer {customer} is twice in the results file"));
        }
        let is_listed = story.list.contains(&customer);
        let it = &story.customers[customer];
        let name = sheet.cell(row, "Name");
        let is_named = match story.corrected.get(&customer) {
            // Renamed in the list as well, and kept: the list's name is shown.
            Some(corrected) => {
                name == corrected || (is_listed && it.was_edited() && name == it.now.name)
            }
            None if is_listed => {
                name == it.now.name || it.versions.iter().any(|version| version.name == name)
            }
            None => it.versions.iter().any(|version| version.name == name),
        };
        if !is_named {
            return Err(format!(
                "customer {customer} is named {name:?} in the results file"
            ));
        }
        let status = sheet.cell(row, "workos_status").to_owned();
        let organization = sheet.cell(row, "workos_organization_id").to_owned();
        if organization.is_empty() {
            // A customer who was taken off the list may stay as it is.
            if is_listed {
                return Err(format!(
                    "customer {customer} has no organization: {status:?}"
                ));
            }
            continue;
        }
        rows.push(Row {
            customer,
            organization,
            status,
        });
    }
    for customer in &story.list {
        if !seen.contains(customer) && !story.dropped.contains(customer) {
            return Err(format!("customer {customer} is not in the results file"));
        }
    }
    Ok(rows)
}

/// The organizations that the rows of the results file own, by their customers.
fn owned(story: &Story, rows: &[Row]) -> Checked<BTreeMap<String, usize>> {
    let state = story.machine.server.state();
    let mut owned = BTreeMap::new();
    for row in rows {
        let Row {
            customer,
            organization,
            status,
        } = row;
        if let Some(other) = owned.insert(organization.clone(), *customer) {
            return Err(format!(
                "customers {customer} and {other} share {organization}"
            ));
        }
        let found = state
            .organizations
            .iter()
            .find(|it| it.organization.id == *organization);
        let Some(found) = found else {
            return Err(format!(
                "customer {customer} has {organization}, which is not there"
            ));
        };
        let it = &story.customers[*customer];
        // By design: a row without external id that WorkOS has already, with the same name and
        // domains, is not created again.
        let is_there = status == "unchanged"
            && it.now.external_id.is_empty()
            && it
                .versions
                .iter()
                .any(|version| version.is_like(&found.organization));
        if !is_version(it, &found.organization) && !is_there {
            return Err(format!(
                "customer {customer} ({:?}) has {:?} ({status})",
                it.versions, found.organization
            ));
        }
        if !found.by_program && !is_there {
            return Err(format!(
                "customer {customer} adopted {organization} ({status})"
            ));
        }
    }
    Ok(owned)
}

fn is_version(customer: &Customer, organization: &Organization) -> bool {
    customer
        .versions
        .iter()
        .any(|version| version.is(organization))
}

/// Every organization that the program created belongs to one customer, of which none has two.
fn each_organization_has_its_customer(
    story: &Story,
    rows: &[Row],
    owned: &BTreeMap<String, usize>,
) -> Checked {
    let state = story.machine.server.state();
    let created = state.organizations.iter().filter(|it| it.by_program);
    let created: Vec<&Organization> = created.map(|it| &it.organization).collect();
    let mut customer_of: Vec<Option<usize>> = vec![None; story.customers.len()];
    for (at, organization) in created.iter().enumerate() {
        if let Some(customer) = owned.get(&organization.id) {
            customer_of[*customer] = Some(at);
        }
    }
    // Those that a row owns an older organization for must not have another.
    let settled: BTreeSet<usize> = rows.iter().map(|row| row.customer).collect();
    for (at, organization) in created.iter().enumerate() {
        if owned.contains_key(&organization.id) {
            continue;
        }
        let mut tried = settled.clone();
        if !place(story, &created, at, &mut customer_of, &mut tried) {
            return Err(format!(
                "{} ({:?}) belongs to no customer",
                organization.id, organization.name
            ));
        }
    }
    for customer in &story.list {
        let has_row = settled.contains(customer);
        if !has_row && customer_of[*customer].is_none() {
            let it = &story.customers[*customer];
            let is_there = state
                .organizations
                .iter()
                .any(|stored| is_version(it, &stored.organization));
            if !is_there {
                return Err(format!("customer {customer} has no organization"));
            }
        }
    }
    Ok(())
}

/// Finds a customer for an organization, moving others where that helps.
fn place(
    story: &Story,
    created: &[&Organization],
    at: usize,
    customer_of: &mut Vec<Option<usize>>,
    tried: &mut BTreeSet<usize>,
) -> bool {
    for customer in 0..story.customers.len() {
        if tried.contains(&customer) || !is_version(&story.customers[customer], created[at]) {
            continue;
        }
        tried.insert(customer);
        let is_free = match customer_of[customer] {
            None => true,
            Some(other) => place(story, created, other, customer_of, tried),
        };
        if is_free {
            customer_of[customer] = Some(at);
            return true;
        }
    }
    false
}

/// The journal knows the organizations of the results file, and all that the program created.
fn journal(story: &Story, owned: &BTreeMap<String, usize>) -> Checked {
    let path = story.journal();
    let state = State::read(&path).map_err(|error| error.to_string())?;
    let state = state.ok_or("there is no journal")?;
    let mut reader = Reader::open(&path).map_err(|error| error.to_string())?;
    let mut known = BTreeSet::new();
    for (row, _) in state.owned() {
        let outcome = reader
            .outcome(&state, row)
            .map_err(|error| error.to_string())?;
        let id = outcome.and_then(|outcome| outcome.organization_id);
        let id = id.ok_or_else(|| format!("row {row} of the journal has no organization"))?;
        if !known.insert(id.clone()) {
            return Err(format!("{id} is twice in the journal"));
        }
    }
    for id in owned.keys() {
        if !known.contains(id) {
            return Err(format!("the journal does not know {id}"));
        }
    }
    let server = story.machine.server.state();
    for stored in server
        .organizations
        .iter()
        .filter(|stored| stored.by_program)
    {
        if !story.journal_is_unreliable && !known.contains(&stored.organization.id) {
            return Err(format!("the journal has lost {}", stored.organization.id));
        }
    }
    Ok(())
}
