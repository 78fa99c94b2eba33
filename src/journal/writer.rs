//! Writing a journal: each event is appended, and applied to the state as replay would.

use super::reader::Reader;
use super::replay::parse;
use super::rows::{MAX_ROWS, Slot};
use super::state::{State, due};
use super::{
    Alive, AnswerLost, Dispatched, DispatchedRow, Ended, Error, Event, Opening, Outcome, Paused,
    Records, Run, SCHEMA, Withdrawn,
};
use crate::results::Record;
use crate::storage::{Append, Storage};
use std::collections::HashMap;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How much may wait in memory before it is handed to the system without being asked.
const MAX_PENDING: usize = 256 * 1024;

/// The journal of a run that is going on.
///
/// What cannot be written stays in memory and is tried again with the next event, so a disk that
/// was full for a while loses nothing. Dropping it writes nothing: call [`flush`](Self::flush).
#[derive(Debug)]
pub struct Journal {
    storage: Arc<dyn Storage>,
    path: PathBuf,
    file: Box<dyn Append>,
    reader: Reader,
    state: State,
    /// Whole lines that are applied and not yet handed to the system.
    pending: Vec<u8>,
    /// Rows that this run has dispatched and that have no outcome, with the outcome that they had
    /// before.
    open: HashMap<u64, Option<Slot>>,
    /// Whether a sync failed, so that the disk may lack what the file seems to hold.
    is_suspect: bool,
}

impl Journal {
    /// Begins a run, and the journal where there is none. `state` is what [`State::read`] has
    /// given; nothing was written before this call. An incomplete last line is cut off.
    ///
    /// # Errors
    /// When the file cannot be written, or is not the one that was read.
    pub fn begin(
        storage: Arc<dyn Storage>,
        path: &Path,
        state: Option<State>,
        run: Run,
    ) -> Result<Self, Error> {
        let mut state = state.unwrap_or_default();
        if length_of(path)? != state.length {
            return Err(Error::Disturbed {
                path: path.to_owned(),
            });
        }
        let failed = |source| write_error(path, source);
        let mut file = storage.append(path).map_err(failed)?;
        if state.is_torn() {
            file.truncate(state.end).map_err(failed)?;
            state.length = state.end;
        }
        let mut journal = Self {
            reader: Reader::open(path)?,
            storage,
            path: path.to_owned(),
            file,
            state,
            pending: Vec::new(),
            open: HashMap::new(),
            is_suspect: false,
        };
        if journal.state.opening().is_none() {
            journal.push(&Event::Journal(Opening {
                schema: SCHEMA,
                program: run.program.clone(),
            }))?;
        }
        journal.push(&Event::Run(Box::new(run)))?;
        journal.flush()?;
        journal.sync()?;
        Ok(journal)
    }

    /// What the journal says, including what waits to be written.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Whether WorkOS has to be compared with the journal: since the last comparison an answer was
    /// lost, or an earlier run ended without one or was cut off.
    pub fn needs_comparison(&self) -> bool {
        self.state.is_unverified()
    }

    /// These rows may be sent from now on. Returns when the disk has it, and every outcome before.
    ///
    /// # Errors
    /// When it cannot be written; the rows must then not be sent.
    pub fn dispatch(&mut self, dispatched: Dispatched) -> Result<(), Error> {
        for row in &dispatched.rows {
            check_id(row.row)?;
        }
        self.flush()?;
        for row in dispatched.rows.iter().filter(|row| row.update.is_none()) {
            let before = self.state.slot(row.row).copied();
            let before = before.filter(|slot| slot.progress().status().is_some());
            self.open.entry(row.row).or_insert(before);
        }
        let line = line_of(&Event::Dispatched(dispatched));
        let offset = self.file.length();
        let appended = self.file.append(&line);
        appended.map_err(|source| write_error(&self.path, source))?;
        self.apply(&line, offset)?;
        self.sync()
    }

    /// A row has an outcome. It reaches the file with the next [`flush`](Self::flush) or dispatch.
    ///
    /// # Errors
    /// When the row cannot be in a journal.
    pub fn outcome(&mut self, outcome: Outcome) -> Result<(), Error> {
        check_id(outcome.row)?;
        self.open.remove(&outcome.row);
        self.push(&Event::Outcome(Box::new(outcome)))?;
        if self.pending.len() > MAX_PENDING {
            // It is kept; who wants to know calls `flush`.
            let _ = self.flush();
        }
        Ok(())
    }

    /// The run stops in order: rows that it has dispatched and that have no outcome were certainly
    /// not sent. Each is again what it was before.
    ///
    /// # Errors
    /// When the journal cannot be read or written.
    pub fn withdraw(&mut self) -> Result<(), Error> {
        let mut open: Vec<_> = self.open.drain().collect();
        open.sort_unstable_by_key(|(row, _)| *row);
        let mut rows = Vec::new();
        for (row, before) in open {
            match before {
                Some(slot) => {
                    let outcome = self.reader.outcome_at(slot.offset(), row)?;
                    self.push(&Event::Outcome(Box::new(outcome)))?;
                }
                None => rows.push(row),
            }
        }
        if !rows.is_empty() {
            self.push(&Event::Withdrawn(Withdrawn { rows }))?;
        }
        self.flush()
    }

    /// Nothing was created for these rows in doubt, and nothing will be: the list does not have
    /// them any more.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn not_created(&mut self, rows: Vec<u64>) -> Result<(), Error> {
        if !rows.is_empty() {
            self.push(&Event::Withdrawn(Withdrawn { rows }))?;
        }
        self.flush()
    }

    /// An answer was lost. Written only where it moves the comparison, and with a second to spare,
    /// so that many lost answers cost one sync a second.
    ///
    /// # Errors
    /// When it cannot be written; it is kept and tried again.
    pub fn answer_lost(&mut self, lost: AnswerLost) -> Result<(), Error> {
        let recorded = self.state.comparison_due();
        if recorded.is_some_and(|recorded| recorded >= due(lost)) {
            return Ok(());
        }
        self.push(&Event::AnswerLost(AnswerLost {
            patience: lost.patience.saturating_add(1),
            ..lost
        }))?;
        self.flush()?;
        self.sync()
    }

    /// WorkOS asked for a pause. Handed to the system with the next event, not synced.
    ///
    /// # Errors
    /// When it cannot be written; it is kept and tried again.
    pub fn paused(&mut self, paused: Paused) -> Result<(), Error> {
        self.push(&Event::Paused(paused))
    }

    /// The process is alive. Handed to the system, not synced.
    ///
    /// # Errors
    /// When it cannot be written; it is kept and tried again.
    pub fn alive(&mut self, alive: Alive) -> Result<(), Error> {
        self.push(&Event::Alive(alive))?;
        self.flush()
    }

    /// The run has ended in order. Returns when the disk has it, and everything before.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn end(&mut self, ended: Ended) -> Result<(), Error> {
        self.push(&Event::Ended(ended))?;
        self.flush()?;
        self.sync()
    }

    /// Hands everything to the system, after the file was put back where another program has
    /// replaced or deleted it.
    ///
    /// # Errors
    /// When it cannot be written; it is kept and tried again. [`Error::Disturbed`] where another
    /// program has cut or overwritten the file: nothing more may be dispatched then.
    pub fn flush(&mut self) -> Result<(), Error> {
        if self.is_suspect || self.file.is_disturbed() {
            self.restore()?;
        }
        if !self.pending.is_empty() {
            let appended = self.file.append(&self.pending);
            appended.map_err(|source| write_error(&self.path, source))?;
            self.pending.clear();
        }
        Ok(())
    }

    /// What the journal says of every row at this moment.
    ///
    /// # Errors
    /// When the journal cannot be read or written.
    pub fn records(&mut self) -> Result<Records, Error> {
        self.flush()?;
        Records::of(&self.path, &self.state)
    }

    /// See [`Reader::record`].
    ///
    /// # Errors
    /// When the journal cannot be read or written.
    pub fn record(&mut self, row: u64) -> Result<Option<Record>, Error> {
        self.make_readable(row)?;
        self.reader.record(&self.state, row)
    }

    /// See [`Reader::outcome`].
    ///
    /// # Errors
    /// When the journal cannot be read or written.
    pub fn outcome_of(&mut self, row: u64) -> Result<Option<Outcome>, Error> {
        self.make_readable(row)?;
        self.reader.outcome(&self.state, row)
    }

    /// See [`Reader::dispatched`].
    ///
    /// # Errors
    /// When the journal cannot be read or written.
    pub fn dispatched_row(&mut self, row: u64) -> Result<Option<DispatchedRow>, Error> {
        self.make_readable(row)?;
        self.reader.dispatched(&self.state, row)
    }

    /// Flushes where the last line of a row still waits.
    fn make_readable(&mut self, row: u64) -> Result<(), Error> {
        match self.state.slot(row) {
            Some(slot) if slot.offset() >= self.file.length() => self.flush(),
            _ => Ok(()),
        }
    }

    /// Applies an event and lets it wait to be written.
    fn push(&mut self, event: &Event) -> Result<(), Error> {
        let line = line_of(event);
        let offset = self.file.length() + self.pending.len() as u64;
        self.apply(&line, offset)?;
        self.pending.extend_from_slice(&line);
        Ok(())
    }

    /// Applies a line, read back as replay reads it.
    fn apply(&mut self, line: &[u8], offset: u64) -> Result<(), Error> {
        let event = parse(line.trim_ascii_end());
        let applied = event.and_then(|event| self.state.apply(event, offset));
        applied.map_err(|fault| fault.at(&self.path, 0))?;
        self.state.end = offset + line.len() as u64;
        self.state.length = self.state.end;
        Ok(())
    }

    fn sync(&mut self) -> Result<(), Error> {
        let synced = self.file.sync();
        self.is_suspect |= synced.is_err();
        synced.map_err(|source| write_error(&self.path, source))
    }

    /// Writes the file anew from the one that is still open.
    fn restore(&mut self) -> Result<(), Error> {
        let length = self.file.length();
        if !self.is_whole(length) {
            return Err(Error::Disturbed {
                path: self.path.clone(),
            });
        }
        let own = self.reader.file();
        let replaced = self
            .storage
            .replace(&self.path, &mut |out: &mut dyn Write| {
                own.rewind()?;
                let copied = io::copy(&mut Read::take(&mut *own, length), out)?;
                if copied == length {
                    Ok(())
                } else {
                    Err(io::ErrorKind::UnexpectedEof.into())
                }
            });
        let failed = |source| write_error(&self.path, source);
        replaced.map_err(failed)?;
        self.file = self.storage.append(&self.path).map_err(failed)?;
        self.reader = Reader::open(&self.path)?;
        self.is_suspect = false;
        Ok(())
    }

    /// Whether the file that is still open says what this process has read and written.
    fn is_whole(&mut self, length: u64) -> bool {
        let own = self.reader.file();
        if own.rewind().is_err() {
            return false;
        }
        let Ok(mut state) = State::replay(Read::take(own, length), &self.path) else {
            return false;
        };
        let mut offset = length;
        for line in self.pending.split_inclusive(|byte| *byte == b'\n') {
            let event = parse(line.trim_ascii_end());
            if event.and_then(|event| state.apply(event, offset)).is_err() {
                return false;
            }
            offset += line.len() as u64;
        }
        state.end = offset;
        state.length = offset;
        state == self.state
    }
}

fn line_of(event: &Event) -> Vec<u8> {
    // Text and numbers always serialize.
    let mut line = serde_json::to_vec(event).unwrap_or_default();
    line.push(b'\n');
    line
}

fn check_id(row: u64) -> Result<(), Error> {
    if (1..=MAX_ROWS).contains(&row) {
        Ok(())
    } else {
        Err(Error::TooManyRows { row })
    }
}

fn length_of(path: &Path) -> Result<u64, Error> {
    match fs_err::metadata(path) {
        Ok(metadata) => Ok(metadata.len()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(source) => Err(Error::Read {
            path: path.to_owned(),
            source,
        }),
    }
}

fn write_error(path: &Path, source: io::Error) -> Error {
    Error::Write {
        path: path.to_owned(),
        source,
    }
}
