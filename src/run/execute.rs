//! The sequence of a run: what was prepared is shown, confirmed and carried out.

use super::comparison::compare;
use super::conclusion::Conclusion;
use super::confirm::Questions;
use super::console::Console;
use super::dry_run::Planned;
use super::existing::{self, adopt_existing};
use super::ledger::RunLedger;
use super::matched::Matched;
use super::memory::{Memory, PROGRAM, refuse_read_only};
use super::pauses::Pauses;
use super::plan_text::PlanText;
use super::planned;
use super::planning::RunPlan;
use super::preparation::{Prepared, list_of, mapping_of};
use super::rate_file::RateFile;
use super::report::{Live, Report, aside};
use super::rows::{Tables, tables_of};
use super::setting::{Setting, read_error};
use super::sync::compare_rows;
use super::table::Table;
use super::tasks::Tasks;
use super::{Error, Opened, Request};
use crate::columns::Repeats;
use crate::engine::{self, Engine, Event, Feed, Observer, ReadError};
use crate::journal::{self, Baseline, Command, Ended, Journal, Outcome, Run};
use crate::organization::Fingerprint;
use crate::plan::Mode;
use crate::results::Status;
use crate::workos::OrganizationsApi;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use tokio::time::Instant;

/// What the results file says of rows whose organization lacks values that they have now.
const NOT_UPDATED: &str = "rows of this organization were added or changed after it was created: \
     import does not change it, workos-orgs sync does";

/// Makes a run; returns what is to be concluded from it.
///
/// # Errors
/// When the run cannot be made at all; nothing was sent then. Whatever happens later is in the
/// [`Conclusion`].
pub async fn run<A: OrganizationsApi + 'static, C: Console>(
    request: &Request,
    opened: Opened,
    api: A,
    observer: Box<dyn Observer>,
    setting: Setting<'_, C>,
) -> Result<Conclusion, Error> {
    if let Some(plan) = &request.sync.plan {
        plan.refuse_elsewhere(setting.environment)?;
    }
    let memory = Memory::open(&opened, setting.environment, &*setting.storage)?;
    let mut request = memory.adapted(request);
    let list = list_of(&request, &opened);
    if let Some(conclusion) = memory.nothing_to_do(&request, &opened, &list)? {
        return Ok(conclusion);
    }
    let mut mapping = mapping_of(&request, &opened, &memory, &list)?;
    let opened = opened.united(&mut request, &mut mapping)?;
    let request = &request;
    let prepared = Prepared::new(request, &opened, &memory, list, mapping)?;
    let pauses = Pauses::default();
    let engine = Engine::new(
        api,
        request.settings,
        vec![observer, pauses.observer(setting.clock)],
        setting.shutdown.clone(),
        setting.clock,
    );
    let rate_file = request.rate_file.as_deref().map(RateFile::new);
    let _follower = rate_file
        .map(|file| file.follow(engine.rate_control(), |words| setting.console.info(words)));
    let run = Running {
        request,
        opened,
        memory,
        setting,
        pauses,
    };
    if run.request.mode == Mode::Undo {
        return run.undo(engine, prepared).await;
    }
    run.go(engine, prepared).await
}

/// A run whose plan is made.
pub(super) struct Running<'a, C> {
    pub(super) request: &'a Request,
    pub(super) opened: Opened,
    pub(super) memory: Memory,
    pub(super) setting: Setting<'a, C>,
    /// What the journal is to say of pauses.
    pauses: Pauses,
}

impl<C: Console> Running<'_, C> {
    async fn go<A: OrganizationsApi + 'static>(
        mut self,
        engine: Engine<A>,
        mut prepared: Prepared,
    ) -> Result<Conclusion, Error> {
        let asks_workos = prepared.plan.to_send() > 0 || self.memory.needs_comparison();
        let mut baseline = self.memory.baseline();
        let mut known = std::mem::take(&mut prepared.claims);
        let (mut unchanged, mut conflicts) = (0, 0);
        if asks_workos {
            // What a sync asks depends on what WorkOS has.
            if !self.request.is_dry_run && !self.request.is_sync() {
                self.refuse_without_a_terminal(&prepared)?;
            }
            let (now, adopted) = self.ask_workos(&engine, &mut prepared, &known).await?;
            baseline = baseline.or(Some(engine::Baseline {
                is_late: prepared.is_incomplete,
                ..now
            }));
            let count = |status| adopted.iter().filter(|it| it.status == status).count() as u64;
            (unchanged, conflicts) = (count(Status::Unchanged), count(Status::Conflict));
            known.extend(adopted);
        }
        if self.request.is_dry_run {
            self.show(&prepared);
            return Ok(Conclusion {
                planned: Some(Planned::of(
                    &mut prepared.plan,
                    self.setting.environment,
                    &self.request.sync.options,
                )),
                ..Conclusion::default()
            });
        }
        self.request.sync.refuse_excess(&prepared.plan)?;
        if !prepared.plan.skipped.is_empty() {
            let skipped = planned::skipped_in_words(&prepared.plan.skipped);
            self.setting.console.info(&skipped);
        }
        self.keep(&prepared, &mut known)?;
        let asks = asks_workos && !self.request.is_sync() || self.memory.needs_comparison();
        let has_work = asks || prepared.plan.to_process() > 0 || !known.is_empty();
        // An import that another run has left unfinished is finished, so that the next one knows.
        let is_finished = self.request.is_retry()
            || prepared.plan.beyond_limit > 0
            || self.memory.is_import_finished();
        let is_up_to_date = prepared.is_up_to_date && is_finished;
        if !has_work && is_up_to_date && prepared.plan.renamed.is_empty() {
            return Ok(Conclusion {
                skipped: std::mem::take(&mut prepared.plan.skipped),
                ..self.nothing_to_send(&prepared.plan)
            });
        }
        self.show(&prepared);
        let planned = planned::in_words(&prepared.plan.planned);
        if !planned.is_empty() {
            self.setting.console.info(planned.trim_end());
        }
        self.questions(&prepared)
            .ask(self.setting.console, &self.setting.shutdown)
            .await?;
        if prepared.several_rows.is_some() {
            prepared.mapping.repeats = Repeats::Confirmed;
        }
        let baseline = baseline.unwrap_or(engine::Baseline {
            is_late: true,
            ..engine::Baseline::default()
        });
        let mut owned = self.memory.owned(&known);
        owned.extend(prepared.plan.matched.iter().flat_map(Matched::ids));
        let engine = engine.with_baseline(baseline.clone(), owned);
        let (mut ledger, tables) = self.begin(&mut prepared, baseline, known)?;
        let mut conclusion = self
            .execute(&engine, &mut prepared, &mut ledger, &tables)
            .await;
        conclusion.found(Status::Unchanged, unchanged);
        conclusion.found(Status::Conflict, conflicts);
        conclusion.skipped = std::mem::take(&mut prepared.plan.skipped);
        Ok(conclusion)
    }

    /// What is read from WorkOS before anything is sent: whether the key is accepted, and which
    /// rows are there already.
    async fn ask_workos<A: OrganizationsApi>(
        &self,
        engine: &Engine<A>,
        prepared: &mut Prepared,
        claims: &[Outcome],
    ) -> Result<(engine::Baseline, Vec<Outcome>), Error> {
        let now = self.preflight(engine).await?;
        let is_empty = now.newest.is_none() && now.ids.is_empty();
        if is_empty {
            prepared.plan.listed = Some(0);
        }
        if is_empty && !self.request.is_sync() {
            return Ok((now, Vec::new()));
        }
        let (request, opened, memory) = (self.request, &self.opened, &self.memory);
        let adopted = async {
            if request.is_sync() {
                compare_rows(request, opened, prepared, claims, memory, engine).await
            } else {
                adopt_existing(request, opened, prepared, claims, memory, engine).await
            }
        };
        let adopted = self.unless_draining(adopted).await?;
        let adopted = adopted.map_err(|failed| match failed {
            existing::Failed::Read(error) => self.error(error),
            existing::Failed::Listing(error) => Error::Listing(error),
            existing::Failed::List(error) => error,
        })?;
        Ok((now, adopted))
    }

    /// The newest organizations, after the key was checked.
    pub(super) async fn preflight<A: OrganizationsApi>(
        &self,
        engine: &Engine<A>,
    ) -> Result<engine::Baseline, Error> {
        let now = self.answer(engine.preflight()).await?;
        let environment = self.setting.environment;
        let results = &self.opened.results;
        self.answer(self.memory.check_key(engine, environment, results))
            .await??;
        Ok(now)
    }

    /// Waits for an answer of WorkOS before anything is sent, or for Ctrl-C.
    async fn answer<T>(
        &self,
        answer: impl Future<Output = Result<T, ReadError>>,
    ) -> Result<T, Error> {
        let answer = self.unless_draining(answer).await?;
        answer.map_err(|error| self.error(error))
    }

    async fn unless_draining<T>(&self, answer: impl Future<Output = T>) -> Result<T, Error> {
        tokio::select! {
            biased;
            answer = answer => Ok(answer),
            () = self.setting.shutdown.draining() => Err(self.error(ReadError::Interrupted)),
        }
    }

    fn error(&self, error: ReadError) -> Error {
        read_error(error, &self.setting.shutdown, &self.setting.environment.api)
    }

    fn questions<'a>(&'a self, prepared: &'a Prepared) -> Questions<'a> {
        Questions {
            request: self.request,
            environment: self.setting.environment,
            plan: &prepared.plan,
            results: &self.opened.results,
            missing_journal: self.memory.missing_journal(),
            changed_ids: &prepared.changed_ids,
            several_rows: prepared.several_rows.as_ref(),
        }
    }

    /// Without a terminal to ask at, a question is refused before WorkOS is asked anything.
    fn refuse_without_a_terminal(&self, prepared: &Prepared) -> Result<(), Error> {
        if self.setting.console.can_ask() {
            return Ok(());
        }
        let questions = self.questions(prepared);
        if questions.are_open() {
            self.show(prepared);
        }
        questions.refuse(self.setting.console)
    }

    fn show(&self, prepared: &Prepared) {
        let text = PlanText {
            request: self.request,
            reader: self.opened.list_reader(),
            organizations: self
                .opened
                .original
                .as_ref()
                .map(|original| &original.groups),
            mapping: &prepared.mapping,
            environment: self.setting.environment,
            results: &self.opened.results,
            summary: &prepared.summary,
            plan: &prepared.plan,
        };
        self.setting.console.info(&text.text());
    }

    pub(super) fn nothing_to_send(&self, plan: &RunPlan) -> Conclusion {
        Conclusion {
            file: self.memory.counts_of(plan.ids()),
            ..Conclusion::default()
        }
    }

    /// Adds the outcomes of rows that were edited in the list after they were sent, for the list as
    /// it is now: the next run then recognizes them by their content.
    fn keep(&self, prepared: &Prepared, known: &mut Vec<Outcome>) -> Result<(), Error> {
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

    /// Sends what is to be sent, compares, and renders the results file.
    async fn execute<A: OrganizationsApi + 'static>(
        &self,
        engine: &Engine<A>,
        prepared: &mut Prepared,
        ledger: &mut RunLedger,
        tables: &Tables,
    ) -> Conclusion {
        let started = Instant::now();
        let mut conclusion = Conclusion {
            is_united: self.opened.original.is_some(),
            ..Conclusion::default()
        };
        let to_process = prepared.plan.to_process();
        engine.observers().emit(&Event::RowsCounted(to_process));
        let in_doubt = prepared.plan.in_doubt;
        if in_doubt > 0 {
            engine.observers().emit(&Event::InDoubt {
                rows: in_doubt,
                is_interrupted: !prepared.is_incomplete,
            });
        }
        // From here on the file shows what will become of it; one that cannot be written stops
        // the run before the first request.
        let first = ledger.render();
        conclusion.note(first.map(|_| ()).map_err(Error::from));
        let mut is_complete = conclusion.error.is_none();
        if to_process > 0 && is_complete {
            is_complete = self
                .send(engine, prepared, ledger, &tables.sent, &mut conclusion)
                .await;
        }
        let is_verified = self
            .verify(engine, ledger, &tables.reported, &mut conclusion)
            .await;
        // A row in doubt may still turn up, also one that the list does not have any more.
        let has_doubts = ledger.journal.state().rows_in_doubt().next().is_some();
        let is_verified = is_verified && !has_doubts;
        self.finish(prepared, ledger, &mut conclusion, is_complete, is_verified);
        conclusion.stopped = self.setting.shutdown.reason();
        conclusion.elapsed = started.elapsed();
        conclusion
    }

    async fn send<A: OrganizationsApi + 'static>(
        &self,
        engine: &Engine<A>,
        prepared: &mut Prepared,
        ledger: &mut RunLedger,
        table: &Arc<Table>,
        conclusion: &mut Conclusion,
    ) -> bool {
        let generated = ledger.generated_ids();
        let tasks = Tasks::new(
            table,
            &prepared.mapping,
            prepared.repeats.clone(),
            &mut prepared.plan,
            generated,
        );
        let feed = tasks.and_then(|tasks| match self.setting.live {
            Live::Inline => Ok(Feed::inline(tasks)),
            Live::OnThread => Feed::on_thread(tasks).map_err(|source| Error::System {
                what: "cannot start a thread to read rows",
                source,
            }),
        });
        let feed = match feed {
            Ok(feed) => feed,
            Err(error) => {
                conclusion.note(Err(error));
                return false;
            }
        };
        let summary = engine.run(feed, ledger).await;
        if summary.ledger_error.is_none() {
            conclusion.note(ledger.journal.withdraw().map_err(Error::from));
        }
        let is_complete = summary.is_complete;
        conclusion.take(summary);
        is_complete
    }

    /// Compares WorkOS with the journal where an answer was lost. Returns whether the journal can
    /// be relied on.
    pub(super) async fn verify<A: OrganizationsApi>(
        &self,
        engine: &Engine<A>,
        ledger: &mut RunLedger,
        table: &Table,
        conclusion: &mut Conclusion,
    ) -> bool {
        let had_duplicates = !ledger.journal.state().duplicates().is_empty();
        if !ledger.journal.needs_comparison() && !had_duplicates {
            return true;
        }
        conclusion.duplicates = ledger.journal.state().duplicates().to_vec();
        if conclusion.error.is_some() || self.setting.shutdown.is_draining() {
            return false;
        }
        let patience = self.request.settings.policy.longest_patience();
        let settled = self.setting.clock.now() + patience;
        let (listed, reported) = (OnceCell::new(), OnceCell::new());
        let before = self.memory.state.as_ref();
        let was_listed = |row| before.is_some_and(|state| state.was_listed(row));
        let is_gone = |row| match self.request.mode {
            // No row is sent any more.
            Mode::Undo => true,
            // The results file of a retry need not have all rows of the list.
            Mode::Retry(_) | Mode::RetrySync(_) => false,
            // A row that was added to the results file is for a retry.
            Mode::Import | Mode::Sync => {
                !listed.get_or_init(|| table.listed()).contains(&row)
                    && (was_listed(row) || !reported.get_or_init(|| table.ids()).contains(&row))
            }
        };
        match compare(engine, ledger, settled, is_gone).await {
            Ok(compared) => {
                for was in compared.adopted {
                    conclusion.turned_up(was);
                }
                conclusion.duplicates = compared.duplicates;
                true
            }
            Err(_) if self.setting.shutdown.is_draining() => false,
            Err(error) => {
                conclusion.note(Err(Error::Unverified(error)));
                false
            }
        }
    }

    /// Renders the results file for the last time and ends the run in the journal.
    pub(super) fn finish(
        &self,
        prepared: &Prepared,
        ledger: &mut RunLedger,
        conclusion: &mut Conclusion,
        is_complete: bool,
        is_verified: bool,
    ) {
        let rendered = ledger.render();
        for path in &ledger.report.set_aside {
            self.setting.console.warn(&format!(
                "another program changed the results file during the run; its version is kept as {}",
                path.display()
            ));
        }
        let mut digest = None;
        match rendered {
            Ok(rendered) => {
                conclusion.file = rendered.counts;
                conclusion.unsent = rendered.unsent;
                conclusion.unlisted = rendered.unlisted;
                digest = Some(rendered.digest);
            }
            Err(error) => conclusion.note(Err(error.into())),
        }
        let ended = ledger.journal.end(Ended {
            at: self.setting.clock.now(),
            is_finished: is_complete && prepared.plan.beyond_limit == 0,
            is_verified,
            results: digest,
            duplicates: conclusion.duplicates.clone(),
        });
        conclusion.note(ended.map_err(Error::from));
    }
}
