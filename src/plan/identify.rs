//! Which organization of WorkOS is a row? By the strongest thing that they have in common.

use std::collections::{HashMap, HashSet};

/// By what a row is recognized as an organization, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MatchedBy {
    /// The row has, or an earlier run has given it, the organization's id.
    OrganizationId,
    /// The external id.
    ExternalId,
    /// A domain.
    Domain,
    /// The name and all domains, where the row has no external id.
    Likeness,
    /// The name alone.
    Name,
}

impl MatchedBy {
    /// From the strongest to the weakest.
    const ALL: [Self; 5] = [
        Self::OrganizationId,
        Self::ExternalId,
        Self::Domain,
        Self::Likeness,
        Self::Name,
    ];
}

/// What rows may be recognized by: hashes, 16 bytes each.
#[derive(Debug, Default)]
pub struct Keys {
    keys: Vec<(u64, MatchedBy, u32)>,
    is_sorted: bool,
}

impl Keys {
    /// Adds a key of a row, which is known by its place. A hash of 0 is none.
    pub fn add(&mut self, row: u32, by: MatchedBy, hash: u64) {
        if hash != 0 {
            self.keys.push((hash, by, row));
            self.is_sorted = false;
        }
    }

    /// To be called after the last [`add`](Self::add).
    pub fn sort(&mut self) {
        self.keys.sort_unstable();
        self.keys.dedup();
        self.is_sorted = true;
    }

    /// The rows that have a key.
    pub fn rows(&self, by: MatchedBy, hash: u64) -> impl Iterator<Item = u32> {
        debug_assert!(self.is_sorted, "keys are looked up after they are sorted");
        let start = self
            .keys
            .partition_point(|(at, of, _)| (*at, *of) < (hash, by));
        let found = self.keys.iter().skip(start);
        found
            .take_while(move |(at, of, _)| (*at, *of) == (hash, by))
            .map(|(_, _, row)| *row)
    }
}

/// A row and an organization that have something in common. Both are known by their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hit {
    /// What they have in common.
    pub by: MatchedBy,
    /// The place of the row.
    pub row: u32,
    /// The place of the organization.
    pub organization: u32,
}

/// What is known of the organization of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// It is this one.
    One(u32),
    /// It may be any of these: a person has to decide.
    Several(Vec<u32>),
    /// It is this one, and so is that of another row.
    Taken {
        /// The organization.
        organization: u32,
        /// The row that has it.
        by: u32,
    },
}

/// Finds the organization of each row; rows without one are left out.
///
/// An organization goes to the row that has the stronger thing in common with it, and of two rows
/// that have the same to the earlier one.
pub fn identify(mut hits: Vec<Hit>) -> HashMap<u32, Identity> {
    hits.sort_unstable();
    hits.dedup();
    let mut found: HashMap<u32, Identity> = HashMap::new();
    let mut owners: HashMap<u32, u32> = HashMap::new();
    for by in MatchedBy::ALL {
        let start = hits.partition_point(|hit| hit.by < by);
        let end = hits.partition_point(|hit| hit.by <= by);
        let alike = hits.get(start..end).unwrap_or_default();
        for hits in alike.chunk_by(|one, other| one.row == other.row) {
            let Some(row) = hits.first().map(|hit| hit.row) else {
                continue;
            };
            if found.contains_key(&row) {
                continue;
            }
            let organizations: Vec<u32> = hits.iter().map(|hit| hit.organization).collect();
            if let Some(identity) = identity(by, &organizations, &owners) {
                if let Identity::One(organization) = identity {
                    owners.insert(organization, row);
                }
                found.insert(row, identity);
            }
        }
    }
    found
}

fn identity(by: MatchedBy, organizations: &[u32], owners: &HashMap<u32, u32>) -> Option<Identity> {
    let free = || organizations.iter().filter(|it| !owners.contains_key(it));
    match (by, organizations) {
        // Rows alike and organizations alike: each row gets one, as long as there are any.
        (MatchedBy::Likeness, _) => free().next().map(|it| Identity::One(*it)),
        // One that another row is recognized as, by more than its name, is not in question.
        (MatchedBy::Name, _) if free().count() < 2 => free().next().map(|it| Identity::One(*it)),
        (_, [organization]) => Some(match owners.get(organization) {
            None => Identity::One(*organization),
            Some(by) => Identity::Taken {
                organization: *organization,
                by: *by,
            },
        }),
        _ => Some(Identity::Several(organizations.to_vec())),
    }
}

/// How many organizations no row is recognized as.
pub fn count_others<'a>(organizations: u64, found: impl Iterator<Item = &'a Identity>) -> u64 {
    let ones = found.filter_map(|identity| match identity {
        Identity::One(organization) => Some(*organization),
        Identity::Several(_) | Identity::Taken { .. } => None,
    });
    let ones: HashSet<u32> = ones.collect();
    organizations.saturating_sub(ones.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hit(by: MatchedBy, row: u32, organization: u32) -> Hit {
        Hit {
            by,
            row,
            organization,
        }
    }

    #[test]
    fn the_strongest_thing_in_common_decides() {
        let found = identify(vec![
            hit(MatchedBy::Domain, 0, 7),
            hit(MatchedBy::ExternalId, 0, 5),
            hit(MatchedBy::Domain, 1, 5),
            hit(MatchedBy::Name, 2, 7),
        ]);
        assert_eq!(found[&0], Identity::One(5));
        assert_eq!(
            found[&1],
            Identity::Taken {
                organization: 5,
                by: 0
            }
        );
        assert_eq!(found[&2], Identity::One(7));
    }

    #[test]
    fn several_are_a_question_unless_rows_and_organizations_are_alike() {
        for by in [MatchedBy::Domain, MatchedBy::Name] {
            let found = identify(vec![hit(by, 0, 1), hit(by, 0, 2)]);
            assert_eq!(found[&0], Identity::Several(vec![1, 2]));
        }
        let alike = MatchedBy::Likeness;
        let found = identify(vec![
            hit(alike, 0, 1),
            hit(alike, 0, 2),
            hit(alike, 1, 1),
            hit(alike, 1, 2),
            hit(alike, 2, 1),
            hit(alike, 2, 2),
        ]);
        assert_eq!(
            (&found[&0], &found[&1]),
            (&Identity::One(1), &Identity::One(2))
        );
        assert!(!found.contains_key(&2), "the third row is another customer");
    }

    #[test]
    fn keys_are_found_by_their_kind() {
        let mut keys = Keys::default();
        keys.add(3, MatchedBy::Domain, 9);
        keys.add(1, MatchedBy::Domain, 9);
        keys.add(2, MatchedBy::Name, 9);
        keys.add(4, MatchedBy::Name, 0);
        keys.sort();
        assert_eq!(keys.rows(MatchedBy::Domain, 9).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(keys.rows(MatchedBy::Name, 9).collect::<Vec<_>>(), [2]);
        assert_eq!(keys.rows(MatchedBy::Name, 0).count(), 0);
    }

    proptest! {
        #[test]
        fn no_organization_goes_to_two_rows(hits in proptest::collection::vec(
            (0..5_usize, 0_u32..6, 0_u32..6), 0..20
        )) {
            let hits = hits.into_iter()
                .map(|(by, row, organization)| hit(MatchedBy::ALL[by], row, organization));
            let found = identify(hits.collect());
            let ones = found.values().filter_map(|it| match it {
                Identity::One(organization) => Some(*organization),
                _ => None,
            });
            let ones: Vec<_> = ones.collect();
            let distinct: HashSet<_> = ones.iter().copied().collect();
            prop_assert_eq!(ones.len(), distinct.len());
        }
    }
}
