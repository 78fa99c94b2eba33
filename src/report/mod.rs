//! What a run did, as a page, as Markdown or as JSON: from the results file and the journal alone.
//!
//! [`Gathered::read`] reads both, [`Facts::of`] makes facts of them, and every format is made of the
//! facts. Text of cells and of the API is only ever text: escaped in the page, which runs nothing
//! but its own script, and code in Markdown.

mod advice;
mod cards;
mod causes;
mod chart;
mod collect;
mod data;
mod error;
mod facts;
mod failed;
mod gathered;
mod history;
mod html;
mod live;
mod markdown;
mod redact;
mod rows;
mod run_facts;
mod timeline;
mod verdict;
mod words;

pub use error::Error;
pub use facts::{Facts, Group, RunState, SCHEMA};
pub use failed::write_failed;
pub use gathered::Gathered;
pub use html::write as write_html;
pub use live::LivePage;
pub use markdown::markdown;
