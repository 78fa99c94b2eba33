//! The requests that make an organization hold what it should.

use crate::organization::{Patch, state_when_sent};
use crate::plan::Update;
use crate::workos::{Organization, OrganizationDomain};
use bytes::Bytes;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A request of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// `PUT` with this body.
    Put(Bytes),
    /// Adds a pending domain.
    AddDomain(String),
    /// Removes a domain, by the id that it has.
    RemoveDomain(String),
}

/// What is left to do of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Remaining {
    pub(super) patch: Patch,
    /// Domains that are there and have to be verified again.
    pub(super) unverified: BTreeSet<String>,
}

impl Remaining {
    /// Compares an organization with what it is to hold.
    pub(super) fn of(update: &Update, current: &Organization) -> Self {
        let details = details(current).into_iter();
        // Of a domain that a row has too, the state is left alone.
        let lacking = details.filter(|it| update.is_restoring && !is_verified(it));
        let lacking = lacking.map(|it| it.domain.to_lowercase());
        Self {
            patch: Patch::between(&current.content(), &update.after),
            unverified: lacking
                .filter(|domain| update.verified.contains(domain))
                .collect(),
        }
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.patch.is_empty() && self.unverified.is_empty()
    }

    /// The requests for it. Pending domains are added one by one, because a `PUT` of domains sends
    /// all others again; where one is marked as verified there is no other way.
    pub(super) fn steps(&self, update: &Update, current: &Organization) -> Vec<Step> {
        let patch = &self.patch;
        let (verified, pending): (Vec<&String>, Vec<&String>) = patch
            .added_domains
            .iter()
            .partition(|domain| update.verified.contains(*domain));
        let mut steps = Vec::new();
        // One by one: both in one request may not reach the application's webhooks.
        let body = patch.body();
        steps.extend(body.map(|body| Step::Put(body.to_string().into())));
        let domains = details(current);
        if self.sends_domains(update) {
            let kept = domains.iter().map(|it| self.kept(it));
            let added = verified.iter().map(|domain| as_verified(domain));
            let all: Vec<Value> = kept.chain(added).collect();
            let body = json!({"domain_data": all});
            steps.push(Step::Put(body.to_string().into()));
        }
        steps.extend(pending.into_iter().cloned().map(Step::AddDomain));
        let removed = domains
            .into_iter()
            .filter(|it| patch.removed_domains.contains(&it.domain.to_lowercase()));
        steps.extend(removed.map(|it| Step::RemoveDomain(it.id)));
        steps
    }

    /// Whether all domains are sent again.
    fn sends_domains(&self, update: &Update) -> bool {
        let mut added = self.patch.added_domains.iter();
        !self.unverified.is_empty() || added.any(|domain| update.verified.contains(domain))
    }

    /// A domain as it is sent again, so that it stays: a verified one is never made pending.
    fn kept(&self, domain: &OrganizationDomain) -> Value {
        if self.unverified.contains(&domain.domain.to_lowercase()) {
            return as_verified(&domain.domain);
        }
        let state = domain.state.as_deref().map_or("pending", state_when_sent);
        json!({"domain": domain.domain, "state": state})
    }
}

fn as_verified(domain: &str) -> Value {
    json!({"domain": domain, "state": "verified"})
}

fn is_verified(domain: &OrganizationDomain) -> bool {
    domain.state.as_deref().map(state_when_sent) == Some("verified")
}

/// The domains of an organization; without ids and states where the answer did not say more.
fn details(organization: &Organization) -> Vec<OrganizationDomain> {
    organization.domain_details().unwrap_or_else(|| {
        let domains = organization.domains.iter().flatten();
        let without_details = domains.map(|domain| OrganizationDomain {
            id: String::new(),
            domain: domain.clone(),
            state: None,
        });
        without_details.collect()
    })
}

/// The states of domains that a change cannot leave as they are: of those that it removes, and of
/// those that it has to send again.
pub(super) fn states_at_stake(
    remaining: &Remaining,
    update: &Update,
    current: &Organization,
) -> BTreeMap<String, String> {
    let sends_all = remaining.sends_domains(update);
    let at_stake = details(current).into_iter().filter_map(|it| {
        let (domain, state) = (it.domain.to_lowercase(), it.state?);
        let is_removed = !update.after.domains.contains(&domain);
        let is_resent = sends_all && state_when_sent(&state) != state;
        (is_removed || is_resent).then_some((domain, state))
    });
    at_stake.collect()
}

/// Domains that have another state than they had: `a.com is pending, was failed`.
pub(super) fn other_states(states: &BTreeMap<String, String>, current: &Organization) -> String {
    let others = details(current).into_iter().filter_map(|it| {
        let (was, is) = (states.get(&it.domain.to_lowercase())?, it.state?);
        (*was != is).then(|| format!("{} is {is}, was {was}", it.domain))
    });
    others.collect::<Vec<_>>().join("; ")
}
