//! What the XML of an XLSX sheet says and `calamine` leaves out: which rows are hidden, and numbers
//! with more digits than a float has. And a copy of a workbook without the size of its sheets, where
//! that is written so that `calamine` refuses it.

use super::grid::{Broken, MAX_ROWS};
use super::xml::{Xml, attribute};
use bytes::Bytes;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use std::collections::HashSet;
use std::io::{self, Cursor, Read, Write as _};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// How many digits an integer has at least that a float may not hold.
const LONG: usize = 16;
/// The most memory for the long numbers of a sheet, in bytes.
const MOST_DIGITS: usize = 64 * 1024 * 1024;
/// The most bytes of a part.
const MOST_OF_PART: u64 = 1024 * 1024 * 1024;
/// How many bytes are looked at together.
const PIECE: usize = 64 * 1024;

type Archive = ZipArchive<Cursor<Bytes>>;

/// What a sheet says besides its cells.
#[derive(Debug, Default)]
pub(super) struct Extras {
    /// The rows that cannot be seen, counted from 1.
    pub(super) hidden: HashSet<u64>,
    /// The digits of all long numbers.
    digits: String,
    /// The row and column of each, counted from 0, and where its digits begin; in this order.
    places: Vec<((u32, u32), u32)>,
}

impl Extras {
    /// Those of a sheet; none where its part is not found.
    pub(super) fn of(bytes: &Bytes, sheet: &str) -> Result<Self, Broken> {
        let mut archive = ZipArchive::new(Cursor::new(bytes.clone()))?;
        let Some(part) = part_of(&mut archive, sheet)? else {
            return Ok(Self::default());
        };
        let has_any = match archive.by_name(&part) {
            Ok(mut part) => has_any(&mut part)?,
            Err(_) => false,
        };
        if !has_any {
            return Ok(Self::default());
        }
        let part = archive.by_name(&part)?;
        Self::read(&mut Xml::limited(Box::new(part), MOST_OF_PART))
    }

    /// The digits of the long number in a cell.
    pub(super) fn digits(&self, place: (u32, u32)) -> Option<&str> {
        let at = self.places.binary_search_by_key(&place, |it| it.0).ok()?;
        let digits = self.digits.get(self.places.get(at)?.1 as usize..)?;
        let end = digits.bytes().position(|b| b == b' ');
        digits.get(..end?)
    }

    fn read(xml: &mut Xml<'_>) -> Result<Self, Broken> {
        let mut extras = Self::default();
        let (mut row, mut place, mut is_value) = (0_u64, None, false);
        let mut buffer = Vec::new();
        loop {
            match xml.event(&mut buffer)? {
                Event::Start(tag) => match tag.local_name().as_ref() {
                    "row" => {
                        let number = attribute(&tag, "r")?.and_then(|r| r.parse().ok());
                        row = number.unwrap_or(row.saturating_add(1));
                        let hidden = attribute(&tag, "hidden")?;
                        if row <= MAX_ROWS && matches!(hidden.as_deref(), Some("1" | "true")) {
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
                        extras.add(place, &text)?;
                    }
                }
                Event::End(tag) if tag.local_name().as_ref() == "v" => is_value = false,
                Event::End(tag) if tag.local_name().as_ref() == "sheetData" => break,
                Event::Eof => break,
                _ => {}
            }
        }
        extras.places.sort_unstable();
        Ok(extras)
    }

    fn add(&mut self, place: (u32, u32), digits: &str) -> Result<(), Broken> {
        let places = (self.places.len() + 1) * size_of::<((u32, u32), u32)>();
        if self.digits.len() + digits.len() + places > MOST_DIGITS {
            return Err("it has too many numbers with more than 15 digits".into());
        }
        // Within the limit above.
        let start = u32::try_from(self.digits.len()).unwrap_or(u32::MAX);
        self.places.push((place, start));
        self.digits.push_str(digits);
        self.digits.push(' ');
        Ok(())
    }
}

/// Whether a part mentions hidden rows or holds long numbers: looking for that is much quicker than
/// reading it.
fn has_any(part: &mut impl Read) -> Result<bool, Broken> {
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
fn part_of(archive: &mut Archive, sheet: &str) -> Result<Option<String>, Broken> {
    let id = first(archive, "xl/workbook.xml", "sheet", |tag| {
        if attribute(tag, "name")?.as_deref() != Some(sheet) {
            return Ok(None);
        }
        for it in tag.attributes() {
            let it = it?;
            if it.key.as_ref().ends_with(":id") {
                let value = it.normalized_value(XmlVersion::Implicit1_0)?;
                return Ok(Some(value.into_owned()));
            }
        }
        Ok(None)
    })?;
    let Some(id) = id else {
        return Ok(None);
    };
    let relations = "xl/_rels/workbook.xml.rels";
    let target = first(archive, relations, "Relationship", |tag| {
        let is_it = attribute(tag, "Id")?.as_ref() == Some(&id);
        Ok(attribute(tag, "Target")?.filter(|_| is_it))
    })?;
    Ok(target.map(|target| match target.strip_prefix('/') {
        Some(whole) => whole.to_owned(),
        None => format!("xl/{target}"),
    }))
}

/// What is found in the first element of a name that has it; `None` where there is no such part.
fn first(
    archive: &mut Archive,
    part: &str,
    name: &str,
    find: impl Fn(&BytesStart<'_>) -> Result<Option<String>, Broken>,
) -> Result<Option<String>, Broken> {
    let Ok(part) = archive.by_name(part) else {
        return Ok(None);
    };
    let mut xml = Xml::limited(Box::new(part), MOST_OF_PART);
    let mut buffer = Vec::new();
    loop {
        match xml.event(&mut buffer)? {
            Event::Start(tag) if tag.local_name().as_ref() == name => {
                if let Some(found) = find(&tag)? {
                    return Ok(Some(found));
                }
            }
            Event::Eof => return Ok(None),
            _ => {}
        }
    }
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
    let mut archive = ZipArchive::new(Cursor::new(bytes.clone()))?;
    let mut copy = ZipWriter::new(Cursor::new(Vec::new()));
    let packed = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(1));
    for index in 0..archive.len() {
        let mut part = archive.by_index(index)?;
        let name = part.name()?.into_owned();
        if !name.contains("worksheets/sheet") {
            copy.raw_copy_file(part)?;
            continue;
        }
        // The size comes before the rows.
        let mut top = Vec::new();
        (&mut part).take(PIECE as u64).read_to_end(&mut top)?;
        let begins = memchr::memmem::find(&top, b"<dimension");
        let length = begins.and_then(|at| memchr::memchr(b'>', top.get(at..)?));
        if let (Some(at), Some(length)) = (begins, length)
            && top.get(at + length - 1) == Some(&b'/')
        {
            top.drain(at..=at + length);
        }
        copy.start_file(name, packed)?;
        copy.write_all(&top)?;
        io::copy(&mut part.take(MOST_OF_PART), &mut copy)?;
    }
    Ok(copy.finish()?.into_inner().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_rows_and_long_numbers_are_found() {
        let sheet = br#"<x:worksheet><x:sheetData><x:row r="1"/><x:row hidden="1"><x:c r="AB2"><x:v>123456789012345678</x:v></x:c>
            <x:c r="C2" t="s"><x:v>1234567890123456789</x:v></x:c></x:row></x:sheetData></x:worksheet>"#;
        assert!(has_any(&mut &sheet[..]).unwrap());
        let mut xml = Xml::limited(Box::new(&sheet[..]), MOST_OF_PART);
        let extras = Extras::read(&mut xml).unwrap();
        assert_eq!(extras.hidden, HashSet::from([2]));
        assert_eq!(extras.digits((1, 27)), Some("123456789012345678"));
        assert_eq!(extras.digits((1, 2)), None);
        let usual = br#"<worksheet><row r="1"><c r="A1"><v>12</v></c></row></worksheet>"#;
        assert!(!has_any(&mut &usual[..]).unwrap());
    }
}
