//! The results file: every input row once, with what became of it; and the run file beside it.
//!
//! While a run goes on, finished rows are appended to the results file in the order in which they
//! finish, and the last record of a row wins. At an orderly end the file is rewritten, atomically,
//! one record a row, in input order. The run file says what the results file cannot: which API
//! and which key, the column mapping, and how far rows have been handed out.

mod error;
mod layout;
mod record;
mod replace;
mod rewrite;
mod run_file;
mod scan;
mod suitable;
mod writer;

pub use error::Error;
pub use layout::{Layout, Outline, Said, UNREADABLE_LINE};
pub use record::{COLUMNS, Counts, ErrorName, JSON_KEY, Record, Status};
pub use replace::directory_of;
use replace::replace;
pub use rewrite::rewrite_in_order;
pub use run_file::{Header, Marker, Pass, PassKind, RunFile, RunState, began};
pub use scan::{Entry, Scan};
pub use suitable::{has_mark, refuse_unsuitable};
pub use writer::{Writer, rewrite};

use std::path::{Path, PathBuf};

/// The run file that belongs to a results file: its name with `.run` after it.
pub fn run_file_path(results: &Path) -> PathBuf {
    let mut name = results.as_os_str().to_owned();
    name.push(".run");
    PathBuf::from(name)
}
