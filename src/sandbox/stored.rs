//! An organization as it is stored and answered.

use jiff::Timestamp;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// An organization as the sandbox holds and answers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "object", rename = "organization")]
pub struct StoredOrganization {
    /// `org_` and a ULID. Ids grow with the time of creation.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its domains, in the order they were given.
    pub domains: Vec<StoredDomain>,
    /// Its key/value pairs.
    pub metadata: BTreeMap<String, String>,
    /// The customer's id elsewhere, unique in the sandbox.
    pub external_id: Option<String>,
    /// Its customer id at Stripe: only `PUT` can set it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stripe_customer_id: Option<String>,
    /// When it was created, in whole milliseconds.
    #[serde(serialize_with = "milliseconds")]
    pub created_at: Timestamp,
    /// When it was last changed, in whole milliseconds.
    #[serde(serialize_with = "milliseconds")]
    pub updated_at: Timestamp,
}

/// A domain of a [`StoredOrganization`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "object", rename = "organization_domain")]
pub struct StoredDomain {
    /// `org_domain_` and a ULID.
    pub id: String,
    /// The id of the organization it belongs to.
    pub organization_id: String,
    /// The domain, in lower case.
    pub domain: String,
    /// Whether its ownership is proven.
    pub state: StoredDomainState,
    /// `dns` while pending, `manual` if created as verified.
    pub verification_strategy: &'static str,
    /// What a DNS record would have to say; only while pending.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verification_token: Option<String>,
    /// The name of that DNS record; only while pending.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verification_prefix: Option<String>,
    /// When it was added.
    #[serde(serialize_with = "milliseconds")]
    pub created_at: Timestamp,
    /// When its state was last changed.
    #[serde(serialize_with = "milliseconds")]
    pub updated_at: Timestamp,
}

/// The states in which a domain can be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StoredDomainState {
    /// The customer still has to prove the ownership.
    Pending,
    /// Created as verified.
    Verified,
}

/// RFC 3339 with three decimals, as WorkOS writes times.
pub(super) fn milliseconds<S: Serializer>(
    time: &Timestamp,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{time:.3}"))
}
