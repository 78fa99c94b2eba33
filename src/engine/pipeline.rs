//! The run itself: one stream, from rows to records.
//!
//! ```text
//! blocks of rows ─► settle, many at once ─► record
//!                   (throttle, retry, reconcile)
//! ```
//! This is the one place that owns the counters, the results writer and the telling of events.

use super::attempt::{Outcome, Policy, Settler};
use super::caller::Caller;
use super::events::{Event, Observer, Observers};
use super::feed::{Feed, SharedRunFile};
use super::rate::Rate;
use super::reconcile::Reconciler;
use super::shutdown::{Shutdown, StopReason};
use super::task::{Task, TaskKind, rejected};
use super::throttle::Throttle;
use crate::results::{Counts, Error, Marker, Record, Status, Writer};
use crate::workos::{Failure, Organization, OrganizationsApi};
use futures::{Stream, StreamExt, stream};
use jiff::Timestamp;
use std::pin::pin;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior};

/// How a run is to be made.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Requests per second.
    pub rate: Rate,
    /// How many rows are under way at once; where it is not fixed, as many as the rate needs.
    pub concurrency: Option<usize>,
    /// How patiently rows are settled.
    pub policy: Policy,
    /// After how many failures in a row no more rows are handed out.
    pub max_failures: u64,
}

impl Settings {
    /// How many rows are under way at once.
    ///
    /// The throttle decides when a request may go, so the rows on their way are as many as are
    /// sent within one latency, whatever it is; this is only the ceiling. It suffices for the
    /// rate at a latency of two seconds. Without a rate it is what keeps one core busy.
    fn concurrency(&self) -> usize {
        let by_default = match self.rate.at_start() {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "the clamp is within both"
            )]
            Some(rate) => (rate * 2.0).clamp(32.0, 512.0) as usize,
            None => 64,
        };
        self.concurrency.unwrap_or(by_default).max(1)
    }
}

/// What a run did.
#[derive(Debug, Default)]
pub struct Summary {
    /// How many rows came to each status.
    pub counts: Counts,
    /// The number of the last row that was handed out.
    pub last_row: u64,
    /// The first row that was handed out and certainly not acted on, because the run stopped.
    pub first_untried: Option<u64>,
    /// Whether the results file or the run file failed, and how.
    pub results_error: Option<Error>,
    /// Whether an answer was lost on the way.
    pub answer_lost: bool,
    /// How often everybody had to pause because WorkOS refused a request for its rate.
    pub pauses: u64,
}

/// Other programs see a finished row after at most this long.
const FLUSH_EVERY: Duration = Duration::from_millis(250);
/// A loss of power costs at most this much of the results file; its rows are then looked up.
const SYNC_EVERY: Duration = Duration::from_secs(5);

/// Everything that a run needs to settle rows.
#[derive(Debug)]
pub struct Engine<A> {
    pub(super) settler: Settler<A>,
    settings: Settings,
}

impl<A: OrganizationsApi> Engine<A> {
    /// An engine that asks `api`.
    pub fn new(
        api: A,
        settings: Settings,
        observers: Vec<Box<dyn Observer>>,
        shutdown: Shutdown,
    ) -> Self {
        let observers = Observers::new(observers);
        Self {
            settler: Settler {
                caller: Caller::new(
                    api,
                    Throttle::new(settings.rate),
                    observers.clone(),
                    shutdown.clone(),
                    settings.policy.max_attempts,
                ),
                reconciler: Reconciler::default(),
                policy: settings.policy,
                observers,
                shutdown,
                started_at: Instant::now(),
                answer_lost: AtomicBool::new(false),
            },
            settings,
        }
    }

    /// Asks what there is in the environment, which also shows whether the key is accepted.
    ///
    /// # Errors
    /// When WorkOS cannot be reached or refuses the key; [`Shutdown::reason`] then says so.
    pub async fn marker(&self) -> Result<Marker, Failure> {
        let caller = &self.settler.caller;
        match caller.read(|| caller.api().newest(None)).await {
            Ok(answer) => Ok(marker_of(&answer.value.data)),
            // A server that knows no listing can still create; its clock cannot be told.
            Err(Failure::Refused(refusal)) if matches!(refusal.http_status, 404 | 405) => {
                Ok(Marker {
                    created_at: Some(Timestamp::now()),
                    ..Marker::default()
                })
            }
            Err(failure) => Err(failure),
        }
    }

    /// Whether there is an organization with this id in the environment.
    ///
    /// # Errors
    /// When WorkOS cannot be reached or refuses the key.
    pub async fn exists(&self, id: &str) -> Result<bool, Failure> {
        Ok(self.organization(id).await?.is_some())
    }

    /// The organization with this id, where there is one in the environment.
    ///
    /// # Errors
    /// When WorkOS cannot be reached or refuses the key.
    pub async fn organization(&self, id: &str) -> Result<Option<Organization>, Failure> {
        let caller = &self.settler.caller;
        let answer = caller.read(|| caller.api().by_id(id)).await?;
        Ok(answer.value)
    }

    /// Says before which organizations the run began, and which ones, by hashed id, earlier
    /// processes of it have recorded.
    pub fn set_out(&mut self, marker: Marker, owned: Vec<u64>) {
        self.settler.reconciler = Reconciler::new(marker, owned);
        self.settler.started_at = Instant::now();
    }

    /// Tells the observers.
    pub fn observers(&self) -> &Observers {
        &self.settler.observers
    }

    /// Settles a single row that stands in no file.
    ///
    /// Returns its record and, where it has one, its organization; `None` when the key was
    /// refused or the run was interrupted, as [`Shutdown::reason`] tells.
    pub async fn settle_one(&self, task: &Task) -> Option<(Record, Option<Box<Organization>>)> {
        match self.outcome(task).await {
            Outcome::Settled(record, organization) => Some((record, organization)),
            Outcome::NotTried => None,
        }
    }

    async fn outcome(&self, task: &Task) -> Outcome {
        let Task { row, kind } = task;
        match kind {
            TaskKind::Reject(problems) => Outcome::Settled(rejected(row.number, problems), None),
            TaskKind::Create(candidate) => {
                self.settler.settle(row.number, row.line, candidate).await
            }
        }
    }

    /// Settles all rows of a feed and records their outcomes.
    ///
    /// Rows are handed out in their order until the feed ends or the run begins to drain. When
    /// this returns, every row that was sent has a record, unless [`Summary::results_error`] says
    /// that it could not be written.
    pub async fn run(&self, feed: Feed, writer: &mut Writer, run_file: &SharedRunFile) -> Summary {
        let mut recorder = Recorder {
            engine: self,
            writer,
            run_file,
            summary: Summary::default(),
            failures_in_a_row: 0,
            synced_at: Instant::now(),
        };
        let handed_out = AtomicU64::new(0);
        let mut outcomes = pin!(
            tasks(feed)
                .take_until(self.settler.shutdown.draining())
                .map(|task| {
                    handed_out.store(task.row.number, Ordering::Relaxed);
                    async move {
                        let outcome = self.outcome(&task).await;
                        (task, outcome)
                    }
                })
                .buffer_unordered(self.settings.concurrency())
        );
        let mut tick = tokio::time::interval(FLUSH_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let shutdown = &self.settler.shutdown;
        let mut is_draining = false;
        loop {
            tokio::select! {
                next = outcomes.next() => match next {
                    Some((task, outcome)) => recorder.record(&task, outcome),
                    None => break,
                },
                _ = tick.tick() => recorder.tick(),
                () = shutdown.draining(), if !is_draining => {
                    is_draining = true;
                    if let Some(reason) = shutdown.reason() {
                        self.observers().tell(&Event::Draining(&reason));
                    }
                }
            }
        }
        if let Some(reason) = shutdown.reason().filter(|_| !is_draining) {
            // The last rows in flight were through before anybody could be told.
            self.observers().tell(&Event::Draining(&reason));
        }
        recorder.tick();
        Summary {
            last_row: handed_out.load(Ordering::Relaxed),
            pauses: self.settler.caller.throttle().pauses(),
            answer_lost: self.settler.answer_lost.load(Ordering::Relaxed),
            ..recorder.summary
        }
    }
}

/// The newest of some organizations, with all that were created in the same millisecond.
fn marker_of(organizations: &[Organization]) -> Marker {
    let created_at = organizations.iter().filter_map(|o| o.created_at).max();
    let newest = organizations.iter().filter(|o| o.created_at == created_at);
    Marker {
        created_at,
        ids: newest.map(|organization| organization.id.clone()).collect(),
        is_late: false,
    }
}

/// The rows of a feed, one by one.
fn tasks(feed: Feed) -> impl Stream<Item = Task> {
    stream::unfold(feed, |mut feed| async move {
        let block = feed.next_block().await?;
        Some((stream::iter(block), feed))
    })
    .flatten()
}

/// Takes outcomes in: into the results file, the counters, and the ears of the observers.
struct Recorder<'a, A> {
    engine: &'a Engine<A>,
    writer: &'a mut Writer,
    run_file: &'a SharedRunFile,
    summary: Summary,
    failures_in_a_row: u64,
    synced_at: Instant,
}

impl<A: OrganizationsApi> Recorder<'_, A> {
    fn record(&mut self, task: &Task, outcome: Outcome) {
        let Outcome::Settled(record, _) = outcome else {
            let row = task.row.number;
            let first = self.summary.first_untried.unwrap_or(row);
            self.summary.first_untried = Some(first.min(row));
            return;
        };
        let written = self.writer.write(&task.row.cells, &record);
        self.note(written.map_err(Error::from));
        self.summary.counts.add(Some(record.status));
        self.count_failures(record.status);
        self.engine.observers().tell(&Event::RowFinished {
            line: task.row.line,
            name: task.name(),
            record: &record,
        });
    }

    fn count_failures(&mut self, status: Status) {
        match status {
            Status::Failed | Status::Unknown => self.failures_in_a_row += 1,
            Status::Invalid => {}
            _ => self.failures_in_a_row = 0,
        }
        if self.failures_in_a_row >= self.engine.settings.max_failures {
            let reason = StopReason::TooManyFailures(self.failures_in_a_row);
            self.engine.settler.shutdown.drain(reason);
        }
    }

    /// What is done now and then: finished rows become visible, and, less often, lasting.
    fn tick(&mut self) {
        let flushed = self.writer.flush();
        self.note(flushed.map_err(Error::from));
        if self.engine.settler.answer_lost.load(Ordering::Relaxed) {
            let mut run_file = self.run_file.lock().unwrap_or_else(PoisonError::into_inner);
            let written = run_file.answer_lost();
            drop(run_file);
            self.note(written);
        }
        if self.synced_at.elapsed() >= SYNC_EVERY {
            self.synced_at = Instant::now();
            if let Ok(file) = self.writer.handle() {
                // Off this thread: a slow disk must not hold requests up. An error will show
                // again in the sync that ends the run.
                tokio::task::spawn_blocking(move || file.sync_data());
            }
        }
    }

    /// A file that cannot be written ends the run; what is under way is finished and kept.
    fn note(&mut self, written: Result<(), Error>) {
        if let Err(error) = written {
            self.engine.settler.shutdown.drain(StopReason::Results);
            self.summary.results_error = Some(error);
        }
    }
}
