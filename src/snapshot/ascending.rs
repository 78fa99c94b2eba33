//! Reads all organizations of an environment, oldest first, and hands them on as they come.

use super::reader::{Error, FetchError, Reader, Repeated, hash};
use crate::workos::{ListQuery, Listed, Order, Page};
use std::collections::HashSet;

/// Reads all organizations, oldest first, each once; those that are created meanwhile come last.
///
/// `fetch` sends one request for a page: the rate limit and retries are its own. `add` gets the
/// organizations of a page that were not on an earlier one. If the server refuses a cursor or starts
/// over at it, for example because that organization was deleted, the list is read once more from
/// the beginning.
///
/// # Errors
/// When a request fails, the pages lead in a circle, or `add` fails.
pub async fn read_all<T: Listed, E: FetchError, S: From<Error<E>>>(
    fetch: impl AsyncFn(ListQuery<'_>) -> Result<Page<T>, E>,
    mut add: impl FnMut(Vec<T>) -> Result<(), S>,
) -> Result<(), S> {
    let mut reader = Reader::new(Order::Ascending);
    let mut known: HashSet<u64> = HashSet::new();
    let mut may_restart = true;
    while !reader.is_done() {
        let had_cursor = !reader.is_at_start();
        let page = fetch(reader.query()).await;
        let is_cursor_refused =
            matches!(&page, Err(error) if had_cursor && error.is_about_parameters());
        let page = match page {
            Ok(page) => reader.accept(&page).map(|()| page),
            Err(_) if is_cursor_refused && may_restart => Err(Repeated(String::new())),
            Err(error) => return Err(Error::Fetch(error).into()),
        };
        match page {
            Ok(page) => {
                let new = page.data.into_iter();
                add(new.filter(|it| known.insert(hash(it.id()))).collect())?;
            }
            Err(_) if may_restart => {
                may_restart = false;
                reader = Reader::new(Order::Ascending);
            }
            Err(Repeated(cursor)) => return Err(Error::Repeated { cursor }.into()),
        }
    }
    Ok(())
}
