//! What a run is about to do, said before it is done; and the question before production.

use super::connection::Connection;
use super::judged::Judged;
use super::run::Watched;
use super::{Error, RunOptions};
use crate::columns::{Mapping, is_results_column};
use crate::engine::Settings;
use crate::input::Reader;
use crate::organization::DomainState;
use crate::text::{counted, duration};
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
    pub(super) settings: Settings,
    /// How many rows are left to send.
    pub(super) rows: u64,
    /// How many rows are settled already.
    pub(super) settled: u64,
    /// What was found out about the rows that are asked for.
    pub(super) judged: &'a Judged,
    /// Whether rows may have been sent by an earlier process that did not live to say so.
    pub(super) has_suspects: bool,
}

impl Plan<'_> {
    /// The plan in a few lines.
    pub(super) fn text(&self) -> String {
        let rows = counted(self.rows, "row");
        let mut text = format!("{}: {}, {rows}", self.file, self.reader.read_as());
        if self.settled > 0 {
            let settled = counted(self.settled, "row");
            let _ = write!(text, " to go, {settled} done before");
        }
        let columns = columns(self.reader, self.mapping);
        let _ = write!(text, "\n  columns: {columns}");
        if let Some(findings) = self.judged.in_words() {
            let _ = write!(text, "\n  found:   {findings}");
        }
        if self.mapping.domain_state == DomainState::Verified {
            text.push_str("\n  domains: created as verified, which vouches for their ownership");
        }
        let _ = write!(text, "\n  to:      {}", self.connection.in_words());
        if let Some(rate) = self.settings.rate.at_start() {
            let _ = write!(text, ", at most {rate} requests per second");
            if self.rows > 0 {
                let seconds = (self.rows as f64 / rate).ceil();
                let _ = write!(
                    text,
                    ": about {}",
                    duration(Duration::from_secs_f64(seconds))
                );
            }
        }
        if self.has_suspects {
            let patience = duration(self.settings.policy.longest_patience());
            let _ = write!(
                text,
                "\n  first:   looking for what an earlier run may have sent without an answer: up to {patience}"
            );
        }
        let _ = write!(text, "\n  results: {}", self.results.display());
        text
    }
}

/// How many of the columns that are only carried along are named.
const CARRIED: usize = 8;

/// `Company → name, Website → domain; carried along: Notes, Owner`.
pub(super) fn columns(reader: &Reader, mapping: &Mapping) -> String {
    let table = mapping.table(reader.header());
    let mut used = Vec::new();
    let mut carried = Vec::new();
    for (column, roles) in table {
        if roles.is_empty() {
            if !is_results_column(&column) && !column.trim().is_empty() {
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
        let more = carried.len().saturating_sub(CARRIED);
        carried.truncate(CARRIED);
        let _ = write!(text, "; carried along: {}", carried.join(", "));
        if more > 0 {
            let _ = write!(text, " and {more} more");
        }
    }
    crate::text::untrusted(&text, 1000)
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
    if !connection.is_production {
        return Ok(());
    }
    let (message, hint) = match confirm(
        watched,
        options,
        "Create these organizations in production?",
    )
    .await?
    {
        Answer::Yes => return Ok(()),
        Answer::No => (
            "nothing was sent",
            "to try a few rows of a list first, import it with --limit 10; to rehearse without WorkOS, add --sandbox",
        ),
        Answer::Nobody => (
            "this key creates organizations in production, and there is no terminal to ask on",
            "add --yes if that is what you want",
        ),
    };
    Err(Error::Usage {
        message: message.to_owned(),
        hint: hint.to_owned(),
    })
}

/// What was answered to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    No,
    /// There is no terminal to ask on.
    Nobody,
}

/// Asks whether to go on, unless `--yes` has answered already.
///
/// # Errors
/// When Ctrl-C comes before the answer.
pub(super) async fn confirm(
    watched: &Watched,
    options: &RunOptions,
    question: &'static str,
) -> Result<Answer, Error> {
    if options.yes {
        return Ok(Answer::Yes);
    }
    let printer = watched.printer;
    if !printer.is_terminal() || !std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        return Ok(Answer::Nobody);
    }
    tokio::select! {
        answer = tokio::task::spawn_blocking(move || printer.confirm(question)) => {
            let is_yes = matches!(answer, Ok(Ok(true)));
            Ok(if is_yes { Answer::Yes } else { Answer::No })
        }
        () = watched.shutdown.draining() => {
            printer.insist("");
            Err(Error::Interrupted)
        }
    }
}
