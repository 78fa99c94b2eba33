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
    let filled = |cells: &[String]| cells.iter().filter(|cell| !trim(cell).is_empty()).count();
    let is_narrow = filled(first) == 1;
    if let Some((below, cells)) = found(rows)
        && filled(first) < filled(cells)
        && (is_narrow || !names_the_name(first))
    {
        return Err(Error::HeaderBelow {
            source_name: source_name.to_owned(),
            line: *below,
            header: cells.clone(),
        });
    }
    let wider = rows.iter().filter(|(_, cells)| filled(cells) > 1).count();
    if is_narrow && wider * 2 > rows.len() {
        return Err(Error::NarrowHeader {
            source_name: source_name.to_owned(),
            line: *line,
            format,
        });
    }
    Ok(())
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
    fn a_title_above_the_names_of_columns_is_asked_about() {
        let header: &[&str] = &["Customer", "Website", "Plan"];
        for title in [&["Companies"][..], &["Report", "2026-05-01", ""]] {
            let error = checked(&[title, header]).unwrap_err();
            assert!(matches!(error, Error::HeaderBelow { line: 2, .. }));
        }
    }
}
