//! The results file: every row of a list once, with its result.
//!
//! It is rendered from the rows of the list and the journal, so it can be made again at any time.
//! It belongs to the user, who may move its columns, fix its cells and give it to `retry`:
//! [`Layout`] reads it back. Its results are never the memory of the program; the journal is.

mod cell;
mod error;
mod form;
mod layout;
mod record;
mod render;
mod suitable;
mod unreadable;
mod workbook;

pub use cell::safe_cell;
pub use error::Error;
pub use form::{Form, LineEnd};
pub use layout::{Layout, RecordedState};
pub use record::{COLUMNS, Counts, ErrorName, JSON_KEY, POINTER, Place, Record, Status};
pub use render::Renderer;
pub use suitable::{has_mark, is_workbook, refuse_unsuitable};
pub use unreadable::UNREADABLE_LINE;

#[cfg(test)]
mod tests;
