//! From bytes to rows to organizations: decoding, parsing, mapping of columns, judging of rows.
//!
//! [`Reader`] gives the rows of a file as they stand there; [`Mapping`] says which column means
//! what; [`Examiner`] makes of a row either an organization to be created or the list of its
//! problems. Import, retry and check all use these three, so they cannot differ.

pub mod error;
pub mod examine;
mod header;
mod lines;
pub mod mapping;
mod read_as;
mod records;
mod seen;
mod source;
mod text;

pub use error::Error;
pub use examine::{Change, Examined, Examiner};
pub use header::is_results_column;
pub use mapping::{Mapping, MappingOptions, Role};
pub use read_as::{InputFormat, ReadAs, ReadOptions};
pub use source::Source;

use crate::table::{Format, Row};
use lines::Lines;
use records::Records;
use text::Text;

/// Reads the rows of an input one by one; memory does not grow with the file.
///
/// As an iterator it ends after the first error, since nothing behind it can be trusted.
#[derive(Debug)]
pub struct Reader {
    rows: Rows,
    header: Vec<String>,
    read_as: ReadAs,
    done: bool,
}

/// The reader of one kind of file.
#[derive(Debug)]
enum Rows {
    Records(Box<Records>),
    Lines(Lines),
}

impl Reader {
    /// Opens an input and reads the names of its columns.
    ///
    /// # Errors
    /// If it cannot be opened, is empty, or its beginning cannot be read or decoded.
    pub fn open(source: &Source, options: &ReadOptions) -> Result<Self, Error> {
        let source_name = source.to_string();
        let extension = source.extension();
        let format = options
            .format
            .or_else(|| extension.parse().ok())
            .unwrap_or(InputFormat::Csv);
        let text = Text::utf8(source.open()?).map_err(|error| Error::Open {
            source_name: source_name.clone(),
            source: error,
        })?;
        let (rows, header, delimiter) = match format {
            InputFormat::Csv => {
                let tab = matches!(extension.as_str(), "tsv" | "tab");
                let delimiter = options.delimiter.unwrap_or(if tab { b'\t' } else { b',' });
                let mut records = Records::new(text, &source_name, delimiter);
                let header = records.header()?;
                (Rows::Records(Box::new(records)), header, Some(delimiter))
            }
            InputFormat::Jsonl => {
                let mut lines = Lines::new(text, &source_name);
                let header = lines.header()?;
                (Rows::Lines(lines), header, None)
            }
        };
        let header = header.ok_or(Error::Empty { source_name })?;
        let read_as = ReadAs {
            format,
            encoding: "UTF-8".to_owned(),
            delimiter,
        };
        Ok(Self {
            rows,
            header,
            read_as,
            done: false,
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
            Rows::Records(_) => Format::Csv,
            Rows::Lines(_) => Format::Jsonl,
        }
    }

    /// How the file was understood.
    pub fn read_as(&self) -> &ReadAs {
        &self.read_as
    }
}

impl Iterator for Reader {
    type Item = Result<Row, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let next = match &mut self.rows {
            Rows::Records(records) => records.row(),
            Rows::Lines(lines) => lines.row(),
        };
        self.done = !matches!(next, Ok(Some(_)));
        next.transpose()
    }
}
