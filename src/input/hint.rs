//! What to do about an input that cannot be read.

use super::error::{Error, is_code_page};
use crate::text::shell;
use std::io;

impl Error {
    /// What to do about it, if there is something to say.
    pub fn hint(&self) -> Option<String> {
        let words = self.hint_about_file().or_else(|| self.hint_about_text());
        words
            .map(str::to_owned)
            .or_else(|| self.hint_about_columns())
    }

    /// What to do where the file is none that is read.
    fn hint_about_file(&self) -> Option<&'static str> {
        Some(match self {
            Self::Open { source, .. } | Self::Read { source, .. } => match source.kind() {
                io::ErrorKind::UnexpectedEof => "the file is incomplete: download it again",
                io::ErrorKind::NotFound => "check the path",
                _ => return None,
            },
            // A sheet of Excel 4 macros makes the whole workbook unreadable.
            Self::Workbook { source, .. } if source.to_string().contains("macrosheet") => {
                "it has a macro sheet, which is not supported: in Excel, copy the list into a new \
                 workbook, or save it as CSV"
            }
            Self::Workbook { .. } => {
                "the file is incomplete, damaged or not a workbook: download it again, or export \
                 the list as .xlsx or CSV"
            }
            Self::NotAList { kind, .. } => kind.hint(),
            Self::OldWorkbook { .. } => "save it as .xlsx without a password, or as CSV",
            Self::Binary { .. } => "export the list as CSV or as a workbook (.xlsx, .ods)",
            Self::NoSuchSheet { .. } | Self::EmptySheet { .. } => {
                "use --sheet with the sheet's name, or its number starting at 1"
            }
            Self::ArrayOfTexts { .. } => {
                "save the names as text, one a line, below a first line with: name"
            }
            Self::BrokenArrays { .. } => "export the list as an array of objects, or as CSV",
            Self::NoSuchList { .. } => "name the keys that lead to the list, separated by dots",
            Self::HiddenRows { .. } => "--skip-hidden leaves them out, --keep-hidden includes them",
            Self::NoRows { .. } => "export the list again, with its rows",
            Self::Empty { .. } => {
                "the first line must contain the column names: name, domain, \
                external_id …"
            }
            _ => return None,
        })
    }

    /// What to do where the text cannot be read to its end.
    fn hint_about_text(&self) -> Option<&'static str> {
        Some(match self {
            Self::UnknownEncoding { label } if is_code_page(label) => {
                "save the file again as UTF-8"
            }
            Self::UnknownEncoding { .. } => {
                "examples: utf-8, utf-16le, windows-1252, iso-8859-2, shift_jis"
            }
            Self::Undecodable { encoding, .. } if encoding.starts_with("UTF-16") => {
                "the file is incomplete or damaged: export it again"
            }
            Self::Undecodable { encoding, .. } if *encoding != "UTF-8" => {
                "the file has another encoding: set it with --encoding (macintosh for Mac Roman, \
                 windows-1250 for Central Europe), or save the file again as UTF-8 (required for \
                 DOS text)"
            }
            Self::Undecodable {
                is_sound_before: true,
                ..
            } => {
                "the file is UTF-8 up to this line; two files were probably joined: fix that \
                 line, or export the list again as UTF-8"
            }
            Self::Undecodable { .. } => {
                "set the encoding with --encoding, for example --encoding windows-1252, or save \
                 the file again as UTF-8"
            }
            Self::UnclosedQuote { .. } => {
                "check that line: double a quote inside a quoted cell, or remove the stray \
                 quote; if the file ends too early, export it again"
            }
            Self::UnclosedObject { .. } => {
                "a quote or brace is missing, or the file is incomplete: fix it, or export the \
                 list again"
            }
            Self::UnclosedArray { .. } => {
                "the file is probably incomplete: export the list again, or, if nothing is \
                 missing, add a ] at the end"
            }
            Self::EndlessRow { .. } | Self::TooManyColumns { .. } => {
                "the file is probably not a list, or was read in the wrong format: see --format \
                 and --delimiter"
            }
            _ => return None,
        })
    }

    /// What to do where the list is not as it was understood, or its columns are not.
    fn hint_about_columns(&self) -> Option<String> {
        match self {
            Self::SeveralLists { lists, .. } => {
                let options = lists.iter().map(|list| format!("--list {}", shell(list)));
                let options: Vec<_> = options.collect();
                Some(format!("choose one: {}", options.join(" or ")))
            }
            Self::OtherDelimiter { format, .. } if format.is_workbook() => Some(
                "each line of the list is in one cell: in Excel use Data > Text to Columns, then \
                 save it again"
                    .to_owned(),
            ),
            Self::OtherDelimiter { delimiter, .. } => {
                let delimiter = match delimiter {
                    c if c.is_ascii_control() => format!("\\x{:02x}", u32::from(*c)),
                    c => c.to_string(),
                };
                Some(format!(
                    "set the delimiter: --delimiter {}",
                    shell(&delimiter)
                ))
            }
            Self::IdleOption { option, .. } => Some(format!("remove {option}")),
            Self::OtherSheet {
                sheet,
                other,
                likely,
                ..
            } => {
                let name = likely
                    .as_ref()
                    .map(|column| format!(" --map name={}", shell(column)));
                Some(format!(
                    "use --sheet {}; to use the first sheet: --sheet {}{}",
                    shell(other),
                    shell(sheet),
                    name.unwrap_or_default()
                ))
            }
            Self::HeaderBelow { line, .. } => Some(format!(
                "--header-row {line} skips the lines above it; --header-row 1 uses the first \
                 line as the header"
            )),
            Self::DataInHeader { line, .. } => Some(format!(
                "add a header line above it, for example name,domain,external_id; if it is the \
                 header: --header-row {line}"
            )),
            Self::NarrowHeader { format, below, .. } => {
                let title =
                    format!("if it is a title, use the line below as header: --header-row {below}");
                let only = if format.is_workbook() {
                    "if it is the only column: --header-row 1"
                } else {
                    "if it is the only column, use a delimiter that no row contains: --delimiter \
                     tab"
                };
                Some(format!("{title}; {only}"))
            }
            Self::NoSuchLine { .. } => {
                Some("give the line number of the header, counted from 1".to_owned())
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workbook_with_macro_sheets_is_not_called_damaged() {
        let hint = |said: &str| {
            let error = Error::Workbook {
                source_name: "list.xlsm".to_owned(),
                kind: "XLSX".to_owned(),
                source: said.into(),
            };
            error.hint().unwrap()
        };
        let said = "Unrecognized sheet:type: xl/macrosheets/sheet1.xml";
        assert!(hint(said).contains("macro sheet"));
        assert!(hint("Zip error").contains("damaged"));
    }
}
