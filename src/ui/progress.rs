//! The progress bar: the only user of indicatif.

use super::Failures;
use super::tally::{Tally, stopping};
use crate::engine::{Event, Observer};
use indicatif::{ProgressDrawTarget, ProgressState, ProgressStyle};
use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A bar on standard error that shows a run. It appears when the rows are counted, which is after
/// all questions.
#[derive(Clone, Debug)]
#[expect(clippy::disallowed_types, reason = "this is the file that owns it")]
pub struct Bar {
    bar: indicatif::ProgressBar,
    /// Where to draw; taken when the bar appears.
    target: Arc<Mutex<Option<ProgressDrawTarget>>>,
    tally: Arc<Mutex<Tally>>,
    failures: Failures,
    file: String,
}

/// Fits 80 columns: what matters most comes first.
const STYLE: &str = "{bar:16} {human_pos}/{human_len}  {details}";

impl Bar {
    /// A bar for a list; `file` is its name for the user.
    pub fn new(file: &str, failures: Failures) -> Self {
        Self::on(ProgressDrawTarget::stderr_with_hz(10), file, failures)
    }

    #[expect(clippy::disallowed_types, reason = "this is the file that owns it")]
    fn on(target: ProgressDrawTarget, file: &str, failures: Failures) -> Self {
        Self {
            bar: indicatif::ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
            target: Arc::new(Mutex::new(Some(target))),
            tally: Arc::default(),
            failures,
            file: file.to_owned(),
        }
    }

    /// Appears, with this many rows.
    fn show(&self, rows: u64) {
        self.bar.set_length(rows);
        let Some(target) = lock(&self.target).take() else {
            return;
        };
        self.bar.set_style(self.style());
        self.bar.set_draw_target(target);
        self.bar.reset_elapsed();
        self.bar.reset_eta();
        self.bar.tick();
        self.bar.enable_steady_tick(Duration::from_millis(250));
    }

    fn style(&self) -> ProgressStyle {
        let tally = Arc::clone(&self.tally);
        ProgressStyle::with_template(STYLE)
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("━╸─")
            .with_key(
                "details",
                move |bar: &ProgressState, out: &mut dyn Write| {
                    let _ = out.write_str(&details(bar, &lock(&tally)));
                },
            )
    }

    /// Writes a line above the bar.
    pub fn line(&self, text: &str) {
        self.bar.println(text);
    }

    /// Removes the bar.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl Observer for Bar {
    fn observe(&mut self, event: &Event<'_>) {
        lock(&self.tally).record(event);
        match event {
            Event::RowsCounted(rows @ 1..) => self.show(*rows),
            Event::RowFinished { line, name, record } => {
                self.bar.inc(1);
                if let Some(text) = self.failures.record(&self.file, *line, name, record) {
                    self.line(&text);
                }
            }
            Event::Draining { reason, running } => self.line(&stopping(reason, *running)),
            _ => {}
        }
    }
}

/// Why the run waits; otherwise its counts, its speed and the time left.
fn details(bar: &ProgressState, tally: &Tally) -> String {
    let state = tally.state();
    if !state.is_empty() {
        return state;
    }
    let mut text = format!("{}  {:.0}/s", tally.counts(), bar.per_sec());
    let left = bar.eta();
    if bar.pos() > 0 && !bar.is_finished() && left.as_secs() > 0 {
        let _ = write!(text, ", {} left", crate::text::duration(left));
    }
    text
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::StopReason;
    use crate::results::{Record, Status};
    use indicatif::InMemoryTerm;

    /// A bar for 40 rows on a terminal in memory.
    fn shown() -> (Bar, InMemoryTerm) {
        let (mut bar, terminal) = hidden();
        bar.observe(&Event::RowsCounted(40));
        (bar, terminal)
    }

    fn hidden() -> (Bar, InMemoryTerm) {
        let terminal = InMemoryTerm::new(30, 80);
        let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
        let bar = Bar::on(target, "customers.csv", Failures::default());
        (bar, terminal)
    }

    fn finish(bar: &mut Bar, rows: std::ops::RangeInclusive<u64>, status: Status) {
        for row in rows {
            let record = Record {
                message: (!status.is_done()).then(|| format!("reason {row}")),
                ..Record::new(row, status)
            };
            bar.observe(&Event::RowFinished {
                line: row + 1,
                name: "Acme",
                record: &record,
            });
        }
        bar.bar.force_draw();
    }

    fn last_line(terminal: &InMemoryTerm) -> String {
        let contents = terminal.contents();
        contents.lines().last().unwrap_or_default().to_owned()
    }

    #[test]
    fn it_appears_when_the_rows_are_counted() {
        let (mut bar, terminal) = hidden();
        assert_eq!(terminal.contents(), "");
        bar.observe(&Event::RowsCounted(0));
        assert_eq!(terminal.contents(), "");
        bar.observe(&Event::RowsCounted(10));
        let contents = terminal.contents();
        assert!(contents.contains("0/10"), "{contents}");
    }

    #[test]
    fn the_bar_moves_with_the_rows_and_fits_80_columns() {
        let (mut bar, terminal) = shown();
        bar.observe(&Event::RowsCounted(250_000));
        finish(&mut bar, 1..=2, Status::Conflict);
        finish(&mut bar, 3..=125_000, Status::Created);
        let line = last_line(&terminal);
        assert!(line.starts_with("━━━━━━━━╸───────"), "{line}");
        assert!(line.contains(" 125,000/250,000  "), "{line}");
        assert!(line.contains("created 124,998, conflict 2"), "{line}");
        assert!(line.ends_with("/s"), "{line}");
    }

    #[test]
    fn failures_are_printed_above_the_bar_and_from_the_eleventh_on_only_counted() {
        let (mut bar, terminal) = shown();
        finish(&mut bar, 1..=3, Status::Created);
        finish(&mut bar, 4..=30, Status::Conflict);
        let contents = terminal.contents();
        let lines: Vec<_> = contents.lines().collect();
        assert_eq!(lines.len(), 12, "{contents}");
        assert_eq!(lines[0], "customers.csv:5: conflict \"Acme\": reason 4");
        assert_eq!(lines[9], "customers.csv:14: conflict \"Acme\": reason 13");
        let more = "more rows need attention: see the results file";
        assert_eq!(lines[10], more, "{contents}");
        assert!(lines[11].contains("created 3, conflict 27"), "{contents}");
    }

    #[test]
    fn it_says_why_it_waits() {
        let (mut bar, terminal) = shown();
        bar.observe(&Event::Throttled(Duration::from_secs(12)));
        finish(&mut bar, 1..=1, Status::Created);
        let line = last_line(&terminal);
        let why = "  rate limited by WorkOS, continuing in 12 s";
        assert!(line.ends_with(why), "{line}");
    }

    #[test]
    fn it_says_why_it_stops_and_removes_itself() {
        let (mut bar, terminal) = shown();
        finish(&mut bar, 1..=1, Status::Created);
        bar.observe(&Event::Draining {
            reason: &StopReason::Interrupted,
            running: 180,
        });
        bar.clear();
        assert_eq!(
            terminal.contents(),
            "stopping: waiting for 180 running requests (up to 8 s); Ctrl-C again stops now"
        );
    }

    #[test]
    fn a_name_cannot_drive_the_terminal() {
        let (mut bar, terminal) = shown();
        bar.observe(&Event::RowFinished {
            line: 2,
            name: "\u{1b}[2J\u{7}Acme\nLtd",
            record: &Record::new(1, Status::Failed),
        });
        assert!(
            terminal.contents().contains("failed \"Acme Ltd\""),
            "{}",
            terminal.contents()
        );
    }
}
