//! The run itself: one stream, from rows to outcomes.
//!
//! ```text
//!        ┌─ in order: permit, dispatch ─► in flight, many at once ─┐
//! rows ──┤                                                         ├─► outcome
//!        └─ rows that have to wait first: lookups, rows alike ─────┘
//! ```

use super::baseline::Baseline;
use super::caller::{Caller, PREFLIGHT_PATIENCE, ReadError};
use super::clock::Clock;
use super::conflict::claimed_by;
use super::dispatch::{Dispatcher, NoLedger};
use super::events::{Event, Observer, Observers};
use super::feed::{Feed, RowsEnd};
use super::intake::Intake;
use super::ledger::Ledger;
use super::likeness::LikenessLocks;
use super::lookup::Lookup;
use super::lost::LostAnswers;
use super::outcome::Outcome;
use super::processor::RowProcessor;
use super::recorder::Recorder;
use super::settings::Settings;
use super::shutdown::{Shutdown, StopReason};
use super::throttle::Throttle;
use super::work::{Start, Work};
use crate::organization::NewOrganization;
use crate::plan::Task;
use crate::results::{Counts, Record};
use crate::workos::{ListQuery, Organization, OrganizationsApi, Page};
use futures::{Stream, StreamExt, stream};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior};

/// How often finished rows become visible to others.
const TICK_EVERY: Duration = Duration::from_millis(250);
/// How many rows that have to wait first are processed at once.
const SIDE_CONCURRENCY: usize = 64;
/// How many more of them are kept in memory before they hold up the others.
const SIDE_QUEUE: usize = 4096;

/// What a run did.
#[derive(Debug)]
pub struct Summary<L, R> {
    /// How many rows came to each status.
    pub counts: Counts,
    /// How many rows were handed out and have no outcome, because the run stopped.
    pub not_tried: u64,
    /// Whether every row of the feed came to an outcome that the ledger has.
    pub is_complete: bool,
    /// When a comparison finds everything that lost responses created; `None` where no
    /// answer was lost and no row was in doubt.
    pub trusted_at: Option<Instant>,
    /// How often all requests had to pause because WorkOS refused one for its rate.
    pub pauses: u64,
    /// Why the run stopped before its end, if it did.
    pub stop_reason: Option<StopReason>,
    /// Why the ledger could not be written.
    pub ledger_error: Option<L>,
    /// Why the rows could not be read to their end.
    pub rows_error: Option<R>,
}

/// Everything that a run needs to process rows.
#[derive(Debug)]
pub struct Engine<A> {
    pub(super) processor: RowProcessor<A>,
    settings: Settings,
}

impl<A: OrganizationsApi> Engine<A> {
    /// An engine that sends its requests to `api`.
    pub fn new(
        api: A,
        settings: Settings,
        observers: Vec<Box<dyn Observer>>,
        shutdown: Shutdown,
        clock: Clock,
    ) -> Self {
        let observers = Observers::new(observers);
        let throttle = Throttle::new(settings.rate);
        Self {
            processor: RowProcessor {
                caller: Caller::new(api, throttle, observers.clone(), shutdown.clone()),
                lookup: Lookup::default(),
                likeness: LikenessLocks::default(),
                lost: LostAnswers::default(),
                policy: settings.policy,
                observers,
                shutdown,
                clock,
                started_at: Instant::now(),
                key_accepted_at: tokio::sync::Mutex::default(),
            },
            settings,
        }
    }

    /// Sets what there was before the first run of the list, and which organizations its rows own
    /// already, as the `xxh3` hashes of their ids. To be called once no earlier process of the
    /// list is alive.
    #[must_use]
    pub fn with_baseline(mut self, baseline: Baseline, owned: Vec<u64>) -> Self {
        self.processor.lookup = Lookup::new(baseline, owned);
        self.processor.started_at = Instant::now();
        self
    }

    /// Lists the newest organizations, which also shows whether the key is accepted and what time
    /// it is by the server's clock.
    ///
    /// # Errors
    /// When WorkOS cannot be reached or refuses the key; [`Shutdown::reason`] then says so.
    pub async fn preflight(&self) -> Result<Baseline, ReadError> {
        self.preflight_within(PREFLIGHT_PATIENCE).await
    }

    /// The same for one organization, on which somebody waits: within the time of one response.
    ///
    /// # Errors
    /// As those of a preflight.
    pub async fn short_preflight(&self) -> Result<Baseline, ReadError> {
        let patience = PREFLIGHT_PATIENCE.min(self.processor.policy.timeout);
        self.preflight_within(patience).await
    }

    async fn preflight_within(&self, patience: Duration) -> Result<Baseline, ReadError> {
        let caller = &self.processor.caller;
        let api = caller.api();
        let query = ListQuery::default();
        match caller.read_within(patience, || api.list(&query)).await {
            Ok(answer) => Ok(Baseline::of_newest(&answer.value.data, caller.server_now())),
            // A server that knows no listing can still create.
            Err(error) if error.is_unsupported() => {
                Ok(Baseline::of_newest(&[], caller.server_now()))
            }
            Err(error) => Err(error),
        }
    }

    /// The organization with this id, where there is one in the environment.
    ///
    /// # Errors
    /// When WorkOS cannot be reached or refuses the key.
    pub async fn organization(&self, id: &str) -> Result<Option<Organization>, ReadError> {
        let caller = &self.processor.caller;
        let api = caller.api();
        let answer = caller.read(|| api.by_id(id)).await?;
        Ok(answer.value)
    }

    /// The organizations that have the external id or a domain of a row.
    ///
    /// # Errors
    /// When WorkOS cannot be reached or refuses the request.
    pub async fn claimed_by(
        &self,
        row: &NewOrganization<'_>,
    ) -> Result<Vec<Organization>, ReadError> {
        claimed_by(&self.processor.caller, row).await
    }

    /// A page of the organizations of the environment.
    ///
    /// # Errors
    /// When WorkOS cannot be reached, or refuses the key or the query.
    pub async fn list(&self, query: &ListQuery<'_>) -> Result<Page, ReadError> {
        let caller = &self.processor.caller;
        let api = caller.api();
        Ok(caller.read(|| api.list(query)).await?.value)
    }

    /// The observers of the run.
    pub fn observers(&self) -> &Observers {
        &self.processor.observers
    }

    /// The server's time, as far as its answers have shown it.
    pub fn server_now(&self) -> Option<jiff::Timestamp> {
        self.processor.caller.server_now()
    }

    /// Processes a single row that is in no ledger.
    ///
    /// Returns its record and, where it has one, its organization; `None` when the key was
    /// refused or the run was interrupted, see [`Shutdown::reason`].
    pub async fn process_one(&self, task: Task) -> Option<(Record, Option<Box<Organization>>)> {
        let dispatcher = Dispatcher::new(NoLedger, self.processor.shutdown.clone());
        let work = Work {
            task: Arc::new(task),
            start: Start::Waiting { dispatched: None },
        };
        match self.processor.process_row(work, &dispatcher).await.1 {
            Outcome::Done(record, organization) => Some((*record, organization)),
            Outcome::AuthRefused(record, _) => Some((*record, None)),
            Outcome::NotTried => None,
        }
    }

    /// Processes all rows of a feed and records their outcomes in the ledger.
    ///
    /// Rows are sent in their order, except those that have to wait for a lookup first, until the
    /// feed ends or the run begins to drain. When this returns, every row that was sent has an
    /// outcome in the ledger, unless [`Summary::ledger_error`] says that it could not be written.
    pub async fn run<L: Ledger, E: Send + 'static>(
        &self,
        feed: Feed<E>,
        ledger: &mut L,
    ) -> Summary<L::Error, E> {
        let processor = &self.processor;
        let shutdown = &processor.shutdown;
        let dispatcher = Dispatcher::new(ledger, shutdown.clone());
        let end = RowsEnd::new();
        let mut recorder = Recorder::new(
            &dispatcher,
            &processor.observers,
            shutdown,
            self.settings.max_failures,
        );
        self.record_all(feed, &end, &dispatcher, &mut recorder)
            .await;
        recorder.finish();
        dispatcher.tick(processor.caller.server_now());
        let (counts, not_tried) = (recorder.counts, recorder.not_tried);
        drop(recorder);
        let ledger_error = dispatcher.into_error();
        let is_complete = end.is_complete() && not_tried == 0 && ledger_error.is_none();
        let rows_error = end.take_error();
        if rows_error.is_some() {
            shutdown.drain(StopReason::Input);
        }
        Summary {
            counts,
            not_tried,
            is_complete,
            trusted_at: processor.lost.trusted_at(),
            pauses: processor.caller.throttle().pauses(),
            stop_reason: shutdown.reason(),
            ledger_error,
            rows_error,
        }
    }

    /// Records outcomes until there are no more.
    async fn record_all<L: Ledger, E: Send + 'static>(
        &self,
        feed: Feed<E>,
        end: &RowsEnd<E>,
        dispatcher: &Dispatcher<L>,
        recorder: &mut Recorder<'_, L>,
    ) {
        let processor = &self.processor;
        let shutdown = &processor.shutdown;
        let mut outcomes = pin!(self.outcomes(feed, end, dispatcher));
        let mut tick = tokio::time::interval(TICK_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut announces_drain = AnnounceDrain::default();
        loop {
            // In this order, so that a simulation can be repeated and outcomes starve nothing.
            tokio::select! {
                biased;
                () = shutdown.draining(), if !announces_drain.is_done => {
                    announces_drain.announce(processor);
                }
                _ = tick.tick() => dispatcher.tick(processor.caller.server_now()),
                next = outcomes.next() => match next {
                    Some((task, outcome)) => recorder.record(task, outcome),
                    None => break,
                },
            }
        }
        announces_drain.announce(processor);
    }

    /// The outcomes of all rows of a feed, as they come.
    fn outcomes<'a, L: Ledger, E: Send + 'static>(
        &'a self,
        feed: Feed<E>,
        end: &'a RowsEnd<E>,
        dispatcher: &'a Dispatcher<L>,
    ) -> Pin<Box<dyn Stream<Item = (Arc<Task>, Outcome)> + Send + 'a>> {
        let processor = &self.processor;
        let (side, waiting) = mpsc::channel(SIDE_QUEUE);
        let intake = Intake::new(processor, dispatcher, feed, end, side);
        let in_order = stream::unfold(intake, |mut intake| async move {
            let work = intake.next().await?;
            Some((work, intake))
        });
        let waiting = stream::unfold(waiting, |mut waiting| async move {
            let work = waiting.recv().await?;
            Some((work, waiting))
        });
        let in_order = in_order
            .map(|work| processor.process_row(work, dispatcher))
            .buffer_unordered(self.settings.concurrency());
        let waiting = waiting
            .map(|work| processor.process_row(work, dispatcher))
            .buffer_unordered(SIDE_CONCURRENCY);
        Box::pin(stream::select(in_order, waiting))
    }
}

/// Notifies the observers once that the run drains.
#[derive(Debug, Default)]
struct AnnounceDrain {
    is_done: bool,
}

impl AnnounceDrain {
    fn announce<A: OrganizationsApi>(&mut self, processor: &RowProcessor<A>) {
        if self.is_done {
            return;
        }
        if let Some(reason) = processor.shutdown.reason() {
            self.is_done = true;
            let running = processor.caller.running();
            processor.observers.emit(&Event::Draining {
                reason: &reason,
                running,
            });
        }
    }
}
