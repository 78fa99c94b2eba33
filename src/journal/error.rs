//! Why a journal cannot be read or written.

use std::io;
use std::path::PathBuf;

/// What went wrong with a journal.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error("cannot read the journal {}", path.display())]
    Read {
        /// The journal.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It cannot be written.
    #[error("cannot write the journal {}", path.display())]
    Write {
        /// The journal.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file of another kind has its name.
    #[error("{} is not a journal of this program", path.display())]
    NotAJournal {
        /// The file.
        path: PathBuf,
    },
    /// A newer version of the program has written it.
    #[error("{} was written by {program} in format {schema}, which this version cannot read", path.display())]
    NewerSchema {
        /// The journal.
        path: PathBuf,
        /// The version of its format.
        schema: u32,
        /// The program that wrote it.
        program: String,
    },
    /// It has a line that this program has not written.
    #[error("{}:{line}: invalid journal line: {reason}", path.display())]
    Malformed {
        /// The journal.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// Another program has changed it while it was in use.
    #[error("another program changed the journal {} during the run", path.display())]
    Disturbed {
        /// The journal.
        path: PathBuf,
    },
    /// A row id beyond what a journal can hold.
    #[error(
        "row {row} is beyond the {} rows that a journal can hold",
        super::rows::MAX_ROWS
    )]
    TooManyRows {
        /// The row.
        row: u64,
    },
}

impl Error {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Read { source, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied => {
                    "make the journal readable, then run the same command again"
                }
                _ => return None,
            },
            Self::Write { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    "free some disk space, then run the same command again: it resumes where it stopped"
                }
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    "make the journal and its folder writable, then run the same command again: it resumes where it stopped"
                }
                _ => {
                    "fix the disk problem, then run the same command again: it resumes where it stopped"
                }
            },
            Self::NotAJournal { .. } => {
                "the journal needs this file name: move the other file away, then run the same command again"
            }
            Self::NewerSchema { .. } => {
                "update workos-orgs, then run the same command again; do not delete the journal: it prevents duplicates"
            }
            Self::Malformed { .. } => {
                "restore the journal from a backup, then run the same command again; do not delete it: it prevents duplicates"
            }
            Self::Disturbed { .. } => {
                "close any program that edits or syncs the journal and restore its previous version if you can, then run the same command again: it looks up the rows in doubt"
            }
            Self::TooManyRows { .. } => "split the list into smaller files",
        })
    }
}
