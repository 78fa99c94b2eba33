//! Text from cells: without padding, blank where it only says that there is nothing.

use super::{Change, Examined};
use crate::organization::problem::Problem;
use crate::organization::text::trim;

/// The text without padding, the padding noted.
pub(super) fn trimmed<'a>(text: &'a str, header: &str, found: &mut Examined) -> &'a str {
    let trimmed = trim(text);
    if trimmed.len() < text.len() && !trimmed.is_empty() {
        found.changes.push(change("trimmed", header, text, trimmed));
    }
    trimmed
}

/// The text of an optional cell: without padding, and blank if it only says that there is nothing.
pub(super) fn value<'a>(text: &'a str, header: &str, found: &mut Examined) -> &'a str {
    if tells_nothing(text, header, found) {
        return "";
    }
    trimmed(text, header, found)
}

/// Whether a text is a placeholder or a failed formula, either of which is noted.
pub(super) fn tells_nothing(text: &str, header: &str, found: &mut Examined) -> bool {
    let bare = trim(text);
    if is_placeholder(bare) {
        found.changes.push(change("placeholder", header, text, ""));
        return true;
    }
    formula_failed(bare, header, found)
}

/// Whether a text is a failed formula, which is a problem.
pub(super) fn formula_failed(text: &str, header: &str, found: &mut Examined) -> bool {
    let failed = is_formula_error(text);
    if failed {
        let message = format!("{text} is a formula that failed: mend it in the spreadsheet");
        found
            .problems
            .push(Problem::new("formula_failed", message).in_column(header));
    }
    failed
}

/// Something that was cleaned in a column.
pub(super) fn change(code: &'static str, column: &str, from: &str, to: &str) -> Change {
    Change {
        code,
        column: column.to_owned(),
        from: from.to_owned(),
        to: to.to_owned(),
    }
}

/// Whether a text only says that there is nothing. Compared without case.
pub(super) fn is_placeholder(text: &str) -> bool {
    const PLACEHOLDERS: &[&str] = &[
        "-",
        "--",
        "---",
        "–",
        "—",
        "n/a",
        "#n/a",
        "na",
        "n.a.",
        "none",
        "null",
        "nil",
        "(blank)",
        "(none)",
        "(null)",
        "<null>",
        "undefined",
        "\\N",
    ];
    let begins = |b: &u8| {
        matches!(
            b,
            b'-' | b'#' | b'n' | b'N' | b'(' | b'<' | b'u' | b'U' | b'\\' | 0xe2
        )
    };
    text.len() <= 9
        && text.as_bytes().first().is_some_and(begins)
        && PLACEHOLDERS.iter().any(|p| p.eq_ignore_ascii_case(text))
}

/// Whether a text is what a workbook shows where a formula failed. `#N/A` is a placeholder instead:
/// that is how a lookup says that there is nothing.
pub(super) fn is_formula_error(text: &str) -> bool {
    const ERRORS: &[&str] = &[
        "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!",
    ];
    text.starts_with('#') && ERRORS.contains(&text)
}
