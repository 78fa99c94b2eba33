//! The rows of an input, whatever kind of file it is.

use super::csv::{CsvReader, Dialect};
use super::error::Error;
use super::footer::Footer;
use super::json::JsonReader;
use super::read_as::{HiddenRows, InputFormat, ReadAs, ReadOptions};
use super::shared_hosts::SharedHosts;
use super::source::{Opened, Source, format_of};
use super::workbook::Sheet;
use super::{header_row, open};
use crate::columns::{Content, MAX_COLUMNS, is_results_column};
use crate::table::{Format, Row};
use std::collections::{BTreeSet, VecDeque};

/// How many rows are read ahead, and how many bytes of them at most.
const SAMPLE: usize = 5000;
const LONG_SAMPLE: usize = 4 * 1024 * 1024;

/// Reads the rows of an input one by one; memory does not grow with the file, except for workbooks.
///
/// As an iterator it ends after the first error, since nothing after it can be trusted.
#[derive(Debug)]
pub struct Reader {
    rows: Rows,
    header: Vec<String>,
    read_as: ReadAs,
    /// The first rows, and why there are no more of them, which were read for the sake of what
    /// they share.
    ahead: VecDeque<Row>,
    failed: Option<Error>,
    shared_hosts: BTreeSet<String>,
    /// Whether lines below the list are rows.
    keeps_footer: bool,
    footer: Footer,
    left_out: Vec<(u64, String)>,
    done: bool,
}

/// The reader of one kind of file.
#[derive(Debug)]
enum Rows {
    Records(Box<CsvReader>),
    Objects(Box<JsonReader>),
    Sheet(Box<Sheet>),
}

impl Rows {
    /// The rows of a sheet, and its header.
    fn of_sheet(
        opened: Opened,
        source_name: &str,
        options: &ReadOptions,
        read_as: &mut ReadAs,
    ) -> Result<(Self, Option<Vec<String>>), Error> {
        let format = read_as.format;
        let mut sheet = open::sheet(opened, format, source_name, options)?;
        read_as.sheet = Some((sheet.name.clone(), sheet.sheets));
        if options.header_row.is_none() {
            header_row::check(&sheet.top(), source_name, format)?;
            header_row::check_delimiter(&sheet.top(), source_name, format)?;
        }
        let header = sheet.header(options.header_row);
        let rows = sheet.hidden_rows();
        let choice = options.hidden.filter(|_| !rows.is_empty());
        read_as.hidden_rows = choice.map(|choice| (rows.len() as u64, choice));
        match choice {
            None if !rows.is_empty() => {
                return Err(Error::HiddenRows {
                    source_name: source_name.to_owned(),
                    rows,
                });
            }
            Some(HiddenRows::Skip) => sheet.skip_hidden(),
            _ => {}
        }
        Ok((Self::Sheet(Box::new(sheet)), header))
    }

    /// The rows of a text, and its header.
    fn of_text(
        source: &Source,
        opened: Opened,
        options: &ReadOptions,
        read_as: &mut ReadAs,
    ) -> Result<(Self, Option<Vec<String>>), Error> {
        let format = read_as.format;
        let source_name = source.to_string();
        let mut text = open::text(source, opened, options, read_as)?;
        if format == InputFormat::Jsonl {
            let mut lines = JsonReader::new(text, &source_name)?;
            let header = lines.header(options.list.as_deref())?;
            read_as.counts_objects = lines.counts_objects();
            read_as.found_in = lines.found_in().map(str::to_owned);
            return Ok((Self::Objects(Box::new(lines)), header));
        }
        let head = text.head().map_err(|source| Error::Open {
            source_name: source_name.clone(),
            source,
        })?;
        let tabs = matches!(source.extension().as_str(), "tsv" | "tab");
        let dialect = Dialect::detect(head, options, tabs);
        if options.header_row.is_none() {
            header_row::check(&dialect.top(head), &source_name, format)?;
        }
        if options.delimiter.is_none() && !dialect.is_wrapped {
            header_row::check_delimiter(&dialect.top(head), &source_name, format)?;
        }
        read_as.dialect = Some(dialect);
        let mut records = CsvReader::new(text, &source_name, dialect);
        let header = records.header(options.header_row)?;
        Ok((Self::Records(Box::new(records)), header))
    }
}

impl Reader {
    /// Opens an input, finds out how it is to be read, and reads the names of its columns.
    ///
    /// # Errors
    /// If it cannot be opened, is empty, or its beginning cannot be read or decoded.
    pub fn open(source: &Source, options: &ReadOptions) -> Result<Self, Error> {
        let opened = source.open()?;
        let source_name = source.to_string();
        let format = format_of(source, &opened.head, options);
        if let Some(option) = options.idle_for(format) {
            return Err(Error::IdleOption {
                source_name,
                kind: format,
                option,
            });
        }
        let mut read_as = ReadAs {
            format,
            encoding: None,
            guessed_from: Vec::new(),
            dialect: None,
            sheet: None,
            hidden_rows: None,
            counts_objects: false,
            found_in: None,
            gzipped: opened.gzipped,
        };
        let (rows, header) = if format.is_workbook() {
            Rows::of_sheet(opened, &source_name, options, &mut read_as)?
        } else {
            Rows::of_text(source, opened, options, &mut read_as)?
        };
        let header = header.ok_or(match options.header_row {
            None => Error::Empty { source_name },
            Some(line) => Error::NoSuchLine { source_name, line },
        })?;
        let count = header.iter().filter(|c| !is_results_column(c)).count();
        if count > MAX_COLUMNS {
            return Err(Error::TooManyColumns {
                source_name: source.to_string(),
                count,
            });
        }
        let columns = header.len();
        let mut reader = Self {
            rows,
            header,
            read_as,
            ahead: VecDeque::new(),
            failed: None,
            shared_hosts: BTreeSet::new(),
            keeps_footer: options.keep_footer,
            footer: Footer::new(columns),
            left_out: Vec::new(),
            done: false,
        };
        reader.look_ahead();
        let is_results = reader.header.iter().any(|column| is_results_column(column));
        if reader.ahead.is_empty() && reader.failed.is_none() && !is_results {
            return Err(Error::NoRows {
                source_name: source.to_string(),
            });
        }
        Ok(reader)
    }

    /// Reads the first rows, and finds the hosts of which they name different pages.
    fn look_ahead(&mut self) {
        let mut hosts = SharedHosts::new(&self.header);
        let mut size = 0;
        while self.ahead.len() < SAMPLE && size < LONG_SAMPLE {
            let mut row = Row::default();
            match self.next_row(&mut row) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    self.failed = Some(error);
                    break;
                }
            }
            size += row.size();
            hosts.add(&row);
            self.ahead.push_back(row);
        }
        self.shared_hosts = hosts.shared();
    }

    /// Hosts of which the first rows name different pages, so that they are no customer's domain.
    pub fn shared_hosts(&self) -> &BTreeSet<String> {
        &self.shared_hosts
    }

    /// The lines below the list that were left out, each with its text; complete only after the
    /// last row.
    pub fn left_out(&self) -> &[(u64, String)] {
        &self.left_out
    }

    /// The names of the columns, verbatim; of a JSONL file the keys of its first objects, which
    /// may be none.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// The form of the rows, and so of the results file.
    pub fn format(&self) -> Format {
        match self.rows {
            Rows::Records(_) | Rows::Sheet(_) => Format::Csv,
            Rows::Objects(_) => Format::Jsonl,
        }
    }

    /// How the file was understood.
    pub fn read_as(&self) -> &ReadAs {
        &self.read_as
    }
}

impl Reader {
    /// What the columns hold in the first rows.
    pub fn content(&self) -> Content {
        let mut content = Content::new(&self.header);
        for row in &self.ahead {
            if content.is_enough() {
                break;
            }
            content.add(row);
        }
        content
    }

    /// Reads the next row into the room of another one, which saves time where rows are many; says
    /// whether there was one.
    ///
    /// # Errors
    /// If it cannot be read or decoded. After that there are no more rows.
    pub fn read(&mut self, row: &mut Row) -> Result<bool, Error> {
        loop {
            if let Some(released) = self.footer.released() {
                *row = released;
                return Ok(true);
            }
            if self.done {
                return Ok(false);
            }
            let next = match self.ahead.pop_front() {
                Some(next) => Ok(replaced(row, Some(next))),
                None => self.failed.take().map_or_else(|| self.next_row(row), Err),
            };
            self.done = !matches!(next, Ok(true));
            if self.keeps_footer || next.is_err() {
                return next;
            }
            if self.done {
                self.left_out = self.footer.end();
            } else if !self.footer.hold(row) {
                return Ok(true);
            }
        }
    }

    fn next_row(&mut self, row: &mut Row) -> Result<bool, Error> {
        match &mut self.rows {
            Rows::Records(records) => records.read(row),
            Rows::Objects(lines) => lines.row().map(|next| replaced(row, next)),
            Rows::Sheet(sheet) => Ok(replaced(row, sheet.row())),
        }
    }
}

/// Puts the next row, if there is one, in the place of another.
fn replaced(row: &mut Row, next: Option<Row>) -> bool {
    let found = next.is_some();
    *row = next.unwrap_or_default();
    found
}

impl Iterator for Reader {
    type Item = Result<Row, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut row = Row::default();
        self.read(&mut row)
            .map(|found| found.then_some(row))
            .transpose()
    }
}
