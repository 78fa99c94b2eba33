//! The slots of all rows, in chunks that a copy shares until one of the two changes.
//!
//! So a report of two million rows that is rendered while the run goes on costs next to no memory,
//! and growing copies nothing.

use super::rows::Slot;
use std::sync::Arc;

/// How many slots a chunk holds: 16 KiB of them.
const CHUNK: usize = 512;

/// The slots of rows, by their places counted from 0.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Slots {
    chunks: Vec<Arc<[Slot; CHUNK]>>,
    count: usize,
}

impl Slots {
    pub(super) const fn len(&self) -> usize {
        self.count
    }

    pub(super) fn get(&self, place: usize) -> Option<&Slot> {
        if place >= self.count {
            return None;
        }
        self.chunks.get(place / CHUNK)?.get(place % CHUNK)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Slot> {
        let chunks = self.chunks.iter().flat_map(|chunk| chunk.iter());
        chunks.take(self.count)
    }

    /// The slot at a place; those before it that are not there yet are blank.
    pub(super) fn at(&mut self, place: usize) -> Option<&mut Slot> {
        self.count = self.count.max(place + 1);
        while self.chunks.len() * CHUNK < self.count {
            self.chunks.push(Arc::new([Slot::default(); CHUNK]));
        }
        let chunk = self.chunks.get_mut(place / CHUNK)?;
        Arc::make_mut(chunk).get_mut(place % CHUNK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_shares_what_does_not_change() {
        let mut slots = Slots::default();
        for place in 0..3 * CHUNK {
            slots.at(place).unwrap().list = place as u64;
        }
        let copy = slots.clone();
        slots.at(CHUNK).unwrap().list = 7;
        let shared = slots.chunks.iter().zip(&copy.chunks);
        let shared: Vec<_> = shared.map(|(one, other)| Arc::ptr_eq(one, other)).collect();
        assert_eq!(shared, [true, false, true]);
        assert_eq!(copy.get(CHUNK).unwrap().list, CHUNK as u64);
        assert_eq!((slots.len(), slots.iter().count()), (3 * CHUNK, 3 * CHUNK));
        assert_eq!(slots.get(3 * CHUNK), None);
    }

    #[test]
    fn rows_that_were_not_mentioned_are_blank() {
        let mut slots = Slots::default();
        slots.at(CHUNK + 1).unwrap().list = 7;
        assert_eq!(slots.len(), CHUNK + 2);
        assert!(
            slots
                .iter()
                .take(CHUNK + 1)
                .all(|slot| *slot == Slot::default())
        );
    }
}
