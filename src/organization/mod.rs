//! The model: what is sent to WorkOS for a row, and the rules it must obey.

pub mod domain;
pub mod external_id;
pub mod metadata;
pub mod name;
pub mod problem;
pub mod text;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An organization to be created: the body of `POST /organizations`, with only the fields that
/// are set.
///
/// Serialized, it is the request body itself; two rows that serialize alike are alike in all that
/// is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewOrganization {
    /// Its name: 1 to 255 characters, not unique.
    pub name: String,
    /// Its domains: lower-case ASCII, none twice.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub domain_data: Vec<DomainData>,
    /// The customer's id in the system it comes from: unique in a WorkOS environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Key/value pairs, in the order of their keys.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
}

/// A domain of an organization to be created, and how far its ownership is taken as proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DomainData {
    /// The domain, for example `acme.com`.
    pub domain: String,
    /// Whether its ownership still has to be proven.
    pub state: DomainState,
}

/// The state in which a domain is created.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DomainState {
    /// The customer still has to prove that the domain is theirs: the safe choice.
    #[default]
    Pending,
    /// Whoever imports vouches for the ownership.
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
