//! Opening the list of a run, or the results file of a retry, before WorkOS or a key is needed.

use super::as_list::{is_taken_as_list, without_results};
use super::copied::Copied;
use super::previous::{is_results, refuse_others};
use super::united::{self, Groups};
use super::{Error, Request};
use crate::columns::{Content, Mapping};
use crate::input::{ReadOptions, Reader, Source};
use crate::results::{self, Layout};
use crate::table::Format;
use crate::text::{shell, shell_path};
use crate::validate::ValidationSummary;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A list that can be read, and where its results go.
#[derive(Debug)]
pub struct Opened {
    pub(super) copied: Arc<Copied>,
    /// Reads the list from its beginning.
    pub(super) reader: Reader,
    /// What its columns hold in the first rows.
    pub(super) content: Content,
    pub(super) results: PathBuf,
    /// The list itself, where its rows were united.
    pub(super) original: Option<Original>,
}

/// The list whose rows were united.
#[derive(Debug)]
pub(super) struct Original {
    pub(super) copied: Arc<Copied>,
    /// Reads it from its beginning.
    pub(super) reader: Reader,
    /// How it is read.
    pub(super) read: ReadOptions,
    /// Which row is of which organization.
    pub(super) groups: Groups,
    /// The findings about its rows by themselves.
    pub(super) summary: ValidationSummary,
}

impl Opened {
    /// Opens the list of a request and checks that its results can be kept.
    ///
    /// # Errors
    /// When the list cannot be read, or the place of its results is unsuitable.
    pub fn open(request: &Request) -> Result<Self, Error> {
        if let (true, Source::File(path)) = (request.is_retry(), &request.source) {
            results::refuse_unsuitable(path)?;
        }
        let has_no_name = matches!((&request.source, &request.results), (Source::Stdin, None));
        if has_no_name && !request.is_dry_run {
            return Err(Error::Usage {
                message: "a list on standard input needs a name for its results".to_owned(),
                hint: "add --results FILE. Use the same FILE to resume this list, and another one for another list".to_owned(),
            });
        }
        let mut copied = Copied::of(&request.source)?;
        let mut reader = Reader::open(&copied.source, &request.read)?;
        if is_taken_as_list(&reader, request) {
            copied = without_results(&copied, request)?;
            reader = Reader::open(&copied.source, &request.read)?;
        }
        let copied = Arc::new(copied);
        let results = match (&request.results, &request.source) {
            (Some(results), _) => results.clone(),
            (None, Source::File(path)) if request.is_retry() => path.clone(),
            (None, source) => request.default_results(source, reader.format().extension()),
        };
        if results::is_workbook(&results) && reader.format() == Format::Jsonl {
            return Err(Error::Usage {
                message: format!(
                    "the results of a list of JSON objects have no columns for a workbook: {}",
                    results.display()
                ),
                hint: "leave out --results, or name a .jsonl file".to_owned(),
            });
        }
        if request.is_retry() {
            refuse_others(&reader, &results)?;
            refuse_more_sheets(&reader, &results)?;
        } else {
            refuse_results(&reader, &request.source)?;
            refuse_place(&results, &request.source)?;
        }
        Ok(Self {
            copied,
            content: reader.content(),
            reader,
            results,
            original: None,
        })
    }
}

impl Opened {
    /// The results file.
    pub fn results(&self) -> &Path {
        &self.results
    }

    /// The same with its rows united, where the mapping asks for it. Everything is then planned and
    /// sent from the list of organizations.
    ///
    /// # Errors
    /// When the list cannot be read to its end, or there is no room for temporary files.
    pub(super) fn united(
        mut self,
        request: &mut Request,
        mapping: &mut Mapping,
    ) -> Result<Self, Error> {
        if mapping.one_per.is_none() {
            return Ok(self);
        }
        let (copied, groups, summary) = united::unite(&self.copied.source, request, mapping)?;
        let read = std::mem::replace(&mut request.read, united::read_options());
        let reader = Reader::open(&copied.source, &request.read)?;
        self.original = Some(Original {
            copied: std::mem::replace(&mut self.copied, Arc::new(copied)),
            reader: std::mem::replace(&mut self.reader, reader),
            read,
            groups,
            summary,
        });
        mapping.is_united = true;
        Ok(self)
    }

    /// The reader of the list as the user has it.
    pub(super) fn list_reader(&self) -> &Reader {
        let original = self.original.as_ref();
        original.map_or(&self.reader, |original| &original.reader)
    }

    /// The number in the list of the row, or of the first row of the organization, at this place.
    pub(super) fn number(&self, index: usize) -> u64 {
        let original = self.original.as_ref();
        let first = original.and_then(|it| it.groups.first.get(index));
        first.map_or(index as u64, |first| u64::from(*first)) + 1
    }

    /// The user's columns of the list.
    pub(super) fn header(&self) -> Vec<String> {
        let header = self.reader.header().to_vec();
        if is_results(&self.reader) {
            return Layout::of(&header).original_header().to_vec();
        }
        header
    }
}

/// A results file is not imported as a list: its rows are done, or are to be retried.
fn refuse_results(reader: &Reader, source: &Source) -> Result<(), Error> {
    if !is_results(reader) {
        return Ok(());
    }
    let path = shell(&source.to_string());
    Err(Error::Usage {
        message: format!("{source} is a results file: it says which of its rows are done"),
        hint: format!(
            "to send its failed rows again: workos-orgs retry {path}; to import all of its rows as a new list, for example into another environment: workos-orgs import {path} --as-list"
        ),
    })
}

/// Refuses to overwrite anything but our own results file.
fn refuse_place(results: &Path, list: &Source) -> Result<(), Error> {
    results::refuse_unsuitable(results)?;
    if !results.exists() {
        return Ok(());
    }
    if matches!(list, Source::File(path) if is_same_file(path, results)) {
        return Err(Error::Usage {
            message: format!("{} is the list itself", results.display()),
            hint: format!(
                "leave out --results: the results of {} then get a file of their own",
                shell_path(results)
            ),
        });
    }
    if std::fs::metadata(results).is_ok_and(|it| it.len() == 0) {
        return Ok(());
    }
    let there = Source::File(results.to_owned());
    // What cannot be read is not ours.
    let reader = Reader::open(&there, &ReadOptions::default());
    let reader = reader.map_err(|_| results::Error::NotResults {
        path: results.to_owned(),
    })?;
    refuse_others(&reader, results)?;
    Ok(refuse_more_sheets(&reader, results)?)
}

/// A results file is replaced as a whole: sheets that its user has added would be lost.
fn refuse_more_sheets(reader: &Reader, results: &Path) -> Result<(), results::Error> {
    let sheets = reader
        .read_as()
        .sheet
        .as_ref()
        .map_or(1, |(_, count)| *count);
    if sheets <= 1 {
        return Ok(());
    }
    Err(results::Error::MoreSheets {
        path: results.to_owned(),
    })
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    let (one, other) = (fs_err::canonicalize(one), fs_err::canonicalize(other));
    matches!((one, other), (Ok(one), Ok(other)) if one == other)
}
