//! Lines below a list that were not left out with its end.

use crate::input;
use crate::organization::problem::Problem;
use crate::text::{quoted, trim};
use csv::StringRecord;

/// The problem of a row that holds nothing but a total, a count or a notice.
pub(super) fn problem(record: &StringRecord) -> Option<Problem> {
    input::is_footer(record).then(|| {
        let text = record.iter().map(trim).find(|cell| !cell.is_empty());
        Problem::new(
            "looks_like_footer",
            format!(
                "{} looks like a total or a note, not like a customer: remove the row; if it is a \
                 customer, use --keep-footer",
                quoted(text.unwrap_or_default())
            ),
        )
    })
}

/// The warning of a name or an id that looks like the end of a report, in a row with other cells.
pub(super) fn warning(text: &str) -> Option<Problem> {
    input::looks_like_footer(text).then(|| {
        Problem::new(
            "looks_like_footer",
            format!(
                "{} looks like a line below the list (a total or a note), not like a customer: \
                 if so, remove the row",
                quoted(text)
            ),
        )
    })
}
