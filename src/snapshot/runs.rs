//! [`Runs`]: a set of many small values that takes little more memory than they do.

use std::collections::BTreeSet;

/// How many recent values are kept apart.
const RECENT: usize = 8 * 1024;

/// A set of values: sorted runs, each at least twice as long as the next, and a small set of recent
/// ones.
#[derive(Clone, Debug)]
pub struct Runs<T> {
    runs: Vec<Vec<T>>,
    recent: BTreeSet<T>,
}

impl<T> Default for Runs<T> {
    fn default() -> Self {
        Self {
            runs: Vec::new(),
            recent: BTreeSet::new(),
        }
    }
}

impl<T: Copy + Ord> Runs<T> {
    /// Adds a value.
    pub fn insert(&mut self, value: T) {
        self.recent.insert(value);
        if self.recent.len() >= RECENT {
            let run = std::mem::take(&mut self.recent).into_iter().collect();
            self.push(run);
        }
    }

    /// Adds many values in any order.
    pub fn add(&mut self, mut values: Vec<T>) {
        values.sort_unstable();
        self.push(values);
    }

    /// Whether it has this value.
    pub fn contains(&self, value: T) -> bool {
        self.at_or_after(value) == Some(value)
    }

    /// The smallest value that is not below this one.
    pub fn at_or_after(&self, value: T) -> Option<T> {
        let runs = self.runs.iter().filter_map(|run| {
            let at = run.partition_point(|other| *other < value);
            run.get(at).copied()
        });
        let recent = self.recent.range(value..).next().copied();
        runs.chain(recent).min()
    }

    /// Adds a sorted run, and merges those that have become too short.
    fn push(&mut self, mut run: Vec<T>) {
        while let Some(mut longer) = self.runs.pop_if(|last| last.len() < run.len() * 2) {
            // It grows in its place, and by no more than it has to.
            longer.reserve_exact(run.len());
            longer.append(&mut run);
            longer.sort_unstable();
            run = longer;
        }
        self.runs.push(run);
    }

    #[cfg(test)]
    pub(super) fn allocated_bytes(&self) -> usize {
        let runs: usize = self.runs.iter().map(Vec::capacity).sum();
        (runs + self.recent.len()) * size_of::<T>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_however_many_there_are() {
        let mut runs = Runs::default();
        runs.add((0..1000).rev().map(|n| 2 * n).collect());
        for n in 0..3 * RECENT {
            runs.insert(10_000 + 2 * n);
        }
        assert!(runs.runs.len() <= 3, "{}", runs.runs.len());
        assert!((0..1000).all(|n| runs.contains(2 * n) && !runs.contains(2 * n + 1)));
        assert!((0..3 * RECENT).all(|n| runs.contains(10_000 + 2 * n)));
        assert_eq!(runs.at_or_after(1), Some(2));
        assert_eq!(runs.at_or_after(1999), Some(10_000));
        assert_eq!(runs.at_or_after(10_000 + 6 * RECENT), None);
        let values = 1000 + 3 * RECENT;
        assert!(runs.allocated_bytes() <= (values + RECENT) * size_of::<usize>());
    }
}
