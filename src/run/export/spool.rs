//! Organizations on their way from WorkOS to the export: lines of JSON in a file without a name.
//!
//! The columns of a CSV file are known only when the last organization has come.

use super::columns::Keys;
use super::exported::Exported;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};

/// Organizations that were exported so far. The file is gone when this is dropped, also by a crash.
#[derive(Debug)]
pub(super) struct Spool {
    out: BufWriter<File>,
    pub(super) keys: Keys,
    pub(super) count: u64,
}

impl Spool {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            out: BufWriter::with_capacity(128 * 1024, tempfile::tempfile()?),
            keys: Keys::default(),
            count: 0,
        })
    }

    pub(super) fn add(&mut self, organization: &Exported) -> io::Result<()> {
        self.keys.add(organization.metadata.keys());
        self.count += 1;
        serde_json::to_writer(&mut self.out, organization)?;
        self.out.write_all(b"\n")
    }

    /// The lines from the first on, and the keys that were seen.
    pub(super) fn into_lines(self) -> io::Result<(Lines, Keys)> {
        let mut file = self
            .out
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        let lines = Lines {
            from: BufReader::with_capacity(128 * 1024, file),
            line: Vec::new(),
        };
        Ok((lines, self.keys))
    }
}

/// The lines of a spool.
#[derive(Debug)]
pub(super) struct Lines {
    from: BufReader<File>,
    line: Vec<u8>,
}

impl Lines {
    /// The next line, with its end; `None` after the last one.
    pub(super) fn next(&mut self) -> io::Result<Option<&[u8]>> {
        self.line.clear();
        let length = self.from.read_until(b'\n', &mut self.line)?;
        Ok((length > 0).then_some(self.line.as_slice()))
    }
}
