//! Progress without a terminal: a line every few seconds.

use super::tally::{Tally, stopping};
use super::{Failures, Printer};
use crate::engine::{Event, Observer};
use crate::text::{duration, grouped};
use std::time::{Duration, Instant};

/// How often a line is written.
const EVERY: Duration = Duration::from_secs(5);

/// Prints a line.
type Print = Box<dyn FnMut(&str) + Send>;

/// Shows a run as lines on standard error.
pub struct PlainLines {
    print: Print,
    tally: Tally,
    failures: Failures,
    file: String,
    started: Instant,
    last: Instant,
}

impl PlainLines {
    /// Lines for a list; `file` is its name for the user.
    pub fn new(file: &str, failures: Failures, printer: Printer) -> Self {
        Self::with(file, failures, Box::new(move |line| printer.info(line)))
    }

    fn with(file: &str, failures: Failures, print: Print) -> Self {
        Self {
            print,
            tally: Tally::default(),
            failures,
            file: file.to_owned(),
            started: Instant::now(),
            last: Instant::now(),
        }
    }

    fn line(&self) -> String {
        let finished = self.tally.finished;
        let of = self
            .tally
            .total
            .map(|total| format!("/{}", grouped(total)))
            .unwrap_or_default();
        let elapsed = self.started.elapsed();
        let per_second = finished as f64 / elapsed.as_secs_f64().max(0.001);
        let left = self
            .tally
            .total
            .filter(|total| finished > 0 && *total > finished)
            .map(|total| {
                let left = (total - finished) as f64 / per_second;
                format!(", {} left", duration(Duration::from_secs_f64(left)))
            })
            .unwrap_or_default();
        let state = self.tally.state();
        let state = if state.is_empty() {
            state
        } else {
            format!(" · {state}")
        };
        format!(
            "{}{of} rows, {per_second:.0}/s, {}{left}{state}",
            grouped(finished),
            self.tally.counts()
        )
    }
}

impl std::fmt::Debug for PlainLines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlainLines").finish_non_exhaustive()
    }
}

impl Observer for PlainLines {
    fn observe(&mut self, event: &Event<'_>) {
        self.tally.record(event);
        match event {
            Event::RowFinished { line, name, record } => {
                if let Some(text) = self.failures.record(&self.file, *line, name, record) {
                    (self.print)(&text);
                }
            }
            Event::Draining { reason, running } => (self.print)(&stopping(reason, *running)),
            Event::Throttled(pause) if pause.as_secs() >= 1 => {
                (self.print)(&self.tally.state());
            }
            _ => {}
        }
        if self.last.elapsed() >= EVERY {
            self.last = Instant::now();
            let line = self.line();
            (self.print)(&line);
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

        let Some(then) = Instant::now().checked_sub(EVERY) else {
            return; // A machine that was started a moment ago has no such instant.
        };
        (lines.started, lines.last) = (then, then);
        finish(&mut lines, 1_000, Status::Created);
        finish(&mut lines, 1_001, Status::Created);
        let printed = printed.lock().unwrap();
        assert_eq!(printed.len(), 1, "{printed:?}");
        assert!(
            printed[0].starts_with("1,000/2,000 rows, "),
            "{}",
            printed[0]
        );
        assert!(printed[0].contains("/s, created 1,000, "), "{}", printed[0]);
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
        assert_eq!(
            *printed.lock().unwrap(),
            [
                "customers.csv:8: failed \"Acme\"",
                "rate limited by WorkOS, continuing in 12 s",
                "stopping: 50 rows failed in a row; waiting for 3 running requests",
            ]
        );
    }
}
