//! The journal: the program's own memory of what it has done, append-only.
//!
//! It is next to the results file (`customers.results.journal`), and it alone decides what may be
//! sent. The results file is a report that can be rendered from it at any time.
//!
//! On disk it is JSON lines, each an [`Event`]. A block of rows is on the disk before its first
//! request; each sync also carries every outcome before it. So after a crash the rows in doubt are
//! those of the last blocks that have no outcome.
//!
//! [`State::read`] replays a journal, [`Reader`] reads back what it says of one row, and
//! [`Journal`] writes it during a run.

mod doubt;
mod error;
mod event;
mod fast;
mod history;
mod index;
mod line;
mod list_command;
mod made;
mod numbering;
mod reader;
mod records;
mod replay;
mod restored;
mod rows;
mod slots;
mod state;
mod writer;

pub use doubt::Doubt;
pub use error::Error;
pub use event::{
    Alive, AnswerLost, Baseline, Command, Dispatched, DispatchedRow, Duplicate, Ended, Event, List,
    Opening, Outcome, Paused, Run, SCHEMA, UpdateOf, Withdrawn,
};
pub use history::History;
pub use made::{AllMade, Changed, Made, made};
pub use numbering::Numbering;
pub use reader::Reader;
pub use records::Records;
pub use restored::restored;
pub use rows::{KnownRow, Progress, id_hash};
pub use state::State;
pub use writer::Journal;

use std::path::{Path, PathBuf};

/// The extensions of results files, which the journal's replaces.
const RESULTS_EXTENSIONS: [&str; 5] = ["csv", "tsv", "txt", "jsonl", "ndjson"];

/// The journal that belongs to a results file: `customers.results.journal` for
/// `customers.results.csv`.
pub fn journal_path(results: &Path) -> PathBuf {
    let extension = results.extension().unwrap_or_default().to_string_lossy();
    let is_replaced = RESULTS_EXTENSIONS
        .iter()
        .any(|known| extension.eq_ignore_ascii_case(known));
    if is_replaced {
        return results.with_extension("journal");
    }
    let mut name = results.as_os_str().to_owned();
    name.push(".journal");
    PathBuf::from(name)
}

#[cfg(test)]
mod tests;
