//! Was it created? How the organization of a row whose answer was lost is found.
//!
//! A row with an external id is looked up by it. Every other row is looked for among the
//! organizations created since the run's start: one *view* of them, shared by all rows and
//! extended page by page from the newest, serves a thousand lost answers as cheaply as one.
//!
//! Which organization belongs to which row:
//! - An organization that another row owns, because a 201 named it or because that row found it
//!   first, is never adopted.
//! - Rows that are alike in all that is sent take turns: while one of them is not settled, no
//!   other is sent. An organization that matches and that nobody owns can then only be the work
//!   of the row that is looking, and no adoption ever has to be taken back.

use super::caller::Caller;
use crate::organization::NewOrganization;
use crate::organization::metadata::Metadata;
use crate::results::Marker;
use crate::workos::{Failure, Organization, OrganizationsApi};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use xxhash_rust::xxh3::xxh3_64;

/// Which organizations there are, and which row owns which.
#[derive(Debug, Default)]
pub(super) struct Reconciler {
    marker: Marker,
    owned: Mutex<Owned>,
    turns: Mutex<HashMap<u64, Arc<tokio::sync::Mutex<()>>>>,
    view: tokio::sync::Mutex<View>,
}

/// The organizations that rows own, by the hash of their id.
///
/// Most runs lose no answer and never ask who owns what, so hashes are only put in order when
/// somebody first asks.
#[derive(Debug, Default)]
struct Owned {
    /// In blocks, so that growing never copies what is there, nor leaves holes behind.
    unordered: Vec<Vec<u64>>,
    ordered: HashSet<u64>,
}

/// How many hashes a block holds.
const BLOCK: usize = 64 * 1024;

impl Owned {
    fn push(&mut self, hash: u64) {
        match self.unordered.last_mut() {
            Some(block) if block.len() < block.capacity() => block.push(hash),
            _ => {
                let mut block = Vec::with_capacity(BLOCK);
                block.push(hash);
                self.unordered.push(block);
            }
        }
    }

    fn set(&mut self) -> &mut HashSet<u64> {
        let unordered = std::mem::take(&mut self.unordered);
        self.ordered.extend(unordered.into_iter().flatten());
        &mut self.ordered
    }
}

/// The hash by which an organization is remembered.
pub(super) fn hash_of(id: &str) -> u64 {
    xxh3_64(id.as_bytes())
}

/// The organizations created since the run's start, as far as they have been listed.
#[derive(Debug, Default)]
struct View {
    known: HashSet<u64>,
    /// Those that no row owned when they were listed, by name, in the order they were seen.
    free: HashMap<String, Vec<Organization>>,
    /// When the newest of them was created.
    newest: Option<jiff::Timestamp>,
    /// All that was created before this moment is in the view.
    listed_at: Option<Instant>,
}

/// Servers' clocks may differ by as much, so a listing overlaps the one before by as much.
const OVERLAP: Duration = Duration::from_secs(10);

/// The right of a row to be sent while no other like it is; given up when dropped.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    reconciler: &'a Reconciler,
    key: u64,
    guard: Option<tokio::sync::OwnedMutexGuard<()>>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.guard.take();
        let mut turns = lock(&self.reconciler.turns);
        if turns
            .get(&self.key)
            .is_some_and(|turn| Arc::strong_count(turn) == 1)
        {
            turns.remove(&self.key);
        }
    }
}

impl Reconciler {
    /// A reconciler for a run before which there was `marker`, and whose earlier processes have
    /// recorded the organizations `owned`.
    pub(super) fn new(marker: Marker, owned: Vec<u64>) -> Self {
        Self {
            marker,
            owned: Mutex::new(Owned {
                unordered: vec![owned],
                ordered: HashSet::new(),
            }),
            turns: Mutex::default(),
            view: tokio::sync::Mutex::default(),
        }
    }

    /// Waits until no other row like this one is under way. `None` for a row with an external id:
    /// no other row has the same.
    pub(super) async fn turn(&self, new: &NewOrganization<'_>) -> Option<Turn<'_>> {
        if new.external_id.is_some() {
            return None;
        }
        let key = likeness(new);
        let mutex = Arc::clone(lock(&self.turns).entry(key).or_default());
        let guard = mutex.lock_owned().await;
        Some(Turn {
            reconciler: self,
            key,
            guard: Some(guard),
        })
    }

    /// Gives an organization to the row whose creation it was.
    pub(super) fn own(&self, id: &str) {
        lock(&self.owned).push(hash_of(id));
    }

    /// Gives an organization to a row; `false` when another row has it already.
    pub(super) fn claim(&self, id: &str) -> bool {
        lock(&self.owned).set().insert(hash_of(id))
    }

    /// Whether a row has this organization.
    pub(super) fn is_owned(&self, id: &str) -> bool {
        lock(&self.owned).set().contains(&hash_of(id))
    }

    /// Whether an organization can have been created by this run.
    pub(super) fn is_of_this_run(&self, organization: &Organization) -> bool {
        self.marker
            .precedes(&organization.id, organization.created_at)
    }

    /// Whether an organization that has a row's external id is the row's.
    ///
    /// What this run has created has at least the row's name: it was found by what the row alone
    /// claims. Of what may be older that proves nothing; it has to be like the row in everything.
    fn is_of_row(&self, organization: &Organization, new: &NewOrganization<'_>) -> bool {
        if self.is_of_this_run(organization) {
            return organization.name.trim() == new.name;
        }
        self.marker.is_late && is_like(organization, new)
    }

    /// Looks for the organization of a row once, and claims it.
    ///
    /// # Errors
    /// When the API does not answer.
    pub(super) async fn look<A: OrganizationsApi>(
        &self,
        caller: &Caller<A>,
        new: &NewOrganization<'_>,
    ) -> Result<Option<Organization>, Failure> {
        let Some(external_id) = &new.external_id else {
            return self.look_in_view(caller, new).await;
        };
        let answer = caller
            .read(|| caller.api().by_external_id(external_id))
            .await?;
        Ok(answer.value.filter(|organization| {
            self.is_of_row(organization, new) && self.claim(&organization.id)
        }))
    }

    async fn look_in_view<A: OrganizationsApi>(
        &self,
        caller: &Caller<A>,
        new: &NewOrganization<'_>,
    ) -> Result<Option<Organization>, Failure> {
        let asked_at = Instant::now();
        let mut view = self.view.lock().await;
        // Whoever waited for the lock may find that somebody else has just listed for both.
        if view.listed_at.is_none_or(|listed| listed < asked_at) {
            self.list_newer(&mut view, caller).await?;
        }
        let found = view
            .free
            .get(new.name.as_ref())
            .into_iter()
            .flatten()
            .find(|organization| is_like(organization, new) && self.claim(&organization.id));
        Ok(found.cloned())
    }

    /// Lists from the newest organization back to those that are known, or to the run's start;
    /// where nobody knows when that was, to the oldest.
    async fn list_newer<A: OrganizationsApi>(
        &self,
        view: &mut View,
        caller: &Caller<A>,
    ) -> Result<(), Failure> {
        let listed_at = Instant::now();
        let mut newest = view.newest;
        let mut cursor: Option<String> = None;
        loop {
            let answer = caller
                .read(|| caller.api().newest(cursor.as_deref()))
                .await?;
            cursor = answer.value.after().map(str::to_owned);
            let mut at_an_end = cursor.is_none();
            let mut all_known = true;
            let mut oldest = None;
            for organization in answer.value.data {
                if !self.is_of_this_run(&organization) && !self.marker.is_late {
                    at_an_end = true;
                    continue;
                }
                newest = newest.max(organization.created_at);
                oldest = organization.created_at;
                if view.known.insert(hash_of(&organization.id)) {
                    all_known = false;
                    if !self.is_owned(&organization.id) {
                        let name = organization.name.trim().to_owned();
                        view.free.entry(name).or_default().push(organization);
                    }
                }
            }
            let overlaps = view.newest.zip(oldest).is_some_and(|(newest, oldest)| {
                Duration::try_from(newest.duration_since(oldest)).is_ok_and(|by| by >= OVERLAP)
            });
            if at_an_end || (all_known && overlaps) {
                view.newest = newest;
                view.listed_at = Some(listed_at);
                return Ok(());
            }
        }
    }

    /// Lists what is new, and returns all organizations created since the run's start that no row
    /// owns.
    ///
    /// # Errors
    /// When the API does not answer.
    pub(super) async fn unowned<A: OrganizationsApi>(
        &self,
        caller: &Caller<A>,
    ) -> Result<Vec<Organization>, Failure> {
        let mut view = self.view.lock().await;
        self.list_newer(&mut view, caller).await?;
        let free = view.free.values().flatten();
        Ok(free
            .filter(|organization| {
                self.is_of_this_run(organization) && !self.is_owned(&organization.id)
            })
            .cloned()
            .collect())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Rows with the same likeness could be taken for each other in a listing. Metadata is left out,
/// because there are answers that do not tell it.
fn likeness(new: &NewOrganization<'_>) -> u64 {
    let mut text = new.name.clone().into_owned();
    for domain in domains_of(new) {
        text.push('\n');
        text.push_str(&domain);
    }
    xxh3_64(text.as_bytes())
}

fn domains_of(new: &NewOrganization<'_>) -> BTreeSet<String> {
    let domains = new.domain_data.iter();
    domains.map(|domain| domain.domain.to_lowercase()).collect()
}

/// Whether two sets of metadata hold the same pairs.
fn is_same(metadata: &BTreeMap<String, String>, new: &Metadata<'_>) -> bool {
    let pairs = metadata
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()));
    pairs.eq(new
        .iter()
        .map(|(key, value)| (key.as_ref(), value.as_ref())))
}

/// Whether an organization is what a row asks for: the same name, domains, external id and
/// metadata. What an answer does not tell is taken as being the same.
pub(super) fn is_like(organization: &Organization, new: &NewOrganization<'_>) -> bool {
    let domains = organization.domains.iter();
    organization.name.trim() == new.name
        && organization.external_id.as_deref() == new.external_id.as_deref()
        && organization
            .metadata
            .as_ref()
            .is_none_or(|metadata| is_same(metadata, &new.metadata))
        && domains.map(|d| d.to_lowercase()).collect::<BTreeSet<_>>() == domains_of(new)
}
