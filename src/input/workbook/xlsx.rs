//! XLSX and XLSM, by `calamine`, in the number formats of the workbook.

use super::grid::{Broken, Grid, UNCALCULATED, Workbook};
use super::parts::{Extras, without_dimensions};
use super::{bounds, shown};
use bytes::Bytes;
use calamine::{Data, DataRef, Reader, SheetType, SheetVisible, Xlsx};
use std::collections::HashSet;
use std::io::Cursor;

/// An open workbook.
pub(super) struct Book {
    xlsx: Xlsx<Cursor<Bytes>>,
    bytes: Bytes,
}

/// The most cells with a formula and without a value.
const MOST_UNCALCULATED: usize = 4_000_000;

impl Book {
    /// Opens a workbook.
    pub(super) fn open(bytes: Vec<u8>) -> Result<Self, Broken> {
        bounds::check_parts(&bytes)?;
        let bytes = Bytes::from(bytes);
        Ok(Self {
            xlsx: Xlsx::new(Cursor::new(bytes.clone()))?,
            bytes,
        })
    }
}

impl Workbook for Book {
    fn sheets(&self) -> Vec<(String, bool)> {
        let sheets = self.xlsx.sheets_metadata().iter();
        sheets
            .filter(|sheet| sheet.typ == SheetType::WorkSheet)
            .map(|sheet| (sheet.name.clone(), sheet.visible == SheetVisible::Visible))
            .collect()
    }

    fn cells(&mut self, sheet: &str, wanted: usize) -> Result<Grid, Broken> {
        if self.xlsx.worksheet_cells_reader(sheet).is_err() {
            // Some programs write a size that no sheet has: `A0:C12`.
            self.bytes = without_dimensions(&self.bytes)?;
            self.xlsx = Xlsx::new(Cursor::new(self.bytes.clone()))?;
        }
        // A header is found without them.
        let extras = match wanted {
            usize::MAX => Extras::of(&self.bytes, sheet)?,
            _ => Extras::default(),
        };
        let (mut grid, has_blanks) = self.read(sheet, wanted, &HashSet::new(), &extras)?;
        if has_blanks {
            let uncalculated = self.uncalculated(sheet)?;
            if !uncalculated.is_empty() {
                drop(grid);
                grid = self.read(sheet, wanted, &uncalculated, &extras)?.0;
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
        wanted: usize,
        uncalculated: &HashSet<(u32, u32)>,
        extras: &Extras,
    ) -> Result<(Grid, bool), Broken> {
        let mut cells = self.xlsx.worksheet_cells_reader(sheet)?;
        let formats: Vec<_> = cells
            .styles()
            .iter()
            .map(|s| s.number_format.clone())
            .collect();
        let mut grid = Grid::default();
        let mut has_blanks = false;
        while let Some((cell, style)) = cells.next_cell_with_style_id()? {
            if grid.len() >= wanted {
                break;
            }
            let position = cell.get_position();
            let (row, column) = (u64::from(position.0), position.1 as usize);
            let format = formats.get(style).and_then(Option::as_ref);
            let digits = extras.digits(position);
            match cell.get_value() {
                DataRef::Empty if uncalculated.contains(&position) => {
                    grid.add(row, column, UNCALCULATED)?;
                }
                DataRef::Empty => has_blanks = true,
                DataRef::Float(_) if digits.is_some() => {
                    grid.add(row, column, digits.unwrap_or_default())?;
                }
                DataRef::SharedString(text) => grid.add(row, column, text)?,
                DataRef::String(text) => grid.add(row, column, text)?,
                other => grid.add(
                    row,
                    column,
                    &shown::text(&Data::from(other.clone()), format),
                )?,
            }
        }
        Ok((grid.finished(), has_blanks))
    }

    /// The cells with a formula that the program which wrote the workbook has not calculated.
    fn uncalculated(&mut self, sheet: &str) -> Result<HashSet<(u32, u32)>, Broken> {
        bounds::check_formulas(&self.bytes)?;
        let mut cells = self.xlsx.worksheet_cells_reader(sheet)?;
        let mut found = HashSet::new();
        while let Some(cell) = cells.next_cell_with_formula_metadata()? {
            if cell.formula.is_some() && matches!(cell.value, DataRef::Empty) {
                found.insert(cell.pos);
            }
            if found.len() > MOST_UNCALCULATED {
                return Err("it has too many formulas without a value".into());
            }
        }
        Ok(found)
    }
}
