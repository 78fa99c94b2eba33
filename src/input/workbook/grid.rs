//! What the readers of workbooks have in common: a list of sheets, and the cells of one.

use crate::columns::MAX_COLUMNS;
use crate::text::trim;
use csv::StringRecord;
use std::collections::HashSet;

/// The text of a cell whose formula was never calculated.
pub(crate) const UNCALCULATED: &str = "#UNCALCULATED!";

/// The error of the library that reads a workbook.
pub(super) type Broken = Box<dyn std::error::Error + Send + Sync>;

/// A workbook whose sheets are listed and not yet read.
pub(super) trait Workbook {
    /// The names of its sheets with cells, and whether each can be seen.
    fn sheets(&self) -> Vec<(String, bool)>;

    /// The cells of a sheet.
    fn cells(&mut self, sheet: &str) -> Result<Grid, Broken>;
}

/// The rows of a sheet that are not blank, each with its number from 1.
#[derive(Debug, Default)]
pub(super) struct Grid {
    pub(super) rows: Vec<(u64, StringRecord)>,
    pub(super) width: usize,
    /// The numbers of rows that cannot be seen.
    pub(super) hidden: HashSet<u64>,
    /// The row being filled.
    line: u64,
    record: StringRecord,
    filled: bool,
}

impl Grid {
    /// Adds a cell; cells come in the order of rows and columns, counted from 0.
    pub(super) fn add(&mut self, row: u64, column: usize, text: &str) {
        if row + 1 != self.line {
            self.end_row();
            self.line = row + 1;
        }
        if text.is_empty() || column >= MAX_COLUMNS {
            return;
        }
        while self.record.len() < column {
            self.record.push_field("");
        }
        self.record.push_field(text);
        self.filled |= !trim(text).is_empty();
    }

    fn end_row(&mut self) {
        let record = std::mem::take(&mut self.record);
        if std::mem::take(&mut self.filled) {
            self.width = self.width.max(record.len());
            self.rows.push((self.line, record));
        }
    }

    pub(super) fn finished(mut self) -> Self {
        self.end_row();
        self
    }
}
