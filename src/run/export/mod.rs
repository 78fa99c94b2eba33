//! `workos-orgs export`: all organizations of an environment as a list that `import` reads.
//!
//! ```text
//! list from both ends → spool (one JSON line each, in an unlinked file) → render, with the columns known → place
//! ```

mod columns;
mod exported;
mod render;
mod round_trip;
mod sequence;
mod spool;

pub use sequence::{ExportRequest, Exported, export};
