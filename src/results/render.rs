//! Rendering a results file, row by row.

use super::cell::{safe_cell, without_blank_end};
use super::form::Form;
use super::record::{COLUMNS, ErrorName, JSON_KEY, Place, Record};
use super::suitable::MARK;
use super::unreadable::unreadable_object;
use super::workbook::Sheet;
use crate::table::{Cells, Format, Object};
use csv::StringRecord;
use serde::ser::{Error as _, SerializeMap};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::fmt::{Display, Write as _};
use std::io::{self, Write};

/// How much is written at once.
const BUFFER: usize = 128 * 1024;

/// Renders a results file. The user's cells are written as they are in the list.
#[derive(Debug)]
pub struct Renderer<W: Write> {
    out: Output<W>,
    /// How many columns the list has.
    columns: usize,
    field: String,
}

#[derive(Debug)]
enum Output<W: Write> {
    Csv(Box<csv::Writer<W>>),
    Workbook {
        out: W,
        sheet: Box<Sheet>,
    },
    Json {
        out: W,
        buffer: Vec<u8>,
        line_end: &'static str,
    },
}

impl<W: Write> Renderer<W> {
    /// Begins a results file: writes the byte order mark and the header, where it has them.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn new(mut out: W, form: &Form, header: &[String]) -> io::Result<Self> {
        let out = match form.format {
            Format::Csv if form.is_workbook => Output::Workbook {
                out,
                sheet: Box::new(Sheet::new(header)?),
            },
            Format::Csv => {
                if form.has_mark {
                    out.write_all(MARK)?;
                }
                let mut csv = csv_writer(out, *form);
                let original = header.iter().map(String::as_str);
                csv.write_record(original.chain(COLUMNS))?;
                Output::Csv(Box::new(csv))
            }
            Format::Jsonl => Output::Json {
                out,
                buffer: Vec::with_capacity(BUFFER),
                line_end: form.line_end.text(),
            },
        };
        Ok(Self {
            out,
            columns: header.len(),
            field: String::new(),
        })
    }

    /// Adds a row with its result; without one, it was not sent yet and has only its id.
    ///
    /// Cells beyond the header are at the end of the record, after the results. So is the text of a
    /// row that cannot be read as cells.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn row(&mut self, cells: &Cells, place: Place, record: Option<&Record>) -> io::Result<()> {
        match &mut self.out {
            Output::Csv(csv) => {
                write_cells(csv, cells, self.columns)?;
                Results {
                    csv,
                    field: &mut self.field,
                }
                .write(place, record)?;
                write_surplus(csv, cells, self.columns)?;
            }
            Output::Workbook { sheet, .. } => sheet.row(cells, place, record)?,
            Output::Json {
                out,
                buffer,
                line_end,
            } => {
                write_json(buffer, cells, place, record)?;
                buffer.extend_from_slice(line_end.as_bytes());
                if buffer.len() >= BUFFER {
                    out.write_all(buffer)?;
                    buffer.clear();
                }
            }
        }
        Ok(())
    }

    /// Writes what is left and flushes.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> io::Result<()> {
        match self.out {
            Output::Csv(mut csv) => csv.flush(),
            Output::Workbook { mut out, sheet } => {
                out.write_all(&sheet.finish()?)?;
                out.flush()
            }
            Output::Json {
                mut out, buffer, ..
            } => {
                out.write_all(&buffer)?;
                out.flush()
            }
        }
    }
}

fn csv_writer<W: Write>(out: W, form: Form) -> csv::Writer<W> {
    csv::WriterBuilder::new()
        .delimiter(form.delimiter)
        .terminator(match form.line_end {
            super::LineEnd::Lf => csv::Terminator::Any(b'\n'),
            super::LineEnd::CrLf => csv::Terminator::CRLF,
        })
        .flexible(true)
        .buffer_capacity(BUFFER)
        .from_writer(out)
}

/// The cells under the names of the header.
fn write_cells<W: Write>(
    csv: &mut csv::Writer<W>,
    cells: &Cells,
    columns: usize,
) -> csv::Result<()> {
    let own = record_of(cells);
    for column in 0..columns {
        let cell = own.and_then(|cells| cells.get(column));
        csv.write_field(cell.unwrap_or_default())?;
    }
    Ok(())
}

/// Ends a record with the cells beyond the header, or the text of an unreadable row.
fn write_surplus<W: Write>(
    csv: &mut csv::Writer<W>,
    cells: &Cells,
    columns: usize,
) -> csv::Result<()> {
    let surplus = match cells {
        Cells::Record(record) if record.len() > columns => record.iter().skip(columns).collect(),
        Cells::Unreadable { text, .. } => vec![text.as_str()],
        Cells::Record(_) | Cells::Object(_) => Vec::new(),
    };
    for cell in without_blank_end(surplus) {
        csv.write_field(cell)?;
    }
    csv.write_record(None::<&[u8]>)
}

fn record_of(cells: &Cells) -> Option<&StringRecord> {
    match cells {
        Cells::Record(record) => Some(record),
        Cells::Object(_) | Cells::Unreadable { .. } => None,
    }
}

/// The columns of the results, of one row.
struct Results<'a, W: Write> {
    csv: &'a mut csv::Writer<W>,
    field: &'a mut String,
}

impl<W: Write> Results<'_, W> {
    fn write(&mut self, place: Place, record: Option<&Record>) -> csv::Result<()> {
        let Some(record) = record else {
            for column in COLUMNS {
                match (column, place.line) {
                    ("workos_row", _) => self.shown(place.row)?,
                    ("workos_line", Some(line)) => self.shown(line)?,
                    _ => self.blank()?,
                }
            }
            return Ok(());
        };
        self.csv.write_field(record.status.name())?;
        self.text(record.organization_id.as_deref())?;
        self.text(record.error.map(ErrorName::name))?;
        self.text(record.code.as_deref())?;
        self.text(record.message.as_deref())?;
        match record.http_status {
            Some(status) => self.shown(status)?,
            None => self.blank()?,
        }
        self.text(record.request_id.as_deref())?;
        self.shown(record.attempts)?;
        self.text(record.existing_organization_id.as_deref())?;
        self.text(record.changes.as_deref())?;
        self.shown(place.row)?;
        match place.line {
            Some(line) => self.shown(line)?,
            None => self.blank()?,
        }
        match record.finished_at {
            Some(at) => self.shown(format_args!("{at:.3}")),
            None => self.blank(),
        }
    }

    fn blank(&mut self) -> csv::Result<()> {
        self.csv.write_field("")
    }

    fn text(&mut self, text: Option<&str>) -> csv::Result<()> {
        let safe = safe_cell(text.unwrap_or_default());
        self.csv.write_field(safe.as_bytes())
    }

    fn shown(&mut self, value: impl Display) -> csv::Result<()> {
        self.field.clear();
        let _ = write!(self.field, "{value}");
        self.csv.write_field(self.field.as_bytes())
    }
}

/// Adds a line of a JSONL results file: the object of the list, then its result.
fn write_json(
    buffer: &mut Vec<u8>,
    cells: &Cells,
    place: Place,
    record: Option<&Record>,
) -> io::Result<()> {
    let result = match record {
        Some(record) if record.row == place.row => Placed::of(Cow::Borrowed(record), place),
        Some(record) => {
            let row = place.row;
            let record = Record {
                row,
                ..record.clone()
            };
            Placed::of(Cow::Owned(record), place)
        }
        None => {
            let result = &place;
            return Ok(serde_json::to_writer(buffer, &Line { cells, result })?);
        }
    };
    let result = &result;
    Ok(serde_json::to_writer(buffer, &Line { cells, result })?)
}

/// A result with the line of its row.
#[derive(Serialize)]
struct Placed<'a> {
    #[serde(flatten)]
    record: Cow<'a, Record>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
}

impl<'a> Placed<'a> {
    const fn of(record: Cow<'a, Record>, place: Place) -> Self {
        Self {
            record,
            line: place.line,
        }
    }
}

struct Line<'a, T> {
    cells: &'a Cells,
    result: &'a T,
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
        map.serialize_entry(JSON_KEY, self.result)?;
        map.end()
    }
}
