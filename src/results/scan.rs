//! Reading a results file as this program wrote it: record by record, with the place of each.
//!
//! A file that a spreadsheet has saved is another matter: it is read like any input, and written
//! anew in this form before anything is appended to it.

use super::Error;
use super::layout::{Layout, Outline, Said};
use super::record::{COLUMNS, Record};
use super::suitable::MARK;
use crate::table::{Cells, Format, Object, Row};
use csv::StringRecord;
use fs_err::File;
use std::io::{self, BufRead, BufReader, Chain, Read, Seek, SeekFrom};
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

impl Entry {
    /// The row, and what a run has said of it. A results file is tidied before it is retried, so
    /// every row has its number.
    pub fn into_row(self) -> (Row, Option<Record>) {
        let Said { row, record } = self.said;
        let row = Row {
            number: row.unwrap_or(self.line),
            line: self.line,
            cells: self.cells,
        };
        (row, record)
    }
}

/// An iterator over the records of a results file.
///
/// A last record that a crash has torn is not returned; [`torn`](Self::torn) tells of it.
#[derive(Debug)]
pub struct Scan {
    path: PathBuf,
    records: Records,
    end: u64,
    torn: bool,
}

#[derive(Debug)]
enum Records {
    Csv(Box<CsvRecords>),
    Jsonl(Box<JsonlRecords>),
}

/// Where a record stands.
#[derive(Clone, Copy)]
struct Span {
    start: u64,
    end: u64,
    line: u64,
}

/// What a reader comes upon.
enum Found {
    Record(Span),
    /// The end of the file; `torn` when half a record stands there.
    End {
        torn: bool,
    },
}

/// A line that is no record, and why.
struct Malformed {
    line: u64,
    reason: String,
}

const BUFFER: usize = 128 * 1024;

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
        let records = match format {
            Format::Jsonl => Records::Jsonl(Box::new(JsonlRecords {
                reader: BufReader::with_capacity(BUFFER, file),
                layout: Layout::of(&[]),
                line: 0,
                end: 0,
                bytes: Vec::new(),
            })),
            Format::Csv => match CsvRecords::open(file, header)? {
                Some(records) => Records::Csv(Box::new(records)),
                None => return Ok(None),
            },
        };
        let end = match &records {
            Records::Csv(records) => records.header_end,
            Records::Jsonl(_) => 0,
        };
        Ok(Some(Self {
            path: path.to_owned(),
            records,
            end,
            torn: false,
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
}

impl Scan {
    /// Goes on to the next record; `None` at the end.
    fn advance(&mut self) -> Result<Option<Span>, Error> {
        let found = match &mut self.records {
            Records::Csv(records) => records.advance(),
            Records::Jsonl(records) => records.advance()?,
        };
        match found {
            Ok(Found::Record(span)) => {
                self.end = span.end;
                Ok(Some(span))
            }
            Ok(Found::End { torn }) => {
                self.torn = torn;
                Ok(None)
            }
            Err(malformed) => Err(self.malformed(malformed)),
        }
    }

    fn malformed(&self, Malformed { line, reason }: Malformed) -> Error {
        Error::Malformed {
            path: self.path.clone(),
            line,
            reason,
        }
    }

    /// The outline of the next record, without the user's cells: several times faster than
    /// [`next`](Iterator::next).
    ///
    /// # Errors
    /// When the file cannot be read, or holds what is no record.
    pub fn next_outline(&mut self) -> Result<Option<Outline<'_>>, Error> {
        let Some(span) = self.advance()? else {
            return Ok(None);
        };
        let outline = match &self.records {
            Records::Csv(records) => Ok(records.layout.outline(&records.record)),
            Records::Jsonl(records) => records.outline(span.line),
        };
        match outline {
            Ok(mut outline) => {
                (outline.start, outline.end) = (span.start, span.end);
                Ok(Some(outline))
            }
            Err(malformed) => Err(self.malformed(malformed)),
        }
    }
}

impl Iterator for Scan {
    type Item = Result<Entry, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let Span { start, end, line } = match self.advance() {
            Ok(span) => span?,
            Err(error) => return Some(Err(error)),
        };
        let divided = match &mut self.records {
            Records::Csv(records) => Ok(records.divide()),
            Records::Jsonl(records) => records.divide(line),
        };
        Some(match divided {
            Ok((cells, said)) => Ok(Entry {
                cells,
                said,
                line,
                start,
                end,
            }),
            Err(malformed) => Err(self.malformed(malformed)),
        })
    }
}

/// What is read behind the end of a file: a record that has no end of its own runs into it.
const BEHIND: &[u8] = b"\x1e";

#[derive(Debug)]
struct CsvRecords {
    reader: csv::Reader<Chain<File, &'static [u8]>>,
    layout: Layout,
    width: usize,
    ends_with_newline: bool,
    length: u64,
    /// Where the header ends; 0 where it is missing or torn, and then there are no records.
    header_end: u64,
    record: StringRecord,
}

impl CsvRecords {
    /// Returns `None` when the header is not that of this program.
    fn open(mut file: File, header: &[String]) -> Result<Option<Self>, Error> {
        let length = file.metadata()?.len();
        let expected = header_line(header)?;
        let longest = MARK.len() + expected.len();
        let mut found = Vec::with_capacity(longest);
        (&mut file).take(longest as u64).read_to_end(&mut found)?;
        let is_header = |found: &[u8]| {
            let found = found.get(..expected.len()).unwrap_or(found);
            expected.starts_with(found)
        };
        let (mark, found) = match found.strip_prefix(MARK) {
            // A first column whose own name begins so has been seen in spreadsheets' exports.
            Some(marked) if !is_header(&found) => (MARK.len(), marked),
            _ => (0, found.as_slice()),
        };
        if !is_header(found) && !MARK.starts_with(found) {
            return Ok(None);
        }
        let ends_with_newline = ends_with_newline(&mut file, length)?;
        let header_end = if found.starts_with(&expected) {
            (mark + expected.len()) as u64
        } else {
            0
        };
        file.rewind()?;
        let results = COLUMNS.map(str::to_owned);
        let columns: Vec<String> = header.iter().cloned().chain(results).collect();
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(BUFFER)
            .from_reader(file.chain(BEHIND));
        if header_end > 0 {
            // Known already; but a reader that began behind it would take a BOM in the first cell
            // for that of the file.
            reader
                .read_record(&mut StringRecord::new())
                .map_err(io::Error::from)?;
        }
        Ok(Some(Self {
            reader,
            layout: Layout::of(&columns),
            width: columns.len(),
            ends_with_newline,
            length,
            header_end,
            record: StringRecord::new(),
        }))
    }

    fn advance(&mut self) -> Result<Found, Malformed> {
        if self.header_end == 0 {
            return Ok(Found::End {
                torn: self.length > 0,
            });
        }
        let record = &mut self.record;
        let more = self.reader.read_record(record);
        let (start, line) = record
            .position()
            .map_or((0, 0), |at| (at.byte(), at.line()));
        let end = self.reader.position().byte();
        if end > self.length {
            let is_alone = more.is_ok() && record.as_slice().as_bytes() == BEHIND;
            let torn = !(is_alone && self.ends_with_newline);
            return Ok(Found::End { torn });
        }
        let reason = match more {
            // What a row has beyond its header stands at the end of its line.
            Ok(true) if record.len() >= self.width => {
                return Ok(Found::Record(Span { start, end, line }));
            }
            Ok(false) => return Ok(Found::End { torn: false }),
            _ if end == self.length => return Ok(Found::End { torn: true }),
            Ok(true) => format!("{} cells instead of {}", record.len(), self.width),
            Err(error) => error.to_string(),
        };
        Err(Malformed { line, reason })
    }

    fn divide(&mut self) -> (Cells, Said) {
        let record = std::mem::take(&mut self.record);
        self.layout.split(Cells::Record(record))
    }
}

#[derive(Debug)]
struct JsonlRecords {
    reader: BufReader<File>,
    layout: Layout,
    line: u64,
    end: u64,
    /// The line at hand.
    bytes: Vec<u8>,
}

impl JsonlRecords {
    fn advance(&mut self) -> io::Result<Result<Found, Malformed>> {
        loop {
            let start = self.end;
            self.bytes.clear();
            self.line += 1;
            self.end += self.reader.read_until(b'\n', &mut self.bytes)? as u64;
            if self.bytes.is_empty() {
                return Ok(Ok(Found::End { torn: false }));
            }
            if !self.bytes.ends_with(b"\n") {
                return Ok(Ok(Found::End { torn: true }));
            }
            if !self.bytes.iter().all(u8::is_ascii_whitespace) {
                let (end, line) = (self.end, self.line);
                return Ok(Ok(Found::Record(Span { start, end, line })));
            }
        }
    }

    fn read<'a, T: serde::Deserialize<'a>>(&'a self, line: u64) -> Result<T, Malformed> {
        let bytes = self.bytes.as_slice();
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        serde_json::from_slice(text).map_err(|error| Malformed {
            line,
            reason: format!("not a JSON object ({error})"),
        })
    }

    fn divide(&self, line: u64) -> Result<(Cells, Said), Malformed> {
        let object: Object = self.read(line)?;
        Ok(self.layout.split(Cells::Object(object)))
    }

    fn outline(&self, line: u64) -> Result<Outline<'_>, Malformed> {
        #[derive(serde::Deserialize)]
        struct Line<'a> {
            #[serde(borrow)]
            workos: Option<&'a serde_json::value::RawValue>,
        }
        let Line { workos } = self.read(line)?;
        let outline = workos.map(|said| Outline::from_json(said.get()));
        Ok(outline.unwrap_or_default())
    }
}

/// The header line of a CSV results file.
fn header_line(header: &[String]) -> Result<Vec<u8>, Error> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::Any(b'\n'))
        .from_writer(Vec::new());
    let original = header.iter().map(String::as_str);
    writer
        .write_record(original.chain(COLUMNS))
        .map_err(io::Error::from)?;
    let line = writer.into_inner();
    Ok(line.map_err(csv::IntoInnerError::into_error)?)
}

fn ends_with_newline(file: &mut File, length: u64) -> io::Result<bool> {
    if length == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::Start(length - 1))?;
    file.read_exact(&mut last)?;
    // A record that somebody ended with CRLF ends, for the CSV reader, before the line feed.
    Ok(matches!(last, [b'\n' | b'\r']))
}
