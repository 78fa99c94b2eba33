//! Keys of a JSONL file that first appear behind the objects of which the header was made: they
//! mean what they would have meant there, as long as their role is free.

use super::cells::{Cell, Column, Place};
use super::plan::Plan;
use super::{Examined, pairs};
use crate::columns::{
    self, MAX_COLUMNS, Mapping, Role, canonical_role, is_results_column, metadata_key,
};
use crate::organization::metadata::Metadata;
use crate::organization::problem::Problem;
use crate::table::Object;
use crate::text::quoted;
use std::collections::HashMap;
use std::sync::Arc;

/// What is known about the keys seen so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys {
    uses: HashMap<String, Use>,
    /// Whether any is a metadata key of its own.
    has_metadata: bool,
    /// Those that came late, in the order in which they came.
    late: Vec<LateKey>,
}

/// What is done with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    /// A column of the plan takes it, or nobody does.
    Settled,
    /// It is a metadata key of its own.
    Metadata,
}

/// A key that first appeared behind the objects of which the header was made.
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
    fn is_full(&self) -> bool {
        self.uses.len() >= MAX_COLUMNS
    }

    fn is_new(&self, key: &str) -> bool {
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
            "{} is one key too many: the objects of this list have more than {MAX_COLUMNS} different \
             ones; a key is what the same value has in every object, no id or date",
            quoted(key)
        );
        Some(Problem::new("too_many_keys", message))
    }

    /// Those that came late, in the order in which they came.
    pub(super) fn late(&self) -> &[LateKey] {
        &self.late
    }
}

impl Plan {
    /// Looks at the keys of the header, as a run's mapping may be laid over another part of the
    /// list than the one for which it was made.
    pub(super) fn learn_header(&mut self, header: &[String]) {
        self.learn_new(0, header.iter());
        self.keys.late.clear();
    }

    /// Looks at those keys of an object that were never seen before.
    ///
    /// Whoever uses the plan for rows before this one may go on with what they have: those rows do
    /// not hold these keys.
    pub(super) fn learn(plan: &mut Arc<Self>, line: u64, object: &Object) {
        if !plan.keys.is_full() && object.keys().any(|key| plan.keys.is_new(key)) {
            Arc::make_mut(plan).learn_new(line, object.keys());
        }
    }

    fn learn_new<'k>(&mut self, line: u64, keys: impl Iterator<Item = &'k String>) {
        let mut new: Vec<_> = keys
            .filter(|key| !self.keys.uses.contains_key(*key))
            .map(|key| (key, Some(key).filter(|k| !is_results_column(k))))
            .map(|(key, may_mean)| (key, may_mean.and_then(|key| columns::role(key))))
            .collect();
        // The surest name comes first, whatever the order in which they stand.
        new.sort_by_key(|(_, role)| role.as_ref().map_or(usize::MAX, |(_, tier)| *tier));
        for (key, role) in new {
            let role = role.filter(|(role, tier)| self.is_free(key, role, *tier));
            let role = match role {
                Some((role, _)) => Some(role),
                None if self.is_rest(key) => Some(Role::MetadataKey(key.clone())),
                None => None,
            };
            self.give(key, role.as_ref());
            let key = key.clone();
            self.keys.late.push(LateKey { key, line, role });
        }
    }

    /// Whether a key can have the role that its name suggests this surely.
    fn is_free(&self, key: &str, role: &Role, tier: usize) -> bool {
        let Mapping {
            late,
            metadata,
            unsent,
            ..
        } = self.mapping();
        let is_open = |role: &Role| late.contains(role) && !self.has_column(key);
        match role {
            Role::Name => false,
            // Both of our own names may be used at once, of others only one.
            Role::Domain => {
                let ours = |column: &Column| canonical_role(&column.header).is_some();
                is_open(role)
                    && (self.domains.is_empty() || tier == 0 && self.domains.iter().all(ours))
            }
            Role::ExternalId => is_open(role) && self.has_no_external_id(),
            Role::Metadata => is_open(role),
            Role::MetadataKey(key) => {
                is_open(&Role::Metadata) && !metadata.contains_key(key) && !unsent.contains(key)
            }
        }
    }

    fn is_rest(&self, key: &str) -> bool {
        self.mapping().metadata_rest && self.mapping().is_rest(key) && !self.has_column(key)
    }

    fn give(&mut self, key: &str, role: Option<&Role>) {
        let column = Column::new(key, &[]);
        let mut key_use = Use::Settled;
        match role {
            Some(Role::Domain) => self.domains.push(column),
            Some(Role::ExternalId) => self.external_id = Some(column),
            Some(Role::Metadata) => self.objects.push(column),
            Some(Role::MetadataKey(_)) => {
                key_use = Use::Metadata;
                self.keys.has_metadata = true;
            }
            Some(Role::Name) | None => {}
        }
        self.keys.uses.insert(key.to_owned(), key_use);
    }

    /// Adds the metadata of an object's keys that are metadata keys of their own.
    pub(super) fn add_late_metadata<'a>(
        &'a self,
        object: &'a Object,
        pairs: &mut Metadata<'a>,
        found: &mut Examined<'a>,
    ) {
        if !self.keys.has_metadata {
            return;
        }
        for (key, raw) in object {
            if self.keys.uses.get(key) != Some(&Use::Metadata) {
                continue;
            }
            let (column, cell) = (&Place::of(key), Cell::of_json(raw));
            match (metadata_key(key), cell) {
                (Some(key), cell) => pairs::add_value(key, column, cell, pairs, found),
                // Nobody has asked for this column in particular.
                (None, Cell::Nested(raw)) => found.warnings.push(left_out(raw.get(), key)),
                (None, cell) => pairs::add_value(key, column, cell, pairs, found),
            }
        }
    }
}

/// The warning of an array or object among the columns that `*` means.
fn left_out(json: &str, column: &str) -> Problem {
    let message = format!(
        "{} is an array or object, which metadata cannot hold: it is left out",
        quoted(json)
    );
    Problem::new("metadata_nested", message).in_column(column)
}
