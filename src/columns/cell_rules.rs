//! How cells of a list are taken where more than one way makes sense.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Rules for the cells of a list: what the user said, and what the list itself has shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CellRules {
    /// Metadata that only says that there is none, and is not sent: `n/a`, `-`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub placeholders: Vec<String>,
    /// The text of a metadata cell by which a sync removes the key, whatever it looks like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clear: Option<String>,
    /// Whether several rows may have the same domain.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub shared_domains: bool,
    /// Whether lines that look like a total or a note are customers.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub keep_footer: bool,
    /// Hosts of which several rows name different pages, so that they are no customer's domain.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub shared_hosts: BTreeSet<String>,
}

impl CellRules {
    /// Whether they are the usual ones.
    pub(super) fn are_usual(&self) -> bool {
        *self == Self::default()
    }

    /// Adds others: what is said later counts.
    pub(super) fn add(&mut self, other: &Self) {
        if !other.placeholders.is_empty() {
            self.placeholders.clone_from(&other.placeholders);
        }
        if other.clear.is_some() {
            self.clear.clone_from(&other.clear);
        }
        self.shared_domains |= other.shared_domains;
        self.keep_footer |= other.keep_footer;
        self.shared_hosts.extend(other.shared_hosts.iter().cloned());
    }
}
