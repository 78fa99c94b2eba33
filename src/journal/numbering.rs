//! The places of rows in the list of a run: number in the list ↔ id in the journal.
//!
//! A row's id never changes. Its number does when the list is edited, so each run records which
//! number each id had. Ranges keep that small: a list that was never edited is one range.

use serde::{Deserialize, Serialize};

/// Numbers and ids, both counted from 1, as ranges in the order of the numbers. Rows that were united
/// have the same id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Numbering(Vec<Range>);

/// `count` rows in succession: the first number, the first id, the count.
type Range = (u64, u64, u64);

impl Numbering {
    /// The numbering of rows that have these numbers and ids.
    pub fn new(rows: impl IntoIterator<Item = (u64, u64)>) -> Self {
        let mut ranges: Vec<Range> = Vec::new();
        for (number, id) in rows {
            match ranges.last_mut() {
                Some((first, first_id, count))
                    if *first + *count == number && *first_id + *count == id =>
                {
                    *count += 1;
                }
                _ => ranges.push((number, id, 1)),
            }
        }
        Self(ranges)
    }

    /// The numbering of a list whose ids are its numbers.
    pub fn identity(rows: u64) -> Self {
        Self(if rows == 0 {
            Vec::new()
        } else {
            vec![(1, 1, rows)]
        })
    }

    /// The id of a number; `None` where the list had no such row.
    pub fn id(&self, number: u64) -> Option<u64> {
        let after = self.0.partition_point(|(first, _, _)| *first <= number);
        let (first, id, count) = *self.0.get(after.checked_sub(1)?)?;
        (number - first < count).then(|| id + (number - first))
    }

    /// Whether a row of the list had this id.
    pub fn has_id(&self, id: u64) -> bool {
        let mut ranges = self.0.iter();
        ranges.any(|(_, first, count)| (*first..first + count).contains(&id))
    }

    /// How many rows there are.
    pub fn rows(&self) -> u64 {
        self.0.iter().map(|(_, _, count)| count).sum()
    }

    /// Every number with its id.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        let ranges = self.0.iter();
        ranges.flat_map(|&(number, id, count)| (0..count).map(move |k| (number + k, id + k)))
    }

    /// The numbers by id, for looking up: the number of `id` is at `id - 1`; 0 where it has none. Of
    /// several rows of one id, the first counts.
    pub fn by_id(&self) -> Vec<u32> {
        let last = self.0.iter().map(|(_, id, count)| id + count - 1).max();
        let mut numbers = vec![0; usize::try_from(last.unwrap_or(0)).unwrap_or(0)];
        for (number, id) in self.iter() {
            let slot = usize::try_from(id - 1)
                .ok()
                .and_then(|at| numbers.get_mut(at));
            if let Some(slot @ 0) = slot {
                *slot = u32::try_from(number).unwrap_or(u32::MAX);
            }
        }
        numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_list_that_was_never_edited_is_one_range() {
        assert_eq!(
            Numbering::new((1..=500).map(|n| (n, n))),
            Numbering::identity(500)
        );
        assert_eq!(Numbering::identity(500).0.len(), 1);
        assert_eq!(Numbering::identity(0).rows(), 0);
    }

    proptest! {
        #[test]
        fn every_number_leads_to_its_id(ids in proptest::collection::hash_set(1_u64..200, 0..100)) {
            let rows: Vec<(u64, u64)> = (1..).zip(ids).collect();
            let numbering = Numbering::new(rows.iter().copied());
            prop_assert_eq!(numbering.rows(), rows.len() as u64);
            prop_assert!(numbering.iter().eq(rows.iter().copied()));
            let by_id = numbering.by_id();
            for (number, id) in &rows {
                prop_assert_eq!(numbering.id(*number), Some(*id));
                prop_assert_eq!(u64::from(by_id[usize::try_from(*id).unwrap() - 1]), *number);
            }
            prop_assert_eq!(numbering.id(rows.len() as u64 + 1), None);
            prop_assert_eq!(numbering.id(0), None);
        }
    }
}
