//! How a CSV file separates and quotes its cells.

use super::machine::Machine;
use csv_core::{ReadRecordResult as Step, Reader, ReaderBuilder, Terminator};
use std::fmt;

/// How cells are separated and quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    /// Whether blanks behind a separator belong to it.
    pub(super) is_spaced: bool,
    pub(super) quote: u8,
    /// Whether quotation marks quote at all: in some files of tabs they are text like any other.
    pub(super) quoting: bool,
    pub(super) escapes: Escapes,
    /// Whether a line ends in a carriage return and nothing else, so that a line feed is text.
    pub(super) returns_only: bool,
    /// How many bytes a first line that only names the separator (`sep=;`) takes, with its end.
    pub(super) preface: usize,
}

/// What a backslash does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escapes {
    /// Nothing: it is text.
    None,
    /// In quoted cells it makes a quotation mark ordinary, which doubling does too.
    Quoted,
    /// It does so in all cells, and to separators.
    Anywhere,
    /// It stands for a character together with the next, as in the text of databases: `\n`, `\t`.
    Sequences,
}

impl Dialect {
    /// Commas and double quotation marks, by RFC 4180.
    pub(super) const RFC_4180: Self = Self {
        delimiter: b',',
        is_spaced: false,
        quote: b'"',
        quoting: true,
        escapes: Escapes::None,
        returns_only: false,
        preface: 0,
    };

    /// The state machine that reads this dialect.
    pub(super) fn reader(self) -> Reader {
        ReaderBuilder::new()
            .delimiter(self.delimiter)
            .quote(self.quote)
            .quoting(self.quoting)
            .terminator(if self.returns_only {
                Terminator::Any(b'\r')
            } else {
                Terminator::CRLF
            })
            .escape(self.escape())
            .build()
    }

    /// What makes a following quotation mark ordinary, besides doubling it.
    pub(super) fn escape(self) -> Option<u8> {
        matches!(self.escapes, Escapes::Quoted | Escapes::Anywhere).then_some(b'\\')
    }

    /// Whether a byte outside of quoted cells ends a record.
    pub(super) fn is_line_end(self, byte: u8) -> bool {
        byte == b'\r' || (byte == b'\n' && !self.returns_only)
    }

    /// The first records of a text, each with its bytes and the line ends before it.
    pub(super) fn records(self, text: &[u8], count: usize) -> Vec<(Vec<String>, &[u8])> {
        let mut machine = Machine::new(self);
        let mut records = Vec::new();
        let mut rest = text;
        while records.len() < count && !rest.is_empty() {
            machine.clear();
            let mut length = 0;
            loop {
                let (step, read) = machine.read(rest.get(length..).unwrap_or_default());
                length += read;
                match step {
                    Step::Record => break,
                    Step::End => return records,
                    Step::InputEmpty | Step::OutputFull | Step::OutputEndsFull => {}
                }
            }
            let (bytes, behind) = rest.split_at_checked(length).unwrap_or_default();
            rest = behind;
            let record: Vec<_> = machine
                .cells(start_of(bytes).1)
                .iter()
                .map(|cell| String::from_utf8_lossy(cell).into_owned())
                .collect();
            // Between the two characters of a line end there is no record.
            if !record.is_empty() {
                records.push((record, bytes));
            }
        }
        records
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
        let told = [
            (self.is_spaced, " with spaces"),
            (self.quote == b'\'', ", single quotes"),
            (!self.quoting, ", quotation marks as text"),
            (self.escapes != Escapes::None, ", backslash escapes"),
        ];
        told.iter()
            .filter(|(is_so, _)| *is_so)
            .try_for_each(|(_, words)| f.write_str(words))
    }
}

/// The line ends before a record, and the record.
pub(super) fn start_of(text: &[u8]) -> (&[u8], &[u8]) {
    let before = text.iter().take_while(|b| matches!(b, b'\n' | b'\r'));
    text.split_at_checked(before.count()).unwrap_or_default()
}
