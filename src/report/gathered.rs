//! What a report is made of: the rows of a results file, with what the journal says of each, and the
//! journal's runs.

use super::error::Error;
use super::facts::{CleanedSample, RowFacts};
use super::history::RunHistory;
use super::rows::Sheet;
use crate::input::{ReadOptions, Reader, Source};
use crate::journal::{self, History, Numbering, Outcome, Progress, Run, State, journal_path};
use crate::results::Status;
use crate::storage::{Disk, Storage};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

/// Everything that is read for a report.
#[derive(Debug)]
pub struct Gathered {
    /// The results file, as the user named it.
    pub(super) results: PathBuf,
    /// When the report is made.
    pub(super) made_at: Timestamp,
    /// Whether a run is at work.
    pub(super) is_running: bool,
    /// The last run; `None` without a journal.
    pub(super) last_run: Option<Run>,
    /// The list of the last import.
    pub(super) import: Option<Run>,
    /// Whether the last run has ended.
    pub(super) has_ended: bool,
    /// The rows.
    pub(super) rows: Vec<RowFacts>,
    /// What was cleaned, by code: the count and the first cells.
    pub(super) cleaned: BTreeMap<&'static str, (u64, Vec<CleanedSample>)>,
    /// Organizations of rows that are not listed any more.
    pub(super) no_longer_listed: u64,
    /// Organizations that no row owns.
    pub(super) duplicates: Vec<journal::Duplicate>,
    /// The runs.
    pub(super) history: Vec<RunHistory>,
}

impl Gathered {
    /// Reads a results file and its journal. Each may be missing, but not both.
    ///
    /// `is_running` says that the caller is the run; otherwise its lock is asked.
    ///
    /// # Errors
    /// When one of them cannot be read, or it is not a results file.
    pub fn read(results: &Path, made_at: Timestamp, is_running: bool) -> Result<Self, Error> {
        let path = journal_path(results);
        let state = State::read(&path)?;
        let has_ended = state.as_ref().is_none_or(State::has_ended);
        let is_running = is_running || !has_ended && is_locked(results);
        let mut memory = match &state {
            Some(state) => Some(Memory {
                state,
                reader: journal::Reader::open(&path)?,
                is_running,
            }),
            None => None,
        };
        let last_run = state.as_ref().and_then(State::last_run);
        let mapping = last_run.map(|run| &run.mapping);
        let mut sheet = Sheet::default();
        let is_missing = !results.exists() && memory.is_some();
        if !is_missing {
            let reader = Reader::open(&Source::File(results.to_owned()), &ReadOptions::default())?;
            sheet.read(reader, results, mapping)?;
        }
        let numbering = last_run.map(|run| &run.numbering);
        let mut no_longer_listed = 0;
        if let (Some(memory), Some(numbering)) = (&mut memory, numbering) {
            memory.complete(&mut sheet.rows, numbering, is_missing)?;
            no_longer_listed = memory.no_longer_listed(&sheet.rows, numbering);
        }
        let history = match &state {
            Some(state) => RunHistory::of(History::open(&path, state)?)?,
            None => Vec::new(),
        };
        Ok(Self {
            results: results.to_owned(),
            made_at,
            is_running,
            last_run: last_run.cloned(),
            import: state.as_ref().and_then(State::last_import).cloned(),
            has_ended,
            rows: sheet.rows,
            cleaned: sheet.cleaned,
            no_longer_listed,
            duplicates: state
                .as_ref()
                .map_or_else(Vec::new, |state| state.duplicates().to_vec()),
            history,
        })
    }
}

/// Whether a run holds the lock of a results file.
fn is_locked(results: &Path) -> bool {
    matches!(Disk.lock(results), Ok(None))
}

/// What the journal says of rows.
struct Memory<'a> {
    state: &'a State,
    reader: journal::Reader,
    is_running: bool,
}

impl Memory<'_> {
    /// Replaces what the results file says of its rows by what the journal says, and adds the rows
    /// that the file does not have.
    fn complete(
        &mut self,
        rows: &mut Vec<RowFacts>,
        numbering: &Numbering,
        is_missing: bool,
    ) -> Result<(), journal::Error> {
        let (mut numbers, mut seen) = (HashSet::new(), HashSet::new());
        for row in rows.iter_mut() {
            let id = numbering.id(row.row).filter(|_| numbers.insert(row.row));
            self.fill(row, id, &mut seen)?;
        }
        for (number, id) in numbering.iter() {
            let is_known = self.state.progress(id) != Progress::Unseen;
            if numbers.contains(&number) || !(is_known || is_missing) {
                continue;
            }
            let mut row = RowFacts {
                row: number,
                ..RowFacts::default()
            };
            self.fill(&mut row, Some(id), &mut seen)?;
            rows.push(row);
        }
        Ok(())
    }

    /// Takes the result of the row of this id; `seen` are the ids of earlier rows. Rows that were
    /// united have the same.
    fn fill(
        &mut self,
        row: &mut RowFacts,
        id: Option<u64>,
        seen: &mut HashSet<u64>,
    ) -> Result<(), journal::Error> {
        let cells = std::mem::take(row);
        *row = RowFacts {
            row: cells.row,
            line: cells.line,
            name: cells.name,
            domains: cells.domains,
            external_id: cells.external_id,
            ..RowFacts::default()
        };
        let Some(id) = id else {
            return Ok(());
        };
        match self.state.progress(id) {
            Progress::Unseen => {}
            // It is being sent right now.
            Progress::Dispatched if self.is_running => self.name(row, id)?,
            Progress::Dispatched => {
                if let Some(record) = self.reader.record(self.state, id)? {
                    row.add_record(record);
                }
                self.name(row, id)?;
            }
            Progress::Outcome(_) => {
                if let Some(outcome) = self.reader.outcome(self.state, id)? {
                    row.add_outcome(outcome);
                }
            }
        }
        if !seen.insert(id) {
            row.status = row.status.map(Status::of_other_row);
            row.attempts = 0;
        }
        Ok(())
    }

    /// Takes the name and the external id from the journal where the results file has none.
    fn name(&mut self, row: &mut RowFacts, id: u64) -> Result<(), journal::Error> {
        if let Some(dispatched) = self.reader.dispatched(self.state, id)? {
            row.add_names(dispatched.name, dispatched.external_id);
        }
        Ok(())
    }

    /// How many organizations belong to rows that are not there any more.
    fn no_longer_listed(&self, rows: &[RowFacts], numbering: &Numbering) -> u64 {
        let ids = rows.iter().filter_map(|row| numbering.id(row.row));
        let ids: HashSet<u64> = ids.collect();
        let gone = self.state.owned().filter(|(id, _)| !ids.contains(id));
        gone.count() as u64
    }
}

impl RowFacts {
    fn add_outcome(&mut self, mut outcome: Outcome) {
        let name = std::mem::take(&mut outcome.name);
        self.add_names(name, outcome.external_id.take());
        self.add_record(outcome.into_record());
    }

    fn add_names(&mut self, name: String, external_id: Option<String>) {
        if self.name.is_empty() {
            self.name = name;
        }
        if external_id.is_some() {
            self.external_id = external_id;
        }
    }
}
