//! What exists in WorkOS: the organizations of an environment, listed into a compact index.
//!
//! [`list`] reads the whole environment, [`look_up_domains`] only the organizations with some
//! domains, and [`read_all`] hands on each organization as it comes. They get their pages from the caller, who sends the requests: the rate limit, retries
//! and cancellation belong there. None stores more of an organization than [`Snapshot`] does.

mod ascending;
mod entry_id;
mod index;
mod listing;
mod lookup;
mod reader;
mod spool;
#[cfg(test)]
mod tests;

pub use ascending::read_all;
pub use index::{Entry, Snapshot, likeness};
pub use listing::{Listing, list};
pub use lookup::look_up_domains;
pub use reader::{Error, FetchError};
pub use spool::{Spool, Spooled};
