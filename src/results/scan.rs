//! Reading a results file as this program wrote it: record by record, with the place of each.
//!
//! A file that a spreadsheet has saved is another matter: it is read like any input, and written
//! anew in this form before anything is appended to it.

use super::Error;
use super::layout::{Layout, Said};
use super::record::COLUMNS;
use crate::table::{Cells, Format, Object};
use csv::StringRecord;
use fs_err::File;
use std::io::{BufRead, BufReader, ErrorKind};
use std::path::{Path, PathBuf};

/// A record of a results file.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The user's cells.
    pub cells: Cells,
    /// What a run has said of them.
    pub said: Said,
    /// The line on which it begins, counted from 1.
    pub line: u64,
    /// Where it begins, in bytes from the start of the file.
    pub start: u64,
    /// Where it ends: one past its line end.
    pub end: u64,
}

/// An iterator over the records of a results file.
///
/// A last record that a crash has torn is not returned; [`torn`](Self::torn) tells of it.
#[derive(Debug)]
pub struct Scan {
    path: PathBuf,
    lines: Lines,
    end: u64,
    torn: bool,
}

#[derive(Debug)]
enum Lines {
    Csv {
        reader: csv::Reader<File>,
        layout: Layout,
        width: usize,
        ends_with_newline: bool,
        length: u64,
        record: StringRecord,
    },
    Jsonl {
        reader: BufReader<File>,
        line: u64,
    },
}

impl Scan {
    /// Opens the results file of a table with this original header.
    ///
    /// Returns `None` when the file is not as this program writes it, because a spreadsheet or an
    /// editor has changed its form: it then has to be read as an input is.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn open(path: &Path, format: Format, header: &[String]) -> Result<Option<Self>, Error> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut end = 0;
        let mut torn = false;
        let lines = match format {
            Format::Jsonl => Lines::Jsonl {
                reader: BufReader::with_capacity(128 * 1024, file),
                line: 0,
            },
            Format::Csv => {
                let expected = header_line(header)?;
                let mut reader = BufReader::new(file);
                let mut found = vec![0; expected.len()];
                let got = read_up_to(&mut reader, &mut found)?;
                found.truncate(got);
                if found != expected {
                    if !expected.starts_with(&found) {
                        return Ok(None);
                    }
                    // The header itself is torn: there are no records.
                    torn = !found.is_empty();
                } else {
                    end = expected.len() as u64;
                }
                let mut file = File::open(path)?;
                let ends_with_newline = ends_with_newline(&mut file, length)?;
                let columns: Vec<String> = header
                    .iter()
                    .cloned()
                    .chain(COLUMNS.map(str::to_owned))
                    .collect();
                let mut reader = csv::ReaderBuilder::new()
                    .has_headers(false)
                    .flexible(true)
                    .buffer_capacity(128 * 1024)
                    .from_reader(file);
                let mut record = StringRecord::new();
                if end > 0 {
                    // The header, which is known already.
                    let _ = reader.read_record(&mut record);
                } else {
                    let _ = reader.seek(at(length));
                }
                Lines::Csv {
                    reader,
                    width: columns.len(),
                    layout: Layout::of(&columns),
                    ends_with_newline,
                    length,
                    record,
                }
            }
        };
        Ok(Some(Self {
            path: path.to_owned(),
            lines,
            end,
            torn,
        }))
    }

    /// Where the last whole record ends, once all have been read.
    pub const fn end(&self) -> u64 {
        self.end
    }

    /// Whether a crash has torn the end of the file, once all records have been read.
    pub const fn torn(&self) -> bool {
        self.torn
    }

    fn malformed(&self, line: u64, reason: impl Into<String>) -> Error {
        Error::Malformed {
            path: self.path.clone(),
            line,
            reason: reason.into(),
        }
    }

    fn next_csv(&mut self) -> Result<Option<Entry>, Error> {
        let Lines::Csv {
            reader,
            layout,
            width,
            ends_with_newline,
            length,
            record,
        } = &mut self.lines
        else {
            return Ok(None);
        };
        let more = reader.read_record(record);
        let position = record.position().map_or((0, 0), |p| (p.byte(), p.line()));
        let end = reader.position().byte();
        let is_last = end >= *length;
        match more {
            Ok(false) => return Ok(None),
            Ok(true) => {}
            // A character cut in half, at the very end of the file.
            Err(_) if is_last => {
                self.torn = true;
                return Ok(None);
            }
            Err(error) => {
                let reason = error.to_string();
                return Err(self.malformed(position.1, reason));
            }
        }
        let whole = record.len() == *width;
        // Without its line end, a record may have been torn within its last cell.
        if is_last && !(whole && *ends_with_newline) {
            self.torn = true;
            return Ok(None);
        }
        if !whole {
            let reason = format!("{} cells instead of {width}", record.len());
            return Err(self.malformed(position.1, reason));
        }
        let (cells, said) = layout.split(Cells::Record(std::mem::take(record)));
        self.end = end;
        Ok(Some(Entry {
            cells,
            said,
            line: position.1,
            start: position.0,
            end,
        }))
    }

    fn next_jsonl(&mut self) -> Result<Option<Entry>, Error> {
        let Lines::Jsonl { reader, line } = &mut self.lines else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        let start = self.end;
        loop {
            *line += 1;
            let read = reader.read_until(b'\n', &mut bytes)?;
            if read == 0 {
                return Ok(None);
            }
            if bytes.last() != Some(&b'\n') {
                self.torn = true;
                return Ok(None);
            }
            if !bytes.iter().all(u8::is_ascii_whitespace) {
                break;
            }
        }
        let line = *line;
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let object: Object = serde_json::from_slice(text)
            .map_err(|error| self.malformed(line, format!("not a JSON object ({error})")))?;
        let (cells, said) = Layout::of(&[]).split(Cells::Object(object));
        self.end = start + bytes.len() as u64;
        Ok(Some(Entry {
            cells,
            said,
            line,
            start,
            end: self.end,
        }))
    }
}

impl Iterator for Scan {
    type Item = Result<Entry, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.torn {
            return None;
        }
        match self.lines {
            Lines::Csv { .. } => self.next_csv(),
            Lines::Jsonl { .. } => self.next_jsonl(),
        }
        .transpose()
    }
}

/// The header line of a CSV results file.
pub(super) fn header_line(header: &[String]) -> Result<Vec<u8>, Error> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::Any(b'\n'))
        .from_writer(Vec::new());
    let original = header.iter().map(String::as_str);
    writer
        .write_record(original.chain(COLUMNS))
        .map_err(std::io::Error::from)?;
    let line = writer.into_inner();
    Ok(line.map_err(csv::IntoInnerError::into_error)?)
}

fn at(byte: u64) -> csv::Position {
    let mut position = csv::Position::new();
    position.set_byte(byte);
    position
}

fn read_up_to(reader: &mut impl std::io::Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn ends_with_newline(file: &mut File, length: u64) -> std::io::Result<bool> {
    use std::io::{Read, Seek, SeekFrom};
    if length == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::Start(length - 1))?;
    file.read_exact(&mut last)?;
    file.rewind()?;
    // A record that somebody ended with CRLF ends, for the CSV reader, before the line feed.
    Ok(matches!(last, [b'\n' | b'\r']))
}
