//! What to do with each row: decided before anything is done, by pure functions.
//!
//! - [`match_rows`]: which row of a list is which row of the journal.
//! - [`Alike`]: which new rows are probably rows that are gone, renamed and moved.
//! - `decide`: what is done with a row, by how far it has come.
//! - `adopt`: which rows WorkOS already has.
//! - `recognize`, `identify`: which organization of WorkOS is which row.

mod adopt;
mod alike;
mod damaged_id;
mod decide;
mod facts;
mod identify;
mod known;
mod matching;
mod operation;
mod recognize;
#[cfg(test)]
mod tests;

pub use adopt::{Adopted, Candidate, adopt};
pub use alike::{Alike, Gone};
pub use damaged_id::is_damaged;
pub use decide::{Decision, Mode, Standing, decide, decide_missing};
pub use facts::{Facts, content, hash_of, name_hash};
pub use identify::{Hit, Identity, Keys, MatchedBy, count_others, identify};
pub use known::{KnownRows, Progress};
pub use matching::{Edit, Matcher, Matching, Origin, match_rows};
pub use operation::{Create, Delete, Doubt, Earlier, Operation, Rejected, Task, Update};
