//! Rows that a user has made by copying one in a results file: which is the original?
//!
//! A spreadsheet puts a copy above the original as well as below it, so their order does not tell.
//! What tells is the organization that was created for the original.

use super::reconcile::hash_of;
use crate::results::Said;
use crate::table::Cells;
use crate::workos::Organization;
use std::collections::HashMap;
use xxhash_rust::xxh3::xxh3_64;

/// The fingerprints of the rows that organizations were created for, where rows were copied and
/// that has been found out; by the hashes of the organizations' ids.
#[derive(Debug, Default)]
pub struct Originals(HashMap<u64, u64>);

/// Rows that a user has made by copying one that has an organization, and that one.
#[derive(Debug)]
pub struct Copies {
    /// The organization that all of them say is theirs.
    pub organization_id: String,
    pub(super) candidates: Vec<Cells>,
}

impl Originals {
    /// Takes the one of these rows for the original that says most of what the organization is;
    /// of several the first.
    pub fn tell(&mut self, copies: &Copies, organization: &Organization) {
        let candidates = copies.candidates.iter().rev();
        if let Some(original) = candidates.max_by_key(|cells| agreement(cells, organization)) {
            let owner = hash_of(&copies.organization_id);
            self.0.insert(owner, fingerprint(original));
        }
    }
}

/// Tells copies from the rows that came before them.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The cells of each number and of each organization, as fingerprints.
    rows: HashMap<u64, u64>,
    owners: HashMap<u64, u64>,
}

impl Seen {
    /// Nothing was seen yet; but which rows are originals may be known.
    pub(super) fn new(originals: &Originals) -> Self {
        Self {
            rows: HashMap::new(),
            owners: originals.0.clone(),
        }
    }

    /// Whether a row with other cells has the same number.
    pub(super) fn shares_number(&mut self, cells: &Cells, said: &Said) -> bool {
        let content = fingerprint(cells);
        let first = said.row.map(|row| *self.rows.entry(row).or_insert(content));
        first.is_some_and(|first| first != content)
    }

    /// Whether a row with other cells has the same organization.
    pub(super) fn shares_owner(&mut self, cells: &Cells, said: &Said) -> bool {
        let Some(owner) = owned(said).map(hash_of) else {
            return false;
        };
        let content = fingerprint(cells);
        *self.owners.entry(owner).or_insert(content) != content
    }
}

/// The organization that is said to be a row's.
pub(super) fn owned(said: &Said) -> Option<&str> {
    said.record.as_ref()?.organization_id.as_deref()
}

/// How much of an organization stands in these cells.
fn agreement(cells: &Cells, organization: &Organization) -> usize {
    let texts: Vec<String> = match cells {
        Cells::Record(record) => record.iter().map(str::to_owned).collect(),
        Cells::Object(object) => object
            .values()
            .map(|raw| serde_json::from_str(raw.get()).unwrap_or_else(|_| raw.get().to_owned()))
            .collect(),
        Cells::Unreadable { .. } => Vec::new(),
    };
    let metadata = organization.metadata.iter().flat_map(|it| it.values());
    let parts = [&organization.name].into_iter();
    let parts = parts
        .chain(&organization.domains)
        .chain(&organization.external_id)
        .chain(metadata);
    parts
        .map(|part| {
            let how_well = texts.iter().map(|text| {
                usize::from(text.contains(part.as_str())) + usize::from(text.trim() == part)
            });
            how_well.max().unwrap_or_default()
        })
        .sum()
}

fn fingerprint(cells: &Cells) -> u64 {
    let text = match cells {
        Cells::Record(record) => record.iter().fold(String::new(), |mut text, cell| {
            text.push_str(cell);
            text.push('\u{1f}');
            text
        }),
        Cells::Object(object) => object.iter().fold(String::new(), |mut text, (key, value)| {
            text.push_str(key);
            text.push('\u{1f}');
            text.push_str(value.get());
            text.push('\u{1f}');
            text
        }),
        Cells::Unreadable { text, .. } => text.clone(),
    };
    xxh3_64(text.as_bytes())
}
