//! A listing of the organizations, newest first, page by page; it always ends.

use super::caller::{Caller, ReadError};
use super::owned::hash_of;
use crate::workos::{ListQuery, Organization, OrganizationsApi};
use std::collections::HashSet;

/// A listing under way.
#[derive(Debug)]
pub(super) struct Listing<'a, A> {
    caller: &'a Caller<A>,
    cursor: Option<String>,
    is_finished: bool,
    guard: EndlessGuard,
}

impl<'a, A: OrganizationsApi> Listing<'a, A> {
    pub(super) fn new(caller: &'a Caller<A>) -> Self {
        Self {
            caller,
            cursor: None,
            is_finished: false,
            guard: EndlessGuard::default(),
        }
    }

    /// The next organizations; `None` at the end.
    ///
    /// # Errors
    /// When WorkOS does not answer, or sends what it has sent before.
    pub(super) async fn next_page(&mut self) -> Result<Option<Vec<Organization>>, ReadError> {
        if self.is_finished {
            return Ok(None);
        }
        let query = ListQuery {
            after: self.cursor.as_deref(),
            ..ListQuery::default()
        };
        let api = self.caller.api();
        let page = self.caller.read(|| api.list(&query)).await?.value;
        let cursor = page.after().map(str::to_owned);
        self.is_finished = cursor.is_none() || page.data.is_empty();
        if !self.is_finished {
            let ids = page.data.iter().map(|o| o.id.as_str());
            self.guard.check(cursor.as_deref(), ids)?;
        }
        self.cursor = cursor;
        Ok(Some(page.data).filter(|data| !data.is_empty()))
    }
}

/// Notices a server that never stops.
#[derive(Debug, Default)]
struct EndlessGuard {
    cursors: HashSet<u64>,
    first: HashSet<u64>,
    last: HashSet<u64>,
}

impl EndlessGuard {
    fn check<'a>(
        &mut self,
        cursor: Option<&str>,
        ids: impl Iterator<Item = &'a str>,
    ) -> Result<(), ReadError> {
        if cursor.is_some_and(|cursor| !self.cursors.insert(hash_of(cursor))) {
            return Err(ReadError::EndlessList("the same cursor again"));
        }
        let ids: HashSet<_> = ids.map(hash_of).collect();
        if ids.is_subset(&self.last) || ids.is_subset(&self.first) {
            return Err(ReadError::EndlessList("the same organizations again"));
        }
        if self.first.is_empty() {
            self.first.clone_from(&ids);
        }
        self.last = ids;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_cursor_or_page_is_an_error() {
        let mut guard = EndlessGuard::default();
        assert!(guard.check(Some("b"), ["a", "b"].into_iter()).is_ok());
        assert!(guard.check(Some("d"), ["c", "d"].into_iter()).is_ok());
        assert!(guard.check(Some("b"), ["e"].into_iter()).is_err());
        assert!(guard.check(Some("x"), ["d", "c"].into_iter()).is_err());
        assert!(guard.check(Some("y"), ["a", "b"].into_iter()).is_err());
        assert!(guard.check(Some("z"), ["a", "z"].into_iter()).is_ok());
    }
}
