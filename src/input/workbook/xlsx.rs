//! XLSX and XLSM, by `calamine`, in the number formats of the workbook.

use super::grid::{Broken, Grid, UNCALCULATED, Workbook};
use super::parts::{Bytes, Extras, without_dimensions};
use super::shown;
use calamine::{Data, DataRef, Reader, SheetType, SheetVisible, Xlsx};
use std::collections::HashSet;
use std::io::Cursor;
use std::sync::Arc;

/// An open workbook, and its bytes.
pub(super) struct Book(Xlsx<Bytes>, Bytes);

impl Book {
    /// Opens a workbook.
    pub(super) fn open(bytes: Vec<u8>) -> Result<Self, Broken> {
        let bytes = Cursor::new(Arc::from(bytes));
        Ok(Self(Xlsx::new(bytes.clone())?, bytes))
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
        if self.0.worksheet_cells_reader(sheet).is_err() {
            // Some programs write a size that no sheet has: `A0:C12`.
            self.1 = without_dimensions(&self.1)?;
            self.0 = Xlsx::new(self.1.clone())?;
        }
        let extras = Extras::of(&self.1, sheet)?;
        let (mut grid, has_blanks) = self.read(sheet, &HashSet::new(), &extras)?;
        if has_blanks {
            let uncalculated = self.uncalculated(sheet)?;
            if !uncalculated.is_empty() {
                grid = self.read(sheet, &uncalculated, &extras)?.0;
            }
        }
        grid.hidden = extras.hidden;
        Ok(grid)
    }
}

impl Book {
    /// The cells of a sheet, and whether there are any without a value.
    fn read(
        &mut self,
        sheet: &str,
        uncalculated: &HashSet<(u32, u32)>,
        extras: &Extras,
    ) -> Result<(Grid, bool), Broken> {
        let mut cells = self.0.worksheet_cells_reader(sheet)?;
        let formats: Vec<_> = cells
            .styles()
            .iter()
            .map(|s| s.number_format.clone())
            .collect();
        let mut grid = Grid::default();
        let mut has_blanks = false;
        while let Some((cell, style)) = cells.next_cell_with_style_id()? {
            let position = cell.get_position();
            let (row, column) = (u64::from(position.0), position.1 as usize);
            let format = formats.get(style).and_then(Option::as_ref);
            match cell.get_value() {
                DataRef::Empty if uncalculated.contains(&position) => {
                    grid.add(row, column, UNCALCULATED);
                }
                DataRef::Empty => has_blanks = true,
                DataRef::Float(_) if extras.digits.contains_key(&position) => {
                    let digits = extras.digits.get(&position);
                    grid.add(row, column, digits.map_or("", String::as_str));
                }
                DataRef::SharedString(text) => grid.add(row, column, text),
                DataRef::String(text) => grid.add(row, column, text),
                other => grid.add(
                    row,
                    column,
                    &shown::text(&Data::from(other.clone()), format),
                ),
            }
        }
        Ok((grid.finished(), has_blanks))
    }

    /// The cells with a formula that the program which wrote the workbook has not calculated.
    fn uncalculated(&mut self, sheet: &str) -> Result<HashSet<(u32, u32)>, Broken> {
        let mut cells = self.0.worksheet_cells_reader(sheet)?;
        let mut found = HashSet::new();
        while let Some(cell) = cells.next_cell_with_formula_metadata()? {
            if cell.formula.is_some() && matches!(cell.value, DataRef::Empty) {
                found.insert(cell.pos);
            }
        }
        Ok(found)
    }
}
