//! A results file as a workbook, for people with a spreadsheet: its header stays in view and can be
//! filtered, ids are text, the status has a colour, and the message is wrapped.

use super::cell::{safe_cell, without_blank_end};
use super::record::{COLUMNS, Column, ErrorName, Place, Record, Status};
use crate::table::Cells;
use rust_xlsxwriter::{Color, Format, FormatAlign, IgnoreError, Workbook, Worksheet, XlsxError};
use std::borrow::Cow;
use std::io;

/// The rows of a workbook, on their way to disk.
pub(super) struct Sheet {
    workbook: Workbook,
    formats: Formats,
    /// The row that is written next.
    row: u32,
    /// How many columns the list has.
    columns: usize,
    /// How many columns there are in the longest row.
    width: u16,
}

/// How cells look.
struct Formats {
    text: Format,
    wrapped: Format,
    header: Format,
    good: Format,
    bad: Format,
    open: Format,
}

/// The widths of the results' columns, in characters, by their places among [`COLUMNS`].
const WIDTHS: [f64; COLUMNS.len()] = [
    13.0, 33.0, 15.0, 26.0, 60.0, 12.0, 38.0, 10.0, 33.0, 50.0, 8.0, 8.0, 28.0,
];
/// The width of a column of the list.
const WIDTH: f64 = 24.0;

impl std::fmt::Debug for Sheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sheet")
            .field("row", &self.row)
            .finish_non_exhaustive()
    }
}

impl Sheet {
    /// A workbook with these columns of the list.
    pub(super) fn new(header: &[String]) -> io::Result<Self> {
        let mut workbook = Workbook::new();
        let formats = Formats::new();
        let sheet = workbook
            .add_worksheet_with_constant_memory()
            .map_err(error)?;
        sheet.set_name("Results").map_err(error)?;
        sheet.set_freeze_panes(1, 0).map_err(error)?;
        let mut place = 0;
        for (name, width) in header
            .iter()
            .map(|name| (name.as_str(), WIDTH))
            .chain(COLUMNS.into_iter().zip(WIDTHS))
        {
            sheet.set_column_width(place, width).map_err(error)?;
            sheet
                .set_column_format(place, &formats.text)
                .map_err(error)?;
            sheet
                .write_string_with_format(0, place, name, &formats.header)
                .map_err(error)?;
            place = next(place)?;
        }
        Ok(Self {
            workbook,
            formats,
            row: 1,
            columns: header.len(),
            width: place,
        })
    }

    /// Adds a row with its result.
    pub(super) fn row(
        &mut self,
        cells: &Cells,
        place: Place,
        record: Option<&Record>,
    ) -> io::Result<()> {
        let sheet = self.workbook.worksheet_from_index(0).map_err(error)?;
        let mut row = Row {
            sheet,
            formats: &self.formats,
            row: self.row,
            place: 0,
        };
        let (own, surplus): (Vec<&str>, Vec<&str>) = match cells {
            Cells::Record(record) => (
                record.iter().take(self.columns).collect(),
                without_blank_end(record.iter().skip(self.columns).collect()),
            ),
            Cells::Unreadable { text, .. } => (Vec::new(), vec![text]),
            Cells::Object(_) => (Vec::new(), Vec::new()),
        };
        for column in 0..self.columns {
            row.text(own.get(column).copied().unwrap_or_default())?;
        }
        row.results(place, record)?;
        for cell in surplus {
            row.text(cell)?;
        }
        self.width = self.width.max(row.place);
        self.row += 1;
        Ok(())
    }

    /// The bytes of the workbook.
    pub(super) fn finish(mut self) -> io::Result<Vec<u8>> {
        let sheet = self.workbook.worksheet_from_index(0).map_err(error)?;
        let last_row = self.row.saturating_sub(1);
        let last_column = u16::try_from(self.columns + COLUMNS.len() - 1).unwrap_or(u16::MAX);
        sheet
            .autofilter(0, 0, last_row, last_column)
            .map_err(error)?;
        sheet
            .ignore_error_range(0, 0, last_row, self.width, IgnoreError::NumberStoredAsText)
            .map_err(error)?;
        self.workbook.save_to_buffer().map_err(error)
    }
}

/// A row that is written from left to right.
struct Row<'a> {
    sheet: &'a mut Worksheet,
    formats: &'a Formats,
    row: u32,
    place: u16,
}

impl Row<'_> {
    fn results(&mut self, place: Place, record: Option<&Record>) -> io::Result<()> {
        let Some(record) = record else {
            self.place = next_by(self.place, Column::Row as u16)?;
            self.number(place.row)?;
            self.optional(place.line)?;
            self.place = next(self.place)?;
            return Ok(());
        };
        let status = self.formats.of(record.status).clone();
        self.styled(record.status.name(), &status)?;
        self.text(&safe(record.organization_id.as_ref()))?;
        self.text(record.error.map_or("", ErrorName::name))?;
        self.text(&safe(record.code.as_ref()))?;
        let wrapped = self.formats.wrapped.clone();
        self.styled(&safe(record.message.as_ref()), &wrapped)?;
        self.optional(record.http_status.map(u64::from))?;
        self.text(&safe(record.request_id.as_ref()))?;
        self.number(record.attempts.into())?;
        self.text(&safe(record.existing_organization_id.as_ref()))?;
        self.styled(&safe(record.changes.as_ref()), &wrapped)?;
        self.number(place.row)?;
        self.optional(place.line)?;
        let finished = record.finished_at.map(|at| format!("{at:.3}"));
        self.text(&finished.unwrap_or_default())
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        let format = &self.formats.text;
        write_text(self.sheet, self.row, self.place, text, format)?;
        self.place = next(self.place)?;
        Ok(())
    }

    fn styled(&mut self, text: &str, format: &Format) -> io::Result<()> {
        write_text(self.sheet, self.row, self.place, text, format)?;
        self.place = next(self.place)?;
        Ok(())
    }

    fn optional(&mut self, number: Option<u64>) -> io::Result<()> {
        if let Some(number) = number {
            return self.number(number);
        }
        self.place = next(self.place)?;
        Ok(())
    }

    fn number(&mut self, number: u64) -> io::Result<()> {
        self.sheet
            .write_number(self.row, self.place, number as f64)
            .map_err(error)?;
        self.place = next(self.place)?;
        Ok(())
    }
}

fn write_text(
    sheet: &mut Worksheet,
    row: u32,
    place: u16,
    text: &str,
    format: &Format,
) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let written = sheet.write_string_with_format(row, place, text, format);
    written.map(|_| ()).map_err(error)
}

fn next(place: u16) -> io::Result<u16> {
    next_by(place, 1)
}

fn next_by(place: u16, count: u16) -> io::Result<u16> {
    let next = place.checked_add(count);
    next.ok_or_else(|| error(XlsxError::RowColumnLimitError))
}

fn safe(text: Option<&String>) -> Cow<'_, str> {
    text.map(|text| safe_cell(text)).unwrap_or_default()
}

/// Why a workbook cannot hold the results, and what to do.
fn error(error: XlsxError) -> io::Error {
    let limit = match error {
        XlsxError::IoError(error) => return error,
        XlsxError::RowColumnLimitError => "1,048,576 rows and 16,384 columns",
        XlsxError::MaxStringLengthExceeded => "32,767 characters in a cell",
        error => return io::Error::other(error),
    };
    io::Error::other(format!(
        "a workbook holds at most {limit}: name a .csv file with --results"
    ))
}

impl Formats {
    fn new() -> Self {
        let text = || {
            Format::new()
                .set_num_format("@")
                .set_align(FormatAlign::Top)
        };
        let status = |background, letters| {
            text()
                .set_background_color(Color::RGB(background))
                .set_font_color(Color::RGB(letters))
        };
        Self {
            text: text(),
            wrapped: text().set_text_wrap(),
            header: text().set_bold(),
            good: status(0x00c6_efce, 0x0000_6100),
            bad: status(0x00ff_c7ce, 0x009c_0006),
            open: status(0x00ff_eb9c, 0x007f_6000),
        }
    }

    const fn of(&self, status: Status) -> &Format {
        match status {
            Status::Created | Status::Unchanged | Status::Updated | Status::Merged => &self.good,
            Status::Conflict | Status::Failed | Status::Invalid => &self.bad,
            Status::Unavailable | Status::Unknown | Status::Deleted => &self.open,
        }
    }
}
