//! What planning needs to know of a row, in a few bytes.

use crate::columns::is_results_column;
use crate::journal::id_hash;
use crate::organization::{Fingerprint, NewOrganization, name_key};
use crate::snapshot::likeness;
use crate::table::{Cells, Row};
use crate::validate::Validated;
use xxhash_rust::xxh3::Xxh3;

/// A row of a list or of a results file, without its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// What would be sent for the row; of a row that cannot be sent, its [cells](content).
    pub list: Fingerprint,
    /// The hash of what the rows of its organization have in common; 0 where there is nothing.
    pub key: u64,
    /// The hash of its external id; 0 where it has none.
    pub external: u64,
    /// The hash of its name as it is compared; 0 where it has none.
    pub name: u64,
    /// Its cells, whatever they mean.
    pub content: u64,
    /// The hash of its first domain; 0 where it has none.
    pub domain: u64,
    /// The hash of its name and domains, by which it is compared with WorkOS; 0 where it has an
    /// external id, which WorkOS compares itself, or cannot be sent.
    pub likeness: u64,
    /// The line on which it begins.
    pub line: u32,
    /// The id in the journal that a results file gives it, or an earlier import of the same list; 0
    /// where there is none. A hint, never believed alone.
    pub hint: u32,
    /// The hash of the organization that a results file gives it; 0 where it gives none.
    pub owner: u64,
}

impl Facts {
    /// The facts of a row that was validated. `header` names the user's columns.
    pub fn of(row: &Row, header: &[String], found: &Validated<'_>) -> Self {
        let content = content(row, header, |name| !is_results_column(name));
        let organization = found.organization.as_ref();
        let domains = |it: &NewOrganization<'_>| {
            let domains = it.domain_data.iter().map(|data| data.domain.as_ref());
            likeness(&it.name, domains).0
        };
        Self {
            list: organization.map_or(Fingerprint(content), NewOrganization::fingerprint),
            key: found.key,
            external: hash_of(found.external_id()),
            name: organization.map_or(0, |it| name_hash(&it.name)),
            content,
            domain: organization.map_or(0, first_domain),
            likeness: organization
                .filter(|it| it.external_id.is_none())
                .map_or(0, domains),
            line: u32::try_from(row.line).unwrap_or(u32::MAX),
            hint: 0,
            owner: 0,
        }
    }
}

fn first_domain(organization: &NewOrganization<'_>) -> u64 {
    let first = organization.domain_data.first();
    hash_of(first.map(|data| data.domain.as_ref()))
}

/// The hash of a name as it is compared.
pub fn name_hash(name: &str) -> u64 {
    hash_of(Some(&name_key(name)))
}

/// The hash of a text; 0 where there is none.
pub fn hash_of(text: Option<&str>) -> u64 {
    text.filter(|text| !text.is_empty()).map_or(0, id_hash)
}

/// A hash of the user's cells of a row, by the names of their columns: columns may be moved, and
/// blank ones may be added. The user's columns are those that `is_own` says.
pub fn content(row: &Row, header: &[String], is_own: impl Fn(&str) -> bool) -> u64 {
    match &row.cells {
        Cells::Record(record) => {
            let surplus = String::new();
            let names = header.iter().chain(std::iter::repeat(&surplus));
            let cells = names.zip(record).filter(|(name, _)| is_own(name));
            sum(cells.map(|(name, cell)| (name.as_str(), cell)))
        }
        Cells::Object(object) => {
            let values = object.iter().filter(|(key, _)| is_own(key));
            sum(values.map(|(key, value)| (key.as_str(), value.get())))
        }
        // As in a results file, where the text is beyond the columns.
        Cells::Unreadable { text, .. } => sum([("", text.as_str())].into_iter()),
    }
}

/// The same sum in whatever order the cells come; blank ones do not count.
fn sum<'a>(cells: impl Iterator<Item = (&'a str, &'a str)>) -> u64 {
    let filled = cells.filter(|(_, cell)| !cell.trim().is_empty());
    filled.fold(0, |sum, (name, cell)| {
        let mut hash = Xxh3::new();
        hash.update(name.trim_start_matches('\u{feff}').as_bytes());
        hash.update(&[0x1f]);
        hash.update(cell.as_bytes());
        sum.wrapping_add(hash.digest())
    })
}
