//! Where the bytes come from: a file or standard input.

use super::error::Error;
use std::fmt;
use std::io::{self, Read};
use std::path::PathBuf;

/// Where an input comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Standard input.
    Stdin,
    /// A file.
    File(PathBuf),
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
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

impl Source {
    /// The last extension of the file's name, lower-cased; blank if there is none.
    pub(super) fn extension(&self) -> String {
        match self {
            Self::Stdin => String::new(),
            Self::File(path) => path
                .extension()
                .map(|e| e.to_string_lossy().to_lowercase())
                .unwrap_or_default(),
        }
    }

    /// Opens it for reading once from its beginning.
    ///
    /// # Errors
    /// [`Error::Open`] if there is no such file or it may not be read.
    pub(super) fn open(&self) -> Result<Box<dyn Read + Send>, Error> {
        Ok(match self {
            Self::Stdin => Box::new(io::stdin()),
            Self::File(path) => {
                Box::new(fs_err::File::open(path).map_err(|source| Error::Open {
                    source_name: self.to_string(),
                    source,
                })?)
            }
        })
    }
}
