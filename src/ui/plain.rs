//! Progress without a terminal: a line every few seconds, also while nothing happens.

use super::tally::{Tally, stopping};
use super::ticker::Ticker;
use super::{Failures, Printer};
use crate::engine::{Event, Observer};
use jiff::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often a line is written.
const EVERY: Duration = Duration::from_secs(5);

/// Prints a line.
type Print = Box<dyn FnMut(&str) + Send>;

/// Shows a run as lines on standard error.
pub struct PlainLines {
    shared: Arc<Mutex<Lines>>,
    failures: Failures,
    file: String,
    ticker: Option<Ticker>,
}

struct Lines {
    print: Print,
    tally: Tally,
}

impl PlainLines {
    /// Lines for a list; `file` is its name for the user.
    pub fn new(file: &str, failures: Failures, printer: Printer) -> Self {
        Self::with(file, failures, Box::new(move |line| printer.info(line)))
    }

    fn with(file: &str, failures: Failures, print: Print) -> Self {
        Self {
            shared: Arc::new(Mutex::new(Lines {
                print,
                tally: Tally::default(),
            })),
            failures,
            file: file.to_owned(),
            ticker: None,
        }
    }

    fn lines<T>(&self, act: impl FnOnce(&mut Lines) -> T) -> T {
        act(&mut self.shared.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A line every few seconds from now on.
    fn start(&mut self) {
        let shared = Arc::clone(&self.shared);
        self.ticker = Some(Ticker::new(EVERY, move || {
            shared.lock().unwrap_or_else(PoisonError::into_inner).tick();
        }));
    }
}

impl Lines {
    /// Writes how far the run is.
    fn tick(&mut self) {
        let now = Instant::now();
        let mut line = self.tally.progress(now);
        for more in [self.tally.counts(), self.tally.note(now)] {
            if !more.is_empty() {
                line.push_str(" · ");
                line.push_str(&more);
            }
        }
        self.line(&line);
    }

    /// Writes a line with its time.
    fn line(&mut self, text: &str) {
        let time = Timestamp::now().strftime("%H:%M:%SZ");
        (self.print)(&format!("{time} {text}"));
    }
}

impl std::fmt::Debug for PlainLines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlainLines").finish_non_exhaustive()
    }
}

impl Observer for PlainLines {
    fn observe(&mut self, event: &Event<'_>) {
        self.lines(|lines| {
            let now = Instant::now();
            let was = lines.tally.has_trouble();
            lines.tally.record(event);
            let is_pause = matches!(event, Event::Throttled(pause) if pause.as_secs() >= 1);
            if is_pause || !was && lines.tally.has_trouble() {
                let note = lines.tally.note(now);
                lines.line(&note);
            }
        });
        match event {
            Event::RowsCounted(1..) => self.start(),
            Event::RowFinished { line, name, record } => {
                if let Some(text) = self.failures.record(&self.file, *line, name, record) {
                    self.lines(|lines| (lines.print)(&text));
                }
            }
            Event::Draining { reason, running } => {
                let text = stopping(reason, *running);
                self.lines(|lines| lines.line(&text));
            }
            Event::RateAsked(what) => self.lines(|lines| lines.line(what)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::StopReason;
    use crate::results::{Record, Status};
    use std::sync::{Arc, Mutex};

    /// Plain lines, and what they have printed.
    fn recorded() -> (PlainLines, Arc<Mutex<Vec<String>>>) {
        let printed = Arc::new(Mutex::new(Vec::new()));
        let lines = Arc::clone(&printed);
        let print = Box::new(move |line: &str| lines.lock().unwrap().push(line.to_owned()));
        let lines = PlainLines::with("customers.csv", Failures::default(), print);
        (lines, printed)
    }

    fn finish(lines: &mut PlainLines, row: u64, status: Status) {
        lines.observe(&Event::RowFinished {
            line: row + 1,
            name: "Acme",
            record: &Record::new(row, status),
        });
    }

    #[test]
    fn successes_are_counted_in_one_line_every_few_seconds() {
        let (mut lines, printed) = recorded();
        lines.observe(&Event::RowsCounted(2_000));
        for row in 1..1_000 {
            finish(&mut lines, row, Status::Created);
        }
        assert!(printed.lock().unwrap().is_empty());
        lines.lines(Lines::tick);
        let printed = printed.lock().unwrap();
        assert_eq!(printed.len(), 1, "{printed:?}");
        let (time, line) = printed[0].split_once(' ').unwrap();
        assert!(time.ends_with('Z'), "{time}");
        assert!(line.starts_with("999/2,000  "), "{line}");
        assert!(line.ends_with(" left · created 999"), "{line}");
    }

    #[test]
    fn failures_pauses_and_the_end_are_printed_at_once() {
        let (mut lines, printed) = recorded();
        finish(&mut lines, 7, Status::Failed);
        lines.observe(&Event::Throttled(Duration::from_secs(12)));
        lines.observe(&Event::Draining {
            reason: &StopReason::TooManyFailures(50),
            running: 3,
        });
        let printed = printed.lock().unwrap();
        assert_eq!(printed[0], "customers.csv:8: failed \"Acme\"");
        let pause = "Z rate limited by WorkOS, continuing in 12 s (Ctrl-C is safe)";
        assert!(printed[1].ends_with(pause), "{printed:?}");
        let end = "Z stopping: 50 rows failed in a row; waiting for 3 running requests";
        assert!(printed[2].ends_with(end), "{printed:?}");
        assert_eq!(printed.len(), 3, "{printed:?}");
    }
}
