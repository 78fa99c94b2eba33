//! Values of workbook cells as text, in the way the cell shows them.

mod dates;
mod numbers;
mod sections;
mod text;

pub(super) use text::text;
