//! The events of organizations: `GET /events`, oldest first.

use super::StoredOrganization;
use super::answer::{Page, Refusal};
use super::rules::parse_limit;
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use std::sync::Arc;
use ulid::Ulid;

/// An event, as it is stored and answered.
#[derive(Debug, Serialize)]
#[serde(tag = "object", rename = "event")]
pub(super) struct StoredEvent {
    #[serde(serialize_with = "event_id")]
    id: Ulid,
    /// `organization.created`, `organization.updated` or `organization.deleted`.
    event: &'static str,
    #[serde(serialize_with = "organization")]
    data: Arc<StoredOrganization>,
    #[serde(serialize_with = "super::stored::milliseconds")]
    created_at: Timestamp,
}

fn event_id<S: Serializer>(id: &Ulid, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("event_{id}"))
}

fn organization<S: Serializer>(
    data: &Arc<StoredOrganization>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    data.as_ref().serialize(serializer)
}

/// All events, in the order in which they happened.
#[derive(Debug, Default)]
pub(super) struct Events(Vec<Arc<StoredEvent>>);

impl Events {
    pub(super) fn add(
        &mut self,
        id: Ulid,
        event: &'static str,
        data: Arc<StoredOrganization>,
        created_at: Timestamp,
    ) {
        self.0.push(Arc::new(StoredEvent {
            id,
            event,
            data,
            created_at,
        }));
    }

    /// One page.
    pub(super) fn list(&self, query: &EventQuery) -> Page<StoredEvent> {
        let start = match query.after {
            Some(after) => self.0.partition_point(|event| event.id <= after),
            None => 0,
        };
        let later = self.0.iter().skip(start);
        let mut data: Vec<_> = later
            .filter(|event| query.is_match(event))
            .take(query.limit + 1)
            .map(Arc::clone)
            .collect();
        let has_more = data.len() > query.limit;
        data.truncate(query.limit);
        let last = data.last().filter(|_| has_more);
        Page {
            before: None,
            after: last.map(|event| format!("event_{}", event.id)),
            data,
        }
    }
}

/// What `GET /events` asks for.
#[derive(Debug, Default)]
pub(super) struct EventQuery {
    kinds: Vec<String>,
    organization_id: Option<String>,
    range_start: Option<Timestamp>,
    range_end: Option<Timestamp>,
    limit: usize,
    after: Option<Ulid>,
}

impl EventQuery {
    /// Reads the pairs of a query string.
    pub(super) fn parse(pairs: Vec<(String, String)>) -> Result<Self, Refusal> {
        let mut query = Self {
            limit: 10,
            ..Self::default()
        };
        for (name, value) in pairs {
            match name.as_str() {
                "events" | "events[]" => query.kinds.extend(value.split(',').map(str::to_owned)),
                "organization_id" => query.organization_id = Some(value),
                "range_start" => query.range_start = Some(parse_time(&name, &value)?),
                "range_end" => query.range_end = Some(parse_time(&name, &value)?),
                "limit" => query.limit = parse_limit(&value)?,
                "after" => query.after = Some(parse_cursor(&value)?),
                _ => {}
            }
        }
        if query.kinds.iter().all(String::is_empty) {
            let message = "events must name at least one event";
            return Err(Refusal::invalid("events", "required", message));
        }
        Ok(query)
    }

    fn is_match(&self, event: &StoredEvent) -> bool {
        let owner = self.organization_id.as_deref();
        self.kinds.iter().any(|kind| kind == event.event)
            && owner.is_none_or(|id| id == event.data.id)
            && self
                .range_start
                .is_none_or(|start| event.created_at >= start)
            && self.range_end.is_none_or(|end| event.created_at <= end)
    }
}

/// WorkOS takes times in UTC only, written with a `Z`.
fn parse_time(name: &str, value: &str) -> Result<Timestamp, Refusal> {
    let time = value.parse().ok().filter(|_| value.ends_with('Z'));
    time.ok_or_else(|| {
        let message = format!("{name} must be an ISO 8601 time in UTC");
        Refusal::invalid(name, "invalid_time", message)
    })
}

fn parse_cursor(value: &str) -> Result<Ulid, Refusal> {
    let number = value.strip_prefix("event_").unwrap_or_default();
    Ulid::from_string(number).map_err(|_| {
        let message = "after must be the id of an event";
        Refusal::invalid("after", "invalid_cursor", message)
    })
}
