//! The front of the pipeline: rows in their order, each with the right to be sent.
//!
//! The throttle is awaited here, one row after the other, before a row is in flight. So a lookup
//! or a retry waits for one row at most, however many may be in flight, and a crash leaves no rows
//! in doubt that only waited for their turn.

use super::dispatch::{Dispatched, Dispatcher, block_size};
use super::feed::{Feed, RowsEnd};
use super::ledger::Ledger;
use super::likeness::LikenessLock;
use super::processor::RowProcessor;
use super::work::{Start, Work};
use crate::plan::{Operation, Task};
use crate::workos::OrganizationsApi;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::mpsc;

/// A row that was read and is not on its way yet.
#[derive(Debug)]
struct Queued {
    task: Arc<Task>,
    dispatched: Option<Dispatched>,
}

/// The rows of a feed, in order.
pub(super) struct Intake<'a, A, L: Ledger, E> {
    processor: &'a RowProcessor<A>,
    dispatcher: &'a Dispatcher<L>,
    feed: Feed<E>,
    end: &'a RowsEnd<E>,
    queue: VecDeque<Queued>,
    /// Rows that have to wait leave the order here, so that they hold nothing up.
    side: mpsc::Sender<Work<'a>>,
}

/// What there is to do with the row at the front.
enum Front<'a> {
    /// Nothing is sent for it.
    Reject,
    /// It has to wait.
    Aside,
    /// It is sent when the throttle permits.
    Send(LikenessLock<'a>),
}

impl<'a, A, L, E> Intake<'a, A, L, E>
where
    A: OrganizationsApi,
    L: Ledger,
    E: Send + 'static,
{
    pub(super) const fn new(
        processor: &'a RowProcessor<A>,
        dispatcher: &'a Dispatcher<L>,
        feed: Feed<E>,
        end: &'a RowsEnd<E>,
        side: mpsc::Sender<Work<'a>>,
    ) -> Self {
        Self {
            processor,
            dispatcher,
            feed,
            end,
            queue: VecDeque::new(),
            side,
        }
    }

    /// The next row that can be in flight; `None` at the end or when the run drains.
    pub(super) async fn next(&mut self) -> Option<Work<'a>> {
        let shutdown = self.processor.shutdown.clone();
        tokio::select! {
            biased;
            () = shutdown.draining() => None,
            next = self.next_work() => next,
        }
    }

    async fn next_work(&mut self) -> Option<Work<'a>> {
        loop {
            let Some(queued) = self.queue.front() else {
                if self.read_more().await {
                    continue;
                }
                return None;
            };
            let front = self.decide(&queued.task);
            let start = match front {
                Front::Reject => Start::Waiting { dispatched: None },
                Front::Aside => {
                    let queued = self.queue.pop_front()?;
                    let start = Start::Waiting {
                        dispatched: queued.dispatched,
                    };
                    let work = Work {
                        task: queued.task,
                        start,
                    };
                    self.side.send(work).await.ok()?;
                    continue;
                }
                Front::Send(lock) => {
                    if !self.processor.caller.may_create().await {
                        return None;
                    }
                    let dispatched = self.dispatched_front()?;
                    Start::Permitted { dispatched, lock }
                }
            };
            let task = self.queue.pop_front()?.task;
            return Some(Work { task, start });
        }
    }

    fn decide(&self, task: &Task) -> Front<'a> {
        match &task.operation {
            Operation::Reject(_) => Front::Reject,
            // What it is to change is read first.
            Operation::Update(_) | Operation::Delete(_) => Front::Aside,
            Operation::Create(create) if create.doubt.is_some() => Front::Aside,
            Operation::Create(create) => self
                .processor
                .likeness
                .try_lock(&create.organization)
                .map_or(Front::Aside, Front::Send),
        }
    }

    /// Waits for more rows; `false` at their end.
    async fn read_more(&mut self) -> bool {
        let next = self.feed.next().await;
        self.receive(next)
    }

    fn receive(&mut self, next: Option<Result<Vec<Task>, E>>) -> bool {
        match next {
            Some(Ok(tasks)) => {
                self.queue.extend(tasks.into_iter().map(|task| Queued {
                    task: Arc::new(task),
                    dispatched: None,
                }));
                true
            }
            Some(Err(error)) => {
                self.end.fail(error);
                false
            }
            None => {
                self.end.complete();
                false
            }
        }
    }

    /// Makes sure that the row at the front is dispatched, together with the rows after it that
    /// are sent within half a second. `None` where the ledger fails.
    fn dispatched_front(&mut self) -> Option<Dispatched> {
        if let Some(dispatched) = self.queue.front()?.dispatched {
            return Some(dispatched);
        }
        let caller = &self.processor.caller;
        let at = caller.server_now();
        let size = block_size(caller.throttle().rate());
        while self.queue.len() < size && !self.feed.is_ended() {
            let Some(next) = self.feed.try_next() else {
                break;
            };
            self.receive(Some(next));
        }
        let fresh = |queued: &&mut Queued| queued.dispatched.is_none() && is_fresh(&queued.task);
        let mut block: Vec<_> = self.queue.iter_mut().filter(fresh).take(size).collect();
        let rows: Vec<&Task> = block.iter().map(|queued| queued.task.as_ref()).collect();
        let dispatched = self.dispatcher.dispatch(&rows, at)?;
        for queued in &mut block {
            queued.dispatched = Some(dispatched);
        }
        Some(dispatched)
    }
}

/// Whether a row is sent without a lookup.
fn is_fresh(task: &Task) -> bool {
    match &task.operation {
        Operation::Create(create) => create.doubt.is_none(),
        Operation::Update(_) | Operation::Delete(_) | Operation::Reject(_) => false,
    }
}
