//! Writing records: appended while a run goes on, or a whole file put in place at once.

use super::Error;
use super::layout::{unreadable_object, without_blank_end};
use super::record::{COLUMNS, ErrorName, JSON_KEY, Record};
use super::replace::{Unfinished, sync_directory};
use super::suitable::{MARK, has_mark};
use crate::table::{Cells, Format, Object};
use csv::StringRecord;
use fs_err::{File, OpenOptions};
use serde::ser::{Error as _, SerializeMap};
use serde::{Serialize, Serializer};
use std::fmt::{Display, Write as _};
use std::io::{self, Seek, Write};
use std::path::Path;

/// Appends records to a results file.
///
/// What cannot be written stays in memory and is tried again with the next flush, so a disk that
/// was full for a while loses nothing.
#[derive(Debug)]
pub struct Writer {
    format: Format,
    columns: usize,
    file: File,
    csv: csv::Writer<Vec<u8>>,
    waiting: Vec<u8>,
    records: usize,
    field: String,
}

/// Grouping writes pays; this many records are group enough.
const RECORDS_A_WRITE: usize = 256;

impl Writer {
    /// Starts a results file with this header; there must be none yet.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub fn create(path: &Path, format: Format, header: &[String]) -> io::Result<Self> {
        Self::create_with_mark(path, format, header, false)
    }

    /// The same; a CSV file begins, where it is wanted, with a byte order mark, without which
    /// Excel takes UTF-8 for something else.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    pub fn create_with_mark(
        path: &Path,
        format: Format,
        header: &[String],
        is_marked: bool,
    ) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).open(path)?;
        let mut writer = Self::on(file, format, header.len());
        writer.write_header(header, is_marked)?;
        writer.sync()?;
        sync_directory(path)?;
        Ok(writer)
    }

    /// Goes on with a results file whose records end at byte `end`; what follows is cut off.
    ///
    /// # Errors
    /// When the file cannot be opened or cut.
    pub fn append(path: &Path, format: Format, header: &[String], end: u64) -> io::Result<Self> {
        let is_marked = has_mark(path);
        let mut file = OpenOptions::new().write(true).open(path)?;
        file.set_len(end)?;
        file.seek(io::SeekFrom::End(0))?;
        let mut writer = Self::on(file, format, header.len());
        if end == 0 {
            writer.write_header(header, is_marked)?;
            writer.sync()?;
        }
        Ok(writer)
    }

    fn on(file: File, format: Format, columns: usize) -> Self {
        Self {
            format,
            columns,
            file,
            csv: csv_writer(),
            waiting: Vec::new(),
            records: 0,
            field: String::new(),
        }
    }

    fn write_header(&mut self, header: &[String], is_marked: bool) -> io::Result<()> {
        if self.format == Format::Csv {
            if is_marked {
                self.waiting.extend_from_slice(MARK);
            }
            let original = header.iter().map(String::as_str);
            self.csv.write_record(original.chain(COLUMNS))?;
        }
        Ok(())
    }

    /// Adds a record; it reaches the file with the next [`flush`](Self::flush), or when many wait.
    ///
    /// # Errors
    /// When the file cannot be written; the record is kept and tried again with the next flush.
    pub fn write(&mut self, cells: &Cells, record: &Record) -> io::Result<()> {
        match self.format {
            Format::Csv => {
                self.write_cells(cells)?;
                self.write_record(record)?;
                self.write_surplus(cells)?;
            }
            Format::Jsonl => self.write_json(cells, record)?,
        }
        self.added()
    }

    /// Adds a row that was never tried: it has a number and nothing else.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn write_untried(&mut self, cells: &Cells, row: u64) -> io::Result<()> {
        match self.format {
            Format::Csv => {
                self.write_cells(cells)?;
                for column in COLUMNS {
                    if column == "workos_row" {
                        self.shown(row)?;
                    } else {
                        self.text(None)?;
                    }
                }
                self.write_surplus(cells)?;
            }
            Format::Jsonl => self.write_json(cells, &serde_json::json!({ "row": row }))?,
        }
        self.added()
    }

    fn added(&mut self) -> io::Result<()> {
        self.records += 1;
        if self.records >= RECORDS_A_WRITE {
            self.flush()?;
        }
        Ok(())
    }

    fn write_json(&mut self, cells: &Cells, said: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.waiting, &Line { cells, said })?;
        self.waiting.push(b'\n');
        Ok(())
    }

    /// The cells under the header's names; those beyond it are written [last](Self::write_surplus).
    fn write_cells(&mut self, cells: &Cells) -> csv::Result<()> {
        let original = record_of(cells);
        for column in 0..self.columns {
            let cell = original.and_then(|cells| cells.get(column));
            self.text(cell)?;
        }
        Ok(())
    }

    /// Ends a record with the cells that the row has beyond its header, or with its text where that
    /// could not be read as cells.
    fn write_surplus(&mut self, cells: &Cells) -> csv::Result<()> {
        let surplus = match cells {
            Cells::Record(record) => record.iter().skip(self.columns).collect(),
            Cells::Unreadable { text, .. } => vec![text.as_str()],
            Cells::Object(_) => Vec::new(),
        };
        for cell in without_blank_end(surplus) {
            self.csv.write_field(cell)?;
        }
        self.csv.write_record(None::<&[u8]>)
    }

    fn write_record(&mut self, record: &Record) -> csv::Result<()> {
        self.text(Some(record.status.name()))?;
        self.text(record.organization_id.as_deref())?;
        self.text(record.error.map(ErrorName::name))?;
        self.text(record.code.as_deref())?;
        self.text(record.message.as_deref())?;
        match record.http_status {
            Some(status) => self.shown(status)?,
            None => self.text(None)?,
        }
        self.text(record.request_id.as_deref())?;
        self.shown(record.attempts)?;
        self.text(record.existing_organization_id.as_deref())?;
        self.shown(record.row)?;
        match record.finished_at {
            Some(time) => self.shown(format_args!("{time:.3}")),
            None => self.text(None),
        }
    }

    fn text(&mut self, text: Option<&str>) -> csv::Result<()> {
        self.csv.write_field(text.unwrap_or_default())
    }

    fn shown(&mut self, value: impl Display) -> csv::Result<()> {
        self.field.clear();
        let _ = write!(self.field, "{value}");
        self.csv.write_field(&self.field)
    }

    /// Hands all records over to the operating system: other programs see them from here on.
    ///
    /// # Errors
    /// When the file cannot be written; what was not written is kept for the next flush.
    pub fn flush(&mut self) -> io::Result<()> {
        self.records = 0;
        if self.format == Format::Csv {
            let formatted = std::mem::replace(&mut self.csv, csv_writer()).into_inner();
            let formatted = formatted.map_err(csv::IntoInnerError::into_error)?;
            self.waiting.extend_from_slice(&formatted);
        }
        let mut written = 0;
        let result = loop {
            match self.waiting.get(written..) {
                None | Some([]) => break Ok(()),
                Some(rest) => match self.file.write(rest) {
                    Ok(0) => break Err(io::ErrorKind::WriteZero.into()),
                    Ok(count) => written += count,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => break Err(error),
                },
            }
        };
        self.waiting.drain(..written);
        result
    }

    /// Flushes, and returns when the disk has everything.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn sync(&mut self) -> io::Result<()> {
        self.flush()?;
        self.file.sync_data()
    }

    /// A second handle to the file, for another thread to sync it by.
    ///
    /// # Errors
    /// When the operating system gives none.
    pub fn handle(&self) -> io::Result<File> {
        self.file.try_clone()
    }
}

fn record_of(cells: &Cells) -> Option<&StringRecord> {
    match cells {
        Cells::Record(record) => Some(record),
        Cells::Object(_) | Cells::Unreadable { .. } => None,
    }
}

fn csv_writer() -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new()
        .terminator(csv::Terminator::Any(b'\n'))
        .flexible(true)
        .from_writer(Vec::new())
}

/// A line of a JSONL results file: the original object, then what became of it.
struct Line<'a, T> {
    cells: &'a Cells,
    said: &'a T,
}

impl<T: Serialize> Serialize for Line<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let of_unreadable;
        let none = Object::new();
        let object = match self.cells {
            Cells::Object(object) => object,
            Cells::Unreadable { text, reason } => {
                of_unreadable = unreadable_object(text, reason).map_err(S::Error::custom)?;
                &of_unreadable
            }
            Cells::Record(_) => &none,
        };
        let mut map = serializer.serialize_map(Some(object.len() + 1))?;
        for (key, value) in object.iter().filter(|(key, _)| *key != JSON_KEY) {
            map.serialize_entry(key, value)?;
        }
        map.serialize_entry(JSON_KEY, self.said)?;
        map.end()
    }
}

/// Writes a results file anew, at once: `write` adds the records of the new one. After a crash
/// there is either the old file or the new one, whole.
///
/// # Errors
/// When the new file cannot be written; the old one then stands as it was.
pub fn rewrite<E: From<Error>>(
    path: &Path,
    format: Format,
    header: &[String],
    is_marked: bool,
    write: impl FnOnce(&mut Writer) -> Result<(), E>,
) -> Result<(), E> {
    let new = Unfinished::beside(path).map_err(Error::from)?;
    let file = new.handle().map_err(Error::from)?;
    let mut writer = Writer::on(file, format, header.len());
    writer
        .write_header(header, is_marked)
        .map_err(Error::from)?;
    write(&mut writer)?;
    writer.flush().map_err(Error::from)?;
    Ok(new.finish().map_err(Error::from)?)
}
