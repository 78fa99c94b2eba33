//! Cells that hold lines of the list: rows that quotation marks have swallowed, and lines that a
//! spreadsheet has saved as one cell.

use super::dialect::Dialect;
use super::tokenizer::{Fields, records};
use crate::input::header_row;
use crate::input::line_ends::line_ends;
use crate::table::Cells;
use crate::text::trim;
use csv::StringRecord;

/// A record with a cell whose lines are rows of the list: two quotation marks that belong to texts
/// pair up over several lines, and everything between them becomes one cell.
pub(crate) fn swallowed_rows(
    record: &StringRecord,
    text: &[u8],
    width: usize,
    line: u64,
    dialect: Dialect,
) -> Option<Cells> {
    let holds =
        |(place, cell): (usize, &str)| holds_rows(cell, place, record.len(), width, dialect);
    let cell = record.iter().enumerate().find(|cell| holds(*cell))?.1;
    let text = String::from_utf8_lossy(text);
    let text = text.trim_end_matches(['\n', '\r']).to_owned();
    let last = line + line_ends(text.as_bytes(), false).0;
    let rows = line_ends(cell.as_bytes(), false).0 + 1;
    let reason = format!(
        "lines {line} to {last} were read as one row, because a quoted cell contains {rows} lines \
         with as many cells as the list has columns: double a quote that belongs to the text, or \
         remove the stray quotes"
    );
    Some(Cells::Unreadable { text, reason })
}

/// Whether each line of a quoted cell continues or begins a row of the list.
fn holds_rows(cell: &str, place: usize, cells: usize, width: usize, dialect: Dialect) -> bool {
    if width < 2 || !cell.contains(['\n', '\r']) {
        return false;
    }
    let mut lines = cell.lines().map(|line| separators(line, dialect));
    let first = lines.next().unwrap_or_default();
    let mut lines: Vec<_> = lines.collect();
    let whole = |count: &usize| *count + 1 == width;
    let Some(last) = lines.pop() else {
        return false;
    };
    // The rest of the first row, whole rows, and the beginning of the last one.
    let is_exact = place + first + 1 == width
        && lines.iter().all(whole)
        && last + cells.saturating_sub(place) == width;
    is_exact || (width > 2 && lines.iter().any(whole))
}

/// How many separators a line holds that no space follows, as it does in prose.
fn separators(line: &str, dialect: Dialect) -> usize {
    let bytes = line.as_bytes();
    let follows = |at: usize| bytes.get(at + 1) != Some(&b' ') || dialect.is_spaced;
    memchr::memchr_iter(dialect.delimiter, bytes)
        .filter(|at| follows(*at))
        .count()
}

/// The cells of a line that was saved as one quoted cell, if the only cell of a record is one.
pub(crate) fn line_in_a_cell(
    fields: &Fields<'_>,
    width: usize,
    dialect: Dialect,
) -> Option<StringRecord> {
    if width < 2 || fields.ends.len() != 1 {
        return None;
    }
    let cell = std::str::from_utf8(&fields.bytes).ok()?;
    let cells = split(cell, dialect)?;
    let rest = || cells.iter().skip(1);
    let is_line = dialect.is_wrapped
        || width > 2
        || cell.contains(char::from(dialect.quote))
        || rest().any(|cell| cell.contains('.') && !cell.contains(' '));
    (cells.len() == width && is_line).then(|| cells.iter().collect())
}

/// A record whose only cell is a line with another number of cells than the list has columns.
pub(crate) fn broken_line(record: &StringRecord, width: usize, dialect: Dialect) -> Option<Cells> {
    let cell = record.get(0).filter(|_| width > 1 && record.len() == 1)?;
    let count = separators(cell, dialect) + 1;
    (count > 2 && split(cell, dialect).is_some()).then(|| Cells::Unreadable {
        text: cell.to_owned(),
        reason: format!(
            "the whole line is one quoted cell, and has {count} parts where the list has {width} \
             columns: remove the quotes around the line"
        ),
    })
}

/// The cells of a line, none of which begins with a space as the clauses of a sentence do.
pub(crate) fn split(line: &str, dialect: Dialect) -> Option<Vec<String>> {
    let (cells, _) = records(dialect, line.as_bytes(), 1).into_iter().next()?;
    let is_prose = !dialect.is_spaced && cells.iter().skip(1).any(|cell| cell.starts_with(' '));
    (cells.len() > 1 && !is_prose).then_some(cells)
}

/// The text of a file in which each line is in quotation marks as a whole, without these; `None` if
/// it is not so.
pub(crate) fn without_outer_quotes(head: &[u8], separators: &[u8]) -> Option<Vec<u8>> {
    let no_separator = Dialect {
        delimiter: 0,
        ..Dialect::RFC_4180
    };
    if !head.starts_with(b"\"") {
        return None;
    }
    let lines = records(no_separator, head, usize::MAX);
    let is_whole = |text: &[u8]| {
        let text = text.trim_ascii();
        super::quotes::QuoteFault::find(text, no_separator) == super::quotes::QuoteFault::None
    };
    let (header, _) = lines.first()?;
    let header = header.first()?;
    let names_columns = separators.iter().any(|delimiter| {
        let dialect = Dialect {
            delimiter: *delimiter,
            ..Dialect::RFC_4180
        };
        split(header, dialect).is_some_and(|cells| header_row::known(&cells) > 0)
    });
    if !names_columns || !lines.iter().take(20).all(|(_, text)| is_whole(text)) {
        return None;
    }
    let lines = lines
        .into_iter()
        .filter_map(|(cells, _)| cells.into_iter().next());
    Some(
        lines
            .flat_map(|line| line.into_bytes().into_iter().chain(*b"\n"))
            .collect(),
    )
}

/// Whether all cells are blank, or those that are not are rules.
pub(super) fn is_nothing<'a>(cells: impl Iterator<Item = &'a str>) -> bool {
    let mut filled = cells.map(trim).filter(|cell| !cell.is_empty());
    filled.all(is_rule)
}

/// Whether a text is a line that separates a header from rows: `----+----`, `:---:`.
fn is_rule(text: &str) -> bool {
    text.len() >= 3 && text.starts_with(['-', '=', '+', ':']) && {
        let is_line = |b: u8| matches!(b, b'-' | b'=' | b'+' | b':');
        text.bytes().all(is_line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn swallowed(cells: &[&str], width: usize) -> bool {
        let record = StringRecord::from(cells.to_vec());
        swallowed_rows(&record, b"", width, 2, Dialect::RFC_4180).is_some()
    }

    #[test]
    fn a_cell_that_holds_rows_is_told_from_one_that_holds_lines() {
        assert!(swallowed(&["1", "a.com", "A\n2,b.com,B\n3,c.com,C"], 3));
        assert!(swallowed(&["1", "A,x\n2,B,y\n3,C", "x"], 3));
        assert!(swallowed(&["A,a.com\nB,b.com\nC", "c.com"], 2));
        assert!(swallowed(&["1", "a.com", "A\r\n2,b.com,B\r\n3,c.com,C"], 3));
        // The rows between are whole, whatever the last one is.
        assert!(swallowed(&["1", "a.com", "A\n2,b.com,B\nC"], 3));
        for address in [
            "1 Main St\nSpringfield, IL, 62701",
            "1 Main St\nLyon",
            "a\nb\nc",
        ] {
            assert!(!swallowed(&["1", "A", address], 3), "{address}");
        }
        assert!(!swallowed(&["A\nB,C"], 1));
        assert!(!swallowed(&["A", "x\ny"], 2));
    }

    #[test]
    fn lines_in_quotation_marks_are_told_from_cells() {
        let bare = |head: &str| {
            let text = without_outer_quotes(head.as_bytes(), b",;");
            text.map(|text| String::from_utf8(text).unwrap())
        };
        assert_eq!(
            bare("\"name,domain\"\n\"A \"\"B\"\",a.com\"\n").as_deref(),
            Some("name,domain\nA \"B\",a.com\n")
        );
        for usual in [
            "\"name\",\"domain\"\n\"A\",\"a.com\"\n",
            "\"Company, legal name\"\n\"A, Inc\"\n",
            "\"name\"\n\"A,Inc\"\n",
            "name,domain\n\"A,a.com\"\n",
        ] {
            assert_eq!(bare(usual), None, "{usual}");
        }
    }
}
