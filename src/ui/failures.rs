//! Failed rows: the first ones are shown in full, all are counted by cause.

use crate::results::{Record, Status};
use crate::text::quoted;
use crate::text::untrusted;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// How many failures are shown in full during the run.
const IN_FULL: usize = 10;

/// The failures of a run, shared by the progress output and the summary.
#[derive(Clone, Debug, Default)]
pub struct Failures(Arc<Mutex<Causes>>);

#[derive(Debug, Default)]
struct Causes {
    count: usize,
    counts: BTreeMap<String, u64>,
}

impl Failures {
    /// Records the outcome of a row; returns the line to show for it, if any. `file` is the list's
    /// name for the user.
    pub fn record(&self, file: &str, line: u64, name: &str, record: &Record) -> Option<String> {
        if record.status.is_done() {
            return None;
        }
        let mut causes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        causes.count += 1;
        *causes.counts.entry(cause(record)).or_default() += 1;
        match causes.count {
            1..=IN_FULL => Some(full_line(file, line, name, record)),
            count if count == IN_FULL + 1 => {
                Some("more rows need attention: see the results file".to_owned())
            }
            _ => None,
        }
    }

    /// The causes with their counts, most frequent first.
    pub fn by_cause(&self) -> Vec<(String, u64)> {
        let causes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = causes.counts.iter();
        let mut sorted: Vec<_> = counts
            .map(|(cause, count)| (cause.clone(), *count))
            .collect();
        sorted.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        sorted
    }
}

fn full_line(file: &str, line: u64, name: &str, record: &Record) -> String {
    let mut text = format!("{file}:{line}: {}", record.status);
    if !name.is_empty() {
        let _ = write!(text, " {}", quoted(name));
    }
    if let Some(message) = &record.message {
        let _ = write!(text, ": {}", untrusted(message, 400));
    }
    if let Some(request_id) = &record.request_id {
        let _ = write!(text, " [request {}]", untrusted(request_id, 60));
    }
    text
}

/// The cause of a failure, without names and numbers.
fn cause(record: &Record) -> String {
    let status = record.status;
    let what = match (&record.code, record.http_status, &record.message) {
        (Some(code), _, _) => untrusted(code, 60).replace('_', " "),
        (None, Some(409), _) => "domain in use".to_owned(),
        (None, Some(http), _) if status != Status::Unknown => format!("HTTP {http}"),
        (None, _, Some(message)) => {
            let end = message.find(['(', '"']).unwrap_or(message.len());
            untrusted(message.get(..end).unwrap_or(message), 80)
        }
        (None, _, None) => "no reason given".to_owned(),
    };
    format!("{status}: {}", what.trim())
}
