//! What a journal says of every row at one moment, for a report that is made while it grows.

use super::slots::Slots;
use super::{Error, Reader, State};
use crate::results::Record;
use std::path::Path;

/// The records of a journal at one moment, and a reader of the file.
#[derive(Debug)]
pub struct Records {
    reader: Reader,
    slots: Slots,
}

impl Records {
    /// What the journal at `path` says at this moment. Whatever of it waits in memory must have
    /// been handed to the system.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn of(path: &Path, state: &State) -> Result<Self, Error> {
        Ok(Self {
            reader: Reader::open(path)?,
            slots: state.slots(),
        })
    }

    /// What a results file says of a row; `None` where it was not sent yet. A row that was
    /// dispatched and has no outcome is `unknown`.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn record(&mut self, row: u64) -> Result<Option<Record>, Error> {
        let place = usize::try_from(row).ok().and_then(|row| row.checked_sub(1));
        let slot = place.and_then(|place| self.slots.get(place));
        self.reader
            .record_at(slot.copied().unwrap_or_default(), row)
    }
}
