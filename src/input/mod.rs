//! From bytes to rows: decoding, parsing, and how a file is to be read.
//!
//! [`Reader`] gives the rows of a file unchanged. Import, retry and check all use it, so
//! they cannot differ.

mod csv;
mod encoding;
mod error;
mod footer;
mod header_row;
mod hint;
pub(crate) mod json;
mod line_ends;
mod open;
mod read_as;
mod reader;
mod shared_hosts;
mod source;
mod workbook;

pub use error::Error;
pub(crate) use footer::{is_footer, looks_like_footer};
pub use read_as::{HiddenRows, InputFormat, ReadAs, ReadOptions};
pub use reader::Reader;
pub use source::Source;
pub(crate) use workbook::UNCALCULATED;
