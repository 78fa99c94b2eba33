//! Why an input cannot be read at all, with the place and what to do about it.
//!
//! A row that breaks a rule is not an error: it is a row with problems.

use super::header::closest;
use crate::organization::text::quoted;
use std::fmt::Write as _;
use std::io;
use std::path::Path;

/// An input that cannot be read, or whose columns cannot be understood.
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
        /// The line on which the bytes stand, counted from 1.
        line: u64,
        /// The place of the first of them in the file, counted from 0.
        offset: u64,
        /// The name of the encoding.
        encoding: &'static str,
    },
    /// The name of the encoding is unknown.
    #[error("there is no text encoding {}", quoted(.label))]
    UnknownEncoding {
        /// The name that was given.
        label: String,
    },
    /// It is no text and no spreadsheet.
    #[error("{source_name} is not a text file: it holds binary data")]
    Binary {
        /// The input, as messages call it.
        source_name: String,
    },
    /// It is one JSON array instead of one object a line.
    #[error("{source_name} holds a JSON array, not one JSON object a line")]
    JsonArray {
        /// The input, as messages call it.
        source_name: String,
    },
    /// A quotation mark opens a cell that never ends.
    #[error("{source_name}:{line}: a quotation mark opens a cell that is not closed {}", .until)]
    UnclosedQuote {
        /// The input, as messages call it.
        source_name: String,
        /// The line on which the record begins, counted from 1.
        line: u64,
        /// How far it was looked for, as a clause: `before the end of the file`.
        until: &'static str,
    },
    /// The workbook cannot be read.
    #[error("cannot read {source_name} as a {kind} workbook")]
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
    #[error("{source_name} is an Excel workbook of before 2007, or has a password")]
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
    /// The mapping file cannot be read, written or understood.
    #[error("cannot {action} the mapping file {path}")]
    MappingFile {
        /// `read` or `write`.
        action: &'static str,
        /// The file.
        path: String,
        /// What is wrong.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The mapping file does not fit the list.
    #[error("the mapping file {path} does not fit this list")]
    OtherColumns {
        /// The file.
        path: String,
        /// Which column is missing, or is there twice.
        #[source]
        source: Box<Self>,
    },
    /// There is nothing in it.
    #[error("{source_name} is empty")]
    Empty {
        /// The input, as messages call it.
        source_name: String,
    },
    /// No column can serve as the name.
    #[error("no column holds the organization's name; {}", columns_found(.header))]
    NoNameColumn {
        /// The columns that are there.
        header: Vec<String>,
    },
    /// A column that the options name is not there.
    #[error("there is no column {}; {}", quoted(.column), columns_found(.header))]
    NoSuchColumn {
        /// The column asked for.
        column: String,
        /// The columns that are there.
        header: Vec<String>,
    },
    /// Several columns could serve equally.
    #[error("{} could each be the {field}", listed(.columns))]
    Ambiguous {
        /// What they could serve as, in a user's words: `name`, `domain`, `external id`.
        field: String,
        /// Their headers.
        columns: Vec<String>,
    },
    /// The column of the name seems to hold those of persons.
    #[error("column {} seems to hold names of persons, since there are columns for first or last names", quoted(.column))]
    NamesOfPersons {
        /// Its header.
        column: String,
    },
    /// The options give a role to two columns.
    #[error("the {role} is given to both {}", columns.iter().map(|c| quoted(c)).collect::<Vec<_>>().join(" and "))]
    MappedTwice {
        /// The role.
        role: String,
        /// Their headers.
        columns: Vec<String>,
    },
    /// Several columns have the same header.
    #[error("there are several columns {}", quoted(.column))]
    RepeatedColumn {
        /// Their header.
        column: String,
    },
    /// A column of the results file was asked for as input.
    #[error("{} is a column of the results file, not of the customer list", quoted(.column))]
    ResultsColumn {
        /// Its header.
        column: String,
    },
}

impl Error {
    /// The same, about a mapping file whose column is not that of the list.
    pub(super) fn in_mapping_file(self, path: &Path) -> Self {
        Self::OtherColumns {
            path: path.display().to_string(),
            source: Box::new(self),
        }
    }

    /// What to do about it, if there is something to say.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Open { .. } | Self::Read { .. } | Self::Workbook { .. } => None,
            Self::UnknownEncoding { .. } => Some(
                "names are for example utf-8, utf-16le, windows-1252, iso-8859-2, shift_jis"
                    .to_owned(),
            ),
            Self::OldWorkbook { .. } => {
                Some("save it as .xlsx without a password, or as CSV, and try again".to_owned())
            }
            Self::Binary { .. } => Some(
                "export the list as CSV, or as a workbook (.xlsx, .ods), and try again".to_owned(),
            ),
            Self::JsonArray { .. } => {
                Some("turn it into one object a line: jq -c '.[]' FILE > FILE.jsonl".to_owned())
            }
            Self::UnclosedQuote { .. } => Some(
                "look at that line: double a quotation mark inside a quoted cell, or take a stray \
                 one out"
                    .to_owned(),
            ),
            Self::NoSuchSheet { .. } => {
                Some("name it with --sheet, by its name or its number from 1".to_owned())
            }
            Self::MappingFile {
                action: "write", ..
            } => Some("name a file that does not exist yet, or remove this one first".to_owned()),
            Self::OtherColumns { source, .. } => source.hint(),
            Self::NamesOfPersons { column } => Some(format!(
                "say which column holds the companies' names, for example --map name={}",
                shell_word(column)
            )),
            Self::MappedTwice { .. } => Some("give it once".to_owned()),
            Self::MappingFile { .. } => Some(
                "workos-orgs check FILE --write-mapping map.toml writes one to start from"
                    .to_owned(),
            ),
            Self::Undecodable { .. } => Some(
                "name the encoding with --encoding, for example --encoding windows-1252, or save \
                 the file again as UTF-8"
                    .to_owned(),
            ),
            Self::Empty { .. } => {
                Some("the first line names the columns: name, domain, external_id …".to_owned())
            }
            Self::NoNameColumn { header } => Some(
                match header.iter().find(|column| !column.trim().is_empty()) {
                    Some(column) => format!(
                        "say which one it is, for example --map name={}; lines above the table's \
                         header have to go",
                        shell_word(column)
                    ),
                    None => {
                        "the first line names the columns: name, domain, external_id …".to_owned()
                    }
                },
            ),
            Self::NoSuchColumn { column, header } => {
                let compared = "column names are compared without case, spaces and punctuation";
                Some(match closest(column, header) {
                    Some(other) => format!("did you mean {}? {compared}", quoted(other)),
                    None => compared.to_owned(),
                })
            }
            Self::Ambiguous { field, columns } => {
                let column = columns.first().map(String::as_str).unwrap_or_default();
                let role = field.replace(' ', "_");
                Some(format!(
                    "say which one it is: --map {role}={}",
                    shell_word(column)
                ))
            }
            Self::RepeatedColumn { .. } => {
                Some("give them different names in the file's header".to_owned())
            }
            Self::ResultsColumn { .. } => {
                Some("the workos_ columns hold outcomes; name another column".to_owned())
            }
        }
    }
}

/// A clause that lists the columns of a file.
fn columns_found(header: &[String]) -> String {
    if header.is_empty() {
        "no columns were found".to_owned()
    } else {
        format!("the columns found are {}", listed(header))
    }
}

/// Headers in quotation marks with commas, the first 20 of them.
fn listed(columns: &[String]) -> String {
    const SHOWN: usize = 20;
    let mut out = columns
        .iter()
        .take(SHOWN)
        .map(|c| quoted(c))
        .collect::<Vec<_>>()
        .join(", ");
    if columns.len() > SHOWN {
        let _ = write!(out, " and {} more", columns.len() - SHOWN);
    }
    out
}

/// A header as one types it in a shell.
fn shell_word(text: &str) -> String {
    let plain = text
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    if plain && !text.is_empty() {
        text.to_owned()
    } else {
        quoted(text)
    }
}
