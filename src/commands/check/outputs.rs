//! The files that a check may write.

use super::{CheckOptions, Error, Reader};
use crate::input::FixedWriter;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Whether the files can be written as they are named; before anything is read.
pub(super) fn judge(options: &CheckOptions) -> Result<(), Error> {
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
                "name the file, for example --fixed clean.csv",
            );
        }
        if not_written
            .iter()
            .any(|e| extension.eq_ignore_ascii_case(e))
        {
            return usage(
                format!("--fixed writes CSV or JSONL, not .{extension}"),
                "name the file by what it is, for example --fixed clean.csv",
            );
        }
    }
    for path in options.fixed.iter().chain(&options.write_mapping) {
        if path.exists() {
            return usage(
                format!("{} is there already", path.display()),
                "name a file that does not exist yet, or remove this one first",
            );
        }
    }
    Ok(())
}

/// Begins the cleaned list. The file must not exist yet.
pub(super) fn fixed_writer(
    path: &Path,
    reader: &Reader,
) -> Result<FixedWriter<impl Write + use<>>, Error> {
    let file = fs_err::File::create_new(path).map_err(|error| Error::Usage {
        message: format!("{} cannot be written: {error}", path.display()),
        hint: "name a file in a folder that is there, and in which you may write".to_owned(),
    })?;
    let file = BufWriter::new(file);
    FixedWriter::new(file, reader.header(), reader.format()).map_err(unwritten)
}

pub(super) fn unwritten(source: io::Error) -> Error {
    Error::System {
        what: "the cleaned list cannot be written",
        source,
    }
}
