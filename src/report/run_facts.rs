//! The facts of the runs in words, for the first screen.

use super::facts::{Facts, Requests, RunState};
use super::words::{moment, seconds_in_words, shown};
use crate::text::{counted, grouped};
use std::fmt::Write as _;

/// A fact with its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fact {
    pub(super) name: &'static str,
    pub(super) value: String,
    /// More about it; may be blank.
    pub(super) note: String,
}

fn fact(name: &'static str, value: impl Into<String>, note: impl Into<String>) -> Fact {
    Fact {
        name,
        value: value.into(),
        note: note.into(),
    }
}

/// The facts of the runs.
pub(super) fn run_facts(facts: &Facts) -> Vec<Fact> {
    let mut found = Vec::new();
    if let Some(list) = &facts.list {
        found.push(fact("List", shown(&list.name), shown(&list.read_as)));
    }
    if let Some(environment) = &facts.environment {
        let (name, note) = match environment.name.as_str() {
            "production" => ("production", shown(&environment.api)),
            "staging" => ("staging", shown(&environment.api)),
            "sandbox" => ("sandbox", "a test run; nothing is in WorkOS".to_owned()),
            _ => ("not known", shown(&environment.api)),
        };
        found.push(fact("Environment", name, note));
        if !environment.key_fingerprint.is_empty() && environment.name != "sandbox" {
            let fingerprint = shown(&environment.key_fingerprint);
            found.push(match &environment.key_hint {
                Some(hint) => fact(
                    "API key",
                    format!("…{}", shown(hint)),
                    format!("fingerprint {fingerprint}; the key is never stored"),
                ),
                None => fact(
                    "API key",
                    fingerprint,
                    "fingerprint; the key is never stored",
                ),
            });
        }
    }
    times(facts, &mut found);
    requests(&facts.requests, &mut found);
    if facts.no_longer_listed > 0 {
        let count = counted(facts.no_longer_listed, "organization");
        found.push(fact(
            "No longer in the list",
            count,
            "created by an earlier run, not counted above",
        ));
    }
    found
}

fn times(facts: &Facts, found: &mut Vec<Fact>) {
    let (Some(first), Some(last)) = (facts.runs.first(), facts.runs.last()) else {
        let note = "there is no journal, so times and requests are not known";
        found.push(fact("Journal", "missing", note));
        return;
    };
    found.push(fact("Started", moment(first.started), ""));
    let work: f64 = facts
        .runs
        .iter()
        .map(|run| run.last_sign.duration_since(run.started).as_secs_f64())
        .sum();
    let took = format!("{} of work", seconds_in_words(work));
    found.push(match facts.state {
        RunState::Running => fact("Last result", moment(last.last_sign), took),
        RunState::Interrupted => {
            let note = format!("interrupted: the journal records no end; {took}");
            fact("Last sign of life", moment(last.last_sign), note)
        }
        RunState::Ended | RunState::Unknown => fact("Ended", moment(last.last_sign), took),
    });
    let runs = facts.runs.len() as u64;
    let retries = facts.runs.iter().filter(|run| run.command == "retry");
    let retries = retries.count() as u64;
    let unfinished = |run: &super::facts::RunFacts| run.command == "import" && !run.is_finished;
    let resumed = facts
        .runs
        .windows(2)
        .filter(|pair| matches!(pair, [before, _] if unfinished(before)))
        .count() as u64;
    let mut note = shown(&last.program);
    if retries > 0 {
        let _ = write!(note, "; {retries} of them retry");
    }
    if resumed > 0 {
        let _ = write!(note, "; resumed {}", times_in_words(resumed));
    }
    found.push(fact("Runs", grouped(runs), note));
}

fn times_in_words(count: u64) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        count => format!("{count} times"),
    }
}

fn requests(requests: &Requests, found: &mut Vec<Fact>) {
    if requests.attempts == 0 {
        return;
    }
    let repeated = match requests.repeated_rows {
        0 => String::new(),
        count => format!("; {} sent more than once", counted(count, "row")),
    };
    let lost = match requests.lost_answers {
        0 => String::new(),
        // The journal has one in a second at most.
        count => format!("; at least {} without a clear answer", grouped(count)),
    };
    found.push(fact(
        "Requests",
        format!("at least {}", grouped(requests.attempts)),
        format!("to create, change or delete; lookups are not counted{repeated}{lost}"),
    ));
    if let Some(limit) = requests.limit {
        let share = requests.busiest_minute as f64 / limit as f64 * 100.0;
        found.push(fact(
            "Share of the rate limit",
            format!("at least {share:.0} %"),
            format!(
                "busiest minute: {} of {} requests",
                grouped(requests.busiest_minute),
                grouped(limit)
            ),
        ));
    }
}
