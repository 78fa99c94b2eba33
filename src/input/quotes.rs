//! Whether the quotation marks of a record stand where they belong.
//!
//! `csv-core` reads on where text follows a closing quotation mark. That is how one stray mark
//! makes a single cell of several customers, so such a record is looked at once more.

use super::blanks::leading;
use super::dialect::Dialect;

/// How the quotation marks of a record stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quotes {
    /// Every one opens or closes a whole cell, or stands inside one.
    Paired,
    /// A cell goes on behind the mark that closes it.
    Misplaced {
        /// Where the mark that opens the cell stands in the record.
        opens: usize,
        /// Where the one that closes it stands.
        closes: usize,
    },
    /// Blanks stand before a mark that would open a cell.
    BehindBlanks,
    /// The last cell is not closed.
    Open,
}

impl Quotes {
    /// Looks at the bytes of one record.
    pub(super) fn of(record: &[u8], dialect: Dialect) -> Self {
        let feed = if dialect.returns_only { b'\r' } else { b'\n' };
        let mut start = 0;
        loop {
            let cell = record.get(start..).unwrap_or_default();
            let mut end = start;
            if opens_behind_blanks(cell, dialect) {
                return Self::BehindBlanks;
            }
            if cell.first() == Some(&dialect.quote) {
                let Some(length) = closing(cell, dialect) else {
                    return Self::Open;
                };
                end = start + length + 1;
                let behind = record.get(end..).unwrap_or_default();
                let is_space = |b: &&u8| **b == b' ' && dialect.delimiter != b' ';
                let spaces = behind.iter().take_while(is_space).count();
                match behind.get(spaces) {
                    None => return Self::Paired,
                    Some(byte) if dialect.is_line_end(*byte) => return Self::Paired,
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
                _ => return Self::Paired,
            }
        }
    }
}

/// Whether a cell begins with blanks and a quotation mark.
pub(super) fn opens_behind_blanks(cell: &[u8], dialect: Dialect) -> bool {
    cell.first() == Some(&b' ')
        && dialect.quoting
        && cell.get(leading(cell)) == Some(&dialect.quote)
}

/// Where the mark that closes a quoted cell stands in it.
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

#[cfg(test)]
mod tests {
    use super::super::dialect::Escapes;
    use super::*;

    fn quotes(record: &str) -> Quotes {
        Quotes::of(record.as_bytes(), Dialect::RFC_4180)
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
            assert_eq!(quotes(record), Quotes::Paired, "{record}");
        }
    }

    #[test]
    fn text_behind_a_closing_mark_is_told() {
        assert_eq!(
            quotes("a,\"b\" c"),
            Quotes::Misplaced {
                opens: 2,
                closes: 4
            }
        );
        assert_eq!(
            quotes("\"a\nb,\"c\",d"),
            Quotes::Misplaced {
                opens: 0,
                closes: 5
            }
        );
        assert_eq!(quotes("\"a\"\",b"), Quotes::Open);
    }

    #[test]
    fn a_mark_behind_blanks_is_told() {
        assert_eq!(quotes("1, \"Acme, Inc.\",x"), Quotes::BehindBlanks);
        assert_eq!(quotes("1, the \"A\""), Quotes::Paired);
    }

    #[test]
    fn a_space_may_separate() {
        let spaces = Dialect {
            delimiter: b' ',
            ..Dialect::RFC_4180
        };
        assert_eq!(Quotes::of(b"\"a b\" c \"d\"\n", spaces), Quotes::Paired);
    }

    #[test]
    fn a_line_feed_may_be_text() {
        let mac = Dialect {
            returns_only: true,
            ..Dialect::RFC_4180
        };
        for record in [&b"B\nC,\"Widgets\" Inc,z\r"[..], b"\"Acme\"\nInc\r"] {
            let quotes = Quotes::of(record, mac);
            assert!(matches!(quotes, Quotes::Misplaced { .. }), "{quotes:?}");
        }
        assert_eq!(Quotes::of(b"a\nb,\"c\"\r", mac), Quotes::Paired);
    }

    #[test]
    fn an_escaped_mark_closes_nothing() {
        let escaped = Dialect {
            escapes: Escapes::Quoted,
            ..Dialect::RFC_4180
        };
        let cell = br#""The \"A\" Co","C:\\",x"#;
        assert_eq!(Quotes::of(cell, escaped), Quotes::Paired);
        assert!(matches!(
            Quotes::of(cell, Dialect::RFC_4180),
            Quotes::Misplaced { .. }
        ));
    }
}
