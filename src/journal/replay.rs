//! Reading a journal from its beginning into a [`State`].

use super::line::Line;
use super::state::{Fault, State};
use super::{Error, fast};
use fs_err::File;
use memchr::memchr;
use std::io::{self, Read};
use std::path::Path;

/// How a journal begins, whatever its version.
const BEGINNING: &[u8] = b"{\"journal\":{\"schema\":";

/// Small enough to stay in the cache of a processor.
const CHUNK: usize = 256 * 1024;

impl State {
    /// Reads a journal; `None` where there is no file, or an empty one.
    ///
    /// An incomplete line at the end, which a crash leaves, is not part of the state.
    ///
    /// # Errors
    /// When it cannot be read, is another file, or has a line that this program does not know.
    pub fn read(path: &Path) -> Result<Option<Self>, Error> {
        let failed = |source| Error::Read {
            path: path.to_owned(),
            source,
        };
        let file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(failed)?,
        };
        let state = Self::replay(file, path)?;
        Ok((state.length > 0).then_some(state))
    }

    /// Replays the bytes of a journal, which are at their beginning.
    pub(super) fn replay(bytes: impl Read, path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Read {
            path: path.to_owned(),
            source,
        };
        let mut lines = Lines::new(bytes);
        lines.read_more().map_err(failed)?;
        if !is_beginning(lines.rest()) {
            return Err(Error::NotAJournal {
                path: path.to_owned(),
            });
        }
        let mut state = Self::default();
        while let Some((line, offset)) = lines.next().map_err(failed)? {
            let applied = parse(line).and_then(|event| state.apply(event, offset));
            applied.map_err(|fault| fault.at(path, lines.number))?;
        }
        state.end = lines.offset;
        state.length = lines.offset + lines.rest().len() as u64;
        Ok(state)
    }
}

/// Whether a file begins as a journal does, as far as it goes.
fn is_beginning(start: &[u8]) -> bool {
    start.iter().zip(BEGINNING).all(|(one, other)| one == other)
}

/// The event of a line, without its line end.
pub(super) fn parse(line: &[u8]) -> Result<Line, Fault> {
    match fast::scan(line) {
        Some(event) => Ok(event),
        None => parse_strictly(line),
    }
}

pub(super) fn parse_strictly(line: &[u8]) -> Result<Line, Fault> {
    // The parser checks no text that it ignores.
    let line = std::str::from_utf8(line).map_err(|error| Fault::Invalid(error.to_string()))?;
    serde_json::from_str(line).map_err(|error| Fault::Invalid(error.to_string()))
}

impl Fault {
    pub(super) fn at(self, path: &Path, line: u64) -> Error {
        let path = path.to_owned();
        match self {
            Self::NewerSchema(opening) => Error::NewerSchema {
                path,
                schema: opening.schema,
                program: opening.program,
            },
            Self::Invalid(reason) => Error::Malformed { path, line, reason },
        }
    }
}

/// The whole lines of a file.
struct Lines<R> {
    file: R,
    buffer: Vec<u8>,
    /// `start..end` is read and not used.
    start: usize,
    end: usize,
    /// Up to where no line end was found.
    searched: usize,
    /// Where the next line begins in the file.
    offset: u64,
    /// How many lines have been given.
    number: u64,
}

impl<R: Read> Lines<R> {
    fn new(file: R) -> Self {
        Self {
            file,
            buffer: vec![0; CHUNK],
            start: 0,
            end: 0,
            searched: 0,
            offset: 0,
            number: 0,
        }
    }

    /// What was read and is not part of a line that was given.
    fn rest(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// The next line that has a line end, without it, and where it begins.
    fn next(&mut self) -> io::Result<Option<(&[u8], u64)>> {
        let length = loop {
            let unsearched = self.buffer.get(self.searched..self.end).unwrap_or_default();
            if let Some(found) = memchr(b'\n', unsearched) {
                break self.searched + found - self.start;
            }
            self.searched = self.end;
            if self.read_more()? == 0 {
                return Ok(None);
            }
        };
        let (start, offset) = (self.start, self.offset);
        self.start += length + 1;
        self.searched = self.start;
        self.offset += length as u64 + 1;
        self.number += 1;
        let line = self.buffer.get(start..start + length).unwrap_or_default();
        Ok(Some((line, offset)))
    }

    fn read_more(&mut self) -> io::Result<usize> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.searched -= self.start;
            self.start = 0;
        }
        if self.end == self.buffer.len() {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        loop {
            let room = self.buffer.get_mut(self.end..).unwrap_or_default();
            match self.file.read(room) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
                Ok(count) => {
                    self.end += count;
                    return Ok(count);
                }
            }
        }
    }
}
