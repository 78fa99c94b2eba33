//! What was created lately: one listing serves all rows that wait for it.
//!
//! Each listing goes from the newest organization back to the dispatch of the oldest row that
//! waits. It never stops early because organizations are known already: a server may list an
//! organization seconds after newer ones. Of what it lists, only organizations with the name of a
//! waiting row are kept.

use super::baseline::Baseline;
use super::caller::{Caller, ReadError};
use super::listing::Listing;
use super::owned::hash_of;
use crate::organization::name_key;
use crate::workos::{Organization, OrganizationsApi};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The shared view.
#[derive(Debug, Default)]
pub(super) struct View {
    queue: Mutex<Queue>,
    latest: tokio::sync::Mutex<Latest>,
}

/// The rows that wait for a listing.
#[derive(Debug, Default)]
struct Queue {
    next_ticket: u64,
    waiting: BTreeMap<u64, Wanted>,
}

/// What a row looks for.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    name: u64,
    /// Nothing older is of use; `None` where anything is.
    back_to: Option<Timestamp>,
}

/// What the latest listing found, for all tickets before `served_up_to`.
#[derive(Debug, Default)]
struct Latest {
    served_up_to: u64,
    outcome: Option<Result<ByName, ReadError>>,
}

type ByName = HashMap<u64, Vec<Organization>>;

/// A row's place among those that wait; given up when dropped.
#[derive(Debug)]
struct Ticket<'a> {
    view: &'a View,
    number: u64,
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        self.view.queue().waiting.remove(&self.number);
    }
}

impl View {
    /// The organizations with this name that were created since `back_to`, as they are listed from
    /// now on, oldest first.
    ///
    /// # Errors
    /// When WorkOS does not list its organizations.
    pub(super) async fn created_since<A: OrganizationsApi>(
        &self,
        caller: &Caller<A>,
        baseline: &Baseline,
        name: &str,
        back_to: Option<Timestamp>,
    ) -> Result<Vec<Organization>, ReadError> {
        let name = hash_of(&name_key(name));
        let back_to = back_to.max(baseline.start());
        let ticket = self.enter(Wanted { name, back_to });
        let mut latest = self.latest.lock().await;
        // A row that has waited for the lock may find that a listing has begun after it asked.
        if latest.served_up_to <= ticket.number {
            let (served_up_to, wanted) = self.waiting();
            latest.outcome = Some(list(caller, baseline, &wanted).await);
            latest.served_up_to = served_up_to;
        }
        match &latest.outcome {
            Some(Ok(by_name)) => Ok(by_name.get(&name).cloned().unwrap_or_default()),
            Some(Err(error)) => Err(error.clone()),
            None => Ok(Vec::new()),
        }
    }

    fn enter(&self, wanted: Wanted) -> Ticket<'_> {
        let mut queue = self.queue();
        let number = queue.next_ticket;
        queue.next_ticket += 1;
        queue.waiting.insert(number, wanted);
        Ticket { view: self, number }
    }

    /// The tickets given so far, and what their rows look for.
    fn waiting(&self) -> (u64, Vec<Wanted>) {
        let queue = self.queue();
        (queue.next_ticket, queue.waiting.values().copied().collect())
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn list<A: OrganizationsApi>(
    caller: &Caller<A>,
    baseline: &Baseline,
    wanted: &[Wanted],
) -> Result<ByName, ReadError> {
    let names: HashSet<_> = wanted.iter().map(|wanted| wanted.name).collect();
    // `None` is the least: it reaches back the furthest.
    let back_to = wanted.iter().map(|wanted| wanted.back_to).min().flatten();
    let mut by_name = ByName::new();
    let mut listing = Listing::new(caller);
    while let Some(page) = listing.next_page().await? {
        let is_last = is_past(&page, baseline, back_to);
        for organization in page {
            let name = hash_of(&name_key(&organization.name));
            if names.contains(&name) {
                by_name.entry(name).or_default().push(organization);
            }
        }
        if is_last {
            break;
        }
    }
    for organizations in by_name.values_mut() {
        organizations.reverse();
    }
    Ok(by_name)
}

/// Whether all pages after this one are too old.
pub(super) fn is_past(
    page: &[Organization],
    baseline: &Baseline,
    back_to: Option<Timestamp>,
) -> bool {
    let oldest = page.iter().filter_map(|o| o.created_at).min();
    let is_too_old = oldest
        .zip(back_to)
        .is_some_and(|(oldest, back_to)| oldest < back_to);
    is_too_old || page.iter().any(|o| baseline.names(&o.id))
}
