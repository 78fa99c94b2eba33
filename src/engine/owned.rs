//! The organizations that rows own, by the hash of their id.

use std::collections::HashSet;
use xxhash_rust::xxh3::xxh3_64;

/// The hash by which an organization is remembered.
pub(super) fn hash_of(id: &str) -> u64 {
    xxh3_64(id.as_bytes())
}

/// How many recent hashes are kept unsorted.
const RECENT: usize = 8 * 1024;

/// A set of hashes that takes little more than 8 bytes for each: sorted runs, each at least twice
/// as long as the next, and a small set of recent ones.
#[derive(Debug, Default)]
pub(super) struct OwnedIds {
    /// Given at the start; sorted when first asked, because a run may never ask.
    unsorted: Vec<u64>,
    runs: Vec<Vec<u64>>,
    recent: HashSet<u64>,
}

impl OwnedIds {
    pub(super) fn new(hashes: Vec<u64>) -> Self {
        Self {
            unsorted: hashes,
            ..Self::default()
        }
    }

    /// Adds an organization; `false` where it is owned already.
    pub(super) fn insert(&mut self, id: &str) -> bool {
        if self.contains(id) {
            return false;
        }
        self.recent.insert(hash_of(id));
        if self.recent.len() >= RECENT {
            let mut run: Vec<_> = self.recent.drain().collect();
            run.sort_unstable();
            self.push(run);
        }
        true
    }

    pub(super) fn contains(&mut self, id: &str) -> bool {
        if !self.unsorted.is_empty() {
            let mut run = std::mem::take(&mut self.unsorted);
            run.sort_unstable();
            self.push(run);
        }
        let hash = hash_of(id);
        let mut runs = self.runs.iter();
        self.recent.contains(&hash) || runs.any(|run| run.binary_search(&hash).is_ok())
    }

    /// Adds a sorted run, and merges those that have become too short.
    fn push(&mut self, mut run: Vec<u64>) {
        while self
            .runs
            .last()
            .is_some_and(|last| last.len() < run.len() * 2)
        {
            run.extend(self.runs.pop().unwrap_or_default());
            run.sort_unstable();
        }
        self.runs.push(run);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_owned_once_however_many_there_are() {
        let given: Vec<_> = (0..1000).map(|n| hash_of(&format!("given {n}"))).collect();
        let mut owned = OwnedIds::new(given);
        for n in 0..(3 * RECENT) {
            assert!(owned.insert(&format!("new {n}")));
        }
        assert!(owned.runs.len() <= 3, "{}", owned.runs.len());
        for n in 0..(3 * RECENT) {
            assert!(!owned.insert(&format!("new {n}")));
        }
        assert!(owned.contains("given 999") && !owned.contains("given 1000"));
    }
}
