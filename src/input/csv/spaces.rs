//! Spaces after the separators of a CSV file, as people and scripts write them: `"a", "b"`.
//!
//! `csv-core` reads such a space as the beginning of a cell, and the quote after it as
//! text. Python's `csv` calls it `skipinitialspace` when they are skipped.

use super::dialect::Dialect;
use std::borrow::Cow;

/// Follows a text in a dialect, so as to know where its cells begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SpaceFinder {
    dialect: Dialect,
    position: Position,
}

/// What the next byte is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Position {
    Start,
    Plain,
    Quoted,
    /// Behind a mark that closes a cell, if it is not the first of two.
    Closed,
    Escaped,
}

impl SpaceFinder {
    /// At the start of a record.
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            position: Position::Start,
        }
    }

    /// The number of bytes before the next space outside a cell, at most to the end of the
    /// record.
    pub(crate) fn before(mut self, text: &[u8]) -> usize {
        if !self.dialect.is_spaced {
            return text.len();
        }
        for (at, byte) in text.iter().enumerate() {
            if self.position == Position::Start && *byte == b' ' {
                return at;
            }
            self.step(*byte);
            if self.position == Position::Start && matches!(byte, b'\n' | b'\r') {
                return at + 1;
            }
        }
        text.len()
    }

    /// Advances over a text.
    pub(crate) fn pass(&mut self, text: &[u8]) {
        if self.dialect.is_spaced {
            for byte in text {
                self.step(*byte);
            }
        }
    }

    fn step(&mut self, byte: u8) {
        let dialect = self.dialect;
        let is_end = byte == dialect.delimiter || dialect.is_line_end(byte);
        self.position = match self.position {
            Position::Quoted if Some(byte) == dialect.escape() => Position::Escaped,
            Position::Quoted if byte == dialect.quote => Position::Closed,
            Position::Quoted | Position::Escaped => Position::Quoted,
            Position::Start | Position::Plain | Position::Closed if is_end => Position::Start,
            Position::Start if byte == b' ' => Position::Start,
            Position::Start | Position::Closed if byte == dialect.quote => Position::Quoted,
            Position::Start | Position::Plain | Position::Closed => Position::Plain,
        };
    }
}

/// A text from the start of a record on, without the blanks that are none of a cell.
pub(crate) fn without_spaces(text: &[u8], dialect: Dialect) -> Cow<'_, [u8]> {
    if !dialect.is_spaced {
        return text.into();
    }
    let mut blanks = SpaceFinder::new(dialect);
    let (mut out, mut rest) = (Vec::with_capacity(text.len()), text);
    while !rest.is_empty() {
        let (part, following) = rest
            .split_at_checked(blanks.before(rest))
            .unwrap_or_default();
        blanks.pass(part);
        out.extend_from_slice(part);
        rest = following.get(leading(following)..).unwrap_or_default();
    }
    out.into()
}

/// How many blanks a text begins with.
pub(crate) fn leading(text: &[u8]) -> usize {
    text.iter().take_while(|byte| **byte == b' ').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(text: &str) -> String {
        let spaced = Dialect {
            is_spaced: true,
            ..Dialect::RFC_4180
        };
        let text = without_spaces(text.as_bytes(), spaced).into_owned();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn blanks_behind_separators_are_passed_over_and_those_in_cells_are_kept() {
        assert_eq!(without("1, \"A, B\",  c d\n x"), "1,\"A, B\",c d\nx");
        assert_eq!(
            without("\"a \"\"b, c\"\", d\", e"),
            "\"a \"\"b, c\"\", d\",e"
        );
        assert_eq!(without("\"a\" , 5\" b, \"c\""), "\"a\" ,5\" b,\"c\"");
    }
}
