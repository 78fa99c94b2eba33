//! Files that a check writes.

use super::CheckOptions;
use crate::columns::Mapping;
use crate::input::Reader;
use crate::run::Error;
use crate::storage::directory_of;
use crate::table::Row;
use crate::validate::{Change, CleanedWriter};
use std::fs::File;
use std::io::{self, BufWriter};
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
    for path in options.fixed.iter().chain(&options.write_mapping) {
        if path.exists() {
            return usage(
                format!("{} already exists", path.display()),
                "use a file name that does not exist yet, or delete this file first",
            );
        }
    }
    Ok(())
}

/// The cleaned list. Written to a temp file, renamed when complete.
pub(super) struct Cleaned<'a> {
    rows: CleanedWriter<BufWriter<File>>,
    file: NamedTempFile,
    path: &'a Path,
}

impl<'a> Cleaned<'a> {
    /// Starts a temporary file next to its path.
    pub(super) fn begin(path: &'a Path, reader: &Reader, mapping: &Mapping) -> Result<Self, Error> {
        let begun = || {
            let file = new_file_beside(path)?;
            let output = BufWriter::new(file.as_file().try_clone()?);
            let rows = CleanedWriter::new(output, reader.header(), reader.format(), mapping)?;
            Ok(Self { rows, file, path })
        };
        begun().map_err(|error: io::Error| Error::Usage {
            message: format!("cannot write {}: {error}", path.display()),
            hint: "use a folder that exists and that you can write to".to_owned(),
        })
    }

    pub(super) fn write(&mut self, row: &Row, changes: &[Change<'_>]) -> Result<(), Error> {
        self.rows.write(row, changes).map_err(unwritten)
    }

    /// Renames it to its path, which must still be free.
    pub(super) fn finish(self) -> Result<(), Error> {
        self.rows.finish().map_err(unwritten)?;
        // Windows does not rename a file that is open.
        let placed = self.file.into_temp_path().persist_noclobber(self.path);
        placed.map_err(|error| unwritten(error.error))
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
