//! `--events`: what happens in a run, as JSON lines in a file. docs/json.md describes them.

use super::Printer;
use crate::engine::{Event, Observer};
use crate::results::Record;
use jiff::Timestamp;
use serde::Serialize;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The version of the lines. It changes when a field changes its meaning or goes.
const SCHEMA: u32 = 1;

/// Writes events as they happen.
#[derive(Clone, Debug)]
pub struct EventLines(Arc<Mutex<Out>>);

#[derive(Debug)]
struct Out {
    file: File,
    path: PathBuf,
    printer: Printer,
    has_failed: bool,
}

/// A line of the file.
#[derive(Serialize)]
struct Line<'a> {
    schema: u32,
    at: Timestamp,
    #[serde(flatten)]
    what: What<'a>,
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum What<'a> {
    Started {
        command: &'a str,
        input: &'a str,
        results: &'a Path,
        environment: &'a str,
    },
    Rows {
        rows: u64,
    },
    Checking {
        rows: u64,
    },
    Row {
        line: u64,
        name: &'a str,
        #[serde(flatten)]
        record: &'a Record,
    },
    Paused {
        seconds: f64,
    },
    Rate {
        per_second: f64,
    },
    RateFile {
        message: &'a str,
    },
    AnswerLost {
        line: u64,
    },
    Unavailable {
        message: &'a str,
    },
    Available,
    Stopping {
        reason: &'static str,
        running: usize,
    },
    Comparing,
    Ended {
        exit_code: u8,
    },
}

/// What a run is, for the first line.
#[derive(Clone, Copy, Debug)]
pub struct Started<'a> {
    /// Its command.
    pub command: &'a str,
    /// The list, or the results file of a retry.
    pub input: &'a str,
    /// The results file.
    pub results: &'a Path,
    /// `staging`, `production`, `unknown` or `sandbox`.
    pub environment: &'a str,
}

impl EventLines {
    /// Lines at the end of this file.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(path: &Path, printer: Printer) -> std::io::Result<Self> {
        let file = File::options().create(true).append(true).open(path)?;
        Ok(Self(Arc::new(Mutex::new(Out {
            file,
            path: path.to_owned(),
            printer,
            has_failed: false,
        }))))
    }

    /// The first line of a run.
    pub fn started(&self, started: Started<'_>) {
        self.write(What::Started {
            command: started.command,
            input: started.input,
            results: started.results,
            environment: started.environment,
        });
    }

    /// The last line of a run.
    pub fn ended(&self, exit_code: u8) {
        self.write(What::Ended { exit_code });
    }

    /// An observer that writes each event and passes it on.
    pub fn observer(&self, inner: Box<dyn Observer>) -> Box<dyn Observer> {
        Box::new(Writer {
            lines: self.clone(),
            inner,
        })
    }

    fn write(&self, what: What<'_>) {
        let line = Line {
            schema: SCHEMA,
            at: Timestamp::now(),
            what,
        };
        let mut out = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Ok(mut text) = serde_json::to_vec(&line) else {
            return;
        };
        text.push(b'\n');
        if let Err(error) = out.file.write_all(&text)
            && !std::mem::replace(&mut out.has_failed, true)
        {
            let path = out.path.display();
            out.printer.print(&format!(
                "warning: cannot write events to {path} ({error}); the run continues"
            ));
        }
    }
}

struct Writer {
    lines: EventLines,
    inner: Box<dyn Observer>,
}

impl Observer for Writer {
    fn observe(&mut self, event: &Event<'_>) {
        if let Some(what) = what(event) {
            self.lines.write(what);
        }
        self.inner.observe(event);
    }
}

fn what<'a>(event: &'a Event<'a>) -> Option<What<'a>> {
    Some(match event {
        Event::RowsCounted(rows) => What::Rows { rows: *rows },
        Event::InDoubt { rows, .. } => What::Checking { rows: *rows },
        Event::RowFinished { line, name, record } => What::Row {
            line: *line,
            name,
            record,
        },
        Event::Throttled(pause) => What::Paused {
            seconds: pause.as_secs_f64(),
        },
        Event::RateChanged(rate) => What::Rate { per_second: *rate },
        Event::RateAsked(message) => What::RateFile { message },
        Event::AnswerLost { line } => What::AnswerLost { line: *line },
        Event::Trouble(message) => What::Unavailable { message },
        Event::Answered => What::Available,
        Event::Draining { reason, running } => What::Stopping {
            reason: reason.code(),
            running: *running,
        },
        Event::Comparing => What::Comparing,
        Event::LookedUp | Event::RetryIn(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Status;
    use std::time::Duration;

    struct Ignore;

    impl Observer for Ignore {
        fn observe(&mut self, _: &Event<'_>) {}
    }

    #[test]
    fn each_event_is_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        let lines = EventLines::open(&path, Printer::default()).unwrap();
        let mut observer = lines.observer(Box::new(Ignore));
        observer.observe(&Event::RowsCounted(2));
        observer.observe(&Event::Throttled(Duration::from_millis(1500)));
        observer.observe(&Event::LookedUp);
        observer.observe(&Event::RowFinished {
            line: 2,
            name: "Acme",
            record: &Record::new(1, Status::Failed),
        });
        lines.ended(1);
        let text = std::fs::read_to_string(path).unwrap();
        let parsed: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let names: Vec<_> = parsed.iter().map(|line| line["event"].clone()).collect();
        assert_eq!(names, ["rows", "paused", "row", "ended"]);
        assert_eq!(parsed[1]["seconds"], 1.5);
        assert_eq!(parsed[2]["status"], "failed");
        assert!(parsed.iter().all(|line| line["schema"] == 1), "{text}");
    }
}
