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
            Self::Workbook { .. } => {
                "it is incomplete, damaged, or no workbook at all: download it again, or export the \
                 list as .xlsx or CSV"
            }
            Self::NotAList { kind, .. } => kind.hint(),
            Self::OldWorkbook { .. } => {
                "save it as .xlsx without a password, or as CSV, and try again"
            }
            Self::Binary { .. } => {
                "export the list as CSV, or as a workbook (.xlsx, .ods), and try again"
            }
            Self::NoSuchSheet { .. } | Self::EmptySheet { .. } => {
                "name it with --sheet, by its name or its number from 1"
            }
            Self::Empty { .. } => "the first line names the columns: name, domain, external_id …",
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
                "names are for example utf-8, utf-16le, windows-1252, iso-8859-2, shift_jis"
            }
            Self::Undecodable { encoding, .. } if encoding.starts_with("UTF-16") => {
                "the file is incomplete or damaged: export it again"
            }
            Self::Undecodable { encoding, .. } if *encoding != "UTF-8" => {
                "the encoding is another one: name it with --encoding (macintosh for Mac Roman, \
                 windows-1250 for Central Europe), or save the file again as UTF-8, as text of DOS \
                 has to be"
            }
            Self::Undecodable {
                is_sound_before: true,
                ..
            } => {
                "the file is UTF-8 up to there, so that two files were probably joined: mend that \
                 line, or export the list again as UTF-8"
            }
            Self::Undecodable { .. } => {
                "name the encoding with --encoding, for example --encoding windows-1252, or save \
                 the file again as UTF-8"
            }
            Self::UnclosedQuote { .. } => {
                "look at that line: double a quotation mark inside a quoted cell, or take a stray \
                 one out; if the file was cut off there, export it again"
            }
            Self::UnclosedObject { .. } => {
                "a quotation mark or a brace is missing in it, or the file was cut off: mend it, or \
                 export the list again"
            }
            Self::UnclosedArray { .. } => {
                "the file was probably cut off: export the list again, or, if nothing is missing, \
                 add a ] at its end"
            }
            Self::EndlessRow { .. } | Self::TooManyColumns { .. } => {
                "the file is probably no list, or not what it is read as: see --format and \
                 --delimiter"
            }
            _ => return None,
        })
    }

    /// What to do where the list is not as it was understood, or its columns are not.
    fn hint_about_columns(&self) -> Option<String> {
        match self {
            Self::OtherJson {
                source_name,
                filter,
                ..
            } => Some(format!(
                "make an array of objects of it: jq {} {} > list.json",
                shell(filter),
                shell(source_name)
            )),
            Self::IdleOption { option, .. } => Some(format!("leave {option} out")),
            Self::OtherSheet { sheet, other, .. } => Some(format!(
                "read it with --sheet {}; if the first one is meant: --sheet {} --map name=COLUMN",
                shell(other),
                shell(sheet)
            )),
            Self::HeaderBelow { line, .. } => Some(format!(
                "--header-row {line} passes over what stands above it; --header-row 1 takes the \
                 first line as it is"
            )),
            Self::NarrowHeader { format, .. } => {
                let title = "if it is a title, name the line on which the table begins: --header-row NUMBER";
                let only = if format.is_workbook() {
                    "if it names the only column: --header-row 1"
                } else {
                    "if it is the only column, name a separator that no row has: --delimiter tab"
                };
                Some(format!("{title}; {only}"))
            }
            Self::NoSuchLine { .. } => {
                Some("give the line on which the columns are named, counted from 1".to_owned())
            }
            _ => None,
        }
    }
}
