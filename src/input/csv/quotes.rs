//! Checks a record for misplaced quotes.
//!
//! `csv-core` reads on where text follows a closing quotation mark. That is how one stray mark
//! makes a single cell of several customers, so such a record is looked at once more.

use super::dialect::Dialect;
use super::spaces::leading;
use super::tokenizer::Fields;
use crate::input::line_ends::line_ends;
use crate::table::Cells;

/// A misplaced quote in a record, if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QuoteFault {
    /// Every quote opens or closes a whole cell, or is inside one.
    None,
    /// Text follows the closing quote of a cell.
    Misplaced {
        /// The position of the opening quote in the record.
        opens: usize,
        /// The position of the closing quote.
        closes: usize,
    },
    /// Spaces precede a quote that would open a cell.
    AfterSpaces,
    /// The last cell is not closed.
    Unclosed,
}

impl QuoteFault {
    /// Looks at the bytes of one record.
    pub(crate) fn find(record: &[u8], dialect: Dialect) -> Self {
        let feed = if dialect.returns_only { b'\r' } else { b'\n' };
        let mut start = 0;
        loop {
            let cell = record.get(start..).unwrap_or_default();
            let mut end = start;
            if opens_after_spaces(cell, dialect) {
                return Self::AfterSpaces;
            }
            if cell.first() == Some(&dialect.quote) {
                let Some(length) = closing(cell, dialect) else {
                    return Self::Unclosed;
                };
                end = start + length + 1;
                let following = record.get(end..).unwrap_or_default();
                let is_space = |b: &&u8| **b == b' ' && dialect.delimiter != b' ';
                let spaces = following.iter().take_while(is_space).count();
                match following.get(spaces) {
                    None => return Self::None,
                    Some(byte) if dialect.is_line_end(*byte) => return Self::None,
                    Some(byte) if *byte == dialect.delimiter => {}
                    Some(_) => {
                        return Self::Misplaced {
                            opens: start,
                            closes: start + length,
                        };
                    }
                }
            }
            let rest = record.get(end..).unwrap_or_default();
            match memchr::memchr3(dialect.delimiter, feed, b'\r', rest) {
                Some(at) if rest.get(at) == Some(&dialect.delimiter) => start = end + at + 1,
                _ => return Self::None,
            }
        }
    }
}

/// Whether a cell begins with blanks and a quotation mark.
pub(crate) fn opens_after_spaces(cell: &[u8], dialect: Dialect) -> bool {
    cell.first() == Some(&b' ')
        && dialect.quoting
        && cell.get(leading(cell)) == Some(&dialect.quote)
}

/// The position of the closing quote in a quoted cell.
fn closing(cell: &[u8], dialect: Dialect) -> Option<usize> {
    let escape = dialect.escape().unwrap_or(dialect.quote);
    let mut from = 1;
    loop {
        let at = from + memchr::memchr2(dialect.quote, escape, cell.get(from..)?)?;
        let doubled = cell.get(at + 1) == Some(&dialect.quote);
        if cell.get(at) == Some(&dialect.quote) && !doubled {
            return Some(at);
        }
        from = at + 2;
    }
}

/// The quote fault of a record, and the record's text if there is one.
pub(crate) fn inspect_quotes(
    record: &[u8],
    is_quoted: bool,
    fields: &Fields<'_>,
    dialect: Dialect,
) -> (QuoteFault, String) {
    let is_doubtful = is_quoted || fields.iter().any(|cell| opens_after_spaces(cell, dialect));
    if !is_doubtful {
        return (QuoteFault::None, String::new());
    }
    let quotes = QuoteFault::find(record, dialect);
    let text = match quotes {
        QuoteFault::Misplaced { .. } | QuoteFault::AfterSpaces => String::from_utf8_lossy(record),
        QuoteFault::None | QuoteFault::Unclosed => "".into(),
    };
    (quotes, text.trim_end_matches(['\n', '\r']).to_owned())
}

/// Rows with misplaced quotes are reported, not parsed.
pub(crate) fn unreadable_row(quotes: QuoteFault, text: String, line: u64) -> Option<Cells> {
    let (opens, closes) = match quotes {
        QuoteFault::Misplaced { opens, closes } => (opens, closes),
        QuoteFault::AfterSpaces => {
            let reason = "a quote follows spaces at the start of a cell: remove the spaces if \
                the quote encloses the cell, otherwise enclose the cell and double the quote";
            let reason = reason.to_owned();
            return Some(Cells::Unreadable { text, reason });
        }
        QuoteFault::None | QuoteFault::Unclosed => return None,
    };
    let breaks = |end| line_ends(text.as_bytes().get(..end).unwrap_or_default(), false).0;
    let (first, end) = (line + breaks(opens), line + breaks(closes));
    let last = line + breaks(text.len());
    let what = if first == end {
        format!("the quote on line {first} closes in the middle of a cell")
    } else {
        format!("the quote opened on line {first} closes on line {end} in the middle of a cell")
    };
    let swallowed = if last == line {
        String::new()
    } else {
        format!(", so that lines {line} to {last} were read as one row")
    };
    let reason = format!(
        "{what}{swallowed}: double a quote that belongs to the text, or remove the stray \
            quote"
    );
    Some(Cells::Unreadable { text, reason })
}

#[cfg(test)]
mod tests {
    use super::super::dialect::Escapes;
    use super::*;

    fn quotes(record: &str) -> QuoteFault {
        QuoteFault::find(record.as_bytes(), Dialect::RFC_4180)
    }

    #[test]
    fn quotes_that_rfc_4180_allows_are_paired() {
        for record in [
            "a,b\n",
            "\"a\",\"b\"\r\n",
            "\"a, \"\"b\"\"\",\"\"\n",
            "\"\"\"a\"\"\"",
            "\"two\nlines\",b",
            "x\"y,5\" pipe,\"z\"",
            "\"a\" ,\"b\" \n",
            "",
        ] {
            assert_eq!(quotes(record), QuoteFault::None, "{record}");
        }
    }

    #[test]
    fn text_behind_a_closing_mark_is_told() {
        assert_eq!(
            quotes("a,\"b\" c"),
            QuoteFault::Misplaced {
                opens: 2,
                closes: 4
            }
        );
        assert_eq!(
            quotes("\"a\nb,\"c\",d"),
            QuoteFault::Misplaced {
                opens: 0,
                closes: 5
            }
        );
        assert_eq!(quotes("\"a\"\",b"), QuoteFault::Unclosed);
    }

    #[test]
    fn a_mark_behind_blanks_is_told() {
        assert_eq!(quotes("1, \"Acme, Inc.\",x"), QuoteFault::AfterSpaces);
        assert_eq!(quotes("1, the \"A\""), QuoteFault::None);
    }

    #[test]
    fn a_space_may_separate() {
        let spaces = Dialect {
            delimiter: b' ',
            ..Dialect::RFC_4180
        };
        assert_eq!(
            QuoteFault::find(b"\"a b\" c \"d\"\n", spaces),
            QuoteFault::None
        );
    }

    #[test]
    fn a_line_feed_may_be_text() {
        let mac = Dialect {
            returns_only: true,
            ..Dialect::RFC_4180
        };
        for record in [&b"B\nC,\"Widgets\" Inc,z\r"[..], b"\"Acme\"\nInc\r"] {
            let quotes = QuoteFault::find(record, mac);
            assert!(matches!(quotes, QuoteFault::Misplaced { .. }), "{quotes:?}");
        }
        assert_eq!(QuoteFault::find(b"a\nb,\"c\"\r", mac), QuoteFault::None);
    }

    #[test]
    fn an_escaped_mark_closes_nothing() {
        let escaped = Dialect {
            escapes: Escapes::Quoted,
            ..Dialect::RFC_4180
        };
        let cell = br#""The \"A\" Co","C:\\",x"#;
        assert_eq!(QuoteFault::find(cell, escaped), QuoteFault::None);
        assert!(matches!(
            QuoteFault::find(cell, Dialect::RFC_4180),
            QuoteFault::Misplaced { .. }
        ));
    }
}
