//! The state machine of `csv-core`, with room for the record that it reads.
//!
//! `csv-core` knows backslashes in quoted cells only, and takes them away before any character. So
//! where there are any, it only finds where a record ends, and the cells are read here: a backslash
//! is removed before a character that needs it, and stays in `C:\dir`.

use super::dialect::{Dialect, Escapes};
use csv_core::{ReadRecordResult as Step, Reader, ReaderBuilder, Terminator};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;

/// Reads one record after another from pieces of text.
#[derive(Debug)]
pub(crate) struct Tokenizer {
    reader: Reader,
    dialect: Dialect,
    /// The cells of the record at hand, one after another, and where each ends.
    fields: Vec<u8>,
    ends: Vec<usize>,
    /// How many bytes and cells of them are the record's.
    written: usize,
    ended: usize,
}

/// The cells of a record, one after another, and where each ends.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    pub(crate) bytes: Cow<'a, [u8]>,
    pub(crate) ends: Cow<'a, [usize]>,
}

impl Tokenizer {
    /// A tokenizer at the start of a text.
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self::with(reader(dialect), dialect)
    }

    fn with(reader: Reader, dialect: Dialect) -> Self {
        Self {
            reader,
            dialect,
            fields: vec![0; 1024],
            ends: vec![0; 32],
            written: 0,
            ended: 0,
        }
    }

    /// Forgets the record at hand.
    pub(crate) fn clear(&mut self) {
        (self.written, self.ended) = (0, 0);
    }

    /// Reads on, and says how far. Where the room does not suffice, it is enlarged.
    pub(crate) fn read(&mut self, text: &[u8]) -> (Step, usize) {
        let (step, read, written, ended) = self.reader.read_record(
            text,
            self.fields.get_mut(self.written..).unwrap_or_default(),
            self.ends.get_mut(self.ended..).unwrap_or_default(),
        );
        self.written += written;
        self.ended += ended;
        match step {
            Step::OutputFull => self.fields.resize(self.fields.len() * 2, 0),
            Step::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
            Step::InputEmpty | Step::Record | Step::End => {}
        }
        (step, read)
    }

    /// Whether a record of so many bytes, its line end among them, holds more than its cells and
    /// separators: quotation marks.
    pub(crate) fn is_quoted(&self, length: usize) -> bool {
        length > self.written + self.ended
    }

    /// The cells of the record at hand, whose bytes are these.
    pub(crate) fn cells(&self, record: &[u8]) -> Fields<'_> {
        if self.dialect.escapes != Escapes::None && memchr::memchr(b'\\', record).is_some() {
            return unescaped(record, self.dialect);
        }
        Fields {
            bytes: self.fields.get(..self.written).unwrap_or_default().into(),
            ends: self.ends.get(..self.ended).unwrap_or_default().into(),
        }
    }
}

impl Fields<'_> {
    /// The cells, one after another.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(&0).chain(self.ends.iter());
        let cell = |(start, end): (&usize, &usize)| self.bytes.get(*start..*end);
        starts
            .zip(self.ends.iter())
            .map(move |bounds| cell(bounds).unwrap_or_default())
    }
}

/// The state machine that reads this dialect.
fn reader(dialect: Dialect) -> Reader {
    ReaderBuilder::new()
        .delimiter(dialect.delimiter)
        .quote(dialect.quote)
        .quoting(dialect.quoting)
        .terminator(if dialect.returns_only {
            Terminator::Any(b'\r')
        } else {
            Terminator::CRLF
        })
        .escape(dialect.escape())
        .build()
}

/// The first records of a text, each with its bytes and the line ends before it.
///
/// Many dialects are tried for each list, and the tables of one take longer to build than a small
/// list to read: so a thread builds those of each only once.
pub(crate) fn records(dialect: Dialect, text: &[u8], count: usize) -> Vec<(Vec<String>, &[u8])> {
    thread_local! {
        // Moved out and back: a clone of a reader does not know which bytes are alike.
        static BUILT: RefCell<HashMap<Dialect, Reader>> = RefCell::default();
    }
    let dialect = Dialect {
        preface: 0,
        ..dialect
    };
    let built = BUILT.with_borrow_mut(|built| built.remove(&dialect));
    let built = built.unwrap_or_else(|| reader(dialect));
    let mut tokenizer = Tokenizer::with(built, dialect);
    let records = read_records(&mut tokenizer, text, count);
    tokenizer.reader.reset();
    BUILT.with_borrow_mut(|built| built.insert(dialect, tokenizer.reader));
    records
}

fn read_records<'t>(
    tokenizer: &mut Tokenizer,
    text: &'t [u8],
    count: usize,
) -> Vec<(Vec<String>, &'t [u8])> {
    let mut records = Vec::new();
    let mut rest = text;
    while records.len() < count && !rest.is_empty() {
        tokenizer.clear();
        let mut length = 0;
        loop {
            let (step, read) = tokenizer.read(rest.get(length..).unwrap_or_default());
            length += read;
            match step {
                Step::Record => break,
                Step::End => return records,
                Step::InputEmpty | Step::OutputFull | Step::OutputEndsFull => {}
            }
        }
        let (bytes, following) = rest.split_at_checked(length).unwrap_or_default();
        rest = following;
        let record: Vec<_> = tokenizer
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

/// The line ends before a record, and the record.
pub(crate) fn start_of(text: &[u8]) -> (&[u8], &[u8]) {
    let before = text.iter().take_while(|b| matches!(b, b'\n' | b'\r'));
    text.split_at_checked(before.count()).unwrap_or_default()
}

/// The cells of a record, without its escapes.
fn unescaped(record: &[u8], dialect: Dialect) -> Fields<'static> {
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

/// The character that a backslash and this byte represent; `None` if the backslash is text.
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
        let cells = unescaped(record.as_bytes(), dialect);
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
