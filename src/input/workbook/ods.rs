//! ODS: the text that each cell shows, which the file holds beside its value.
//!
//! `calamine` reads ODS too, but gives the values without their formats (42 where the cell shows
//! 000042), and asks for memory for every cell of the rectangle around a stray one.

use super::grid::{Broken, Grid, LONGEST_ROW, MAX_ROWS, Workbook};
use super::xml::{Xml, attribute};
use crate::columns::MAX_COLUMNS;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use std::collections::HashSet;
use std::io::Cursor;
use zip::ZipArchive;

/// The most bytes of its content.
const MOST_CONTENT: u64 = 1024 * 1024 * 1024;
/// The most bytes that a row takes in it: the longest row, and the markup of its cells.
const MOST_OF_ROW: u64 = 64 * 1024 * 1024;
const TOO_LONG: &str = "a row is longer than 16 MiB";
/// The most sheets.
const MOST_SHEETS: usize = 10_000;
/// How much memory cells may take that the file says to be repeated, in bytes.
const MOST_REPEATED: u64 = 256 * 1024 * 1024;

/// An open workbook, and what sheets there are.
pub(super) struct Ods {
    archive: Archive,
    sheets: Vec<(String, bool)>,
}

impl Ods {
    /// Opens a workbook.
    pub(super) fn open(bytes: Vec<u8>) -> Result<Self, Broken> {
        let mut archive = ZipArchive::new(Cursor::new(bytes))?;
        let sheets = sheets(&mut content(&mut archive)?)?;
        Ok(Self { archive, sheets })
    }
}

impl Workbook for Ods {
    fn sheets(&self) -> Vec<(String, bool)> {
        self.sheets.clone()
    }

    fn cells(&mut self, sheet: &str, wanted: usize) -> Result<Grid, Broken> {
        let mut xml = content(&mut self.archive)?;
        let mut buffer = Vec::new();
        loop {
            match xml.event(&mut buffer)? {
                Event::Start(tag)
                    if tag.name().as_ref() == "table:table"
                        && attribute(&tag, "table:name")?.as_deref() == Some(sheet) =>
                {
                    return read_sheet(&mut xml, wanted);
                }
                Event::Eof => return Ok(Grid::default()),
                _ => {}
            }
        }
    }
}

type Archive = ZipArchive<Cursor<Vec<u8>>>;

fn content(archive: &mut Archive) -> Result<Xml<'_>, Broken> {
    let content = archive.by_name("content.xml")?;
    Ok(Xml::limited(Box::new(content), MOST_CONTENT))
}

/// The sheets, and whether each can be seen.
fn sheets(xml: &mut Xml<'_>) -> Result<Vec<(String, bool)>, Broken> {
    let (mut sheets, mut hidden) = (Vec::new(), HashSet::new());
    let mut style = None;
    let mut buffer = Vec::new();
    loop {
        match xml.event(&mut buffer)? {
            Event::Start(tag) => match tag.name().as_ref() {
                "style:style" => style = attribute(&tag, "style:name")?,
                "style:table-properties"
                    if attribute(&tag, "table:display")?.as_deref() == Some("false") =>
                {
                    hidden.extend(style.take());
                }
                "table:table" => {
                    let style = attribute(&tag, "table:style-name")?.unwrap_or_default();
                    let name = attribute(&tag, "table:name")?.unwrap_or_default();
                    sheets.push((name, !hidden.contains(&style)));
                }
                _ => {}
            },
            Event::Eof => return Ok(sheets),
            _ => {}
        }
        if sheets.len().max(hidden.len()) > MOST_SHEETS {
            return Err("it has more sheets than any spreadsheet".into());
        }
    }
}

/// Reads rows until the sheet ends.
fn read_sheet(xml: &mut Xml<'_>, wanted: usize) -> Result<Grid, Broken> {
    let mut grid = Grid::default();
    let mut row = 0_u64;
    let mut room = MOST_REPEATED;
    let mut buffer = Vec::new();
    loop {
        match xml.event(&mut buffer)? {
            Event::Start(tag) if tag.name().as_ref() == "table:table-row" => {
                let times = repeated(&tag, "table:number-rows-repeated")?;
                let visibility = attribute(&tag, "table:visibility")?;
                let is_hidden = visibility.is_some_and(|it| it != "visible");
                let cells = read_row(xml, &mut room)?;
                if !cells.is_empty() {
                    let end = row.saturating_add(times).min(MAX_ROWS);
                    let size = cells.iter().map(|(_, text)| taken(text)).sum();
                    spend(&mut room, end.saturating_sub(row), size)?;
                    for row in row..end {
                        if is_hidden {
                            grid.hidden.insert(row + 1);
                        }
                        for (column, text) in &cells {
                            grid.add(row, *column, text)?;
                        }
                        if grid.len() >= wanted {
                            return Ok(grid.finished());
                        }
                    }
                }
                row = row.saturating_add(times);
            }
            Event::End(tag) if tag.name().as_ref() == "table:table" => return Ok(grid.finished()),
            Event::Eof => return Err("the sheet does not end".into()),
            _ => {}
        }
    }
}

/// Reads the cells of a row that are not blank, each with its column.
fn read_row(xml: &mut Xml<'_>, room: &mut u64) -> Result<Vec<(usize, String)>, Broken> {
    let mut cells = Vec::new();
    let before = xml.left();
    let mut column = 0_usize;
    let mut buffer = Vec::new();
    loop {
        match xml.event(&mut buffer)? {
            Event::Start(tag)
                if matches!(
                    tag.name().as_ref(),
                    "table:table-cell" | "table:covered-table-cell"
                ) =>
            {
                let times = repeated(&tag, "table:number-columns-repeated")?;
                let times = usize::try_from(times).unwrap_or(usize::MAX);
                let value = value(&tag)?;
                let text = read_cell(xml)?.or(value).unwrap_or_default();
                if !text.is_empty() {
                    let end = column.saturating_add(times).min(MAX_COLUMNS);
                    spend(room, end.saturating_sub(column) as u64, taken(&text))?;
                    for column in column..end {
                        cells.push((column, text.clone()));
                    }
                }
                column = column.saturating_add(times);
            }
            Event::End(tag) if tag.name().as_ref() == "table:table-row" => return Ok(cells),
            Event::Eof => return Err("a row does not end".into()),
            _ => {}
        }
        if before.saturating_sub(xml.left()) > MOST_OF_ROW {
            return Err(TOO_LONG.into());
        }
    }
}

/// How much memory a cell takes.
fn taken(text: &str) -> u64 {
    size_of::<(usize, String)>() as u64 + text.len() as u64
}

/// Subtracts the memory of a repeated cell from the remaining budget.
fn spend(room: &mut u64, times: u64, size: u64) -> Result<(), Broken> {
    let more = times.saturating_sub(1).saturating_mul(size);
    let left = room.checked_sub(more);
    *room = left.ok_or("it says that cells are repeated more often than a list would")?;
    Ok(())
}

/// Reads the paragraphs of a cell; `None` if it has none.
fn read_cell(xml: &mut Xml<'_>) -> Result<Option<String>, Broken> {
    let mut text: Option<String> = None;
    // The depth in a paragraph, and in what is not part of the cell's text.
    let (mut within, mut beside) = (0_usize, 0_usize);
    let mut buffer = Vec::new();
    loop {
        if text.as_ref().is_some_and(|text| text.len() > LONGEST_ROW) {
            return Err(TOO_LONG.into());
        }
        let event = xml.event(&mut buffer)?;
        match &event {
            Event::Start(tag) => match tag.name().as_ref() {
                "office:annotation" | "draw:frame" => beside += 1,
                _ if beside > 0 => {}
                "text:p" => {
                    within += 1;
                    match &mut text {
                        Some(text) => text.push('\n'),
                        None => text = Some(String::new()),
                    }
                }
                "text:s" => {
                    let spaces = repeated(tag, "text:c")?.min(1000);
                    text.get_or_insert_default()
                        .extend((0..spaces).map(|_| ' '));
                }
                "text:tab" => text.get_or_insert_default().push('\t'),
                "text:line-break" => text.get_or_insert_default().push('\n'),
                _ => {}
            },
            Event::End(tag) => match tag.name().as_ref() {
                "office:annotation" | "draw:frame" => beside = beside.saturating_sub(1),
                "table:table-cell" | "table:covered-table-cell" => return Ok(text),
                "text:p" if beside == 0 => within = within.saturating_sub(1),
                _ => {}
            },
            Event::Eof => return Err("a cell does not end".into()),
            _ if within == 0 || beside > 0 => {}
            Event::Text(piece) => {
                text.get_or_insert_default()
                    .push_str(&piece.xml_content(XmlVersion::Implicit1_0));
            }
            Event::CData(piece) => text.get_or_insert_default().push_str(piece),
            Event::GeneralRef(name) => {
                let text = text.get_or_insert_default();
                match name.resolve_char_ref()? {
                    Some(c) => text.push(c),
                    None => text.extend(quick_xml::escape::resolve_xml_entity(name)),
                }
            }
            _ => {}
        }
    }
}

/// The value of a cell that shows no text.
fn value(tag: &BytesStart<'_>) -> Result<Option<String>, Broken> {
    for name in [
        "office:string-value",
        "office:date-value",
        "office:boolean-value",
        "office:value",
    ] {
        if let Some(value) = attribute(tag, name)? {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

/// How often an element is repeated.
fn repeated(tag: &BytesStart<'_>, name: &str) -> Result<u64, Broken> {
    Ok(attribute(tag, name)?
        .and_then(|count| count.parse().ok())
        .unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn xml(content: &str) -> Xml<'_> {
        Xml::limited(Box::new(content.as_bytes()), MOST_CONTENT)
    }

    fn rows(sheet: &str) -> Vec<(u64, Vec<String>)> {
        let content = format!(
            r#"<office:spreadsheet><table:table table:name="S">{sheet}</table:table></office:spreadsheet>"#
        );
        let mut xml = xml(&content);
        let mut buffer = Vec::new();
        assert_eq!(sheets(&mut xml).unwrap(), [("S".to_owned(), true)]);
        let mut xml = self::xml(&content);
        // Past the two elements around the rows.
        xml.event(&mut buffer).unwrap();
        xml.event(&mut buffer).unwrap();
        let grid = read_sheet(&mut xml, usize::MAX).unwrap();
        grid.rows()
            .map(|(n, r)| (n, r.iter().map(str::to_owned).collect()))
            .collect()
    }

    #[test]
    fn a_cell_is_the_text_it_shows() {
        let found = rows(
            r#"<table:table-row><table:table-cell office:value="42"><text:p>000042</text:p></table:table-cell>
            <table:table-cell table:number-columns-repeated="2"/><table:table-cell><office:annotation><text:p>no</text:p>
            </office:annotation><text:p>A &amp; <text:span>B&#252;</text:span><text:s text:c="2"/>C</text:p><text:p>D</text:p>
            </table:table-cell><table:table-cell office:value="7"/></table:table-row>"#,
        );
        assert_eq!(
            found,
            [(
                1,
                ["000042", "", "", "A & Bü  C\nD", "7"]
                    .map(str::to_owned)
                    .to_vec()
            )]
        );
    }

    #[test]
    fn repeated_rows_and_cells_are_many() {
        let found = rows(
            r#"<table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>
            <table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="2">
            <text:p>x</text:p></table:table-cell><table:table-cell table:number-columns-repeated="16000"/>
            </table:table-row><table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>"#,
        );
        let pair = ["x", "x"].map(str::to_owned).to_vec();
        assert_eq!(found, [(4, pair.clone()), (5, pair)]);
    }

    #[test]
    fn a_few_bytes_do_not_fill_the_memory() {
        let sheet = r#"<table:table><table:table-row table:number-rows-repeated="1048576">
            <table:table-cell table:number-columns-repeated="16384"><text:p>x</text:p></table:table-cell>
            </table:table-row></table:table>"#;
        let error = read_sheet(&mut xml(sheet), usize::MAX).err().unwrap();
        assert!(error.to_string().contains("repeated more often"), "{error}");
    }
}
