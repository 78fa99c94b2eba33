//! Limits of a workbook, checked before its cells are read: a small file may unpack into more than
//! the memory holds, or claim to.

use super::grid::Broken;
use super::xml::{LONGEST, Xml, attribute};
use quick_xml::events::Event;
use std::io::Cursor;
use std::path::Path;
use zip::ZipArchive;

/// The most bytes that all parts may unpack into.
const MOST_UNPACKED: u64 = 1024 * 1024 * 1024;
/// How many times as large as its file a workbook may be. Spreadsheets reach 20.
const MOST_TIMES: u64 = 200;
/// The most memory for the texts that cells share, and how much one takes besides its characters.
const MOST_TEXTS: u64 = 224 * 1024 * 1024;
const A_TEXT: u64 = 48;
/// The most elements of the cell styles; Excel has at most 65,490 styles of a few elements.
const MOST_STYLES: u64 = 1_000_000;
/// The most elements of the parts that list sheets and files.
const MOST_ENTRIES: u64 = 100_000;
/// The highest number of a shared formula. The library makes room for all below it.
const MOST_FORMULAS: u64 = 1_048_576;

/// Refuses an archive that is too large when unpacked, by what it says itself: what unpacks into
/// more than that is an error when it is read.
pub(super) fn check_size(bytes: &[u8]) -> Result<(), Broken> {
    let mut archive = ZipArchive::new(Cursor::new(bytes))?;
    let mut unpacked = 0_u64;
    for index in 0..archive.len() {
        unpacked = unpacked.saturating_add(archive.by_index_raw(index)?.size());
    }
    let limit = (bytes.len() as u64).saturating_mul(MOST_TIMES);
    if unpacked > MOST_UNPACKED {
        return Err("it unpacks to more than 1 GiB".into());
    }
    if unpacked > LONGEST && unpacked > limit {
        return Err("it unpacks to more than 200 times its size".into());
    }
    Ok(())
}

/// Refuses parts of an XLSX file that would take too much memory.
pub(super) fn check_parts(bytes: &[u8]) -> Result<(), Broken> {
    each_part(bytes, |kind, xml, size| match kind {
        "sst" => check_texts(xml, size),
        "styleSheet" => check_count(xml, MOST_STYLES),
        "workbook" | "Relationships" | "Types" => check_count(xml, MOST_ENTRIES),
        "worksheet" if size > LONGEST => check_cells(xml),
        _ => Ok(()),
    })
}

/// Refuses a number of a shared formula that no sheet has.
pub(super) fn check_formulas(bytes: &[u8]) -> Result<(), Broken> {
    each_part(bytes, |kind, xml, _| {
        if kind != "worksheet" {
            return Ok(());
        }
        let mut buffer = Vec::new();
        loop {
            match xml.event(&mut buffer)? {
                Event::Start(tag) if tag.local_name().as_ref() == "f" => {
                    let number = attribute(&tag, "si")?.and_then(|it| it.parse::<u64>().ok());
                    if number > Some(MOST_FORMULAS) {
                        return Err("a shared formula in it has an impossible number".into());
                    }
                }
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    })
}

/// Calls a function for each XML part, with the name of its first element, what follows it, and its
/// size.
fn each_part(
    bytes: &[u8],
    mut check: impl FnMut(&str, &mut Xml<'_>, u64) -> Result<(), Broken>,
) -> Result<(), Broken> {
    let mut archive = ZipArchive::new(Cursor::new(bytes))?;
    let mut left = MOST_UNPACKED;
    for index in 0..archive.len() {
        let part = archive.by_index(index)?;
        let name = part.name()?.into_owned();
        let ending = Path::new(&name).extension().unwrap_or_default();
        if !ending.eq_ignore_ascii_case("xml") && !ending.eq_ignore_ascii_case("rels") {
            continue;
        }
        let size = part.size();
        let mut xml = Xml::limited(Box::new(part), left);
        if let Some(kind) = first_element(&mut xml)? {
            check(&kind, &mut xml, size)?;
        }
        left = xml.left();
    }
    Ok(())
}

/// The name of the first element; `None` where the part is no XML, which its reader will say.
fn first_element(xml: &mut Xml<'_>) -> Result<Option<String>, Broken> {
    let mut buffer = Vec::new();
    loop {
        match xml.event(&mut buffer)? {
            Event::Start(tag) => {
                let count = attribute(&tag, "uniqueCount")?.unwrap_or_default();
                // The library makes room for as many texts as this says.
                if count
                    .parse::<u64>()
                    .is_ok_and(|count| count > MOST_TEXTS / A_TEXT)
                {
                    return Err(too_many_texts());
                }
                return Ok(Some(tag.local_name().as_ref().to_owned()));
            }
            Event::Eof => return Ok(None),
            _ => {}
        }
    }
}

/// The texts that cells share are all kept in memory.
fn check_texts(xml: &mut Xml<'_>, size: u64) -> Result<(), Broken> {
    if size <= LONGEST {
        return Ok(());
    }
    let (before, mut texts) = (xml.left(), 0_u64);
    let mut buffer = Vec::new();
    loop {
        match xml.event(&mut buffer)? {
            Event::Start(tag) if tag.local_name().as_ref() == "si" => texts += 1,
            Event::Eof => return Ok(()),
            _ => {}
        }
        let read = before.saturating_sub(xml.left());
        if texts.saturating_mul(A_TEXT).saturating_add(read) > MOST_TEXTS {
            return Err(too_many_texts());
        }
    }
}

fn too_many_texts() -> Broken {
    "it has more text than fits into the memory that is allowed for it".into()
}

/// Cells are read one by one, so each may be as long as a row, in its pieces and their markup.
fn check_cells(xml: &mut Xml<'_>) -> Result<(), Broken> {
    let mut start = None;
    let mut buffer = Vec::new();
    loop {
        match xml.event(&mut buffer)? {
            Event::Start(tag) if tag.local_name().as_ref() == "c" => start = Some(xml.left()),
            Event::End(tag) if tag.local_name().as_ref() == "c" => start = None,
            Event::Eof => return Ok(()),
            _ => {}
        }
        if start.is_some_and(|start| start.saturating_sub(xml.left()) > LONGEST * 2) {
            return Err("a cell in it is longer than 16 MiB".into());
        }
    }
}

/// Reads a part to its end: it has at most so many elements, and no text that is too long.
fn check_count(xml: &mut Xml<'_>, most: u64) -> Result<(), Broken> {
    let mut count = 0_u64;
    let mut buffer = Vec::new();
    loop {
        match xml.event(&mut buffer)? {
            Event::Start(_) => count += 1,
            Event::Eof => return Ok(()),
            _ => {}
        }
        if count > most {
            return Err("it has more styles, sheets or files than any spreadsheet".into());
        }
    }
}
