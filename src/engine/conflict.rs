//! What a row claims is taken: finds the organization that has it, and decides what that means.

use super::caller::{Caller, ReadError};
use super::content::ContentDiff;
use super::lookup::{Lookup, by_external_id, with_all_fields};
use crate::organization::NewOrganization;
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
            format!("Different from this row: {}", diff.differing.join(", "))
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
