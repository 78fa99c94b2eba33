//! Validates request bodies: the rules of organizations and of their domains.
//!
//! Limits and the list of consumer domains are those of the room `organization`: what a list is
//! checked against is what the sandbox refuses.

use super::answer::Refusal;
use super::{Options, StoredDomainState};
use crate::organization::domain::is_consumer_domain;
use crate::organization::external_id::MAX as EXTERNAL_ID_MAX;
use crate::organization::metadata::{
    MAX_KEY as METADATA_KEY_MAX, MAX_KEYS as METADATA_PAIRS_MAX, MAX_VALUE as METADATA_VALUE_MAX,
};
use crate::organization::name::MAX as NAME_MAX;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The part of [`Options`] that the rules depend on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) consumer_domain_status: u16,
    pub(super) refuses_unknown_fields: bool,
}

impl From<&Options> for Rules {
    fn from(options: &Options) -> Self {
        Self {
            consumer_domain_status: options.consumer_domain_status,
            refuses_unknown_fields: options.refuses_unknown_fields,
        }
    }
}

/// A valid body of `POST /organizations`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) domains: Vec<DomainDraft>,
    pub(super) external_id: Option<String>,
    pub(super) metadata: BTreeMap<String, String>,
}

/// An element of `domain_data`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DomainDraft {
    pub(super) domain: String,
    pub(super) state: StoredDomainState,
}

/// A valid body of `POST /organization_domains`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DomainAddition {
    pub(super) organization_id: String,
    pub(super) domain: String,
}

/// A valid body of `PUT /organizations/{id}`.
#[derive(Debug, Default)]
pub(super) struct Change {
    pub(super) name: Option<String>,
    pub(super) domains: Option<Vec<DomainDraft>>,
    pub(super) external_id: ExternalIdChange,
    pub(super) metadata: MetadataChange,
    pub(super) stripe_customer_id: Option<String>,
}

/// What `PUT` does to the external id.
#[derive(Debug, Default)]
pub(super) enum ExternalIdChange {
    /// Not mentioned.
    #[default]
    None,
    /// `null`.
    Clear,
    Set(String),
}

/// What `PUT` does to metadata.
#[derive(Debug, Default)]
pub(super) enum MetadataChange {
    /// Not mentioned.
    #[default]
    None,
    /// `{}`: all pairs go.
    Clear,
    /// Pairs are set, those without a value go, the others stay.
    Merge(BTreeMap<String, Option<String>>),
}

impl Rules {
    /// Reads the body of `POST /organizations`.
    pub(super) fn draft(self, body: &[u8]) -> Result<Draft, Refusal> {
        let mut name = None;
        let mut domains = Vec::new();
        let mut external_id = None;
        let mut metadata = BTreeMap::new();
        for (field, value) in parse_object(body)? {
            match (field.as_str(), value) {
                ("name", value) => name = Some(parse_name(&value)?),
                ("domain_data", Value::Array(list)) => domains = self.parse_domains(list)?,
                ("external_id", Value::String(id)) => external_id = Some(parse_external_id(id)?),
                ("metadata", Value::Object(pairs)) => {
                    for (key, value) in parse_metadata(pairs)? {
                        let Some(value) = value else {
                            return Err(Refusal::invalid(
                                "metadata",
                                "invalid_value",
                                format!("metadata value for {key} must be a string"),
                            ));
                        };
                        metadata.insert(key, value);
                    }
                    check_metadata_size(metadata.len())?;
                }
                (known @ ("domain_data" | "external_id" | "metadata"), value) => {
                    self.refuse_type(known, &value)?;
                }
                (other, _) => self.refuse_unknown(other)?,
            }
        }
        Ok(Draft {
            name: name
                .ok_or_else(|| Refusal::invalid("name", "required", "name must be a string"))?,
            domains,
            external_id,
            metadata,
        })
    }

    /// Reads the body of `PUT /organizations/{id}`.
    pub(super) fn change(self, body: &[u8]) -> Result<Change, Refusal> {
        let mut change = Change::default();
        for (field, value) in parse_object(body)? {
            match (field.as_str(), value) {
                ("name", value) => change.name = Some(parse_name(&value)?),
                ("domain_data", Value::Array(list)) => {
                    change.domains = Some(self.parse_domains(list)?);
                }
                ("external_id", Value::String(id)) => {
                    change.external_id = ExternalIdChange::Set(parse_external_id(id)?);
                }
                ("external_id", Value::Null) => change.external_id = ExternalIdChange::Clear,
                ("metadata", Value::Object(pairs)) => {
                    change.metadata = if pairs.is_empty() {
                        MetadataChange::Clear
                    } else {
                        MetadataChange::Merge(parse_metadata(pairs)?)
                    };
                }
                ("stripe_customer_id", Value::String(id)) => change.stripe_customer_id = Some(id),
                (
                    known @ ("domain_data" | "external_id" | "metadata" | "stripe_customer_id"),
                    value,
                ) => self.refuse_type(known, &value)?,
                (other, _) => self.refuse_unknown(other)?,
            }
        }
        Ok(change)
    }

    /// Reads the body of `POST /organization_domains`.
    pub(super) fn addition(self, body: &[u8]) -> Result<DomainAddition, Refusal> {
        let fields = parse_object(body)?;
        let organization_id = text_field(&fields, "organization_id")?;
        let domain = text_field(&fields, "domain")?.to_ascii_lowercase();
        for field in fields.keys() {
            if !matches!(field.as_str(), "organization_id" | "domain") {
                self.refuse_unknown(field)?;
            }
        }
        self.check_domain("domain", &domain)?;
        Ok(DomainAddition {
            organization_id,
            domain,
        })
    }

    /// A known field of the wrong type; `null` passes where unknown fields do.
    fn refuse_type(self, field: &str, value: &Value) -> Result<(), Refusal> {
        let expected = match field {
            "domain_data" => "an array",
            "metadata" => "an object",
            _ => "a string",
        };
        if value.is_null() && !self.refuses_unknown_fields {
            return Ok(());
        }
        Err(Refusal::invalid(
            field,
            "invalid_type",
            format!("{field} must be {expected}"),
        ))
    }

    fn refuse_unknown(self, field: &str) -> Result<(), Refusal> {
        let message = match field {
            "domains" => "domains is deprecated: use domain_data".to_owned(),
            "allow_profiles_outside_organization" => {
                "allow_profiles_outside_organization is no longer supported".to_owned()
            }
            _ if self.refuses_unknown_fields => format!("property {field} should not exist"),
            _ => return Ok(()),
        };
        Err(Refusal::invalid(field, "unknown_field", message))
    }

    fn parse_domains(self, list: Vec<Value>) -> Result<Vec<DomainDraft>, Refusal> {
        let mut domains: Vec<DomainDraft> = Vec::with_capacity(list.len());
        for element in list {
            let domain = self.parse_domain(element)?;
            if domains.iter().any(|known| known.domain == domain.domain) {
                return Err(Refusal::invalid(
                    "domain_data",
                    "duplicate_domain",
                    format!("domain {} is given twice", domain.domain),
                ));
            }
            domains.push(domain);
        }
        Ok(domains)
    }

    fn parse_domain(self, element: Value) -> Result<DomainDraft, Refusal> {
        let invalid = |code, message: String| Err(Refusal::invalid("domain_data", code, message));
        let Value::Object(fields) = element else {
            return invalid("invalid_type", "domain_data must hold objects".to_owned());
        };
        let mut domain = None;
        let mut state = None;
        for (field, value) in fields {
            match (field.as_str(), value.as_str()) {
                ("domain", Some(text)) => domain = Some(text.to_ascii_lowercase()),
                ("state", Some("pending")) => state = Some(StoredDomainState::Pending),
                ("state", Some("verified")) => state = Some(StoredDomainState::Verified),
                ("domain" | "state", _) => {}
                (other, _) => self.refuse_unknown(other)?,
            }
        }
        let (Some(domain), Some(state)) = (domain, state) else {
            return invalid(
                "invalid_domain_data",
                "domain_data must hold a domain and a state, pending or verified".to_owned(),
            );
        };
        self.check_domain("domain_data", &domain)?;
        Ok(DomainDraft { domain, state })
    }

    fn check_domain(self, field: &str, domain: &str) -> Result<(), Refusal> {
        if !is_domain(domain) {
            let message = format!("{domain} is not a valid domain");
            return Err(Refusal::invalid(field, "invalid_domain", message));
        }
        if is_consumer_domain(domain) {
            return Err(Refusal::Invalid {
                status: self.consumer_domain_status,
                field: field.to_owned(),
                code: "consumer_domain",
                message: format!("{domain} is a consumer domain and cannot be used"),
            });
        }
        Ok(())
    }
}

/// Refuses more pairs than an organization may have.
pub(super) fn check_metadata_size(pairs: usize) -> Result<(), Refusal> {
    if pairs > METADATA_PAIRS_MAX {
        return Err(Refusal::InvalidMetadata {
            message: format!("Metadata may have at most {METADATA_PAIRS_MAX} keys."),
        });
    }
    Ok(())
}

/// The largest number of items on a page.
pub(super) fn parse_limit(value: &str) -> Result<usize, Refusal> {
    value
        .parse()
        .ok()
        .filter(|limit| (1..=100).contains(limit))
        .ok_or_else(|| {
            Refusal::invalid(
                "limit",
                "out_of_range",
                "limit must be a whole number from 1 to 100",
            )
        })
}

/// Reads a body that must be an object.
pub(super) fn parse_object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(Refusal::invalid(
            "body",
            "invalid_type",
            "the request body must be an object",
        )),
        Err(error) => Err(Refusal::MalformedJson {
            message: format!("the request body is not JSON: {error}"),
        }),
    }
}

/// A field that must be a text.
pub(super) fn text_field(fields: &Map<String, Value>, field: &str) -> Result<String, Refusal> {
    let text = fields.get(field).and_then(Value::as_str);
    text.filter(|text| !text.is_empty())
        .map(str::to_owned)
        .ok_or_else(|| Refusal::invalid(field, "required", format!("{field} must be a string")))
}

fn parse_name(value: &Value) -> Result<String, Refusal> {
    let Some(name) = value.as_str() else {
        return Err(Refusal::invalid(
            "name",
            "invalid_type",
            "name must be a string",
        ));
    };
    if name.trim().is_empty() {
        return Err(Refusal::invalid(
            "name",
            "required",
            "name should not be empty",
        ));
    }
    if name.chars().count() > NAME_MAX {
        return Err(Refusal::invalid(
            "name",
            "too_long",
            format!("name must be shorter than or equal to {NAME_MAX} characters"),
        ));
    }
    Ok(name.to_owned())
}

fn parse_external_id(id: String) -> Result<String, Refusal> {
    if id.is_empty() || id.len() > EXTERNAL_ID_MAX || !id.is_ascii() {
        return Err(Refusal::invalid(
            "external_id",
            "invalid_external_id",
            format!("external_id must be 1 to {EXTERNAL_ID_MAX} ASCII characters"),
        ));
    }
    Ok(id)
}

fn parse_metadata(pairs: Map<String, Value>) -> Result<BTreeMap<String, Option<String>>, Refusal> {
    pairs
        .into_iter()
        .map(|(key, value)| {
            let value = match value {
                Value::String(text) => Some(text),
                Value::Null => None,
                _ => {
                    return Err(Refusal::invalid(
                        "metadata",
                        "invalid_value",
                        format!("metadata value for {key} must be a string"),
                    ));
                }
            };
            let value_length = value.as_ref().map_or(0, |text| text.chars().count());
            if key.is_empty() || key.chars().count() > METADATA_KEY_MAX {
                return Err(Refusal::InvalidMetadata {
                    message: format!(
                        "Metadata keys must have 1 to {METADATA_KEY_MAX} characters: {key:?}."
                    ),
                });
            }
            if value_length > METADATA_VALUE_MAX {
                return Err(Refusal::InvalidMetadata {
                    message: format!(
                        "Metadata values may have at most {METADATA_VALUE_MAX} characters: {key:?}."
                    ),
                });
            }
            Ok((key, value))
        })
        .collect()
}

/// Two labels or more of letters, digits and inner hyphens.
fn is_domain(domain: &str) -> bool {
    domain.len() <= 253
        && domain.contains('.')
        && domain.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_has_two_labels_of_letters_digits_and_inner_hyphens() {
        for good in ["acme.com", "a-b.co.uk", "xn--bcher-kva.example"] {
            assert!(is_domain(good), "{good}");
        }
        for bad in [
            "",
            "acme",
            "acme.",
            ".com",
            "-a.com",
            "a_b.com",
            "https://acme.com",
            "b\u{fc}cher.de",
        ] {
            assert!(!is_domain(bad), "{bad}");
        }
    }
}
