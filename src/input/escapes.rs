//! Backslashes that make the character behind them an ordinary one, as `MySQL` and Python write them,
//! or stand for another one together with it, as in the text of databases.
//!
//! `csv-core` knows them in quoted cells only, and takes them away before any character. So it only
//! finds where such a record ends, and its cells are read here: a backslash goes where it stands
//! before one that needs it, and stays in `C:\dir`.

use super::dialect::{Dialect, Escapes};
use super::machine::Fields;

/// The cells of a record, without its escapes.
pub(super) fn cells(record: &[u8], dialect: Dialect) -> Fields<'static> {
    let (mut bytes, mut ends) = (Vec::with_capacity(record.len()), Vec::new());
    let (mut is_start, mut is_quoted) = (true, false);
    let mut rest = record.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        let next = rest.peek().copied();
        let is_mark = dialect.quoting && byte == dialect.quote;
        let meant = next.filter(|_| byte == b'\\');
        let meant = meant.and_then(|next| meant_by(next, is_quoted, dialect));
        if is_start && is_mark {
            is_quoted = true;
        } else if let Some(meant) = meant {
            bytes.push(meant);
            rest.next();
        } else if is_quoted && is_mark && next == Some(byte) {
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

/// What a backslash and this byte stand for; `None` if the backslash is text.
fn meant_by(next: u8, is_quoted: bool, dialect: Dialect) -> Option<u8> {
    let needs_it = next == b'\\'
        || next == dialect.delimiter
        || (dialect.quoting && next == dialect.quote)
        || (is_quoted && dialect.is_line_end(next));
    match dialect.escapes {
        Escapes::None => None,
        Escapes::Quoted if !is_quoted => None,
        Escapes::Quoted | Escapes::Anywhere => needs_it.then_some(next),
        Escapes::Sequences => match next {
            b'n' => Some(b'\n'),
            b't' => Some(b'\t'),
            b'r' => Some(b'\r'),
            b'b' => Some(0x08),
            b'v' => Some(0x0b),
            b'f' => Some(0x0c),
            b'0' => Some(0),
            b'Z' => Some(0x1a),
            _ => needs_it.then_some(next),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(record: &str, escapes: Escapes) -> Vec<String> {
        let dialect = Dialect {
            escapes,
            quoting: escapes != Escapes::Sequences,
            ..Dialect::RFC_4180
        };
        let cells = cells(record.as_bytes(), dialect);
        let text = |cell: &[u8]| String::from_utf8(cell.to_owned()).unwrap();
        cells.iter().map(text).collect()
    }

    #[test]
    fn backslashes_pair_from_the_left() {
        assert_eq!(
            read(r#""a \"b\"","a \\\"b\\\"","a\\","\\\\",c"#, Escapes::Quoted),
            [r#"a "b""#, r#"a \"b\""#, r"a\", r"\\", "c"]
        );
        assert_eq!(
            read(r#""a \\\"b",c\\,d\,e\"#, Escapes::Anywhere),
            [r#"a \"b"#, r"c\", r"d,e\"]
        );
    }

    #[test]
    fn a_backslash_stays_where_nothing_needs_it() {
        assert_eq!(
            read("\"C:\\dir\",C:\\\\x,\"a\\\nb\"\r\n", Escapes::Quoted),
            ["C:\\dir", "C:\\\\x", "a\nb"]
        );
        assert_eq!(
            read("C:\\dir,C:\\\n", Escapes::Anywhere),
            ["C:\\dir", "C:\\"]
        );
    }

    #[test]
    fn marks_are_read_as_without_escapes() {
        assert_eq!(
            read("\"a \"\"b\"\"\",\"\",x\"y\",\"\\\"\"z\"", Escapes::Quoted),
            ["a \"b\"", "", "x\"y\"", "\"z\""]
        );
    }

    #[test]
    fn sequences_stand_for_other_characters() {
        assert_eq!(
            read(r#"a\\nb\nc\t\\,"q" \N,\N,x\d,a\,b"#, Escapes::Sequences),
            ["a\\nb\nc\t\\", r#""q" \N"#, r"\N", r"x\d", "a,b"]
        );
    }
}
