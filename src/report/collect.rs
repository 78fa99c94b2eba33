//! From what was gathered to the facts of a report. Pure: no file, no clock.

use super::causes::{Commands, causes};
use super::facts::{
    Cleaned, DuplicateFacts, EnvironmentFacts, Facts, Kept, ListFacts, RowFacts, RunFacts,
    RunState, SCHEMA, Totals,
};
use super::gathered::Gathered;
use super::history::RunHistory;
use super::timeline;
use super::verdict::Situation;
use crate::journal::Command;
use crate::results::Status;
use crate::text::shell_path;
use crate::validate::title_of;
use std::collections::BTreeMap;

/// What WorkOS allows a key in 60 seconds.
const LIMIT: u64 = 6_000;
/// The API that has this limit.
const WORKOS: &str = "https://api.workos.com";
/// The environment of a test run.
const SANDBOX: &str = "sandbox";
/// How many rows of each kind are shown as samples.
const SAMPLES: usize = 5;

impl Facts {
    /// The facts of what was gathered.
    pub fn of(gathered: Gathered) -> Self {
        let state = gathered.state();
        let commands = gathered.commands();
        let mut rows = gathered.rows;
        let mut causes = causes(&mut rows, &commands);
        let (totals, counts) = count(&rows);
        let run = gathered.last_run.as_ref();
        let import = gathered.import.as_ref().or(run);
        let import_command = import.map(|run| run.list_command("import", None));
        if run.is_some_and(|run| run.environment == SANDBOX) {
            // What a test run has created is gone: there is nothing to send again.
            for cause in &mut causes {
                cause.command = None;
            }
        }
        let situation = Situation {
            totals,
            state,
            environment: run.map(|run| run.environment.as_str()),
            duplicates: gathered.duplicates.len() as u64,
            retry: &commands.retry,
            again: commands.again.as_deref(),
            import: import_command.as_deref(),
        };
        let mut timeline = timeline::timeline(&gathered.history);
        if let (RunState::Running, Some(last)) = (state, timeline.runs.last_mut()) {
            last.is_interrupted = false;
        }
        let is_limited = run.is_some_and(|run| run.api.trim_end_matches('/') == WORKOS);
        Self {
            schema: SCHEMA,
            program: concat!("workos-orgs ", env!("CARGO_PKG_VERSION")).to_owned(),
            made_at: gathered.made_at,
            is_redacted: false,
            state,
            verdict: situation.verdict(),
            next: situation.next(),
            results: Some(gathered.results.display().to_string()),
            list: import.map(|run| ListFacts {
                name: run.list.name.clone(),
                read_as: run.list.read_as.clone(),
            }),
            environment: run.map(|run| EnvironmentFacts {
                name: run.environment.clone(),
                api: run.api.clone(),
                key_fingerprint: run.key.clone(),
                key_hint: run.key_hint.clone(),
            }),
            totals,
            counts,
            no_longer_listed: gathered.no_longer_listed,
            runs: gathered.history.iter().map(run_facts).collect(),
            requests: timeline::requests(&gathered.history, is_limited.then_some(LIMIT)),
            timeline,
            causes,
            cleaned: cleaned(gathered.cleaned),
            kept: kept(&rows),
            duplicates: gathered
                .duplicates
                .into_iter()
                .map(|duplicate| DuplicateFacts {
                    rows: duplicate.rows,
                    name: Some(duplicate.name),
                    owned: duplicate.owned,
                    unowned: duplicate.unowned,
                })
                .collect(),
            rows,
        }
    }
}

impl Gathered {
    fn state(&self) -> RunState {
        match (&self.last_run, self.is_running, self.has_ended) {
            (None, _, _) => RunState::Unknown,
            (_, true, _) => RunState::Running,
            (_, _, true) => RunState::Ended,
            (_, _, false) => RunState::Interrupted,
        }
    }

    fn commands(&self) -> Commands {
        let retry = format!("workos-orgs retry {}", shell_path(&self.results));
        let again = self.last_run.as_ref().map(|run| match run.command {
            Command::Retry => retry.clone(),
            Command::Undo => format!("workos-orgs undo {}", shell_path(&self.results)),
            Command::Import | Command::Sync => {
                let own = Some(&*self.results).filter(|_| run.environment != SANDBOX);
                run.list_command(&name(run.command), own)
            }
        });
        Commands { retry, again }
    }
}

/// The name of a command, as it is typed.
fn name(command: Command) -> String {
    format!("{command:?}").to_lowercase()
}

fn count(rows: &[RowFacts]) -> (Totals, BTreeMap<&'static str, u64>) {
    let mut totals = Totals::default();
    let mut counts = BTreeMap::new();
    for row in rows {
        totals.add(row.group());
        let status = row.status.map_or("not_sent", Status::name);
        *counts.entry(status).or_default() += 1;
    }
    (totals, counts)
}

fn run_facts(run: &RunHistory) -> RunFacts {
    RunFacts {
        command: name(run.command),
        program: run.program.clone(),
        started: run.started,
        last_sign: run.last_sign,
        has_ended: run.has_ended,
        is_finished: run.is_finished,
        results: run.results.len() as u64,
    }
}

fn cleaned(
    cleaned: BTreeMap<&'static str, (u64, Vec<super::facts::CleanedSample>)>,
) -> Vec<Cleaned> {
    let mut cleaned: Vec<_> = cleaned
        .into_iter()
        .map(|(code, (count, samples))| Cleaned {
            code,
            title: title_of(code).unwrap_or(code),
            count,
            samples,
        })
        .collect();
    cleaned.sort_by_key(|cleaned| std::cmp::Reverse(cleaned.count));
    cleaned
}

/// Rows that are done and were not created.
fn kept(rows: &[RowFacts]) -> Vec<Kept> {
    let is_kept = |status: &Status| status.is_done() && *status != Status::Created;
    let statuses = Status::ALL.into_iter().filter(is_kept);
    let kept = statuses.map(|status| {
        let own = || {
            let rows = rows.iter().enumerate();
            rows.filter(move |(_, row)| row.status == Some(status))
        };
        Kept {
            status,
            count: own().count() as u64,
            first_rows: own().map(|(index, _)| index).take(SAMPLES).collect(),
        }
    });
    kept.filter(|kept| kept.count > 0).collect()
}
