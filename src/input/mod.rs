//! From bytes to rows to organizations: decoding, parsing, mapping of columns, judging of rows.
//!
//! [`Reader`] gives the rows of a file as they stand there; [`Mapping`] says which column means
//! what; [`Examiner`] makes of a row either an organization to be created or the list of its
//! problems. Import, retry and check all use these three, so they cannot differ.

mod dialect;
mod encoding;
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
mod workbook;

pub use error::Error;
pub use examine::{Change, Examined, Examiner};
pub use header::is_results_column;
pub use mapping::{Mapping, MappingOptions, Role};
pub use read_as::{InputFormat, ReadAs, ReadOptions};
pub use source::Source;

use crate::table::{Format, Row};
use dialect::Dialect;
use encoding::Detected;
use lines::Lines;
use records::Records;
use source::Opened;
use std::io::{Cursor, Read as _};
use text::Text;
use workbook::Sheet;

/// Reads the rows of an input one by one; memory does not grow with the file, except for workbooks.
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
        let format = format_of(source, &opened, options);
        let mut read_as = ReadAs {
            format,
            encoding: None,
            delimiter: None,
            quote: None,
            sheet: None,
            gzipped: opened.gzipped,
        };
        let (rows, header) = if format.is_workbook() {
            let mut sheet = open_sheet(opened, format, &source_name, options)?;
            read_as.sheet = Some((sheet.name.clone(), sheet.sheets));
            let header = sheet.header();
            (Rows::Sheet(sheet), header)
        } else {
            let mut text = open_text(source, opened, options, &mut read_as)?;
            if format == InputFormat::Jsonl {
                let mut lines = Lines::new(text, &source_name);
                let header = lines.header()?;
                (Rows::Lines(lines), header)
            } else {
                let head = text.head().map_err(|source| Error::Open {
                    source_name: source_name.clone(),
                    source,
                })?;
                let tabs = matches!(source.extension().as_str(), "tsv" | "tab");
                let dialect = Dialect::detect(head, options.delimiter, tabs);
                read_as.delimiter = Some(dialect.delimiter);
                read_as.quote = (dialect.quote != b'"').then_some(dialect.quote);
                let mut records = Records::new(text, &source_name, dialect);
                let header = records.header()?;
                (Rows::Records(Box::new(records)), header)
            }
        };
        let header = header.ok_or(Error::Empty { source_name })?;
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
            Rows::Records(_) | Rows::Sheet(_) => Format::Csv,
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
            Rows::Sheet(sheet) => Ok(sheet.row()),
        };
        self.done = !matches!(next, Ok(Some(_)));
        next.transpose()
    }
}

/// The kind of file: as the user says, as its first bytes show, or as its name promises.
fn format_of(source: &Source, opened: &Opened, options: &ReadOptions) -> InputFormat {
    const ZIP: &[u8] = b"PK\x03\x04";
    const OLD_OFFICE: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0];
    if let Some(format) = options.format {
        return format;
    }
    let named = source.extension().parse::<InputFormat>().ok();
    if opened.head.starts_with(ZIP) {
        let ods = memchr::memmem::find(&opened.head, b"opendocument.spreadsheet").is_some();
        return if ods {
            InputFormat::Ods
        } else {
            InputFormat::Xlsx
        };
    }
    if opened.head.starts_with(OLD_OFFICE) {
        // A workbook with a password is wrapped in the old format whatever its name.
        return named
            .filter(|format| format.is_workbook())
            .unwrap_or(InputFormat::Xls);
    }
    match named {
        // Some programs call a text file .xls so that Excel opens it.
        Some(format) if !format.is_workbook() => format,
        _ => {
            let start = opened
                .head
                .iter()
                .find(|b| !b.is_ascii_whitespace() && b.is_ascii());
            let braces = matches!(start, Some(b'{'));
            if braces {
                InputFormat::Jsonl
            } else {
                InputFormat::Csv
            }
        }
    }
}

/// Opens the sheet of a workbook.
fn open_sheet(
    opened: Opened,
    format: InputFormat,
    source_name: &str,
    options: &ReadOptions,
) -> Result<Sheet, Error> {
    let mut bytes = Vec::new();
    opened
        .bytes_after(0)
        .read_to_end(&mut bytes)
        .map_err(|source| Error::Open {
            source_name: source_name.to_owned(),
            source,
        })?;
    Sheet::open(
        Box::new(Cursor::new(bytes)),
        format,
        source_name,
        options.sheet.as_deref(),
    )
}

/// Opens a text in its encoding.
fn open_text(
    source: &Source,
    opened: Opened,
    options: &ReadOptions,
    read_as: &mut ReadAs,
) -> Result<Text, Error> {
    let Detected { encoding, mark } = detect(source, &opened, options)?;
    read_as.encoding = Some(encoding.name());
    let start = opened.head.get(mark..).unwrap_or_default();
    let wide = encoding == encoding_rs::UTF_16LE || encoding == encoding_rs::UTF_16BE;
    if !wide && memchr::memchr_iter(0, start).count() > start.len() / 100 {
        return Err(Error::Binary {
            source_name: source.to_string(),
        });
    }
    let array = start.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'[');
    if array && matches!(source.extension().as_str(), "json" | "jsonl" | "ndjson") {
        return Err(Error::JsonArray {
            source_name: source.to_string(),
        });
    }
    Ok(Text::new(opened.bytes_after(mark), encoding, mark as u64))
}

/// The encoding of a text: by its byte order mark, as the user says, or by its bytes.
fn detect(source: &Source, opened: &Opened, options: &ReadOptions) -> Result<Detected, Error> {
    if let Some(marked) = encoding::marked(&opened.head) {
        return Ok(marked);
    }
    if let Some(label) = &options.encoding {
        let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).ok_or_else(|| {
            Error::UnknownEncoding {
                label: label.clone(),
            }
        })?;
        return Ok(Detected { encoding, mark: 0 });
    }
    if let Some(utf16) = encoding::utf16(&opened.head) {
        return Ok(utf16);
    }
    if opened.complete {
        return Ok(encoding::guess(&opened.head, true));
    }
    let failed = |error| Error::Open {
        source_name: source.to_string(),
        source: error,
    };
    Ok(match source.reopen()? {
        None => encoding::guess(&opened.head, false),
        Some(mut again) => match encoding::telling_sample(&mut again).map_err(failed)? {
            Some((sample, complete)) => encoding::guess(&sample, complete),
            None => Detected {
                encoding: encoding_rs::UTF_8,
                mark: 0,
            },
        },
    })
}
