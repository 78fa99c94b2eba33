//! An organization to be created: the request body, and the state of its domains.

use super::metadata::Metadata;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// An organization to be created: the body of `POST /organizations`, with only the fields that
/// are set.
///
/// Serialized, it is the request body: two rows with the same text send the same. It borrows from
/// its row where it can, so that a row is validated without a copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewOrganization<'a> {
    /// Its name: 1 to 255 characters, not unique.
    pub name: Cow<'a, str>,
    /// Its domains: lower-case ASCII, none twice.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub domain_data: Vec<DomainData<'a>>,
    /// The customer's id in the system it comes from: unique in a WorkOS environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<Cow<'a, str>>,
    /// Key/value pairs, in the order of their keys.
    #[serde(skip_serializing_if = "Metadata::is_empty")]
    pub metadata: Metadata<'a>,
}

/// A domain of an organization to be created, and how far its ownership is taken as proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DomainData<'a> {
    /// The domain, for example `acme.com`.
    pub domain: Cow<'a, str>,
    /// Whether its ownership still has to be proven.
    pub state: DomainState,
}

impl NewOrganization<'_> {
    /// The same, independent of the row that it was made of.
    pub fn into_owned(self) -> NewOrganization<'static> {
        let domains = self.domain_data.into_iter();
        let pairs = self.metadata.into_iter();
        NewOrganization {
            name: owned(self.name),
            domain_data: domains
                .map(|data| DomainData {
                    domain: owned(data.domain),
                    state: data.state,
                })
                .collect(),
            external_id: self.external_id.map(owned),
            metadata: pairs
                .map(|(key, value)| (owned(key), owned(value)))
                .collect(),
        }
    }
}

fn owned(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}

/// The state in which a domain is created.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DomainState {
    /// The customer still has to prove that the domain is theirs: the safe choice.
    #[default]
    Pending,
    /// The importer marks the domain as verified.
    Verified,
}

impl std::str::FromStr for DomainState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim().to_ascii_lowercase().as_str() {
            "pending" => Ok(Self::Pending),
            "verified" => Ok(Self::Verified),
            _ => Err("expected pending or verified".to_owned()),
        }
    }
}

/// As what a domain in this state is sent again: WorkOS lets two states be set. A verified domain
/// is never made pending.
pub fn state_when_sent(state: &str) -> &'static str {
    match state {
        "verified" | "legacy_verified" => "verified",
        _ => "pending",
    }
}
