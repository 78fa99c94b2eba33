//! What kind of file it is: by its first bytes, else by its name.

use super::opened::Source;
use crate::input::error::Kind;
use crate::input::read_as::{InputFormat, ReadOptions};

/// How workbooks of before 2007 begin, and encrypted ones of any time.
pub(crate) const OLD_OFFICE: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0];

/// The kind of file: as the user says, as its first bytes show, or as its name promises.
pub(crate) fn format_of(source: &Source, head: &[u8], options: &ReadOptions) -> InputFormat {
    const ZIP: &[u8] = b"PK\x03\x04";
    if let Some(format) = options.format {
        return format;
    }
    let named = source.extension().parse::<InputFormat>().ok();
    if head.starts_with(ZIP) {
        let ods = memchr::memmem::find(head, b"opendocument.spreadsheet").is_some();
        return if ods {
            InputFormat::Ods
        } else {
            InputFormat::Xlsx
        };
    }
    if head.starts_with(OLD_OFFICE) {
        return InputFormat::Xlsx;
    }
    if is_json(head) {
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
        (Some(b'['), second) => matches!(second, Some(b'{' | b'"' | b']' | b'[')),
        _ => false,
    }
}

/// What a ZIP archive is that is no workbook, by its first file.
pub(crate) fn other_archive(head: &[u8]) -> Option<Kind> {
    if memchr::memmem::find(head, b"xl/workbook.bin").is_some() {
        return Some(Kind::BinaryWorkbook);
    }
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

/// What a text is that is no list, by its first words.
pub(crate) fn other_kind(start: &[u8]) -> Option<Kind> {
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

/// Whether more than one byte in fifty is a control character that no text has, besides one kind that
/// may be the separator.
pub(crate) fn is_binary(start: &[u8]) -> bool {
    // DOS ends a text with one.
    let start = start.strip_suffix(b"\x1a").unwrap_or(start);
    let control = |byte: &&u8| matches!(byte, 0..=8 | 0x10..=0x1a | 0x1c..=0x1f);
    // One that separates the cells of the first line is no sign of something else than text.
    let line = start.split(|b| *b == b'\n').next().unwrap_or_default();
    let separator = line.iter().find(control).filter(|b| **b != 0);
    let others = start
        .iter()
        .filter(control)
        .filter(|b| Some(*b) != separator);
    others.count() > start.len() / 50
}
