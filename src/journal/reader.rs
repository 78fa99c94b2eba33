//! Reading back what a journal says of one row, at the line where it says it.

use super::rows::Slot;
use super::state::State;
use super::{Dispatched, DispatchedRow, Error, Event, Outcome, Progress};
use crate::results::{Record, Status};
use fs_err::File;
use memchr::memchr;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Blocks are small enough that rows of two parts of a file can be read by turns.
const BLOCK: u64 = 64 * 1024;
const BLOCKS: usize = 8;

/// Reads lines of a journal by where they begin. Rows in order are read nearly in the order of the
/// file, so a few blocks in memory make it as good as sequential.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    file: File,
    /// Each block of the file has one place, which it shares with others.
    blocks: Vec<Block>,
    line: Vec<u8>,
}

#[derive(Debug, Default)]
struct Block {
    /// The number of the block in the file, counted from 1; 0 where nothing was read.
    number: u64,
    bytes: Vec<u8>,
}

impl Reader {
    /// Opens a journal to read from it.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(|source| Error::Read {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            path: path.to_owned(),
            file,
            blocks: (0..BLOCKS).map(|_| Block::default()).collect(),
            line: Vec::new(),
        })
    }

    /// The file that it reads, also when its name leads to another one by now.
    pub(super) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// What a results file says of a row. A row that was dispatched and has no outcome has the
    /// status [`Unknown`](Status::Unknown); `None` where the row was not sent yet.
    ///
    /// # Errors
    /// When the journal cannot be read or was changed.
    pub fn record(&mut self, state: &State, row: u64) -> Result<Option<Record>, Error> {
        let slot = state.slot(row).copied().unwrap_or_default();
        self.record_at(slot, row)
    }

    /// See [`record`](Self::record).
    pub(super) fn record_at(&mut self, slot: Slot, row: u64) -> Result<Option<Record>, Error> {
        match slot.progress() {
            Progress::Unseen => Ok(None),
            Progress::Dispatched => Ok(Some(Record {
                finished_at: None,
                message: Some(
                    "sent, but the run stopped before the response. Run the same command again: it looks the row up first".to_owned(),
                ),
                ..Record::new(row, Status::Unknown)
            })),
            Progress::Outcome(_) => {
                let outcome = self.outcome_at(slot.offset(), row)?;
                Ok(Some(outcome.into_record()))
            }
        }
    }

    /// The last outcome of a row; `None` where it has none, or was dispatched again since.
    ///
    /// # Errors
    /// When the journal cannot be read or was changed.
    pub fn outcome(&mut self, state: &State, row: u64) -> Result<Option<Outcome>, Error> {
        let slot = state.slot(row);
        match slot.filter(|slot| slot.progress().status().is_some()) {
            Some(slot) => self.outcome_at(slot.offset(), row).map(Some),
            None => Ok(None),
        }
    }

    /// What was last dispatched for a row, or said of it when it was finished; `None` where the
    /// journal does not mention it.
    ///
    /// # Errors
    /// When the journal cannot be read or was changed.
    pub fn dispatched(&mut self, state: &State, row: u64) -> Result<Option<DispatchedRow>, Error> {
        let Some(slot) = state.slot(row) else {
            return Ok(None);
        };
        let event = self.event_at(slot.offset())?;
        let found = dispatched_in(event, row);
        found.map(Some).ok_or_else(|| self.disturbed())
    }

    pub(super) fn outcome_at(&mut self, offset: u64, row: u64) -> Result<Outcome, Error> {
        match self.event_at(offset)? {
            Event::Outcome(outcome) if outcome.row == row => Ok(*outcome),
            _ => Err(self.disturbed()),
        }
    }

    fn event_at(&mut self, offset: u64) -> Result<Event, Error> {
        let read = self.read_line(offset);
        read.map_err(|source| Error::Read {
            path: self.path.clone(),
            source,
        })?;
        serde_json::from_slice(&self.line).map_err(|_| self.disturbed())
    }

    fn disturbed(&self) -> Error {
        Error::Disturbed {
            path: self.path.clone(),
        }
    }

    /// Reads the line that begins at `offset`.
    fn read_line(&mut self, mut offset: u64) -> io::Result<()> {
        self.line.clear();
        loop {
            let block = block(&mut self.file, &mut self.blocks, offset / BLOCK)?;
            let start = usize::try_from(offset % BLOCK).unwrap_or(usize::MAX);
            let mut rest = block.get(start..).unwrap_or_default();
            if rest.is_empty() {
                return Ok(());
            }
            let end = memchr(b'\n', rest);
            if let Some(end) = end {
                rest = rest.get(..end).unwrap_or_default();
            }
            self.line.extend_from_slice(rest);
            if end.is_some() {
                return Ok(());
            }
            offset += rest.len() as u64;
        }
    }
}

/// A block of the file. One that was read before it was full is read again.
fn block<'a>(file: &mut File, blocks: &'a mut [Block], number: u64) -> io::Result<&'a [u8]> {
    let place = usize::try_from(number).unwrap_or_default() % BLOCKS;
    let Some(block) = blocks.get_mut(place) else {
        return Ok(&[]);
    };
    if block.number != number + 1 || (block.bytes.len() as u64) < BLOCK {
        block.number = 0;
        block.bytes.clear();
        file.seek(SeekFrom::Start(number * BLOCK))?;
        file.take(BLOCK).read_to_end(&mut block.bytes)?;
        block.number = number + 1;
    }
    Ok(&block.bytes)
}

/// What an event says of a row.
fn dispatched_in(event: Event, row: u64) -> Option<DispatchedRow> {
    match event {
        Event::Dispatched(Dispatched { rows, .. }) => rows.into_iter().find(|own| own.row == row),
        Event::Outcome(outcome) if outcome.row == row => Some(DispatchedRow {
            row,
            list: outcome.list,
            sent: outcome.sent,
            cells: outcome.cells,
            name: outcome.name,
            external_id: outcome.external_id,
            update: None,
        }),
        _ => None,
    }
}
