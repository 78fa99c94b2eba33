//! What WorkOS answers: organizations and pages of them.
//!
//! Older recordings of real answers lack fields of the published schema, so everything but the id
//! is read leniently.

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;

/// An answer of the API with what its headers told.
#[derive(Clone, Debug)]
pub struct Answer<T> {
    /// What was asked for.
    pub value: T,
    /// The `X-Request-Id` header, by which WorkOS support finds the request.
    pub request_id: Option<String>,
    /// The `Date` header: the server's clock, to the second.
    pub date: Option<Timestamp>,
}

impl<T> Answer<T> {
    /// The same answer with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Answer<U> {
        Answer {
            value: f(self.value),
            request_id: self.request_id,
            date: self.date,
        }
    }
}

/// An organization as WorkOS holds it.
#[derive(Clone, Debug, Deserialize)]
pub struct Organization {
    /// `org_` and 26 characters.
    pub id: String,
    /// Its name; not unique.
    #[serde(default)]
    pub name: String,
    /// Its domains, in the server's order.
    #[serde(default, deserialize_with = "domain_names")]
    pub domains: Vec<String>,
    /// Its metadata; `None` where the answer did not say.
    #[serde(default)]
    pub metadata: Option<BTreeMap<String, String>>,
    /// The customer's own id, unique in the environment.
    #[serde(default)]
    pub external_id: Option<String>,
    /// When it was created, by the server's clock, to the millisecond.
    #[serde(default, deserialize_with = "lenient_timestamp")]
    pub created_at: Option<Timestamp>,
    /// The JSON object it was read from; `None` where it came in a list.
    #[serde(skip)]
    pub json: Option<Bytes>,
}

/// A page of a list of organizations.
#[derive(Clone, Debug, Deserialize)]
pub struct Page {
    /// The organizations, in the order asked for.
    pub data: Vec<Organization>,
    /// Where to go on.
    #[serde(default)]
    pub list_metadata: Cursors,
}

impl Page {
    /// The cursor of the next page; `None` on the last one.
    pub fn after(&self) -> Option<&str> {
        self.list_metadata.after.as_deref()
    }
}

/// The cursors of a page.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Cursors {
    /// The id after which the next page begins.
    #[serde(default)]
    after: Option<String>,
}

impl Cursors {
    /// Cursors that point to what follows `after`.
    pub const fn new(after: Option<String>) -> Self {
        Self { after }
    }
}

/// Domains are objects with a `domain`; recordings of old answers hold plain strings.
fn domain_names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Object { domain: String },
        Name(String),
    }
    let domains = Option::<Vec<Either>>::deserialize(deserializer)?.unwrap_or_default();
    Ok(domains
        .into_iter()
        .map(|domain| match domain {
            Either::Object { domain } | Either::Name(domain) => domain,
        })
        .collect())
}

/// A time that cannot be read is a time that was not told.
fn lenient_timestamp<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.and_then(|text| text.parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organization_with_nothing_but_an_id_is_read() {
        let organization: Organization = serde_json::from_str(r#"{"id":"org_1"}"#).unwrap();
        assert_eq!(organization.id, "org_1");
        assert!(organization.metadata.is_none());
    }

    #[test]
    fn domains_may_be_objects_or_strings() {
        let organization: Organization =
            serde_json::from_str(r#"{"id":"o","domains":[{"domain":"a.com","x":1},"b.com"]}"#)
                .unwrap();
        assert_eq!(organization.domains, ["a.com", "b.com"]);
    }

    #[test]
    fn a_list_without_cursors_is_the_last_page() {
        let page: Page = serde_json::from_str(r#"{"data":[]}"#).unwrap();
        assert_eq!(page.after(), None);
    }
}
