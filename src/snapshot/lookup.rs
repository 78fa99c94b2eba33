//! Looks up the organizations with some domains, many domains per request: for environments that
//! are too large to list.

use super::index::Snapshot;
use super::reader::{Error, FetchError, Reader, Repeated};
use crate::workos::{ListQuery, Order, Organization, Page};
use futures::stream::{FuturesUnordered, StreamExt};
use std::iter::Peekable;

/// The most domains in a request.
const MOST_DOMAINS: usize = 50;

/// The longest text of a request's domains, in bytes as they are sent: with everything else its
/// address remains under 4 kB.
const LONGEST_TEXT: usize = 3500;

/// How many requests wait for their answers at once. Half of what the rate allows at 100 ms each.
const PARALLEL: usize = 5;

/// Looks up the organizations that have any of these domains. The result is frozen.
///
/// `fetch` sends one request for a page: the rate limit and retries are its own. It is called up to
/// five times at once. If the server refuses a cursor, that request's list is read a second time.
///
/// # Errors
/// When a request fails, the pages lead in a circle, or the server ignores the filter and answers
/// with other organizations.
pub async fn look_up_domains<'a, E: FetchError>(
    fetch: impl AsyncFn(ListQuery<'_>) -> Result<Page, E>,
    domains: impl Iterator<Item = &'a str>,
) -> Result<Snapshot, Error<E>> {
    let mut domains = domains.peekable();
    let mut lookups = FuturesUnordered::new();
    let mut snapshot = Snapshot::default();
    loop {
        while lookups.len() < PARALLEL
            && let Some(batch) = next_batch(&mut domains)
        {
            lookups.push(look_up(&fetch, batch));
        }
        let Some(found) = lookups.next().await else {
            break;
        };
        for organization in &found? {
            snapshot.push(organization);
        }
    }
    snapshot.freeze();
    Ok(snapshot)
}

/// The domains of the next request; `None` after the last one.
fn next_batch<'a>(domains: &mut Peekable<impl Iterator<Item = &'a str>>) -> Option<Vec<&'a str>> {
    let first = domains.next()?;
    let mut length = sent_length(first);
    let mut batch = vec![first];
    while batch.len() < MOST_DOMAINS
        && let Some(domain) = domains.next_if(|next| length + sent_length(next) <= LONGEST_TEXT)
    {
        length += sent_length(domain);
        batch.push(domain);
    }
    Some(batch)
}

/// The length of a domain and its separator in an address, where bytes are percent-encoded.
fn sent_length(domain: &str) -> usize {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._*".contains(&byte);
    let bytes = domain
        .bytes()
        .map(|byte| if is_plain(byte) { 1 } else { 3 });
    bytes.sum::<usize>() + "%2C".len()
}

async fn look_up<E: FetchError>(
    fetch: &impl AsyncFn(ListQuery<'_>) -> Result<Page, E>,
    domains: Vec<&str>,
) -> Result<Vec<Organization>, Error<E>> {
    let mut reader = Reader::new(Order::Descending);
    let mut may_restart = true;
    let mut found = Vec::new();
    while !reader.is_done() {
        let query = ListQuery {
            domains: &domains,
            ..reader.query()
        };
        let page = match fetch(query).await {
            Ok(page) => page,
            Err(error) if may_restart && !reader.is_at_start() && error.is_about_parameters() => {
                may_restart = false;
                reader = Reader::new(Order::Descending);
                continue;
            }
            Err(error) => return Err(Error::Fetch(error)),
        };
        if is_unfiltered(&page, &domains) {
            return Err(Error::FilterIgnored);
        }
        let accepted = reader.accept(&page);
        accepted.map_err(|Repeated(cursor)| Error::Repeated { cursor })?;
        found.extend(page.data);
    }
    Ok(found)
}

/// Whether a page tells the domains of all its organizations, and none was asked for.
fn is_unfiltered(page: &Page, asked: &[&str]) -> bool {
    let is_asked = |domain: &String| asked.iter().any(|it| it.eq_ignore_ascii_case(domain));
    let is_other = |organization: &Organization| {
        let domains = organization.domains.as_ref();
        domains.is_some_and(|domains| !domains.iter().any(is_asked))
    };
    !page.data.is_empty() && page.data.iter().all(is_other)
}
