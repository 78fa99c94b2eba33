//! Where and how a run takes place, and why WorkOS could not be asked there.

use super::Error;
use super::environment::Environment;
use super::report::Live;
use crate::engine::{Clock, ReadError, Shutdown, StopReason};
use crate::storage::Storage;
use std::sync::Arc;

/// Where and how a run takes place.
#[derive(Debug)]
pub struct Setting<'a, C> {
    /// Where WorkOS is.
    pub environment: &'a Environment,
    /// Where files are written.
    pub storage: Arc<dyn Storage>,
    /// Where the run speaks to its user.
    pub console: &'a C,
    /// The signal to stop.
    pub shutdown: Shutdown,
    /// This machine's clock.
    pub clock: Clock,
    /// The id of this process, for the journal.
    pub pid: u32,
    /// How the results file follows the run.
    pub live: Live,
}

/// Why WorkOS at `api` could not be asked anything.
pub(crate) fn read_error(error: ReadError, shutdown: &Shutdown, api: &str) -> Error {
    match (error, shutdown.reason()) {
        (_, Some(StopReason::KeyRefused(refusal))) => Error::KeyRefused(refusal),
        (ReadError::Failed(source), _) => Error::Unreachable {
            api: api.to_owned(),
            source,
        },
        (ReadError::Interrupted, Some(StopReason::LongPause(pause))) => Error::LongPause {
            api: api.to_owned(),
            hours: pause.as_secs() / 3600,
        },
        (ReadError::Interrupted, _) => Error::Interrupted,
        (error @ ReadError::EndlessList(_), _) => {
            Error::Listing(crate::snapshot::Error::Fetch(error))
        }
    }
}
