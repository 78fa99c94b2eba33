//! The events of a journal in the order in which they were written, for a report of what happened.

use super::{Error, Event, State};
use fs_err::File;
use std::io::{self, BufRead, BufReader, Read, Take};
use std::path::{Path, PathBuf};

/// Every event of a journal, up to where its state was read.
#[derive(Debug)]
pub struct History {
    path: PathBuf,
    lines: Take<BufReader<File>>,
    number: u64,
    line: Vec<u8>,
}

impl History {
    /// Opens the journal from which a state was read.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(path: &Path, state: &State) -> Result<Self, Error> {
        let file = File::open(path).map_err(|source| read_error(path, source))?;
        Ok(Self {
            path: path.to_owned(),
            lines: BufReader::new(file).take(state.end()),
            number: 0,
            line: Vec::new(),
        })
    }

    fn parse(&self) -> Result<Event, Error> {
        serde_json::from_slice(&self.line).map_err(|error| Error::Malformed {
            path: self.path.clone(),
            line: self.number,
            reason: error.to_string(),
        })
    }
}

impl Iterator for History {
    type Item = Result<Event, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.line.clear();
        match self.lines.read_until(b'\n', &mut self.line) {
            Ok(0) => None,
            Ok(_) => {
                self.number += 1;
                Some(self.parse())
            }
            Err(error) => Some(Err(read_error(&self.path, error))),
        }
    }
}

fn read_error(path: &Path, source: io::Error) -> Error {
    Error::Read {
        path: path.to_owned(),
        source,
    }
}
