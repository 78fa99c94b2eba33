//! Rows whose cells cannot be those of the columns above them.

use crate::organization::problem::Problem;
use crate::text::{quoted, trim};
use csv::StringRecord;

/// The problem of a record that holds text beyond the columns that the header names.
pub(super) fn surplus(record: &StringRecord, width: usize) -> Option<Problem> {
    const SHOWN: usize = 5;
    let is_blank = |cell: &str| trim(cell).is_empty();
    if record.len() <= width || record.iter().skip(width).all(is_blank) {
        return None;
    }
    if record.iter().take(width).all(is_blank) {
        // So a results file keeps a row that could not be read.
        let text = record.iter().skip(width).find(|cell| !is_blank(cell));
        let message = format!(
            "all cells are past the last column: {}: move them into the right columns",
            quoted(text.unwrap_or_default())
        );
        return Some(Problem::new("too_many_cells", message));
    }
    let cells: Vec<_> = record.iter().skip(width).take(SHOWN).map(quoted).collect();
    let more = if record.len() > width + SHOWN {
        " …"
    } else {
        ""
    };
    let what_to_do = if width == 1 {
        "quote it, or use a delimiter that no row contains: --delimiter tab"
    } else {
        "quote the cell that contains a delimiter, or name these columns in the header"
    };
    Some(Problem::new(
        "too_many_cells",
        format!(
            "the row has {} cells, but the header has {width}; extra cells: {}{more}: \
             {what_to_do}",
            record.len(),
            cells.join(", ")
        ),
    ))
}

/// The warning of a record that ends before the last column that is sent.
pub(super) fn lacking(record: &StringRecord, whole: usize) -> Option<Problem> {
    (record.len() < whole).then(|| {
        Problem::new(
            "too_few_cells",
            format!(
                "the row has {} of {whole} cells, the missing cells are empty: if a line break \
                 split a cell, fix it",
                record.len()
            ),
        )
    })
}

/// The problem of a header in the midst of the list.
pub(super) fn header_again() -> Problem {
    Problem::new(
        "header_repeated",
        "the row repeats the header (two lists were probably joined): remove it",
    )
}
