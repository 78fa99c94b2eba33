//! A row and what there is to do for it.

use crate::organization::problem::Problem;
use crate::organization::{Content, DomainState, Fingerprint, Left, NewOrganization};
use bytes::Bytes;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A row on its way through the engine.
#[derive(Debug)]
pub struct Task {
    /// Its id in the journal, counted from 1.
    pub row: u64,
    /// The line of the file on which it begins.
    pub line: u64,
    /// The row as it is in the list.
    pub list: Fingerprint,
    /// All its cells in the list, also those that are not sent, where they are known.
    pub cells: Option<Fingerprint>,
    /// What there is to do.
    pub operation: Operation,
}

/// What there is to do for a row.
#[derive(Debug)]
pub enum Operation {
    /// Create this organization.
    Create(Box<Create>),
    /// Change this organization.
    Update(Box<Update>),
    /// Delete this organization.
    Delete(Box<Delete>),
    /// Nothing: it breaks a rule.
    Reject(Rejected),
}

/// An organization to be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// Its id.
    pub organization_id: String,
    /// What it held when the change was planned.
    pub before: Content,
    /// What it is to hold.
    pub after: Content,
    /// What else it may hold because of changes that were cut off.
    pub partly: Vec<Content>,
    /// Which of its new domains are marked as verified.
    pub verified: BTreeSet<String>,
    /// The states of the domains that it loses or, where a change is taken back, gets again.
    pub domain_states: BTreeMap<String, String>,
    /// The row that asks for the change, as a fingerprint.
    pub fingerprint: Fingerprint,
    /// The external id of the row, where it has one.
    pub external_id: Option<String>,
    /// Whether an earlier change is taken back.
    pub is_restoring: bool,
}

/// An organization to be deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delete {
    /// Its id.
    pub organization_id: String,
    /// What it held when the runs were done with it.
    pub left: Left,
    /// Its name.
    pub name: String,
    /// The external id of its row, where it has one.
    pub external_id: Option<String>,
    /// The row as it was sent, as a fingerprint.
    pub fingerprint: Fingerprint,
}

impl Update {
    /// The change that a row asks for.
    pub fn new(
        organization_id: String,
        before: Content,
        after: Content,
        row: &NewOrganization<'_>,
    ) -> Self {
        let domains = row.domain_data.iter();
        let verified = domains.filter(|data| data.state == DomainState::Verified);
        Self {
            organization_id,
            before,
            after,
            partly: Vec::new(),
            domain_states: BTreeMap::new(),
            verified: verified.map(|data| data.domain.to_lowercase()).collect(),
            fingerprint: row.fingerprint(),
            external_id: row.external_id.as_deref().map(str::to_owned),
            is_restoring: false,
        }
    }

    /// Whether an organization holds what it did when the change was planned, or already a part of
    /// the change: nothing that somebody else has changed since would be lost.
    pub fn may_change(&self, current: &Content) -> bool {
        let mut known = vec![&self.before, &self.after];
        known.extend(&self.partly);
        current.is_mix_of(&known)
    }
}

/// A row that breaks a rule.
#[derive(Debug)]
pub struct Rejected {
    /// The rules that it breaks.
    pub problems: Vec<Problem>,
    /// The external id that it has, where that one is valid: the row is recognized by it after it
    /// was corrected.
    pub external_id: Option<String>,
}

impl From<Vec<Problem>> for Rejected {
    fn from(problems: Vec<Problem>) -> Self {
        Self {
            problems,
            external_id: None,
        }
    }
}

/// An organization to be created.
#[derive(Debug)]
pub struct Create {
    /// What is asked for.
    pub organization: NewOrganization<'static>,
    /// The same as the body of a request.
    pub body: Bytes,
    /// The same as a fingerprint.
    pub fingerprint: Fingerprint,
    /// Set where an earlier process may have sent it: it is looked up before it is sent.
    pub doubt: Option<Doubt>,
}

/// When, and as what, an earlier process may have sent a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doubt {
    /// Not before this, by the server's clock; `None` where it is not known.
    pub since: Option<Timestamp>,
    /// Not after this, by the server's clock; `None` where it is not known.
    pub until: Option<Timestamp>,
    /// As what it may have been sent, where the row was edited since.
    pub earlier: Option<Earlier>,
    /// Organizations that equal the row, whenever they were created. If none is found that was
    /// created when the row may have been sent, it is one of these: a copy of the list may have
    /// been imported meanwhile.
    pub equal: Arc<[String]>,
}

/// A row as it was before it was edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// What was sent.
    pub fingerprint: Fingerprint,
    /// The name of the organization.
    pub name: String,
    /// The external id that was sent, where there was one.
    pub external_id: Option<String>,
}

impl Create {
    /// The creation of this organization.
    pub fn new(organization: NewOrganization<'static>, doubt: Option<Doubt>) -> Self {
        // Text always serializes.
        let body = serde_json::to_vec(&organization).unwrap_or_default().into();
        let fingerprint = organization.fingerprint();
        Self {
            organization,
            body,
            fingerprint,
            doubt,
        }
    }
}

impl Task {
    /// The name of the organization; blank where the row has none.
    pub fn name(&self) -> &str {
        match &self.operation {
            Operation::Create(create) => &create.organization.name,
            Operation::Update(update) => &update.after.name,
            Operation::Delete(delete) => &delete.name,
            Operation::Reject(_) => "",
        }
    }

    /// The external id of the row, where it has one.
    pub fn external_id(&self) -> Option<&str> {
        match &self.operation {
            Operation::Create(create) => create.organization.external_id.as_deref(),
            Operation::Update(update) => update.external_id.as_deref(),
            Operation::Delete(delete) => delete.external_id.as_deref(),
            Operation::Reject(rejected) => rejected.external_id.as_deref(),
        }
    }

    /// The fingerprint of what is sent; `None` where nothing is.
    pub fn sent(&self) -> Option<Fingerprint> {
        match &self.operation {
            Operation::Create(create) => Some(create.fingerprint),
            Operation::Update(update) => Some(update.fingerprint),
            Operation::Delete(delete) => Some(delete.fingerprint),
            Operation::Reject(_) => None,
        }
    }
}
