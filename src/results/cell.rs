//! Cells of a results file: safe in a spreadsheet, and without blank ones at the end.

use crate::text::is_padding;
use std::borrow::Cow;

/// The characters by which a spreadsheet takes a cell for a formula (OWASP: CSV injection), also in
/// full width, which East Asian spreadsheets understand.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// A text of WorkOS as a cell that a spreadsheet shows and never executes: control characters are
/// spaces, and an apostrophe precedes what would begin a formula, now or once it is trimmed.
pub fn safe_cell(text: &str) -> Cow<'_, str> {
    let is_formula = is_formula(text);
    if !is_formula && !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 1);
    if is_formula {
        safe.push('\'');
    }
    safe.extend(text.chars().map(|c| if c.is_control() { ' ' } else { c }));
    Cow::Owned(safe)
}

fn is_formula(text: &str) -> bool {
    let start = text.trim_start_matches(|c: char| c.is_control() || is_padding(c));
    start.starts_with(FORMULA)
}

/// A text as it was before [`safe_cell`] put an apostrophe before it.
pub(super) fn without_apostrophe(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if is_formula(text) => text,
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_formula_gets_an_apostrophe_however_it_is_hidden() {
        for text in [
            "=1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r\n=1",
            "  =1",
            "\u{feff}=1",
            "＝1",
            "\0@x",
        ] {
            let safe = safe_cell(text);
            assert!(safe.starts_with('\''), "{text:?} became {safe:?}");
        }
        assert_eq!(safe_cell("a=1"), "a=1");
    }

    proptest! {
        #[test]
        fn no_cell_begins_a_formula(text in r"[ \t\r\n\x00\x0b\u{a0}\u{feff}'=+\-@＝＠a]{0,8}") {
            let safe = safe_cell(&text);
            let shown = safe.trim_start();
            prop_assert!(!shown.starts_with(FORMULA), "{safe:?}");
            prop_assert!(!safe.contains(char::is_control), "{safe:?}");
        }
    }
}
