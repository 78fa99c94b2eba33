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
use crate::plan::Mode;
use crate::results::{Counts, Status};
use crate::text::{counted, duration, grouped, untrusted};
use crate::ui::{Printer, report};
use serde_json::json;
use std::fmt::Write;
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
    pub causes: Vec<(String, u64)>,
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
        printer.result(&text).map_err(|source| Error::System {
            what: "cannot write the summary",
            source,
        })?;
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

    fn text(&self, subject: &Subject<'_>) -> String {
        let mut text = self.headline();
        self.table(&mut text);
        causes_text(&mut text, &subject.causes);
        if self.pauses > 0 {
            let times = counted(self.pauses, "time");
            let _ = writeln!(text, "\nWorkOS limited the rate {times}");
        }
        self.duplicates_text(&mut text);
        let _ = write!(
            text,
            "\nresults: {}",
            untrusted(&subject.results.display().to_string(), 500)
        );
        for (index, (what, commands)) in self.next(subject).into_iter().enumerate() {
            let topic = if index == 0 { "next:" } else { "then:" };
            let _ = write!(text, "\n{topic:<8} {what}");
            for command in commands {
                let _ = write!(text, "\n         {command}");
            }
        }
        text
    }

    fn headline(&self) -> String {
        let processed = self.run.total();
        if processed == 0 && self.stopped.is_none() && self.error.is_none() {
            return self.nothing_to_send();
        }
        let time = duration(self.elapsed);
        if self.stopped.is_none() {
            let noun = if self.is_united {
                "organization"
            } else {
                "row"
            };
            return format!("{} in {time}\n", counted(processed, noun));
        }
        let (all, open) = (self.file.total(), self.file.not_done());
        let open_rows = if open > 0 {
            format!(", {} not done", grouped(open))
        } else {
            String::new()
        };
        format!(
            "stopped after {time}: {} of {} done{open_rows}, {} not sent\n",
            grouped(all - open),
            counted(all + self.unsent, "row"),
            grouped(self.unsent)
        )
    }

    fn nothing_to_send(&self) -> String {
        if !self.skipped.is_empty() {
            return "nothing was sent\n".to_owned();
        }
        if self.is_undo {
            return "nothing to take back\n".to_owned();
        }
        let rows = counted(self.file.total(), "row");
        let attention = match self.file.not_done() {
            0 => String::new(),
            1 => " (1 needs your attention)".to_owned(),
            count => format!(" ({} need your attention)", grouped(count)),
        };
        format!("nothing to send: all {rows} have a result{attention}\n")
    }

    fn table(&self, text: &mut String) {
        for ((status, now), (_, all)) in self.run.iter().zip(self.file.iter()) {
            if now == 0 && all == 0 {
                continue;
            }
            let _ = write!(text, "\n  {status:<11} {:>9}", grouped(all));
            if self.is_united {
                // The run is counted in organizations, the file in rows.
                continue;
            }
            if all > now && now > 0 {
                let _ = write!(text, "  ({} in this run)", grouped(now));
            } else if all > 0 && now == 0 && self.run.total() > 0 {
                let _ = write!(text, "  (before this run)");
            }
        }
        if self.unsent > 0 {
            let _ = write!(text, "\n  {:<11} {:>9}", "not sent", grouped(self.unsent));
        }
        if !self.skipped.is_empty() {
            let skipped = grouped(self.skipped.len() as u64);
            let _ = write!(
                text,
                "\n  {:<11} {skipped:>9}  (not as in the plan)",
                "skipped"
            );
        }
        text.push('\n');
    }

    fn duplicates_text(&self, text: &mut String) {
        for duplicate in &self.duplicates {
            let Duplicate {
                rows,
                name,
                owned,
                unowned,
            } = duplicate;
            let rows: Vec<_> = rows.iter().map(ToString::to_string).collect();
            let noun = if rows.len() == 1 { "row" } else { "rows" };
            let _ = writeln!(
                text,
                "\nwarning: {} match {noun} {} (\"{}\"). Owned by these rows: {}. Owned by no row: {}. \
                 Compare them in the WorkOS dashboard; this is reported until there are no more than the rows own",
                counted((owned.len() + unowned.len()) as u64, "organization"),
                rows.join(", "),
                untrusted(name, 60),
                list(owned),
                list(unowned),
            );
        }
    }

    /// What to do next, step by step, and the commands for it.
    fn next(&self, subject: &Subject<'_>) -> Vec<(String, Vec<String>)> {
        let invocation = subject.invocation;
        let is_retry = subject.request.is_retry();
        if subject.environment.is_sandbox() {
            let step = (!is_retry).then(|| after_test_run(invocation, self.file.not_done() > 0));
            return step.into_iter().collect();
        }
        let is_partial = subject.request.limit.is_some() && self.unsent > 0;
        if is_partial && self.stopped.is_none() && self.error.is_none() {
            let rows = counted(self.unsent, "row");
            let what = format!("to import the other {rows}:");
            return vec![(what, vec![invocation.whole()])];
        }
        if self.stopped.is_some() || self.error.is_some() {
            return vec![("to resume:".to_owned(), vec![invocation.again()])];
        }
        let mut steps = Vec::new();
        if !self.skipped.is_empty() {
            let rows = counted(self.skipped.len() as u64, "row");
            let what = format!("{rows} skipped: look at a new plan:");
            steps.push((what, vec![invocation.plan_again()]));
        }
        let unavailable = self.count(Status::is_retryable);
        let unavailable = unavailable.saturating_sub(self.unlisted);
        if self.unlisted > 0 {
            let rows = counted(self.unlisted, "row");
            let what = format!(
                "{rows} of the results file failed because WorkOS was unavailable, and the list does not have them:"
            );
            steps.push((what, vec![invocation.retry(&subject.results)]));
        }
        if unavailable > 0 {
            let rows = counted(unavailable, "row");
            let what = format!(
                "{rows} failed because WorkOS was unavailable. Run the same command again:"
            );
            steps.push((what, vec![invocation.again()]));
        }
        let to_fix = self.count(needs_person);
        if to_fix > 0 && self.is_undo {
            let left = if to_fix == 1 {
                "was left as it is"
            } else {
                "were left as they are"
            };
            let what = format!(
                "{} {left}: the reasons are in the column workos_message",
                counted(to_fix, "organization")
            );
            steps.push((what, Vec::new()));
        } else if to_fix > 0 {
            let results = untrusted(&subject.results.display().to_string(), 500);
            let what = format!(
                "fix the {} with status {} in {results}, then:",
                counted(to_fix, "row"),
                self.statuses_to_fix(),
            );
            steps.push((what, vec![invocation.retry(&subject.results)]));
        }
        let has_conflicts = self.count(|status| status == Status::Conflict) > 0;
        let is_of_creations = matches!(subject.request.mode, Mode::Import | Mode::Retry(_));
        if has_conflicts && is_of_creations {
            let what =
                "if a conflict is with an organization of the same customer, take it as it is:";
            let adopt = format!("{} --adopt", invocation.retry(&subject.results));
            steps.push((what.to_owned(), vec![adopt]));
            if !is_retry {
                let what = "or compare the whole list, and update what differs:".to_owned();
                steps.push((what, vec![invocation.carry_out("sync")]));
            }
        }
        steps
    }

    /// Why the exit code is not 0, in one line.
    fn why(&self, subject: &Subject<'_>) -> String {
        let results = untrusted(&subject.results.display().to_string(), 500);
        if self.stopped.is_some() {
            return self.headline().trim_end().to_owned();
        }
        let counts = self.counted().iter();
        let open = counts.filter(|(status, count)| *count > 0 && !status.is_done());
        let mut causes: Vec<_> = open
            .map(|(status, count)| format!("{} {status}", grouped(count)))
            .collect();
        if !self.skipped.is_empty() {
            causes.push(format!("{} skipped", grouped(self.skipped.len() as u64)));
        }
        if !self.duplicates.is_empty() {
            let found = counted(self.duplicates.len() as u64, "possible duplicate");
            causes.push(found);
        }
        format!(
            "not every row is done: {} (see {results})",
            causes.join(", ")
        )
    }

    /// The rows that count.
    const fn counted(&self) -> &Counts {
        if self.is_undo { &self.run } else { &self.file }
    }

    fn count(&self, is_counted: impl Fn(Status) -> bool) -> u64 {
        let counts = self.counted().iter();
        counts
            .filter(|(status, _)| is_counted(*status))
            .map(|(_, count)| count)
            .sum()
    }

    /// `conflict or failed`.
    fn statuses_to_fix(&self) -> String {
        let counts = self.file.iter();
        let open = counts.filter(|(status, count)| *count > 0 && needs_person(*status));
        let names: Vec<_> = open.map(|(status, _)| status.name()).collect();
        names.join(" or ")
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
        let causes = subject.causes.iter();
        let causes: Vec<_> = causes
            .map(|(cause, rows)| json!({"cause": cause, "rows": rows}))
            .collect();
        let more = json!({
            "input": subject.request.source.to_string(),
            "results": subject.results,
            "rows": self.file.total() + self.unsent,
            "not_sent": self.unsent,
            "remaining": self.unsent + self.file.not_done(),
            "counts": counts(&self.file),
            "this_run": counts(&self.run),
            "causes": causes,
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
const fn needs_person(status: Status) -> bool {
    !status.is_done() && !status.is_retryable()
}

/// How many causes are listed.
const CAUSES: usize = 10;

fn causes_text(text: &mut String, causes: &[(String, u64)]) {
    if causes.is_empty() {
        return;
    }
    text.push_str("\nrows that need attention, by cause\n");
    for (cause, count) in causes.iter().take(CAUSES) {
        let _ = writeln!(text, "  {count:>7}  {cause}");
    }
    if let Some(more @ 1..) = causes.len().checked_sub(CAUSES) {
        let _ = writeln!(
            text,
            "           and {}",
            counted(more as u64, "other cause")
        );
    }
}

fn after_test_run(invocation: &Invocation, has_open_rows: bool) -> (String, Vec<String>) {
    let fix = if has_open_rows {
        "fix the rows that failed in the list itself, then import it into WorkOS:"
    } else {
        "to import into WorkOS:"
    };
    let set = crate::text::set_variable("WORKOS_API_KEY", "sk_…");
    let what = format!("this was a test run in a local sandbox; {fix}");
    (what, vec![set, invocation.without_sandbox()])
}

fn list(ids: &[String]) -> String {
    if ids.is_empty() {
        return "none".to_owned();
    }
    let ids: Vec<_> = ids.iter().map(|id| untrusted(id, 60)).collect();
    ids.join(", ")
}
