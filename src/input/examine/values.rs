//! Text from cells: without padding, blank where it only says that there is nothing.

use super::Examined;
use super::cells::Place;
use crate::input::workbook::UNCALCULATED;
use crate::organization::problem::Problem;
use crate::organization::text::trim;
use std::borrow::Cow;

/// The text without padding, the padding noted.
pub(super) fn trimmed<'a>(
    text: Cow<'a, str>,
    column: &Place<'a>,
    found: &mut Examined<'a>,
) -> Cow<'a, str> {
    let bare = match &text {
        Cow::Borrowed(text) => Cow::Borrowed(trim(text)),
        Cow::Owned(text) => Cow::Owned(trim(text).to_owned()),
    };
    if bare.len() < text.len() && !bare.is_empty() {
        found.note("trimmed", column, text, bare.clone());
    }
    bare
}

/// The text of an optional cell: without padding, and blank if it only says that there is nothing.
pub(super) fn value<'a>(
    text: Cow<'a, str>,
    column: &Place<'a>,
    found: &mut Examined<'a>,
) -> Cow<'a, str> {
    match telling(text, column, found) {
        Some(text) => trimmed(text, column, found),
        None => Cow::Borrowed(""),
    }
}

/// The text, unless it is a placeholder or a failed formula, either of which is noted.
pub(super) fn telling<'a>(
    text: Cow<'a, str>,
    column: &Place<'a>,
    found: &mut Examined<'a>,
) -> Option<Cow<'a, str>> {
    let bare = trim(&text);
    if is_placeholder(bare) {
        found.note("placeholder", column, text, Cow::Borrowed(""));
        return None;
    }
    (!formula_failed(bare, column, found)).then_some(text)
}

/// Whether a text is a failed formula, which is a problem.
pub(super) fn formula_failed(text: &str, column: &str, found: &mut Examined<'_>) -> bool {
    let failed = is_formula_error(text);
    if failed {
        let message = if text == UNCALCULATED {
            "holds a formula that was never calculated: open the workbook in Excel or LibreOffice \
             and save it"
                .to_owned()
        } else {
            format!("{text} is a formula that failed: mend it in the spreadsheet")
        };
        found
            .problems
            .push(Problem::new("formula_failed", message).in_column(column));
    }
    failed
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
        "#REF!",
        "#VALUE!",
        "#DIV/0!",
        "#NAME?",
        "#NUM!",
        "#NULL!",
        "#SPILL!",
        "#CALC!",
        UNCALCULATED,
    ];
    text.starts_with('#') && ERRORS.contains(&text)
}
