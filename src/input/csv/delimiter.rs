//! Detects the delimiter of a CSV file and where its table begins, from the known names of its
//! columns.

use super::dialect::Dialect;
use super::tokenizer::records;
use crate::input::header_row::{self, known};
use csv_nose::{SampleSize, Sniffer};

/// The separators that are looked for.
pub(crate) const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// How much of the beginning is compared for the separator: so many records, and bytes.
const RECORDS: usize = 200;
const BYTES: usize = 64 * 1024;

/// The separator that a first line such as `sep=;` names, and the length of that line.
pub(crate) fn preface(head: &[u8]) -> (Option<u8>, usize) {
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

/// The text without its first lines.
pub(crate) fn lines_from(text: &[u8], skipped: u64) -> &[u8] {
    let mut rest = text;
    for _ in 0..skipped {
        if rest.is_empty() {
            break;
        }
        let line = first_line(rest).len();
        let end = match rest.get(line..) {
            Some([b'\r', b'\n', ..]) => 2,
            _ => 1,
        };
        rest = rest.get(line + end..).unwrap_or_default();
    }
    rest
}

/// The text from the line on that names the most columns that we know; all of it if none names two.
pub(crate) fn table(text: &[u8]) -> &[u8] {
    let known_in = |line: &[u8]| {
        // A line that is not split names no two columns.
        let separators = SEPARATORS.iter().filter(|it| line.contains(it));
        let counts = separators.map(|delimiter| {
            let dialect = Dialect {
                delimiter: *delimiter,
                ..Dialect::RFC_4180
            };
            let header = records(dialect, line, 1);
            header.first().map_or(0, |(cells, _)| known(cells))
        });
        counts.max().unwrap_or_default()
    };
    let (mut best, mut most) = (text, 1);
    let mut rest = text;
    for _ in 0..header_row::LOOKED_AT {
        let count = known_in(first_line(rest));
        if count > most {
            (best, most) = (rest, count);
        }
        rest = lines_from(rest, 1);
    }
    best
}

/// The part of a text that is used to detect the delimiter.
pub(crate) fn start_within(text: &[u8]) -> &[u8] {
    text.get(..BYTES).unwrap_or(text)
}

/// The text up to the first line end.
pub(crate) fn first_line(head: &[u8]) -> &[u8] {
    let end = memchr::memchr2(b'\n', b'\r', head).unwrap_or(head.len());
    head.get(..end).unwrap_or_default()
}

/// The separator: the one that makes the most column names known; where that does not decide, the
/// one that csv-nose finds, if the header holds it; else the most frequent in the header.
pub(crate) fn delimiter(head: &[u8], tabs_expected: bool) -> u8 {
    let head = start_within(head);
    let header = |delimiter| {
        let dialect = Dialect {
            delimiter,
            ..Dialect::RFC_4180
        };
        records(dialect, head, 1)
            .into_iter()
            .next()
            .map(|(cells, _)| cells)
            .unwrap_or_default()
    };
    let widths = SEPARATORS.map(|d| (d, header(d)));
    let splits = |d: u8| {
        widths
            .iter()
            .any(|(other, cells)| *other == d && cells.len() > 1)
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
        .map(|(delimiter, _)| *delimiter)
        .or_else(|| below_a_title(head))
        .unwrap_or(b',')
}

/// The separator that gives all rows below the first line the same number of cells, of which the
/// first line has one.
fn below_a_title(head: &[u8]) -> Option<u8> {
    SEPARATORS.into_iter().find(|delimiter| {
        let dialect = Dialect {
            delimiter: *delimiter,
            ..Dialect::RFC_4180
        };
        let records = records(dialect, head, header_row::LOOKED_AT);
        let mut widths = records.iter().skip(1).map(|(cells, _)| cells.len());
        let first = widths.next().unwrap_or_default();
        first > 1 && records.len() > 2 && widths.all(|width| width == first)
    })
}
