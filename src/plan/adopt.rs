//! Which rows WorkOS already has: a list that is imported again, from wherever, creates nothing.
//!
//! A row without external id is already there if an organization has the same name and domains
//! and no other row owns it. A row with one is left to WorkOS, which refuses it a second time.

use crate::organization::Fingerprint;
use crate::snapshot::{Entry, Snapshot};
use std::collections::HashMap;

/// A row that WorkOS may already have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its place, counted from 0.
    pub index: usize,
    /// What would be sent for it.
    pub list: Fingerprint,
    /// The hash of its name and domains.
    pub likeness: u64,
}

/// A row that WorkOS already has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adopted {
    /// The row.
    pub candidate: Candidate,
    /// Its organization.
    pub organization_id: String,
    /// Whether the organization is like the row in everything that the listing says.
    pub is_equal: bool,
}

/// Finds the organizations of rows that would be sent.
///
/// `rows` are these rows, in order. `is_owned` says whether an organization belongs to another row. `in_doubt` says whether a row with this
/// likeness is looked up anyway: their organizations are left to them.
pub fn adopt(
    rows: impl Iterator<Item = Candidate>,
    snapshot: &Snapshot,
    is_owned: impl Fn(&Entry) -> bool,
    in_doubt: impl Fn(u64) -> bool,
) -> Vec<Adopted> {
    let mut free: HashMap<u64, Vec<Entry>> = HashMap::new();
    let mut adopted = Vec::new();
    for row in rows {
        if in_doubt(row.likeness) {
            continue;
        }
        let entries = free.entry(row.likeness).or_insert_with(|| {
            let entries = snapshot.by_likeness(Fingerprint(row.likeness));
            let free = entries.filter(|entry| !is_owned(entry));
            let mut free: Vec<_> = free.collect();
            free.reverse();
            free
        });
        // One that is like the row in everything comes first.
        let equal = entries.iter().position(|entry| entry.content == row.list);
        let entry = match equal {
            Some(at) => Some(entries.remove(at)),
            None => entries.pop(),
        };
        if let Some(entry) = entry {
            adopted.push(Adopted {
                candidate: row,
                is_equal: equal.is_some(),
                organization_id: entry.id,
            });
        }
    }
    adopted
}
