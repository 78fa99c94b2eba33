//! The rows of an input, whatever kind of file it is.

use super::csv::{CsvReader, Dialect};
use super::error::Error;
use super::json::JsonReader;
use super::read_as::{InputFormat, ReadAs, ReadOptions};
use super::source::{Source, format_of};
use super::workbook::Sheet;
use super::{header_row, open};
use crate::columns::{Content, MAX_COLUMNS, is_results_column};
use crate::table::{Format, Row};
use std::collections::VecDeque;

/// Reads the rows of an input one by one; memory does not grow with the file, except for workbooks.
///
/// As an iterator it ends after the first error, since nothing after it can be trusted.
#[derive(Debug)]
pub struct Reader {
    rows: Rows,
    header: Vec<String>,
    read_as: ReadAs,
    done: bool,
    /// Rows that were looked at, and are still to be given.
    ahead: VecDeque<Result<Row, Error>>,
}

/// The reader of one kind of file.
#[derive(Debug)]
enum Rows {
    Records(Box<CsvReader>),
    Objects(Box<JsonReader>),
    Sheet(Sheet),
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
            counts_objects: false,
            gzipped: opened.gzipped,
        };
        let (rows, header) = if format.is_workbook() {
            let mut sheet = open::sheet(opened, format, &source_name, options)?;
            read_as.sheet = Some((sheet.name.clone(), sheet.sheets));
            if options.header_row.is_none() {
                header_row::check(&sheet.top(), &source_name, format)?;
            }
            let header = sheet.header(options.header_row);
            (Rows::Sheet(sheet), header)
        } else {
            let mut text = open::text(source, opened, options, &mut read_as)?;
            if format == InputFormat::Jsonl {
                let mut lines = JsonReader::new(text, &source_name)?;
                let header = lines.header()?;
                read_as.counts_objects = lines.counts_objects();
                (Rows::Objects(Box::new(lines)), header)
            } else {
                let head = text.head().map_err(|source| Error::Open {
                    source_name: source_name.clone(),
                    source,
                })?;
                let tabs = matches!(source.extension().as_str(), "tsv" | "tab");
                let dialect = Dialect::detect(head, options, tabs);
                if options.header_row.is_none() {
                    header_row::check(&dialect.top(head), &source_name, format)?;
                }
                read_as.dialect = Some(dialect);
                let mut records = CsvReader::new(text, &source_name, dialect);
                let header = records.header(options.header_row)?;
                (Rows::Records(Box::new(records)), header)
            }
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
        Ok(Self {
            rows,
            header,
            read_as,
            done: false,
            ahead: VecDeque::new(),
        })
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
    /// Looks at the first rows, which are given all the same: what the columns hold. What cannot be
    /// read is an error only when its turn comes.
    pub fn content(&mut self) -> Content {
        let mut content = Content::new(&self.header);
        while !content.is_enough() && !self.done {
            let mut row = Row::default();
            let next = match self.next_row(&mut row) {
                Ok(false) => break,
                Ok(true) => {
                    content.add(&row);
                    Ok(row)
                }
                Err(error) => Err(error),
            };
            self.ahead.push_back(next);
        }
        content
    }

    /// Reads the next row into the room of another one, which saves time where rows are many; says
    /// whether there was one.
    ///
    /// # Errors
    /// If it cannot be read or decoded. After that there are no more rows.
    pub fn read(&mut self, row: &mut Row) -> Result<bool, Error> {
        match self.ahead.pop_front() {
            None => self.next_row(row),
            Some(next) => next.map(|next| replaced(row, Some(next))),
        }
    }

    fn next_row(&mut self, row: &mut Row) -> Result<bool, Error> {
        if self.done {
            return Ok(false);
        }
        let next = match &mut self.rows {
            Rows::Records(records) => records.read(row),
            Rows::Objects(lines) => lines.row().map(|next| replaced(row, next)),
            Rows::Sheet(sheet) => Ok(replaced(row, sheet.row())),
        };
        self.done = !matches!(next, Ok(true));
        next
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
