//! One at a time: of rows that could be mistaken for each other in a listing, only one is in
//! flight. An organization that equals it and that no row owns can then only be its work.

use crate::organization::{NewOrganization, name_key};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use xxhash_rust::xxh3::xxh3_64;

type Shared = Arc<tokio::sync::Mutex<()>>;

/// The locks of the rows in flight, by what they look like.
#[derive(Debug, Default)]
pub(super) struct LikenessLocks(Mutex<HashMap<u64, Shared>>);

/// Lock held while one of several identical rows is in flight; released when dropped.
#[derive(Debug)]
pub(super) struct LikenessLock<'a> {
    locks: &'a LikenessLocks,
    held: Option<(u64, tokio::sync::OwnedMutexGuard<()>)>,
}

impl LikenessLocks {
    /// Takes the lock of a row, unless another row that looks the same is in flight.
    pub(super) fn try_lock(&self, new: &NewOrganization<'_>) -> Option<LikenessLock<'_>> {
        let Some(key) = likeness(new) else {
            return Some(self.unneeded());
        };
        let guard = self.entry(key).try_lock_owned().ok()?;
        Some(self.holding(key, guard))
    }

    /// Waits until no other row that looks the same is in flight.
    pub(super) async fn lock(&self, new: &NewOrganization<'_>) -> LikenessLock<'_> {
        let Some(key) = likeness(new) else {
            return self.unneeded();
        };
        let guard = self.entry(key).lock_owned().await;
        self.holding(key, guard)
    }

    const fn unneeded(&self) -> LikenessLock<'_> {
        LikenessLock {
            locks: self,
            held: None,
        }
    }

    const fn holding(&self, key: u64, guard: tokio::sync::OwnedMutexGuard<()>) -> LikenessLock<'_> {
        LikenessLock {
            locks: self,
            held: Some((key, guard)),
        }
    }

    fn entry(&self, key: u64) -> Shared {
        Arc::clone(self.map().entry(key).or_default())
    }

    fn map(&self) -> MutexGuard<'_, HashMap<u64, Shared>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for LikenessLock<'_> {
    fn drop(&mut self) {
        let Some((key, guard)) = self.held.take() else {
            return;
        };
        drop(guard);
        let mut map = self.locks.map();
        if map
            .get(&key)
            .is_some_and(|lock| Arc::strong_count(lock) == 1)
        {
            map.remove(&key);
        }
    }
}

/// What a row looks like in a listing; `None` if it has an external id.
/// Metadata is left out, because some answers do not list it.
fn likeness(new: &NewOrganization<'_>) -> Option<u64> {
    if new.external_id.is_some() {
        return None;
    }
    let mut text = name_key(&new.name);
    let domains = new.domain_data.iter();
    for domain in domains.map(|data| &data.domain).collect::<BTreeSet<_>>() {
        text.push('\n');
        text.push_str(domain);
    }
    Some(xxh3_64(text.as_bytes()))
}
