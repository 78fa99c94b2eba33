//! A row that is handed to the processor, and how far it has come.

use super::dispatch::Dispatched;
use super::likeness::LikenessLock;
use crate::plan::Task;
use std::sync::Arc;

/// A row on its way.
#[derive(Debug)]
pub(super) struct Work<'a> {
    pub(super) task: Arc<Task>,
    pub(super) start: Start<'a>,
}

/// How far a row has come before it is processed.
#[derive(Debug)]
pub(super) enum Start<'a> {
    /// It may be sent at once.
    Permitted {
        dispatched: Dispatched,
        lock: LikenessLock<'a>,
    },
    /// It has to wait for something first: a lookup, or another row that looks the same.
    Waiting {
        /// Set where it was dispatched with the rows around it.
        dispatched: Option<Dispatched>,
    },
}
