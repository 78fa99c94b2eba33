//! Which rows do organizations belong to that no row owns? Pure.

use super::compare::Unowned;
use super::window::Window;
use crate::organization::Fingerprint;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// The rows of the journal.
pub trait KnownRows {
    /// The rows for which this content was sent.
    fn with_sent(&self, sent: Fingerprint) -> Vec<KnownRow>;
}

/// A row of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownRow {
    /// Its id in the journal.
    pub row: u64,
    /// The organization that it owns.
    pub organization_id: Option<String>,
    /// Set where it is not known whether it was created: when it can have been.
    pub undecided: Option<Window>,
}

/// A row whose organization turned up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adopted {
    /// The row.
    pub row: u64,
    /// Its organization.
    pub organization: Unowned,
}

/// More organizations match rows than there are rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// All rows with this content.
    pub rows: Vec<u64>,
    /// The name of the organizations.
    pub name: String,
    /// The organizations that the rows own.
    pub owned: Vec<String>,
    /// The organizations that equal the rows and that no row owns.
    pub unowned: Vec<String>,
}

/// What a comparison found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Rows that turned out to be created.
    pub adopted: Vec<Adopted>,
    /// Organizations that are there more often than rows need them.
    pub duplicates: Vec<Duplicate>,
}

/// Matches organizations that no row owns with rows of the same content.
///
/// An organization is adopted by a row that has none and may have created it. Where all rows of
/// its content own one, it is reported as a duplicate. One that equals no row is not ours, and one
/// whose fields were not all listed proves nothing: both are ignored.
pub fn match_unowned(unowned: Vec<Unowned>, rows: &dyn KnownRows) -> Comparison {
    let mut by_content: BTreeMap<Fingerprint, Vec<Unowned>> = BTreeMap::new();
    let listed = unowned.into_iter().filter(|one| one.is_fully_listed);
    for organization in listed {
        by_content
            .entry(organization.fingerprint)
            .or_default()
            .push(organization);
    }
    let mut comparison = Comparison::default();
    for (content, organizations) in by_content {
        let rows = rows.with_sent(content);
        if !rows.is_empty() {
            comparison.add(organizations, rows);
        }
    }
    comparison
}

impl Comparison {
    /// Adds organizations and rows that all have the same content.
    fn add(&mut self, mut organizations: Vec<Unowned>, mut rows: Vec<KnownRow>) {
        // The oldest organization goes to the row whose window closes first: so as many rows as
        // possible find theirs.
        organizations.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        rows.sort_by_key(|row| {
            let until = row.undecided.and_then(|window| window.until);
            (until.is_none(), until, row.row)
        });
        let mut left: Vec<Unowned> = Vec::new();
        for organization in organizations {
            let created_at = organization.created_at;
            match rows.iter_mut().find(|row| row.may_own(created_at)) {
                Some(row) => {
                    row.organization_id = Some(organization.id.clone());
                    self.adopted.push(Adopted {
                        row: row.row,
                        organization,
                    });
                }
                None => left.push(organization),
            }
        }
        let all_own_one = rows.iter().all(|row| row.organization_id.is_some());
        if let Some(first) = left.first().filter(|_| all_own_one) {
            rows.sort_by_key(|row| row.row);
            let owned: BTreeSet<_> = rows
                .iter()
                .filter_map(|row| row.organization_id.clone())
                .collect();
            self.duplicates.push(Duplicate {
                rows: rows.iter().map(|row| row.row).collect(),
                name: first.name.clone(),
                owned: owned.into_iter().collect(),
                unowned: left.iter().map(|one| one.id.clone()).collect(),
            });
        }
    }
}

impl KnownRow {
    /// Whether the row has no organization and may have created one at this time.
    fn may_own(&self, created_at: Option<Timestamp>) -> bool {
        let Some(window) = self.undecided.filter(|_| self.organization_id.is_none()) else {
            return false;
        };
        created_at.is_none_or(|at| window.contains(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Rows(Vec<(Fingerprint, KnownRow)>);

    impl KnownRows for Rows {
        fn with_sent(&self, sent: Fingerprint) -> Vec<KnownRow> {
            let equal = self.0.iter().filter(|(content, _)| *content == sent);
            equal.map(|(_, row)| row.clone()).collect()
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn organization(id: usize, content: u64, second: i64) -> Unowned {
        Unowned {
            id: format!("org_{id}"),
            name: format!("Name {content}"),
            fingerprint: Fingerprint(content),
            is_fully_listed: true,
            created_at: Some(at(second)),
        }
    }

    fn owning(row: u64, id: &str) -> KnownRow {
        KnownRow {
            row,
            organization_id: Some(id.to_owned()),
            undecided: None,
        }
    }

    fn undecided(row: u64, since: i64, until: i64) -> KnownRow {
        KnownRow {
            row,
            organization_id: None,
            undecided: Some(Window {
                since: Some(at(since)),
                until: Some(at(until)),
            }),
        }
    }

    fn of_one_content(rows: Vec<KnownRow>) -> Rows {
        Rows(rows.into_iter().map(|row| (Fingerprint(1), row)).collect())
    }

    #[test]
    fn an_undecided_row_adopts_what_was_created_in_its_window() {
        let rows = of_one_content(vec![undecided(1, 1000, 1010), undecided(2, 100, 110)]);
        let unowned = vec![organization(7, 1, 1005), organization(8, 1, 105)];
        let found = match_unowned(unowned, &rows);
        let adopted: Vec<_> = found
            .adopted
            .iter()
            .map(|one| (one.row, one.organization.id.as_str()))
            .collect();
        assert_eq!(adopted, [(2, "org_8"), (1, "org_7")]);
        assert!(found.duplicates.is_empty());
        let never = match_unowned(vec![organization(9, 1, 500)], &rows);
        assert_eq!(never, Comparison::default());
    }

    #[test]
    fn what_equals_rows_that_all_own_one_is_reported_with_everything_known() {
        let rows = of_one_content(vec![owning(3, "org_c"), owning(1, "org_a")]);
        let found = match_unowned(vec![organization(9, 1, 50)], &rows);
        assert_eq!(
            found.duplicates,
            [Duplicate {
                rows: vec![1, 3],
                name: "Name 1".to_owned(),
                owned: vec!["org_a".to_owned(), "org_c".to_owned()],
                unowned: vec!["org_9".to_owned()],
            }]
        );
    }

    #[test]
    fn a_second_organization_is_reported_though_the_first_is_adopted() {
        let rows = of_one_content(vec![undecided(1, 100, 110)]);
        let unowned = vec![organization(7, 1, 101), organization(8, 1, 102)];
        let found = match_unowned(unowned, &rows);
        let adopted = found.adopted.iter().map(|one| &one.organization.id);
        assert!(adopted.eq(["org_7"]));
        let duplicates = found.duplicates.iter();
        let duplicates: Vec<_> = duplicates.map(|it| (&it.owned, &it.unowned)).collect();
        assert_eq!(
            duplicates,
            [(&vec!["org_7".to_owned()], &vec!["org_8".to_owned()])]
        );
    }

    #[test]
    fn what_equals_no_row_or_was_not_fully_listed_is_ignored() {
        let rows = of_one_content(vec![owning(1, "org_a")]);
        let partly = Unowned {
            is_fully_listed: false,
            ..organization(9, 1, 50)
        };
        let found = match_unowned(vec![partly, organization(8, 2, 50)], &rows);
        assert_eq!(found, Comparison::default());
    }

    proptest! {
        #[test]
        fn each_organization_and_each_row_is_matched_at_most_once(
            organizations in proptest::collection::vec((0_u64..3, 0_i64..100), 0..8),
            rows in proptest::collection::vec((0_u64..3, 0_i64..100, 0_i64..40, 0_u8..3), 0..8),
        ) {
            let unowned: Vec<_> = (0..)
                .zip(organizations)
                .map(|(id, (content, second))| organization(id, content, second))
                .collect();
            let rows = Rows((0..).zip(rows).map(|(row, (content, since, length, kind))| {
                let known = match kind {
                    0 => owning(row, &format!("owned_{row}")),
                    1 => undecided(row, since, since + length),
                    _ => KnownRow { row, organization_id: None, undecided: None },
                };
                (Fingerprint(content), known)
            }).collect());
            let found = match_unowned(unowned.clone(), &rows);
            let mut ids = BTreeSet::new();
            let mut adopters = BTreeSet::new();
            for Adopted { row, organization } in &found.adopted {
                prop_assert!(ids.insert(organization.id.clone()));
                prop_assert!(adopters.insert(*row));
                let (content, known) = rows.0.iter().find(|(_, known)| known.row == *row).unwrap();
                prop_assert_eq!(*content, organization.fingerprint);
                prop_assert!(known.may_own(organization.created_at));
            }
            for duplicate in &found.duplicates {
                for id in &duplicate.unowned {
                    prop_assert!(ids.insert(id.clone()));
                }
                prop_assert_eq!(duplicate.rows.len(), duplicate.owned.len());
            }
            // Nothing is left that an undecided row could have adopted.
            for left in unowned.iter().filter(|one| !ids.contains(&one.id)) {
                for (content, known) in &rows.0 {
                    let could = *content == left.fingerprint && known.may_own(left.created_at);
                    prop_assert!(!could || adopters.contains(&known.row));
                }
            }
        }
    }
}
