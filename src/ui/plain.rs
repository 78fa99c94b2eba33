//! Progress where there is no terminal: a plain line every few seconds.

use super::tally::{Tally, why};
use super::{Failures, Printer};
use crate::engine::{Event, Observer};
use crate::text::{duration, grouped};
use std::time::{Duration, Instant};

/// How often a line is written.
const EVERY: Duration = Duration::from_secs(5);

/// Says a line.
type Say = Box<dyn FnMut(&str) + Send>;

/// Lines on standard error that show a run.
pub struct PlainLines {
    say: Say,
    tally: Tally,
    failures: Failures,
    file: String,
    started: Instant,
    last: Instant,
}

impl PlainLines {
    /// Lines for an input that the user knows under the name `file`.
    pub fn new(file: &str, failures: Failures, printer: Printer) -> Self {
        Self::said_by(file, failures, Box::new(move |line| printer.tell(line)))
    }

    fn said_by(file: &str, failures: Failures, say: Say) -> Self {
        Self {
            say,
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
        self.tally.take(event);
        match event {
            Event::RowFinished { line, name, record } => {
                if let Some(text) = self.failures.take(&self.file, *line, name, record) {
                    (self.say)(&text);
                }
            }
            Event::Draining(reason) => (self.say)(&why(reason)),
            Event::Throttled(pause) if pause.as_secs() >= 1 => {
                (self.say)(&self.tally.state());
            }
            _ => {}
        }
        if self.last.elapsed() >= EVERY {
            self.last = Instant::now();
            let line = self.line();
            (self.say)(&line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::StopReason;
    use crate::results::{Record, Status};
    use std::sync::{Arc, Mutex};

    /// Plain lines, and what they have said so far.
    fn listened_to() -> (PlainLines, Arc<Mutex<Vec<String>>>) {
        let said = Arc::new(Mutex::new(Vec::new()));
        let ear = Arc::clone(&said);
        let say = Box::new(move |line: &str| ear.lock().unwrap().push(line.to_owned()));
        let lines = PlainLines::said_by("customers.csv", Failures::default(), say);
        (lines, said)
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
        let (mut lines, said) = listened_to();
        lines.observe(&Event::RowsCounted(2_000));
        for row in 1..1_000 {
            finish(&mut lines, row, Status::Created);
        }
        assert!(said.lock().unwrap().is_empty());

        let Some(then) = Instant::now().checked_sub(EVERY) else {
            return; // A machine that was started a moment ago has no such instant.
        };
        (lines.started, lines.last) = (then, then);
        finish(&mut lines, 1_000, Status::Created);
        finish(&mut lines, 1_001, Status::Created);
        let said = said.lock().unwrap();
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].starts_with("1,000/2,000 rows, "), "{}", said[0]);
        assert!(said[0].contains("/s, created 1,000, "), "{}", said[0]);
    }

    #[test]
    fn failures_pauses_and_the_end_are_told_at_once() {
        let (mut lines, said) = listened_to();
        finish(&mut lines, 7, Status::Failed);
        lines.observe(&Event::Throttled(Duration::from_secs(12)));
        lines.observe(&Event::Draining(&StopReason::TooManyFailures(50)));
        assert_eq!(
            *said.lock().unwrap(),
            [
                "customers.csv:8: failed \"Acme\"",
                "rate limited by WorkOS, going on in 12 s",
                "stopping: 50 rows failed in a row",
            ]
        );
    }
}
