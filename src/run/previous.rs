//! A results file as its user has left it: the source of a retry, and what an import must keep.

use super::Error;
use crate::columns::{Mapping, is_results_column};
use crate::input::{self, ReadOptions, Reader, Source};
use crate::journal::Numbering;
use crate::plan::{Facts, hash_of};
use crate::results::{self, Form, JSON_KEY, Layout, Record, RecordedState};
use crate::table::{Cells, Format, Row};
use crate::validate::{RepeatedTexts, Validator};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// The rows of a results file.
#[derive(Debug)]
pub(super) struct Previous {
    /// The user's columns.
    pub(super) header: Vec<String>,
    /// Where the columns are.
    pub(super) layout: Layout,
    /// How it is written.
    pub(super) form: Form,
    /// What its rows repeat of earlier ones.
    pub(super) repeats: RepeatedTexts,
    /// Its rows.
    pub(super) rows: Vec<PreviousRow>,
    /// Whether its last line is complete.
    pub(super) is_whole: bool,
}

/// A row of a results file.
#[derive(Clone, Debug)]
pub(super) struct PreviousRow {
    /// What planning needs to know of it.
    pub(super) facts: Facts,
    /// The number that it has; 0 where it has none.
    pub(super) number: u64,
    /// What it says of itself, where the journal does not know its organization, or where it has
    /// none.
    pub(super) claims: Option<Box<Record>>,
    /// Whether every `workos_` cell that a report needs is there.
    pub(super) is_complete: bool,
    /// Its external id, where it has no organization that the journal knows.
    pub(super) external_id: Option<Box<str>>,
    /// Its name, likewise.
    pub(super) name: Option<Box<str>>,
}

/// Whether a table is a results file: it says a status of each row.
pub(crate) fn is_results(reader: &Reader) -> bool {
    match reader.format() {
        Format::Csv => Layout::of(reader.header()).has_results(),
        Format::Jsonl => reader.header().iter().any(|key| key == JSON_KEY),
    }
}

/// Refuses a table that is not a results file.
///
/// # Errors
/// When it is not one.
pub(super) fn refuse_others(reader: &Reader, path: &Path) -> Result<(), results::Error> {
    if is_results(reader) {
        return Ok(());
    }
    Err(results::Error::NotResults {
        path: path.to_owned(),
    })
}

impl Previous {
    /// Reads a results file to its end; `None` where it is not one. `numbering` gives the ids of
    /// its row numbers, and `is_owned` says whether the journal knows an organization, by the hash
    /// of its id. A mere report, which can be rendered again, may be cut off within a row.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn read(
        source: &Source,
        read: &ReadOptions,
        mapping: &Mapping,
        numbering: &Numbering,
        is_owned: impl Fn(u64) -> bool,
        is_report: bool,
    ) -> Result<Option<Self>, Error> {
        let reader = match Reader::open(source, read) {
            Ok(reader) if is_results(&reader) => reader,
            Ok(_) | Err(input::Error::Empty { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if !is_report {
            refuse_cut_off(source, read)?;
        }
        let layout = Layout::of(reader.header());
        let header = layout.original_header().to_vec();
        let form = Form::of_list(&reader, source);
        let mut validator = Validator::new(mapping.clone(), &header).without_name_warnings();
        let mut rows = Vec::new();
        for row in own_rows(reader, &layout, source) {
            let (row, said) = match row {
                Ok(row) => row,
                // A file that was cut off within quotes: what is missing is in the list.
                Err(error) if is_report && error.is_unclosed_quote() => break,
                Err(error) => return Err(error.into()),
            };
            let validated = validator.validate(&row);
            let mut facts = Facts::of(&row, &header, &validated);
            let number = said.row.unwrap_or(0);
            let hint = numbering.id(number).and_then(|id| u32::try_from(id).ok());
            facts.hint = hint.unwrap_or(0);
            let owner = said.record.as_ref();
            let owner = owner.and_then(|record| record.organization_id.as_deref());
            facts.owner = hash_of(owner);
            let is_complete = number > 0 && said.record.is_some();
            let claims = said
                .record
                .filter(|_| facts.owner == 0 || !is_owned(facts.owner));
            let external_id = validated.external_id().filter(|_| claims.is_some());
            let name = validated.organization.as_ref().filter(|_| claims.is_some());
            rows.push(PreviousRow {
                external_id: external_id.map(Into::into),
                name: name.map(|organization| organization.name.as_ref().into()),
                facts,
                number,
                claims: claims.map(Box::new),
                is_complete,
            });
        }
        Ok(Some(Self {
            header,
            layout,
            form,
            repeats: validator.repeats(),
            rows,
            is_whole: is_ended(source),
        }))
    }
}

/// Refuses a results file that was cut in the middle of a row: what is left of its cells would be
/// taken for a correction.
pub(super) fn refuse_cut_off(source: &Source, read: &ReadOptions) -> Result<(), Error> {
    if is_ended(source) {
        return Ok(());
    }
    let reader = Reader::open(source, read)?;
    let width = reader.header().len();
    let mut last = None;
    for row in reader {
        last = Some(row?);
    }
    let Some(Row {
        cells: Cells::Record(cells),
        line,
        ..
    }) = last
    else {
        return Ok(());
    };
    if cells.len() >= width {
        return Ok(());
    }
    let path = PathBuf::from(source.to_string());
    Err(results::Error::CutOff { path, line }.into())
}

/// Whether a file ends with a line end. What cannot be told counts as ended.
pub(super) fn is_ended(source: &Source) -> bool {
    let (Source::File(path) | Source::Copy { path, .. }) = source else {
        return true;
    };
    let last = || -> io::Result<[u8; 1]> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::End(-1))?;
        let mut last = [0];
        file.read_exact(&mut last)?;
        Ok(last)
    };
    last().map_or(true, |last| matches!(last, [b'\n' | b'\r' | 0]))
}

/// The rows of a results file, without those that are blank, and what it says of each.
///
/// A last row that was cut off is left out: it has no line end and fewer cells than the header. Where
/// users have moved the organizations to the end, the last id may be cut and is not believed.
pub(super) fn own_rows(
    reader: Reader,
    layout: &Layout,
    source: &Source,
) -> impl Iterator<Item = Result<(Row, RecordedState), input::Error>> + Send + use<> {
    let layout = layout.clone();
    let width = reader.header().len();
    let may_be_cut = reader.format() == Format::Csv && !is_ended(source);
    let mut rows = reader.peekable();
    let ends_with_id = layout.ends_with_organization_id();
    let whole = std::iter::from_fn(move || {
        let row = rows.next()?;
        let is_last = may_be_cut && rows.peek().is_none();
        let is_cut = |row: &Row| match &row.cells {
            Cells::Record(record) => record.len() < width,
            Cells::Object(_) | Cells::Unreadable { .. } => true,
        };
        match row {
            Ok(row) if is_last && is_cut(&row) => None,
            row => Some((row, is_last && ends_with_id)),
        }
    });
    whole.filter_map(move |(row, is_cut_in_id)| match row {
        Ok(row) => own_row(row, &layout).map(|(row, said)| {
            let said = if is_cut_in_id {
                said.without_organization()
            } else {
                said
            };
            Ok((row, said))
        }),
        Err(error) => Some(Err(error)),
    })
}

/// The user's cells of a row, and what the results file says of it; `None` where it is blank.
fn own_row(row: Row, layout: &Layout) -> Option<(Row, RecordedState)> {
    let (cells, said) = layout.split(row.cells);
    let is_empty = is_blank(&cells) && said.record.is_none();
    (!is_empty).then_some((Row { cells, ..row }, said))
}

/// Whether a row is empty, for example at the end of a spreadsheet.
fn is_blank(cells: &Cells) -> bool {
    match cells {
        Cells::Record(record) => record.iter().all(|cell| cell.trim().is_empty()),
        Cells::Object(object) => object.keys().all(|key| is_results_column(key)),
        Cells::Unreadable { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Status;

    /// What the only row of a results file says, as (status, organization).
    fn said(content: &str) -> Option<(Status, Option<String>)> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.results.csv");
        std::fs::write(&path, content).unwrap();
        let source = Source::File(path);
        let reader = Reader::open(&source, &ReadOptions::default()).unwrap();
        let layout = Layout::of(reader.header());
        let row = own_rows(reader, &layout, &source).next()?;
        let record = row.unwrap().1.record?;
        Some((record.status, record.organization_id))
    }

    #[test]
    fn the_last_id_of_a_file_without_a_line_end_is_not_believed() {
        let file = |columns: &str, row: &str| format!("name,workos_row,{columns}\nAcme,1,{row}");
        let columns = "workos_status,workos_organization_id";
        let cut = file(columns, "created,org_01");
        assert_eq!(said(&cut), Some((Status::Unknown, None)));
        let whole = Some((Status::Created, Some("org_01".to_owned())));
        assert_eq!(said(&(cut + "\n")), whole);
        let conflict = file(columns, "conflict,");
        assert_eq!(said(&conflict), Some((Status::Conflict, None)));
        let usual = "workos_status,workos_organization_id,workos_message";
        assert_eq!(said(&file(usual, "created,org_01,ok")), whole);
    }
}
