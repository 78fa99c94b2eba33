//! The summary at the end of a run, as text.

use super::conclusion::{Conclusion, Subject};
use crate::journal::Duplicate;
use crate::results::Status;
use crate::text::{counted, duration, grouped, untrusted};
use crate::ui::Cause;
use std::fmt::Write;

/// How many causes are listed.
const CAUSES: usize = 10;

impl Conclusion {
    pub(super) fn text(&self, subject: &Subject<'_>) -> String {
        let mut text = self.headline();
        self.table(&mut text);
        self.causes_text(&mut text, &subject.causes);
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

    pub(super) fn headline(&self) -> String {
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
        let rows = match self.file.total() {
            1 => "the row has".to_owned(),
            rows => format!("all {} rows have", grouped(rows)),
        };
        let attention = match self.file.not_done() {
            0 => String::new(),
            1 => " (1 needs your attention)".to_owned(),
            count => format!(" ({} need your attention)", grouped(count)),
        };
        format!("nothing to send: {rows} a result{attention}\n")
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
            let is_restored = self.is_undo && status == Status::Unchanged;
            if is_restored && now > 0 {
                let _ = write!(text, "  ({} restored)", grouped(now));
            } else if all > now && now > 0 {
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

    fn causes_text(&self, text: &mut String, causes: &[Cause]) {
        if causes.is_empty() {
            return;
        }
        text.push_str("\nrows that need attention, by cause\n");
        for Cause { rows, cause, .. } in causes.iter().take(CAUSES) {
            let _ = writeln!(text, "  {:>7}  {cause}", grouped(*rows));
        }
        if let Some(more @ 1..) = causes.len().checked_sub(CAUSES) {
            let _ = writeln!(
                text,
                "           and {}",
                counted(more as u64, "other cause")
            );
        }
        let of_run: u64 = causes.iter().map(|cause| cause.rows).sum();
        let earlier = self.counted().not_done().saturating_sub(of_run);
        if earlier > 0 && !self.is_united {
            let rows = grouped(earlier);
            let _ = writeln!(text, "  {rows:>7}  before this run: see the results file");
        }
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

    /// Why the exit code is not 0, in one line.
    pub(super) fn why(&self, subject: &Subject<'_>) -> String {
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
}

fn list(ids: &[String]) -> String {
    if ids.is_empty() {
        return "none".to_owned();
    }
    let ids: Vec<_> = ids.iter().map(|id| untrusted(id, 60)).collect();
    ids.join(", ")
}
