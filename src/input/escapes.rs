//! Backslashes that make the character behind them an ordinary one, as `MySQL` and Python write them.
//!
//! `csv-core` knows them in quoted cells only, and takes them away before any character. So it only
//! finds where such a record ends, and its cells are read here: a backslash goes where it stands
//! before one that needs it, and stays in `C:\dir`.

use super::dialect::Dialect;
use super::machine::Fields;

/// The cells of a record, without its escapes.
pub(super) fn cells(record: &[u8], dialect: Dialect) -> Fields<'static> {
    let (mut bytes, mut ends) = (Vec::with_capacity(record.len()), Vec::new());
    let (mut is_start, mut is_quoted) = (true, false);
    let mut rest = record.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        let next = rest.peek().copied();
        let is_mark = byte == dialect.quote;
        if is_start && is_mark {
            is_quoted = true;
        } else if is_escape(byte, next, is_quoted, dialect)
            || (is_quoted && is_mark && next == Some(byte))
        {
            bytes.extend(rest.next());
        } else if is_quoted && is_mark {
            is_quoted = false;
        } else if !is_quoted && byte == dialect.delimiter {
            ends.push(bytes.len());
            is_start = true;
            continue;
        } else if !is_quoted && dialect.is_line_end(byte) {
            break;
        } else {
            bytes.push(byte);
        }
        is_start = false;
    }
    ends.push(bytes.len());
    Fields {
        bytes: bytes.into(),
        ends: ends.into(),
    }
}

/// Whether a byte makes the next one ordinary.
fn is_escape(byte: u8, next: Option<u8>, is_quoted: bool, dialect: Dialect) -> bool {
    let needs_it = next.is_some_and(|next| {
        Some(next) == dialect.escape
            || next == dialect.quote
            || next == dialect.delimiter
            || (is_quoted && dialect.is_line_end(next))
    });
    Some(byte) == dialect.escape && (is_quoted || dialect.escape_anywhere) && needs_it
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(record: &str, escape_anywhere: bool) -> Vec<String> {
        let dialect = Dialect {
            escape: Some(b'\\'),
            escape_anywhere,
            ..Dialect::RFC_4180
        };
        let cells = cells(record.as_bytes(), dialect);
        let text = |cell: &[u8]| String::from_utf8(cell.to_owned()).unwrap();
        cells.iter().map(text).collect()
    }

    #[test]
    fn backslashes_pair_from_the_left() {
        assert_eq!(
            read(r#""a \"b\"","a \\\"b\\\"","a\\","\\\\",c"#, false),
            [r#"a "b""#, r#"a \"b\""#, r"a\", r"\\", "c"]
        );
        assert_eq!(
            read(r#""a \\\"b",c\\,d\,e\"#, true),
            [r#"a \"b"#, r"c\", r"d,e\"]
        );
    }

    #[test]
    fn a_backslash_stays_where_nothing_needs_it() {
        assert_eq!(
            read("\"C:\\dir\",C:\\\\x,\"a\\\nb\"\r\n", false),
            ["C:\\dir", "C:\\\\x", "a\nb"]
        );
        assert_eq!(read("C:\\dir,C:\\\n", true), ["C:\\dir", "C:\\"]);
    }

    #[test]
    fn marks_are_read_as_without_escapes() {
        assert_eq!(
            read("\"a \"\"b\"\"\",\"\",x\"y\",\"\\\"\"z\"", false),
            ["a \"b\"", "", "x\"y\"", "\"z\""]
        );
    }
}
