//! What WorkOS answers: organizations and pages of them.
//!
//! Older recordings of real answers lack fields of the published schema, so everything but the id
//! is read leniently.

use crate::organization::{Content, Fingerprint};
use bytes::Bytes;
use jiff::Timestamp;
use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A response of the API, with values of its headers.
#[derive(Clone, Debug)]
pub struct Answer<T> {
    /// What was asked for.
    pub value: T,
    /// The `X-Request-Id` header, by which WorkOS support finds the request.
    pub request_id: Option<String>,
    /// The `Date` header: the server's clock, to the second.
    pub date: Option<Timestamp>,
    /// How long nothing more is allowed, where the `X-RateLimit-` headers say that nothing is left.
    pub rest: Option<Duration>,
}

impl<T> Answer<T> {
    /// The answer to something that needs no request.
    pub(super) const fn without_request(value: T) -> Self {
        Self {
            value,
            request_id: None,
            date: None,
            rest: None,
        }
    }

    /// The same answer with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Answer<U> {
        Answer {
            value: f(self.value),
            request_id: self.request_id,
            date: self.date,
            rest: self.rest,
        }
    }
}

/// An organization as WorkOS holds it.
#[derive(Clone, Debug, Deserialize)]
pub struct Organization {
    /// `org_` and 26 characters. An answer with an id that is blank, longer than 100 characters or has
    /// other characters than ASCII letters, digits, `_` and `-` is unreadable.
    #[serde(deserialize_with = "organization_id")]
    pub id: String,
    /// Its name; not unique.
    #[serde(default)]
    pub name: String,
    /// Its domains, in the server's order; `None` where the answer did not say.
    #[serde(default, deserialize_with = "domain_names")]
    pub domains: Option<Vec<String>>,
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

impl Organization {
    /// Its content: name, domains, external id and metadata. What the answer omits counts as blank.
    pub fn fingerprint(&self) -> Fingerprint {
        let domains = self.domains.iter().flatten();
        let metadata = self.metadata.iter().flatten();
        Fingerprint::of_organization(
            &self.name,
            domains.map(String::as_str),
            self.external_id.as_deref(),
            metadata.map(|(key, value)| (key.as_str(), value.as_str())),
        )
    }

    /// Its content. What the answer omits counts as blank: see
    /// [`is_fully_listed`](Self::is_fully_listed).
    pub fn content(&self) -> Content {
        let domains = self.domains.iter().flatten();
        Content {
            name: self.name.clone(),
            domains: domains
                .map(|domain| domain.to_lowercase())
                .collect::<BTreeSet<_>>(),
            external_id: self.external_id.clone(),
            metadata: self.metadata.clone().unwrap_or_default(),
        }
    }

    /// Whether the answer told its domains and its metadata.
    pub const fn is_fully_listed(&self) -> bool {
        self.domains.is_some() && self.metadata.is_some()
    }

    /// The ids and states of its domains; `None` where the answer did not say, or it came in a
    /// list: see [`Self::json`].
    pub fn domain_details(&self) -> Option<Vec<OrganizationDomain>> {
        #[derive(Deserialize)]
        struct Details {
            domains: Vec<OrganizationDomain>,
        }
        let json = self.json.as_deref()?;
        let details: Details = serde_json::from_slice(json).ok()?;
        Some(details.domains)
    }
}

/// The items of a list of anything.
#[derive(Debug, Deserialize)]
pub(super) struct Items {
    pub(super) data: Vec<IgnoredAny>,
}

/// A domain of an organization, with what its name does not tell.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "DomainForm")]
pub struct OrganizationDomain {
    /// `org_domain_` and 26 characters. Blank where the answer did not say.
    pub id: String,
    /// The name, for example `acme.com`.
    pub domain: String,
    /// `pending`, `verified`, `legacy_verified`, `failed` or `unverified`; `None` where the answer
    /// did not say.
    pub state: Option<String>,
}

/// Domains are objects with a `domain`; recordings of old answers hold plain strings.
#[derive(Deserialize)]
#[serde(untagged)]
enum DomainForm {
    Object {
        #[serde(default)]
        id: String,
        domain: String,
        #[serde(default)]
        state: Option<String>,
    },
    Name(String),
}

impl From<DomainForm> for OrganizationDomain {
    fn from(form: DomainForm) -> Self {
        let (id, domain, state) = match form {
            DomainForm::Object { id, domain, state } => (id, domain, state),
            DomainForm::Name(domain) => (String::new(), domain, None),
        };
        Self { id, domain, state }
    }
}

/// A page of a list of organizations.
#[derive(Clone, Debug, Deserialize)]
pub struct Page<T = Organization> {
    /// The organizations, in the order asked for.
    pub data: Vec<T>,
    /// The cursors of its neighbours.
    #[serde(default)]
    pub list_metadata: Cursors,
}

impl<T> Page<T> {
    /// The same page of something else.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page {
            data: self.data.into_iter().map(f).collect(),
            list_metadata: self.list_metadata,
        }
    }

    /// The cursor of the next page; `None` on the last one.
    pub fn after(&self) -> Option<&str> {
        self.list_metadata.after()
    }

    /// The cursor of the previous page; `None` on the first one.
    pub fn before(&self) -> Option<&str> {
        self.list_metadata.before()
    }
}

/// The cursors of a page.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Cursors {
    /// The id after which the next page begins.
    #[serde(default)]
    after: Option<String>,
    /// The id before which the previous page ends.
    #[serde(default)]
    before: Option<String>,
}

impl Cursors {
    /// The cursor of the next page only.
    pub const fn new(after: Option<String>) -> Self {
        Self {
            after,
            before: None,
        }
    }

    /// The same with the cursor of the previous page.
    #[must_use]
    pub fn with_before(self, before: Option<String>) -> Self {
        Self { before, ..self }
    }

    /// The cursor of the next page; `None` on the last one.
    pub fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// The cursor of the previous page; `None` on the first one.
    pub fn before(&self) -> Option<&str> {
        self.before.as_deref()
    }
}

/// The longest organization id that is believed, in characters. WorkOS's own have 30.
const LONGEST_ID: usize = 100;

/// Whether a text is an id as WorkOS makes them: a prefix and 26 digits and capital letters. Only
/// such an id may be part of a path.
pub(super) fn is_workos_id(text: &str, prefix: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
    text.strip_prefix(prefix)
        .is_some_and(|rest| rest.len() == 26 && rest.bytes().all(is_letter))
}

/// Whether a text can be an organization id: letters and digits as in `org_01H…`, which are safe in
/// a path, a file and a spreadsheet.
fn is_organization_id(text: &str) -> bool {
    let mut bytes = text.bytes();
    text.len() <= LONGEST_ID
        && bytes.next().is_some_and(|b| b.is_ascii_alphanumeric())
        && bytes.all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
}

pub(super) fn organization_id<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<String, D::Error> {
    let id = String::deserialize(deserializer)?;
    if is_organization_id(&id) {
        return Ok(id);
    }
    Err(D::Error::custom("not an organization id"))
}

/// Domains are objects with a `domain`; recordings of old answers hold plain strings.
fn domain_names<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<String>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Object { domain: String },
        Name(String),
    }
    let domains = Option::<Vec<Either>>::deserialize(deserializer)?;
    Ok(domains.map(|domains| {
        let names = domains.into_iter().map(|domain| match domain {
            Either::Object { domain } | Either::Name(domain) => domain,
        });
        names.collect()
    }))
}

/// An invalid time counts as missing.
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
        assert_eq!(organization.domains.unwrap(), ["a.com", "b.com"]);
    }

    #[test]
    fn the_details_of_domains_are_read_from_the_answer() {
        let json = r#"{"id":"org_1","domains":[{"id":"org_domain_1","domain":"a.com","state":"pending"},{"domain":"b.com"}]}"#;
        let mut organization: Organization = serde_json::from_str(json).unwrap();
        assert_eq!(organization.domain_details(), None);
        organization.json = Some(Bytes::from_static(json.as_bytes()));
        let details = organization.domain_details().unwrap();
        assert_eq!(details[0].id, "org_domain_1");
        assert_eq!(details[0].state.as_deref(), Some("pending"));
        assert_eq!((&*details[1].id, &details[1].state), ("", &None));
    }

    #[test]
    fn only_26_digits_and_capital_letters_after_the_prefix_are_an_id() {
        let id = "org_01EHZNVPK2QXHMVWCEDQEKY69A";
        assert!(is_workos_id(id, "org_"));
        assert!(!is_workos_id(id, "org_domain_"));
        let lower = id.to_lowercase();
        let long = format!("{id}A");
        for other in ["", "..", "org_", "org_x/../y", &lower, &long, &id[1..]] {
            assert!(!is_workos_id(other, "org_"), "{other:?}");
        }
        assert!(!is_workos_id("org_01EHZNVPK2QXHMVWCEDQEKY69É", "org_"));
    }

    #[test]
    fn a_list_without_cursors_is_the_last_page() {
        let page: Page = serde_json::from_str(r#"{"data":[]}"#).unwrap();
        assert_eq!((page.before(), page.after()), (None, None));
        let json = r#"{"data":[],"list_metadata":{"before":"org_1","after":null}}"#;
        let page: Page = serde_json::from_str(json).unwrap();
        assert_eq!((page.before(), page.after()), (Some("org_1"), None));
    }

    #[test]
    fn an_id_that_cannot_be_part_of_a_path_is_not_read() {
        let long = "a".repeat(101);
        for id in [
            "", " ", ".", "..", "a/b", "a\\b", "a\u{7}", "a\nb", "=a", "-a", "a b", "ä", "<a>",
            &long,
        ] {
            let json = serde_json::json!({"id": id}).to_string();
            assert!(
                serde_json::from_str::<Organization>(&json).is_err(),
                "{id:?}"
            );
        }
        let json = serde_json::json!({"id": "a".repeat(100)}).to_string();
        assert!(serde_json::from_str::<Organization>(&json).is_ok());
    }
}
