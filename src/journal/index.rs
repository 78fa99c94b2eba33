//! Finding rows by a hash: their ids in the order of it, sorted when first asked for.

use std::sync::OnceLock;

/// Rows by one of their hashes. Two are always equal: it says nothing that the rows do not.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// Places of rows, counted from 0: 4 bytes a row instead of 12 with the hash.
    sorted: OnceLock<Vec<u32>>,
}

impl PartialEq for Index {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Index {
    /// The places of the rows that have this hash, in order. `key` gives the hash of a place, and
    /// `None` where it has none.
    pub(super) fn find(
        &self,
        rows: usize,
        hash: u64,
        key: impl Fn(usize) -> Option<u64>,
    ) -> &[u32] {
        let place = |row: &u32| *row as usize;
        let sorted = self.sorted.get_or_init(|| {
            let places = (0..rows).filter(|row| key(*row).is_some());
            let mut sorted: Vec<u32> = places.filter_map(|row| u32::try_from(row).ok()).collect();
            sorted.sort_by_key(|row| key(place(row)));
            sorted
        });
        let start = sorted.partition_point(|row| key(place(row)) < Some(hash));
        let found = sorted.get(start..).unwrap_or_default();
        let count = found.partition_point(|row| key(place(row)) == Some(hash));
        found.get(..count).unwrap_or_default()
    }

    /// Forgets the order, after a row has changed.
    pub(super) fn clear(&mut self) {
        self.sorted.take();
    }
}
