//! How a CSV file separates and quotes its cells.

use super::blanks::without_blanks;
use super::quotes::Quotes;
use super::read_as::ReadOptions;
use super::records::line_ends;
use super::separator::{delimiter, first_line, lines_from, preface, start_within, table};
use super::top;
use crate::organization::text::trim;
use csv_core::{ReadRecordResult, Reader, ReaderBuilder, Terminator};
use std::borrow::Cow;
use std::collections::HashMap;

/// How cells are separated and quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are independent of each other"
)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    /// Whether blanks behind a separator belong to it.
    pub(super) is_spaced: bool,
    pub(super) quote: u8,
    /// Whether quotation marks quote at all: in some files of tabs they are text like any other.
    pub(super) quoting: bool,
    /// The character that makes a following quotation mark an ordinary one, besides doubling it.
    pub(super) escape: Option<u8>,
    /// Whether it does so outside of quoted cells too, and to separators.
    pub(super) escape_anywhere: bool,
    /// Whether a line ends in a carriage return and nothing else, so that a line feed is text.
    pub(super) returns_only: bool,
    /// How many bytes a first line that only names the separator (`sep=;`) takes, with its end.
    pub(super) preface: usize,
}

impl Dialect {
    /// Commas and double quotation marks, by RFC 4180.
    pub(super) const RFC_4180: Self = Self {
        delimiter: b',',
        is_spaced: false,
        quote: b'"',
        quoting: true,
        escape: None,
        escape_anywhere: false,
        returns_only: false,
        preface: 0,
    };

    /// The machine that reads this dialect.
    pub(super) fn machine(self) -> Reader {
        ReaderBuilder::new()
            .delimiter(self.delimiter)
            .quote(self.quote)
            .quoting(self.quoting)
            .terminator(if self.returns_only {
                Terminator::Any(b'\r')
            } else {
                Terminator::CRLF
            })
            .escape(self.escape)
            .build()
    }

    /// Finds out the dialect from the beginning of a file. What is given is not questioned.
    pub(super) fn detect(head: &[u8], options: &ReadOptions, tabs_expected: bool) -> Self {
        let (named, preface) = preface(head);
        let head = match options.header_row {
            Some(row) => lines_from(head, row.saturating_sub(1)),
            None => table(head.get(preface..).unwrap_or_default()),
        };
        let delimiter = options
            .delimiter
            .or(named)
            .unwrap_or_else(|| delimiter(head, tabs_expected));
        let plain = Self {
            delimiter,
            preface,
            returns_only: ends_in_returns(head),
            ..Self::RFC_4180
        };
        let candidates = plain.candidates(head);
        if let [only] = candidates.as_slice() {
            return *only;
        }
        let mut judged = candidates.into_iter().map(|d| (d, d.misfits(head)));
        let Some((mut best, mut least)) = judged.next() else {
            return plain;
        };
        let usual = least;
        // RFC 4180 explains most files: another way has to explain this one far better.
        for (dialect, misfits) in judged {
            if misfits * 4 < usual && misfits < least {
                (best, least) = (dialect, misfits);
            }
        }
        best
    }

    /// The ways of quoting that the text gives reason to think of, the usual one first.
    fn candidates(self, head: &[u8]) -> Vec<Self> {
        let has = |first, second| memchr::memmem::find(head, &[first, second]).is_some();
        let single = Self {
            quote: b'\'',
            ..self
        };
        let mut quotings = vec![self];
        if in_single_quotes(first_line(head), self.delimiter) {
            quotings = vec![single];
        } else if has(self.delimiter, b'\'') || has(b'\n', b'\'') || has(b'\r', b'\'') {
            quotings.push(single);
        }
        let is_spaced = |quoting: &Self| {
            let spaced = [self.delimiter, b' ', quoting.quote];
            self.delimiter != b' ' && memchr::memmem::find(head, &spaced).is_some()
        };
        let mut all = Vec::new();
        for quoting in quotings.clone() {
            all.push(quoting);
            all.extend(is_spaced(&quoting).then_some(Self {
                is_spaced: true,
                ..quoting
            }));
        }
        for quoting in quotings {
            let escaped = Self {
                escape: Some(b'\\'),
                ..quoting
            };
            if has(b'\\', quoting.quote) || has(b'\\', self.delimiter) {
                let anywhere = Self {
                    escape_anywhere: true,
                    ..escaped
                };
                all.extend([escaped, anywhere]);
            }
        }
        if self.delimiter == b'\t' && memchr::memchr(b'"', head).is_some() {
            all.push(Self {
                quoting: false,
                ..self
            });
        }
        all
    }

    /// On how many lines stand records that do not look as if they were written in this dialect:
    /// they have more or fewer cells than most, or quotation marks where it has none.
    fn misfits(self, head: &[u8]) -> usize {
        let head = without_blanks(head, self);
        let records = self.records(&head, usize::MAX);
        let mut widths = HashMap::<usize, usize>::new();
        for (cells, _) in &records {
            *widths.entry(cells.len()).or_default() += 1;
        }
        let width = widths
            .into_iter()
            .max_by_key(|(width, count)| (*count, *width));
        let width = width.map_or(0, |(width, _)| width);
        let misfit = |(cells, text): &&(Vec<String>, &[u8])| {
            cells.len() != width || self.is_misquoted(cells, start_of(text).1)
        };
        let lines = |text: &[u8]| 1 + memchr::memchr_iter(b'\n', text).count();
        records
            .iter()
            .filter(misfit)
            .map(|(_, text)| lines(text))
            .sum()
    }

    fn is_misquoted(self, cells: &[String], text: &[u8]) -> bool {
        let quote = char::from(self.quote);
        if !self.quoting {
            return cells
                .iter()
                .any(|c| c.len() > 1 && c.starts_with(quote) && c.ends_with(quote));
        }
        let escaped = [b'\\', self.quote];
        let doubled = [b'\\', self.quote, self.quote];
        // No writer of RFC 4180 leaves a backslash before a mark that is not doubled.
        let left = || {
            cells
                .iter()
                .any(|c| memchr::memmem::find(c.as_bytes(), &escaped).is_some())
                && memchr::memmem::find(text, &doubled).is_none()
        };
        let quotes = Quotes::of(text, self);
        matches!(quotes, Quotes::Misplaced { .. } | Quotes::BehindBlanks) || left()
    }

    /// The cells of a record, one after another, and where each ends, without the escapes that the
    /// machine does not know.
    pub(super) fn unescaped<'a>(
        self,
        fields: &'a [u8],
        ends: &'a [usize],
    ) -> (Cow<'a, [u8]>, Cow<'a, [usize]>) {
        if !self.escape_anywhere || memchr::memchr(b'\\', fields).is_none() {
            return (fields.into(), ends.into());
        }
        let (mut out, mut out_ends) = (Vec::new(), Vec::new());
        let mut start = 0;
        for (place, &end) in ends.iter().enumerate() {
            let mut bytes = fields.get(start..end).unwrap_or_default().iter().copied();
            let mut goes_on = false;
            while let Some(byte) = bytes.next() {
                match (byte, bytes.clone().next()) {
                    (b'\\', Some(next)) if [b'\\', self.quote].contains(&next) => {
                        out.extend(bytes.next());
                    }
                    (b'\\', None) if place + 1 < ends.len() => {
                        out.push(self.delimiter);
                        goes_on = true;
                    }
                    _ => out.push(byte),
                }
            }
            if !goes_on {
                out_ends.push(out.len());
            }
            start = end;
        }
        (out.into(), out_ends.into())
    }

    /// The first records of a file that are not blank, each with its line.
    pub(super) fn top(self, head: &[u8]) -> Vec<(u64, Vec<String>)> {
        let text = head.get(self.preface..).unwrap_or_default();
        let (mut line, mut after_return) = (1 + u64::from(self.preface > 0), false);
        let mut top = Vec::new();
        let text = without_blanks(start_within(text), self);
        for (cells, bytes) in self.records(&text, 2 * top::LOOKED_AT) {
            let begins = line + line_ends(start_of(bytes).0, after_return).0;
            let (breaks, ends_in_return) = line_ends(bytes, after_return);
            line += breaks;
            after_return = ends_in_return;
            if top.len() < top::LOOKED_AT && cells.iter().any(|cell| !trim(cell).is_empty()) {
                top.push((begins, cells));
            }
        }
        top
    }

    /// The first records of a text, each with its bytes and the line ends before it.
    pub(super) fn records(self, text: &[u8], count: usize) -> Vec<(Vec<String>, &[u8])> {
        let mut machine = self.machine();
        let mut records = Vec::new();
        let mut rest = text;
        let (mut fields, mut ends) = (vec![0; text.len() + 1], vec![0; text.len() + 1]);
        while records.len() < count && !rest.is_empty() {
            let (result, read, mut written, mut ended) =
                machine.read_record(rest, &mut fields, &mut ends);
            let (bytes, behind) = rest.split_at_checked(read).unwrap_or_default();
            rest = behind;
            if result == ReadRecordResult::InputEmpty {
                // The text ends here, and so does its last record.
                let (fields, ends) = (fields.get_mut(written..), ends.get_mut(ended..));
                let (Some(fields), Some(ends)) = (fields, ends) else {
                    break;
                };
                let (_, _, last, last_ended) = machine.read_record(&[], fields, ends);
                written += last;
                ended += last_ended;
            } else if result != ReadRecordResult::Record {
                break;
            }
            let fields = fields.get(..written).unwrap_or_default();
            let ends = ends.get(..ended).unwrap_or_default();
            let (fields, ends) = self.unescaped(fields, ends);
            let mut start = 0;
            let mut record = Vec::new();
            for &end in ends.iter() {
                let field = fields.get(start..end).unwrap_or_default();
                record.push(String::from_utf8_lossy(field).into_owned());
                start = end;
            }
            // Between the two characters of a line end there is no record.
            if !record.is_empty() {
                records.push((record, bytes));
            }
        }
        records
    }
}

/// The line ends before a record, and the record.
fn start_of(text: &[u8]) -> (&[u8], &[u8]) {
    let before = text.iter().take_while(|b| matches!(b, b'\n' | b'\r'));
    text.split_at_checked(before.count()).unwrap_or_default()
}

/// Whether lines end in carriage returns alone: what line feeds there are, are text.
fn ends_in_returns(head: &[u8]) -> bool {
    let returns = memchr::memchr_iter(b'\r', head).count();
    let feeds = memchr::memchr_iter(b'\n', head).count();
    feeds > 0 && returns > 4 * feeds && memchr::memmem::find(head, b"\r\n").is_none()
}

/// Whether every cell of the line stands in single quotes.
fn in_single_quotes(line: &[u8], delimiter: u8) -> bool {
    line.split(|b| *b == delimiter)
        .all(|cell| cell.len() >= 2 && cell.starts_with(b"'") && cell.ends_with(b"'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(head: &str) -> Dialect {
        Dialect::detect(head.as_bytes(), &ReadOptions::default(), false)
    }

    #[test]
    fn a_backslash_at_the_end_of_a_cell_is_no_escape_where_rfc_4180_explains_the_file() {
        let one_column = "name\n\"\"\"\\\"\n\"\nñ\n\"";
        assert_eq!(found(one_column).escape, None);
        assert_eq!(found("name\r\n\"\n\\\"\r\n").escape, None);
    }

    #[test]
    fn the_separator_is_told_from_the_header() {
        assert_eq!(found("name;domain\nA, B and C;a.com\n").delimiter, b';');
        assert_eq!(
            found("Company Name\tWebsite\nA,B\ta.com\n").delimiter,
            b'\t'
        );
        assert_eq!(found("name|domains\nA|a.com;b.com\n").delimiter, b'|');
        assert_eq!(found("name,\"domain; web\"\nA,a.com\n").delimiter, b',');
        assert_eq!(found("Firma;Ort, Land\nA;b, c\nB;d, e\n").delimiter, b';');
        assert_eq!(found("name\nAcme; Inc\n").delimiter, b',');
        assert_eq!(
            found("Company\n1;A;a.com\n2;B, Inc;b.com\n").delimiter,
            b';'
        );
        assert_eq!(found("name;domain").delimiter, b';');
        assert_eq!(found("").delimiter, b',');
    }

    #[test]
    fn a_first_line_may_name_the_separator() {
        let dialect = found("sep=;\r\nname;domain\r\n");
        assert_eq!((dialect.delimiter, dialect.preface), (b';', 7));
        let dialect = found("\"sep=|\"\nname|domain\n");
        assert_eq!((dialect.delimiter, dialect.preface), (b'|', 8));
        assert_eq!(found("SEP=\t\nname\tdomain\n").delimiter, b'\t');
        assert_eq!(found("sep=\nname,domain\n").preface, 0);
    }

    #[test]
    fn quoting_is_told_from_the_beginning() {
        assert_eq!(found("'name','domain'\n'A, B','a.com'\n").quote, b'\'');
        assert_eq!(found("name,domain\n'A',a.com\n").quote, b'"');
        let escaped = found("name,domain\n\"The \\\"A\\\", B\",a.com\n");
        assert_eq!(escaped.escape, Some(b'\\'));
        assert_eq!(found("name,domain\n\"C:\\\",a.com\n").escape, None);
    }

    fn cells(head: &str) -> Vec<String> {
        let records = found(head).records(head.as_bytes(), 2);
        records.last().unwrap().0.clone()
    }

    #[test]
    fn a_backslash_before_text_escapes_even_where_the_cells_still_fit() {
        let text = "name,domain\n\"The \\\"A\\\" Co\",a.com\n\"C:\\\\\",b.com\n";
        assert_eq!(cells(text), ["The \"A\" Co", "a.com"]);
        assert_eq!(
            cells("'name','domain'\n'O\\'Brien & Co','a.com'\n"),
            ["O'Brien & Co", "a.com"]
        );
        let late = format!(
            "name,domain\n{}\"x\\\"y\",a.com\n",
            "A,a.com\n".repeat(30_000)
        );
        assert_eq!(found(&late).escape, Some(b'\\'));
    }

    #[test]
    fn python_escapes_outside_of_quoted_cells_too() {
        let text = "name,domain\nThe \\\"A\\\" Co,a.com\n";
        assert_eq!(cells(text), ["The \"A\" Co", "a.com"]);
        assert_eq!(
            cells("name,domain\nSmith\\, Jones,a.com\n"),
            ["Smith, Jones", "a.com"]
        );
        assert_eq!(cells("name,path\nA,C:\\\n"), ["A", "C:\\"]);
        assert!(!found("name,path,id\nA,C:\\,1\nB,D:\\,2\n").escape_anywhere);
    }

    #[test]
    fn blanks_may_stand_before_quotation_marks() {
        assert!(found("id, name\n1, \"Acme, Inc.\"\n2,\"B\"\n").is_spaced);
        assert!(!found("id,name\n1,\"A, \"\"B\"\"\"\n2, B\n").is_spaced);
        assert!(!found("id,name\n1, \"Best\" Foods\n2,B\n").is_spaced);
    }

    #[test]
    fn only_some_cells_may_be_in_single_quotes() {
        assert_eq!(found("name,domain\nA,a.com\n'B, Inc',b.com\n").quote, b'\'');
        assert_eq!(
            found("name,domain\n't Hof,a.com\nJoe's,b.com\n").quote,
            b'"'
        );
    }

    #[test]
    fn quotation_marks_in_a_file_of_tabs_may_be_text() {
        assert_eq!(
            cells("name\tdomain\n\"Acme\" Inc\ta.com\n"),
            ["\"Acme\" Inc", "a.com"]
        );
        assert_eq!(
            cells("name\tdomain\n\"Acme, Inc\"\ta.com\n"),
            ["Acme, Inc", "a.com"]
        );
    }

    #[test]
    fn a_line_feed_is_text_where_lines_end_in_returns() {
        let text = "name,domain\rA,a.com\rB\nC,b.com\rD,d.com\rE,e.com\r";
        assert_eq!(found(text).records(text.as_bytes(), 9).len(), 5);
    }

    #[test]
    fn the_separator_is_told_from_the_table_below_a_title() {
        assert_eq!(
            found("Customers, as of May\n\nname;domain\nA, B;a.com\n").delimiter,
            b';'
        );
        let dialect = found("Title\r\n\r\n;;\r\nname;domain\r\n\"A\nB\";a.com\r\nC;c.com\r\n");
        let text = b"Title\r\n\r\n;;\r\nname;domain\r\n\"A\nB\";a.com\r\nC;c.com\r\n";
        let lines: Vec<_> = dialect
            .top(text)
            .into_iter()
            .map(|(line, _)| line)
            .collect();
        assert_eq!(lines, [1, 4, 5, 7]);
    }

    #[test]
    fn what_is_given_is_not_questioned() {
        let options = ReadOptions {
            delimiter: Some(b','),
            ..ReadOptions::default()
        };
        let dialect = Dialect::detect(b"name;domain\n", &options, true);
        assert_eq!(dialect.delimiter, b',');
    }
}
