//! The columns of an export: which metadata keys have one.

use crate::columns::{Mapping, MappingOptions};
use crate::table::Format;
use std::collections::BTreeSet;

/// The most metadata keys that get a column each: a table of more is no table.
const MOST_KEYS: usize = 200;

/// The columns before the metadata, and those after it. Those of WorkOS's own begin with `workos_`, so
/// that no import takes them for the customer's.
const BEFORE: [&str; 3] = ["name", "domains", "external_id"];
const AFTER: [&str; 4] = [
    "workos_organization_id",
    "workos_domain_states",
    "workos_created_at",
    "workos_updated_at",
];

/// The columns of a CSV export.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) metadata: Metadata,
}

/// How metadata is written.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Metadata {
    /// In one column, as a JSON object.
    Object,
    /// In a column for each key.
    Keys(BTreeSet<String>),
}

/// The metadata keys of an environment, as far as they can be columns.
#[derive(Debug, Default)]
pub(super) struct Keys {
    keys: BTreeSet<String>,
    are_too_many: bool,
}

impl Keys {
    pub(super) fn add<'a>(&mut self, keys: impl Iterator<Item = &'a String>) {
        for key in keys {
            if !self.keys.contains(key) {
                self.are_too_many |= self.keys.len() == MOST_KEYS;
                if !self.are_too_many {
                    self.keys.insert(key.clone());
                }
            }
        }
    }
}

impl Columns {
    /// The columns for these keys; one for all of them where it `is_wanted`, or where they cannot be
    /// columns that `import` understands.
    pub(super) fn new(keys: Keys, is_object_wanted: bool) -> Self {
        let by_key = Self {
            metadata: Metadata::Keys(keys.keys),
        };
        if is_object_wanted || keys.are_too_many || by_key.mapping().is_none() {
            return Self {
                metadata: Metadata::Object,
            };
        }
        by_key
    }

    /// The header of the CSV file.
    pub(super) fn header(&self) -> Vec<String> {
        let metadata = match &self.metadata {
            Metadata::Object => vec!["metadata".to_owned()],
            Metadata::Keys(keys) => keys.iter().map(|key| format!("metadata.{key}")).collect(),
        };
        let own = |names: &[&str]| {
            names
                .iter()
                .map(|&name| name.to_owned())
                .collect::<Vec<_>>()
        };
        [own(&BEFORE), metadata, own(&AFTER)].concat()
    }

    /// How `import` understands the header; `None` where it takes any metadata for something else.
    pub(super) fn mapping(&self) -> Option<Mapping> {
        let header = self.header();
        let options = MappingOptions::default();
        let mapping = Mapping::resolve(&header, Format::Csv, &options).ok()?;
        match &self.metadata {
            Metadata::Object => Some(mapping),
            Metadata::Keys(keys) => {
                let is_read = |key: &String| mapping.metadata.contains_key(key);
                keys.iter().all(is_read).then_some(mapping)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(keys: &[&str]) -> Columns {
        let keys: Vec<String> = keys.iter().map(|&key| key.to_owned()).collect();
        let mut found = Keys::default();
        found.add(keys.iter());
        Columns::new(found, false)
    }

    #[test]
    fn each_metadata_key_has_a_column() {
        let columns = columns(&["seats", "plan", "plan", "プラン", "a.b", "name"]);
        let header = columns.header();
        assert_eq!(header[3], "metadata.a.b");
        assert_eq!(header.len(), 12);
        assert_eq!(columns.mapping().unwrap().metadata.len(), 5);
    }

    #[test]
    fn keys_that_cannot_be_columns_are_written_as_an_object() {
        let many: Vec<String> = (0..=MOST_KEYS).map(|n| format!("k{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        for keys in [&many[..], &[""], &[" plan"], &["plan", "plan "]] {
            assert_eq!(columns(keys).metadata, Metadata::Object, "{keys:?}");
        }
    }
}
