//! Failed rows: the first ones are shown in full, all are counted by cause.

use crate::results::{Record, Status};
use crate::text::quoted;
use crate::text::untrusted;
use crate::validate::title_of;
use serde::Serialize;
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
    counts: BTreeMap<String, Cause>,
}

/// Why rows are not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// In words: `invalid: the name is missing`.
    pub cause: String,
    /// How many rows.
    pub rows: u64,
    /// Their status.
    pub status: &'static str,
    /// The code of WorkOS, or of the broken rule.
    pub code: Option<String>,
    /// What the first of them says.
    pub example: Option<String>,
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
        let cause = causes
            .counts
            .entry(kind(record))
            .or_insert_with(|| Cause::of(record));
        cause.rows += 1;
        match causes.count {
            1..=IN_FULL => Some(full_line(file, line, name, record)),
            count if count == IN_FULL + 1 => {
                Some("more rows need attention: see the results file".to_owned())
            }
            _ => None,
        }
    }

    /// The causes, most frequent first.
    pub fn by_cause(&self) -> Vec<Cause> {
        let causes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sorted: Vec<_> = causes.counts.values().cloned().collect();
        sorted.sort_by(|a, b| b.rows.cmp(&a.rows).then(a.cause.cmp(&b.cause)));
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

/// What tells causes apart: nothing of a single row.
fn kind(record: &Record) -> String {
    let status = record.status;
    let what = match (&record.code, record.http_status) {
        (Some(code), _) => code.clone(),
        (None, Some(http)) if status != Status::Unknown => http.to_string(),
        _ => sentence(record).unwrap_or_default(),
    };
    format!("{status} {what}")
}

impl Cause {
    fn of(record: &Record) -> Self {
        let (status, code) = (record.status, record.code.as_deref());
        let what = match (code, record.http_status) {
            (Some(code), _) => match title_of(code) {
                Some(title) => title.to_owned(),
                None => words_of_api(record, &untrusted(code, 60).replace('_', " ")),
            },
            (None, Some(409)) => words_of_api(record, "domain in use"),
            (None, Some(http)) if status != Status::Unknown => {
                words_of_api(record, &format!("HTTP {http}"))
            }
            _ => sentence(record).unwrap_or_else(|| "no reason given".to_owned()),
        };
        Self {
            cause: format!("{status}: {}", what.trim()),
            rows: 0,
            status: status.name(),
            code: code.map(|code| untrusted(code, 60)),
            example: record.message.as_deref().map(|text| untrusted(text, 400)),
        }
    }
}

/// What WorkOS calls it, with the first message as an example.
fn words_of_api(record: &Record, name: &str) -> String {
    match &record.message {
        Some(message) => format!("{name}, for example: {}", first_sentence(message)),
        None => name.to_owned(),
    }
}

fn first_sentence(message: &str) -> String {
    let end = [". ", "; "]
        .iter()
        .filter_map(|end| message.find(end))
        .min();
    let sentence = message.get(..end.unwrap_or(message.len()));
    untrusted(sentence.unwrap_or(message).trim_end_matches('.'), 100)
}

/// The first sentence of a message, as far as it is not about a single row.
fn sentence(record: &Record) -> Option<String> {
    let message = record.message.as_deref()?;
    let end = message.find(['(', '"']).unwrap_or(message.len());
    Some(first_sentence(message.get(..end).unwrap_or(message)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(status: Status, code: Option<&str>, message: &str) -> Record {
        Record {
            code: code.map(str::to_owned),
            message: Some(message.to_owned()),
            ..Record::new(1, status)
        }
    }

    #[test]
    fn causes_are_sentences_and_what_workos_says_has_an_example() {
        let failures = Failures::default();
        let refused = "gmail.com is a consumer domain; domain_data: gmail.com is one";
        let lost = "sent, but the answer was lost; run the same command again. It looks it up";
        for record in [
            record(Status::Invalid, Some("name_missing"), "the name is empty"),
            record(Status::Failed, Some("unprocessable_entity"), refused),
            record(Status::Failed, Some("unprocessable_entity"), "another one"),
            record(Status::Unknown, None, lost),
        ] {
            failures.record("a.csv", 2, "Acme", &record);
        }
        let causes = failures.by_cause();
        let causes: Vec<_> = causes.iter().map(|it| (it.rows, &*it.cause)).collect();
        let refused = "failed: unprocessable entity, for example: gmail.com is a consumer domain";
        assert_eq!(
            causes,
            [
                (2, refused),
                (1, "invalid: the name is missing"),
                (1, "unknown: sent, but the answer was lost"),
            ]
        );
    }
}
