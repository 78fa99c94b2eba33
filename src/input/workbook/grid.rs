//! What the readers of workbooks have in common: a list of sheets, and the cells of one.

use crate::columns::MAX_COLUMNS;
use crate::text::trim;
use csv::StringRecord;
use std::collections::HashSet;

/// The text of a cell whose formula was never calculated.
pub(crate) const UNCALCULATED: &str = "#UNCALCULATED!";

/// The most rows of a sheet.
pub(super) const MAX_ROWS: u64 = 1_048_576;
/// The most memory for the cells of a sheet, in bytes.
const MOST_MEMORY: usize = 224 * 1024 * 1024;
/// The longest row, in bytes.
pub(super) const LONGEST_ROW: usize = 16 * 1024 * 1024;

/// The error of the library that reads a workbook.
pub(super) type Broken = Box<dyn std::error::Error + Send + Sync>;

/// A workbook whose sheets are listed and not yet read.
pub(super) trait Workbook {
    /// The names of its sheets with cells, and whether each can be seen.
    fn sheets(&self) -> Vec<(String, bool)>;

    /// The cells of a sheet, of its first rows where not more are wanted.
    fn cells(&mut self, sheet: &str, wanted: usize) -> Result<Grid, Broken>;
}

/// The rows of a sheet that are not blank, each with its number from 1. Only cells with text take
/// memory: a lone one far to the right is one cell.
#[derive(Debug, Default)]
pub(super) struct Grid {
    pub(super) width: usize,
    /// The numbers of rows that cannot be seen.
    pub(super) hidden: HashSet<u64>,
    /// The texts of all cells.
    texts: String,
    cells: Vec<Cell>,
    rows: Vec<GridRow>,
    /// The row being filled, and where it begins.
    line: u64,
    start: (usize, usize),
    filled: bool,
}

#[derive(Clone, Copy, Debug)]
struct Cell {
    column: u32,
    length: u32,
}

#[derive(Clone, Copy, Debug)]
struct GridRow {
    line: u32,
    cells: u32,
}

impl Grid {
    /// How many rows are not blank.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Adds a cell; cells come in the order of rows and columns, counted from 0.
    ///
    /// # Errors
    /// When the sheet is larger than a sheet can be, or takes too much memory.
    pub(super) fn add(&mut self, row: u64, column: usize, text: &str) -> Result<(), Broken> {
        if row >= MAX_ROWS {
            return Err(
                format!("a sheet has at most {MAX_ROWS} rows, and it has a row {row}").into(),
            );
        }
        if row + 1 != self.line {
            self.end_row();
            self.line = row + 1;
        }
        if text.is_empty() || column >= MAX_COLUMNS {
            return Ok(());
        }
        let memory = self.texts.len() + text.len() + self.cells.len() * size_of::<Cell>();
        if memory + self.rows.len() * size_of::<GridRow>() > MOST_MEMORY {
            return Err("the sheet is larger than 224 MiB".into());
        }
        if self.texts.len() - self.start.0 + text.len() > LONGEST_ROW {
            return Err(format!("row {} is longer than 16 MiB", self.line).into());
        }
        self.texts.push_str(text);
        // Within the limits above.
        let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        self.cells.push(Cell {
            column: small(column),
            length: small(text.len()),
        });
        self.filled |= !trim(text).is_empty();
        Ok(())
    }

    fn end_row(&mut self) {
        let cells = self.cells.get(self.start.1..).unwrap_or_default();
        if std::mem::take(&mut self.filled) {
            // A cell that comes after one to the right of it is put after that.
            let end = cells
                .iter()
                .fold(0, |end, cell| end.max(cell.column as usize) + 1);
            self.width = self.width.max(end);
            self.rows.push(GridRow {
                line: u32::try_from(self.line).unwrap_or(u32::MAX),
                cells: u32::try_from(cells.len()).unwrap_or(u32::MAX),
            });
        } else {
            self.texts.truncate(self.start.0);
            self.cells.truncate(self.start.1);
        }
        self.start = (self.texts.len(), self.cells.len());
    }

    pub(super) fn finished(mut self) -> Self {
        self.end_row();
        self
    }

    /// The rows from the first one on.
    pub(super) fn rows(&self) -> Rows<'_> {
        Cursor::default().rows(self)
    }
}

/// A place among the rows of a grid.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cursor {
    row: usize,
    cell: usize,
    text: usize,
}

impl Cursor {
    /// The rows from here on.
    pub(super) fn rows(self, grid: &Grid) -> Rows<'_> {
        Rows { grid, at: self }
    }

    /// The numbers of the rows from here on.
    pub(super) fn lines(self, grid: &Grid) -> impl Iterator<Item = u64> {
        let rows = grid.rows.get(self.row..).unwrap_or_default();
        rows.iter().map(|row| u64::from(row.line))
    }

    /// The next row, with blank cells where it has none.
    pub(super) fn next(&mut self, grid: &Grid) -> Option<(u64, StringRecord)> {
        let row = grid.rows.get(self.row)?;
        let cells = grid.cells.get(self.cell..self.cell + row.cells as usize)?;
        let mut record = StringRecord::new();
        for cell in cells {
            while record.len() < cell.column as usize {
                record.push_field("");
            }
            let end = self.text + cell.length as usize;
            record.push_field(grid.texts.get(self.text..end)?);
            self.text = end;
        }
        self.row += 1;
        self.cell += cells.len();
        Some((row.line.into(), record))
    }
}

/// The rows of a grid from a place on.
#[derive(Debug)]
pub(super) struct Rows<'a> {
    grid: &'a Grid,
    at: Cursor,
}

impl Iterator for Rows<'_> {
    type Item = (u64, StringRecord);

    fn next(&mut self) -> Option<Self::Item> {
        self.at.next(self.grid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_blank_cells_where_the_sheet_has_none() {
        let mut grid = Grid::default();
        for (row, column, text) in [
            (0, 1, "a"),
            (0, 3, "b"),
            (1, 0, " "),
            (4, 0, "c"),
            (4, 2, "d"),
        ] {
            grid.add(row, column, text).unwrap();
        }
        let grid = grid.finished();
        let rows: Vec<_> = grid.rows().collect();
        let expected = [
            (1, StringRecord::from(vec!["", "a", "", "b"])),
            (5, StringRecord::from(vec!["c", "", "d"])),
        ];
        assert_eq!((rows.as_slice(), grid.width), (&expected[..], 4));
    }

    #[test]
    fn a_lone_cell_far_to_the_right_takes_no_memory_for_those_before_it() {
        let mut grid = Grid::default();
        for row in 0..50_000 {
            grid.add(row, 0, "Acme").unwrap();
            grid.add(row, MAX_COLUMNS - 1, "x").unwrap();
        }
        let grid = grid.finished();
        let memory = grid.texts.capacity() + grid.cells.capacity() * size_of::<Cell>();
        assert!(memory < 4 * 1024 * 1024, "{memory}");
        assert_eq!((grid.len(), grid.width), (50_000, MAX_COLUMNS));
    }

    #[test]
    fn a_sheet_has_an_end() {
        let mut grid = Grid::default();
        assert!(grid.add(MAX_ROWS - 1, 0, "x").is_ok());
        assert!(grid.add(MAX_ROWS, 0, "x").is_err());
        let long = "x".repeat(LONGEST_ROW / 2 + 1);
        let mut grid = Grid::default();
        assert!(grid.add(0, 0, &long).is_ok());
        assert!(grid.add(1, 0, &long).is_ok());
        let error = grid.add(1, 1, &long).unwrap_err();
        assert_eq!(error.to_string(), "row 2 is longer than 16 MiB");
    }
}
