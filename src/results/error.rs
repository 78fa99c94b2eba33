//! Why a results file cannot be read or written.

use crate::storage::directory_of;
use crate::text::shell_path as shell;
use std::io;
use std::path::PathBuf;

/// What went wrong with a results file.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error("cannot read the results file {}", path.display())]
    Read {
        /// The results file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There is no such folder.
    #[error("cannot write the results file {}: there is no folder {}", path.display(), directory_of(path).display())]
    NoFolder {
        /// The results file.
        path: PathBuf,
    },
    /// It cannot be written.
    #[error("cannot write the results file {}", path.display())]
    Write {
        /// The results file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The run of these results understood the columns of its list in another way.
    #[error("{} was written with a different column mapping", path.display())]
    OtherMapping {
        /// The results file.
        path: PathBuf,
    },
    /// It is another kind of table.
    #[error("{} is not a results file: it has no column workos_status", path.display())]
    NotResults {
        /// The file.
        path: PathBuf,
    },
    /// It ends in the middle of a row.
    #[error("{} is incomplete: it ends in the middle of line {line}", path.display())]
    CutOff {
        /// The results file.
        path: PathBuf,
        /// The line.
        line: u64,
    },
    /// It is a workbook to which its user has added sheets.
    #[error("{} has more than one sheet, and the results would replace them all", path.display())]
    MoreSheets {
        /// The results file.
        path: PathBuf,
    },
    /// Something else than a text file is there, or would be by its name.
    #[error("{} is {what}", path.display())]
    Unsuitable {
        /// The file.
        path: PathBuf,
        /// What it is: `a workbook`.
        what: &'static str,
    },
}

/// What a directory is called where a file is wanted.
pub(super) const DIRECTORY: &str = "a directory";

/// What a text file is called that is named like a workbook.
pub(super) const TEXT: &str = "a text file with the name of a workbook";

/// What else has a name in a folder and is not a file.
pub(super) const NO_FILE: &str = "a device, a pipe or a socket";

/// What a link is called that leads to another folder.
pub(super) const LINK: &str = "a link to another folder";

impl Error {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Read { source, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied => {
                    "make the file readable, then run the same command again".to_owned()
                }
                io::ErrorKind::NotFound => "check the path".to_owned(),
                _ => return None,
            },
            Self::NoFolder { .. } => {
                "create the folder, or name a file in another one with --results".to_owned()
            }
            Self::Write { source, .. } => write_hint(source).to_owned(),
            Self::OtherMapping { .. } => {
                "leave out the column options to resume as it began; for a new import, name another file with --results".to_owned()
            }
            Self::NotResults { path } => format!(
                "to import a list: workos-orgs import {}; an import writes its results to another file, FILE.results.csv",
                shell(path)
            ),
            Self::CutOff { .. } => {
                "restore it from a copy, or delete it and run `workos-orgs import` again: it is written again from the list and the journal".to_owned()
            }
            Self::MoreSheets { .. } => {
                "move the other sheets to a workbook of their own, then run the same command again".to_owned()
            }
            Self::Unsuitable { path, what: DIRECTORY } => {
                format!("name a file in it: {}", shell(&path.join("customers.results.csv")))
            }
            Self::Unsuitable { what: LINK, .. } => {
                "name the file itself with --results, not a link to it".to_owned()
            }
            Self::Unsuitable { what: NO_FILE, .. } => {
                "name a regular file with --results, for example customers.results.csv".to_owned()
            }
            Self::Unsuitable { path, .. } => format!(
                "results are kept as CSV or .xlsx: save it as {0} (in a spreadsheet: Save as, CSV UTF-8), then name that file",
                shell(&path.with_extension("csv"))
            ),
        })
    }
}

/// Never another file name: the journal belongs to this one.
fn write_hint(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "free some disk space, then run the same command again: it resumes where it stopped"
        }
        io::ErrorKind::PermissionDenied
        | io::ErrorKind::ReadOnlyFilesystem
        | io::ErrorKind::ResourceBusy => {
            "close the file in other programs and make it writable, then run the same command again: it resumes where it stopped"
        }
        io::ErrorKind::NotFound => {
            "create its folder, then run the same command again: it resumes where it stopped"
        }
        _ => "fix the disk problem, then run the same command again: it resumes where it stopped",
    }
}
