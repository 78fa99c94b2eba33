//! Lists an environment from both ends at once, until the two readers meet.
//!
//! One reader goes from the newest organization to older ones, the other from the oldest to newer
//! ones. Each sees everything on its way without a gap, so together they have seen everything that
//! existed at the start once a page of one has two organizations that the other saw in the opposite
//! sequence. One is not enough: organizations of the same instant may have the same sequence in both
//! orders, and some of them would be missed.
//!
//! The second reader only saves time. It is dropped when the server ignores or refuses its order,
//! leads it in a circle or ends its list early; the first one then goes on to the end.

use super::index::Snapshot;
use super::reader::{Error, FetchError, Reader, Repeated};
use crate::workos::{ListQuery, Order, Page};
use futures::future::join;

/// What came of listing an environment.
#[derive(Debug)]
pub enum Listing {
    /// All organizations that existed when it began. Frozen.
    Complete(Snapshot),
    /// The environment is larger than the budget of pages.
    Exceeded {
        /// How many organizations were seen.
        seen: u64,
    },
    /// The server has no list: it answered the first request with 404 or 405.
    Unsupported,
}

/// Lists all organizations, with at most `budget` requests.
///
/// `fetch` sends one request for a page: the rate limit and retries are its own. It may be called
/// twice at once. Organizations created meanwhile may be part of the result or not; created or
/// deleted ones never hide others. If the server refuses a cursor or starts over at it, for example
/// because that organization was deleted, the list is read once more from the beginning.
///
/// # Errors
/// When a request fails for another reason, or the pages lead in a circle.
pub async fn list<E: FetchError>(
    fetch: impl AsyncFn(ListQuery<'_>) -> Result<Page, E>,
    budget: Option<u64>,
) -> Result<Listing, Error<E>> {
    let mut budget = Budget(budget);
    let first = Walk::new().run(&fetch, &mut budget).await;
    let result = match first {
        Err(stop) if stop.may_restart => Walk::new().run(&fetch, &mut budget).await,
        first => first,
    };
    result.map_err(|stop| stop.error)
}

/// How many requests may still be sent; `None` for any number.
struct Budget(Option<u64>);

impl Budget {
    fn take(&mut self) -> bool {
        match &mut self.0 {
            None => true,
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
        }
    }
}

/// Why a walk ended early.
struct Stop<E> {
    error: Error<E>,
    /// The cursor is the cause: its organization may have been deleted.
    may_restart: bool,
}

impl<E> From<Repeated> for Stop<E> {
    /// A server may also answer an unknown cursor with the first page.
    fn from(Repeated(cursor): Repeated) -> Self {
        Self {
            error: Error::Repeated { cursor },
            may_restart: true,
        }
    }
}

impl<E: FetchError> Stop<E> {
    fn refused(error: E, had_cursor: bool) -> Self {
        Self {
            may_restart: had_cursor && error.is_about_parameters(),
            error: Error::Fetch(error),
        }
    }
}

/// Both readers on their way.
struct Walk {
    newest_first: Reader,
    oldest_first: Option<Reader>,
    have_met: bool,
    snapshot: Snapshot,
}

impl Walk {
    fn new() -> Self {
        Self {
            newest_first: Reader::new(Order::Descending),
            oldest_first: Some(Reader::new(Order::Ascending)),
            have_met: false,
            snapshot: Snapshot::default(),
        }
    }

    async fn run<E: FetchError>(
        mut self,
        fetch: &impl AsyncFn(ListQuery<'_>) -> Result<Page, E>,
        budget: &mut Budget,
    ) -> Result<Listing, Stop<E>> {
        loop {
            if !budget.take() {
                self.snapshot.freeze();
                let seen = self.snapshot.len() as u64;
                return Ok(Listing::Exceeded { seen });
            }
            // The first page alone: it may be the only one.
            let is_first = self.newest_first.is_at_start();
            let second = self.oldest_first.as_ref();
            let second = second.filter(|_| !is_first && budget.take());
            let newest = fetch(self.newest_first.query());
            let (newest, oldest) = match second {
                None => (newest.await, None),
                Some(reader) => {
                    let (newest, oldest) = join(newest, fetch(reader.query())).await;
                    (newest, Some(oldest))
                }
            };
            match newest {
                Ok(page) => self.accept_newest(&page)?,
                Err(error) if is_first && matches!(error.http_status(), Some(404 | 405)) => {
                    return Ok(Listing::Unsupported);
                }
                Err(error) => return Err(Stop::refused(error, !is_first)),
            }
            if let Some(oldest) = oldest {
                self.accept_oldest(oldest)?;
            }
            if self.have_met || self.newest_first.is_done() {
                drop((self.newest_first, self.oldest_first));
                self.snapshot.freeze();
                return Ok(Listing::Complete(self.snapshot));
            }
        }
    }

    fn accept_newest(&mut self, page: &Page) -> Result<(), Repeated> {
        self.push(page);
        self.newest_first.accept(page)?;
        if let Some(second) = &self.oldest_first {
            self.have_met = Overlap::of(page, second) == Overlap::OppositeSequence;
        }
        Ok(())
    }

    fn accept_oldest<E: FetchError>(&mut self, page: Result<Page, E>) -> Result<(), Stop<E>> {
        // Kept only if its page is as it should be.
        let Some(mut second) = self.oldest_first.take() else {
            return Ok(());
        };
        let page = match page {
            Ok(page) => page,
            Err(error) if error.is_about_parameters() => return Ok(()),
            Err(error) => return Err(Stop::refused(error, false)),
        };
        let is_first = second.is_at_start();
        if second.accept(&page).is_err() {
            return Ok(());
        }
        self.push(&page);
        match Overlap::of(&page, &self.newest_first) {
            // Perhaps the server only turned the newest page around. If not, hardly anything is
            // left to read.
            Overlap::OppositeSequence if is_first => {}
            Overlap::OppositeSequence => self.have_met = true,
            Overlap::SameSequence => {}
            // An end before they meet comes too early.
            Overlap::None if second.is_done() => {}
            Overlap::None => self.oldest_first = Some(second),
        }
        Ok(())
    }

    fn push(&mut self, page: &Page) {
        for organization in &page.data {
            self.snapshot.push(organization);
        }
    }
}

/// What a page of one reader has in common with what the other one has seen.
#[derive(Debug, PartialEq, Eq)]
enum Overlap {
    /// Nothing, or one organization.
    None,
    /// Two or more in the opposite sequence: the readers have met.
    OppositeSequence,
    /// Two or more in the same sequence: the server ignores the order.
    SameSequence,
}

impl Overlap {
    fn of(page: &Page, other: &Reader) -> Self {
        let positions = page.data.iter().map(|it| other.position(it));
        let known: Vec<u32> = positions.flatten().collect();
        match known.as_slice() {
            [first, .., last] if first < last => Self::SameSequence,
            [_, .., _] => Self::OppositeSequence,
            _ => Self::None,
        }
    }
}
