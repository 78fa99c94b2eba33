//! The sequence of a run: what was prepared is shown, confirmed and carried out.

use super::conclusion::Conclusion;
use super::confirm::Questions;
use super::console::Console;
use super::dry_run::Planned;
use super::existing::{self, adopt_existing};
use super::mapping::mapping_of;
use super::matched::Matched;
use super::memory::Memory;
use super::pauses::Pauses;
use super::plan_text::PlanText;
use super::planned::{self, Action, PlannedRow};
use super::preparation::{Prepared, list_of};
use super::rate_file::RateFile;
use super::run_plan::RunPlan;
use super::setting::{Setting, read_error};
use super::sync::compare_rows;
use super::understood::Understood;
use super::{Error, Opened, Request};
use crate::columns::Repeats;
use crate::engine::{self, Engine, Observer, ReadError};
use crate::journal::Outcome;
use crate::plan::{Decision, Mode};
use crate::results::Status;
use crate::workos::OrganizationsApi;
use std::future::Future;

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
    if let Some(rate) = request.rate_file.as_deref().and_then(RateFile::rate_now) {
        request.settings.rate = rate;
    }
    let list = list_of(&request, &opened);
    if let Some(conclusion) = memory.nothing_to_do(&request, &opened, &list)? {
        return Ok(conclusion);
    }
    let mut mapping = mapping_of(&request, &opened, &memory, &list)?;
    let understood = request.understood(&mapping);
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
        understood,
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
    pub(super) pauses: Pauses,
    /// How the list was understood.
    understood: Understood,
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
            if !self.request.is_sync() {
                prepared.plan.planned = self.planned_rows(&prepared)?;
            }
            self.show(&prepared);
            return Ok(Conclusion {
                planned: Some(Planned::of(
                    &mut prepared.plan,
                    self.setting.environment,
                    self.understood,
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
        if prepared.several_rows().is_some() {
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

    pub(super) async fn unless_draining<T>(
        &self,
        answer: impl Future<Output = T>,
    ) -> Result<T, Error> {
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
            several_rows: prepared.several_rows(),
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
            several_rows: prepared.several_rows(),
        };
        self.setting.console.info(&text.text());
    }

    /// The rows that an import would send, as they are shown.
    fn planned_rows(&self, prepared: &Prepared) -> Result<Vec<PlannedRow>, Error> {
        let mut rows = Vec::new();
        prepared.read_rows(self.request, &self.opened, |index, row, found| {
            let action = match prepared.plan.decision(index) {
                Decision::Send if found.organization.is_none() => Action::Invalid,
                Decision::Send => Action::Create,
                Decision::LookUp | Decision::Compare => Action::LookUp,
                Decision::Keep | Decision::Leave | Decision::Update => return,
            };
            let organization = found.organization.as_ref();
            rows.push(PlannedRow::new(row.line, organization, action));
        })?;
        Ok(rows)
    }

    pub(super) fn nothing_to_send(&self, plan: &RunPlan) -> Conclusion {
        let file = match &self.opened.original {
            // The results file has a line for each row, not for each organization.
            Some(original) => {
                let rows = original.groups.of_row.iter();
                let listed = rows.map(|group| plan.places.at(*group as usize).0);
                let carried = plan.carried.iter().map(|(_, id)| *id);
                let ids = listed.chain(carried).map(u64::from);
                self.memory.counts_of(ids)
            }
            None => self.memory.counts_of(plan.ids()),
        };
        Conclusion {
            file,
            ..Conclusion::default()
        }
    }
}
