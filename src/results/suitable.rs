//! Which files results can be kept in: text of our own, never a workbook, an archive or a directory.

use super::Error;
use super::error::DIRECTORY;
use fs_err::File;
use std::io::{self, Read};
use std::path::Path;

/// The byte order mark of UTF-8, by which Excel knows the encoding of a CSV file.
pub(super) const MARK: &[u8] = b"\xef\xbb\xbf";

/// What is known by its first bytes, or else by its name.
const OTHERS: [(&str, &[u8], &[&str]); 2] = [
    ("a workbook", b"PK\x03\x04", &["xlsx", "xlsm", "xls", "ods"]),
    ("a gzip archive", b"\x1f\x8b", &["gz"]),
];

/// Refuses a place at which no results can be kept, before anything there is touched.
///
/// # Errors
/// When a directory, a workbook or an archive is there, or would be by its name.
pub fn refuse_unsuitable(path: &Path) -> Result<(), Error> {
    let unsuitable = |what| Error::Unsuitable {
        path: path.to_owned(),
        what,
    };
    if path.is_dir() {
        return Err(unsuitable(DIRECTORY));
    }
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    let start = start_of(path).unwrap_or_default();
    for (what, beginning, extensions) in OTHERS {
        let is_named = extensions
            .iter()
            .any(|it| extension.eq_ignore_ascii_case(it));
        if is_named || start.starts_with(beginning) {
            return Err(unsuitable(what));
        }
    }
    Ok(())
}

/// Whether a file begins with a byte order mark.
pub fn has_mark(path: &Path) -> bool {
    start_of(path).is_ok_and(|start| start.starts_with(MARK))
}

fn start_of(path: &Path) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    if !path.is_file() {
        // What a pipe or a terminal gives is gone when it is read.
        return Ok(start);
    }
    File::open(path)?.take(4).read_to_end(&mut start)?;
    Ok(start)
}
