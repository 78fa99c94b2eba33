//! The first writes of a run, after it was confirmed: the journal, with what is known without sending.

use super::Error;
use super::console::Console;
use super::execute::Running;
use super::ledger::RunLedger;
use super::memory::{PROGRAM, refuse_read_only};
use super::preparation::Prepared;
use super::report::{Report, aside};
use super::rows::{Tables, tables_of};
use crate::engine;
use crate::journal::{self, Baseline, Command, Journal, Outcome, Run};
use crate::organization::Fingerprint;
use crate::plan::Mode;
use std::collections::HashMap;
use std::sync::Arc;

/// What the results file says of rows whose organization lacks values that they have now.
const NOT_UPDATED: &str = "rows of this organization were added or changed after it was created: \
     import does not change it, workos-orgs sync does";

impl<C: Console> Running<'_, C> {
    /// Adds the outcomes of rows that were edited in the list after they were sent, for the list as
    /// it is now: the next run then recognizes them by their content.
    pub(super) fn keep(&self, prepared: &Prepared, known: &mut Vec<Outcome>) -> Result<(), Error> {
        let Some(state) = self.memory.state.as_ref() else {
            return Ok(());
        };
        let mut reader = journal::Reader::open(&self.memory.path)?;
        // What the results file says of a row is more than the journal has.
        let claimed: HashMap<u64, usize> =
            (known.iter().map(|outcome| outcome.row)).zip(0..).collect();
        for (index, id) in &prepared.plan.kept {
            let id = u64::from(*id);
            let Some(facts) = prepared.facts.get(*index) else {
                continue;
            };
            let (list, cells) = (facts.list, Fingerprint(facts.content));
            if let Some(outcome) = claimed.get(&id).and_then(|at| known.get_mut(*at)) {
                outcome.sent = Some(outcome.sent.unwrap_or(outcome.list));
                outcome.list = list;
                outcome.cells = Some(cells);
                continue;
            }
            let record = reader.record(state, id)?;
            if let (Some(mut record), Some(row)) = (record, reader.dispatched(state, id)?) {
                if self.opened.original.is_some() {
                    record.message = Some(NOT_UPDATED.to_owned());
                }
                let sent = Some(row.sent.unwrap_or(row.list));
                let outcome = Outcome::new(record, list, sent, row.name, row.external_id);
                known.push(outcome.with_cells(Some(cells)));
            }
        }
        Ok(())
    }

    /// Begins to write: the journal, with what is known without sending anything.
    pub(super) fn begin(
        &mut self,
        prepared: &mut Prepared,
        baseline: engine::Baseline,
        known: Vec<Outcome>,
    ) -> Result<(RunLedger, Tables), Error> {
        let environment = self.setting.environment;
        refuse_read_only(&self.opened.results)?;
        let before = self.memory.numbering_before();
        let tables = tables_of(self.request, &self.opened, prepared, &before)?;
        let keys = prepared.facts.iter().enumerate();
        let keys = keys.map(|(index, facts)| (tables.sent.places.at(index).0, facts.key));
        let keys = self.memory.keys(keys);
        let generated = self.memory.generated_ids(&prepared.mapping);
        let run = Run {
            command: match self.request.mode {
                Mode::Sync if !self.request.sync.creates_only => Command::Sync,
                Mode::Import | Mode::Sync => Command::Import,
                Mode::Retry(_) | Mode::RetrySync(_) => Command::Retry,
                Mode::Undo => Command::Undo,
            },
            is_whole: prepared.plan.beyond_limit == 0,
            is_incomplete: prepared.is_incomplete,
            program: PROGRAM.to_owned(),
            pid: self.setting.pid,
            at: self.setting.clock.now(),
            api: environment.api.clone(),
            environment: environment.name.clone(),
            key: environment.key.clone(),
            key_hint: environment.key_hint(),
            list: prepared.list.clone(),
            mapping: prepared.mapping.clone(),
            numbering: self.memory.numbering(&tables.reported),
            keys,
            baseline: Baseline {
                at: baseline.at,
                newest: baseline.newest,
                ids: baseline.ids,
                is_late: baseline.is_late,
            },
            generated,
            repeats: (prepared.repeats.few()).map(|few| few.into_iter().map(Fingerprint).collect()),
            sync: (self.request.is_sync() && !self.request.sync.creates_only)
                .then(|| self.request.sync.options.clone()),
        };
        let storage = Arc::clone(&self.setting.storage);
        if self.memory.replaces_test_run {
            self.keep_edited_test_results()?;
            storage
                .remove(&self.memory.path)
                .map_err(|source| self.memory.write_error(source))?;
        }
        let state = self.memory.state.take().or(self.memory.unused.take());
        let mut journal = Journal::begin(Arc::clone(&storage), &self.memory.path, state, run)?;
        for outcome in known {
            journal.outcome(outcome)?;
        }
        journal.flush()?;
        let results = self.opened.results.clone();
        let report = Report::new(
            storage,
            results,
            Arc::clone(&tables.reported),
            self.setting.live,
            self.memory.stamp,
        );
        let ledger = RunLedger::new(
            journal,
            report,
            self.setting.clock,
            self.memory.path.clone(),
            self.pauses.clone(),
        );
        Ok((ledger, tables))
    }

    /// Keeps the results of a test run under another name where their user has edited them.
    fn keep_edited_test_results(&self) -> Result<(), Error> {
        let results = &self.opened.results;
        if !self.memory.has_edited_test_results {
            return Ok(());
        }
        let aside = aside(results);
        fs_err::rename(results, &aside).map_err(|source| self.memory.write_error(source))?;
        self.setting.console.warn(&format!(
            "the results of the last test run were edited; they are kept as {}",
            aside.display()
        ));
        Ok(())
    }
}
