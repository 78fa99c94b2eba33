//! How an input is to be read, and how it was understood.

use super::csv::Dialect;
use crate::text::{counted, quoted};
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
    /// An Excel workbook (also XLSM).
    Xlsx,
    /// An ODF workbook (`LibreOffice` and others).
    Ods,
}

impl InputFormat {
    /// Whether it is a workbook, with sheets.
    pub const fn is_workbook(self) -> bool {
        matches!(self, Self::Xlsx | Self::Ods)
    }
}

impl FromStr for InputFormat {
    type Err = String;

    /// The format by its name or by a usual file extension, without the dot.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.to_ascii_lowercase().as_str() {
            "csv" | "tsv" | "txt" | "tab" => Ok(Self::Csv),
            "jsonl" | "ndjson" => Ok(Self::Jsonl),
            "xlsx" | "xlsm" => Ok(Self::Xlsx),
            "ods" => Ok(Self::Ods),
            _ => Err(format!("{text} is not one of csv, jsonl, xlsx, ods")),
        }
    }
}

impl fmt::Display for InputFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Csv => "CSV",
            Self::Jsonl => "JSONL",
            Self::Xlsx => "XLSX",
            Self::Ods => "ODS",
        })
    }
}

/// What to do with rows of a workbook that are hidden or filtered out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HiddenRows {
    /// They are no rows of the list.
    Skip,
    /// They are rows like others.
    Keep,
}

/// Reading options of the user; everything else is detected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReadOptions {
    /// The file format; detected from extension and first bytes if not set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<InputFormat>,
    /// The name of the text encoding, for example `windows-1252`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// The separator of a CSV file: an ASCII character.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<u8>,
    /// The sheet of a workbook, by name or by number from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The line (or row of the sheet) that names the columns, counted from 1; lines above it
    /// are skipped. Otherwise the first that is not blank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header_row: Option<u64>,
    /// What to do with hidden rows of a workbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<HiddenRows>,
    /// The keys that lead to the list in a JSON file, separated by dots.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// Whether lines below the list that look like totals or notes are rows.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub keep_footer: bool,
}

impl ReadOptions {
    /// The options of the command line that say the same, each with its value.
    pub fn options(&self) -> Vec<(&'static str, Option<String>)> {
        let format = self.format.map(|it| it.to_string().to_lowercase());
        let delimiter = self.delimiter.map(|byte| match byte {
            b'\t' => "tab".to_owned(),
            byte if byte.is_ascii_control() => format!("\\x{byte:02x}"),
            byte => char::from(byte).to_string(),
        });
        let header_row = self.header_row.map(|row| row.to_string());
        let valued = [
            ("format", format),
            ("encoding", self.encoding.clone()),
            ("delimiter", delimiter),
            ("sheet", self.sheet.clone()),
            ("header-row", header_row),
            ("list", self.list.clone()),
        ];
        let switches = [
            ("skip-hidden", self.hidden == Some(HiddenRows::Skip)),
            ("keep-hidden", self.hidden == Some(HiddenRows::Keep)),
            ("keep-footer", self.keep_footer),
        ];
        let valued = valued.into_iter().filter(|(_, value)| value.is_some());
        let switches = switches.into_iter().filter(|(_, is_on)| *is_on);
        valued
            .chain(switches.map(|(name, _)| (name, None)))
            .collect()
    }

    /// The first given option that does not apply to this format.
    pub(super) fn idle_for(&self, format: InputFormat) -> Option<&'static str> {
        let given = [
            (
                "--encoding",
                self.encoding.is_some() && format.is_workbook(),
            ),
            (
                "--delimiter",
                self.delimiter.is_some() && format != InputFormat::Csv,
            ),
            (
                "--list",
                self.list.is_some() && format != InputFormat::Jsonl,
            ),
            (
                "--skip-hidden",
                self.hidden == Some(HiddenRows::Skip) && !format.is_workbook(),
            ),
            ("--sheet", self.sheet.is_some() && !format.is_workbook()),
            (
                "--header-row",
                self.header_row.is_some() && format == InputFormat::Jsonl,
            ),
        ];
        given
            .iter()
            .find(|(_, idle)| *idle)
            .map(|(option, _)| *option)
    }
}

/// How an input was understood. Displays as, for example, `CSV, semicolons, windows-1252` or
/// `XLSX, sheet "Customers"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadAs {
    /// The kind of file.
    pub format: InputFormat,
    /// The name of the text encoding; `None` for workbooks.
    pub encoding: Option<&'static str>,
    /// If the encoding was guessed, words that it makes of the text, for the user to see.
    pub guessed_from: Vec<String>,
    /// How cells are separated and quoted, for CSV.
    pub(super) dialect: Option<Dialect>,
    /// The name of the sheet, and how many the workbook has.
    pub sheet: Option<(String, usize)>,
    /// How many hidden rows the sheet has, and what is done with them.
    pub hidden_rows: Option<(u64, HiddenRows)>,
    /// Whether the objects of a JSON file are on one line; each is then counted as a line.
    pub counts_objects: bool,
    /// What the list was found in, if it is not the whole of a JSON file.
    pub found_in: Option<String>,
    /// Whether it was unpacked by gzip.
    pub gzipped: bool,
}

impl ReadAs {
    /// What separates the cells of a CSV file.
    pub fn delimiter(&self) -> Option<u8> {
        self.dialect.map(|dialect| dialect.delimiter)
    }
}

impl fmt::Display for ReadAs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.gzipped {
            f.write_str("gzipped ")?;
        }
        write!(f, "{}", self.format)?;
        if let Some(dialect) = self.dialect {
            write!(f, ", {dialect}")?;
        }
        if let Some(encoding) = self.encoding {
            // The encoding standard's names are lower-case where everyone writes them so.
            let name = encoding.strip_prefix("windows-");
            match name {
                Some(number) => write!(f, ", Windows-{number}")?,
                None => write!(f, ", {encoding}")?,
            }
            if !self.guessed_from.is_empty() {
                let words: Vec<_> = self.guessed_from.iter().map(|w| quoted(w)).collect();
                write!(f, " (guessed from {})", words.join(", "))?;
            }
        }
        if let Some((name, sheets)) = &self.sheet {
            write!(f, ", sheet {}", quoted(name))?;
            if *sheets > 1 {
                write!(f, " of {sheets}")?;
            }
        }
        if let Some((count, choice)) = self.hidden_rows {
            let choice = match choice {
                HiddenRows::Skip => "left out",
                HiddenRows::Keep => "included",
            };
            write!(f, ", {} {choice}", counted(count, "hidden row"))?;
        }
        if let Some(found_in) = &self.found_in {
            write!(f, ", {found_in}")?;
        }
        if self.counts_objects {
            f.write_str(", objects counted as lines")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_line_says_how_a_file_was_understood() {
        let csv = ReadAs {
            format: InputFormat::Csv,
            encoding: Some("windows-1252"),
            guessed_from: Vec::new(),
            dialect: Some(Dialect {
                delimiter: b';',
                ..Dialect::RFC_4180
            }),
            sheet: None,
            hidden_rows: None,
            counts_objects: false,
            found_in: None,
            gzipped: false,
        };
        assert_eq!(csv.to_string(), "CSV, semicolons, Windows-1252");
        let array = ReadAs {
            format: InputFormat::Jsonl,
            encoding: Some("UTF-8"),
            dialect: None,
            counts_objects: true,
            ..csv.clone()
        };
        assert_eq!(array.to_string(), "JSONL, UTF-8, objects counted as lines");
        let guessed = ReadAs {
            guessed_from: vec!["Müller".to_owned(), "Crème".to_owned()],
            ..csv.clone()
        };
        assert_eq!(
            guessed.to_string(),
            "CSV, semicolons, Windows-1252 (guessed from \"Müller\", \"Crème\")"
        );
        let xlsx = ReadAs {
            format: InputFormat::Xlsx,
            encoding: None,
            dialect: None,
            sheet: Some(("Kunden".to_owned(), 3)),
            ..csv
        };
        assert_eq!(xlsx.to_string(), "XLSX, sheet \"Kunden\" of 3");
    }
}
