//! How a CSV file separates and quotes its cells.

use std::fmt;

/// How cells are separated and quoted.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Dialect {
    pub(crate) delimiter: u8,
    /// Whether spaces after a delimiter are skipped.
    pub(crate) is_spaced: bool,
    pub(crate) quote: u8,
    /// Whether quotation marks quote at all: in some files of tabs they are text like any other.
    pub(crate) quoting: bool,
    pub(crate) escapes: Escapes,
    /// Whether a line ends in a carriage return and nothing else, so that a line feed is text.
    pub(crate) returns_only: bool,
    /// Whether each line is in quotation marks as a whole, besides those of its cells.
    pub(crate) is_wrapped: bool,
    /// How many bytes a first line that only names the separator (`sep=;`) takes, with its end.
    pub(crate) preface: usize,
}

/// What a backslash does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Escapes {
    /// Nothing: it is text.
    None,
    /// In quoted cells it makes a quotation mark ordinary, which doubling does too.
    Quoted,
    /// It does so in all cells, and to separators.
    Anywhere,
    /// It forms an escape sequence with the next character, as in database exports: `\n`, `\t`.
    Sequences,
}

impl Dialect {
    /// Commas and double quotation marks, by RFC 4180.
    pub(crate) const RFC_4180: Self = Self {
        delimiter: b',',
        is_spaced: false,
        quote: b'"',
        quoting: true,
        escapes: Escapes::None,
        returns_only: false,
        is_wrapped: false,
        preface: 0,
    };

    /// What makes a following quotation mark ordinary, besides doubling it.
    pub(crate) fn escape(self) -> Option<u8> {
        matches!(self.escapes, Escapes::Quoted | Escapes::Anywhere).then_some(b'\\')
    }

    /// Whether a byte outside of quoted cells ends a record.
    pub(crate) fn is_line_end(self, byte: u8) -> bool {
        byte == b'\r' || (byte == b'\n' && !self.returns_only)
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.delimiter {
            b',' => f.write_str("commas")?,
            b';' => f.write_str("semicolons")?,
            b'\t' => f.write_str("tabs")?,
            b'|' => f.write_str("pipes")?,
            other => write!(f, "separator {:?}", char::from(other))?,
        }
        let notes = [
            (self.is_spaced, " with spaces"),
            (self.quote == b'\'', ", single quotes"),
            (!self.quoting, ", quotation marks as text"),
            (self.escapes != Escapes::None, ", backslash escapes"),
            (self.is_wrapped, ", each line quoted as a whole"),
        ];
        notes
            .iter()
            .filter(|(is_so, _)| *is_so)
            .try_for_each(|(_, words)| f.write_str(words))
    }
}
