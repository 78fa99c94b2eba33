//! Finds the header row: titles and blank lines may precede it.
//!
//! Nothing is skipped silently. If the header is further down, the user is asked to say
//! so with `--header-row`.

use super::error::Error;
use super::read_as::InputFormat;
use crate::columns::{self, Role};
use crate::text::trim;

/// How many records are looked at.
pub(super) const LOOKED_AT: usize = 20;

/// The first records of a table that are not blank, each with its line.
pub(super) type Top = [(u64, Vec<String>)];

/// How many cells of a record are names of columns that we know.
pub(super) fn known(cells: &[String]) -> usize {
    cells
        .iter()
        .filter(|cell| columns::is_known(cell.trim_matches(['\'', ' '])))
        .count()
}

/// Whether a record names the column of the names, and another one.
fn is_header(cells: &[String]) -> bool {
    known(cells) > 1 && names_the_name(cells)
}

fn names_the_name(cells: &[String]) -> bool {
    let is_name = |cell: &String| matches!(columns::role(cell), Some((Role::Name, _)));
    cells.iter().any(is_name)
}

/// The record that seems to be the header.
pub(super) fn found(top: &Top) -> Option<&(u64, Vec<String>)> {
    top.iter().find(|(_, cells)| is_header(cells))
}

/// Refuses a first record that is a title or the like: it has fewer cells than the header below it.
/// A record with as many is a header itself, and what is below it a row that holds such words.
///
/// # Errors
/// [`Error::HeaderBelow`] if the columns are named further down; [`Error::NarrowHeader`] if the first
/// record names one column, and most below it have more cells.
pub(super) fn check(top: &Top, source_name: &str, format: InputFormat) -> Result<(), Error> {
    let Some(((line, first), rows)) = top.split_first() else {
        return Ok(());
    };
    if let Some(cell) = first.iter().find(|cell| is_data(cell)) {
        return Err(Error::DataInHeader {
            source_name: source_name.to_owned(),
            line: *line,
            cell: cell.clone(),
        });
    }
    let filled = |cells: &[String]| cells.iter().filter(|cell| !trim(cell).is_empty()).count();
    let width = |cells: &[String]| cells.iter().rposition(|cell| !trim(cell).is_empty());
    // A column without a name, such as a written index, may precede the only one that has one.
    let widest = rows.iter().map(|(_, cells)| width(cells)).max();
    let is_narrow = filled(first) == 1 && widest.is_none_or(|widest| width(first) < widest);
    if let Some((below, cells)) = found(rows)
        && filled(first) < filled(cells)
        && (is_narrow || !names_the_name(first) || are_groups(first, cells))
    {
        return Err(Error::HeaderBelow {
            source_name: source_name.to_owned(),
            line: *below,
            header: cells.clone(),
        });
    }
    let mut wider = rows
        .iter()
        .filter(|(_, cells)| filled(cells) > 1)
        .peekable();
    let below = wider.peek().map(|(line, cells)| (*line, cells.clone()));
    if !is_narrow || wider.count() * 2 <= rows.len() {
        return Ok(());
    }
    Err(match below {
        Some((below, header)) if known(&header) > 0 && known(first) == 0 => Error::HeaderBelow {
            source_name: source_name.to_owned(),
            line: below,
            header,
        },
        below => Error::NarrowHeader {
            source_name: source_name.to_owned(),
            line: *line,
            below: below.map_or(*line, |(below, _)| below),
            format,
        },
    })
}

/// Whether a record names groups of columns: it is blank above some of the names in the next one,
/// which are better known.
fn are_groups(first: &[String], names: &[String]) -> bool {
    let is_blank = |cell: Option<&String>| cell.is_none_or(|cell| trim(cell).is_empty());
    let is_full = names.iter().all(|name| !is_blank(Some(name)));
    let has_gaps = (0..names.len()).any(|at| is_blank(first.get(at)));
    is_full && has_gaps && known(names) > known(first)
}

/// Whether a cell is what a row holds, and no name of a column: a URL, an e-mail address, a UUID.
fn is_data(cell: &str) -> bool {
    let cell = trim(cell);
    let is_word = || !cell.contains(char::is_whitespace);
    let is_url = || cell.contains("://") || cell.starts_with("www.");
    let is_address = || {
        let parts = cell.split_once('@');
        parts.is_some_and(|(before, host)| !before.is_empty() && host.contains('.'))
    };
    let is_uuid = || {
        let lengths = cell.split('-').map(str::len);
        cell.len() == 36
            && lengths.eq([8, 4, 4, 4, 12])
            && cell.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
    };
    (is_url() || is_address() || is_uuid()) && is_word()
}

/// Refuses a header of one cell that a separator would divide which is not looked for, as it divides
/// all rows below alike or gives names of columns.
///
/// # Errors
/// [`Error::OtherDelimiter`], with that separator.
pub(super) fn check_delimiter(
    top: &Top,
    source_name: &str,
    format: InputFormat,
) -> Result<(), Error> {
    let Some(((line, first), rows)) = top.split_first() else {
        return Ok(());
    };
    let one = |cells: &[String]| match cells {
        [cell, rest @ ..] if rest.iter().all(|cell| trim(cell).is_empty()) => Some(cell.clone()),
        _ => None,
    };
    let Some(header) = one(first) else {
        return Ok(());
    };
    let is_separator = |c: &char| c.is_ascii_control() || "^:~!*$%|;,#\t".contains(*c);
    let divides = |separator: &char| {
        let parts: Vec<_> = header.split(*separator).map(str::to_owned).collect();
        let count = |text: &str| text.matches(*separator).count() + 1;
        let is_alike = |(_, cells): &(u64, Vec<String>)| {
            one(cells).is_some_and(|cell| count(&cell) == parts.len())
        };
        let is_even = !rows.is_empty() && rows.iter().all(is_alike);
        let is_prose = header.contains(&format!("{separator} "));
        parts.len() > 1 && !is_prose && (known(&parts) > 1 || known(&parts) > 0 && is_even)
    };
    match header.chars().filter(is_separator).find(divides) {
        None => Ok(()),
        Some(delimiter) => Err(Error::OtherDelimiter {
            source_name: source_name.to_owned(),
            line: *line,
            header,
            delimiter,
            format,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(records: &[&[&str]]) -> Result<(), Error> {
        let cells = |record: &&[&str]| record.iter().map(|cell| (*cell).to_owned()).collect();
        let top: Vec<_> = (1..).zip(records.iter().map(cells)).collect();
        check(&top, "test.csv", InputFormat::Csv)
    }

    #[test]
    fn a_row_that_holds_the_names_of_columns_is_no_header() {
        for header in [
            ["Company Nmae", "Type", "Origin"],
            ["Bezeichnung", "Art", "Herkunft"],
        ] {
            checked(&[&header, &["Acme", "Customer", "Website"]]).unwrap();
        }
    }

    #[test]
    fn names_of_groups_above_the_header_are_no_header() {
        let rows: [&[&str]; 3] = [
            &["Company", "", "Contact", ""],
            &["Name", "Website", "First Name", "E-mail"],
            &["Acme", "acme.com", "Ann", "ann@acme.com"],
        ];
        let error = checked(&rows).unwrap_err();
        assert!(
            matches!(error, Error::HeaderBelow { line: 2, .. }),
            "{error}"
        );
        checked(&[&["Company", "", "Site"], &["Name Co", "x", "Website"]]).unwrap();
    }

    #[test]
    fn a_header_of_one_cell_that_a_separator_would_divide_is_refused() {
        let separator = |header: &str, row: &str| {
            let top = [(1, vec![header.to_owned()]), (2, vec![row.to_owned()])];
            match check_delimiter(&top, "test.csv", InputFormat::Csv) {
                Err(Error::OtherDelimiter { delimiter, .. }) => Some(delimiter),
                _ => None,
            }
        };
        assert_eq!(separator("name^domain", "A^a.com"), Some('^'));
        assert_eq!(separator("name:plan", "A:pro"), Some(':'));
        assert_eq!(separator("name#domain", "A#a.com"), Some('#'));
        assert_eq!(separator("name\u{1}domain", "A\u{1}a.com"), Some('\u{1}'));
        for header in [
            "Account: Name",
            "name",
            "Company",
            "Firma X",
            "name*",
            "Account #",
        ] {
            assert_eq!(separator(header, "Acme: the company"), None, "{header}");
        }
    }

    #[test]
    fn a_title_above_one_known_name_gives_the_line_of_the_header() {
        let notes: &[&str] = &["Notes:"];
        let header: &[&str] = &["First", "Company", "Position"];
        let error = checked(&[notes, header, &["Ann", "Acme", "CEO"]]).unwrap_err();
        assert!(
            matches!(error, Error::HeaderBelow { line: 2, .. }),
            "{error}"
        );
        let other: &[&str] = &["Firma X", "Ort"];
        let error = checked(&[notes, notes, other, &["A", "B"], &["C", "D"]]).unwrap_err();
        assert!(
            matches!(error, Error::NarrowHeader { below: 3, .. }),
            "{error}"
        );
    }

    #[test]
    fn a_column_without_a_name_may_come_first() {
        checked(&[&["", "name"], &["0", "Acme"], &["1", "Beta"]]).unwrap();
    }

    #[test]
    fn a_row_is_no_header() {
        for cell in [
            "https://acme.com",
            "it@acme.com",
            "0b7e4e0e-1f0a-4f6e-9a51-0d9c1e1c2f3a",
        ] {
            let error = checked(&[&["Account", cell], &["Beta", "x"]]).unwrap_err();
            assert!(matches!(error, Error::DataInHeader { .. }), "{error}");
        }
        checked(&[
            &["Company", "Website (https://…)", "E-mail @ work"],
            &["A", "b", "c"],
        ])
        .unwrap();
    }

    #[test]
    fn a_title_above_the_names_of_columns_is_asked_about() {
        let header: &[&str] = &["Customer", "Website", "Plan"];
        for title in [&["Companies"][..], &["Report", "2026-05-01", ""]] {
            let error = checked(&[title, header]).unwrap_err();
            assert!(matches!(error, Error::HeaderBelow { line: 2, .. }));
        }
    }
}
