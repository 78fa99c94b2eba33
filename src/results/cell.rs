//! Cells of a results file: safe in a spreadsheet, and without blank ones at the end.

use std::borrow::Cow;

/// The characters by which a spreadsheet takes a cell for a formula (OWASP: CSV injection).
const FORMULA: [char; 4] = ['=', '+', '-', '@'];

/// A text of WorkOS as a cell that a spreadsheet shows and never executes: control characters are
/// spaces, and an apostrophe precedes what would begin a formula.
pub fn safe_cell(text: &str) -> Cow<'_, str> {
    let is_plain = !text.starts_with(FORMULA) && !text.contains(char::is_control);
    if is_plain {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 1);
    if text.starts_with(FORMULA) {
        safe.push('\'');
    }
    safe.extend(text.chars().map(|c| if c.is_control() { ' ' } else { c }));
    Cow::Owned(safe)
}

/// A text as it was before [`safe_cell`] put an apostrophe before it.
pub(super) fn without_apostrophe(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if text.starts_with(FORMULA) => text,
        _ => cell,
    }
}

/// Cells up to the last that is not blank: blank surplus cells are dropped.
pub(super) fn without_blank_end(mut cells: Vec<&str>) -> Vec<&str> {
    while cells.last().is_some_and(|cell| cell.trim().is_empty()) {
        cells.pop();
    }
    cells
}
