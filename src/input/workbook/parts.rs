//! What the XML of an XLSX sheet says and `calamine` leaves out: which rows are hidden, and numbers
//! with more digits than a float has. And a copy of a workbook without the size of its sheets, where
//! that is written so that `calamine` refuses it.

use super::grid::Broken;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use std::collections::{HashMap, HashSet};
use std::io::{BufReader, Cursor, Read, Write as _};
use std::sync::Arc;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// The bytes of a workbook.
pub(super) type Bytes = Cursor<Arc<[u8]>>;
/// How many digits an integer has at least that a float may not hold.
const LONG: usize = 16;

/// What a sheet says besides its cells.
#[derive(Debug, Default)]
pub(super) struct Extras {
    /// The rows that cannot be seen, counted from 1.
    pub(super) hidden: HashSet<u64>,
    /// The digits of long numbers, by row and column, counted from 0.
    pub(super) digits: HashMap<(u32, u32), String>,
}

impl Extras {
    /// Those of a sheet; none where its part is not found.
    pub(super) fn of(bytes: &Bytes, sheet: &str) -> Result<Self, Broken> {
        let mut archive = ZipArchive::new(bytes.clone())?;
        let Some(part) = part_of(&mut archive, sheet)? else {
            return Ok(Self::default());
        };
        if !has_any(&mut archive.by_name(&part)?)? {
            return Ok(Self::default());
        }
        Self::read(BufReader::new(archive.by_name(&part)?))
    }

    fn read(part: impl std::io::BufRead) -> Result<Self, Broken> {
        let mut xml = Reader::from_reader(part);
        xml.config_mut().expand_empty_elements = true;
        let mut extras = Self::default();
        let (mut row, mut place, mut is_value) = (0_u64, None, false);
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match xml.read_event_into(&mut buffer)? {
                Event::Start(tag) => match tag.local_name().as_ref() {
                    "row" => {
                        let number = attribute(&tag, "r")?.and_then(|r| r.parse().ok());
                        row = number.unwrap_or(row + 1);
                        if matches!(attribute(&tag, "hidden")?.as_deref(), Some("1" | "true")) {
                            extras.hidden.insert(row);
                        }
                    }
                    "c" => {
                        let is_number = attribute(&tag, "t")?.is_none_or(|kind| kind == "n");
                        place = attribute(&tag, "r")?.filter(|_| is_number);
                    }
                    "v" => is_value = true,
                    _ => {}
                },
                Event::Text(text) if is_value && text.len() >= LONG => {
                    let text = text.xml_content(XmlVersion::Implicit1_0);
                    let place = place.as_deref().and_then(position);
                    if let (Some(place), true) = (place, crate::text::is_digits(&text)) {
                        extras.digits.insert(place, text.into_owned());
                    }
                }
                Event::End(tag) if tag.local_name().as_ref() == "v" => is_value = false,
                Event::End(tag) if tag.local_name().as_ref() == "sheetData" => break,
                Event::Eof => break,
                _ => {}
            }
        }
        Ok(extras)
    }
}

/// Whether a part mentions hidden rows or holds long numbers: looking for that is much quicker than
/// reading it.
fn has_any(part: &mut impl Read) -> Result<bool, Broken> {
    const PIECE: usize = 64 * 1024;
    const OVERLAP: usize = 32;
    let mut text = Vec::with_capacity(PIECE + OVERLAP);
    loop {
        let kept = text.len().saturating_sub(OVERLAP);
        text.drain(..kept);
        if part.take(PIECE as u64).read_to_end(&mut text)? == 0 {
            return Ok(false);
        }
        let is_long = |at: usize| {
            let value = text.get(at + 2..at + 2 + LONG);
            value.is_some_and(|value| value.iter().all(u8::is_ascii_digit))
        };
        if memchr::memmem::find(&text, b" hidden=\"").is_some()
            || memchr::memmem::find_iter(&text, b"v>").any(is_long)
        {
            return Ok(true);
        }
    }
}

/// The path of a sheet in its archive.
fn part_of(archive: &mut ZipArchive<Bytes>, sheet: &str) -> Result<Option<String>, Broken> {
    let book = elements(archive, "xl/workbook.xml", "sheet")?;
    let id = book.into_iter().find_map(|attributes| {
        let is_it = attributes.get("name").is_some_and(|name| name == sheet);
        attributes
            .into_iter()
            .find(|(key, _)| is_it && key.ends_with(":id"))
    });
    let Some((_, id)) = id else {
        return Ok(None);
    };
    let relations = elements(archive, "xl/_rels/workbook.xml.rels", "Relationship")?;
    let target = relations.into_iter().find_map(|mut attributes| {
        let is_it = attributes.get("Id") == Some(&id);
        attributes.remove("Target").filter(|_| is_it)
    });
    Ok(target.map(|target| match target.strip_prefix('/') {
        Some(whole) => whole.to_owned(),
        None => format!("xl/{target}"),
    }))
}

/// The attributes of all elements of a name in a part; none where there is no such part.
fn elements(
    archive: &mut ZipArchive<Bytes>,
    part: &str,
    name: &str,
) -> Result<Vec<HashMap<String, String>>, Broken> {
    let mut found = Vec::new();
    let Ok(part) = archive.by_name(part) else {
        return Ok(found);
    };
    let mut xml = Reader::from_reader(BufReader::new(part));
    xml.config_mut().expand_empty_elements = true;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer)? {
            Event::Start(tag) if tag.local_name().as_ref() == name => {
                let mut attributes = HashMap::new();
                for attribute in tag.attributes() {
                    let attribute = attribute?;
                    let value = attribute.normalized_value(XmlVersion::Implicit1_0)?;
                    attributes.insert(attribute.key.as_ref().to_owned(), value.into_owned());
                }
                found.push(attributes);
            }
            Event::Eof => return Ok(found),
            _ => {}
        }
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<Option<String>, Broken> {
    let Some(attribute) = tag.try_get_attribute(name)? else {
        return Ok(None);
    };
    Ok(Some(
        attribute
            .normalized_value(XmlVersion::Implicit1_0)?
            .into_owned(),
    ))
}

/// The row and column of a cell such as `B12`, counted from 0.
fn position(cell: &str) -> Option<(u32, u32)> {
    let letters = cell.bytes().take_while(u8::is_ascii_uppercase).count();
    let (column, row) = cell.split_at_checked(letters).filter(|_| letters <= 3)?;
    let digit = |column: u32, b: u8| column * 26 + u32::from(b - b'A') + 1;
    let column = column.bytes().fold(0, digit);
    Some((
        row.parse::<u32>().ok()?.checked_sub(1)?,
        column.checked_sub(1)?,
    ))
}

/// A copy of a workbook whose sheets do not say how large they are.
pub(super) fn without_dimensions(bytes: &Bytes) -> Result<Bytes, Broken> {
    let mut archive = ZipArchive::new(bytes.clone())?;
    let mut copy = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for index in 0..archive.len() {
        let mut part = archive.by_index(index)?;
        let name = part.name()?.into_owned();
        if !name.contains("worksheets/sheet") {
            copy.raw_copy_file(part)?;
            continue;
        }
        let mut text = Vec::new();
        part.read_to_end(&mut text)?;
        let begins = memchr::memmem::find(&text, b"<dimension");
        let length = begins.and_then(|at| memchr::memchr(b'>', text.get(at..)?));
        if let (Some(at), Some(length)) = (begins, length)
            && text.get(at + length - 1) == Some(&b'/')
        {
            text.drain(at..=at + length);
        }
        copy.start_file(name, stored)?;
        copy.write_all(&text)?;
    }
    Ok(Cursor::new(copy.finish()?.into_inner().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_rows_and_long_numbers_are_found() {
        let sheet = br#"<x:worksheet><x:sheetData><x:row r="1"/><x:row hidden="1"><x:c r="AB2"><x:v>123456789012345678</x:v></x:c>
            <x:c r="C2" t="s"><x:v>1234567890123456789</x:v></x:c></x:row></x:sheetData></x:worksheet>"#;
        assert!(has_any(&mut &sheet[..]).unwrap());
        let extras = Extras::read(&sheet[..]).unwrap();
        assert_eq!(extras.hidden, HashSet::from([2]));
        let digits: Vec<_> = extras.digits.into_iter().collect();
        assert_eq!(digits, [((1, 27), "123456789012345678".to_owned())]);
        let usual = br#"<worksheet><row r="1"><c r="A1"><v>12</v></c></row></worksheet>"#;
        assert!(!has_any(&mut &usual[..]).unwrap());
    }
}
