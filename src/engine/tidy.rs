//! A results file that people have edited, brought back into the form in which this program
//! appends to it.
//!
//! A spreadsheet adds a BOM, changes line ends, quotes and separators, reorders columns; its user
//! drops rows that are done, corrects cells, adds rows. All of that is read as an input is read.

use super::rows::RowsError;
use crate::input::{ReadOptions, Reader, Source};
use crate::results::{COLUMNS, Error, Layout, Said, Scan, Writer, rewrite_in_order};
use crate::table::{Cells, Format, Object};
use crate::workos::Organization;
use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use xxhash_rust::xxh3::xxh3_64;

/// A results file in this program's form.
#[derive(Debug)]
pub struct Tidied {
    /// Its original columns.
    pub header: Vec<String>,
    /// Its format.
    pub format: Format,
    /// How many rows were found that no run has numbered.
    pub new_rows: u64,
}

/// Rewrites a results file, atomically, into the form in which this program appends to it: each
/// row once, numbered. Rows without a number get the next free ones.
///
/// # Errors
/// When the file cannot be read, is no results file, or the new one cannot be written.
pub fn tidy(path: &Path, originals: &Originals) -> Result<Tidied, RowsError> {
    let source = Source::File(path.to_owned());
    let reader = Reader::open(&source, &ReadOptions::default())?;
    let format = reader.format();
    let layout = Layout::of(reader.header());
    let header = layout.original_header().to_vec();
    if format == Format::Csv && !layout.has_results() {
        return Err(not_results(path).into());
    }
    end_last_line(path, format, &header)?;
    let as_written = is_as_written(path, format, &header)?;
    let mut rows = if as_written {
        let scan = Scan::open(path, format, &header)?;
        Rows::Scan(Box::new(scan.ok_or_else(|| not_results(path))?))
    } else {
        Rows::Reader(Box::new((reader, layout)))
    };
    let next_number = largest_number(path, as_written, format, &header)?.saturating_add(1);
    let mut numbers = Numbers {
        seen: originals.0.clone(),
        next: next_number,
        new_rows: 0,
    };
    let new_path = path.with_extension("tidy.tmp");
    let _ = fs_err::remove_file(&new_path);
    let written = (|| -> Result<(), RowsError> {
        let mut writer = Writer::create(&new_path, format, &header).map_err(Error::from)?;
        while let Some((cells, said)) = rows.next_row()? {
            if is_blank(&cells) && said.record.is_none() {
                continue;
            }
            let (number, record) = numbers.number(&cells, said);
            match record {
                Some(record) => writer.write(&cells, &record),
                None => writer.write_untried(&cells, number),
            }
            .map_err(Error::from)?;
        }
        writer.sync().map_err(Error::from)?;
        drop(writer);
        rewrite_in_order(&new_path, format, &header)?;
        fs_err::rename(&new_path, path).map_err(Error::from)?;
        Ok(())
    })();
    if written.is_err() {
        let _ = fs_err::remove_file(&new_path);
    }
    written?;
    Ok(Tidied {
        header,
        format,
        new_rows: numbers.new_rows,
    })
}

/// Which of several rows of the same number is the original, where that has been found out.
#[derive(Debug, Default)]
pub struct Originals(HashMap<u64, u64>);

/// Rows that a user has made by copying one that has an organization, and that one.
#[derive(Debug)]
pub struct Copies {
    row: u64,
    /// The organization that all of them say is theirs.
    pub organization_id: String,
    candidates: Vec<Cells>,
}

impl Originals {
    /// Takes the one of these rows for the original that says most of what the organization is;
    /// of several the first.
    pub fn tell(&mut self, copies: &Copies, organization: &Organization) {
        let candidates = copies.candidates.iter().rev();
        if let Some(original) = candidates.max_by_key(|cells| agreement(cells, organization)) {
            self.0.insert(copies.row, fingerprint(original));
        }
    }
}

/// How much of an organization stands in these cells.
fn agreement(cells: &Cells, organization: &Organization) -> usize {
    let texts: Vec<String> = match cells {
        Cells::Record(record) => record.iter().map(str::to_owned).collect(),
        Cells::Object(object) => object
            .values()
            .map(|raw| serde_json::from_str(raw.get()).unwrap_or_else(|_| raw.get().to_owned()))
            .collect(),
        Cells::Unreadable { .. } => Vec::new(),
    };
    let metadata = organization.metadata.iter().flat_map(|it| it.values());
    let parts = [&organization.name].into_iter();
    let parts = parts
        .chain(&organization.domains)
        .chain(&organization.external_id)
        .chain(metadata);
    parts
        .map(|part| {
            let how_well = texts.iter().map(|text| {
                usize::from(text.contains(part.as_str())) + usize::from(text.trim() == part)
            });
            how_well.max().unwrap_or_default()
        })
        .sum()
}

/// The rows that a user has made by copying one that has an organization. A spreadsheet puts a
/// copy above the original as well as below it, so their order does not tell which is which.
///
/// # Errors
/// When the file cannot be read.
pub fn copies(path: &Path) -> Result<Vec<Copies>, RowsError> {
    let reader = Reader::open(&Source::File(path.to_owned()), &ReadOptions::default())?;
    let (format, layout) = (reader.format(), Layout::of(reader.header()));
    let header = layout.original_header();
    let as_written = is_as_written(path, format, header)?;
    let mut seen: HashMap<u64, u64> = HashMap::new();
    let mut copied: BTreeMap<u64, Copies> = BTreeMap::new();
    let owner = |said: &Said| said.record.as_ref()?.organization_id.clone();
    let mut rows = Rows::open(path, as_written, format, header)?;
    while let Some((cells, said)) = rows.next_row()? {
        let (Some(row), Some(organization_id)) = (said.row, owner(&said)) else {
            continue;
        };
        let content = fingerprint(&cells);
        if *seen.entry(row).or_insert(content) != content {
            copied.entry(row).or_insert(Copies {
                row,
                organization_id,
                candidates: Vec::new(),
            });
        }
    }
    if copied.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows = Rows::open(path, as_written, format, header)?;
    while let Some((cells, said)) = rows.next_row()? {
        if let Some(copies) = said.row.and_then(|row| copied.get_mut(&row)) {
            copies.candidates.push(cells);
        }
    }
    Ok(copied.into_values().collect())
}

fn not_results(path: &Path) -> Error {
    Error::Malformed {
        path: path.to_owned(),
        line: 1,
        reason: "there is no column workos_status".to_owned(),
    }
}

/// The rows of a results file, however it is written.
enum Rows {
    Scan(Box<Scan>),
    Reader(Box<(Reader, Layout)>),
}

impl Rows {
    fn open(
        path: &Path,
        as_written: bool,
        format: Format,
        header: &[String],
    ) -> Result<Self, RowsError> {
        match Scan::open(path, format, header)? {
            Some(scan) if as_written => Ok(Self::Scan(Box::new(scan))),
            _ => {
                let reader = Reader::open(&Source::File(path.to_owned()), &ReadOptions::default())?;
                let layout = Layout::of(reader.header());
                Ok(Self::Reader(Box::new((reader, layout))))
            }
        }
    }

    fn next_row(&mut self) -> Result<Option<(Cells, Said)>, RowsError> {
        match self {
            Self::Scan(scan) => {
                let entry = scan.next().transpose()?;
                Ok(entry.map(|entry| (entry.cells, entry.said)))
            }
            Self::Reader(reader) => {
                let (reader, layout) = reader.as_mut();
                let row = reader.next().transpose()?;
                Ok(row.map(|row| layout.split(row.cells)))
            }
        }
    }
}

/// Adds the line end that some editors leave out after the last row: without it the row would
/// pass for one that a crash has torn. A torn row is never whole.
fn end_last_line(path: &Path, format: Format, header: &[String]) -> Result<(), Error> {
    let Some(mut scan) = Scan::open(path, format, header)? else {
        return Ok(());
    };
    if !scan.all(|entry| entry.is_ok()) || !scan.torn() {
        return Ok(());
    }
    let mut file = fs_err::OpenOptions::new()
        .read(true)
        .append(true)
        .open(path)?;
    let mut last = Vec::new();
    file.seek(SeekFrom::Start(scan.end()))?;
    file.read_to_end(&mut last)?;
    if is_whole(&last, format, header.len() + COLUMNS.len()) {
        file.write_all(b"\n")?;
    }
    Ok(())
}

/// Whether a row without a line end is all there. In CSV its last cell is a time in UTC, or blank.
fn is_whole(row: &[u8], format: Format, width: usize) -> bool {
    match format {
        Format::Jsonl => serde_json::from_slice::<Object>(row).is_ok(),
        Format::Csv => {
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .from_reader(row);
            let mut record = csv::StringRecord::new();
            let is_record = reader.read_record(&mut record).unwrap_or(false);
            let last = width.checked_sub(1).and_then(|last| record.get(last));
            is_record
                && record.len() == width
                && last.is_some_and(|cell| cell.is_empty() || cell.ends_with('Z'))
        }
    }
}

/// Whether the whole file is as this program writes it, up to a torn end.
fn is_as_written(path: &Path, format: Format, header: &[String]) -> Result<bool, Error> {
    let Some(mut scan) = Scan::open(path, format, header)? else {
        return Ok(false);
    };
    Ok(scan.all(|entry| entry.is_ok()))
}

fn largest_number(
    path: &Path,
    as_written: bool,
    format: Format,
    header: &[String],
) -> Result<u64, RowsError> {
    let mut rows = Rows::open(path, as_written, format, header)?;
    let mut largest = 0;
    while let Some((_, said)) = rows.next_row()? {
        largest = largest.max(said.row.unwrap_or_default());
    }
    Ok(largest)
}

/// Gives numbers to rows.
struct Numbers {
    seen: HashMap<u64, u64>,
    next: u64,
    new_rows: u64,
}

impl Numbers {
    /// The number of a row and what is to be believed of what is said of it.
    ///
    /// Of two records of one row the later one counts, when a run has appended it. When the cells
    /// differ, a user has copied the row to make a new one.
    fn number(&mut self, cells: &Cells, said: Said) -> (u64, Option<crate::results::Record>) {
        let content = fingerprint(cells);
        if let Some(number) = said.row {
            let first = *self.seen.entry(number).or_insert(content);
            if first == content {
                return (number, said.record);
            }
        }
        let number = self.next;
        self.next = self.next.saturating_add(1);
        self.new_rows += 1;
        (number, None)
    }
}

fn is_blank(cells: &Cells) -> bool {
    match cells {
        Cells::Record(record) => record.iter().all(|cell| cell.trim().is_empty()),
        Cells::Object(object) => object.is_empty(),
        Cells::Unreadable { .. } => false,
    }
}

fn fingerprint(cells: &Cells) -> u64 {
    let text = match cells {
        Cells::Record(record) => record.iter().fold(String::new(), |mut text, cell| {
            text.push_str(cell);
            text.push('\u{1f}');
            text
        }),
        Cells::Object(object) => object.iter().fold(String::new(), |mut text, (key, value)| {
            text.push_str(key);
            text.push('\u{1f}');
            text.push_str(value.get());
            text.push('\u{1f}');
            text
        }),
        Cells::Unreadable { text, .. } => text.clone(),
    };
    xxh3_64(text.as_bytes())
}
