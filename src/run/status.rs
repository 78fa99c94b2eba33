//! What the journal knows of a list, without a key and without asking WorkOS.

use super::Error;
use super::environment::{SANDBOX, in_words};
use super::object::object;
use crate::journal::{Command, Progress, Run, State, journal_path};
use crate::results::{Counts, Status, is_workbook};
use crate::storage::{Disk, Lock, Storage, directory_of, stem_of};
use crate::text::{counted, grouped, shell_path, untrusted};
use crate::{exit_code, input};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What is known of a list.
#[derive(Debug)]
pub struct Known {
    results: PathBuf,
    state: State,
    /// Who is at work on it, if somebody is.
    holder: Option<String>,
}

impl Known {
    /// Finds and reads the journal of a list, of its results file, or the only one in this folder.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn find(path: Option<&Path>) -> Result<Self, Error> {
        let known = match path {
            Some(path) => match Self::first(candidates(path))? {
                None => Self::first(of_list(path))?,
                known => known,
            },
            None => Self::first(only(in_folder(Path::new(".")))?)?,
        };
        if let Some(known) = known {
            return Ok(known);
        }
        if let Some(missing) = path.filter(|path| !path.exists()) {
            let source = std::io::ErrorKind::NotFound.into();
            let source_name = missing.display().to_string();
            return Err(input::Error::Open {
                source_name,
                source,
            }
            .into());
        }
        let of = path.map_or("this folder".to_owned(), |path| {
            untrusted(&path.display().to_string(), 300)
        });
        Err(Error::Usage {
            message: format!("nothing was imported from {of}: there is no journal"),
            hint: "if its results are elsewhere, name the results file: workos-orgs status RESULTS"
                .to_owned(),
        })
    }

    /// The first of these journals in which a run has begun.
    fn first(journals: Vec<PathBuf>) -> Result<Option<Self>, Error> {
        for journal in journals {
            if let Some(state) = State::read(&journal)?.filter(|state| state.last_run().is_some()) {
                return Self::of(&journal, state).map(Some);
            }
        }
        Ok(None)
    }

    fn of(journal: &Path, state: State) -> Result<Self, Error> {
        let results = results_of(journal).unwrap_or_else(|| {
            let run = state.last_run();
            let extension = run.map_or("csv", |run| run.list.format.extension());
            journal.with_extension(extension)
        });
        let lock = Disk
            .lock(&results)
            .map_err(Error::system("cannot lock the results file"))?;
        let holder = match lock {
            Some(_) => None,
            None => Some(Lock::holder(&results).unwrap_or_default()),
        };
        Ok(Self {
            results,
            state,
            holder,
        })
    }

    /// It in five lines.
    pub fn text(&self) -> String {
        let Some(run) = self.state.last_run() else {
            return String::new();
        };
        let list = &self.state.last_import().unwrap_or(run).list.name;
        let counts = self.counts();
        let rows = self.rows();
        let open = open(&counts);
        let attention = if open.is_empty() {
            "none".to_owned()
        } else {
            open.join(", ")
        };
        [
            format!(
                "{}: {} in {}",
                untrusted(&self.results.display().to_string(), 300),
                untrusted(list, 300),
                in_words(&run.environment, &run.api)
            ),
            format!(
                "  done:    {} of {}, {} not sent",
                grouped(counts.total() - counts.not_done()),
                counted(rows, "row"),
                grouped(rows.saturating_sub(counts.total()))
            ),
            format!("  open:    {attention}"),
            format!("  run:     {}", self.last_run(run)),
            format!("next:    {}", self.next(run).in_words()),
        ]
        .join("\n")
    }

    /// It as one JSON object.
    pub fn json(&self) -> String {
        let mut object = object("status", None, None, exit_code::DONE);
        let counts = self.counts();
        let unsent = self.rows().saturating_sub(counts.total());
        if let Some(run) = self.state.last_run() {
            let environment = json!({"name": run.environment, "api": run.api});
            object.insert("environment".to_owned(), environment);
            object.insert("input".to_owned(), run.list.name.clone().into());
            let commands: Vec<_> = self.next(run).command.into_iter().collect();
            object.insert("next".to_owned(), commands.into());
        }
        let named = counts
            .iter()
            .map(|(status, count)| (status.name().to_owned(), json!(count)));
        let named: serde_json::Map<String, Value> = named.collect();
        let more = json!({
            "results": self.results,
            "rows": self.rows(),
            "counts": named,
            "not_sent": unsent,
            "remaining": unsent + counts.not_done(),
            "duplicates": self.state.duplicates(),
            "is_running": self.holder.is_some(),
            "is_finished": self.state.is_import_finished(),
        });
        if let Value::Object(more) = more {
            object.extend(more);
        }
        Value::from(object).to_string()
    }

    /// How many rows the list has.
    fn rows(&self) -> u64 {
        let import = self.state.last_import().or(self.state.last_run());
        let numbered = import.map_or(0, |run| run.numbering.iter().count() as u64);
        numbered.max(self.counts().total())
    }

    /// How many rows have which status. Rows that no file has any more count if they are done.
    fn counts(&self) -> Counts {
        if let Some(run) = self
            .state
            .last_run()
            .filter(|it| it.mapping.one_per.is_some())
        {
            // Rows that were united have one id.
            return self.state.counts_of(run.numbering.iter().map(|(_, id)| id));
        }
        let runs = [self.state.last_import(), self.state.last_run()];
        let numbers = runs.map(|run| run.map_or(Vec::new(), |run| run.numbering.by_id()));
        let has = |index: usize| {
            numbers
                .iter()
                .any(|it| it.get(index).is_some_and(|it| *it > 0))
        };
        let mut counts = Counts::default();
        for (index, id) in (1..=self.state.rows()).enumerate() {
            if let Progress::Outcome(status) = self.state.progress(id)
                && (status.is_done() || has(index))
            {
                counts.add(Some(status));
            }
        }
        counts
    }

    fn last_run(&self, run: &Run) -> String {
        if let Some(holder) = &self.holder {
            return format!("running now ({holder})");
        }
        let time = |at: jiff::Timestamp| at.strftime("%Y-%m-%d %H:%M UTC").to_string();
        match self.state.last_end().filter(|_| self.state.has_ended()) {
            None => format!("killed; it began on {}", time(run.at)),
            Some(end) if run.command == Command::Undo => {
                format!("undo; it ended on {}", time(end.at))
            }
            Some(end) if end.is_finished => format!("finished on {}", time(end.at)),
            Some(end) => format!("stopped before the end of the list on {}", time(end.at)),
        }
    }

    fn next(&self, run: &Run) -> Next {
        let resume = self.resume(run);
        let counts = self.counts();
        if self.holder.is_some() {
            return Next::words("wait for it to end, or stop it with Ctrl-C");
        }
        if run.environment == SANDBOX {
            return Next::command("this was a test run; into WorkOS: ", resume, "");
        }
        let is_unavailable = counts
            .iter()
            .any(|(status, n)| n > 0 && status.is_retryable());
        // What an undo leaves is left on purpose.
        let has_unsent = run.command != Command::Undo && self.rows() > counts.total();
        let is_open = has_unsent || !self.state.has_ended();
        if is_open || is_unavailable || self.state.needs_comparison() {
            return Next::command("", resume, "");
        }
        if !self.state.duplicates().is_empty() {
            return Next::command(
                "delete possible duplicates in the dashboard: ",
                resume,
                " names them",
            );
        }
        if counts.not_done() > 0 {
            let results = shell_path(&self.results);
            return Next::command(
                "fix these rows in the results file, then ",
                format!("workos-orgs retry {results}"),
                "",
            );
        }
        Next::words("nothing to do: every row is done")
    }

    /// The command that finishes what the last run has left.
    fn resume(&self, run: &Run) -> String {
        let results = || shell_path(&self.results);
        let import = self.state.last_import();
        match (run.command, import) {
            (Command::Undo, _) => format!("workos-orgs undo {}", results()),
            (Command::Retry, _) if !self.state.has_ended() => {
                format!("workos-orgs retry {}", results())
            }
            (_, Some(import)) => {
                let command = match import.command {
                    Command::Sync => "sync",
                    _ => "import",
                };
                // Those of a test run are no results of an import.
                let own = Some(self.results.as_path()).filter(|_| run.environment != SANDBOX);
                import.list_command(command, own)
            }
            (_, None) => format!("workos-orgs retry {}", results()),
        }
    }
}

/// What to do next.
struct Next {
    before: &'static str,
    command: Option<String>,
    after: &'static str,
}

impl Next {
    const fn words(words: &'static str) -> Self {
        Self {
            before: words,
            command: None,
            after: "",
        }
    }

    const fn command(before: &'static str, command: String, after: &'static str) -> Self {
        Self {
            before,
            command: Some(command),
            after,
        }
    }

    fn in_words(&self) -> String {
        let command = self.command.as_deref().unwrap_or_default();
        format!("{}{command}{}", self.before, self.after)
    }
}

/// The journals of a folder, unless there are several.
fn only(journals: Vec<PathBuf>) -> Result<Vec<PathBuf>, Error> {
    if journals.len() < 2 {
        return Ok(journals);
    }
    let names: Vec<_> = journals.iter().map(|it| shell_path(it)).collect();
    Err(Error::Usage {
        message: format!("several journals are here: {}", names.join(", ")),
        hint: format!("name one: workos-orgs status {}", names.join(" | ")),
    })
}

/// The results file of a journal, where it is there.
pub(super) fn results_of(journal: &Path) -> Option<PathBuf> {
    // `customers.results.xlsx.journal` is that of a workbook.
    let workbook = Some(journal.with_extension("")).filter(|path| is_workbook(path));
    let others = ["csv", "jsonl", "tsv", "txt", "ndjson"].into_iter();
    let others = others.map(|extension| journal.with_extension(extension));
    workbook
        .into_iter()
        .chain(others)
        .find(|path| path.exists())
}

/// `10 conflict`, for each status that is not done.
fn open(counts: &Counts) -> Vec<String> {
    let is_open = |(status, count): &(Status, u64)| *count > 0 && !status.is_done();
    let open = counts.iter().filter(is_open);
    open.map(|(status, count)| format!("{} {status}", grouped(count)))
        .collect()
}

/// Where the journal of a list, of a results file, or a journal itself may be.
fn candidates(path: &Path) -> Vec<PathBuf> {
    if path.extension().is_some_and(|it| it == "journal") {
        return vec![path.to_owned()];
    }
    let stem = stem_of(path);
    let beside = |kind: &str| path.with_file_name(format!("{stem}.{kind}.journal"));
    vec![
        journal_path(path),
        beside("results"),
        beside("results.xlsx"),
        beside("sandbox.results"),
    ]
}

/// The journals next to a list that are of it, where its results have a name of their own.
fn of_list(list: &Path) -> Vec<PathBuf> {
    let folder = directory_of(list);
    let is_of_list = |journal: &PathBuf| {
        let state = State::read(journal).ok().flatten();
        let run = state.as_ref().and_then(State::last_import);
        run.is_some_and(|run| Path::new(&run.list.name).file_name() == list.file_name())
    };
    let journals = journals(folder).into_iter();
    journals.filter(is_of_list).collect()
}

/// The journals of a folder.
pub(super) fn journals(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name());
    let paths = names.map(|name| match folder {
        folder if folder == Path::new(".") => PathBuf::from(name),
        folder => folder.join(name),
    });
    let mut journals: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|it| it == "journal"))
        .collect();
    journals.sort();
    journals
}

/// The journals of a folder: those of test runs only where there are no others.
fn in_folder(folder: &Path) -> Vec<PathBuf> {
    let mut journals = journals(folder);
    let is_of_test_run =
        |path: &PathBuf| path.to_string_lossy().ends_with(".sandbox.results.journal");
    if !journals.iter().all(is_of_test_run) {
        journals.retain(|path| !is_of_test_run(path));
    }
    journals
}
