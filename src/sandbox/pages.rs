//! Pages over the store: filters, orders and cursors of `GET /organizations`.

use super::StoredOrganization;
use super::answer::{Page, Refusal};
use super::rules::parse_limit;
use super::store::{Record, Store};
use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::Arc;
use ulid::Ulid;

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Order {
    /// Newest first.
    #[default]
    Desc,
    /// Oldest first.
    Asc,
    /// Newest first, but `before` leads to older ones and `after` to newer ones.
    Normal,
}

/// A place in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cursor {
    Before(Ulid),
    After(Ulid),
}

/// What `GET /organizations` asks for.
#[derive(Debug)]
pub(super) struct ListQuery {
    pub(super) limit: usize,
    pub(super) order: Order,
    pub(super) cursor: Option<Cursor>,
    /// In lower case; empty for organizations with any domains or none.
    pub(super) domains: Vec<String>,
    /// In lower case; empty for any name.
    pub(super) search: String,
}

impl Default for ListQuery {
    fn default() -> Self {
        Self {
            limit: 10,
            order: Order::default(),
            cursor: None,
            domains: Vec::new(),
            search: String::new(),
        }
    }
}

impl ListQuery {
    /// Reads the pairs of a query string.
    pub(super) fn parse(
        pairs: Vec<(String, String)>,
        refuses_unknown: bool,
    ) -> Result<Self, Refusal> {
        let mut query = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "limit" => query.limit = parse_limit(&value)?,
                "order" => query.order = parse_order(&value)?,
                "before" => query.set_cursor(Cursor::Before(parse_cursor(&name, &value)?))?,
                "after" => query.set_cursor(Cursor::After(parse_cursor(&name, &value)?))?,
                "domains" | "domains[]" => query.domains.extend(
                    value
                        .split(',')
                        .map(|domain| domain.trim().to_lowercase())
                        .filter(|domain| !domain.is_empty()),
                ),
                "search" => query.search = value.trim().to_lowercase(),
                _ if refuses_unknown => {
                    return Err(Refusal::invalid(
                        &name,
                        "unknown_parameter",
                        format!("property {name} should not exist"),
                    ));
                }
                _ => {}
            }
        }
        Ok(query)
    }

    fn set_cursor(&mut self, cursor: Cursor) -> Result<(), Refusal> {
        match self.cursor.replace(cursor) {
            None => Ok(()),
            Some(_) => Err(Refusal::invalid(
                "before",
                "ambiguous_cursor",
                "expected one of before and after",
            )),
        }
    }

    fn is_match(&self, record: &Record) -> bool {
        self.search.is_empty() || record.lowercase_name.contains(&self.search)
    }
}

fn parse_order(value: &str) -> Result<Order, Refusal> {
    match value {
        "desc" => Ok(Order::Desc),
        "asc" => Ok(Order::Asc),
        "normal" => Ok(Order::Normal),
        _ => Err(Refusal::invalid(
            "order",
            "unknown_value",
            "order must be one of: normal, desc, asc",
        )),
    }
}

fn parse_cursor(name: &str, value: &str) -> Result<Ulid, Refusal> {
    Store::parse_id(value).ok_or_else(|| {
        Refusal::invalid(
            name,
            "invalid_cursor",
            format!("{name} must be the id of an organization"),
        )
    })
}

/// Where a walk through the organizations begins, that place left out, and in which direction it
/// goes.
#[derive(Clone, Copy)]
enum Walk {
    ToOlder(Option<Ulid>),
    ToNewer(Option<Ulid>),
}

impl Store {
    /// One page.
    pub(super) fn list(&self, query: &ListQuery) -> Page<StoredOrganization> {
        let walk = match (query.order, query.cursor) {
            (Order::Desc | Order::Normal, None) => Walk::ToOlder(None),
            (Order::Asc, None) => Walk::ToNewer(None),
            (Order::Desc, Some(Cursor::After(id)))
            | (Order::Asc | Order::Normal, Some(Cursor::Before(id))) => Walk::ToOlder(Some(id)),
            (Order::Desc, Some(Cursor::Before(id)))
            | (Order::Asc | Order::Normal, Some(Cursor::After(id))) => Walk::ToNewer(Some(id)),
        };
        // Without a cursor the walk begins at an end, and nothing precedes it.
        let precedes = |walk| query.cursor.is_some() && self.walk(query, walk).next().is_some();
        let mut ids: Vec<Ulid> = self.walk(query, walk).take(query.limit + 1).collect();
        let has_more = ids.len() > query.limit;
        ids.truncate(query.limit);

        // Oldest first from here on.
        let (has_older, has_newer) = match walk {
            Walk::ToOlder(_) => {
                let has_newer = ids
                    .first()
                    .is_some_and(|id| precedes(Walk::ToNewer(Some(*id))));
                ids.reverse();
                (has_more, has_newer)
            }
            Walk::ToNewer(_) => {
                let has_older = ids
                    .first()
                    .is_some_and(|id| precedes(Walk::ToOlder(Some(*id))));
                (has_older, has_more)
            }
        };
        let cursor = |id: Option<&Ulid>, is_there| id.filter(|_| is_there).map(id_text);
        let older = cursor(ids.first(), has_older);
        let newer = cursor(ids.last(), has_newer);
        let (before, after) = match query.order {
            Order::Desc => (newer, older),
            Order::Asc | Order::Normal => (older, newer),
        };
        if query.order != Order::Asc {
            ids.reverse();
        }
        Page {
            data: ids
                .iter()
                .filter_map(|id| self.records.get(id))
                .map(|record| Arc::clone(&record.organization))
                .collect(),
            before,
            after,
        }
    }

    /// The ids that match the query, from a place on.
    fn walk<'a>(&'a self, query: &'a ListQuery, walk: Walk) -> Box<dyn Iterator<Item = Ulid> + 'a> {
        let bounds = match walk {
            Walk::ToOlder(from) => (
                Bound::Unbounded,
                from.map_or(Bound::Unbounded, Bound::Excluded),
            ),
            Walk::ToNewer(from) => (
                from.map_or(Bound::Unbounded, Bound::Excluded),
                Bound::Unbounded,
            ),
        };
        if query.domains.is_empty() {
            let found = self
                .records
                .range(bounds)
                .filter(|(_, record)| query.is_match(record))
                .map(|(id, _)| *id);
            return match walk {
                Walk::ToOlder(_) => Box::new(found.rev()),
                Walk::ToNewer(_) => Box::new(found),
            };
        }
        let owners: BTreeSet<Ulid> = query
            .domains
            .iter()
            .filter_map(|domain| self.owners_of_domain.get(domain))
            .flat_map(|owners| owners.range(bounds))
            .copied()
            .filter(|id| self.records.get(id).is_some_and(|it| query.is_match(it)))
            .collect();
        match walk {
            Walk::ToOlder(_) => Box::new(owners.into_iter().rev()),
            Walk::ToNewer(_) => Box::new(owners.into_iter()),
        }
    }
}

fn id_text(id: &Ulid) -> String {
    format!("org_{id}")
}
