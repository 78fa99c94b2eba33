//! Detects the dialect of a CSV file from its first bytes.

use super::delimiter::{
    SEPARATORS, delimiter, first_line, lines_from, preface, start_within, table,
};
use super::dialect::{Dialect, Escapes};
use super::lines::{is_nothing, without_outer_quotes};
use super::quotes::QuoteFault;
use super::spaces::without_spaces;
use super::tokenizer::{records, start_of};
use crate::input::header_row;
use crate::input::line_ends::line_ends;
use crate::input::read_as::ReadOptions;
use std::collections::HashMap;

impl Dialect {
    /// Finds out the dialect from the beginning of a file. What is given is not questioned.
    pub(crate) fn detect(head: &[u8], options: &ReadOptions, tabs_expected: bool) -> Self {
        let (named, preface) = preface(head);
        let head = match options.header_row {
            Some(row) => lines_from(head, row.saturating_sub(1)),
            None => table(head.get(preface..).unwrap_or_default()),
        };
        let bare = without_outer_quotes(head, &SEPARATORS).filter(|_| options.delimiter.is_none());
        if let Some(bare) = bare {
            return Self {
                is_wrapped: true,
                preface,
                ..Self::detect(&bare, &ReadOptions::default(), tabs_expected)
            };
        }
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
        if delimiter == b'\t' && is_text_of_a_database(head) {
            return Self {
                quoting: false,
                escapes: Escapes::Sequences,
                ..plain
            };
        }
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
                escapes: Escapes::Quoted,
                ..quoting
            };
            if has(b'\\', quoting.quote) || has(b'\\', self.delimiter) {
                let anywhere = Self {
                    escapes: Escapes::Anywhere,
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

    /// The number of lines whose records do not match this dialect:
    /// they have more or fewer cells than most, or quotation marks where it has none.
    fn misfits(self, head: &[u8]) -> u64 {
        let head = without_spaces(head, self);
        let records = records(self, &head, usize::MAX);
        let mut widths = HashMap::<usize, usize>::new();
        for (cells, _) in &records {
            *widths.entry(cells.len()).or_default() += 1;
        }
        let width = widths
            .into_iter()
            .max_by_key(|(width, count)| (*count, *width));
        let width = width.map_or(0, |(width, _)| width);
        let misfit = |(cells, text): &(Vec<String>, &[u8])| {
            let text = start_of(text).1;
            let breaks = line_ends(text, false).0;
            match QuoteFault::find(text, self) {
                // The text may be cut within a cell, but one that takes up lines is a mark astray.
                QuoteFault::Unclosed if self.quoting => breaks,
                _ if cells.len() == width && !self.is_misquoted(cells, text) => 0,
                _ => 1 + breaks,
            }
        };
        records.iter().map(misfit).sum()
    }

    fn is_misquoted(self, cells: &[String], text: &[u8]) -> bool {
        let quote = char::from(self.quote);
        if !self.quoting {
            return cells
                .iter()
                .any(|c| c.len() > 1 && c.starts_with(quote) && c.ends_with(quote));
        }
        // A backslash is left before a mark only where the mark is doubled, or the backslash is.
        let has = |text: &[u8], part: &[u8]| memchr::memmem::find(text, part).is_some();
        let escaped = [b'\\', self.quote];
        let explained: &[u8] = match self.escapes {
            Escapes::None => &[b'\\', self.quote, self.quote],
            _ => &[b'\\', b'\\', b'\\', self.quote],
        };
        let left = || cells.iter().any(|c| has(c.as_bytes(), &escaped)) && !has(text, explained);
        let quotes = QuoteFault::find(text, self);
        matches!(
            quotes,
            QuoteFault::Misplaced { .. } | QuoteFault::AfterSpaces
        ) || left()
    }

    /// The first records of a file that are not blank, each with its line.
    pub(crate) fn top(self, head: &[u8]) -> Vec<(u64, Vec<String>)> {
        let text = head.get(self.preface..).unwrap_or_default();
        let (mut line, mut after_return) = (1 + u64::from(self.preface > 0), false);
        let mut top = Vec::new();
        let text = without_spaces(start_within(text), self);
        for (cells, bytes) in records(self, &text, 2 * header_row::LOOKED_AT) {
            let begins = line + line_ends(start_of(bytes).0, after_return).0;
            let (breaks, ends_in_return) = line_ends(bytes, after_return);
            line += breaks;
            after_return = ends_in_return;
            if top.len() < header_row::LOOKED_AT && !is_nothing(cells.iter().map(String::as_str)) {
                top.push((begins, cells));
            }
        }
        top
    }
}

/// Whether a text with tabs is what Postgres's `COPY` and `MySQL`'s client write: a cell holds `\N`
/// or `NULL`, the header is not quoted, and every backslash begins a sequence that they know.
fn is_text_of_a_database(head: &[u8]) -> bool {
    let mut pieces = head.split(|b| *b == b'\\');
    let mut has_any = false;
    pieces.next();
    while let Some(following) = pieces.next() {
        has_any = true;
        let is_known = match following {
            // The second of two, which belongs to the first.
            [] => {
                pieces.next();
                true
            }
            // The end of what Postgres copies.
            [b'.'] | [b'.', b'\r' | b'\n', ..] => true,
            [first, ..] => b"NntrbvfZ0\t".contains(first),
        };
        if !is_known {
            return false;
        }
    }
    let mut cells = head.split(|b| matches!(b, b'\t' | b'\n' | b'\r'));
    has_any
        && !first_line(head).contains(&b'"')
        && cells.any(|cell| matches!(cell, b"\\N" | b"NULL"))
}

/// Whether lines end in carriage returns alone: what line feeds there are, are text.
fn ends_in_returns(head: &[u8]) -> bool {
    let returns = memchr::memchr_iter(b'\r', head).count();
    let feeds = memchr::memchr_iter(b'\n', head).count();
    feeds > 0 && returns > 4 * feeds && memchr::memmem::find(head, b"\r\n").is_none()
}

/// Whether every cell of the line is in single quotes.
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
        assert_eq!(found(one_column).escapes, Escapes::None);
        assert_eq!(found("name\r\n\"\n\\\"\r\n").escapes, Escapes::None);
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
        assert_eq!(escaped.escapes, Escapes::Quoted);
        assert_eq!(
            found("name,domain\n\"C:\\\",a.com\n").escapes,
            Escapes::None
        );
    }

    fn cells(head: &str) -> Vec<String> {
        let records = records(found(head), head.as_bytes(), 2);
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
        assert_eq!(found(&late).escapes, Escapes::Quoted);
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
        let paths = found("name,path,id\nA,C:\\,1\nB,D:\\,2\n");
        assert_eq!(paths.escapes, Escapes::None);
    }

    #[test]
    fn backslashes_that_are_escaped_themselves_turn_no_file_over() {
        let rows = |rows: &[&str]| {
            let text = format!("\"id\",\"name\"\n{}\n", rows.join("\n"));
            let records = records(found(&text), text.as_bytes(), usize::MAX);
            let names = records
                .into_iter()
                .skip(1)
                .map(|(cells, _)| cells[1].clone());
            names.collect::<Vec<_>>()
        };
        let (plain, deep) = (r#""1","Say \"hi\"""#, r#""2","Deep \\\"q\\\"""#);
        let (end, path) = (r#""3","End \\""#, r#""4","AC\\DC""#);
        assert_eq!(rows(&[deep]), [r#"Deep \"q\""#]);
        assert_eq!(rows(&[deep, end]), [r#"Deep \"q\""#, r"End \"]);
        assert_eq!(
            rows(&[plain, deep, end]).concat(),
            r#"Say "hi"Deep \"q\"End \"#
        );
        assert_eq!(
            rows(&[path, plain, deep]).concat(),
            r#"AC\DCSay "hi"Deep \"q\""#
        );
        assert_eq!(rows(&[end, end, plain]).concat(), r#"End \End \Say "hi""#);
        assert_eq!(rows(&[end, path]), [r"End \\", r"AC\\DC"]);
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
    fn the_text_of_databases_has_sequences_and_no_quoting() {
        let copied = "name\tdomain\n\"A\"\\nB \\\\N\t\\N\n\\.\n";
        assert_eq!(found(copied).escapes, Escapes::Sequences);
        let records = records(found(copied), copied.as_bytes(), 2);
        assert_eq!(records[1].0, ["\"A\"\nB \\N", "\\N"]);
        let client = "name\tdomain\nA\\tB\tNULL\n";
        assert_eq!(found(client).escapes, Escapes::Sequences);
        for other in [
            "name\tpath\nA\tC:\\temp\nB\tC:\\new\n",
            "name\tpath\nA\tC:\\temp\nNULL\tC:\\dir\n",
            "\"name\"\t\"path\"\n\"A\\\\B\"\t\\N\n",
            "name,domain\nA\\nB,\\N\n",
            "name\tdomain\nA\tNULL\n",
        ] {
            assert_ne!(found(other).escapes, Escapes::Sequences, "{other}");
        }
    }

    #[test]
    fn a_line_feed_is_text_where_lines_end_in_returns() {
        let text = "name,domain\rA,a.com\rB\nC,b.com\rD,d.com\rE,e.com\r";
        assert_eq!(records(found(text), text.as_bytes(), 9).len(), 5);
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
