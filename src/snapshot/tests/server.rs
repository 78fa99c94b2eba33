//! An environment in memory: pages, cursors, filters, and the ways in which a server can be wrong.

use super::{id, organization};
use crate::snapshot::FetchError;
use crate::workos::{Cursors, ListQuery, Order, Page};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// A refusal with this status; 0 for a lost connection.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("status {0}")]
pub(super) struct Refused(pub(super) u16);

impl FetchError for Refused {
    fn http_status(&self) -> Option<u16> {
        Some(self.0).filter(|status| *status > 0)
    }
}

/// What a server does wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Quirk {
    #[default]
    None,
    /// Lists newest first whatever is asked for.
    IgnoresOrder,
    /// Takes the page of the newest first, then sorts it.
    TurnsPageAround,
    /// Refuses `order=asc`.
    RefusesOrder,
    /// Answers `order=asc` with an empty page.
    FindsNothingAscending,
    /// Answers `order=asc` with the first page only.
    EndsAscending,
    /// Refuses cursors of deleted organizations with this status.
    RefusesCursor(u16),
    /// Starts over at cursors of deleted organizations.
    StartsOver,
    /// Ignores `after`, and so every page is the first one.
    IgnoresCursor,
    /// Gives one cursor with all pages.
    RepeatsCursor,
    /// Ends with an empty page that has a cursor.
    EmptyLastPage,
    /// Answers every request so.
    Answers(u16),
    /// Knows no filters.
    IgnoresDomains,
}

/// The numbers of the organizations that exist, ascending by creation.
#[derive(Debug, Default)]
pub(super) struct Server {
    pub(super) numbers: RefCell<BTreeSet<u32>>,
    pub(super) quirk: Quirk,
    pub(super) requests: RefCell<Vec<Request>>,
}

/// What a request asked for.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) after: Option<String>,
    pub(super) domains: Vec<String>,
}

impl Server {
    /// A server with this many organizations, numbered from 1000 in steps of ten.
    pub(super) fn with(count: u32) -> Self {
        Self {
            numbers: RefCell::new((0..count).map(|number| 1000 + number * 10).collect()),
            ..Self::default()
        }
    }

    pub(super) fn quirk(self, quirk: Quirk) -> Self {
        Self { quirk, ..self }
    }

    pub(super) fn request_count(&self) -> usize {
        self.requests.borrow().len()
    }

    pub(super) fn answer(&self, query: &ListQuery<'_>) -> Result<Page, Refused> {
        assert!(self.request_count() < 1000, "an endless loop");
        self.requests.borrow_mut().push(Request {
            after: query.after.map(str::to_owned),
            domains: query.domains.iter().map(|&it| it.to_owned()).collect(),
        });
        if let Quirk::Answers(status) = self.quirk {
            return Err(Refused(status));
        }
        let is_ascending = query.order == Order::Ascending;
        if self.quirk == Quirk::RefusesOrder && is_ascending {
            return Err(Refused(422));
        }
        if self.quirk == Quirk::FindsNothingAscending && is_ascending {
            return Ok(self.page(&[], query));
        }
        let sees_order = !matches!(self.quirk, Quirk::IgnoresOrder | Quirk::TurnsPageAround);
        let numbers = self.following(query, is_ascending && sees_order)?;
        Ok(self.page(&numbers, query))
    }

    /// The numbers that match, from the cursor on.
    fn following(&self, query: &ListQuery<'_>, is_ascending: bool) -> Result<Vec<u32>, Refused> {
        let numbers = self.numbers.borrow();
        let ignores_domains = self.quirk == Quirk::IgnoresDomains;
        let is_match = |number: &u32| {
            let domain = format!("c{number}.example");
            query.domains.is_empty() || ignores_domains || query.domains.contains(&&*domain)
        };
        let mut matching: Vec<u32> = numbers.iter().copied().filter(is_match).collect();
        if !is_ascending {
            matching.reverse();
        }
        let Some(cursor) = query.after.filter(|_| self.quirk != Quirk::IgnoresCursor) else {
            return Ok(matching);
        };
        let cursor: ulid::Ulid = cursor.strip_prefix("org_").unwrap().parse().unwrap();
        let cursor = u32::try_from(cursor.0).unwrap();
        if !numbers.contains(&cursor) {
            match self.quirk {
                Quirk::RefusesCursor(status) => return Err(Refused(status)),
                Quirk::StartsOver => return Ok(matching),
                _ => {}
            }
        }
        matching.retain(|number| {
            if is_ascending {
                *number > cursor
            } else {
                *number < cursor
            }
        });
        Ok(matching)
    }

    fn page(&self, numbers: &[u32], query: &ListQuery<'_>) -> Page {
        let limit = usize::from(query.limit);
        let mut shown: Vec<u32> = numbers.iter().copied().take(limit).collect();
        if self.quirk == Quirk::TurnsPageAround && query.order == Order::Ascending {
            shown.reverse();
        }
        let has_more = numbers.len() > limit || self.quirk == Quirk::EmptyLastPage;
        let after = match self.quirk {
            Quirk::RepeatsCursor => Some(id(1500)),
            Quirk::EndsAscending if query.order == Order::Ascending => None,
            Quirk::EmptyLastPage if shown.is_empty() => query.after.map(str::to_owned),
            _ => shown.last().map(|number| id(*number)).filter(|_| has_more),
        };
        Page {
            data: shown.into_iter().map(organization).collect(),
            list_metadata: Cursors::new(after),
        }
    }
}
