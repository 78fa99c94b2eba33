//! The list written again with its cells cleaned, everything else as it was.

use super::examine::Change;
use crate::organization::domain;
use crate::organization::text::trim;
use crate::table::{Cells, Format, Object, Row};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::io::{self, Write};

/// Writes cleaned rows in the form of the input: CSV (UTF-8, commas) for records, JSONL for
/// objects. Rows with problems are written too, so that they can be mended there.
#[derive(Debug)]
pub struct FixedWriter<W: Write> {
    output: Output<W>,
    header: Vec<String>,
}

#[derive(Debug)]
enum Output<W: Write> {
    Records(Box<csv::Writer<W>>),
    Lines(W),
}

impl<W: Write> FixedWriter<W> {
    /// Begins a list: one of records with its header.
    ///
    /// # Errors
    /// If writing fails.
    pub fn new(output: W, header: &[String], format: Format) -> io::Result<Self> {
        let output = match format {
            Format::Jsonl => Output::Lines(output),
            Format::Csv => {
                let mut records = csv::WriterBuilder::new().flexible(true).from_writer(output);
                records.write_record(header)?;
                Output::Records(Box::new(records))
            }
        };
        Ok(Self {
            output,
            header: header.to_vec(),
        })
    }

    /// Writes a row with the changes made to it.
    ///
    /// # Errors
    /// If writing fails.
    pub fn write(&mut self, row: &Row, changes: &[Change<'_>]) -> io::Result<()> {
        match (&mut self.output, &row.cells) {
            (Output::Records(records), Cells::Record(record)) => {
                // Cells beyond the header are kept only if somebody has to look at them.
                let blanks = record.iter().rev().take_while(|cell| trim(cell).is_empty());
                let kept = (record.len() - blanks.count()).max(self.header.len());
                let blank = self.header.len().saturating_sub(record.len());
                let headers = self.header.iter().map(Some).chain(std::iter::repeat(None));
                let cells = record
                    .iter()
                    .take(kept)
                    .chain(std::iter::repeat_n("", blank));
                for (cell, header) in cells.zip(headers) {
                    let cell = header.map_or(Cow::Borrowed(cell), |h| cleaned(cell, h, changes));
                    records.write_field(cell.as_bytes())?;
                }
                records.write_record(None::<&[u8]>)?;
            }
            (Output::Lines(output), Cells::Object(object)) => {
                serde_json::to_writer(&mut *output, &cleaned_object(object, changes)?)?;
                output.write_all(b"\n")?;
            }
            (Output::Lines(output), Cells::Unreadable { text, .. }) => writeln!(output, "{text}")?,
            // Beyond the header it is too many cells until someone has corrected it.
            (Output::Records(records), Cells::Unreadable { text, .. }) => {
                let blank = std::iter::repeat_n("", self.header.len());
                records.write_record(blank.chain([text.as_str()]))?;
            }
            // A reader gives rows of one form only.
            (Output::Records(_), Cells::Object(_)) | (Output::Lines(_), Cells::Record(_)) => {}
        }
        Ok(())
    }

    /// Ends the list.
    ///
    /// # Errors
    /// If what is still to be written cannot be.
    pub fn finish(self) -> io::Result<()> {
        match self.output {
            Output::Records(mut records) => records.flush(),
            Output::Lines(mut output) => output.flush(),
        }
    }
}

/// A cell with the changes made to its column.
fn cleaned<'a>(cell: &'a str, header: &str, changes: &[Change<'_>]) -> Cow<'a, str> {
    let mut text = Cow::Borrowed(cell);
    let mut domains = false;
    for change in changes.iter().filter(|change| change.column == header) {
        if change.from == *text {
            text = Cow::Owned(change.to.clone().into_owned());
        } else {
            domains |= change.code.starts_with("domain_") || change.code == "placeholder";
        }
    }
    if !domains {
        return text;
    }
    let mut pieces: Vec<&str> = Vec::new();
    for piece in domain::split(&text) {
        let change = changes
            .iter()
            .find(|c| c.column == header && c.from == piece);
        let piece = change.map_or(piece, |change| change.to.as_ref());
        if !piece.is_empty() && !pieces.contains(&piece) {
            pieces.push(piece);
        }
    }
    Cow::Owned(pieces.join(";"))
}

/// An object with the changes made to its values.
fn cleaned_object(object: &Object, changes: &[Change<'_>]) -> serde_json::Result<Object> {
    let mut cleaned_object = object.clone();
    for (key, value) in &mut cleaned_object {
        if !changes.iter().any(|change| change.column == *key) {
            continue;
        }
        if let Ok(text) = serde_json::from_str::<String>(value.get()) {
            *value = raw(&cleaned(&text, key, changes))?;
        } else if let Ok(items) = serde_json::from_str::<Vec<String>>(value.get()) {
            let items: Vec<_> = items
                .iter()
                .map(|item| cleaned(item, key, changes))
                .collect();
            let kept: Vec<_> = items.iter().filter(|item| !item.is_empty()).collect();
            *value = raw(&kept)?;
        }
    }
    Ok(cleaned_object)
}

fn raw(value: &impl serde::Serialize) -> serde_json::Result<Box<RawValue>> {
    serde_json::value::to_raw_value(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::{Examiner, Mapping, MappingOptions};
    use csv::StringRecord;

    fn fixed(header: &[&str], format: Format, cells: Cells) -> String {
        let header: Vec<String> = header.iter().map(|h| (*h).to_owned()).collect();
        let mapping = Mapping::resolve(&header, format, &MappingOptions::default()).unwrap();
        let row = Row {
            number: 1,
            line: 2,
            cells,
        };
        let mut examiner = Examiner::new(mapping, &header);
        let found = examiner.examine(&row);
        let mut out = Vec::new();
        let mut writer = FixedWriter::new(&mut out, &header, format).unwrap();
        writer.write(&row, &found.changes).unwrap();
        writer.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn cells_are_cleaned_and_the_rest_is_as_it_was() {
        let cells = [
            " Acme\u{a0}",
            "https://www.Acme.com/x; b.de ACME.com -",
            " keep ",
            "N/A",
            " ",
        ];
        let row = Cells::Record(StringRecord::from(cells.to_vec()));
        assert_eq!(
            fixed(&["Company", "Website", "notes", "id"], Format::Csv, row),
            "Company,Website,notes,id\nAcme,acme.com;b.de, keep ,\n"
        );
        let shifted = Cells::Record(StringRecord::from(vec![" A", "N/A", "over"]));
        assert_eq!(
            fixed(&["name", "domain"], Format::Csv, shifted),
            "name,domain\n A,N/A,over\n",
            "of shifted cells nobody knows how they are to be cleaned"
        );
        let short = Cells::Record(StringRecord::from(vec!["A"]));
        assert_eq!(
            fixed(&["name", "domain"], Format::Csv, short),
            "name,domain\nA,\n"
        );
    }

    #[test]
    fn objects_keep_the_text_of_what_is_clean() {
        let json = r#"{"name":" A ","n": 1.0,"domains":["A.com","b.com"],"workos":{"a":1}}"#;
        let object = Cells::Object(serde_json::from_str(json).unwrap());
        assert_eq!(
            fixed(&["name", "n", "domains"], Format::Jsonl, object),
            "{\"name\":\"A\",\"n\":1.0,\"domains\":[\"a.com\",\"b.com\"],\"workos\":{\"a\":1}}\n"
        );
    }
}
