//! What a column can mean, and the words for it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a column can mean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Role {
    /// The organization's name.
    Name,
    /// One or several domains.
    Domain,
    /// The customer's id in the system it comes from.
    ExternalId,
    /// A JSON object of metadata.
    Metadata,
    /// The value of one metadata key.
    MetadataKey(String),
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => f.write_str("name"),
            Self::Domain => f.write_str("domain"),
            Self::ExternalId => f.write_str("external_id"),
            Self::Metadata => f.write_str("metadata"),
            Self::MetadataKey(key) => write!(f, "metadata.{key}"),
        }
    }
}

impl From<Role> for String {
    fn from(role: Role) -> Self {
        role.to_string()
    }
}

impl TryFrom<String> for Role {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}
