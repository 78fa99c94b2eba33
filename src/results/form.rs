//! How a results file is written: as the list is, so that the user's spreadsheet opens it.

use super::{has_mark, is_workbook};
use crate::input::{InputFormat, Reader, Source};
use crate::table::Format;
use std::path::Path;

/// The form of a results file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// CSV or JSONL.
    pub format: Format,
    /// What separates cells: a comma, a semicolon, a tab. JSONL has none.
    pub delimiter: u8,
    /// Whether it begins with a byte order mark, by which Excel knows UTF-8.
    pub has_mark: bool,
    /// How lines end.
    pub line_end: LineEnd,
    /// Whether the table is a workbook.
    pub is_workbook: bool,
}

/// How lines end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineEnd {
    /// `\n`, everywhere but on Windows.
    #[default]
    Lf,
    /// `\r\n`.
    CrLf,
}

impl LineEnd {
    /// Its characters.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Lf => "\n",
            Self::CrLf => "\r\n",
        }
    }
}

impl Form {
    /// The form of the results of a list: its separator and its byte order mark. A list in another
    /// encoding than UTF-8 comes from a program that needs the mark to recognize UTF-8.
    pub fn of_list(reader: &Reader, source: &Source) -> Self {
        let read_as = reader.read_as();
        let begins_with_mark = match source {
            Source::File(path) | Source::Copy { path, .. } => has_mark(path),
            Source::Stdin => false,
        };
        let is_csv = read_as.format == InputFormat::Csv;
        Self {
            delimiter: read_as.delimiter().filter(|_| is_csv).unwrap_or(b','),
            has_mark: begins_with_mark || read_as.encoding != Some("UTF-8"),
            ..Self::of(reader.format())
        }
    }

    /// The usual form: commas, no byte order mark.
    pub const fn of(format: Format) -> Self {
        Self {
            format,
            delimiter: b',',
            has_mark: false,
            line_end: LineEnd::Lf,
            is_workbook: false,
        }
    }

    /// The same for a file of this name: a workbook where the name says so.
    #[must_use]
    pub fn at(self, path: &Path) -> Self {
        Self {
            is_workbook: is_workbook(path),
            ..self
        }
    }
}
