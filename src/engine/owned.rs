//! The organizations that rows own, by the hash of their id.

use crate::snapshot::Runs;
use xxhash_rust::xxh3::xxh3_64;

/// The hash by which an organization is remembered.
pub(super) fn hash_of(id: &str) -> u64 {
    xxh3_64(id.as_bytes())
}

/// A set of hashes that takes little more than 8 bytes for each.
#[derive(Debug, Default)]
pub(super) struct OwnedIds {
    /// Given at the start; sorted when first asked, because a run may never ask.
    given: Vec<u64>,
    hashes: Runs<u64>,
}

impl OwnedIds {
    pub(super) fn new(given: Vec<u64>) -> Self {
        Self {
            given,
            hashes: Runs::default(),
        }
    }

    /// Adds an organization; `false` where it is owned already.
    pub(super) fn insert(&mut self, id: &str) -> bool {
        let is_new = !self.contains(id);
        if is_new {
            self.hashes.insert(hash_of(id));
        }
        is_new
    }

    pub(super) fn contains(&mut self, id: &str) -> bool {
        if !self.given.is_empty() {
            self.hashes.add(std::mem::take(&mut self.given));
        }
        self.hashes.contains(hash_of(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_owned_once_however_many_there_are() {
        let given: Vec<_> = (0..1000).map(|n| hash_of(&format!("given {n}"))).collect();
        let mut owned = OwnedIds::new(given);
        assert!(owned.insert("new"));
        assert!(!owned.insert("new") && !owned.insert("given 0"));
        assert!(owned.contains("given 999") && !owned.contains("given 1000"));
    }
}
