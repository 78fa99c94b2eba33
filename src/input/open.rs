//! From a source to text in its encoding, or to a sheet.

use super::encoding::{self, Detected, Text};
use super::error::{Error, Kind};
use super::read_as::{InputFormat, ReadAs, ReadOptions};
use super::source::{OLD_OFFICE, Opened, Source, is_binary, other_archive, other_kind};
use super::workbook::Sheet;
use std::io::Read as _;

/// The largest file of a workbook, in bytes. It is in memory as a whole.
const LARGEST_WORKBOOK: u64 = 192 * 1024 * 1024;

/// Opens the sheet of a workbook.
pub(super) fn sheet(
    opened: Opened,
    format: InputFormat,
    source_name: &str,
    options: &ReadOptions,
) -> Result<Sheet, Error> {
    if let Some(kind) = other_archive(&opened.head) {
        return Err(Error::NotAList {
            source_name: source_name.to_owned(),
            kind,
        });
    }
    if opened.head.starts_with(OLD_OFFICE) {
        return Err(Error::OldWorkbook {
            source_name: source_name.to_owned(),
        });
    }
    let mut bytes = Vec::new();
    opened
        .bytes_after(0)
        .take(LARGEST_WORKBOOK + 1)
        .read_to_end(&mut bytes)
        .map_err(|source| Error::Open {
            source_name: source_name.to_owned(),
            source,
        })?;
    if bytes.len() as u64 > LARGEST_WORKBOOK {
        return Err(Error::Workbook {
            source_name: source_name.to_owned(),
            kind: format.to_string(),
            source: "it is larger than 192 MiB".into(),
        });
    }
    Sheet::open(bytes, format, source_name, options.sheet.as_deref())
}

/// Opens a text in its encoding.
pub(super) fn text(
    source: &Source,
    opened: Opened,
    options: &ReadOptions,
    read_as: &mut ReadAs,
) -> Result<Text, Error> {
    let Detected {
        encoding,
        mark,
        words,
    } = detect(source, &opened, options)?;
    read_as.encoding = Some(encoding.name());
    read_as.guessed_from = words;
    let start = opened.head.get(mark..).unwrap_or_default();
    let wide = encoding == encoding_rs::UTF_16LE || encoding == encoding_rs::UTF_16BE;
    if let Some(kind) = other_kind(start) {
        return Err(not_a_list(source, kind));
    }
    if !wide && is_binary(start) {
        return Err(Error::Binary {
            source_name: source.to_string(),
        });
    }
    Ok(Text::new(opened.bytes_after(mark), encoding, mark as u64))
}

/// The encoding of a text: by its byte order mark, as the user says, or by its bytes.
fn detect(source: &Source, opened: &Opened, options: &ReadOptions) -> Result<Detected, Error> {
    if encoding::is_utf32(&opened.head) {
        return Err(not_a_list(source, Kind::Utf32));
    }
    if let Some(marked) = encoding::marked(&opened.head) {
        return Ok(marked);
    }
    if let Some(label) = &options.encoding {
        let encoding = encoding::named(label).ok_or_else(|| Error::UnknownEncoding {
            label: label.clone(),
        })?;
        return Ok(Detected::known(encoding));
    }
    if let Some(utf16) = encoding::utf16(&opened.head) {
        return Ok(utf16);
    }
    let failed = |error| Error::Open {
        source_name: source.to_string(),
        source: error,
    };
    let guessed = match source.reopen()? {
        Some(mut again) if !opened.complete => {
            match encoding::telling_sample(&mut again).map_err(failed)? {
                Some((sample, complete)) => encoding::guess(&sample, complete),
                None => Ok(Detected::known(encoding_rs::UTF_8)),
            }
        }
        _ => encoding::guess(&opened.head, opened.complete),
    };
    guessed.map_err(|encoding::IsDos| not_a_list(source, Kind::DosText))
}

/// The error of a file that is no list, but something else that is known.
fn not_a_list(source: &Source, kind: Kind) -> Error {
    Error::NotAList {
        source_name: source.to_string(),
        kind,
    }
}
