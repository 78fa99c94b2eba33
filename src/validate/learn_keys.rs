//! New keys of a JSONL file, fitted into the columns that are sent.

use super::cells::Column;
use super::column_layout::ColumnLayout;
use super::late_keys::{LateKey, Use};
use crate::columns::{self, Mapping, Role, WHERE_UNIQUE, canonical_role, is_results_column};
use crate::table::Object;
use std::sync::Arc;

impl ColumnLayout {
    /// Looks at the keys of the header, as a run's mapping may be laid over another part of the
    /// list than the one for which it was made.
    pub(super) fn learn_header(&mut self, header: &[String]) {
        self.learn_new(0, header.iter());
        self.keys.late.clear();
    }

    /// Looks at those keys of an object that were never seen before.
    ///
    /// A clone of the layout made for earlier rows stays valid: those rows do not have these keys.
    pub(super) fn learn(layout: &mut Arc<Self>, line: u64, object: &Object) {
        if !layout.keys.is_full() && object.keys().any(|key| layout.keys.is_new(key)) {
            Arc::make_mut(layout).learn_new(line, object.keys());
        }
    }

    fn learn_new<'k>(&mut self, line: u64, keys: impl Iterator<Item = &'k String>) {
        let mut new: Vec<_> = keys
            .filter(|key| !self.keys.uses.contains_key(*key))
            .map(|key| (key, Some(key).filter(|k| !is_results_column(k))))
            .map(|(key, may_mean)| (key, may_mean.and_then(|key| columns::role(key))))
            .collect();
        // Best match first, independent of their order.
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
            Role::ExternalId => tier < WHERE_UNIQUE && is_open(role) && self.has_no_external_id(),
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
}
