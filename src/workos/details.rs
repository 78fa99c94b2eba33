//! Organizations with everything that WorkOS shows of them.

use super::types::{OrganizationDomain, Page, organization_id};
use super::{Answer, Failure, ListQuery, Organization};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::future::Future;

/// An organization with the states of its domains and its times, as text.
#[derive(Clone, Debug, Deserialize)]
pub struct OrganizationDetails {
    /// See [`Organization::id`](super::Organization::id).
    #[serde(deserialize_with = "organization_id")]
    pub id: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Its domains.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub domains: Vec<OrganizationDomain>,
    /// Its metadata.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// The customer's own id.
    #[serde(default)]
    pub external_id: Option<String>,
    /// When it was created.
    #[serde(default)]
    pub created_at: Option<String>,
    /// When it was last changed.
    #[serde(default)]
    pub updated_at: Option<String>,
}

impl From<OrganizationDetails> for Organization {
    fn from(details: OrganizationDetails) -> Self {
        let domains = details.domains.into_iter().map(|domain| domain.domain);
        let time = |text: Option<String>| text?.parse::<Timestamp>().ok();
        Self {
            id: details.id,
            name: details.name,
            domains: Some(domains.collect()),
            metadata: Some(details.metadata),
            external_id: details.external_id,
            created_at: time(details.created_at),
            json: None,
        }
    }
}

/// The list of organizations with everything that WorkOS shows of them.
pub trait DetailsApi: Send + Sync {
    /// `GET /organizations`: one page.
    fn list_details(
        &self,
        query: &ListQuery<'_>,
    ) -> impl Future<Output = Result<Answer<Page<OrganizationDetails>>, Failure>> + Send;
}

fn null_is_empty<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
