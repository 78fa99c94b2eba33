//! Why a results file or its run file cannot be used.

use crate::text::shell_path as quoted;
use std::path::{Path, PathBuf};

/// What went wrong with the files of a run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused; its message names the file.
    #[error("the results cannot be kept")]
    Io(#[from] std::io::Error),
    /// There is a results file and no run file that tells what it is.
    #[error("{} exists already, and {} that would tell how to go on with it does not", results.display(), run_file.display())]
    Unaccounted {
        /// The results file.
        results: PathBuf,
        /// The missing run file.
        run_file: PathBuf,
    },
    /// Another process has the lock.
    #[error("{} is in use by another run{holder}", results.display())]
    Locked {
        /// The results file.
        results: PathBuf,
        /// Who probably holds it, for example ` (process 4711, since 2026-11-23T19:50:00Z)`.
        holder: String,
    },
    /// The run was against another API or with a key of another environment.
    #[error("{} belongs to a run against {was}, and this one is against {is}", results.display())]
    OtherEnvironment {
        /// The results file.
        results: PathBuf,
        /// The environment of the run file.
        was: String,
        /// The environment of this run.
        is: String,
    },
    /// The run read its columns otherwise.
    #[error("{} belongs to a run that understood the columns otherwise", results.display())]
    OtherMapping {
        /// The results file.
        results: PathBuf,
    },
    /// A line that is no record.
    #[error("{}:{line}: not a record of a results file: {reason}", path.display())]
    Malformed {
        /// The results file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// What was found and what was expected.
        reason: String,
    },
    /// It is another kind of table.
    #[error("{} is no results file: it has no column workos_status", path.display())]
    NotResults {
        /// The file.
        path: PathBuf,
    },
    /// Results are kept as text, and can be kept in nothing else.
    #[error("{} is {what}", path.display())]
    Unsuitable {
        /// The file.
        path: PathBuf,
        /// What it is: `a workbook`.
        what: &'static str,
    },
    /// The results of a rehearsal lead nowhere: its sandbox is gone.
    #[error("{} was left by a rehearsal in a sandbox that is gone", results.display())]
    Rehearsal {
        /// The results file.
        results: PathBuf,
        /// The input of the rehearsal.
        input: String,
    },
    /// The run that wrote this file has not been finished.
    #[error("the import that wrote {} was interrupted and is not finished", results.display())]
    Unfinished {
        /// The results file.
        results: PathBuf,
        /// The input of the import.
        input: String,
    },
}

/// What a directory is called where a file is wanted.
pub(super) const DIRECTORY: &str = "a directory";

impl Error {
    /// The error of a results file without a run file.
    pub fn unaccounted(results: &Path) -> Self {
        Self::Unaccounted {
            results: results.to_owned(),
            run_file: super::run_file_path(results),
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Io(error) => match error.kind() {
                std::io::ErrorKind::StorageFull => {
                    "make room on the disk, then run the same command again: it goes on where it stopped".to_owned()
                }
                std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                    "name a place that can be written with --results FILE".to_owned()
                }
                std::io::ErrorKind::NotFound => "check the path".to_owned(),
                _ => return None,
            },
            Self::Unaccounted { results, .. } => format!(
                "to rerun the rows in it that are not done, use `workos-orgs retry {0}`; to start a new import, name another file with --results",
                quoted(results)
            ),
            Self::Locked { .. } => {
                "wait for the other run to end, or stop it with Ctrl-C; then run the same command again".to_owned()
            }
            Self::OtherEnvironment { .. } => {
                "use the key and base URL of that run to go on with it; to start a new import, use `workos-orgs import` and name another file with --results".to_owned()
            }
            Self::OtherMapping { .. } => {
                "leave out the column options to go on as it began, or name another file with --results to start a new import".to_owned()
            }
            Self::Malformed { .. } => {
                "mend or remove that line, then run the same command again".to_owned()
            }
            Self::NotResults { path } => format!(
                "to import a list: workos-orgs import {}; the results of an import stand in a file of their own, FILE.results.csv",
                quoted(path)
            ),
            Self::Unsuitable { path, what: DIRECTORY } => format!(
                "name a file in it: {}",
                quoted(&path.join("customers.results.csv"))
            ),
            Self::Unsuitable { path, .. } => format!(
                "results are kept as CSV: save it as {0} (in a spreadsheet: Save as, CSV UTF-8), then name that file",
                quoted(&path.with_extension("csv"))
            ),
            Self::Rehearsal { input, .. } => {
                format!("correct the list itself, then import it: workos-orgs import {input}")
            }
            Self::Unfinished { input, .. } => {
                format!("finish it first: workos-orgs import {input}")
            }
        })
    }
}
