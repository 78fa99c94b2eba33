//! Writes the cleaned list.

use super::validated::Change;
use crate::columns::Mapping;
use crate::input::json;
use crate::organization::domain;
use crate::table::{Cells, Format, Object, Row};
use crate::text::trim;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::io::{self, Write};

/// Writes cleaned rows in the form of the input: CSV (UTF-8, commas) for records, JSONL for
/// objects. Rows with problems are written too, so that they can be fixed there.
#[derive(Debug)]
pub(crate) struct CleanedWriter<W: Write> {
    output: Output<W>,
    header: Vec<String>,
    /// The columns that have several roles.
    shared: Vec<String>,
}

#[derive(Debug)]
enum Output<W: Write> {
    Records(Box<csv::Writer<W>>),
    Lines(W),
}

impl<W: Write> CleanedWriter<W> {
    /// Begins a list: one of records with its header.
    ///
    /// # Errors
    /// If writing fails.
    pub(crate) fn new(
        output: W,
        header: &[String],
        format: Format,
        mapping: &Mapping,
    ) -> io::Result<Self> {
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
            shared: shared_columns(mapping, header),
        })
    }

    /// Writes a row with the changes made to it.
    ///
    /// # Errors
    /// If writing fails.
    pub(crate) fn write(&mut self, row: &Row, changes: &[Change<'_>]) -> io::Result<()> {
        // What is cleaned for one role of a column may not be so for another of them.
        let is_clean_for_all = |change: &&Change<'_>| {
            change.code == "trimmed" || !self.shared.iter().any(|c| *c == change.column)
        };
        let changes: Vec<_> = changes.iter().filter(is_clean_for_all).collect();
        let changes = changes.as_slice();
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
                if changes.is_empty() {
                    serde_json::to_writer(&mut *output, object)?;
                } else {
                    let object = cleaned_object(object.clone(), "", changes);
                    serde_json::to_writer(&mut *output, &object)?;
                }
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

    /// Ends the list; returns what it was written to.
    ///
    /// # Errors
    /// If what is still to be written cannot be.
    pub(crate) fn finish(self) -> io::Result<W> {
        match self.output {
            Output::Records(records) => records
                .into_inner()
                .map_err(csv::IntoInnerError::into_error),
            Output::Lines(mut output) => output.flush().map(|()| output),
        }
    }
}

fn shared_columns(mapping: &Mapping, header: &[String]) -> Vec<String> {
    let columns = mapping.table(header).into_iter();
    let shared = columns.filter(|(_, roles)| roles.len() > 1);
    shared.map(|(column, _)| column).collect()
}

/// A cell with the changes made to its column, or below it where it holds JSON.
fn cleaned<'a>(cell: &'a str, column: &str, changes: &[&Change<'_>]) -> Cow<'a, str> {
    if cell.starts_with('{') && changes.iter().any(|c| is_below(&c.column, column)) {
        let json = serde_json::from_str(cell).map(|json| cleaned_json(json, column, changes));
        return json.map_or(Cow::Borrowed(cell), |json| {
            Cow::Owned(json.get().to_owned())
        });
    }
    let mut text = Cow::Borrowed(cell);
    let mut domains = false;
    for change in changes.iter().filter(|change| change.column == column) {
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
            .find(|c| c.column == column && c.from == piece);
        let piece = change.map_or(piece, |change| change.to.as_ref());
        if !piece.is_empty() && !pieces.contains(&piece) {
            pieces.push(piece);
        }
    }
    Cow::Owned(pieces.join(";"))
}

/// Whether a place is one below a column: `company.name`.
fn is_below(place: &str, column: &str) -> bool {
    let following = place.strip_prefix(column);
    following.is_some_and(|following| following.starts_with('.'))
}

/// A JSON value with the changes made to it and to what is in it.
fn cleaned_json(value: Box<RawValue>, place: &str, changes: &[&Change<'_>]) -> Box<RawValue> {
    let is_touched = |c: &&Change<'_>| c.column == place || is_below(&c.column, place);
    if !changes.iter().any(is_touched) {
        return value;
    }
    let json = value.get();
    let written = if json.starts_with('"') {
        let text = serde_json::from_str::<String>(json).ok();
        text.and_then(|text| raw(&cleaned(&text, place, changes)))
    } else if json.starts_with('[') {
        let items = serde_json::from_str(json).ok();
        items.and_then(|items| raw(&cleaned_items(items, place, changes)))
    } else {
        let object = json::object(json).ok();
        object.and_then(|object| raw(&cleaned_object(object, place, changes)))
    };
    written.unwrap_or(value)
}

/// The domains of an array, each once; an object has one under that key.
fn cleaned_items(
    items: Vec<Box<RawValue>>,
    place: &str,
    changes: &[&Change<'_>],
) -> Vec<Box<RawValue>> {
    // Detects the second of two equal values.
    let changes = changes.iter().filter(|c| c.code != "domain_repeated");
    let changes: Vec<_> = changes.copied().collect();
    let mut kept: Vec<Box<RawValue>> = Vec::new();
    for item in items {
        let item = match json::object(item.get()) {
            Ok(mut object) => {
                let domain = object.get_mut("domain");
                if let Some(domain) = domain {
                    *domain = cleaned_json(domain.clone(), place, &changes);
                }
                raw(&object).unwrap_or(item)
            }
            Err(_) => cleaned_json(item, place, &changes),
        };
        if item.get() != "\"\"" && kept.iter().all(|other| other.get() != item.get()) {
            kept.push(item);
        }
    }
    kept
}

/// An object with the changes made to its values.
fn cleaned_object(object: Object, place: &str, changes: &[&Change<'_>]) -> Object {
    let pairs = object.into_iter().map(|(key, value)| {
        let value = if place.is_empty() {
            cleaned_json(value, &key, changes)
        } else {
            cleaned_json(value, &format!("{place}.{key}"), changes)
        };
        (key, value)
    });
    pairs.collect()
}

fn raw(value: &impl serde::Serialize) -> Option<Box<RawValue>> {
    serde_json::value::to_raw_value(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::{MappingOptions, Role};
    use crate::validate::Validator;
    use csv::StringRecord;

    fn fixed(header: &[&str], format: Format, cells: Cells) -> String {
        fixed_by(&MappingOptions::default(), header, format, cells)
    }

    fn fixed_by(options: &MappingOptions, header: &[&str], format: Format, cells: Cells) -> String {
        let header: Vec<String> = header.iter().map(|h| (*h).to_owned()).collect();
        let mapping = Mapping::resolve(&header, format, options).unwrap();
        let row = Row {
            number: 1,
            line: 2,
            cells,
        };
        let mut validator = Validator::new(mapping.clone(), &header);
        let found = validator.validate(&row);
        let mut out = Vec::new();
        let mut writer = CleanedWriter::new(&mut out, &header, format, &mapping).unwrap();
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
            "shifted cells are not cleaned"
        );
        let short = Cells::Record(StringRecord::from(vec!["A"]));
        assert_eq!(
            fixed(&["name", "domain"], Format::Csv, short),
            "name,domain\nA,\n"
        );
    }

    #[test]
    fn a_column_of_two_roles_is_only_trimmed() {
        let options = MappingOptions {
            external_id_from: Some("Website".to_owned()),
            ..MappingOptions::default()
        };
        let row = Cells::Record(StringRecord::from(vec!["A", " https://a.com"]));
        assert_eq!(
            fixed_by(&options, &["Company", "Website"], Format::Csv, row),
            "Company,Website\nA,https://a.com\n"
        );
    }

    #[test]
    fn what_lies_below_a_column_is_cleaned() {
        let header = ["name", "metadata"];
        let row = vec!["A", r#"{"plan": " pro ", "n": 1.0}"#];
        assert_eq!(
            fixed(&header, Format::Csv, Cells::Record(StringRecord::from(row))),
            "name,metadata\nA,\"{\"\"plan\"\":\"\"pro\"\",\"\"n\"\":1.0}\"\n"
        );
        let json = r#"{"company":{"name":" A ","x":1},"domains":[{"domain":"A.com"},{"domain":"a.com","id":2},"b.COM","b.com"]}"#;
        let options = MappingOptions {
            map: vec![(Role::Name, "company.name".to_owned())],
            ..MappingOptions::default()
        };
        let object = Cells::Object(serde_json::from_str(json).unwrap());
        assert_eq!(
            fixed_by(&options, &["company", "domains"], Format::Jsonl, object),
            "{\"company\":{\"name\":\"A\",\"x\":1},\"domains\":[{\"domain\":\"a.com\"},{\"domain\":\"a.com\",\"id\":2},\"b.com\"]}\n"
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
