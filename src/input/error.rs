//! Why an input cannot be read at all, with the place and what to do about it.
//!
//! A row that breaks a rule is not an error: it is a row with problems.

use super::read_as::InputFormat;
use crate::columns::MAX_COLUMNS;
use crate::text::{listed, quoted};
use std::io;

/// An input that cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be opened.
    #[error("cannot open {source_name}")]
    Open {
        /// The input, as messages call it.
        source_name: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Reading failed on the way.
    #[error("{source_name}:{line}: reading failed")]
    Read {
        /// The input, as messages call it.
        source_name: String,
        /// The line at which it failed, counted from 1.
        line: u64,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Some bytes are no text in the encoding.
    #[error("{source_name}:{line}: byte {offset} of the file is not {encoding} text")]
    Undecodable {
        /// The input, as messages call it.
        source_name: String,
        /// The line of the bytes, counted from 1.
        line: u64,
        /// The place of the first of them in the file, counted from 0.
        offset: u64,
        /// The name of the encoding.
        encoding: &'static str,
        /// Whether valid non-ASCII UTF-8 precedes them.
        is_sound_before: bool,
    },
    /// The name of the encoding is unknown.
    #[error("unknown text encoding {}", quoted(.label))]
    UnknownEncoding {
        /// The name that was given.
        label: String,
    },
    /// It is something else that is known, and not a list.
    #[error("{source_name} is {kind}")]
    NotAList {
        /// The input, as messages call it.
        source_name: String,
        /// What it is.
        kind: Kind,
    },
    /// It is no text and no spreadsheet.
    #[error("{source_name} is not a text file: it contains binary data")]
    Binary {
        /// The input, as messages call it.
        source_name: String,
    },
    /// It is a JSON array of texts.
    #[error("{source_name} contains an array of strings, not of objects")]
    ArrayOfTexts {
        /// The input, as messages call it.
        source_name: String,
    },
    /// It is a JSON array of arrays that are not rows below a header.
    #[error(
        "{source_name} contains an array of arrays, and the first one does not name the columns"
    )]
    BrokenArrays {
        /// The input, as messages call it.
        source_name: String,
    },
    /// It is a JSON object that holds several lists.
    #[error("{source_name} contains one JSON object with several lists: {}", listed(.lists))]
    SeveralLists {
        /// The input, as messages call it.
        source_name: String,
        /// The keys that lead to each.
        lists: Vec<String>,
    },
    /// It holds no list at the place that was named.
    #[error("{source_name} contains no list of objects under {}", quoted(.list))]
    NoSuchList {
        /// The input, as messages call it.
        source_name: String,
        /// The keys that should lead to it.
        list: String,
    },
    /// Some rows of the sheet cannot be seen.
    #[error("{source_name} has hidden or filtered rows ({}): {}", .rows.len(), numbers(.rows))]
    HiddenRows {
        /// The input, as messages call it.
        source_name: String,
        /// Their numbers in the sheet.
        rows: Vec<u64>,
    },
    /// It has a header, and no rows.
    #[error("{source_name} has a header but no rows")]
    NoRows {
        /// The input, as messages call it.
        source_name: String,
    },
    /// The header is one cell that another separator would divide.
    #[error("{source_name}:{line}: the header is one cell: {}", quoted(.header))]
    OtherDelimiter {
        /// The input, as messages call it.
        source_name: String,
        /// The line of the header, counted from 1.
        line: u64,
        /// The header.
        header: String,
        /// The separator that it probably has.
        delimiter: char,
        /// The kind of file.
        format: InputFormat,
    },
    /// A quotation mark opens a cell that never ends.
    #[error("{source_name}:{line}: unclosed quote: it opens a cell that is not closed {}", .until)]
    UnclosedQuote {
        /// The input, as messages call it.
        source_name: String,
        /// The line on which the record begins, counted from 1.
        line: u64,
        /// How far it was looked for, as a clause: `before the end of the file`.
        until: &'static str,
    },
    /// The header has misplaced quotes.
    #[error("{source_name}:{line}: {reason}")]
    UnreadableHeader {
        /// The input, as messages call it.
        source_name: String,
        /// The line on which the header begins, counted from 1.
        line: u64,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// A row is too long, and no quote explains it.
    #[error("{source_name}:{line}: the row that starts here is longer than 16 MiB")]
    EndlessRow {
        /// The input, as messages call it.
        source_name: String,
        /// The line on which the row begins, counted from 1.
        line: u64,
    },
    /// There are more columns than any spreadsheet has.
    #[error("{source_name} has {count} columns; the maximum is {MAX_COLUMNS}")]
    TooManyColumns {
        /// The input, as messages call it.
        source_name: String,
        /// How many there are.
        count: usize,
    },
    /// A JSON file ends within an object, or the object is too long.
    #[error("{source_name}:{line}: the object that starts here is not closed {until}")]
    UnclosedObject {
        /// The input, as messages call it.
        source_name: String,
        /// The line on which the object begins, counted from 1.
        line: u64,
        /// How far its end was looked for, as a clause: `before the end of the file`.
        until: &'static str,
    },
    /// A JSON array has no end.
    #[error("{source_name}:{line}: the array is not closed before the end of the file")]
    UnclosedArray {
        /// The input, as messages call it.
        source_name: String,
        /// The last line of the file, counted from 1.
        line: u64,
    },
    /// The workbook cannot be read.
    #[error("cannot read {source_name} as an {kind} workbook")]
    Workbook {
        /// The input, as messages call it.
        source_name: String,
        /// The kind of workbook: `XLSX`, `ODS`.
        kind: String,
        /// What the reader of workbooks said.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It is a workbook of a form that is not read.
    #[error("{source_name} is an Excel workbook from before 2007, or has a password")]
    OldWorkbook {
        /// The input, as messages call it.
        source_name: String,
    },
    /// The sheet asked for is not in the workbook.
    #[error("{source_name} has no sheet {}; its sheets are {}", quoted(.sheet), listed(.sheets))]
    NoSuchSheet {
        /// The input, as messages call it.
        source_name: String,
        /// The sheet asked for, by name or number.
        sheet: String,
        /// The sheets that are there.
        sheets: Vec<String>,
    },
    /// There is nothing in it.
    #[error("{source_name} is empty")]
    Empty {
        /// The input, as messages call it.
        source_name: String,
    },
    /// It ends above the line that is to name the columns.
    #[error("{source_name} ends before line {line}, which --header-row names")]
    NoSuchLine {
        /// The input, as messages call it.
        source_name: String,
        /// The line, counted from 1.
        line: u64,
    },
    /// An option was given that says nothing about this kind of file.
    #[error("{option} cannot be used with {kind}: {source_name}")]
    IdleOption {
        /// The input, as messages call it.
        source_name: String,
        /// The kind of file.
        kind: InputFormat,
        /// The option, as it is written.
        option: &'static str,
    },
    /// The sheet is blank, and there are others.
    #[error("the sheet {} of {source_name} is blank; its sheets are {}", quoted(.sheet), listed(.sheets))]
    EmptySheet {
        /// The input, as messages call it.
        source_name: String,
        /// The sheet.
        sheet: String,
        /// All sheets.
        sheets: Vec<String>,
    },
    /// The first sheet names no columns that are known, and another one does.
    #[error(
        "the sheet {} of {source_name} has no header row that is recognized, but the sheet {} \
         has one",
        quoted(.sheet), quoted(.other)
    )]
    OtherSheet {
        /// The input, as messages call it.
        source_name: String,
        /// The sheet that would be read.
        sheet: String,
        /// The one that seems to be the list.
        other: String,
        /// The column of the first one that probably holds names.
        likely: Option<String>,
    },
    /// The first line names no columns that are known, and one further down does.
    #[error("{source_name}:{line}: the header was found on this line, not on line 1: {}", listed(.header))]
    HeaderBelow {
        /// The input, as messages call it.
        source_name: String,
        /// The line that names them, counted from 1.
        line: u64,
        /// Their names.
        header: Vec<String>,
    },
    /// The first line holds what rows hold.
    #[error("{source_name}:{line}: the first line is not a header: it contains {}", quoted(.cell))]
    DataInHeader {
        /// The input, as messages call it.
        source_name: String,
        /// The line, counted from 1.
        line: u64,
        /// What it holds.
        cell: String,
    },
    /// The first line names one column, and the rows have more cells.
    #[error("{source_name}:{line}: the first line has one cell, but the rows below have more")]
    NarrowHeader {
        /// The input, as messages call it.
        source_name: String,
        /// Its line, counted from 1.
        line: u64,
        /// The first line with more cells.
        below: u64,
        /// The kind of file.
        format: InputFormat,
    },
}

/// The first of some numbers.
fn numbers(all: &[u64]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<_> = all.iter().take(SHOWN).map(u64::to_string).collect();
    let more = if all.len() > SHOWN { " …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// Known file types that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Text in a code page of DOS.
    DosText,
    /// Text in UTF-32.
    Utf32,
    /// A page of HTML.
    Html,
    /// A document in XML.
    Xml,
    /// A document in PDF.
    Pdf,
    /// A ZIP archive.
    Zip,
    /// A document of Apple's Numbers.
    Numbers,
    /// A binary workbook of Excel.
    BinaryWorkbook,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::DosText => {
                "text in a DOS code page (437, 850 or similar), which is not \
                supported"
            }
            Self::Utf32 => "text in UTF-32, which is not supported",
            Self::Html => "an HTML page, not a list",
            Self::Xml => "an XML document, not a list",
            Self::Pdf => "a PDF document, not a list",
            Self::Zip => "a ZIP archive, not a list",
            Self::BinaryWorkbook => "an Excel binary workbook (.xlsb), which is not supported",
            Self::Numbers => "an Apple Numbers document, which is not supported",
        })
    }
}

impl Kind {
    pub(super) fn hint(self) -> &'static str {
        match self {
            Self::DosText => {
                "save the file again as UTF-8; if it comes from a Mac, read it with --encoding \
                 macintosh"
            }
            Self::Utf32 => "save the file again as UTF-8",
            Self::Html => {
                "if a spreadsheet program opens it as a table, save it as .xlsx; otherwise it \
                 may be a sign-in page: export the list again"
            }
            Self::Xml => {
                "if a spreadsheet program opens it as a table, save it as .xlsx; otherwise \
                 export the list as CSV"
            }
            Self::Pdf => "export the list as CSV or .xlsx",
            Self::Zip => "unzip it and use the list inside",
            Self::BinaryWorkbook => "in Excel, save it as .xlsx or CSV",
            Self::Numbers => "in Numbers, choose File > Export To > Excel, or CSV",
        }
    }
}

/// Whether a name is that of a code page of DOS.
pub(super) fn is_code_page(label: &str) -> bool {
    let digits: String = label.chars().filter(char::is_ascii_digit).collect();
    matches!(digits.as_str(), "437" | "737" | "775")
        || (digits.len() == 3 && digits.starts_with("85"))
}

impl Error {
    /// Whether a quote is not closed before the end of the file.
    pub(crate) const fn is_unclosed_quote(&self) -> bool {
        matches!(self, Self::UnclosedQuote { .. })
    }
}
