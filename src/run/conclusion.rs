//! The end of a run: a summary in text or JSON, the next step, and the exit code.

use super::dry_run::Planned;
use super::environment::Environment;
use super::ledger::LedgerError;
use super::next_command::Invocation;
use super::object::{error_object, object_with};
use super::planned::Skipped;
use super::{Error, Request};
use crate::engine::{StopReason, Summary};
use crate::exit_code;
use crate::journal::Duplicate;
use crate::results::{Counts, Status};
use crate::ui::{Cause, Printer, report};
use serde_json::json;
use std::path::PathBuf;
use std::time::Duration;

/// Data for the summary at the end of a run.
#[derive(Debug, Default)]
pub struct Conclusion {
    /// How many rows came to each status in this run.
    pub run: Counts,
    /// How many rows of the results file have each status.
    pub file: Counts,
    /// How many rows of the results file have none: they were not sent yet.
    pub unsent: u64,
    /// How many rows of the results file an import of the list cannot finish: it does not have
    /// them.
    pub unlisted: u64,
    /// Why the run stopped before its end.
    pub stopped: Option<StopReason>,
    /// Organizations that are there more often than rows own them.
    pub duplicates: Vec<Duplicate>,
    /// How often all requests paused because of the rate limit.
    pub pauses: u64,
    /// How long the run took.
    pub elapsed: Duration,
    /// Why the run failed as a whole.
    pub error: Option<Error>,
    /// Rows that are not as in the plan that was carried out.
    pub skipped: Vec<Skipped>,
    /// Whether rows were united: what a run does is counted in organizations.
    pub is_united: bool,
    /// The plan, where it is all that was asked for.
    pub planned: Option<Planned>,
    /// Whether runs were taken back: what rows were before does not count then.
    pub is_undo: bool,
}

/// What a conclusion is about.
#[derive(Debug)]
pub struct Subject<'a> {
    /// What was asked for.
    pub request: &'a Request,
    /// The results file.
    pub results: PathBuf,
    /// Where WorkOS is.
    pub environment: &'a Environment,
    /// What needs attention, by cause, the most frequent first.
    pub causes: Vec<Cause>,
    /// How the program was called.
    pub invocation: &'a Invocation,
}

/// Prints the summary of a run, and why it failed if it did; returns the exit code.
///
/// # Errors
/// When the summary cannot be written.
pub fn conclude(
    mut conclusion: Conclusion,
    subject: &Subject<'_>,
    printer: Printer,
) -> Result<u8, Error> {
    if subject.request.is_dry_run && !subject.request.json {
        printer.info("Nothing was changed.");
        return Ok(exit_code::DONE);
    }
    let code = conclusion.exit_code();
    if let Some(StopReason::KeyRefused(refusal)) = &conclusion.stopped {
        conclusion.error = Some(Error::KeyRefused(refusal.clone()));
    }
    let json = subject.request.json;
    if json || !printer.is_quiet() {
        let text = if json {
            conclusion.json(subject, code)
        } else {
            conclusion.text(subject)
        };
        printer
            .result(&text)
            .map_err(Error::system("cannot write the summary"))?;
    }
    if let Some(error) = &conclusion.error {
        report(printer, error, error.hint().as_deref());
    } else if printer.is_quiet() && code != exit_code::DONE {
        printer.print(&conclusion.why(subject));
    }
    Ok(code)
}

impl Conclusion {
    /// Keeps the first reason why the run failed as a whole.
    pub(super) fn note(&mut self, result: Result<(), Error>) {
        if let Err(error) = result {
            self.error.get_or_insert(error);
        }
    }

    /// Takes what the engine says of the run.
    pub(super) fn take(&mut self, summary: Summary<LedgerError, Error>) {
        self.run = summary.counts;
        self.pauses = summary.pauses;
        let ledger = summary.ledger_error;
        self.note(ledger.map_or(Ok(()), |error| Err(error.into())));
        self.note(summary.rows_error.map_or(Ok(()), Err));
    }

    /// The organization of a row that had this status turned up.
    pub(super) fn turned_up(&mut self, was: Option<Status>) {
        if let Some(was) = was {
            self.run.remove(was);
        }
        self.run.add(Some(Status::Created));
    }

    /// So many rows have this status without having been sent.
    pub(super) fn found(&mut self, status: Status, rows: u64) {
        for _ in 0..rows {
            self.run.add(Some(status));
        }
    }

    /// The exit code of the run.
    pub fn exit_code(&self) -> u8 {
        let needs_person = self.count(needs_person) > 0;
        match (&self.stopped, &self.error) {
            (Some(StopReason::KeyRefused(_)), _) => exit_code::CREDENTIALS,
            (_, Some(error)) => error.exit_code(),
            (Some(StopReason::Interrupted), None) => exit_code::INTERRUPTED,
            (Some(StopReason::Ledger), None) => exit_code::RESULTS,
            (Some(StopReason::Input), None) => exit_code::INPUT,
            (_, None)
                if needs_person || !self.duplicates.is_empty() || !self.skipped.is_empty() =>
            {
                exit_code::NEEDS_ATTENTION
            }
            (Some(StopReason::TooManyFailures(_) | StopReason::LongPause(_)), None) => {
                exit_code::UNAVAILABLE
            }
            (None, None) if self.counted().not_done() > 0 => exit_code::UNAVAILABLE,
            (None, None) => exit_code::DONE,
        }
    }

    /// The rows that count.
    pub(super) const fn counted(&self) -> &Counts {
        if self.is_undo { &self.run } else { &self.file }
    }

    pub(super) fn count(&self, is_counted: impl Fn(Status) -> bool) -> u64 {
        let counts = self.counted().iter();
        counts
            .filter(|(status, _)| is_counted(*status))
            .map(|(_, count)| count)
            .sum()
    }

    fn json(&self, subject: &Subject<'_>, exit_code: u8) -> String {
        let counts = |counts: &Counts| -> serde_json::Map<String, serde_json::Value> {
            let named = counts.iter();
            named
                .map(|(status, count)| (status.name().to_owned(), json!(count)))
                .collect()
        };
        let steps = self.next(subject).into_iter();
        let next: Vec<String> = steps.flat_map(|(_, commands)| commands).collect();
        let more = json!({
            "input": subject.request.source.to_string(),
            "results": subject.results,
            "rows": self.file.total() + self.unsent,
            "not_sent": self.unsent,
            "remaining": self.unsent + self.file.not_done(),
            "counts": counts(&self.file),
            "this_run": counts(&self.run),
            "causes": subject.causes,
            "duplicates": self.duplicates,
            "skipped": self.skipped,
            "rate_limit_pauses": self.pauses,
            "stopped": self.stopped.as_ref().map(StopReason::code),
            "seconds": self.elapsed.as_secs_f64(),
            "next": next,
        });
        let command = subject.invocation.command();
        let error = self.error_object();
        object_with(command, Some(subject.environment), error, exit_code, more)
    }

    /// Why the run did not come to its end, for scripts.
    fn error_object(&self) -> Option<serde_json::Value> {
        if let Some(error) = &self.error {
            return Some(error.object());
        }
        let reason = self.stopped.as_ref()?;
        let name = match reason {
            StopReason::Interrupted => "Interrupted",
            StopReason::TooManyFailures(_) | StopReason::LongPause(_) => "NetworkError",
            StopReason::KeyRefused(_) => "AuthError",
            StopReason::Input => "InputError",
            StopReason::Ledger => "ResultsError",
        };
        let hint = Some("run the same command again to resume");
        let message = self.headline();
        Some(error_object(name, reason.code(), message.trim_end(), hint))
    }
}

/// Whether a row with this status has to be corrected: the same command would not help.
pub(super) const fn needs_person(status: Status) -> bool {
    !status.is_done() && !status.is_retryable()
}
