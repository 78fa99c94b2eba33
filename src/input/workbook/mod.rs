//! Workbooks: the cells of a sheet as the user sees them there.

mod grid;
mod ods;
mod parts;
mod sheet;
mod shown;
mod xlsx;

pub(crate) use grid::UNCALCULATED;
pub(crate) use sheet::Sheet;
