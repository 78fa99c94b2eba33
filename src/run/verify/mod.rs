//! `workos-orgs verify`: compares WorkOS with the journal of a results file. Changes nothing.
//!
//! ```text
//! journal → list WorkOS → compare (hashes only) → name the fields (journal, results file) → print
//! ```

mod comparison;
mod fields;
mod findings;
mod known;
mod sequence;

pub use sequence::{VerifyRequest, verify};
