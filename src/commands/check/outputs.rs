//! Files that a check writes.

use super::CheckOptions;
use crate::columns::Mapping;
use crate::input::Reader;
use crate::run::Error;
use crate::storage::directory_of;
use crate::table::{Format, Object, Row};
use crate::validate::{Change, CleanedWriter};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Write};
#[cfg(unix)]
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::NamedTempFile;

/// Refuses files that cannot be written, before anything is read.
pub(super) fn refuse_unsuitable(options: &CheckOptions) -> Result<(), Error> {
    let usage = |message: String, hint: &str| {
        Err(Error::Usage {
            message,
            hint: hint.to_owned(),
        })
    };
    if let Some(path) = &options.fixed {
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        let not_written = ["xlsx", "xlsm", "xls", "ods", "gz"];
        if path.as_os_str() == "-" {
            return usage(
                "--fixed writes a file, not standard output".to_owned(),
                "give a file name, for example --fixed clean.csv",
            );
        }
        if not_written
            .iter()
            .any(|e| extension.eq_ignore_ascii_case(e))
        {
            return usage(
                format!("--fixed writes CSV or JSONL, not .{extension}"),
                "use a matching extension, for example --fixed clean.csv",
            );
        }
    }
    let files = [&options.fixed, &options.write_mapping, &options.report];
    for path in files.into_iter().flatten() {
        if path.exists() {
            return usage(
                format!("{} already exists", path.display()),
                "use a file name that does not exist yet, or delete this file first",
            );
        }
    }
    Ok(())
}

/// The cleaned list.
pub(super) struct Cleaned<'a> {
    rows: CleanedWriter<Output>,
    path: &'a Path,
    format: Format,
}

/// The column of a cleaned list that says what is still wrong with a row.
const PROBLEM: &str = "workos_problem";

impl<'a> Cleaned<'a> {
    /// Starts a temporary file next to its path.
    pub(super) fn begin(path: &'a Path, reader: &Reader, mapping: &Mapping) -> Result<Self, Error> {
        let output = new_output(path)?;
        let rows = CleanedWriter::new(output, reader.header(), reader.format(), mapping);
        Ok(Self {
            rows: rows.map_err(unwritten)?,
            path,
            format: reader.format(),
        })
    }

    pub(super) fn write(&mut self, row: &Row, changes: &[Change<'_>]) -> Result<(), Error> {
        self.rows.write(row, changes).map_err(unwritten)
    }

    /// Marks rows with what is still wrong with them, by their numbers, and renames the file to its
    /// path.
    pub(super) fn finish(self, problems: &BTreeMap<u64, String>) -> Result<(), Error> {
        let output = self.rows.finish().map_err(unwritten)?;
        let output = match self.format {
            Format::Csv => marked(output, self.path, problems)?,
            Format::Jsonl => marked_objects(output, self.path, problems)?,
        };
        output.finish(self.path)
    }
}

/// The list with the column that says what is still wrong; as it is where there is nothing to say.
fn marked(
    mut output: Output,
    path: &Path,
    problems: &BTreeMap<u64, String>,
) -> Result<Output, Error> {
    let failed = |error: csv::Error| unwritten(error.into());
    output.flush().map_err(unwritten)?;
    let file = File::open(output.file.path()).map_err(unwritten)?;
    let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(file);
    let header = rows.headers().map_err(failed)?.clone();
    let at = header.iter().position(|column| column == PROBLEM);
    if problems.is_empty() && at.is_none() {
        return Ok(output);
    }
    let mut marked = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(new_output(path)?);
    let place = at.unwrap_or(header.len());
    // What is beyond the header stays beyond it.
    let row_with = |row: &csv::StringRecord, problem: &str| {
        let mut cells: Vec<String> = row.iter().map(str::to_owned).collect();
        cells.resize(cells.len().max(place), String::new());
        if at.is_none() {
            cells.insert(place, problem.to_owned());
        } else if let Some(cell) = cells.get_mut(place) {
            problem.clone_into(cell);
        }
        cells
    };
    marked
        .write_record(row_with(&header, PROBLEM))
        .map_err(failed)?;
    for (row, number) in rows.records().zip(1_u64..) {
        let problem = problems.get(&number).map_or("", String::as_str);
        let row = row_with(&row.map_err(failed)?, problem);
        marked.write_record(row).map_err(failed)?;
    }
    marked
        .into_inner()
        .map_err(|error| unwritten(error.into_error()))
}

/// The same for a list of JSON objects, a line each. A line that is none stays as it is.
fn marked_objects(
    mut output: Output,
    path: &Path,
    problems: &BTreeMap<u64, String>,
) -> Result<Output, Error> {
    output.flush().map_err(unwritten)?;
    let file = File::open(output.file.path()).map_err(unwritten)?;
    let mut marked = new_output(path)?;
    for (line, number) in BufReader::new(file).lines().zip(1_u64..) {
        let line = line.map_err(unwritten)?;
        let problem = problems.get(&number);
        let object = serde_json::from_str::<Object>(&line).ok();
        let object = object.filter(|it| problem.is_some() || it.contains_key(PROBLEM));
        let line = match object {
            Some(object) => with_problem(object, problem).map_err(unwritten)?,
            None => line,
        };
        writeln!(marked, "{line}").map_err(unwritten)?;
    }
    Ok(marked)
}

fn with_problem(mut object: Object, problem: Option<&String>) -> io::Result<String> {
    object.shift_remove(PROBLEM);
    if let Some(problem) = problem {
        let problem = serde_json::value::to_raw_value(problem)?;
        object.insert(PROBLEM.to_owned(), problem);
    }
    Ok(serde_json::to_string(&object)?)
}

/// A file that has its name only when it is complete.
pub(super) struct Output {
    out: BufWriter<File>,
    file: NamedTempFile,
}

/// Starts a temporary file next to a path.
pub(super) fn new_output(path: &Path) -> Result<Output, Error> {
    let begun = || {
        let file = new_file_beside(path)?;
        let out = BufWriter::new(file.as_file().try_clone()?);
        Ok(Output { out, file })
    };
    begun().map_err(|error: io::Error| Error::Usage {
        message: format!("cannot write {}: {error}", path.display()),
        hint: "use a folder that exists and that you can write to".to_owned(),
    })
}

impl Output {
    /// Renames it to its path, which must still be free.
    pub(super) fn finish(mut self, path: &Path) -> Result<(), Error> {
        self.out.flush().map_err(unwritten)?;
        drop(self.out);
        // Windows does not rename a file that is open.
        let placed = self.file.into_temp_path().persist_noclobber(path);
        placed.map_err(|error| unwritten(error.error))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A temporary file in the same folder, with the permissions of any new file.
fn new_file_beside(path: &Path) -> io::Result<NamedTempFile> {
    let builder = tempfile::Builder::new();
    #[cfg(unix)]
    let builder = {
        let mut builder = builder;
        builder.permissions(PermissionsExt::from_mode(0o666));
        builder
    };
    builder.tempfile_in(directory_of(path))
}

fn unwritten(source: io::Error) -> Error {
    Error::System {
        what: "cannot write the cleaned list",
        source,
    }
}
