//! The progress bar: the only user of indicatif.

use super::Failures;
use super::paint::painted;
use super::tally::{Tally, stopping};
use super::ticker::Ticker;
use super::width::width;
use crate::engine::{Event, Observer};
use crate::text::wrapped;
use anstream::ColorChoice;
use indicatif::{ProgressDrawTarget, ProgressStyle};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A bar on standard error that shows a run. It appears when the rows are counted, which is after
/// all questions.
#[derive(Clone, Debug)]
#[expect(clippy::disallowed_types, reason = "this is the file that owns it")]
pub struct Bar {
    bar: indicatif::ProgressBar,
    /// Where to draw; taken when the bar appears.
    target: Arc<Mutex<Option<ProgressDrawTarget>>>,
    tally: Arc<Mutex<Tally>>,
    ticker: Arc<Mutex<Option<Ticker>>>,
    failures: Failures,
    file: String,
    /// The width of the terminal, where it is not measured.
    width: Option<usize>,
}

/// The bar that is on the screen, so that logs are written above it.
#[expect(clippy::disallowed_types, reason = "this is the file that owns it")]
static SHOWN: Mutex<Option<indicatif::ProgressBar>> = Mutex::new(None);

/// Writes a line above the bar that is on the screen; `false` where there is none.
pub(super) fn above_the_bar(text: &str) -> bool {
    let bar = lock(&SHOWN).clone();
    if let Some(bar) = &bar {
        bar.println(text);
    }
    bar.is_some()
}

/// The width of a terminal that does not say it.
const WIDTH: usize = 80;
/// The width of the bar itself.
const BAR: usize = 16;
/// How often what is shown is brought up to date.
const EVERY: Duration = Duration::from_millis(250);

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
            ticker: Arc::default(),
            failures,
            file: file.to_owned(),
            width: None,
        }
    }

    /// Appears.
    fn show(&self) {
        let Some(target) = lock(&self.target).take() else {
            return;
        };
        let style = ProgressStyle::with_template("{msg}");
        self.bar
            .set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        self.bar.set_draw_target(target);
        self.draw();
        let this = Self {
            ticker: Arc::default(),
            ..self.clone()
        };
        *lock(&SHOWN) = Some(this.bar.clone());
        *lock(&self.ticker) = Some(Ticker::new(EVERY, move || this.draw()));
    }

    fn draw(&self) {
        let width = self.width.or_else(width).unwrap_or(WIDTH);
        let text = frame(&lock(&self.tally), width, Instant::now());
        self.bar.set_message(text);
        self.bar.tick();
    }

    /// Writes a line above the bar.
    pub fn line(&self, text: &str) {
        let width = self.width.or_else(width).unwrap_or(WIDTH);
        let text = wrapped(text, width);
        let has_colors = anstream::AutoStream::choice(&std::io::stderr()) != ColorChoice::Never;
        self.bar.println(if has_colors {
            painted(&text)
        } else {
            text.as_str().into()
        });
    }

    /// Whether it is on the screen.
    pub(super) fn is_shown(&self) -> bool {
        lock(&self.ticker).is_some()
    }

    /// Removes the bar.
    pub fn clear(&self) {
        lock(&self.ticker).take();
        lock(&SHOWN).take();
        self.bar.finish_and_clear();
    }
}

impl Observer for Bar {
    fn observe(&mut self, event: &Event<'_>) {
        lock(&self.tally).record(event);
        match event {
            Event::RowsCounted(1..) => self.show(),
            Event::RowFinished { line, name, record } => {
                if let Some(text) = self.failures.record(&self.file, *line, name, record) {
                    self.line(&text);
                }
            }
            Event::Draining { reason, running } => {
                self.line(&stopping(reason, *running));
                self.draw();
            }
            Event::RateAsked(what) if self.is_shown() => self.line(what),
            Event::Throttled(_) | Event::Trouble(_) | Event::InDoubt { .. } if self.is_shown() => {
                self.draw();
            }
            _ => {}
        }
    }
}

/// What is shown: the bar, what is done, the rate and the time left, which always fit; the counts as
/// far as they do; and on a second line why the run waits.
fn frame(tally: &Tally, width: usize, now: Instant) -> String {
    let progress = tally.progress(now);
    let room = width.saturating_sub(progress.chars().count() + 2);
    let mut text = bar(tally.part(), BAR.min(room));
    if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(&progress);
    let counts = tally.counts();
    let used = text.chars().count() + 2 + counts.chars().count();
    if !counts.is_empty() && used < width {
        text.push_str("  ");
        text.push_str(&counts);
    }
    let mut lines = vec![fitted(&text, width)];
    let note = tally.note(now);
    if !note.is_empty() {
        lines.push(fitted(&note, width));
    }
    lines.join("\n")
}

fn bar(part: f64, width: usize) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the part is between 0 and 1"
    )]
    let done = (part * width as f64) as usize;
    let head = usize::from(done < width && part > 0.0);
    let rest = width.saturating_sub(done + head);
    format!(
        "{}{}{}",
        "━".repeat(done),
        "╸".repeat(head),
        "─".repeat(rest)
    )
}

/// As much of a line as fits this width.
fn fitted(text: &str, width: usize) -> String {
    if text.chars().count() < width {
        return text.to_owned();
    }
    let mut text: String = text.chars().take(width.saturating_sub(2)).collect();
    text.push('…');
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
        of_width(80)
    }

    fn of_width(width: u16) -> (Bar, InMemoryTerm) {
        of_size(30, width)
    }

    fn of_size(height: u16, width: u16) -> (Bar, InMemoryTerm) {
        let terminal = InMemoryTerm::new(height, width);
        let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
        let mut bar = Bar::on(target, "customers.csv", Failures::default());
        bar.width = Some(width.into());
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
        bar.draw();
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
        assert!(
            line.starts_with("━━━━━━━━╸─────── 125,000/250,000  "),
            "{line}"
        );
        assert!(line.contains("/s, "), "{line}");
        assert!(line.contains(" left"), "{line}");
        assert!(line.chars().count() <= 80, "{line}");
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
        assert!(lines[11].contains(" 30/40  "), "{contents}");
    }

    #[test]
    fn it_says_why_it_waits() {
        let (mut bar, terminal) = shown();
        bar.observe(&Event::Throttled(Duration::from_secs(12)));
        finish(&mut bar, 1..=1, Status::Created);
        let line = last_line(&terminal);
        let why = "rate limited by WorkOS, continuing in 12 s (Ctrl-C is safe)";
        assert_eq!(line, why);
        let contents = terminal.contents();
        assert!(contents.contains(" 1/40  "), "{contents}");
    }

    #[test]
    fn done_and_total_are_shown_in_a_narrow_window_too() {
        for width in [12, 20, 40, 80, 120] {
            let (mut bar, terminal) = of_width(width);
            bar.observe(&Event::RowsCounted(5_000));
            finish(&mut bar, 1..=710, Status::Created);
            let contents = terminal.contents();
            assert!(contents.contains("710/5,000"), "{width}: {contents}");
            let line = last_line(&terminal);
            assert!(line.chars().count() <= width.into(), "{width}: {line}");
            assert_eq!(line.contains("created 710"), width >= 80, "{width}: {line}");
        }
    }

    #[test]
    fn an_outage_is_shown_and_disappears() {
        let (mut bar, terminal) = shown();
        bar.observe(&Event::Trouble("WorkOS answers 503"));
        bar.bar.force_draw();
        let line = last_line(&terminal);
        assert!(line.starts_with("WorkOS answers 503; trying"), "{line}");
        bar.observe(&Event::Answered);
        finish(&mut bar, 1..=1, Status::Created);
        assert!(
            !terminal.contents().contains("503"),
            "{}",
            terminal.contents()
        );
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

    /// The terminals that people have: the usual one, and a large one.
    const TERMINALS: [(u16, u16); 2] = [(24, 80), (40, 120)];

    #[test]
    fn an_outage_is_one_line_below_the_bar_in_every_terminal() {
        for (height, width) in TERMINALS {
            let (mut bar, terminal) = of_size(height, width);
            bar.observe(&Event::RowsCounted(5_000));
            finish(&mut bar, 1..=710, Status::Created);
            for _ in 0..50 {
                bar.observe(&Event::Trouble("WorkOS answers 503"));
                bar.bar.force_draw();
            }
            let contents = terminal.contents();
            let lines: Vec<_> = contents.lines().collect();
            assert_eq!(lines.len(), 2, "{contents}");
            assert!(lines[0].contains(" 710/5,000  "), "{contents}");
            let end = "; trying again (Ctrl-C is safe)";
            assert!(lines[1].ends_with(end), "{contents}");
        }
    }

    #[test]
    fn a_resumed_run_shows_how_many_rows_were_checked() {
        for (height, width) in TERMINALS {
            let (mut bar, terminal) = of_size(height, width);
            bar.observe(&Event::RowsCounted(4_290));
            bar.observe(&Event::InDoubt {
                rows: 180,
                is_interrupted: true,
            });
            for _ in 0..40 {
                bar.observe(&Event::LookedUp);
            }
            bar.draw();
            bar.bar.force_draw();
            let note = "checking 180 rows of the interrupted run: 40 done";
            assert_eq!(last_line(&terminal), note);
            for _ in 0..140 {
                bar.observe(&Event::LookedUp);
            }
            finish(&mut bar, 1..=180, Status::Created);
            assert!(!terminal.contents().contains("checking"));
            assert!(last_line(&terminal).contains("180/4,290"));
        }
    }

    #[test]
    fn ctrl_c_leaves_what_was_said_and_no_bar() {
        for (height, width) in TERMINALS {
            let (mut bar, terminal) = of_size(height, width);
            bar.observe(&Event::RowsCounted(5_000));
            finish(&mut bar, 1..=2, Status::Conflict);
            bar.observe(&Event::Draining {
                reason: &StopReason::Interrupted,
                running: 12,
            });
            finish(&mut bar, 3..=14, Status::Created);
            assert!(last_line(&terminal).starts_with("stopping: waiting for 12"));
            bar.clear();
            let contents = terminal.contents();
            let lines: Vec<_> = contents.lines().collect();
            assert_eq!(lines.len(), 3, "{contents}");
            assert!(lines[2].starts_with("stopping: waiting for 12 running requests"));
        }
    }

    #[test]
    fn wide_characters_and_long_lines_leave_the_bar_in_its_place() {
        for (height, width) in TERMINALS {
            let (mut bar, terminal) = of_size(height, width);
            bar.observe(&Event::RowsCounted(40));
            for row in 1..=4 {
                let record = Record {
                    message: Some("株式会社の名前が使われています ".repeat(4)),
                    ..Record::new(row, Status::Conflict)
                };
                bar.observe(&Event::RowFinished {
                    line: row + 1,
                    name: "株式会社アクメ",
                    record: &record,
                });
            }
            finish(&mut bar, 5..=9, Status::Created);
            let contents = terminal.contents();
            let failures = contents.matches("株式会社アクメ").count();
            assert_eq!(failures, 4, "{contents}");
            assert_eq!(contents.matches("9/40").count(), 1, "{contents}");
            assert!(last_line(&terminal).contains(" 9/40  "), "{contents}");
        }
    }

    #[test]
    fn a_narrow_window_cuts_the_note_and_keeps_the_bar() {
        for width in [20, 40] {
            let (mut bar, terminal) = of_size(24, width);
            bar.observe(&Event::RowsCounted(5_000));
            finish(&mut bar, 1..=710, Status::Created);
            bar.observe(&Event::Trouble("WorkOS answers 503"));
            bar.bar.force_draw();
            let contents = terminal.contents();
            let lines: Vec<_> = contents.lines().collect();
            assert_eq!(lines.len(), 2, "{contents}");
            assert!(lines[0].contains("710/5,000"), "{contents}");
            assert!(lines[1].ends_with('…'), "{contents}");
        }
    }
}
