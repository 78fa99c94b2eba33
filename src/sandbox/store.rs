//! What is stored: the organizations of one environment, and who owns which external id and
//! which domain.
//!
//! Everything is found by id, external id or domain without a search, so that hundreds of
//! thousands of organizations are as fast as ten. The store is always locked: a change is visible
//! completely or not at all.

use super::answer::Refusal;
use super::events::Events;
use super::in_use::{self, InUse, Kind, MembershipDraft};
use super::random::Sequence;
use super::rules::{
    self, Change, DomainAddition, DomainDraft, Draft, ExternalIdChange, MetadataChange,
};
use super::stored::{StoredDomain, StoredDomainState, StoredOrganization};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use ulid::Ulid;

/// An organization with what a list needs to find it.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) organization: Arc<StoredOrganization>,
    pub(super) lowercase_name: String,
}

impl Record {
    fn new(organization: StoredOrganization) -> Self {
        Self {
            lowercase_name: organization.name.to_lowercase(),
            organization: Arc::new(organization),
        }
    }
}

/// One environment.
#[derive(Debug)]
pub(super) struct Store {
    /// By the number in the id: in the order of creation.
    pub(super) records: BTreeMap<Ulid, Record>,
    pub(super) owners_of_domain: HashMap<String, BTreeSet<Ulid>>,
    owner_of_external_id: HashMap<String, Ulid>,
    /// By the number in the id of the domain.
    owner_of_domain_id: HashMap<Ulid, Ulid>,
    pub(super) in_use: InUse,
    pub(super) events: Events,
    unique_domains: bool,
    last_id: Ulid,
    random: Sequence,
}

impl Store {
    pub(super) fn new(seed: u64, unique_domains: bool) -> Self {
        Self {
            records: BTreeMap::new(),
            owners_of_domain: HashMap::new(),
            owner_of_external_id: HashMap::new(),
            owner_of_domain_id: HashMap::new(),
            in_use: InUse::default(),
            events: Events::default(),
            unique_domains,
            last_id: Ulid::nil(),
            random: Sequence::new(seed),
        }
    }

    /// The number in `org_…`, if it is one.
    pub(super) fn parse_id(id: &str) -> Option<Ulid> {
        Ulid::from_string(id.strip_prefix("org_")?).ok()
    }

    pub(super) fn get(&self, id: &str) -> Result<Arc<StoredOrganization>, Refusal> {
        Self::parse_id(id)
            .and_then(|key| self.records.get(&key))
            .map(|record| Arc::clone(&record.organization))
            .ok_or_else(|| Refusal::NotFound { id: id.to_owned() })
    }

    pub(super) fn get_by_external_id(
        &self,
        external_id: &str,
    ) -> Result<Arc<StoredOrganization>, Refusal> {
        self.owner_of_external_id
            .get(external_id)
            .and_then(|key| self.records.get(key))
            .map(|record| Arc::clone(&record.organization))
            .ok_or_else(|| Refusal::NotFound {
                id: external_id.to_owned(),
            })
    }

    pub(super) fn create(&mut self, draft: Draft) -> Result<Arc<StoredOrganization>, Refusal> {
        self.check_external_id(draft.external_id.as_deref(), None)?;
        self.check_domains(&draft.domains, None)?;

        let key = self.next_id();
        let now = time_of(key);
        let id = format!("org_{key}");
        let domains = draft
            .domains
            .into_iter()
            .map(|domain| self.new_domain(&id, domain, now))
            .collect();
        let organization = StoredOrganization {
            id,
            name: draft.name,
            domains,
            metadata: draft.metadata,
            external_id: draft.external_id,
            stripe_customer_id: None,
            created_at: now,
            updated_at: now,
        };
        let created = self.put(key, organization);
        self.record("organization.created", &created);
        Ok(created)
    }

    pub(super) fn update(
        &mut self,
        id: &str,
        change: Change,
    ) -> Result<Arc<StoredOrganization>, Refusal> {
        let (key, old) = self.copy(id)?;
        if let ExternalIdChange::Set(external_id) = &change.external_id {
            self.check_external_id(Some(external_id), Some(key))?;
        }
        if let Some(domains) = &change.domains {
            self.check_domains(domains, Some(key))?;
        }
        let mut new = old.clone();
        merge(&mut new.metadata, change.metadata);
        rules::check_metadata_size(new.metadata.len())?;

        let now = time_of(self.next_id());
        new.updated_at = now;
        if let Some(name) = change.name {
            new.name = name;
        }
        match change.external_id {
            ExternalIdChange::None => {}
            ExternalIdChange::Clear => new.external_id = None,
            ExternalIdChange::Set(external_id) => new.external_id = Some(external_id),
        }
        if let Some(customer) = change.stripe_customer_id {
            new.stripe_customer_id = Some(customer);
        }
        if let Some(drafts) = change.domains {
            new.domains = drafts
                .into_iter()
                .map(|draft| {
                    let kept = old
                        .domains
                        .iter()
                        .find(|known| known.domain == draft.domain && known.state == draft.state);
                    match kept {
                        Some(known) => known.clone(),
                        None => self.new_domain(&new.id, draft, now),
                    }
                })
                .collect();
        }
        let updated = self.replace(key, new);
        self.record("organization.updated", &updated);
        Ok(updated)
    }

    /// Deletes an organization and everything that belongs to it.
    pub(super) fn delete(&mut self, id: &str) -> Result<(), Refusal> {
        let key = Self::parse_id(id).ok_or(Refusal::NothingToDelete)?;
        let deleted = self.forget(key).ok_or(Refusal::NothingToDelete)?;
        self.in_use.forget(key);
        self.record("organization.deleted", &deleted.organization);
        Ok(())
    }

    /// Adds a pending domain; the others stay as they are.
    pub(super) fn add_domain(&mut self, new: DomainAddition) -> Result<StoredDomain, Refusal> {
        let (key, mut organization) = self.copy(&new.organization_id)?;
        let drafts = [DomainDraft {
            domain: new.domain,
            state: StoredDomainState::Pending,
        }];
        let is_taken = self.check_domains(&drafts, None).is_err();
        let [draft] = drafts;
        if is_taken
            || organization
                .domains
                .iter()
                .any(|it| it.domain == draft.domain)
        {
            return Err(Refusal::DomainExists {
                domain: draft.domain,
            });
        }
        let now = time_of(self.next_id());
        let domain = self.new_domain(&organization.id, draft, now);
        organization.domains.push(domain.clone());
        organization.updated_at = now;
        self.replace(key, organization);
        Ok(domain)
    }

    pub(super) fn get_domain(&self, id: &str) -> Result<StoredDomain, Refusal> {
        let (_, organization) = self.owner_of_domain(id)?;
        let mut domains = organization.domains.iter();
        domains
            .find(|domain| domain.id == id)
            .cloned()
            .ok_or_else(|| Refusal::NoSuchDomain { id: id.to_owned() })
    }

    /// Removes a domain; the others stay as they are.
    pub(super) fn remove_domain(&mut self, id: &str) -> Result<(), Refusal> {
        let (key, owner) = self.owner_of_domain(id)?;
        let mut organization = StoredOrganization::clone(&owner);
        organization.domains.retain(|domain| domain.id != id);
        organization.updated_at = time_of(self.next_id());
        self.replace(key, organization);
        Ok(())
    }

    fn owner_of_domain(&self, id: &str) -> Result<(Ulid, Arc<StoredOrganization>), Refusal> {
        let owner = domain_number(id)
            .and_then(|number| self.owner_of_domain_id.get(&number))
            .and_then(|key| Some((*key, self.records.get(key)?)));
        owner
            .map(|(key, record)| (key, Arc::clone(&record.organization)))
            .ok_or_else(|| Refusal::NoSuchDomain { id: id.to_owned() })
    }

    /// Makes a user a member of an organization.
    pub(super) fn add_membership(
        &mut self,
        draft: &MembershipDraft,
        status: &str,
    ) -> Result<Arc<Value>, Refusal> {
        self.use_organization(&draft.organization_id, Kind::Membership, |key, now| {
            in_use::membership(key, draft, status, now)
        })
    }

    /// Gives an organization something that belongs to it.
    pub(super) fn use_organization(
        &mut self,
        id: &str,
        kind: Kind,
        value: impl FnOnce(Ulid, Timestamp) -> Value,
    ) -> Result<Arc<Value>, Refusal> {
        let (owner, _) = self.copy(id)?;
        let key = self.next_id();
        Ok(self.in_use.add(owner, key, kind, value(key, time_of(key))))
    }

    /// An organization to be changed.
    fn copy(&self, id: &str) -> Result<(Ulid, StoredOrganization), Refusal> {
        let organization = self.get(id)?;
        let key = Self::parse_id(id).ok_or_else(|| Refusal::NotFound { id: id.to_owned() })?;
        Ok((key, StoredOrganization::clone(&organization)))
    }

    fn record(&mut self, event: &'static str, organization: &Arc<StoredOrganization>) {
        let id = self.next_id();
        let organization = Arc::clone(organization);
        self.events.add(id, event, organization, time_of(id));
    }

    fn check_external_id(&self, id: Option<&str>, myself: Option<Ulid>) -> Result<(), Refusal> {
        match id.and_then(|id| self.owner_of_external_id.get(id)) {
            Some(owner) if Some(*owner) != myself => Err(Refusal::ExternalIdTaken),
            _ => Ok(()),
        }
    }

    fn check_domains(&self, domains: &[DomainDraft], myself: Option<Ulid>) -> Result<(), Refusal> {
        if !self.unique_domains {
            return Ok(());
        }
        let taken = domains.iter().find(|draft| {
            self.owners_of_domain
                .get(&draft.domain)
                .is_some_and(|owners| owners.iter().any(|owner| Some(*owner) != myself))
        });
        match taken {
            Some(draft) => Err(Refusal::DomainTaken {
                domain: draft.domain.clone(),
            }),
            None => Ok(()),
        }
    }

    fn replace(&mut self, key: Ulid, new: StoredOrganization) -> Arc<StoredOrganization> {
        self.forget(key);
        self.put(key, new)
    }

    fn put(&mut self, key: Ulid, organization: StoredOrganization) -> Arc<StoredOrganization> {
        if let Some(external_id) = &organization.external_id {
            self.owner_of_external_id.insert(external_id.clone(), key);
        }
        for domain in &organization.domains {
            self.owners_of_domain
                .entry(domain.domain.clone())
                .or_default()
                .insert(key);
            if let Some(number) = domain_number(&domain.id) {
                self.owner_of_domain_id.insert(number, key);
            }
        }
        let record = Record::new(organization);
        let organization = Arc::clone(&record.organization);
        self.records.insert(key, record);
        organization
    }

    fn forget(&mut self, key: Ulid) -> Option<Record> {
        let record = self.records.remove(&key)?;
        if let Some(external_id) = &record.organization.external_id {
            self.owner_of_external_id.remove(external_id);
        }
        for domain in &record.organization.domains {
            if let Some(number) = domain_number(&domain.id) {
                self.owner_of_domain_id.remove(&number);
            }
            if let Some(owners) = self.owners_of_domain.get_mut(&domain.domain) {
                owners.remove(&key);
                if owners.is_empty() {
                    self.owners_of_domain.remove(&domain.domain);
                }
            }
        }
        Some(record)
    }

    /// An id greater than all before, even if the clock does not advance.
    fn next_id(&mut self) -> Ulid {
        let random = u128::from(self.random.next()) << 16 | u128::from(self.random.next() >> 48);
        let now = u64::try_from(Timestamp::now().as_millisecond()).unwrap_or(0);
        let id = if now > self.last_id.timestamp_ms() {
            Ulid::from_parts(now, random)
        } else {
            Ulid(self.last_id.0.saturating_add(1))
        };
        self.last_id = id;
        id
    }

    fn new_domain(&mut self, owner: &str, draft: DomainDraft, now: Timestamp) -> StoredDomain {
        let is_pending = draft.state == StoredDomainState::Pending;
        StoredDomain {
            id: format!("org_domain_{}", self.next_id()),
            organization_id: owner.to_owned(),
            domain: draft.domain,
            state: draft.state,
            verification_strategy: if is_pending { "dns" } else { "manual" },
            verification_token: is_pending.then(|| self.random.letters(25)),
            verification_prefix: is_pending.then(|| {
                let suffix = self.random.letters(6).to_lowercase();
                format!("sandbox-domain-verification-{suffix}")
            }),
            created_at: now,
            updated_at: now,
        }
    }
}

/// The number in `org_domain_…`, if it is one.
fn domain_number(id: &str) -> Option<Ulid> {
    Ulid::from_string(id.strip_prefix("org_domain_")?).ok()
}

/// The time an id was given out.
fn time_of(id: Ulid) -> Timestamp {
    i64::try_from(id.timestamp_ms())
        .ok()
        .and_then(|ms| Timestamp::from_millisecond(ms).ok())
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

fn merge(metadata: &mut BTreeMap<String, String>, change: MetadataChange) {
    match change {
        MetadataChange::None => {}
        MetadataChange::Clear => metadata.clear(),
        MetadataChange::Merge(pairs) => {
            for (key, value) in pairs {
                match value {
                    Some(value) => {
                        metadata.insert(key, value);
                    }
                    None => {
                        metadata.remove(&key);
                    }
                }
            }
        }
    }
}
