//! Where the bytes come from: a file or standard input, gzipped or not.

use crate::input::encoding::read;
use crate::input::error::Error;
use crate::text::printable;
use flate2::read::MultiGzDecoder;
use std::fmt;
use std::io::{self, Cursor, Read};
use std::path::PathBuf;

/// How much of an input is looked at before it is read. Standard input cannot be read twice, so
/// more of it is kept at hand.
const HEAD: usize = 8 * 1024;
const HEAD_OF_STDIN: usize = 1024 * 1024;

/// Where an input comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Standard input.
    Stdin,
    /// A file.
    File(PathBuf),
    /// A copy of something that can be read only once.
    Copy {
        /// The copy.
        path: PathBuf,
        /// What it is a copy of: a file, or the words `standard input`.
        of: PathBuf,
    },
}

impl From<PathBuf> for Source {
    /// The source that a command line argument names: `-` is standard input.
    fn from(path: PathBuf) -> Self {
        if path.as_os_str() == "-" {
            Self::Stdin
        } else {
            Self::File(path)
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => f.write_str("standard input"),
            Self::File(path) | Self::Copy { of: path, .. } => {
                f.write_str(&printable(&path.to_string_lossy()))
            }
        }
    }
}

/// An input that is open, unpacked, with its first bytes at hand.
pub(crate) struct Opened {
    pub(crate) head: Vec<u8>,
    /// Whether the head is all there is.
    pub(crate) complete: bool,
    pub(crate) gzipped: bool,
    rest: Box<dyn Read + Send>,
}

impl Opened {
    /// All bytes but the first ones.
    pub(crate) fn bytes_after(mut self, skipped: usize) -> Box<dyn Read + Send> {
        self.head.drain(..skipped.min(self.head.len()));
        Box::new(Cursor::new(self.head).chain(self.rest))
    }
}

impl Source {
    /// The last extension of the file's name, lower-cased, an ending `.gz` left out; blank if there
    /// is none.
    pub(crate) fn extension(&self) -> String {
        let (Self::File(path) | Self::Copy { of: path, .. }) = self else {
            return String::new();
        };
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .to_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        name.rsplit_once('.')
            .map(|(_, extension)| extension.to_owned())
            .unwrap_or_default()
    }

    /// Opens it for reading once from its beginning, unpacking gzip.
    ///
    /// # Errors
    /// [`Error::Open`] if there is no such file, it may not be read, or its first bytes cannot be.
    pub(crate) fn open(&self) -> Result<Opened, Error> {
        let failed = |source| Error::Open {
            source_name: self.to_string(),
            source,
        };
        let raw: Box<dyn Read + Send> = match self {
            Self::Stdin => Box::new(io::stdin()),
            Self::File(path) | Self::Copy { path, .. } => {
                Box::new(std::fs::File::open(path).map_err(failed)?)
            }
        };
        let size = if *self == Self::Stdin {
            HEAD_OF_STDIN
        } else {
            HEAD
        };
        let opened = head_of(raw, size).map_err(failed)?;
        if !opened.head.starts_with(&[0x1f, 0x8b]) {
            return Ok(opened);
        }
        let unpacked = Box::new(MultiGzDecoder::new(opened.bytes_after(0)));
        let opened = head_of(unpacked, size).map_err(failed)?;
        Ok(Opened {
            gzipped: true,
            ..opened
        })
    }

    /// Opens it a second time, for looking further ahead than the head; `None` for standard input.
    pub(crate) fn reopen(&self) -> Result<Option<Box<dyn Read + Send>>, Error> {
        match self {
            Self::Stdin => Ok(None),
            // A pipe (`/dev/fd/63`) gives its bytes only once.
            Self::File(path) if !path.is_file() => Ok(None),
            Self::File(_) | Self::Copy { .. } => Ok(Some(self.open()?.bytes_after(0))),
        }
    }
}

/// Reads the first bytes.
fn head_of(mut rest: Box<dyn Read + Send>, size: usize) -> io::Result<Opened> {
    let mut head = vec![0; size];
    let mut filled = 0;
    let complete = loop {
        let count = read(&mut rest, head.get_mut(filled..).unwrap_or_default())?;
        filled += count;
        if count == 0 || filled == size {
            break count == 0 && filled < size;
        }
    };
    head.truncate(filled);
    Ok(Opened {
        head,
        complete,
        gzipped: false,
        rest,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_is_that_of_the_unpacked_file() {
        let extension = |name: &str| Source::from(PathBuf::from(name)).extension();
        assert_eq!(extension("/tmp/a.b/Customers.CSV"), "csv");
        assert_eq!(extension("customers.jsonl.gz"), "jsonl");
        assert_eq!(extension("a.b/customers"), "");
        assert_eq!(extension("-"), "");
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Source::from(PathBuf::from("no/such.csv"))
            .open()
            .err()
            .unwrap();
        assert_eq!(error.to_string(), "cannot open no/such.csv");
    }
}
