//! The end of a run, told: a summary table, or one JSON object, and what to do next.

use super::Error;
use super::again::Invocation;
use super::connection::SANDBOX;
use super::run::{Run, Watched};
use crate::engine::{Duplicate, Progress, StopReason, Summary, Verification};
use crate::exit_code;
use crate::results::{Counts, PassKind, Status};
use crate::text::{counted, duration, grouped};
use crate::ui::{Failures, Printer, report};
use serde_json::json;
use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

/// Everything that is told at the end of a run.
#[derive(Debug)]
pub(super) struct Conclusion {
    kind: PassKind,
    input: String,
    results: PathBuf,
    /// How many rows this run brought to each status.
    run: Counts,
    /// How many rows of the results file stand at each status.
    file: Counts,
    stopped: Option<StopReason>,
    duplicates: Vec<Duplicate>,
    failures: Failures,
    pauses: u64,
    is_whole: bool,
    is_rehearsal: bool,
    pub(super) elapsed: Duration,
    pub(super) error: Option<Error>,
    printer: Printer,
    json: bool,
}

impl Conclusion {
    pub(super) fn new(run: &Run, watched: &Watched, summary: &Summary) -> Self {
        Self {
            kind: run.kind,
            input: run.file.clone(),
            results: run.results.clone(),
            run: summary.counts,
            file: summary.counts,
            stopped: watched.shutdown.reason(),
            duplicates: Vec::new(),
            failures: watched.failures.clone(),
            pauses: summary.pauses,
            is_whole: run.is_whole,
            is_rehearsal: is_rehearsal(run),
            elapsed: Duration::ZERO,
            error: None,
            printer: run.printer,
            json: run.json,
        }
    }

    /// The conclusion of a run that has nothing to do.
    pub(super) fn nothing_left(run: &Run, progress: &Progress) -> Self {
        Self {
            kind: run.kind,
            input: run.file.clone(),
            results: run.results.clone(),
            run: Counts::default(),
            file: progress.counts,
            stopped: None,
            duplicates: Vec::new(),
            failures: Failures::default(),
            pauses: 0,
            is_whole: true,
            is_rehearsal: is_rehearsal(run),
            elapsed: Duration::ZERO,
            error: None,
            printer: run.printer,
            json: run.json,
        }
    }

    /// Takes in what the check at the end found.
    pub(super) fn verified(&mut self, verification: Verification) {
        for was in verification.resolved {
            self.run.remove(was);
            self.run.add(Some(Status::Created));
        }
        self.duplicates = verification.duplicates;
    }

    /// Takes in how many rows of the results file now stand at each status.
    pub(super) const fn counted(&mut self, counts: Counts) {
        self.file = counts;
    }

    /// How many rows the results file holds.
    pub(super) fn rows(&self) -> u64 {
        self.file.total()
    }

    fn exit_code(&self) -> u8 {
        match (&self.stopped, &self.error) {
            (Some(StopReason::KeyRefused(_)), _) => exit_code::CREDENTIALS,
            (_, Some(error)) => error.exit_code(),
            (Some(StopReason::Interrupted), None) => exit_code::INTERRUPTED,
            (Some(StopReason::Results), None) => exit_code::RESULTS,
            (Some(_), None) => exit_code::NEEDS_ATTENTION,
            (None, None) if !self.duplicates.is_empty() => exit_code::NEEDS_ATTENTION,
            (None, None) if self.file.not_done() > 0 => exit_code::NEEDS_ATTENTION,
            (None, None) => exit_code::DONE,
        }
    }

    /// Tells it all and returns the exit code.
    pub(super) fn tell(mut self) -> Result<u8, Error> {
        let code = self.exit_code();
        let text = if self.json {
            self.json(code)
        } else {
            self.text()
        };
        if self.json || !self.printer.is_quiet() {
            self.printer.result(&text).map_err(|source| Error::System {
                what: "the summary cannot be written",
                source,
            })?;
        }
        if let Some(StopReason::KeyRefused(refusal)) = self.stopped.take() {
            let error = Error::KeyRefused(refusal);
            report(self.printer, &error, error.hint().as_deref());
        } else if let Some(error) = &self.error {
            report(self.printer, error, error.hint().as_deref());
        }
        Ok(code)
    }

    fn text(&self) -> String {
        let mut text = String::new();
        let settled = self.run.total();
        if settled == 0 && self.stopped.is_none() && self.error.is_none() {
            let all = counted(self.rows(), "row");
            let _ = writeln!(text, "nothing is left to do: {all} in the results file");
        } else {
            let rows = counted(settled, "row");
            let _ = writeln!(text, "{rows} in {}", duration(self.elapsed));
        }
        self.table(&mut text);
        let causes = self.failures.by_cause();
        if !causes.is_empty() {
            let _ = write!(text, "\nwhat needs attention, by cause\n{causes}");
        }
        if self.pauses > 0 {
            let times = counted(self.pauses, "time");
            let _ = writeln!(text, "\nWorkOS asked to slow down {times}");
        }
        self.told_duplicates(&mut text);
        let _ = write!(text, "\nresults: {}", self.results.display());
        if let Some((what, commands)) = self.next() {
            let _ = write!(text, "\nnext:    {what}");
            for command in commands {
                let _ = write!(text, "\n         {command}");
            }
        }
        text
    }

    fn table(&self, text: &mut String) {
        for ((status, now), (_, all)) in self.run.iter().zip(self.file.iter()) {
            if now == 0 && all == 0 {
                continue;
            }
            let _ = write!(text, "\n  {status:<10} {:>9}", grouped(all));
            if all > now && now > 0 {
                let _ = write!(text, "  ({} in this run)", grouped(now));
            } else if all > 0 && now == 0 && self.run.total() > 0 {
                let _ = write!(text, "  (before this run)");
            }
        }
        text.push('\n');
    }

    fn told_duplicates(&self, text: &mut String) {
        for duplicate in &self.duplicates {
            let Duplicate {
                row,
                name,
                organization_id,
                duplicate_id,
            } = duplicate;
            let _ = writeln!(
                text,
                "\nduplicate: row {row} ({}) is {organization_id}, and {duplicate_id} is the same again: delete one of the two in the WorkOS dashboard",
                crate::text::untrusted(name, 60)
            );
        }
    }

    /// What to do next, and the commands for it.
    fn next(&self) -> Option<(&'static str, Vec<String>)> {
        let called = Invocation::current();
        if self.is_rehearsal {
            let import = (self.kind == PassKind::Import).then(|| {
                vec![
                    "export WORKOS_API_KEY=sk_…".to_owned(),
                    called.without_sandbox(),
                ]
            });
            return import.map(|commands| {
                let what = if self.file.not_done() > 0 {
                    "this was a rehearsal in a sandbox: correct the rows that are not done in the list itself, then import it into WorkOS:"
                } else {
                    "this was a rehearsal in a sandbox; to import into WorkOS:"
                };
                (what, commands)
            });
        }
        let unfinished = self.stopped.is_some() || self.error.is_some() || !self.is_whole;
        if unfinished {
            return Some(("to go on where this run stopped:", vec![called.again()]));
        }
        (self.file.not_done() > 0).then(|| {
            let what = "correct the rows that are not done in that file, then:";
            (what, vec![called.retry(&self.results)])
        })
    }

    fn json(&self, exit_code: u8) -> String {
        let counts = |counts: &Counts| -> serde_json::Map<String, serde_json::Value> {
            let named = counts.iter();
            named
                .map(|(status, count)| (status.name().to_owned(), json!(count)))
                .collect()
        };
        let duplicates: Vec<_> = self
            .duplicates
            .iter()
            .map(|duplicate| {
                json!({
                    "row": duplicate.row,
                    "organization_id": duplicate.organization_id,
                    "duplicate_id": duplicate.duplicate_id,
                })
            })
            .collect();
        let stopped = self.stopped.as_ref().map(|reason| match reason {
            StopReason::Interrupted => "interrupted",
            StopReason::TooManyFailures(_) => "too_many_failures",
            StopReason::Input => "input",
            StopReason::Results => "results",
            StopReason::KeyRefused(_) => "key_refused",
        });
        json!({
            "command": match self.kind { PassKind::Import => "import", PassKind::Retry => "retry" },
            "input": self.input,
            "results": self.results,
            "rows": self.rows(),
            "counts": counts(&self.file),
            "this_run": counts(&self.run),
            "duplicates": duplicates,
            "rate_limit_pauses": self.pauses,
            "stopped": stopped,
            "error": self.error.as_ref().map(ToString::to_string),
            "seconds": self.elapsed.as_secs_f64(),
            "exit_code": exit_code,
        })
        .to_string()
    }
}

/// Whether the run talks to a sandbox that is gone when it ends.
fn is_rehearsal(run: &Run) -> bool {
    let run_file = run.run_file();
    let header = run_file.state().header.as_ref();
    header.is_some_and(|header| header.environment == SANDBOX)
}
