//! [`Reader`]: reads one list page by page, and notices when it repeats itself.

use super::runs::Runs;
use crate::workos::{Failure, ListQuery, Order, Organization, Page};
use std::collections::HashSet;
use xxhash_rust::xxh3::xxh3_64;

/// What this room has to know of a failed request for a page.
pub trait FetchError {
    /// The status, if the server refused the request.
    fn http_status(&self) -> Option<u16>;

    /// Whether the server refused a parameter of the request: a 4xx that is not about the key, the
    /// rate or the time. A cursor whose organization was deleted may be such a parameter.
    fn is_about_parameters(&self) -> bool {
        let status = self.http_status();
        status.is_some_and(|status| {
            (400..500).contains(&status) && !matches!(status, 401 | 403 | 408 | 429)
        })
    }
}

impl FetchError for Failure {
    fn http_status(&self) -> Option<u16> {
        match self {
            Self::Refused(refusal) => Some(refusal.http_status),
            Self::NotSent { .. } | Self::Lost(_) => None,
        }
    }
}

/// Why the organizations could not be listed.
#[derive(Debug, thiserror::Error)]
pub enum Error<E> {
    /// A request failed.
    #[error("cannot list the organizations in WorkOS")]
    Fetch(#[source] E),
    /// The pages lead in a circle, so there is no end to wait for.
    #[error("the list of organizations from WorkOS repeats itself at cursor {cursor:?}")]
    Repeated {
        /// The cursor that led to the repeated page, or that came back. Empty for the first page.
        cursor: String,
    },
    /// The answer holds organizations with other domains than were asked for.
    #[error("WorkOS ignored the domains filter")]
    FilterIgnored,
}

/// The cursor where a list repeats itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Repeated(pub(super) String);

/// One way through a list: where it is, and what it has seen.
///
/// It remembers 12 bytes an organization: more pages than fit in memory cannot be told from a
/// circle otherwise.
#[derive(Debug, Default)]
pub(super) struct Reader {
    order: Order,
    after: Option<String>,
    /// Hashes of the cursors it was given.
    cursors: HashSet<u64>,
    /// Hashes of the ids on its pages, in halves, and their positions in its order.
    seen: Runs<(u32, u32, u32)>,
    /// How many these are.
    count: u32,
    is_done: bool,
}

impl Reader {
    pub(super) fn new(order: Order) -> Self {
        Self {
            order,
            ..Self::default()
        }
    }

    /// The request for the next page.
    pub(super) fn query(&self) -> ListQuery<'_> {
        ListQuery {
            order: self.order,
            after: self.after.as_deref(),
            ..ListQuery::default()
        }
    }

    /// Whether no page was read.
    pub(super) const fn is_at_start(&self) -> bool {
        self.after.is_none() && !self.is_done
    }

    /// Whether the last page was read.
    pub(super) const fn is_done(&self) -> bool {
        self.is_done
    }

    /// The position of an organization among those it has seen.
    pub(super) fn position(&self, organization: &Organization) -> Option<u32> {
        let (high, low) = halves(&organization.id);
        let found = self.seen.at_or_after((high, low, 0))?;
        ((found.0, found.1) == (high, low)).then_some(found.2)
    }

    /// Remembers an organization; says whether it is new.
    fn see(&mut self, organization: &Organization) -> bool {
        let is_new = self.position(organization).is_none();
        if is_new {
            let (high, low) = halves(&organization.id);
            self.seen.insert((high, low, self.count));
            self.count = self.count.saturating_add(1);
        }
        is_new
    }

    /// Moves on to what follows the page that [`Self::query`] brought.
    ///
    /// Most of a page, not all of it: organizations created meanwhile make the first page new again
    /// each time. Not any of it: a server that counts pages repeats a few.
    ///
    /// # Errors
    /// When its cursor came before, or most of its organizations did.
    pub(super) fn accept(&mut self, page: &Page) -> Result<(), Repeated> {
        let new = page.data.iter().filter(|it| self.see(it)).count();
        if new * 2 < page.data.len() {
            return Err(Repeated(self.after.take().unwrap_or_default()));
        }
        match page.after() {
            Some(cursor) if !page.data.is_empty() => {
                if !self.cursors.insert(hash(cursor)) {
                    return Err(Repeated(cursor.to_owned()));
                }
                self.after = Some(cursor.to_owned());
            }
            _ => self.is_done = true,
        }
        Ok(())
    }
}

/// The halves of the hash of an id: a position with them takes 12 bytes.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the other half is kept too"
)]
fn halves(id: &str) -> (u32, u32) {
    let hash = hash(id);
    ((hash >> 32) as u32, hash as u32)
}

fn hash(text: &str) -> u64 {
    xxh3_64(text.as_bytes())
}
