//! How an input is to be read, and how it was understood.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The kinds of file that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InputFormat {
    /// Text with separators: CSV, TSV and their kin.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

impl FromStr for InputFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.to_ascii_lowercase().as_str() {
            "csv" | "tsv" | "txt" | "tab" => Ok(Self::Csv),
            "jsonl" | "ndjson" => Ok(Self::Jsonl),
            _ => Err(format!("{text} is not one of csv, jsonl")),
        }
    }
}

/// What the user said about how to read; what is left open is found out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReadOptions {
    /// The kind of file; otherwise told by its extension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<InputFormat>,
    /// The name of the text encoding, for example `windows-1252`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// The separator of a CSV file: an ASCII character.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<u8>,
    /// The sheet of a spreadsheet, by name or by number from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
}

/// How an input was understood. Displays as, for example, `CSV, semicolons, Windows-1252`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadAs {
    /// The kind of file.
    pub format: InputFormat,
    /// The name of the text encoding.
    pub encoding: String,
    /// The separator, for CSV.
    pub delimiter: Option<u8>,
}

impl fmt::Display for ReadAs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.format {
            InputFormat::Csv => f.write_str("CSV")?,
            InputFormat::Jsonl => f.write_str("JSONL")?,
        }
        match self.delimiter {
            None => {}
            Some(b',') => f.write_str(", commas")?,
            Some(b';') => f.write_str(", semicolons")?,
            Some(b'\t') => f.write_str(", tabs")?,
            Some(b'|') => f.write_str(", pipes")?,
            Some(other) => write!(f, ", separator {:?}", char::from(other))?,
        }
        write!(f, ", {}", self.encoding)
    }
}
