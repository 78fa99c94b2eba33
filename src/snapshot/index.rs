//! [`Snapshot`]: organizations as hashes and ids, found by content, likeness or external id.

use super::entry_id::{EntryId, Ids};
use crate::organization::Fingerprint;
use crate::workos::Organization;
use std::fmt;
use xxhash_rust::xxh3::xxh3_64;

/// The organizations of an environment, at most 64 bytes each.
///
/// An index of hashes, not a copy: what else an organization holds is read from WorkOS when needed.
/// Call [`Self::freeze`] after the last [`Self::push`]. Without it everything works, but slowly.
#[derive(Clone, Default)]
pub struct Snapshot {
    /// Sorted by content, then by the order in which they came, up to `frozen`.
    records: Vec<Record>,
    ids: Ids,
    /// How many records the indexes cover.
    frozen: usize,
    /// Positions of frozen records, sorted by likeness.
    by_likeness: Vec<u32>,
    /// Positions of frozen records that have an external id, sorted by its hash.
    by_external_id: Vec<u32>,
    /// How many organizations were pushed, also those that were pushed again.
    pushed: u32,
}

/// 48 bytes: with four in each index 56 for an organization.
#[derive(Clone, Copy, Debug)]
struct Record {
    content: Fingerprint,
    likeness: Fingerprint,
    /// 0 for none.
    external_id: u64,
    id: EntryId,
    omits_domains: bool,
    omits_metadata: bool,
    /// When it came, counted in pushes.
    order: u32,
}

/// An organization in a [`Snapshot`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: String,
    /// Its name, domains, external id and metadata. What the server omitted counts as empty.
    pub content: Fingerprint,
    /// Its name and domains only: see [`likeness`].
    pub likeness: Fingerprint,
    /// Whether it has an external id.
    pub has_external_id: bool,
    /// The server did not tell its domains, so they may differ.
    pub omits_domains: bool,
    /// The server did not tell its metadata, so it may differ.
    pub omits_metadata: bool,
}

/// The fingerprint of name and domains: equal for organizations that differ only in external id
/// and metadata.
pub fn likeness<'a>(name: &str, domains: impl Iterator<Item = &'a str>) -> Fingerprint {
    Fingerprint::of_organization(name, domains, None, std::iter::empty())
}

fn external_id_hash(external_id: &str) -> u64 {
    xxh3_64(external_id.as_bytes()).max(1)
}

impl Snapshot {
    /// Adds an organization. If it was pushed before, [`Self::freeze`] keeps only the latest version.
    pub fn push(&mut self, organization: &Organization) {
        let domains = organization.domains.iter().flatten();
        let external_id = organization.external_id.as_deref();
        let record = Record {
            content: organization.fingerprint(),
            likeness: likeness(&organization.name, domains.map(String::as_str)),
            external_id: external_id.map_or(0, external_id_hash),
            id: self.ids.add(&organization.id),
            omits_domains: organization.domains.is_none(),
            omits_metadata: organization.metadata.is_none(),
            order: self.pushed,
        };
        self.pushed = self.pushed.saturating_add(1);
        if self.records.len() == self.records.capacity() {
            // Doubling would allocate up to twice the memory that is needed.
            self.records.reserve_exact(1024 + self.records.len() / 8);
        }
        self.records.push(record);
    }

    /// Sorts the indexes and drops earlier versions of organizations that were pushed again.
    pub fn freeze(&mut self) {
        self.keep_latest();
        let records = &mut self.records;
        records.sort_unstable_by_key(|record| (record.content, record.order));
        records.shrink_to_fit();
        self.ids.shrink();
        self.frozen = records.len();
        self.by_likeness = sorted_positions(records, |record| Some(record.likeness));
        self.by_external_id = sorted_positions(records, Record::external_id);
    }

    fn keep_latest(&mut self) {
        let ids = &self.ids;
        self.records.sort_unstable_by(|a, b| {
            let newest_first = b.order.cmp(&a.order);
            ids.compare(a.id, b.id).then(newest_first)
        });
        self.records
            .dedup_by(|later, kept| ids.compare(later.id, kept.id).is_eq());
    }

    /// How many organizations it holds. Exact after [`Self::freeze`].
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The organizations with this content, in the order in which they came.
    pub fn by_content(&self, content: Fingerprint) -> impl Iterator<Item = Entry> {
        let (frozen, recent) = self.parts();
        let start = frozen.partition_point(|record| record.content < content);
        let found = frozen.iter().skip(start);
        found
            .take_while(move |record| record.content == content)
            .chain(recent.iter().filter(move |it| it.content == content))
            .map(|record| self.entry(record))
    }

    /// The organizations with this name and these domains, whatever their external id and metadata:
    /// see [`likeness`]. In the order in which they came.
    pub fn by_likeness(&self, likeness: Fingerprint) -> impl Iterator<Item = Entry> {
        self.indexed(&self.by_likeness, likeness, |record| Some(record.likeness))
    }

    /// The organization with this external id. Compared by a 64-bit hash.
    pub fn by_external_id(&self, external_id: &str) -> Option<Entry> {
        let hash = external_id_hash(external_id);
        self.indexed(&self.by_external_id, hash, Record::external_id)
            .next()
    }

    /// The records that the indexes cover, and those pushed since.
    fn parts(&self) -> (&[Record], &[Record]) {
        self.records
            .split_at_checked(self.frozen)
            .unwrap_or((&[], &self.records))
    }

    fn indexed<K: Ord + Copy>(
        &self,
        index: &[u32],
        key: K,
        key_of: impl Fn(&Record) -> Option<K> + Copy,
    ) -> impl Iterator<Item = Entry> {
        let (frozen, recent) = self.parts();
        let record = |position: &u32| frozen.get(*position as usize);
        let start = index.partition_point(|at| record(at).and_then(key_of) < Some(key));
        let found = index.iter().skip(start).filter_map(record);
        found
            .take_while(move |record| key_of(record) == Some(key))
            .chain(recent.iter().filter(move |it| key_of(it) == Some(key)))
            .map(|record| self.entry(record))
    }

    fn entry(&self, record: &Record) -> Entry {
        Entry {
            id: self.ids.get(record.id),
            content: record.content,
            likeness: record.likeness,
            has_external_id: record.external_id != 0,
            omits_domains: record.omits_domains,
            omits_metadata: record.omits_metadata,
        }
    }

    #[cfg(test)]
    pub(super) fn allocated_bytes(&self) -> usize {
        let positions = self.by_likeness.capacity() + self.by_external_id.capacity();
        self.records.capacity() * size_of::<Record>()
            + positions * size_of::<u32>()
            + self.ids.allocated_bytes()
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Snapshot({} organizations)", self.records.len())
    }
}

impl Record {
    fn external_id(&self) -> Option<u64> {
        Some(self.external_id).filter(|hash| *hash != 0)
    }
}

/// The positions of the records that have a key, sorted by it, then by the order in which they
/// came.
fn sorted_positions<K: Ord>(records: &[Record], key_of: impl Fn(&Record) -> Option<K>) -> Vec<u32> {
    let keyed = || {
        let positions = (0..).zip(records);
        positions.filter(|(_, record)| key_of(record).is_some())
    };
    let mut positions: Vec<u32> = Vec::with_capacity(keyed().count());
    positions.extend(keyed().map(|(position, _)| position));
    positions.sort_unstable_by_key(|position| {
        let record = records.get(*position as usize);
        record.map(|record| (key_of(record), record.order))
    });
    positions
}
