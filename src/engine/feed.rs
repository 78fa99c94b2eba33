//! The rows of a run: read and validated on a thread of their own, in small chunks.

use crate::plan::Task;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::mpsc;

/// The rows of a run, on their way to the pipeline.
pub struct Feed<E>(Source<E>);

enum Source<E> {
    Thread {
        chunks: mpsc::Receiver<Message<E>>,
        thread: Option<JoinHandle<()>>,
    },
    Inline(Box<dyn Iterator<Item = Result<Task, E>> + Send>),
    Ended,
}

enum Message<E> {
    Rows(Vec<Task>),
    Failed(E),
    End,
}

/// The first chunk is small, so that the first row is sent soon.
const FIRST_CHUNK: usize = 16;
/// A large chunk costs less per row.
const LARGEST_CHUNK: usize = 256;

impl<E: Send + 'static> Feed<E> {
    /// Reads the rows on a thread of their own, at most some hundreds ahead of the pipeline.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn on_thread(
        rows: impl Iterator<Item = Result<Task, E>> + Send + 'static,
    ) -> std::io::Result<Self> {
        // One chunk waits while another is being sent.
        let (sender, chunks) = mpsc::channel(1);
        let thread = std::thread::Builder::new()
            .name("rows".to_owned())
            .spawn(move || send_all(rows, &sender))?;
        Ok(Self(Source::Thread {
            chunks,
            thread: Some(thread),
        }))
    }

    /// Reads the rows as the pipeline asks for them. A simulation then depends on no thread.
    pub fn inline(rows: impl Iterator<Item = Result<Task, E>> + Send + 'static) -> Self {
        Self(Source::Inline(Box::new(rows)))
    }

    /// The next rows; `None` at the end.
    pub(super) async fn next(&mut self) -> Option<Result<Vec<Task>, E>> {
        let message = match &mut self.0 {
            Source::Thread { chunks, .. } => chunks.recv().await,
            Source::Inline(rows) => Some(next_row(rows)),
            Source::Ended => return None,
        };
        self.receive(message)
    }

    /// The next rows, where there are any without waiting.
    pub(super) fn try_next(&mut self) -> Option<Result<Vec<Task>, E>> {
        let message = match &mut self.0 {
            Source::Thread { chunks, .. } => match chunks.try_recv() {
                Ok(message) => Some(message),
                Err(mpsc::error::TryRecvError::Empty) => return None,
                Err(mpsc::error::TryRecvError::Disconnected) => None,
            },
            Source::Inline(rows) => Some(next_row(rows)),
            Source::Ended => return None,
        };
        self.receive(message)
    }

    /// Whether the rows have ended.
    pub(super) const fn is_ended(&self) -> bool {
        matches!(self.0, Source::Ended)
    }

    fn receive(&mut self, message: Option<Message<E>>) -> Option<Result<Vec<Task>, E>> {
        let result = match message {
            Some(Message::Rows(rows)) => return Some(Ok(rows)),
            Some(Message::Failed(error)) => Some(Err(error)),
            Some(Message::End) => None,
            // The thread has panicked: that must not look like the end of the rows.
            None => {
                if let Source::Thread { thread, .. } = &mut self.0
                    && let Some(Err(panic)) = thread.take().map(JoinHandle::join)
                {
                    std::panic::resume_unwind(panic);
                }
                None
            }
        };
        self.0 = Source::Ended;
        result
    }
}

impl<E> fmt::Debug for Feed<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").finish_non_exhaustive()
    }
}

fn next_row<E>(rows: &mut dyn Iterator<Item = Result<Task, E>>) -> Message<E> {
    match rows.next() {
        Some(Ok(task)) => Message::Rows(vec![task]),
        Some(Err(error)) => Message::Failed(error),
        None => Message::End,
    }
}

fn send_all<E>(mut rows: impl Iterator<Item = Result<Task, E>>, sender: &mpsc::Sender<Message<E>>) {
    let mut size = FIRST_CHUNK;
    let mut last = None;
    while last.is_none() {
        let mut chunk = Vec::with_capacity(size);
        while chunk.len() < size && last.is_none() {
            match rows.next() {
                Some(Ok(task)) => chunk.push(task),
                // What was read before the error is still sent.
                Some(Err(error)) => last = Some(Message::Failed(error)),
                None => last = Some(Message::End),
            }
        }
        if !chunk.is_empty() && sender.blocking_send(Message::Rows(chunk)).is_err() {
            // The run has ended before the rows.
            return;
        }
        size = (size * 2).min(LARGEST_CHUNK);
    }
    if let Some(last) = last {
        // Nothing is left to do when the receiver is gone.
        drop(sender.blocking_send(last));
    }
}

/// Why the rows could not be read to their end; shared by the intake and the run.
#[derive(Debug)]
pub(super) struct RowsEnd<E>(Mutex<End<E>>);

#[derive(Debug)]
struct End<E> {
    is_complete: bool,
    error: Option<E>,
}

impl<E> RowsEnd<E> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(End {
            is_complete: false,
            error: None,
        }))
    }

    /// Records that all rows were sent or rejected.
    pub(super) fn complete(&self) {
        self.lock().is_complete = true;
    }

    /// Records why no more rows can be read.
    pub(super) fn fail(&self, error: E) {
        self.lock().error = Some(error);
    }

    pub(super) fn is_complete(&self) -> bool {
        let end = self.lock();
        end.is_complete && end.error.is_none()
    }

    pub(super) fn take_error(&self) -> Option<E> {
        self.lock().error.take()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, End<E>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
