//! A list whose rows were united: one row per organization, in the order of their first rows.
//!
//! What is planned and sent are the rows of this list. Everything that reads a list reads it like
//! any other: it is JSONL, each organization on the line of its first row. Only the results file has
//! the rows of the list itself.

use super::copied::Copied;
use super::previous::{own_rows, refuse_cut_off};
use super::{Error, Request};
use crate::columns::{Mapping, is_results_column};
use crate::input::{InputFormat, ReadOptions, Reader, Source};
use crate::plan::content;
use crate::results::{JSON_KEY, Layout, Record, RecordedState, Status};
use crate::table::Row;
use crate::validate::{RowOfOne, UNITED_KEY, Uniting, Validated, ValidationSummary, Validator};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};

/// Which rows are one organization: 24 bytes a row.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    /// The place of each row's organization, counted from 0.
    pub(super) of_row: Vec<u32>,
    /// The place of each organization's first row.
    pub(super) first: Vec<u32>,
    /// The hash of each row's cells.
    pub(super) contents: Vec<u64>,
    /// The line of each row.
    pub(super) lines: Vec<u32>,
    /// The number that a results file gives each row; 0 where it gives none.
    pub(super) numbers: Vec<u32>,
}

/// How the list of organizations is read.
pub(super) fn read_options() -> ReadOptions {
    ReadOptions {
        format: Some(InputFormat::Jsonl),
        ..ReadOptions::default()
    }
}

/// The same mapping for organizations to which rows were united.
pub(super) fn of_united(mapping: &Mapping) -> Mapping {
    Mapping {
        is_united: true,
        ..mapping.clone()
    }
}

impl Groups {
    /// How many organizations the rows are.
    pub(crate) fn organizations(&self) -> u64 {
        self.first.len() as u64
    }

    /// How many rows there are.
    pub(crate) fn rows(&self) -> u64 {
        self.of_row.len() as u64
    }
}

/// Unites the rows of a list, or of the results file of a retry. Returns the list of organizations,
/// and the findings about the rows by themselves.
///
/// # Errors
/// When it cannot be read to its end, or there is no room for temporary files.
pub(super) fn unite(
    source: &Source,
    request: &Request,
    mapping: &Mapping,
) -> Result<(Copied, Groups, ValidationSummary), Error> {
    let read = &request.read;
    let (grouper, summary) = if request.is_retry() {
        refuse_cut_off(source, read)?;
        let grouper = of_results(source, read, mapping, false)?;
        (grouper, ValidationSummary::new(0))
    } else {
        of_list(source, read, mapping)?
    };
    let (copied, groups) = grouper.united(&request.source)?;
    Ok((copied, groups, summary))
}

/// The rows of a list.
fn of_list<'m>(
    source: &Source,
    read: &ReadOptions,
    mapping: &'m Mapping,
) -> Result<(Grouper<'m>, ValidationSummary), Error> {
    let mut reader = Reader::open(source, read)?;
    let mut validator = Validator::of_input(mapping.clone(), &reader);
    let mut grouper = Grouper::new(mapping, reader.header())?;
    let mut summary = ValidationSummary::new(0);
    validator.validate_all(&mut reader, |row, found| -> Result<(), Error> {
        summary.add(row.line, found);
        grouper.add(row, found, RecordedState::default())
    })?;
    summary.left_out = reader.left_out().to_vec();
    Ok((grouper, summary))
}

/// The rows of a results file. A mere report, which can be rendered again, may be cut off within a
/// row.
pub(super) fn of_results<'m>(
    source: &Source,
    read: &ReadOptions,
    mapping: &'m Mapping,
    is_report: bool,
) -> Result<Grouper<'m>, Error> {
    let reader = Reader::open(source, read)?;
    let layout = Layout::of(reader.header());
    let header = layout.original_header();
    let mut validator = Validator::new(mapping.clone(), header).without_name_warnings();
    let mut grouper = Grouper::new(mapping, header)?;
    for row in own_rows(reader, &layout, source) {
        let (row, said) = match row {
            Ok(row) => row,
            // What is missing is in the list.
            Err(error) if is_report && error.is_unclosed_quote() => break,
            Err(error) => return Err(error.into()),
        };
        let found = validator.validate(&row);
        grouper.add(&row, &found, said)?;
    }
    Ok(grouper)
}

/// Takes the rows of a list, and finds those of one organization.
///
/// What the rows say waits on the disk; hashes and places are in memory.
#[derive(Debug)]
pub(crate) struct Grouper<'m> {
    mapping: &'m Mapping,
    header: Vec<String>,
    spool: BufWriter<File>,
    /// Where what a row says begins.
    offsets: Vec<u64>,
    written: u64,
    keys: Vec<u64>,
    groups: Groups,
}

/// What is kept of a row until all rows of its organization are there.
#[derive(Serialize, Deserialize)]
struct Spooled {
    row: RowOfOne,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    record: Option<Record>,
}

impl<'m> Grouper<'m> {
    /// No rows yet, of a list with these columns.
    ///
    /// # Errors
    /// When there is no room for a temporary file.
    pub(crate) fn new(mapping: &'m Mapping, header: &[String]) -> Result<Self, Error> {
        Ok(Self {
            mapping,
            header: header.to_vec(),
            spool: BufWriter::new(tempfile::tempfile().map_err(temporary)?),
            offsets: Vec::new(),
            written: 0,
            keys: Vec::new(),
            groups: Groups::default(),
        })
    }

    /// Adds a row, and what a results file says of it.
    ///
    /// # Errors
    /// When it cannot be kept.
    pub(crate) fn add(
        &mut self,
        row: &Row,
        found: &Validated<'_>,
        said: RecordedState,
    ) -> Result<(), Error> {
        let spooled = Spooled {
            row: RowOfOne::of(row.line, found),
            record: said.record,
        };
        // Text always serializes.
        let mut json = serde_json::to_vec(&spooled).unwrap_or_default();
        json.push(b'\n');
        self.spool.write_all(&json).map_err(temporary)?;
        self.offsets.push(self.written);
        self.written += json.len() as u64;
        self.keys.push(found.key);
        let is_own = |name: &str| !is_results_column(name);
        let groups = &mut self.groups;
        groups.contents.push(content(row, &self.header, is_own));
        groups.lines.push(small(row.line));
        groups.numbers.push(said.row.map_or(0, small));
        Ok(())
    }

    /// Writes the list of the organizations, under the name of `source`.
    ///
    /// # Errors
    /// When a temporary file cannot be used.
    pub(super) fn united(self, source: &Source) -> Result<(Copied, Groups), Error> {
        let mut groups = Groups::default();
        let copied = Copied::written(source, |out| {
            groups = self.write(out)?;
            Ok(())
        })?;
        Ok((copied, groups))
    }

    /// Reports each organization on the line of its first row, in order, with the number of that row.
    ///
    /// # Errors
    /// When a temporary file cannot be used, or the first error of `report`.
    pub(crate) fn validate(
        self,
        source: &Source,
        mut report: impl FnMut(u64, &Row, &Validated<'_>) -> Result<(), Error> + Send,
    ) -> Result<Groups, Error> {
        let mapping = of_united(self.mapping);
        let (copied, groups) = self.united(source)?;
        let mut reader = Reader::open(&copied.source, &read_options())?;
        let mut first = groups.first.iter();
        let mut validator = Validator::new(mapping, reader.header());
        validator.validate_all(&mut reader, |row, found| {
            let place = first.next().copied().unwrap_or_default();
            report(u64::from(place) + 1, row, found)
        })?;
        Ok(groups)
    }

    /// Writes the organizations as JSONL, each on the line of its first row.
    ///
    /// # Errors
    /// When a temporary file cannot be used.
    fn write(self, out: &mut dyn Write) -> io::Result<Groups> {
        let Self {
            mapping,
            spool,
            offsets,
            keys,
            mut groups,
            header: _,
            written: _,
        } = self;
        let mut spool = SpoolReader {
            file: BufReader::new(spool.into_inner().map_err(io::IntoInnerError::into_error)?),
            at: u64::MAX,
            line: String::new(),
        };
        let (order, first) = by_organization(&keys);
        groups.of_row = vec![0; keys.len()];
        let mut line = 1;
        let is_one = |one: &u32, other: &u32| at(&first, *one) == at(&first, *other);
        for rows in order.chunk_by(is_one) {
            let Some(&first) = rows.first() else { continue };
            let mut uniting = Uniting::new(mapping);
            let mut results = Results::default();
            let mut cells = 0_u64;
            for &row in rows {
                let spooled = spool.read(at(&offsets, row))?;
                uniting.add(spooled.row);
                cells = cells.wrapping_add(at(&groups.contents, row));
                results.add(at(&groups.numbers, row), spooled.record);
                if let Some(slot) = groups.of_row.get_mut(row as usize) {
                    *slot = small(groups.first.len() as u64);
                }
            }
            groups.first.push(first);
            while line < at(&groups.lines, first) {
                out.write_all(b"\n")?;
                line += 1;
            }
            let united = uniting.united(at(&keys, first)).to_json();
            let mut object = serde_json::Map::new();
            object.insert("cells".to_owned(), format!("{cells:016x}").into());
            object.insert(UNITED_KEY.to_owned(), united.into());
            if let Some(results) = results.json()? {
                object.insert(JSON_KEY.to_owned(), results);
            }
            serde_json::to_writer(&mut *out, &object)?;
            out.write_all(b"\n")?;
            line += 1;
        }
        Ok(groups)
    }
}

/// What a results file says of the rows of one organization: the number of the first, and the result
/// that has the organization, if one has.
#[derive(Default)]
struct Results {
    number: u32,
    record: Option<Record>,
}

impl Results {
    fn add(&mut self, number: u32, record: Option<Record>) {
        if self.number == 0 {
            self.number = number;
        }
        let is_owner = |record: &Record| record.organization_id.is_some();
        let has_owner = self.record.as_ref().is_some_and(is_owner);
        if self.record.is_none() || !has_owner && record.as_ref().is_some_and(is_owner) {
            self.record = record;
        }
    }

    fn json(self) -> io::Result<Option<serde_json::Value>> {
        let row = u64::from(self.number);
        let Some(mut record) = self.record else {
            return Ok((row > 0).then(|| serde_json::json!({ "row": row })));
        };
        if record.status == Status::Merged {
            record.status = Status::Created;
        }
        Ok(Some(serde_json::to_value(Record { row, ..record })?))
    }
}

/// All rows, those of one organization together and in order, and the first row of each row's
/// organization. A row without a key is one by itself.
fn by_organization(keys: &[u64]) -> (Vec<u32>, Vec<u32>) {
    let rows = small(keys.len() as u64);
    let mut order: Vec<u32> = (0..rows).collect();
    let mut first = order.clone();
    order.sort_unstable_by_key(|row| (at(keys, *row), *row));
    let is_one = |one: &u32, other: &u32| {
        let key = at(keys, *one);
        key != 0 && key == at(keys, *other)
    };
    for rows in order.chunk_by(is_one) {
        let Some(&of_all) = rows.first() else {
            continue;
        };
        for row in rows {
            if let Some(slot) = first.get_mut(*row as usize) {
                *slot = of_all;
            }
        }
    }
    order.sort_unstable_by_key(|row| (at(&first, *row), *row));
    (order, first)
}

/// Reads what rows say, from wherever it is.
struct SpoolReader {
    file: BufReader<File>,
    /// Where the next unread byte is.
    at: u64,
    line: String,
}

impl SpoolReader {
    fn read(&mut self, offset: u64) -> io::Result<Spooled> {
        if self.at != offset {
            match (i64::try_from(self.at), i64::try_from(offset)) {
                (Ok(from), Ok(to)) => self.file.seek_relative(to - from)?,
                _ => {
                    self.file.seek(SeekFrom::Start(offset))?;
                }
            }
        }
        self.line.clear();
        self.at = offset + self.file.read_line(&mut self.line)? as u64;
        Ok(serde_json::from_str(&self.line)?)
    }
}

fn at<T: Copy + Default>(values: &[T], row: u32) -> T {
    values.get(row as usize).copied().unwrap_or_default()
}

fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn temporary(source: io::Error) -> Error {
    Error::System {
        what: "cannot use a temporary file",
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::{MappingOptions, OnePer};
    use crate::table::{Cells, Format};
    use csv::StringRecord;
    use proptest::prelude::*;
    use std::collections::HashMap;

    /// The list of the organizations of rows with these names, as text, and which row is of which.
    fn united(names: &[&str]) -> (String, Groups) {
        let header = ["name".to_owned()];
        let options = MappingOptions {
            one_per: Some(OnePer::Name),
            ..MappingOptions::default()
        };
        let mapping = Mapping::resolve(&header, Format::Csv, &options).unwrap();
        let mut validator = Validator::new(mapping.clone(), &header);
        let mut grouper = Grouper::new(&mapping, &header).unwrap();
        for (number, name) in (1..).zip(names) {
            let row = Row {
                number,
                line: number + 1,
                cells: Cells::Record(StringRecord::from(vec![*name])),
            };
            let found = validator.validate(&row);
            grouper.add(&row, &found, RecordedState::default()).unwrap();
        }
        let mut out = Vec::new();
        let groups = grouper.write(&mut out).unwrap();
        (String::from_utf8(out).unwrap(), groups)
    }

    #[test]
    fn an_organization_is_on_the_line_of_its_first_row() {
        let (text, groups) = united(&["Acme", "Beta", "acme", "Gamma"]);
        let lines: Vec<_> = text.lines().map(|line| !line.is_empty()).collect();
        assert_eq!(lines, [false, true, true, false, true]);
        assert_eq!(groups.of_row, [0, 1, 0, 2]);
        assert_eq!(groups.first, [0, 1, 3]);
    }

    proptest! {
        #[test]
        fn rows_are_one_organization_if_and_only_if_their_keys_are_equal(
            keys in proptest::collection::vec(0..6_u64, 0..40)
        ) {
            let (order, first) = by_organization(&keys);
            let mut model: HashMap<u64, u32> = HashMap::new();
            for (row, key) in (0..).zip(&keys) {
                let of_all = if *key == 0 { row } else { *model.entry(*key).or_insert(row) };
                prop_assert_eq!(at(&first, row), of_all);
            }
            let mut rows = order.clone();
            rows.sort_unstable();
            prop_assert!(rows.into_iter().eq(0..small(keys.len() as u64)));
            prop_assert!(order.is_sorted_by_key(|row| (at(&first, *row), *row)));
        }

        #[test]
        fn every_row_is_of_one_organization_wherever_it_is(
            names in proptest::collection::vec(0..5_usize, 1..30)
        ) {
            const NAMES: [&str; 5] = ["Acme", "Beta", "ACME", "", "Gamma GmbH"];
            let names: Vec<_> = names.into_iter().map(|it| NAMES[it]).collect();
            let (text, groups) = united(&names);
            prop_assert_eq!(groups.rows(), names.len() as u64);
            let objects = text.lines().filter(|line| !line.is_empty()).count();
            prop_assert_eq!(objects as u64, groups.organizations());
            for (one, row) in names.iter().zip(&groups.of_row) {
                for (other, of_other) in names.iter().zip(&groups.of_row) {
                    let are_one = !one.is_empty() && one.eq_ignore_ascii_case(other);
                    prop_assert!(!are_one || row == of_other);
                }
            }
        }
    }
}
