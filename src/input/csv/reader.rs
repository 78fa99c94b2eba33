//! CSV: text in, records out, each with its line number.
//!
//! The state machine is `csv-core`'s; what is done here is to keep the line numbers true over blank
//! lines, quoted line breaks and all kinds of line ends, which the `csv` crate's own positions do
//! not.

use super::dialect::Dialect;
use super::lines::{broken_line, is_nothing, line_in_a_cell, split, swallowed_rows};
use super::quotes::{QuoteFault, inspect_quotes, unreadable_row};
use super::spaces::{SpaceFinder, leading};
use super::tokenizer::{Fields, Tokenizer};
use crate::input::encoding::Text;
use crate::input::error::Error;
use crate::input::line_ends::{LONGEST, line_ends};
use crate::table::{Cells, Row};
use crate::text::trim;
use csv::StringRecord;
use csv_core::ReadRecordResult as Step;

/// Reads the records of a CSV file, the header among them.
#[derive(Debug)]
pub(crate) struct CsvReader {
    text: Text,
    source_name: String,
    tokenizer: Tokenizer,
    dialect: Dialect,
    spaces: SpaceFinder,
    /// The line of the next unread character, counted from 1.
    line: u64,
    /// Whether the character before the next one was a carriage return, whose line is counted.
    after_return: bool,
    rows: u64,
    /// How many columns the header names; 0 before it is read.
    width: usize,
    /// The bytes of the record at hand, as far as they came in earlier pieces of the text.
    earlier: Vec<u8>,
}

/// A record that was read.
#[derive(Debug)]
struct RecordRead {
    line: u64,
    /// Why its cells are not to be believed.
    misread: Option<Cells>,
}

impl CsvReader {
    /// Reads records from text in this dialect.
    pub(crate) fn new(mut text: Text, source_name: &str, dialect: Dialect) -> Self {
        text.consume(dialect.preface);
        Self {
            text,
            source_name: source_name.to_owned(),
            tokenizer: Tokenizer::new(dialect),
            dialect,
            spaces: SpaceFinder::new(dialect),
            line: 1 + u64::from(dialect.preface > 0),
            after_return: false,
            rows: 0,
            width: 0,
            earlier: Vec::new(),
        }
    }

    /// The names of the columns: the first record that is not blank, or the first from a line on.
    /// `None` if the file holds none.
    pub(crate) fn header(&mut self, from: Option<u64>) -> Result<Option<Vec<String>>, Error> {
        let mut record = StringRecord::new();
        while let Some(RecordRead { line, misread }) = self.record(&mut record)? {
            let is_above = from.map_or(is_blank(&record), |from| line < from);
            if is_above {
                continue;
            }
            if let Some(Cells::Unreadable { reason, .. }) = misread {
                return Err(Error::UnreadableHeader {
                    source_name: self.source_name.clone(),
                    line,
                    reason,
                });
            }
            let line = record.get(0).filter(|_| self.dialect.is_wrapped);
            let cells = line.and_then(|line| split(line, self.dialect));
            let header = cells.unwrap_or_else(|| record.iter().map(str::to_owned).collect());
            self.width = header.len();
            return Ok(Some(header));
        }
        Ok(None)
    }

    /// Reads the next data row into the room of another one, and says whether there was one. A row
    /// of nothing but blank cells, as spreadsheets leave them below their tables, is as
    /// good as a blank line.
    pub(crate) fn read(&mut self, row: &mut Row) -> Result<bool, Error> {
        if !matches!(row.cells, Cells::Record(_)) {
            row.cells = Cells::Record(StringRecord::new());
        }
        let Cells::Record(record) = &mut row.cells else {
            return Ok(false);
        };
        while let Some(RecordRead { line, misread }) = self.record(record)? {
            if misread.is_some() || !is_blank(record) {
                self.rows += 1;
                row.number = self.rows;
                row.line = line;
                if let Some(misread) = misread {
                    row.cells = misread;
                }
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads the next record that is not a blank line.
    fn record(&mut self, record: &mut StringRecord) -> Result<Option<RecordRead>, Error> {
        self.skip_line_ends()?;
        let line = self.line;
        self.tokenizer.clear();
        self.earlier.clear();
        loop {
            let piece = match self.text.fill() {
                Ok(piece) => piece,
                Err(fault) => return Err(fault.at(&self.source_name, self.line)),
            };
            let at_end = piece.is_empty();
            let length = self.spaces.before(piece);
            if length == 0 && !at_end {
                let blanks = leading(piece);
                self.text.consume(blanks);
                continue;
            }
            let (step, read) = self.tokenizer.read(piece.get(..length).unwrap_or_default());
            let used = piece.get(..read).unwrap_or_default();
            self.spaces.pass(used);
            let whole = match step {
                Step::Record if self.earlier.is_empty() => used,
                _ => {
                    self.earlier.extend_from_slice(used);
                    &self.earlier
                }
            };
            let is_quoted = self.tokenizer.is_quoted(whole.len() + usize::from(at_end));
            (self.line, self.after_return) = match used {
                // Without quotation marks a record's only line end is at its end.
                [.., b'\n'] if !is_quoted && step == Step::Record => (self.line + 1, false),
                _ => {
                    let (breaks, after_return) = line_ends(used, self.after_return);
                    (self.line + breaks, after_return)
                }
            };
            match step {
                Step::End => return Ok(None),
                Step::Record => {
                    let fields = self.tokenizer.cells(whole);
                    let (quotes, text) = inspect_quotes(whole, is_quoted, &fields, self.dialect);
                    if at_end && quotes == QuoteFault::Unclosed {
                        return Err(self.unclosed(line, "before the end of the file"));
                    }
                    take(&fields, record).map_err(|error| Error::Read {
                        source_name: self.source_name.clone(),
                        line,
                        source: std::io::Error::new(std::io::ErrorKind::InvalidData, error),
                    })?;
                    let mut misread = unreadable_row(quotes, text, line);
                    if is_quoted && self.width > 1 && misread.is_none() {
                        let dialect = self.dialect;
                        let cells = line_in_a_cell(&fields, self.width, dialect);
                        let has_lines = memchr::memchr2(b'\n', b'\r', whole.trim_ascii_end());
                        misread = match (cells, has_lines) {
                            (Some(cells), _) => {
                                *record = cells;
                                None
                            }
                            (None, None) => broken_line(record, self.width, dialect),
                            (None, Some(_)) => {
                                swallowed_rows(record, whole, self.width, line, dialect)
                            }
                        };
                    }
                    self.text.consume(read);
                    return Ok(Some(RecordRead { line, misread }));
                }
                _ => self.text.consume(read),
            }
            if self.earlier.len() > LONGEST {
                return Err(self.endless(line, is_quoted));
            }
        }
    }

    fn unclosed(&self, line: u64, until: &'static str) -> Error {
        Error::UnclosedQuote {
            source_name: self.source_name.clone(),
            line,
            until,
        }
    }

    fn endless(&self, line: u64, is_quoted: bool) -> Error {
        if is_quoted {
            return self.unclosed(line, "within 16 MiB");
        }
        Error::EndlessRow {
            source_name: self.source_name.clone(),
            line,
        }
    }

    /// Passes over line ends before a record, so that its line is the one it begins on.
    fn skip_line_ends(&mut self) -> Result<(), Error> {
        let is_spaced = self.dialect.is_spaced;
        loop {
            let piece = match self.text.fill() {
                Ok(piece) => piece,
                Err(fault) => return Err(fault.at(&self.source_name, self.line)),
            };
            let blank = piece
                .iter()
                .take_while(|b| matches!(b, b'\n' | b'\r') || (is_spaced && **b == b' '))
                .count();
            if blank == 0 {
                self.after_return = false;
                return Ok(());
            }
            let (breaks, after_return) =
                line_ends(piece.get(..blank).unwrap_or_default(), self.after_return);
            self.line += breaks;
            self.after_return = after_return;
            self.text.consume(blank);
        }
    }
}

/// Takes over the cells of a record.
fn take(fields: &Fields<'_>, record: &mut StringRecord) -> Result<(), std::str::Utf8Error> {
    // The text was checked as it came in, so this can only fail if the tokenizer cut a character.
    let text = std::str::from_utf8(&fields.bytes)?;
    record.clear();
    let mut start = 0;
    for &end in fields.ends.iter() {
        record.push_field(text.get(start..end).unwrap_or_default());
        start = end;
    }
    Ok(())
}

/// Whether a record is none: blank cells, rules (`----+----`) as a database's client draws it, or a
/// mark that ends the file (Postgres writes `\.`, DOS a control character).
fn is_blank(record: &StringRecord) -> bool {
    matches!(record.get(0).map(trim), Some("\\." | "\u{1a}")) && record.len() == 1
        || is_nothing(record.iter())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::ReadOptions;

    fn next(records: &mut CsvReader) -> Result<Option<Row>, Error> {
        let mut row = Row {
            number: 0,
            line: 0,
            cells: Cells::Record(StringRecord::new()),
        };
        Ok(records.read(&mut row)?.then_some(row))
    }

    fn read(bytes: &'static [u8]) -> Vec<(u64, u64, Vec<String>)> {
        let text = Text::new(Box::new(bytes), encoding_rs::UTF_8, 0);
        let mut records = CsvReader::new(text, "test.csv", Dialect::RFC_4180);
        let mut rows = Vec::new();
        while let Some(row) = next(&mut records).unwrap() {
            let Cells::Record(record) = row.cells else {
                panic!("no record")
            };
            rows.push((
                row.number,
                row.line,
                record.iter().map(str::to_owned).collect(),
            ));
        }
        rows
    }

    fn lines(bytes: &'static [u8]) -> Vec<u64> {
        read(bytes).into_iter().map(|(_, line, _)| line).collect()
    }

    #[test]
    fn a_row_is_numbered_by_its_place_and_its_line() {
        let rows = read(b"a,b\n\n\nc,\"d\ne\"\nf,g");
        assert_eq!(rows[0], (1, 1, vec!["a".into(), "b".into()]));
        assert_eq!(rows[1], (2, 4, vec!["c".into(), "d\ne".into()]));
        assert_eq!(rows[2], (3, 6, vec!["f".into(), "g".into()]));
    }

    #[test]
    fn every_kind_of_line_end_counts_as_one() {
        assert_eq!(lines(b"a\nb\nc\n"), [1, 2, 3]);
        assert_eq!(lines(b"a\r\nb\r\nc\r\n"), [1, 2, 3]);
        assert_eq!(lines(b"a\rb\rc\r"), [1, 2, 3]);
        assert_eq!(lines(b"a\r\n\r\n\"b\r\n\"\r\nc"), [1, 3, 5]);
        assert_eq!(lines(b"\n\r\n\ra\n\rb"), [4, 6]);
    }

    #[test]
    fn rules_between_rows_are_skipped() {
        let rows = read(b"-----+----\na,b\n----,:---:\nc,d\n---,e\n");
        let lines: Vec<_> = rows.iter().map(|(_, line, _)| *line).collect();
        assert_eq!(lines, [2, 4, 5]);
    }

    #[test]
    fn long_records_and_many_fields_fit() {
        let text = format!("{}\na{}\n", "x".repeat(200_000), ",".repeat(500));
        let source = Box::new(std::io::Cursor::new(text.into_bytes()));
        let text = Text::new(source, encoding_rs::UTF_8, 0);
        let mut records = CsvReader::new(text, "test.csv", Dialect::RFC_4180);
        let Cells::Record(long) = next(&mut records).unwrap().unwrap().cells else {
            panic!()
        };
        assert_eq!(long[0].len(), 200_000);
        let Cells::Record(wide) = next(&mut records).unwrap().unwrap().cells else {
            panic!()
        };
        assert_eq!(wide.len(), 501);
    }

    #[test]
    fn a_quotation_mark_that_is_never_closed_is_an_error() {
        for bytes in [&b"a\n\"b\nc\n"[..], b"a\n\"b,c"] {
            let text = Text::new(Box::new(bytes), encoding_rs::UTF_8, 0);
            let mut records = CsvReader::new(text, "test.csv", Dialect::RFC_4180);
            next(&mut records).unwrap();
            let error = next(&mut records).unwrap_err();
            assert_eq!(
                error.to_string(),
                "test.csv:2: unclosed quote: it opens a cell that is not closed before the end of the file"
            );
        }
    }

    #[test]
    fn a_row_without_end_is_no_row_of_a_list() {
        let text = Text::new(Box::new(std::io::repeat(b',')), encoding_rs::UTF_8, 0);
        let mut records = CsvReader::new(text, "test.csv", Dialect::RFC_4180);
        let error = next(&mut records).unwrap_err();
        assert_eq!(
            error.to_string(),
            "test.csv:1: the row that starts here is longer than 16 MiB"
        );
        assert!(error.hint().unwrap().contains("--format"));
    }

    #[test]
    fn rows_of_blank_cells_are_skipped() {
        assert_eq!(lines(b"a,b\n,\n \n\"\",\"\"\nc,\n"), [1, 5]);
    }

    #[test]
    fn marks_that_end_a_file_are_no_rows() {
        assert_eq!(lines(b"a\tb\n\\.\n"), [1]);
        assert_eq!(lines(b"a,b\r\n\x1a"), [1]);
    }

    #[test]
    fn rows_that_a_stray_quote_makes_one_are_no_row_of_the_list() {
        let text: &[u8] = b"a,1\n\"b,2\nc,3\n\"d\",4\ne,5\n";
        for pieces in [1, 7, 64] {
            let text = Text::new(
                Box::new(std::io::BufReader::with_capacity(pieces, text)),
                encoding_rs::UTF_8,
                0,
            );
            let mut records = CsvReader::new(text, "test.csv", Dialect::RFC_4180);
            next(&mut records).unwrap();
            let row = next(&mut records).unwrap().unwrap();
            assert_eq!((row.number, row.line), (2, 2));
            let Cells::Unreadable { text, reason } = row.cells else {
                panic!("{:?}", row.cells)
            };
            assert_eq!(text, "\"b,2\nc,3\n\"d\",4");
            assert!(
                reason.contains("opened on line 2 closes on line 4")
                    && reason.contains("lines 2 to 4 were read as one row"),
                "{reason}"
            );
            assert_eq!(next(&mut records).unwrap().unwrap().line, 5);
        }
    }

    #[test]
    fn blanks_before_quotes_are_passed_over_in_pieces_of_any_size() {
        let text: &[u8] = b"a, b\n  \n1,  \"x, \n y\"\r\n 2,\"z\"\n";
        let dialect = Dialect {
            is_spaced: true,
            ..Dialect::RFC_4180
        };
        for pieces in [1, 3, 64] {
            let source = Box::new(std::io::BufReader::with_capacity(pieces, text));
            let text = Text::new(source, encoding_rs::UTF_8, 0);
            let mut records = CsvReader::new(text, "test.csv", dialect);
            let mut rows = Vec::new();
            while let Some(row) = next(&mut records).unwrap() {
                let Cells::Record(record) = row.cells else {
                    panic!("no record")
                };
                rows.push((row.line, record.iter().collect::<Vec<_>>().join("|")));
            }
            let expected = [(1, "a|b"), (3, "1|x, \n y"), (5, "2|z")];
            assert_eq!(rows, expected.map(|(line, row)| (line, row.to_owned())));
        }
    }

    fn after_header(bytes: &'static [u8], dialect: Dialect) -> Vec<Row> {
        let text = Text::new(Box::new(bytes), encoding_rs::UTF_8, 0);
        let mut records = CsvReader::new(text, "test.csv", dialect);
        records.header(None).unwrap().unwrap();
        std::iter::from_fn(|| next(&mut records).unwrap()).collect()
    }

    #[test]
    fn rows_that_two_quotes_swallow_are_no_row_of_the_list() {
        let text = b"id,domain,name\n1,a.com,\"A\n2,b.com,B\n3,c.com,C Co\"\n4,d.com,D\n";
        let rows = after_header(text, Dialect::RFC_4180);
        let Cells::Unreadable { text, reason } = &rows[0].cells else {
            panic!("{rows:?}")
        };
        assert_eq!(text, "1,a.com,\"A\n2,b.com,B\n3,c.com,C Co\"");
        assert!(
            reason.starts_with("lines 2 to 4 were read as one row"),
            "{reason}"
        );
        assert_eq!((rows[1].number, rows[1].line), (2, 5));
    }

    #[test]
    fn a_line_that_was_saved_as_one_cell_is_read_as_a_line() {
        let cells = |rows: &[Row]| -> Vec<String> {
            let cells = rows.iter().map(|row| match &row.cells {
                Cells::Record(record) => record.iter().collect::<Vec<_>>().join("|"),
                other => format!("{other:?}"),
            });
            cells.collect()
        };
        let text = b"name,domain,id\nA,a.com,1\n\"\"\"B, Inc\"\",b.com,2\"\n\"C, Inc\"\n";
        let rows = after_header(text, Dialect::RFC_4180);
        assert_eq!(cells(&rows), ["A|a.com|1", "B, Inc|b.com|2", "C, Inc"]);
        let wrapped = b"\"name,domain\"\n\"A \"\"B\"\" Co,a.com\"\n\"C,c\"\n";
        let dialect = Dialect::detect(wrapped, &ReadOptions::default(), false);
        assert!(dialect.is_wrapped);
        let rows = after_header(wrapped, dialect);
        assert_eq!(cells(&rows), ["A \"B\" Co|a.com", "C|c"]);
        let rows = after_header(b"name,domain\n\"A,a.com,1\"\n", Dialect::RFC_4180);
        assert!(
            matches!(rows[0].cells, Cells::Unreadable { .. }),
            "{rows:?}"
        );
    }

    #[test]
    fn quotes_follow_rfc_4180() {
        let rows = read(b"\"Smith, \"\"Bob\"\"\",x\"y\n");
        assert_eq!(rows[0].2, ["Smith, \"Bob\"", "x\"y"]);
    }
}
