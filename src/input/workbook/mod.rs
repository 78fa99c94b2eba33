//! Workbooks: the cells of a sheet as the user sees them there.
//!
//! A workbook is read whole, which its size allows: a sheet has at most 1,048,576 rows.

mod shown;

use super::error::Error;
use super::read_as::InputFormat;
use crate::table::{Cells, Row};
use calamine::{Data, DataRef, Ods, Reader, SheetType, SheetVisible, Xls, Xlsx};
use csv::StringRecord;
use std::io::{Read, Seek};

/// Where a workbook's bytes come from.
pub(super) trait Bytes: Read + Seek + Send {}
impl<T: Read + Seek + Send> Bytes for T {}

/// The rows of one sheet.
pub(super) struct Sheet {
    pub(super) name: String,
    /// How many sheets the workbook has.
    pub(super) sheets: usize,
    rows: std::vec::IntoIter<(u64, StringRecord)>,
    header: Option<Vec<String>>,
    number: u64,
}

impl std::fmt::Debug for Sheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sheet")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Sheet {
    /// Reads a sheet: the one asked for by name or number, else the first visible one.
    ///
    /// # Errors
    /// If the workbook cannot be read or has no such sheet.
    pub(super) fn open(
        bytes: Box<dyn Bytes>,
        format: InputFormat,
        source_name: &str,
        wanted: Option<&str>,
    ) -> Result<Self, Error> {
        match format {
            InputFormat::Ods => {
                let mut book: Ods<_> =
                    Ods::new(bytes).map_err(|e| broken(source_name, "ODS", e))?;
                let (name, sheets) = choose(&book, source_name, wanted)?;
                let range = book.worksheet_range(&name);
                let range = range.map_err(|e| broken(source_name, "ODS", e))?;
                Ok(Self::new(name, sheets, of_range(&range)))
            }
            InputFormat::Xls => {
                let mut book: Xls<_> =
                    Xls::new(bytes).map_err(|e| broken(source_name, "XLS", e))?;
                let (name, sheets) = choose(&book, source_name, wanted)?;
                let range = book.worksheet_range(&name);
                let range = range.map_err(|e| broken(source_name, "XLS", e))?;
                Ok(Self::new(name, sheets, of_range(&range)))
            }
            InputFormat::Xlsx | InputFormat::Csv | InputFormat::Jsonl => {
                let mut book: Xlsx<_> =
                    Xlsx::new(bytes).map_err(|e| broken(source_name, "XLSX", e))?;
                let (name, sheets) = choose(&book, source_name, wanted)?;
                let rows = of_xlsx(&mut book, &name).map_err(|e| broken(source_name, "XLSX", e))?;
                Ok(Self::new(name, sheets, rows))
            }
        }
    }

    fn new(name: String, sheets: usize, grid: Grid) -> Self {
        let width = grid.width;
        let mut rows = grid.rows.into_iter();
        let header = rows.next().map(|(_, record)| {
            // Columns without a header carry cells too; they are named by nothing.
            let mut header: Vec<_> = record.iter().map(str::to_owned).collect();
            header.resize(width, String::new());
            header
        });
        Self {
            name,
            sheets,
            rows,
            header,
            number: 0,
        }
    }

    /// The first row that is not blank: the names of the columns. `None` if the sheet is blank.
    pub(super) fn header(&mut self) -> Option<Vec<String>> {
        self.header.take()
    }

    /// The next data row; its line is the number of the row in the sheet.
    pub(super) fn row(&mut self) -> Option<Row> {
        let (line, record) = self.rows.next()?;
        self.number += 1;
        Some(Row {
            number: self.number,
            line,
            cells: Cells::Record(record),
        })
    }
}

/// The rows of a sheet that are not blank, each with its number from 1.
#[derive(Debug, Default)]
struct Grid {
    rows: Vec<(u64, StringRecord)>,
    width: usize,
    /// The row being filled.
    line: u64,
    record: StringRecord,
    filled: bool,
}

impl Grid {
    /// Adds a cell; cells come in the order of rows and columns, counted from 0.
    fn add(&mut self, row: u64, column: usize, text: &str) {
        if row + 1 != self.line {
            self.end_row();
            self.line = row + 1;
        }
        if text.is_empty() {
            return;
        }
        while self.record.len() < column {
            self.record.push_field("");
        }
        self.record.push_field(text);
        self.filled |= !crate::organization::text::trim(text).is_empty();
    }

    fn end_row(&mut self) {
        let record = std::mem::take(&mut self.record);
        if std::mem::take(&mut self.filled) {
            self.width = self.width.max(record.len());
            self.rows.push((self.line, record));
        }
    }

    fn finished(mut self) -> Self {
        self.end_row();
        self
    }
}

/// The cells of an XLSX sheet, in the number formats of the workbook.
fn of_xlsx<R: Bytes>(book: &mut Xlsx<R>, name: &str) -> Result<Grid, calamine::XlsxError> {
    let mut cells = book.worksheet_cells_reader(name)?;
    let formats: Vec<_> = cells
        .styles()
        .iter()
        .map(|s| s.number_format.clone())
        .collect();
    let mut grid = Grid::default();
    while let Some((cell, style)) = cells.next_cell_with_style_id()? {
        let (row, column) = cell.get_position();
        let format = formats.get(style).and_then(Option::as_ref);
        let (row, column) = (u64::from(row), column as usize);
        match cell.get_value() {
            DataRef::SharedString(text) => grid.add(row, column, text),
            DataRef::String(text) => grid.add(row, column, text),
            other => grid.add(
                row,
                column,
                &shown::text(&Data::from(other.clone()), format),
            ),
        }
    }
    Ok(grid.finished())
}

/// The cells of a sheet whose number formats are not known.
fn of_range(range: &calamine::Range<Data>) -> Grid {
    let (first_row, first_column) = range.start().unwrap_or_default();
    let mut grid = Grid::default();
    for (row, column, value) in range.used_cells() {
        let text = shown::text(value, None);
        grid.add(
            u64::from(first_row) + row as u64,
            first_column as usize + column,
            &text,
        );
    }
    grid.finished()
}

/// The name of the sheet to be read, and how many there are.
fn choose<R: Reader<Box<dyn Bytes>>>(
    book: &R,
    source_name: &str,
    wanted: Option<&str>,
) -> Result<(String, usize), Error> {
    let sheets = book.sheets_metadata();
    let is_table = |sheet: &&calamine::Sheet| sheet.typ == SheetType::WorkSheet;
    let named = |sheet: &calamine::Sheet| (sheet.name.clone(), sheets.len());
    let found = match wanted {
        None => {
            let visible = |sheet: &&calamine::Sheet| sheet.visible == SheetVisible::Visible;
            let mut tables = sheets.iter().filter(is_table);
            tables.clone().find(visible).or_else(|| tables.next())
        }
        Some(wanted) => sheets
            .iter()
            .find(|sheet| sheet.name == wanted)
            .or_else(|| {
                let number = wanted.parse::<usize>().ok()?.checked_sub(1)?;
                sheets.get(number)
            }),
    };
    found.map(named).ok_or_else(|| Error::NoSuchSheet {
        source_name: source_name.to_owned(),
        sheet: wanted.unwrap_or("1").to_owned(),
        sheets: sheets.iter().map(|sheet| sheet.name.clone()).collect(),
    })
}

fn broken(
    source_name: &str,
    kind: &'static str,
    error: impl std::error::Error + Send + Sync + 'static,
) -> Error {
    Error::Workbook {
        source_name: source_name.to_owned(),
        kind,
        source: Box::new(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_rows_are_skipped_and_columns_without_a_header_kept() {
        let mut grid = Grid::default();
        for (row, column, text) in [
            (2, 1, "name"),
            (3, 1, "A"),
            (3, 3, "note"),
            (4, 0, " "),
            (6, 1, "B"),
        ] {
            grid.add(row, column, text);
        }
        let mut sheet = Sheet::new("S".to_owned(), 1, grid.finished());
        assert_eq!(sheet.header().unwrap(), ["", "name", "", ""]);
        let lines: Vec<_> = std::iter::from_fn(|| sheet.row())
            .map(|r| (r.number, r.line))
            .collect();
        assert_eq!(lines, [(1, 4), (2, 7)]);
    }
}
