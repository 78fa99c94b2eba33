//! What an organization holds, as values that can be compared and restored.

use super::{Fingerprint, NewOrganization};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What an organization holds. The order and the states of domains are left out: both change by
/// themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// Its name.
    pub name: String,
    /// Its domains, in lower case.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub domains: BTreeSet<String>,
    /// The customer's own id, unique in the environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Its metadata.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
}

impl Content {
    /// The same as a short value: see [`Fingerprint::of_organization`].
    pub fn fingerprint(&self) -> Fingerprint {
        let metadata = self.metadata.iter();
        Fingerprint::of_organization(
            &self.name,
            self.domains.iter().map(String::as_str),
            self.external_id.as_deref(),
            metadata.map(|(key, value)| (key.as_str(), value.as_str())),
        )
    }
}

impl From<&NewOrganization<'_>> for Content {
    fn from(new: &NewOrganization<'_>) -> Self {
        let metadata = new.metadata.iter();
        Self {
            name: new.name.to_string(),
            domains: new
                .domain_data
                .iter()
                .map(|data| data.domain.to_lowercase())
                .collect(),
            external_id: new.external_id.as_deref().map(str::to_owned),
            metadata: metadata
                .map(|(key, value)| (key.to_string(), value.to_string()))
                .collect(),
        }
    }
}
