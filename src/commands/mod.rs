//! One file a subcommand: wiring, no logic.

pub mod check;
pub mod create;
pub mod dry_run;
pub mod export;
pub mod import;
mod place;
pub mod plan;
pub mod report;
pub mod sandbox;
pub mod status;
pub mod template;
pub mod verify;

pub use crate::run::{ConnectionOptions, Error};

use crate::engine::Shutdown;

/// Does what only reads and writes files, until Ctrl-C. What is unfinished then ends with the process.
///
/// # Errors
/// Those of the work, or that it was interrupted.
pub async fn interruptible<T: Send + 'static>(
    shutdown: &Shutdown,
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::select! {
        biased;
        done = tokio::task::spawn_blocking(work) => {
            done.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
        }
        () = shutdown.draining() => Err(Error::Interrupted),
    }
}
