//! A results file that people have edited, brought back into the form in which this program
//! appends to it.
//!
//! A spreadsheet adds a BOM, changes line ends, quotes and separators, reorders columns; its user
//! drops rows that are done, corrects cells, adds rows. All of that is read as an input is read.

use super::copies::{Copies, Originals, Seen, owned};
use super::rows::RowsError;
use crate::input::{ReadOptions, Reader, Source};
use crate::results::{
    COLUMNS, Error, JSON_KEY, Layout, Record, Said, Scan, Writer, has_mark, rewrite,
    rewrite_in_order,
};
use crate::table::{Cells, Format, Object};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// A results file as it is found: perhaps its user has edited it.
#[derive(Debug)]
pub struct Edited {
    path: PathBuf,
    options: ReadOptions,
    format: Format,
    header: Vec<String>,
    /// Whether it is to begin with a byte order mark when it is written.
    is_marked: bool,
    /// Whether the whole file is as this program writes it, up to a torn end.
    is_as_written: bool,
    survey: Survey,
}

/// A results file in this program's form.
#[derive(Debug)]
pub struct Tidied {
    /// Its original columns.
    pub header: Vec<String>,
    /// Its format.
    pub format: Format,
    /// How many rows were found of which no run has said anything.
    pub new_rows: u64,
    /// How many rows had a status and no number, and have a new one now.
    pub renumbered: u64,
}

/// Whether a table is a results file: it says of its rows what became of them.
pub fn is_results(reader: &Reader) -> bool {
    match reader.format() {
        Format::Csv => Layout::of(reader.header()).has_results(),
        Format::Jsonl => reader.header().iter().any(|key| key == JSON_KEY),
    }
}

/// Refuses a table that is no results file.
///
/// # Errors
/// When it is none.
pub fn refuse_others(reader: &Reader, path: &Path) -> Result<(), Error> {
    if is_results(reader) {
        return Ok(());
    }
    Err(Error::NotResults {
        path: path.to_owned(),
    })
}

/// What has to be known of all rows before the first can be written.
#[derive(Debug, Default)]
struct Survey {
    largest_number: u64,
    /// The organizations that several rows with different cells say are theirs.
    copied: BTreeSet<String>,
}

impl Edited {
    /// Looks a results file through, reading what is not as this program writes it as the options
    /// say.
    ///
    /// # Errors
    /// When it cannot be read, or is no results file.
    pub fn open(path: &Path, options: &ReadOptions) -> Result<Self, RowsError> {
        let reader = Reader::open(&Source::File(path.to_owned()), options)?;
        let layout = Layout::of(reader.header());
        let mut edited = Self {
            path: path.to_owned(),
            options: options.clone(),
            format: reader.format(),
            header: layout.original_header().to_vec(),
            is_marked: has_mark(path) || reader.read_as().encoding != Some("UTF-8"),
            is_as_written: *options == ReadOptions::default(),
            survey: Survey::default(),
        };
        refuse_others(&reader, path)?;
        if edited.is_as_written {
            edited.end_last_line()?;
        }
        let surveyed = match edited.rows()? {
            rows @ Rows::Scan(_) => Survey::of(rows).ok(),
            Rows::Reader(_) => None,
        };
        edited.is_as_written = surveyed.is_some();
        edited.survey = match surveyed {
            Some(survey) => survey,
            None => Survey::of(edited.rows()?)?,
        };
        Ok(edited)
    }

    /// Its original columns.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Its format.
    pub const fn format(&self) -> Format {
        self.format
    }

    /// The rows that a user has made by copying one that has an organization. A spreadsheet puts a
    /// copy above the original as well as below it, so their order does not tell which is which.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn copies(&self) -> Result<Vec<Copies>, RowsError> {
        let mut copied: BTreeMap<&str, Vec<Cells>> = BTreeMap::new();
        for organization_id in &self.survey.copied {
            copied.insert(organization_id, Vec::new());
        }
        if copied.is_empty() {
            return Ok(Vec::new());
        }
        let mut rows = self.rows()?;
        while let Some((cells, said)) = rows.next_row()? {
            if let Some(candidates) = owned(&said).and_then(|id| copied.get_mut(id)) {
                candidates.push(cells);
            }
        }
        let copied = copied.into_iter().map(|(id, candidates)| Copies {
            organization_id: id.to_owned(),
            candidates,
        });
        Ok(copied.collect())
    }

    /// Rewrites the file, atomically, into the form in which this program appends to it: each row
    /// once, numbered. Rows without a number get the next free ones.
    ///
    /// # Errors
    /// When it cannot be read, or the new one cannot be written.
    pub fn tidy(self, originals: &Originals) -> Result<Tidied, RowsError> {
        let mut numbers = Numbers {
            seen: Seen::new(originals),
            next: self.survey.largest_number.saturating_add(1),
            new_rows: 0,
            renumbered: 0,
        };
        let (path, format, header) = (&self.path, self.format, &self.header);
        rewrite(path, format, header, self.is_marked, |writer| {
            self.write(writer, &mut numbers)
        })?;
        rewrite_in_order(path, format, header)?;
        Ok(Tidied {
            header: self.header,
            format: self.format,
            new_rows: numbers.new_rows,
            renumbered: numbers.renumbered,
        })
    }

    fn write(&self, writer: &mut Writer, numbers: &mut Numbers) -> Result<(), RowsError> {
        let mut rows = self.rows()?;
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
        Ok(())
    }

    /// Its rows, however it is written.
    fn rows(&self) -> Result<Rows, RowsError> {
        if self.is_as_written
            && let Some(scan) = self.scan()?
        {
            return Ok(Rows::Scan(Box::new(scan)));
        }
        let reader = Reader::open(&Source::File(self.path.clone()), &self.options)?;
        let layout = Layout::of(reader.header());
        Ok(Rows::Reader(Box::new((reader, layout))))
    }

    fn scan(&self) -> Result<Option<Scan>, Error> {
        Scan::open(&self.path, self.format, &self.header)
    }

    /// Adds the line end that some editors leave out after the last row: without it the row would
    /// pass for one that a crash has torn. A torn row is never whole.
    fn end_last_line(&self) -> Result<(), Error> {
        let mut file = fs_err::OpenOptions::new()
            .read(true)
            .append(true)
            .open(&self.path)?;
        let mut last = [0];
        let is_ended = file.seek(SeekFrom::End(-1)).is_err()
            || file.read_exact(&mut last).is_err()
            || last == *b"\n";
        if is_ended {
            return Ok(());
        }
        let Some(mut scan) = self.scan()? else {
            return Ok(());
        };
        if !scan.all(|entry| entry.is_ok()) || !scan.torn() {
            return Ok(());
        }
        let mut last = Vec::new();
        file.seek(SeekFrom::Start(scan.end()))?;
        file.read_to_end(&mut last)?;
        if is_whole(&last, self.format, self.header.len() + COLUMNS.len()) {
            file.write_all(b"\n")?;
        }
        Ok(())
    }
}

impl Survey {
    fn of(mut rows: Rows) -> Result<Self, RowsError> {
        let mut survey = Self::default();
        let mut seen = Seen::default();
        while let Some((cells, said)) = rows.next_row()? {
            survey.largest_number = survey.largest_number.max(said.row.unwrap_or_default());
            let Some(organization_id) = owned(&said) else {
                continue;
            };
            if seen.shares_owner(&cells, &said) {
                survey.copied.insert(organization_id.to_owned());
            }
        }
        Ok(survey)
    }
}

/// The rows of a results file, however it is written.
enum Rows {
    Scan(Box<Scan>),
    Reader(Box<(Reader, Layout)>),
}

impl Rows {
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
            let surplus = record.iter().skip(width).last();
            is_record
                && last.is_some_and(|cell| cell.is_empty() || cell.ends_with('Z'))
                && surplus.is_none_or(|cell| !cell.is_empty())
        }
    }
}

/// Gives numbers to rows.
struct Numbers {
    seen: Seen,
    next: u64,
    new_rows: u64,
    renumbered: u64,
}

impl Numbers {
    /// The number of a row and what is to be believed of what is said of it.
    ///
    /// Of two records of one row the later one counts, when a run has appended it. When the cells
    /// differ, a user has copied the row to make a new one, or, if each has an organization of its
    /// own, has put two files together. A row that has an organization is never new, even if its
    /// number is lost or another row's.
    fn number(&mut self, cells: &Cells, said: Said) -> (u64, Option<Record>) {
        let shares_owner = self.seen.shares_owner(cells, &said);
        let shares_number = !shares_owner && self.seen.shares_number(cells, &said);
        let is_copy = shares_owner || (shares_number && owned(&said).is_none());
        let record = said.record.filter(|_| !is_copy);
        if let Some(number) = said.row.filter(|_| !is_copy && !shares_number) {
            return (number, record);
        }
        let number = self.next;
        self.next = self.next.saturating_add(1);
        match record {
            Some(_) => self.renumbered += 1,
            None => self.new_rows += 1,
        }
        let record = record.map(|record| Record {
            row: number,
            ..record
        });
        (number, record)
    }
}

fn is_blank(cells: &Cells) -> bool {
    match cells {
        Cells::Record(record) => record.iter().all(|cell| cell.trim().is_empty()),
        Cells::Object(object) => object.is_empty(),
        Cells::Unreadable { .. } => false,
    }
}
