//! Workbooks: the cells of a sheet as the user sees them there.

mod bounds;
mod grid;
mod ods;
mod parts;
mod sheet;
mod shown;
mod xlsx;
mod xml;

pub(crate) use grid::UNCALCULATED;
pub(crate) use sheet::Sheet;
