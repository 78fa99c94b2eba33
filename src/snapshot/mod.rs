//! What exists in WorkOS: the organizations of an environment, listed into a compact index.
//!
//! [`list`] reads the whole environment, [`look_up_domains`] only the organizations with some
//! domains. Both get their pages from the caller, who sends the requests: the rate limit, retries
//! and cancellation belong there. Neither stores more of an organization than [`Snapshot`] does.

mod entry_id;
mod index;
mod listing;
mod lookup;
mod reader;
mod runs;
mod spool;
#[cfg(test)]
mod tests;

pub use index::{Entry, Snapshot, likeness};
pub use listing::{Listing, list};
pub use lookup::look_up_domains;
pub use reader::{Error, FetchError};
pub use runs::Runs;
pub use spool::{Spool, Spooled};
