//! Comparing organizations with the rows of a journal, one organization at a time. Pure.

use crate::journal::id_hash;
use crate::organization::Fingerprint;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashSet};

/// How many organizations that no row owns are kept; more are only counted.
const KEPT: usize = 10_000;

/// A row that owns an organization: 32 bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct OwningRow {
    /// The hash of its organization's id.
    pub(super) organization: u64,
    /// What its organization should hold, or may hold more than.
    pub(super) content: Fingerprint,
    /// Its id in the journal.
    pub(super) row: u64,
    pub(super) is_seen: bool,
}

/// What a journal knows, as far as organizations are compared with it.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    /// Sorted by organization.
    rows: Vec<OwningRow>,
    /// Places of rows, sorted by content.
    by_content: Vec<u32>,
    /// What was created before this is not the work of a run; [`None`] where that is not known.
    since: Option<Timestamp>,
    /// The ids of organizations that were there about then.
    named: HashSet<String>,
    unowned: BTreeMap<String, Unowned>,
    more_unowned: HashSet<u64>,
    listed: HashSet<u64>,
}

/// An organization as it is compared.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'a> {
    pub(super) id: &'a str,
    pub(super) name: &'a str,
    pub(super) content: Fingerprint,
    pub(super) created_at: Option<Timestamp>,
}

/// An organization that no row owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unowned {
    pub(super) name: String,
    pub(super) created_at: Option<Timestamp>,
    /// A row whose organization has the same content.
    pub(super) twin_of: Option<u64>,
}

/// What a comparison found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Compared {
    /// How many organizations there are.
    pub(super) organizations: u64,
    /// How many rows own one.
    pub(super) rows: u64,
    /// Organizations created since the first run that no row owns, by id.
    pub(super) unowned: BTreeMap<String, Unowned>,
    /// How many more of them there are.
    pub(super) more_unowned: u64,
}

impl Comparison {
    pub(super) fn new(
        mut rows: Vec<OwningRow>,
        since: Option<Timestamp>,
        named: impl IntoIterator<Item = String>,
    ) -> Self {
        rows.sort_unstable_by_key(|row| (row.organization, row.row));
        let mut by_content: Vec<u32> = (0..).take(rows.len()).collect();
        by_content.sort_unstable_by_key(|place| content_at(&rows, *place));
        Self {
            rows,
            by_content,
            since,
            named: named.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Takes note of an organization, which may be listed more than once; returns the rows that own
    /// it and expect something else.
    pub(super) fn see(&mut self, seen: &Seen<'_>) -> Vec<u64> {
        let hash = id_hash(seen.id);
        self.listed.insert(hash);
        let start = self.rows.partition_point(|row| row.organization < hash);
        let rest = self.rows.get_mut(start..).unwrap_or_default();
        let count = rest.partition_point(|row| row.organization == hash);
        let owners = rest.get_mut(..count).unwrap_or_default();
        if owners.is_empty() {
            self.see_unowned(hash, seen);
            return Vec::new();
        }
        let mut different = Vec::new();
        for owner in owners {
            owner.is_seen = true;
            if owner.content != seen.content {
                different.push(owner.row);
            }
        }
        different
    }

    fn see_unowned(&mut self, hash: u64, seen: &Seen<'_>) {
        let is_new = match (seen.created_at, self.since) {
            (Some(created), Some(since)) => created >= since,
            _ => false,
        };
        if !is_new || self.named.contains(seen.id) {
            return;
        }
        if self.unowned.len() >= KEPT && !self.unowned.contains_key(seen.id) {
            self.more_unowned.insert(hash);
            return;
        }
        let unowned = Unowned {
            name: seen.name.to_owned(),
            created_at: seen.created_at,
            twin_of: self.row_with(seen.content),
        };
        self.unowned.insert(seen.id.to_owned(), unowned);
    }

    /// The first row that expects this content.
    fn row_with(&self, content: Fingerprint) -> Option<u64> {
        let start = self
            .by_content
            .partition_point(|place| content_at(&self.rows, *place) < Some(content));
        let row = self.rows.get(*self.by_content.get(start)? as usize)?;
        (row.content == content).then_some(row.row)
    }

    /// The rows whose organization was not listed, in order.
    pub(super) fn unseen(&self) -> Vec<u64> {
        let unseen = self.rows.iter().filter(|row| !row.is_seen);
        let mut rows: Vec<u64> = unseen.map(|row| row.row).collect();
        rows.sort_unstable();
        rows
    }

    pub(super) fn finish(mut self) -> Compared {
        // What is there instead of an organization that is gone is no second one.
        let gone: HashSet<u64> = self.unseen().into_iter().collect();
        for unowned in self.unowned.values_mut() {
            unowned.twin_of = unowned.twin_of.filter(|row| !gone.contains(row));
        }
        Compared {
            organizations: self.listed.len() as u64,
            rows: self.rows.len() as u64,
            unowned: self.unowned,
            more_unowned: self.more_unowned.len() as u64,
        }
    }
}

fn content_at(rows: &[OwningRow], place: u32) -> Option<Fingerprint> {
    rows.get(place as usize).map(|row| row.content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Option<Timestamp> {
        Timestamp::from_second(second).ok()
    }

    fn row(row: u64, id: &str, content: u64) -> OwningRow {
        OwningRow {
            organization: id_hash(id),
            content: Fingerprint(content),
            row,
            is_seen: false,
        }
    }

    fn organization(id: &str, content: u64, second: i64) -> Seen<'_> {
        Seen {
            id,
            name: "Acme",
            content: Fingerprint(content),
            created_at: at(second),
        }
    }

    fn comparison() -> Comparison {
        let rows = vec![row(1, "a", 10), row(2, "b", 20), row(3, "b", 20)];
        Comparison::new(rows, at(100), ["old".to_owned()])
    }

    #[test]
    fn rows_whose_organizations_are_as_they_were_left_are_no_findings() {
        let mut comparison = comparison();
        assert!(comparison.see(&organization("b", 20, 110)).is_empty());
        assert!(comparison.see(&organization("a", 10, 110)).is_empty());
        // Listed twice, and there before.
        assert!(comparison.see(&organization("a", 10, 110)).is_empty());
        comparison.see(&organization("older", 10, 90));
        comparison.see(&organization("old", 10, 100));
        assert!(comparison.unseen().is_empty());
        let found = comparison.finish();
        assert_eq!((found.rows, found.organizations), (3, 4));
        assert!(found.unowned.is_empty());
    }

    #[test]
    fn every_row_of_an_organization_that_differs_or_is_gone_is_named() {
        let mut comparison = comparison();
        assert_eq!(comparison.see(&organization("b", 21, 110)), [2, 3]);
        assert_eq!(comparison.unseen(), [1]);
    }

    #[test]
    fn what_was_created_since_and_is_owned_by_no_row_is_named_with_its_twin() {
        let mut comparison = comparison();
        comparison.see(&organization("a", 10, 100));
        comparison.see(&organization("x", 10, 100));
        comparison.see(&organization("y", 99, 200));
        comparison.see(&organization("z", 20, 200));
        let unowned = comparison.finish().unowned;
        assert_eq!(unowned["x"].twin_of, Some(1));
        assert_eq!(unowned["y"].twin_of, None);
        assert_eq!(unowned["z"].twin_of, None, "the first one is gone");
    }

    #[test]
    fn where_the_beginning_is_not_known_nothing_is_said_of_others() {
        let mut comparison = Comparison::new(vec![row(1, "a", 10)], None, []);
        comparison.see(&organization("x", 10, 200));
        assert!(comparison.finish().unowned.is_empty());
    }

    #[test]
    fn more_than_can_be_kept_are_counted() {
        let mut comparison = Comparison::new(Vec::new(), at(0), []);
        for n in 0..=KEPT {
            let id = format!("org_{n}");
            // Twice: a list may repeat itself.
            comparison.see(&organization(&id, 1, 1));
            comparison.see(&organization(&id, 1, 1));
        }
        let found = comparison.finish();
        assert_eq!((found.unowned.len(), found.more_unowned), (KEPT, 1));
    }
}
