//! Progress where there is no terminal: a plain line every few seconds.

use super::tally::{Tally, why};
use super::text::{duration, grouped};
use super::{Failures, Printer};
use crate::engine::{Event, Observer};
use std::time::{Duration, Instant};

/// How often a line is written.
const EVERY: Duration = Duration::from_secs(5);

/// Lines on standard error that show a run.
#[derive(Debug)]
pub struct PlainLines {
    printer: Printer,
    tally: Tally,
    failures: Failures,
    file: String,
    started: Instant,
    last: Instant,
}

impl PlainLines {
    /// Lines for an input that the user knows under the name `file`.
    pub fn new(file: &str, failures: Failures, printer: Printer) -> Self {
        Self {
            printer,
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

impl Observer for PlainLines {
    fn observe(&mut self, event: &Event<'_>) {
        self.tally.take(event);
        match event {
            Event::RowFinished { line, name, record } => {
                if let Some(text) = self.failures.take(&self.file, *line, name, record) {
                    self.printer.tell(&text);
                }
            }
            Event::Draining(reason) => self.printer.tell(&why(reason)),
            Event::Throttled(pause) if pause.as_secs() >= 1 => {
                self.printer.tell(&self.tally.state());
            }
            _ => {}
        }
        if self.last.elapsed() >= EVERY {
            self.last = Instant::now();
            self.printer.tell(&self.line());
        }
    }
}
