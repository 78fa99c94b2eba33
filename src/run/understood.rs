//! How the list of a plan was understood. A run that carries the plan out understands it in the
//! same way, so that its rows are those of the plan.

use crate::columns::Mapping;
use crate::input::ReadOptions;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How a list was read, and what its columns were taken as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Understood {
    pub(super) read: ReadOptions,
    pub(super) mapping: Mapping,
    pub(super) limit: Option<u64>,
    pub(super) results: Option<PathBuf>,
}

impl Understood {
    /// Whether columns are taken as in the plan.
    pub(super) fn is_of(&self, mapping: &Mapping) -> bool {
        let mut mapping = mapping.clone();
        // Rows that only repeat others are then new ones, and not as they were planned.
        mapping.repeats = self.mapping.repeats;
        // The list itself shows them; a row that has one of the new ones is not as it was planned.
        mapping
            .cells
            .shared_hosts
            .clone_from(&self.mapping.cells.shared_hosts);
        mapping == self.mapping
    }
}

#[cfg(test)]
pub(super) fn usual() -> Understood {
    let mapping: Mapping = toml::from_str("name = \"name\"").expect("a mapping");
    Understood {
        read: ReadOptions::default(),
        mapping,
        limit: None,
        results: None,
    }
}
