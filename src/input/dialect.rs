//! How a CSV file separates and quotes its cells.

use super::header::is_known;
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use csv_nose::{SampleSize, Sniffer};

/// The separators that are looked for.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// How many records of the beginning are compared.
const RECORDS: usize = 200;

/// How cells are separated and quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    pub(super) quote: u8,
    /// The character that makes a following quotation mark an ordinary one, besides doubling it.
    pub(super) escape: Option<u8>,
    /// How many bytes a first line that only names the separator (`sep=;`) takes, with its end.
    pub(super) preface: usize,
}

impl Dialect {
    /// Commas and double quotation marks, by RFC 4180.
    pub(super) const RFC_4180: Self = Self {
        delimiter: b',',
        quote: b'"',
        escape: None,
        preface: 0,
    };

    /// The machine that reads this dialect.
    pub(super) fn machine(self) -> Reader {
        ReaderBuilder::new()
            .delimiter(self.delimiter)
            .quote(self.quote)
            .escape(self.escape)
            .build()
    }

    /// Finds out the dialect from the beginning of a file. What is given is not questioned.
    pub(super) fn detect(head: &[u8], given: Option<u8>, tabs_expected: bool) -> Self {
        let (named, preface) = preface(head);
        let head = head.get(preface..).unwrap_or_default();
        let delimiter = given
            .or(named)
            .unwrap_or_else(|| delimiter(head, tabs_expected));
        let mut dialect = Self {
            delimiter,
            preface,
            ..Self::RFC_4180
        };
        if in_single_quotes(first_line(head), delimiter) {
            dialect.quote = b'\'';
        }
        let escaped = Self {
            escape: Some(b'\\'),
            ..dialect
        };
        if memchr::memmem::find(head, &[b'\\', dialect.quote]).is_some()
            && escaped.uneven_records(head) < dialect.uneven_records(head)
        {
            return escaped;
        }
        dialect
    }

    /// How many of the first records have more or fewer cells than the first one. A file that is
    /// written by RFC 4180 has none when it is read so.
    fn uneven_records(self, head: &[u8]) -> usize {
        let records = self.records(head, RECORDS);
        let width = records.first().map_or(0, Vec::len);
        records
            .iter()
            .filter(|record| record.len() != width)
            .count()
    }

    /// The first records of a text.
    fn records(self, text: &[u8], count: usize) -> Vec<Vec<String>> {
        let mut machine = self.machine();
        let mut records = Vec::new();
        let mut rest = text;
        let (mut fields, mut ends) = (vec![0; text.len() + 1], vec![0; text.len() + 1]);
        while records.len() < count && !rest.is_empty() {
            let (result, read, wrote, mut ended) =
                machine.read_record(rest, &mut fields, &mut ends);
            rest = rest.get(read..).unwrap_or_default();
            if result == ReadRecordResult::InputEmpty {
                // The text ends here, and so does its last record.
                let (fields, ends) = (fields.get_mut(wrote..), ends.get_mut(ended..));
                let (Some(fields), Some(ends)) = (fields, ends) else {
                    break;
                };
                ended += machine.read_record(&[], fields, ends).3;
            } else if result != ReadRecordResult::Record {
                break;
            }
            let mut start = 0;
            let mut record = Vec::new();
            for &end in ends.iter().take(ended) {
                let field = fields.get(start..end).unwrap_or_default();
                record.push(String::from_utf8_lossy(field).into_owned());
                start = end;
            }
            // Between the two characters of a line end there is no record.
            if !record.is_empty() {
                records.push(record);
            }
        }
        records
    }
}

/// The separator that a first line such as `sep=;` names, and the length of that line.
fn preface(head: &[u8]) -> (Option<u8>, usize) {
    let line = first_line(head);
    let bare = line
        .strip_prefix(b"\"")
        .and_then(|l| l.strip_suffix(b"\""))
        .unwrap_or(line);
    let named = match bare {
        [s, e, p, b'=', separator]
            if [*s, *e, *p].eq_ignore_ascii_case(b"sep") && separator.is_ascii() =>
        {
            *separator
        }
        _ => return (None, 0),
    };
    let end = match head.get(line.len()..).unwrap_or_default() {
        [b'\r', b'\n', ..] => 2,
        [] => 0,
        _ => 1,
    };
    (Some(named), line.len() + end)
}

/// The text up to the first line end.
fn first_line(head: &[u8]) -> &[u8] {
    let end = memchr::memchr2(b'\n', b'\r', head).unwrap_or(head.len());
    head.get(..end).unwrap_or_default()
}

/// Whether every cell of the line stands in single quotes.
fn in_single_quotes(line: &[u8], delimiter: u8) -> bool {
    line.split(|b| *b == delimiter)
        .all(|cell| cell.len() >= 2 && cell.starts_with(b"'") && cell.ends_with(b"'"))
}

/// The separator: the one that makes the most column names known; where that does not decide, the
/// one that csv-nose finds, if the header holds it; else the most frequent in the header.
fn delimiter(head: &[u8], tabs_expected: bool) -> u8 {
    let header = |delimiter| {
        let dialect = Dialect {
            delimiter,
            ..Dialect::RFC_4180
        };
        dialect
            .records(head, 1)
            .into_iter()
            .next()
            .unwrap_or_default()
    };
    let widths = SEPARATORS.map(|d| (d, header(d)));
    let splits = |d: u8| {
        widths
            .iter()
            .any(|(other, cells)| *other == d && cells.len() > 1)
    };
    let known = |cells: &[String]| {
        cells
            .iter()
            .filter(|cell| is_known(cell.trim_matches(['\'', ' '])))
            .count()
    };
    let most = widths
        .iter()
        .map(|(_, cells)| known(cells))
        .max()
        .unwrap_or_default();
    let best: Vec<_> = widths
        .iter()
        .filter(|(_, cells)| known(cells) == most)
        .collect();
    if let [(delimiter, cells)] = best.as_slice()
        && cells.len() > 1
    {
        return *delimiter;
    }
    if tabs_expected && splits(b'\t') {
        return b'\t';
    }
    let sniffed = Sniffer::new()
        .sample_size(SampleSize::Records(RECORDS))
        .sniff_bytes(head);
    if let Ok(found) = sniffed
        && splits(found.dialect.delimiter)
    {
        return found.dialect.delimiter;
    }
    let widest = widths.iter().rev().max_by_key(|(_, cells)| cells.len());
    widest
        .filter(|(_, cells)| cells.len() > 1)
        .map_or(b',', |(delimiter, _)| *delimiter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(head: &str) -> Dialect {
        Dialect::detect(head.as_bytes(), None, false)
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

    #[test]
    fn what_is_given_is_not_questioned() {
        let dialect = Dialect::detect(b"name;domain\n", Some(b','), true);
        assert_eq!(dialect.delimiter, b',');
    }
}
