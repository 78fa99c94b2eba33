//! What becomes of a row whose quotation marks stand wrongly: its cells are not to be believed.

use super::dialect::Dialect;
use super::machine::Fields;
use super::quotes::{Quotes, opens_behind_blanks};
use super::records::line_ends;
use crate::table::Cells;

/// How the quotation marks of a record stand, and its text if they stand wrongly.
pub(super) fn look(
    record: &[u8],
    is_quoted: bool,
    fields: &Fields<'_>,
    dialect: Dialect,
) -> (Quotes, String) {
    let is_doubtful = is_quoted || fields.iter().any(|cell| opens_behind_blanks(cell, dialect));
    if !is_doubtful {
        return (Quotes::Paired, String::new());
    }
    let quotes = Quotes::of(record, dialect);
    let text = match quotes {
        Quotes::Misplaced { .. } | Quotes::BehindBlanks => String::from_utf8_lossy(record),
        Quotes::Paired | Quotes::Open => "".into(),
    };
    (quotes, text.trim_end_matches(['\n', '\r']).to_owned())
}

/// What a row becomes whose quotation marks stand wrongly: its cells are no cells of the list.
pub(super) fn misread(quotes: Quotes, text: String, line: u64) -> Option<Cells> {
    let (opens, closes) = match quotes {
        Quotes::Misplaced { opens, closes } => (opens, closes),
        Quotes::BehindBlanks => {
            let reason = "a quotation mark stands behind blanks at the beginning of a cell: take out \
                          the blanks if it encloses the cell, else enclose the cell and double it";
            let reason = reason.to_owned();
            return Some(Cells::Unreadable { text, reason });
        }
        Quotes::Paired | Quotes::Open => return None,
    };
    let breaks = |end| line_ends(text.as_bytes().get(..end).unwrap_or_default(), false).0;
    let (first, end) = (line + breaks(opens), line + breaks(closes));
    let last = line + breaks(text.len());
    let what = if first == end {
        format!("a quotation mark on line {first} closes in the middle of a cell")
    } else {
        format!(
            "a quotation mark opened on line {first} closes on line {end} in the middle of a cell"
        )
    };
    let swallowed = if last == line {
        String::new()
    } else {
        format!(", so that lines {line} to {last} were read as one row")
    };
    let reason =
        format!("{what}{swallowed}: double a mark that belongs to the text, take out a stray one");
    Some(Cells::Unreadable { text, reason })
}
