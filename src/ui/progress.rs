//! The progress bar: the only user of indicatif.

use super::Failures;
use super::tally::Tally;
use crate::engine::{Event, Observer};
use indicatif::{ProgressDrawTarget, ProgressState, ProgressStyle};
use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A bar on standard error that shows a run.
#[derive(Clone, Debug)]
#[expect(clippy::disallowed_types, reason = "this is the file that owns it")]
pub struct Bar {
    bar: indicatif::ProgressBar,
    tally: Arc<Mutex<Tally>>,
    failures: Failures,
    file: String,
}

const COUNTED: &str = "{bar:24} {human_pos}/{human_len}  {counts}  {pace}";
const UNCOUNTED: &str = "{spinner} {human_pos} rows  {counts}  {pace}";

impl Bar {
    /// A bar for an input that the user knows under the name `file`; nothing is drawn yet.
    #[expect(clippy::disallowed_types, reason = "this is the file that owns it")]
    pub fn new(file: &str, failures: Failures) -> Self {
        let bar = Self {
            bar: indicatif::ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
            tally: Arc::default(),
            failures,
            file: file.to_owned(),
        };
        bar.bar.set_style(bar.style(UNCOUNTED));
        bar
    }

    /// Begins to draw on the terminal, once nothing else is to be said or asked there.
    pub fn show(&self) {
        self.show_on(ProgressDrawTarget::stderr_with_hz(10));
        self.bar.enable_steady_tick(Duration::from_millis(250));
    }

    fn show_on(&self, target: ProgressDrawTarget) {
        self.bar.set_draw_target(target);
        self.bar.reset_elapsed();
        self.bar.reset_eta();
        self.bar.tick();
    }

    fn style(&self, template: &str) -> ProgressStyle {
        let (counts, tally) = (Arc::clone(&self.tally), Arc::clone(&self.tally));
        ProgressStyle::with_template(template)
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("━╸─")
            .with_key("counts", move |_: &ProgressState, out: &mut dyn Write| {
                let _ = out.write_str(&lock(&counts).counts());
            })
            .with_key("pace", move |bar: &ProgressState, out: &mut dyn Write| {
                let _ = out.write_str(&pace(bar, &lock(&tally).state()));
            })
    }

    /// Writes a line above the bar.
    pub fn line(&self, text: &str) {
        self.bar.println(text);
    }

    /// Takes the bar off the screen.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl Observer for Bar {
    fn observe(&mut self, event: &Event<'_>) {
        lock(&self.tally).take(event);
        match event {
            Event::RowsCounted(rows) => {
                self.bar.set_length(*rows);
                self.bar.set_style(self.style(COUNTED));
            }
            Event::RowFinished { line, name, record } => {
                self.bar.inc(1);
                if let Some(text) = self.failures.take(&self.file, *line, name, record) {
                    self.line(&text);
                }
            }
            Event::Draining(reason) => self.line(&super::tally::why(reason)),
            _ => {}
        }
    }
}

/// How fast it goes and for how long; or why it does not.
fn pace(bar: &ProgressState, why_not: &str) -> String {
    if !why_not.is_empty() {
        return format!("· {why_not}");
    }
    let mut text = format!("{:.0}/s", bar.per_sec());
    if bar.len().is_some() && bar.pos() > 0 && !bar.is_finished() {
        let _ = write!(text, ", {} left", crate::text::duration(bar.eta()));
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

    /// A bar on a terminal in memory.
    fn shown() -> (Bar, InMemoryTerm) {
        let terminal = InMemoryTerm::new(30, 100);
        let bar = Bar::new("customers.csv", Failures::default());
        let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
        bar.show_on(target);
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
    fn nothing_is_drawn_before_it_is_shown() {
        let terminal = InMemoryTerm::new(5, 80);
        let mut bar = Bar::new("customers.csv", Failures::default());
        bar.observe(&Event::RowsCounted(10));
        assert_eq!(terminal.contents(), "");
        bar.show_on(ProgressDrawTarget::term_like(Box::new(terminal.clone())));
        assert!(
            terminal.contents().contains("0/10"),
            "{}",
            terminal.contents()
        );
    }

    #[test]
    fn the_bar_moves_with_the_rows() {
        let (mut bar, terminal) = shown();
        finish(&mut bar, 1..=5, Status::Created);
        assert!(
            last_line(&terminal).contains(" 5 rows  "),
            "{}",
            last_line(&terminal)
        );

        bar.observe(&Event::RowsCounted(2_000));
        finish(&mut bar, 6..=1_000, Status::Created);
        let line = last_line(&terminal);
        assert!(line.starts_with("━━━━━━━━━━━━╸───────────"), "{line}");
        assert!(line.contains(" 1,000/2,000  "), "{line}");
        assert!(line.contains("created 1,000"), "{line}");
        assert!(line.contains(" left"), "{line}");
    }

    #[test]
    fn failures_stand_above_the_bar_and_from_the_eleventh_on_are_only_counted() {
        let (mut bar, terminal) = shown();
        bar.observe(&Event::RowsCounted(40));
        finish(&mut bar, 1..=3, Status::Created);
        finish(&mut bar, 4..=30, Status::Conflict);
        let contents = terminal.contents();
        let lines: Vec<_> = contents.lines().collect();
        assert_eq!(lines.len(), 12, "{contents}");
        assert_eq!(lines[0], "customers.csv:5: conflict \"Acme\": reason 4");
        assert_eq!(lines[9], "customers.csv:14: conflict \"Acme\": reason 13");
        assert!(
            lines[10].starts_with("more rows need attention"),
            "{contents}"
        );
        assert!(lines[11].contains("created 3, conflict 27"), "{contents}");
    }

    #[test]
    fn it_says_why_it_waits() {
        let (mut bar, terminal) = shown();
        bar.observe(&Event::RowsCounted(10));
        bar.observe(&Event::Throttled(Duration::from_secs(12)));
        finish(&mut bar, 1..=1, Status::Created);
        let line = last_line(&terminal);
        assert!(
            line.ends_with("· rate limited by WorkOS, going on in 12 s"),
            "{line}"
        );
    }

    #[test]
    fn it_says_why_it_stops_and_leaves_nothing_of_itself_behind() {
        let (mut bar, terminal) = shown();
        bar.observe(&Event::RowsCounted(10));
        finish(&mut bar, 1..=1, Status::Created);
        bar.observe(&Event::Draining(&StopReason::Interrupted));
        bar.clear();
        assert_eq!(
            terminal.contents(),
            "stopping: finishing what is in flight (Ctrl-C again to stop at once)"
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
