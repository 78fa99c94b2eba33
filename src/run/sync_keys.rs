//! By what the rows of a sync may be recognized: one pass over the list before WorkOS is listed.

use super::existing::likenesses_in_doubt;
use super::memory::Memory;
use super::preparation::Prepared;
use super::{Error, Opened, Request};
use crate::journal::Outcome;
use crate::plan::{Keys, MatchedBy, hash_of};
use crate::table::{Cells, Row};
use std::collections::{BTreeMap, HashMap};

/// Names of columns that hold the ids of organizations, the likeliest first.
const ID_COLUMNS: [&str; 4] = [
    "workos_organization_id",
    "workos_id",
    "organization_id",
    "org_id",
];

/// The keys of all rows.
pub(super) fn keys(
    request: &Request,
    opened: &Opened,
    prepared: &Prepared,
    memory: &Memory,
    claims: &[Outcome],
) -> Result<Keys, Error> {
    let mut keys = Keys::default();
    let mut ids = OrganizationIds::default();
    let in_doubt = likenesses_in_doubt(prepared, memory);
    let owned = OwnedBy {
        memory,
        claims: by_row(claims),
    };
    let header = opened.header();
    prepared.read_rows(request, opened, |index, row, validated| {
        let Ok(place) = u32::try_from(index) else {
            return;
        };
        ids.see(place, row, &header);
        // Of a row that was renamed it has to be asked whether it is the same customer.
        if !prepared.plan.is_renamed(index) {
            let hash = owned.hash(prepared, index);
            keys.add(place, MatchedBy::OrganizationId, hash);
        }
        let Some(organization) = &validated.organization else {
            return;
        };
        let likeness = prepared.facts.get(index).map_or(0, |facts| facts.likeness);
        let counts = !request.answers.allow_duplicates && !in_doubt.contains(&likeness);
        keys.add_row(place, organization, if counts { likeness } else { 0 });
    })?;
    for (place, hash) in ids.of_the_likeliest_column() {
        keys.add(place, MatchedBy::OrganizationId, hash);
    }
    keys.sort();
    Ok(keys)
}

/// Which organization a row owns, as far as the journal or the results file knows.
struct OwnedBy<'a> {
    memory: &'a Memory,
    claims: HashMap<u64, u64>,
}

impl OwnedBy<'_> {
    /// The hash of the organization's id; 0 where the row has none.
    fn hash(&self, prepared: &Prepared, index: usize) -> u64 {
        let (id, _) = prepared.plan.places.at(index);
        let state = self.memory.state.as_ref();
        let in_journal = state.and_then(|state| state.row(id.into())?.organization);
        let claimed = || self.claims.get(&id.into()).copied();
        in_journal.or_else(claimed).unwrap_or(0)
    }
}

fn by_row(claims: &[Outcome]) -> HashMap<u64, u64> {
    let owned = claims.iter();
    owned
        .map(|claim| (claim.row, hash_of(claim.organization_id.as_deref())))
        .collect()
}

/// Cells that have the form of an organization's id, by their columns.
#[derive(Debug, Default)]
struct OrganizationIds {
    columns: BTreeMap<String, Column>,
}

#[derive(Debug, Default)]
struct Column {
    ids: Vec<(u32, u64)>,
    has_other_cells: bool,
}

impl OrganizationIds {
    fn see(&mut self, place: u32, row: &Row, header: &[String]) {
        match &row.cells {
            Cells::Record(record) => {
                for (name, cell) in header.iter().zip(record) {
                    self.add(place, name, cell.trim());
                }
            }
            Cells::Object(object) => {
                for (name, value) in object {
                    let text = serde_json::from_str::<String>(value.get());
                    self.add(place, name, text.unwrap_or_default().trim());
                }
            }
            Cells::Unreadable { .. } => {}
        }
    }

    fn add(&mut self, place: u32, name: &str, cell: &str) {
        if cell.is_empty() {
            return;
        }
        let is_id = is_organization_id(cell);
        if !is_id && !self.columns.contains_key(name) {
            return;
        }
        let column = self.columns.entry(name.to_owned()).or_default();
        if is_id {
            column.ids.push((place, hash_of(Some(cell))));
        } else {
            column.has_other_cells = true;
        }
    }

    /// The ids of the column that has nothing else and, of several, the likeliest name.
    fn of_the_likeliest_column(self) -> Vec<(u32, u64)> {
        let mut columns: Vec<_> = self
            .columns
            .into_iter()
            .filter(|(name, column)| {
                !column.has_other_cells && !name.to_lowercase().contains("parent")
            })
            .collect();
        let rank = |name: &str| {
            let name = name.trim().to_lowercase().replace([' ', '-'], "_");
            let known = ID_COLUMNS.iter().position(|known| *known == name);
            known.unwrap_or(ID_COLUMNS.len())
        };
        columns.sort_by_key(|(name, _)| rank(name));
        let first = columns.into_iter().next();
        first.map(|(_, column)| column.ids).unwrap_or_default()
    }
}

/// Whether a cell is the id of an organization: `org_` and 26 digits and capital letters.
fn is_organization_id(cell: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
    cell.strip_prefix("org_")
        .is_some_and(|rest| rest.len() == 26 && rest.bytes().all(is_letter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use csv::StringRecord;

    const ID: &str = "org_01EHZNVPK2QXHMVWCEDQEKY69A";
    const OTHER: &str = "org_01EHZNVPK2QXHMVWCEDQEKY69B";

    fn ids(header: &[&str], rows: &[&[&str]]) -> Vec<(u32, u64)> {
        let header: Vec<String> = header.iter().map(|&name| name.to_owned()).collect();
        let mut ids = OrganizationIds::default();
        for (place, cells) in (0..).zip(rows) {
            let row = Row {
                number: 1,
                line: 1,
                cells: Cells::Record(StringRecord::from(cells.to_vec())),
            };
            ids.see(place, &row, &header);
        }
        ids.of_the_likeliest_column()
    }

    #[test]
    fn a_column_of_organization_ids_is_recognized_by_its_form() {
        let found = ids(&["name", "anything"], &[&["A", ID], &["B", ""]]);
        assert_eq!(found, [(0, hash_of(Some(ID)))]);
        assert!(ids(&["name", "mixed"], &[&["A", ID], &["B", "x"]]).is_empty());
        assert!(ids(&["name", "parent_org_id"], &[&["A", ID]]).is_empty());
        let both = ids(&["other", "WorkOS ID"], &[&[OTHER, ID]]);
        assert_eq!(both, [(0, hash_of(Some(ID)))]);
    }
}
