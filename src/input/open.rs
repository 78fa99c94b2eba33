//! From a source to text or to a sheet: what kind of file it is, and in which encoding.

use super::encoding::{self, Detected};
use super::error::{Error, Kind};
use super::read_as::{InputFormat, ReadAs, ReadOptions};
use super::source::{Opened, Source};
use super::text::Text;
use super::workbook::Sheet;
use std::io::Read as _;

/// How workbooks of before 2007 begin, and encrypted ones of any time.
const OLD_OFFICE: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0];

/// The kind of file: as the user says, as its first bytes show, or as its name promises.
pub(super) fn format_of(source: &Source, opened: &Opened, options: &ReadOptions) -> InputFormat {
    const ZIP: &[u8] = b"PK\x03\x04";
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
        return InputFormat::Xlsx;
    }
    if is_json(&opened.head) {
        return InputFormat::Jsonl;
    }
    match named {
        // Some programs call a text file .xls so that Excel opens it.
        Some(format) if !format.is_workbook() => format,
        _ => InputFormat::Csv,
    }
}

/// Whether a text, also in UTF-16, begins with an object, or an array of them or of texts, whatever
/// its name is.
fn is_json(head: &[u8]) -> bool {
    let plain = |b: &&u8| b.is_ascii() && **b != 0 && !b.is_ascii_whitespace();
    let mut start = head.iter().filter(plain);
    match (start.next(), start.next()) {
        (Some(b'{'), Some(b'"' | b'}')) => true,
        (Some(b'['), second) => matches!(second, Some(b'{' | b'"' | b']')),
        _ => false,
    }
}

/// What a ZIP archive is that is no workbook, by its first file.
fn other_archive(head: &[u8]) -> Option<Kind> {
    let length = match head.get(26..28) {
        Some([low, high]) => usize::from(u16::from_le_bytes([*low, *high])),
        _ => 0,
    };
    let name = String::from_utf8_lossy(head.get(30..30 + length).unwrap_or_default());
    let ending = name.rsplit('.').next().unwrap_or_default();
    match ending.parse() {
        Ok(InputFormat::Csv | InputFormat::Jsonl) => Some(Kind::Zip),
        _ if ending == "json" => Some(Kind::Zip),
        _ if name.starts_with("Index/") || ending == "iwa" => Some(Kind::Numbers),
        _ => None,
    }
}

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
        .read_to_end(&mut bytes)
        .map_err(|source| Error::Open {
            source_name: source_name.to_owned(),
            source,
        })?;
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

/// What a text is that is no list, by its first words.
fn other_kind(start: &[u8]) -> Option<Kind> {
    let begins = |word: &[u8]| {
        let start = start.trim_ascii_start().get(..word.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    if begins(b"<!doctype html") || begins(b"<html") || begins(b"<table") {
        Some(Kind::Html)
    } else if begins(b"<?xml") {
        Some(Kind::Xml)
    } else if begins(b"%PDF-") {
        Some(Kind::Pdf)
    } else {
        None
    }
}

/// Whether more than one byte in fifty is a control character that no text has.
fn is_binary(start: &[u8]) -> bool {
    // DOS ends a text with one.
    let start = start.strip_suffix(b"\x1a").unwrap_or(start);
    let control = |byte: &&u8| matches!(byte, 0..=8 | 0x10..=0x1a | 0x1c..=0x1f);
    start.iter().filter(control).count() > start.len() / 50
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
