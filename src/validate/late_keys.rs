//! Keys of a JSONL file first seen after the sampled objects: they
//! mean what they would have meant there, as long as their role is free.

use super::cells::{Cell, ColumnPath};
use super::metadata;
use super::validated::Validated;
use crate::columns::{CellRules, MAX_COLUMNS, Role, metadata_key};
use crate::organization::metadata::Metadata;
use crate::organization::problem::Problem;
use crate::table::Object;
use crate::text::quoted;
use std::collections::HashMap;

/// What is known about the keys seen so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys {
    pub(super) uses: HashMap<String, Use>,
    /// Whether any is a metadata key of its own.
    pub(super) has_metadata: bool,
    /// Those that came late, in the order in which they came.
    pub(super) late: Vec<LateKey>,
}

/// What is done with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// A column of the layout uses it, or none does.
    Settled,
    /// It is a metadata key of its own.
    Metadata,
}

/// A key first seen after the sampled objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateKey {
    /// The key.
    pub key: String,
    /// The line of the first object that has it.
    pub line: u64,
    /// What it is taken as, if as anything.
    pub role: Option<Role>,
}

impl Keys {
    /// Whether there are too many keys for further ones to be known.
    pub(super) fn is_full(&self) -> bool {
        self.uses.len() >= MAX_COLUMNS
    }

    pub(super) fn is_new(&self, key: &str) -> bool {
        !self.uses.contains_key(key)
    }

    /// The problem of an object with keys that are not known because there are too many, as where
    /// they are ids.
    pub(super) fn too_many(&self, object: &Object) -> Option<Problem> {
        if !self.is_full() {
            return None;
        }
        let key = object.keys().find(|key| self.is_new(key))?;
        let message = format!(
            "too many keys, starting with {}: the list has more than {MAX_COLUMNS} different \
             keys; a key names the same value in every object and cannot be an id or a date",
            quoted(key)
        );
        Some(Problem::new("too_many_keys", message))
    }

    /// Those that came late, in the order in which they came.
    pub(super) fn late(&self) -> &[LateKey] {
        &self.late
    }

    /// Adds the metadata of an object's keys that are metadata keys of their own.
    pub(super) fn add_metadata<'a>(
        &'a self,
        object: &'a Object,
        rules: &CellRules,
        pairs: &mut Metadata<'a>,
        found: &mut Validated<'a>,
    ) {
        if !self.has_metadata {
            return;
        }
        for (key, raw) in object {
            if self.uses.get(key) != Some(&Use::Metadata) {
                continue;
            }
            let (column, cell) = (&ColumnPath::of(key), Cell::of_json(raw));
            match (metadata_key(key), cell) {
                (Some(key), cell) => metadata::add_value(key, column, cell, rules, pairs, found),
                // The user has not asked for this column in particular.
                (None, Cell::Nested(raw)) => found.warnings.push(left_out(raw.get(), key)),
                (None, cell) => metadata::add_value(key, column, cell, rules, pairs, found),
            }
        }
    }
}

/// The warning of an array or object among the columns that `*` means.
fn left_out(json: &str, column: &str) -> Problem {
    let message = format!(
        "{} is an array or object, which metadata cannot contain: it is not sent",
        quoted(json)
    );
    Problem::new("metadata_nested", message).in_column(column)
}
