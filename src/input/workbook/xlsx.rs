//! XLSX and XLSM, by `calamine`, in the number formats of the workbook.

use super::{Broken, Grid, Workbook, shown};
use calamine::{Data, DataRef, Reader, SheetType, SheetVisible, Xlsx};
use std::io::Cursor;

/// An open workbook.
pub(super) struct Book(Xlsx<Cursor<Vec<u8>>>);

impl Book {
    /// Opens a workbook.
    pub(super) fn open(bytes: Vec<u8>) -> Result<Self, Broken> {
        Ok(Self(Xlsx::new(Cursor::new(bytes))?))
    }
}

impl Workbook for Book {
    fn sheets(&self) -> Vec<(String, bool)> {
        let sheets = self.0.sheets_metadata().iter();
        sheets
            .filter(|sheet| sheet.typ == SheetType::WorkSheet)
            .map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible))
            .collect()
    }

    fn cells(&mut self, sheet: &str) -> Result<Grid, Broken> {
        let mut cells = self.0.worksheet_cells_reader(sheet)?;
        let formats: Vec<_> = cells
            .styles()
            .iter()
            .map(|s| s.number_format.clone())
            .collect();
        let mut grid = Grid::default();
        while let Some((cell, style)) = cells.next_cell_with_style_id()? {
            let (row, column) = cell.get_position();
            let (row, column) = (u64::from(row), column as usize);
            let format = formats.get(style).and_then(Option::as_ref);
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
}
