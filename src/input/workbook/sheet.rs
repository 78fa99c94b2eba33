//! Workbooks: the cells of a sheet as the user sees them there.
//!
//! A workbook is read whole, within limits.

use super::grid::{Cursor, Grid, Rows, Workbook};
use super::{bounds, ods, xlsx};
use crate::columns::Content;
use crate::input::error::Error;
use crate::input::header_row;
use crate::input::read_as::InputFormat;
use crate::table::{Cells, Row};
use csv::StringRecord;
use std::panic::AssertUnwindSafe;

/// The rows of one sheet.
pub(crate) struct Sheet {
    pub(crate) name: String,
    /// How many sheets the workbook has.
    pub(crate) sheets: usize,
    grid: Grid,
    /// The next row.
    at: Cursor,
    skips_hidden: bool,
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
    pub(crate) fn open(
        bytes: Vec<u8>,
        format: InputFormat,
        source_name: &str,
        wanted: Option<&str>,
    ) -> Result<Self, Error> {
        let broken = |source| Error::Workbook {
            source_name: source_name.to_owned(),
            kind: format.to_string(),
            source,
        };
        let read = || -> Result<Self, Error> {
            bounds::check_size(&bytes).map_err(broken)?;
            let mut book: Box<dyn Workbook> = match format {
                InputFormat::Ods => Box::new(ods::Ods::open(bytes).map_err(broken)?),
                _ => Box::new(xlsx::Book::open(bytes).map_err(broken)?),
            };
            let sheets = book.sheets();
            let Some(name) = choose(&sheets, wanted) else {
                return Err(Error::NoSuchSheet {
                    source_name: source_name.to_owned(),
                    sheet: wanted.unwrap_or("1").to_owned(),
                    sheets: sheets.into_iter().map(|(name, _)| name).collect(),
                });
            };
            let grid = book.cells(name, usize::MAX).map_err(broken)?;
            if wanted.is_none() && header_row::found(&top(grid.rows())).is_none() {
                let others = sheets
                    .iter()
                    .filter(|(other, visible)| *visible && other != name);
                for (other, _) in others {
                    let there = book.cells(other, header_row::LOOKED_AT);
                    if header_row::found(&top(there.map_err(broken)?.rows())).is_some() {
                        return Err(Error::OtherSheet {
                            source_name: source_name.to_owned(),
                            sheet: name.to_owned(),
                            other: other.clone(),
                            likely: likely_name(&top(grid.rows())),
                        });
                    }
                }
                if grid.len() == 0 && sheets.len() > 1 {
                    return Err(Error::EmptySheet {
                        source_name: source_name.to_owned(),
                        sheet: name.to_owned(),
                        sheets: sheets.iter().map(|(name, _)| name.clone()).collect(),
                    });
                }
            }
            Ok(Self::new(name.to_owned(), sheets.len(), grid))
        };
        // A damaged workbook can make its reader panic.
        std::panic::catch_unwind(AssertUnwindSafe(read))
            .unwrap_or_else(|_| Err(broken("its contents are damaged".into())))
    }

    fn new(name: String, sheets: usize, grid: Grid) -> Self {
        Self {
            name,
            sheets,
            grid,
            at: Cursor::default(),
            skips_hidden: false,
            number: 0,
        }
    }

    /// The first rows, each with its number in the sheet.
    pub(crate) fn top(&self) -> Vec<(u64, Vec<String>)> {
        top(self.at.rows(&self.grid))
    }

    /// The names of the columns: the first row that is not blank, or the first from a row on.
    /// `None` if there is none.
    pub(crate) fn header(&mut self, from: Option<u64>) -> Option<Vec<String>> {
        let from = from.unwrap_or_default();
        let record = loop {
            let (line, record) = self.at.next(&self.grid)?;
            if line >= from {
                break record;
            }
        };
        // Columns without a header carry cells too; they are named by nothing.
        let mut header: Vec<_> = record.iter().map(str::to_owned).collect();
        header.resize(self.grid.width, String::new());
        Some(header)
    }

    /// The numbers of the rows below the header that cannot be seen.
    pub(crate) fn hidden_rows(&self) -> Vec<u64> {
        let lines = self.at.lines(&self.grid);
        lines.filter(|it| self.grid.hidden.contains(it)).collect()
    }

    /// Leaves out the rows that cannot be seen.
    pub(crate) fn skip_hidden(&mut self) {
        self.skips_hidden = true;
    }

    /// The next data row; its line is the number of the row in the sheet.
    pub(crate) fn row(&mut self) -> Option<Row> {
        let (line, record) = loop {
            let (line, record) = self.at.next(&self.grid)?;
            if !(self.skips_hidden && self.grid.hidden.contains(&line)) {
                break (line, record);
            }
        };
        self.number += 1;
        Some(Row {
            number: self.number,
            line,
            cells: Cells::Record(record),
        })
    }
}

fn top(rows: Rows<'_>) -> Vec<(u64, Vec<String>)> {
    let top = rows.take(header_row::LOOKED_AT);
    top.map(|(line, record)| (line, record.iter().map(str::to_owned).collect()))
        .collect()
}

/// The name of the sheet to be read.
fn choose<'a>(sheets: &'a [(String, bool)], wanted: Option<&str>) -> Option<&'a str> {
    let found = match wanted {
        None => sheets
            .iter()
            .find(|(_, visible)| *visible)
            .or(sheets.first()),
        Some(wanted) => {
            let exactly = sheets.iter().find(|(name, _)| name == wanted);
            let lower = wanted.to_lowercase();
            let mut alike = sheets
                .iter()
                .filter(|(name, _)| name.to_lowercase() == lower);
            exactly
                .or_else(|| alike.next().filter(|_| alike.next().is_none()))
                .or_else(|| {
                    let number = wanted.parse::<usize>().ok()?;
                    sheets.get(number.checked_sub(1)?)
                })
        }
    };
    found.map(|(name, _)| name.as_str())
}

/// The column of the first rows, of which the first names the columns, that probably holds names.
fn likely_name(top: &header_row::Top) -> Option<String> {
    let ((_, header), rows) = top.split_first()?;
    let mut content = Content::new(header);
    for (line, cells) in rows {
        content.add(&Row {
            line: *line,
            cells: Cells::Record(StringRecord::from(cells.clone())),
            ..Row::default()
        });
    }
    content.likely_name(&[]).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_is_known_by_name_number_or_visibility() {
        let sheets = [
            ("2".to_owned(), false),
            ("A".to_owned(), true),
            ("B".to_owned(), true),
        ];
        assert_eq!(choose(&sheets, None), Some("A"));
        assert_eq!(choose(&sheets, Some("B")), Some("B"));
        assert_eq!(choose(&sheets, Some("b")), Some("B"));
        assert_eq!(choose(&sheets, Some("3")), Some("B"));
        assert_eq!(choose(&sheets, Some("2")), Some("2"));
        assert_eq!(choose(&sheets, Some("0")), None);
    }

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
            grid.add(row, column, text).unwrap();
        }
        let mut sheet = Sheet::new("S".to_owned(), 1, grid.finished());
        assert_eq!(sheet.header(None).unwrap(), ["", "name", "", ""]);
        let lines: Vec<_> = std::iter::from_fn(|| sheet.row())
            .map(|r| (r.number, r.line))
            .collect();
        assert_eq!(lines, [(1, 4), (2, 7)]);
    }
}
