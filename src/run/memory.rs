//! The lock and the journal of a run, as they are found: is this a new run, or does it resume one?

use super::conclusion::Conclusion;
use super::copied::digest_of;
use super::environment::Environment;
use super::report::Stamp;
use super::table::Table;
use super::{Adopt, DeletedRows, Error, Opened, Request};
use crate::columns::{Mapping, OnePer};
use crate::engine::Baseline;
use crate::journal::{self, List, Numbering, Outcome, Run, State, id_hash, journal_path};
use crate::organization::{Fingerprint, SyncOptions};
use crate::plan::Mode;
use crate::results::{self, Counts, Status};
use crate::storage::{Lock, Storage};
use crate::validate::RepeatedTexts;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// The program, as the journal names it.
pub(super) const PROGRAM: &str = concat!("workos-orgs ", env!("CARGO_PKG_VERSION"));

/// What the journal says before a run.
#[derive(Debug)]
pub(super) struct Memory {
    pub(super) path: PathBuf,
    pub(super) state: Option<State>,
    /// A journal in which no run has begun: a crash cut it off.
    pub(super) unused: Option<State>,
    has_results: bool,
    /// The results file, before it was read.
    pub(super) stamp: Option<Stamp>,
    /// Whether the journal is that of a test run whose sandbox is gone: it is replaced.
    pub(super) replaces_test_run: bool,
    /// Whether the results of that test run were edited since.
    pub(super) has_edited_test_results: bool,
    /// Held as long as the run lasts.
    _lock: Lock,
}

impl Memory {
    /// Takes the lock and reads the journal. Writes nothing.
    ///
    /// # Errors
    /// When another process is at work, the journal cannot be read, or it belongs to something
    /// else than what is asked for.
    pub(super) fn open(
        opened: &Opened,
        environment: &Environment,
        storage: &dyn Storage,
    ) -> Result<Self, Error> {
        let results = &opened.results;
        let lock = storage.lock(results).map_err(|source| {
            let path = results.clone();
            results::Error::Write { path, source }
        })?;
        let lock = lock.ok_or_else(|| Error::Locked {
            results: results.clone(),
            holder: Lock::holder(results),
        })?;
        let path = journal_path(results);
        let (state, unused) = match State::read(&path)? {
            Some(state) if state.runs() == 0 => (None, Some(state)),
            state => (state, None),
        };
        let mut memory = Self {
            path,
            state,
            unused,
            has_results: results.metadata().is_ok_and(|file| file.len() > 0),
            stamp: Stamp::of(results),
            replaces_test_run: false,
            has_edited_test_results: false,
            _lock: lock,
        };
        if environment.is_sandbox() && memory.is_of_sandbox() {
            // The sandbox of that run is gone, and so is all that it created.
            let state = memory.state.take();
            let rendered = state.as_ref().and_then(State::last_end);
            let rendered = rendered.and_then(|end| end.results.clone());
            memory.has_edited_test_results =
                memory.has_results && rendered.is_some() && digest_of(results)? != rendered;
            memory.has_results = false;
            memory.replaces_test_run = true;
        }
        memory.refuse_other_environment(opened, environment)?;
        Ok(memory)
    }

    /// The request as it fits the journal: the rows of a sync that failed are compared again.
    pub(super) fn adapted(&self, request: &Request) -> Request {
        let mut request = request.clone();
        let import = self.state.as_ref().and_then(State::last_import);
        let sync = import.and_then(|import| import.sync.clone());
        if let Some(adopt) = request.sync.adopt {
            request.sync.options = SyncOptions {
                only_external_id: adopt == Adopt::Keep,
                ..sync.clone().unwrap_or_default()
            };
        }
        if let (Mode::Retry(only), Some(options)) = (&request.mode, sync) {
            request.mode = Mode::RetrySync(only.clone());
            request.sync.options = options;
        }
        request
    }

    pub(super) fn last_run(&self) -> Option<&Run> {
        self.state.as_ref().and_then(State::last_run)
    }

    pub(super) fn is_of_sandbox(&self) -> bool {
        self.last_run()
            .is_some_and(|run| run.environment == super::environment::SANDBOX)
    }

    /// Whether this list, read in this way, is the one that was imported last.
    pub(super) fn is_same_list(&self, list: &List) -> bool {
        let import = self.state.as_ref().and_then(State::last_import);
        import.is_some_and(|import| {
            import.list.digest == list.digest
                && import.list.sheet == list.sheet
                && import.list.read.header_row == list.read.header_row
                && import.list.columns == list.columns
        })
    }

    /// What rows of this list repeat of earlier ones, where the last run has kept it of the same
    /// list, read and understood in the same way by the same program.
    pub(super) fn repeats(&self, list: &List, mapping: &Mapping) -> Option<RepeatedTexts> {
        let run = self.state.as_ref().and_then(State::last_import)?;
        let is_same = self.is_same_list(list)
            && run.list.read == list.read
            && run.mapping == *mapping
            && run.program == PROGRAM;
        let kept = run.repeats.as_ref().filter(|_| is_same)?;
        let kept = kept.iter().map(|fingerprint| fingerprint.0).collect();
        Some(RepeatedTexts::kept(kept))
    }

    /// When nothing has changed since a run that has finished, there is nothing to do.
    pub(super) fn nothing_to_do(
        &self,
        request: &Request,
        opened: &Opened,
        list: &List,
    ) -> Result<Option<Conclusion>, Error> {
        let Some(state) = &self.state else {
            return Ok(None);
        };
        // After a retry the results file may lack rows that its user dropped.
        let was_import = state.last_run().is_some_and(|run| run.command.is_of_list());
        let counts = state.counts();
        let may_create_again = counts
            .iter()
            .any(|(status, n)| status == Status::Deleted && n > 0)
            && request.answers.deleted_rows != Some(DeletedRows::Keep);
        let is_over = state.has_ended()
            && !may_create_again
            && was_import
            && state.is_import_finished()
            && !state.needs_comparison()
            && state.duplicates().is_empty()
            && state.retryable_rows().next().is_none();
        let makes_a_plan = request.is_dry_run || request.is_sync();
        if request.is_retry() || makes_a_plan || !is_over || !self.is_same_list(list) {
            return Ok(None);
        }
        if let Some(asked) = &request.mapping.one_per {
            let was = self.mapping().and_then(|mapping| mapping.one_per.as_ref());
            if asked != was.unwrap_or(&OnePer::Row) {
                return Ok(None);
            }
        }
        // Rows that the list does not have any more do not count.
        let numbering = || {
            state
                .last_run()
                .into_iter()
                .flat_map(|run| run.numbering.iter())
        };
        let file = self.counts_of(numbering().map(|(_, id)| id));
        let not_done = if self.mapping().is_some_and(|it| it.one_per.is_some()) {
            let ids: HashSet<u64> = numbering().map(|(_, id)| id).collect();
            self.counts_of(ids.into_iter()).not_done()
        } else {
            file.not_done()
        };
        if not_done != state.counts().not_done() {
            return Ok(None);
        }
        let rendered = state.last_end().and_then(|end| end.results.as_ref());
        if rendered.is_none() || digest_of(&opened.results)?.as_ref() != rendered {
            return Ok(None);
        }
        Ok(Some(Conclusion {
            file,
            ..Conclusion::default()
        }))
    }

    /// How many of these rows have each status. Rows of one id are rows of one organization.
    pub(super) fn counts_of(&self, rows: impl Iterator<Item = u64>) -> Counts {
        let state = self.state.as_ref();
        state.map_or_else(Counts::default, |state| state.counts_of(rows))
    }

    /// Whether the results file may have other cells than its list had.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn is_edited(&self, results: &Path) -> Result<bool, Error> {
        let rendered = self.state.as_ref().and_then(State::last_end);
        let rendered = rendered.and_then(|end| end.results.clone());
        // Corrections that a retry has sent are in no list.
        let was_import = self.last_run().is_some_and(|run| run.command.is_of_list());
        Ok(!was_import || rendered.is_none() || digest_of(results)? != rendered)
    }

    /// What the rows of each id have in common, also of those that this run does not have.
    pub(super) fn keys(&self, rows: impl Iterator<Item = (u32, u64)>) -> Vec<Fingerprint> {
        let mut keys = self
            .last_run()
            .map_or_else(Vec::new, |run| run.keys.clone());
        for (id, key) in rows.filter(|(_, key)| *key != 0) {
            let place = id.saturating_sub(1) as usize;
            keys.resize(keys.len().max(place + 1), Fingerprint(0));
            if let Some(slot) = keys.get_mut(place) {
                *slot = Fingerprint(key);
            }
        }
        keys
    }

    /// The journal, where it is missing although there are results.
    pub(super) fn missing_journal(&self) -> Option<&Path> {
        (self.state.is_none() && self.has_results).then_some(self.path.as_path())
    }

    /// Whether the last import has come to the end of its list.
    pub(super) fn is_import_finished(&self) -> bool {
        self.state.as_ref().is_some_and(State::is_import_finished)
    }

    /// Whether there is a results file.
    pub(super) const fn has_results(&self) -> bool {
        self.has_results
    }

    /// Whether WorkOS has to be compared with the journal at the end of this run.
    pub(super) fn needs_comparison(&self) -> bool {
        let state = self.state.as_ref();
        state.is_some_and(|state| state.needs_comparison() || !state.duplicates().is_empty())
    }

    /// What was there before the first run, if the journal says so.
    pub(super) fn baseline(&self) -> Option<Baseline> {
        let baseline = self.state.as_ref().and_then(State::baseline)?;
        Some(Baseline {
            at: baseline.at,
            newest: baseline.newest,
            ids: baseline.ids.clone(),
            is_late: baseline.is_late,
        })
    }

    /// The hashes of the organizations that rows own; `more` come from the results file or were
    /// found in WorkOS.
    pub(super) fn owned(&self, more: &[Outcome]) -> Vec<u64> {
        let state = self.state.as_ref();
        let owned = state.into_iter().flat_map(State::owned);
        let owned = owned.map(|(_, organization)| organization);
        let more = more
            .iter()
            .filter_map(|outcome| outcome.organization_id.as_deref());
        owned.chain(more.map(id_hash)).collect()
    }

    /// Whether a row of the journal owns an organization.
    pub(super) fn is_owned(&self, organization: u64) -> bool {
        self.state
            .as_ref()
            .is_some_and(|state| state.is_owned(organization))
    }

    /// What the columns meant in the last run.
    pub(super) fn mapping(&self) -> Option<&Mapping> {
        self.last_run().map(|run| &run.mapping)
    }

    /// What generated external ids begin with; `None` where none are asked for. Each journal has
    /// its own, so two lists never get the same ids.
    pub(super) fn generated_ids(&self, mapping: &Mapping) -> Option<String> {
        if !mapping.external_id_generated {
            return None;
        }
        let before = self.last_run().and_then(|run| run.generated.clone());
        Some(before.unwrap_or_else(|| format!("wo-{}", ulid::Ulid::generate()).to_lowercase()))
    }

    /// Which row of this run has which id. Rows that a retry does not have keep theirs.
    pub(super) fn numbering(&self, table: &Table) -> Numbering {
        let (true, Some(before)) = (table.layout.is_some(), self.last_run()) else {
            return Numbering::new(table.numbers());
        };
        let mut rows: Vec<(u64, u64)> = table.numbers().collect();
        let ids: HashSet<u64> = rows.iter().map(|(_, id)| *id).collect();
        let numbers: HashSet<u64> = rows.iter().map(|(number, _)| *number).collect();
        let left = before.numbering.iter();
        rows.extend(left.filter(|(number, id)| {
            !numbers.contains(number) && (table.is_united || !ids.contains(id))
        }));
        rows.sort_unstable();
        Numbering::new(rows)
    }

    /// Which row of the last run had which id.
    pub(super) fn numbering_before(&self) -> Numbering {
        let run = self.last_run();
        run.map_or_else(Numbering::default, |run| run.numbering.clone())
    }

    /// Why the journal cannot be written.
    pub(super) fn write_error(&self, source: std::io::Error) -> journal::Error {
        journal::Error::Write {
            path: self.path.clone(),
            source,
        }
    }
}

/// A file that its user has made read-only is not replaced.
///
/// # Errors
/// When it is read-only.
pub(super) fn refuse_read_only(results: &Path) -> Result<(), results::Error> {
    let is_read_only = results
        .metadata()
        .is_ok_and(|it| it.permissions().readonly());
    if !is_read_only {
        return Ok(());
    }
    Err(results::Error::Write {
        path: results.to_owned(),
        source: std::io::ErrorKind::PermissionDenied.into(),
    })
}
