//! What makes an organization in use: its connections, directories and memberships.

use super::answer::{Page, Refusal};
use super::rules::{self, parse_limit};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use ulid::Ulid;

/// What belongs to an organization and is deleted with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Connection,
    Directory,
    Membership,
}

/// Everything that belongs to an organization.
#[derive(Debug, Default)]
pub(super) struct InUse {
    /// By the organization, then by the number in its own id.
    items: BTreeMap<(Ulid, Ulid), (Kind, Arc<Value>)>,
}

impl InUse {
    /// Adds something as WorkOS shows it.
    pub(super) fn add(&mut self, owner: Ulid, key: Ulid, kind: Kind, value: Value) -> Arc<Value> {
        let value = Arc::new(value);
        self.items.insert((owner, key), (kind, Arc::clone(&value)));
        value
    }

    /// Deletes everything that belongs to an organization.
    pub(super) fn forget(&mut self, owner: Ulid) {
        let mut rest = self.items.split_off(&(owner, Ulid::nil()));
        let mut newer = rest.split_off(&(Ulid(owner.0.saturating_add(1)), Ulid::nil()));
        self.items.append(&mut newer);
    }

    /// One page of `GET /connections` and its like, newest first.
    pub(super) fn list(&self, kind: Kind, query: &UsageQuery) -> Page<Value> {
        let owner = query.organization_id.as_deref();
        let is_asked = |value: &Value| {
            let is = |field: &str, wanted: &str| {
                value.get(field).and_then(Value::as_str) == Some(wanted)
            };
            owner.is_none_or(|owner| is("organization_id", owner))
                && query
                    .user_id
                    .as_deref()
                    .is_none_or(|user| is("user_id", user))
                && (kind != Kind::Membership || query.statuses.iter().any(|it| is("status", it)))
        };
        let mut found: Vec<(Ulid, &Arc<Value>)> = self
            .items
            .iter()
            .filter(|(_, (its, value))| *its == kind && is_asked(value))
            .map(|((_, key), (_, value))| (*key, value))
            .filter(|(key, _)| query.after.is_none_or(|after| *key < after))
            .collect();
        found.sort_unstable_by_key(|(key, _)| std::cmp::Reverse(*key));
        let has_more = found.len() > query.limit;
        found.truncate(query.limit);
        let id = |value: &Value| value.get("id").and_then(Value::as_str).map(str::to_owned);
        Page {
            before: None,
            after: found
                .last()
                .filter(|_| has_more)
                .and_then(|(_, last)| id(last)),
            data: found
                .into_iter()
                .map(|(_, value)| Arc::clone(value))
                .collect(),
        }
    }
}

/// What `GET /connections` and its like ask for.
#[derive(Debug)]
pub(super) struct UsageQuery {
    organization_id: Option<String>,
    user_id: Option<String>,
    /// Of memberships.
    statuses: Vec<String>,
    limit: usize,
    after: Option<Ulid>,
}

impl UsageQuery {
    /// Reads the pairs of a query string. Memberships of all organizations and users together are
    /// not listed.
    pub(super) fn parse(kind: Kind, pairs: Vec<(String, String)>) -> Result<Self, Refusal> {
        let mut query = Self {
            organization_id: None,
            user_id: None,
            statuses: vec!["active".to_owned()],
            limit: 10,
            after: None,
        };
        for (name, value) in pairs {
            match name.as_str() {
                "organization_id" => query.organization_id = Some(value),
                "user_id" => query.user_id = Some(value),
                "statuses" | "statuses[]" => {
                    query.statuses = value.split(',').map(str::to_owned).collect();
                }
                "limit" => query.limit = parse_limit(&value)?,
                "after" => {
                    let number = value.rsplit('_').next().unwrap_or_default();
                    query.after = Ulid::from_string(number).ok();
                }
                _ => {}
            }
        }
        let is_open = query.organization_id.is_none() && query.user_id.is_none();
        if kind == Kind::Membership && is_open {
            return Err(Refusal::invalid(
                "organization_id",
                "required",
                "expected one of user_id and organization_id",
            ));
        }
        Ok(query)
    }
}

/// A valid body of `POST /user_management/organization_memberships`.
#[derive(Debug)]
pub(super) struct MembershipDraft {
    pub(super) user_id: String,
    pub(super) organization_id: String,
}

impl MembershipDraft {
    pub(super) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let fields = rules::parse_object(body)?;
        Ok(Self {
            user_id: rules::text_field(&fields, "user_id")?,
            organization_id: rules::text_field(&fields, "organization_id")?,
        })
    }
}

/// A connection as WorkOS shows it.
pub(super) fn connection(key: Ulid, organization_id: &str, now: Timestamp) -> Value {
    let now = format!("{now:.3}");
    json!({
        "object": "connection",
        "id": format!("conn_{key}"),
        "organization_id": organization_id,
        "connection_type": "GenericSAML",
        "name": "SAML",
        "state": "active",
        "status": "linked",
        "domains": [],
        "created_at": now,
        "updated_at": now,
    })
}

/// A directory as WorkOS shows it.
pub(super) fn directory(key: Ulid, organization_id: &str, now: Timestamp) -> Value {
    let now = format!("{now:.3}");
    json!({
        "object": "directory",
        "id": format!("directory_{key}"),
        "organization_id": organization_id,
        "external_key": format!("key-{key}"),
        "type": "generic scim v2.0",
        "state": "active",
        "name": "SCIM",
        "created_at": now,
        "updated_at": now,
    })
}

/// A membership as WorkOS shows it.
pub(super) fn membership(
    key: Ulid,
    draft: &MembershipDraft,
    status: &str,
    now: Timestamp,
) -> Value {
    let now = format!("{now:.3}");
    let user_id = &draft.user_id;
    json!({
        "object": "organization_membership",
        "id": format!("om_{key}"),
        "user_id": user_id,
        "organization_id": draft.organization_id,
        "status": status,
        "directory_managed": false,
        "role": {"slug": "member"},
        "roles": [{"slug": "member"}],
        "user": {
            "object": "user",
            "id": user_id,
            "email": format!("{user_id}@example.com"),
            "email_verified": true,
            "created_at": now,
            "updated_at": now,
        },
        "created_at": now,
        "updated_at": now,
    })
}
