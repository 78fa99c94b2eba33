//! A row of a file: its unchanged cells, its number, its line.
//!
//! Input files and results files are both tables, so both rooms speak in these words.

mod typed;

pub(crate) use typed::{Borrowed, typed};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// How a results file is written, and one of the ways an input can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// A header row, then one record a row. Spreadsheets are read into this form too.
    Csv,
    /// One JSON object a line (JSONL, also called NDJSON).
    Jsonl,
}

impl Format {
    /// The usual file extension, without the dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
        }
    }
}

/// A JSON object whose keys keep their order and whose values keep their text, byte for byte.
pub type Object = IndexMap<String, Box<RawValue>>;

/// One data row of a table.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its place among the data rows, counted from 1; a header is not counted.
    pub number: u64,
    /// The line of the file (or row of the spreadsheet) on which it begins, counted from 1.
    pub line: u64,
    /// What it holds.
    pub cells: Cells,
}

impl Row {
    /// How much text it holds, in bytes.
    pub fn size(&self) -> usize {
        match &self.cells {
            Cells::Record(record) => record.as_slice().len(),
            Cells::Object(object) => object.values().map(|value| value.get().len()).sum(),
            Cells::Unreadable { text, .. } => text.len(),
        }
    }
}

impl Default for Row {
    /// Room for a row.
    fn default() -> Self {
        Self {
            number: 0,
            line: 0,
            cells: Cells::Record(csv::StringRecord::new()),
        }
    }
}

/// The content of a row, as it is in the file.
#[derive(Clone, Debug)]
pub enum Cells {
    /// Fields in the order of the header. Can be shorter or longer than the header: missing
    /// fields are blank.
    Record(csv::StringRecord),
    /// A JSON object.
    Object(Object),
    /// What cannot be read as a row (a JSONL line without an object, a record with misplaced quotes),
    /// and why.
    Unreadable {
        /// The text, without its line end.
        text: String,
        /// What is wrong with it, as a lowercase fragment.
        reason: String,
    },
}
