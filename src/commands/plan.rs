//! What a run is about to do, said before it is done; and the question before production.

use super::connection::Connection;
use super::run::Watched;
use super::{Error, RunOptions};
use crate::engine::Rate;
use crate::input::{Mapping, Reader};
use crate::results::COLUMNS;
use crate::ui::text::{counted, duration};
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

/// What is about to be done.
pub(super) struct Plan<'a> {
    pub(super) file: &'a str,
    pub(super) reader: &'a Reader,
    pub(super) mapping: &'a Mapping,
    pub(super) connection: &'a Connection,
    pub(super) results: &'a Path,
    pub(super) rate: Rate,
    /// How many rows are left to send, where it is known.
    pub(super) rows: Option<u64>,
    /// How many rows are settled already.
    pub(super) settled: u64,
}

impl Plan<'_> {
    /// The plan in a few lines.
    pub(super) fn text(&self) -> String {
        let mut text = format!("{}: {}", self.file, self.reader.read_as());
        match self.rows {
            Some(rows) if self.settled > 0 => {
                let settled = counted(self.settled, "row");
                let _ = write!(
                    text,
                    ", {} to go, {settled} done before",
                    counted(rows, "row")
                );
            }
            Some(rows) => {
                let _ = write!(text, ", {}", counted(rows, "row"));
            }
            None if self.settled > 0 => {
                let _ = write!(text, ", {} done before", counted(self.settled, "row"));
            }
            None => {}
        }
        let _ = write!(text, "\n  columns: {}", columns(self.reader, self.mapping));
        let _ = write!(text, "\n  to:      {}", self.connection.in_words());
        if let Some(rate) = self.rate.at_start() {
            let _ = write!(text, ", at most {rate} requests per second");
            if let Some(rows) = self.rows.filter(|rows| *rows > 0) {
                let seconds = (rows as f64 / rate).ceil();
                let _ = write!(
                    text,
                    ": about {}",
                    duration(Duration::from_secs_f64(seconds))
                );
            }
        }
        let _ = write!(text, "\n  results: {}", self.results.display());
        text
    }
}

/// `Company → name, Website → domain; carried along: Notes, Owner`.
fn columns(reader: &Reader, mapping: &Mapping) -> String {
    let table = mapping.table(reader.header());
    let mut used = Vec::new();
    let mut carried = Vec::new();
    for (column, roles) in table {
        if roles.is_empty() {
            if !COLUMNS.contains(&column.as_str()) {
                carried.push(column);
            }
        } else {
            let roles: Vec<_> = roles.iter().map(ToString::to_string).collect();
            let roles = roles.join(" and ");
            if column == roles {
                used.push(column);
            } else {
                used.push(format!("{column} → {roles}"));
            }
        }
    }
    let mut text = used.join(", ");
    if !carried.is_empty() {
        let _ = write!(text, "; carried along: {}", carried.join(", "));
    }
    crate::ui::text::untrusted(&text, 1000)
}

/// Asks before anything is created in production.
///
/// # Errors
/// When the answer is no, or there is nobody to ask.
pub(super) async fn ask(
    watched: &Watched,
    options: &RunOptions,
    connection: &Connection,
) -> Result<(), Error> {
    if !connection.is_production || options.yes {
        return Ok(());
    }
    let printer = watched.printer;
    if !printer.is_terminal() || !std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        return Err(Error::Usage {
            message:
                "this key creates organizations in production, and there is no terminal to ask on"
                    .to_owned(),
            hint: "add --yes if that is what you want".to_owned(),
        });
    }
    let question = move || printer.confirm("Create these organizations in production?");
    tokio::select! {
        answer = tokio::task::spawn_blocking(question) => {
            if matches!(answer, Ok(Ok(true))) {
                return Ok(());
            }
        }
        () = watched.shutdown.draining() => {
            printer.insist("");
            return Err(Error::Interrupted);
        }
    }
    Err(Error::Usage {
        message: "nothing was sent".to_owned(),
        hint: "to try a few rows first, add --limit 10; to rehearse without WorkOS, add --sandbox"
            .to_owned(),
    })
}
