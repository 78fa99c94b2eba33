//! An organization as it is exported: a line of JSONL, or the cells of a CSV row.

use super::columns::{Columns, Metadata};
use crate::workos::OrganizationDetails;
use csv::StringRecord;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What separates several domains in a cell.
const SEPARATOR: &str = ";";

/// An organization as it is exported. Its JSON is a line that `import` reads.
///
/// Fields of WorkOS's own begin with `workos_`, so that no import takes them for the customer's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Exported {
    pub(super) name: String,
    pub(super) domains: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) external_id: Option<String>,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) workos_organization_id: String,
    /// In the order of the domains; blank where WorkOS did not say.
    workos_domain_states: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    workos_created_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    workos_updated_at: Option<String>,
}

impl From<OrganizationDetails> for Exported {
    fn from(organization: OrganizationDetails) -> Self {
        let domains = organization.domains.into_iter();
        let (domains, states) = domains
            .map(|domain| (domain.domain, domain.state.unwrap_or_default()))
            .unzip();
        Self {
            name: organization.name,
            domains,
            external_id: organization.external_id,
            metadata: organization.metadata,
            workos_organization_id: organization.id,
            workos_domain_states: states,
            workos_created_at: organization.created_at,
            workos_updated_at: organization.updated_at,
        }
    }
}

impl Exported {
    /// The cells of its row, under [`Columns::header`].
    pub(super) fn cells(&self, columns: &Columns) -> StringRecord {
        let mut cells = StringRecord::new();
        cells.push_field(&self.name);
        cells.push_field(&self.domains.join(SEPARATOR));
        cells.push_field(self.external_id.as_deref().unwrap_or_default());
        match &columns.metadata {
            Metadata::Object if self.metadata.is_empty() => cells.push_field(""),
            Metadata::Object => {
                let json = serde_json::to_string(&self.metadata);
                cells.push_field(&json.unwrap_or_default());
            }
            Metadata::Keys(keys) => {
                for key in keys {
                    cells.push_field(self.metadata.get(key).map_or("", String::as_str));
                }
            }
        }
        cells.push_field(&self.workos_organization_id);
        cells.push_field(&self.workos_domain_states.join(SEPARATOR));
        cells.push_field(self.workos_created_at.as_deref().unwrap_or_default());
        cells.push_field(self.workos_updated_at.as_deref().unwrap_or_default());
        cells
    }
}
