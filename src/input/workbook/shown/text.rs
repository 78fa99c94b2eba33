//! Values of workbook cells as text, in the way the cell shows them.
//!
//! An id 12345 is not `12345.0`, `00042` keeps its zeros, a date is written as its format says.
//! Formats that depend on the reader's country (Excel's short date) are written as ISO 8601, and a
//! format that is not understood leaves the plain number.

use super::{dates, numbers};
use calamine::{Data, NumberFormat};
use std::borrow::Cow;

/// The text of a cell.
pub(crate) fn text<'a>(value: &'a Data, format: Option<&NumberFormat>) -> Cow<'a, str> {
    let code = format.map(|f| f.format_code.as_str());
    match value {
        Data::Empty => Cow::Borrowed(""),
        Data::String(text) | Data::DurationIso(text) => Cow::Borrowed(text),
        Data::Bool(value) => Cow::Borrowed(if *value { "TRUE" } else { "FALSE" }),
        Data::Int(value) => Cow::Owned(match code {
            Some(code) if i32::try_from(*value).is_ok() => numbers::shown(exact(*value), code),
            _ => value.to_string(),
        }),
        Data::Float(value) => Cow::Owned(numbers::shown(*value, code.unwrap_or_default())),
        Data::DateTime(value) => {
            let local = format
                .and_then(|f| f.format_id)
                .is_some_and(|id| matches!(id, 14 | 22));
            let code = code.filter(|_| !local && !value.is_duration());
            let shown = code.and_then(|code| dates::shown(*value, code));
            Cow::Owned(shown.unwrap_or_else(|| dates::iso(*value)))
        }
        Data::DateTimeIso(text) => {
            let day = text.strip_suffix("T00:00:00").unwrap_or(text);
            Cow::Owned(day.replacen('T', " ", 1))
        }
        Data::Error(error) => Cow::Owned(error.to_string()),
    }
}

/// A number of at most 32 bits as a float.
fn exact(value: i64) -> f64 {
    i32::try_from(value).map_or(f64::NAN, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_without_a_format_are_plain() {
        assert_eq!(text(&Data::Float(12345.0), None), "12345");
        assert_eq!(
            text(&Data::Int(9_007_199_254_740_993), None),
            "9007199254740993"
        );
        assert_eq!(text(&Data::Bool(true), None), "TRUE");
        assert_eq!(
            text(&Data::DateTimeIso("2024-03-01T00:00:00".into()), None),
            "2024-03-01"
        );
        assert_eq!(
            text(&Data::DateTimeIso("2024-03-01T09:30:00".into()), None),
            "2024-03-01 09:30:00"
        );
        assert_eq!(
            text(&Data::Error(calamine::CellErrorType::NA), None),
            "#N/A"
        );
    }
}
