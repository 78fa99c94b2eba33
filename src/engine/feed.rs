//! Handing out rows: read and examined on a thread of their own, announced in the run file block
//! by block, and only then passed on to be sent.
//!
//! The end of a block is on the disk before its first row can be sent. After a crash, the rows of
//! announced blocks that have no outcome are all that can be in doubt.

use super::rows::RowsError;
use super::task::Task;
use crate::results::{self, RunFile};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;

/// The run file, shared by those who announce and those who conclude.
pub type SharedRunFile = Arc<Mutex<RunFile>>;

/// Rows on their way to the pipeline.
#[derive(Debug)]
pub struct Feed {
    blocks: mpsc::Receiver<Vec<Task>>,
}

/// The thread that reads rows.
#[derive(Debug)]
pub struct Feeder(std::thread::JoinHandle<Result<(), RowsError>>);

/// The first block is small, so that the first row is sent soon.
const FIRST_BLOCK: usize = 32;
/// Later blocks grow up to this while the pipeline waits for them: an announcement costs a sync.
const LARGEST_BLOCK: usize = 2048;
/// A pipeline that does not wait gets blocks of this size: a crash then leaves few in doubt.
const USUAL_BLOCK: usize = 256;

impl Feed {
    /// Starts to hand out rows.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn start(
        rows: impl Iterator<Item = Result<Task, RowsError>> + Send + 'static,
        run_file: SharedRunFile,
    ) -> std::io::Result<(Self, Feeder)> {
        // One block waits while another is being sent.
        let (sender, blocks) = mpsc::channel(1);
        let thread = std::thread::Builder::new()
            .name("rows".to_owned())
            .spawn(move || hand_out(rows, &run_file, &sender))?;
        Ok((Self { blocks }, Feeder(thread)))
    }

    pub(super) async fn next_block(&mut self) -> Option<Vec<Task>> {
        self.blocks.recv().await
    }
}

impl Feeder {
    /// Whether the thread has ended.
    pub fn is_finished(&self) -> bool {
        self.0.is_finished()
    }

    /// Waits for the thread and returns how it ended.
    ///
    /// # Errors
    /// When the rows could not be read to their end, or not be announced.
    pub fn finish(self) -> Result<(), RowsError> {
        match self.0.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

fn hand_out(
    mut rows: impl Iterator<Item = Result<Task, RowsError>>,
    run_file: &Mutex<RunFile>,
    sender: &mpsc::Sender<Vec<Task>>,
) -> Result<(), RowsError> {
    let mut size = FIRST_BLOCK;
    let mut failed = Ok(());
    while failed.is_ok() {
        let mut block = Vec::with_capacity(size);
        for row in rows.by_ref().take(size) {
            match row {
                Ok(task) => block.push(task),
                Err(error) => {
                    // What was read before the error is still sent.
                    failed = Err(error);
                    break;
                }
            }
        }
        let Some(last) = block.last() else {
            break;
        };
        announce(run_file, last.row.number)?;
        let pipeline_waits = sender.capacity() > 0;
        size = if pipeline_waits {
            (size * 2).min(LARGEST_BLOCK)
        } else {
            USUAL_BLOCK
        };
        if sender.blocking_send(block).is_err() {
            break;
        }
    }
    failed
}

/// Rows that an earlier process has announced need no second announcement.
fn announce(run_file: &Mutex<RunFile>, up_to_row: u64) -> Result<(), results::Error> {
    let mut run_file = run_file.lock().unwrap_or_else(PoisonError::into_inner);
    if run_file.state().handed_out < up_to_row {
        run_file.hand_out(up_to_row)?;
        tracing::debug!(up_to_row, "handed out");
    }
    Ok(())
}
