//! What a row claims is taken: finds the organization that has it, and decides what that means.

use super::caller::{Caller, ReadError};
use super::content::ContentDiff;
use super::lookup::{Lookup, by_external_id, with_all_fields};
use crate::organization::{Content, NewOrganization, Patch, differences_in_words};
use crate::text::quoted;
use crate::workos::{ListQuery, Organization, OrganizationsApi, Refusal};

/// How many owners a message names.
const NAMED: usize = 3;

/// Who has what a row claims.
#[derive(Debug)]
pub(super) enum Owner {
    /// An organization that equals the row, which the row now owns.
    Equal(Box<Organization>),
    /// Others. Where it is only one, its id is known.
    Others {
        id: Option<String>,
        /// Names them, and says what differs.
        message: String,
    },
}

/// The organizations that have what a refused row claims; empty if unknown.
///
/// # Errors
/// When WorkOS does not answer.
pub(super) async fn owners<A: OrganizationsApi>(
    caller: &Caller<A>,
    new: &NewOrganization<'_>,
    refusal: &Refusal,
) -> Result<Vec<Organization>, ReadError> {
    let domains: Vec<&str> = new.domain_data.iter().map(|d| d.domain.as_ref()).collect();
    if refusal.http_status == 409 && !domains.is_empty() {
        let owners = by_domains(caller, &domains).await?;
        if !owners.is_empty() {
            return Ok(owners);
        }
    }
    let Some(external_id) = new.external_id.as_deref() else {
        return Ok(Vec::new());
    };
    let owner = by_external_id(caller, external_id).await?;
    Ok(owner.into_iter().collect())
}

/// The organizations that have the external id or a domain of a row, each once.
///
/// # Errors
/// When WorkOS does not answer.
pub(super) async fn claimed_by<A: OrganizationsApi>(
    caller: &Caller<A>,
    row: &NewOrganization<'_>,
) -> Result<Vec<Organization>, ReadError> {
    let mut found = Vec::new();
    if let Some(external_id) = row.external_id.as_deref() {
        found.extend(by_external_id(caller, external_id).await?);
    }
    let domains: Vec<&str> = row.domain_data.iter().map(|d| d.domain.as_ref()).collect();
    if !domains.is_empty() {
        for owner in by_domains(caller, &domains).await? {
            if found
                .iter()
                .all(|known: &Organization| known.id != owner.id)
            {
                found.push(owner);
            }
        }
    }
    Ok(found)
}

pub(super) async fn by_domains<A: OrganizationsApi>(
    caller: &Caller<A>,
    domains: &[&str],
) -> Result<Vec<Organization>, ReadError> {
    let query = ListQuery {
        domains,
        ..ListQuery::default()
    };
    let api = caller.api();
    let page = caller.read_for_row(|| api.list(&query)).await?.value;
    let mut owners = Vec::new();
    // A server may ignore the filter, so each is checked.
    for listed in page.data {
        if listed.domains.is_some() && !has_any(&listed, domains) {
            continue;
        }
        // One more than is named is enough to know that there are several.
        let owner = if owners.len() <= NAMED {
            with_all_fields(caller, listed).await?
        } else {
            listed
        };
        if has_any(&owner, domains) {
            owners.push(owner);
        }
    }
    Ok(owners)
}

fn has_any(organization: &Organization, domains: &[&str]) -> bool {
    let mut listed = organization.domains.iter().flatten();
    listed.any(|domain| domains.contains(&domain.to_lowercase().as_str()))
}

/// Chooses between the owners of what a row claims: the row's own organization only if exactly one
/// equals the row in everything and no other row owns it. `None` where there is no owner.
pub(super) fn choose_owner(
    owners: Vec<Organization>,
    new: &NewOrganization<'_>,
    lookup: &Lookup,
) -> Option<Owner> {
    let message = describe(&owners, new);
    let only_id = match owners.as_slice() {
        [] => return None,
        [owner] => Some(owner.id.clone()),
        _ => None,
    };
    let mut equal: Vec<_> = owners
        .into_iter()
        .filter(|owner| ContentDiff::between(owner, new).is_equal())
        .collect();
    let organization = equal.pop().filter(|_| equal.is_empty());
    if let Some(organization) = organization.filter(|organization| lookup.claim(&organization.id)) {
        return Some(Owner::Equal(Box::new(organization)));
    }
    Some(Owner::Others {
        id: only_id,
        message,
    })
}

/// Names the owners and says what differs.
fn describe(owners: &[Organization], new: &NewOrganization<'_>) -> String {
    let named = |owner: &Organization| format!("{} ({})", quoted(&owner.name), owner.id);
    if let [owner] = owners {
        let diff = ContentDiff::between(owner, new);
        let what = if diff.is_equal() {
            "It equals this row, but another row of the list owns it".to_owned()
        } else {
            format!("It differs: {}", differences(owner, new, &diff))
        };
        return format!("It is used by {}. {what}.", named(owner));
    }
    let first: Vec<_> = owners.iter().take(NAMED).map(named).collect();
    let more = match owners.len().saturating_sub(NAMED) {
        0 => "",
        _ => " and others",
    };
    format!(
        "It is used by several organizations: {}{more}.",
        first.join(", ")
    )
}

/// The fields that differ, with both values.
fn differences(owner: &Organization, new: &NewOrganization<'_>, diff: &ContentDiff) -> String {
    let there = owner.content();
    let mut changes = Patch::between(&there, &Content::from(new)).changes(&there);
    changes.retain(|change| {
        let field = change.field.split('.').next().unwrap_or_default();
        let field = field.replace('_', " ");
        diff.differing.contains(&field.as_str())
    });
    differences_in_words(&changes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn owner() -> Organization {
        let json = serde_json::json!({
            "id": "org_1", "name": "Acme Inc.", "domains": [{"domain": "acme.com"}],
            "metadata": {"plan": "free"}, "external_id": null,
        });
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn each_field_that_differs_is_shown_with_both_values() {
        let new = NewOrganization {
            name: "Acme".into(),
            domain_data: Vec::new(),
            external_id: Some("a-1".into()),
            metadata: BTreeMap::from([("seats".into(), "5".into())]),
        };
        let text = describe(&[owner()], &new);
        assert_eq!(
            text,
            "It is used by \"Acme Inc.\" (org_1). It differs: name: \"Acme\", in WorkOS \"Acme Inc.\"; \
             external_id: \"a-1\", in WorkOS none; metadata.plan: none, in WorkOS \"free\"; \
             metadata.seats: \"5\", in WorkOS none; domains: none, in WorkOS \"acme.com\"."
        );
    }

    #[test]
    fn spelling_that_a_server_may_change_is_no_difference() {
        let new = NewOrganization {
            name: "ACME  inc.".into(),
            domain_data: Vec::new(),
            external_id: None,
            metadata: BTreeMap::from([("plan".into(), "free".into())]),
        };
        let text = describe(&[owner()], &new);
        assert!(
            text.ends_with("It differs: domains: none, in WorkOS \"acme.com\"."),
            "{text}"
        );
    }
}
