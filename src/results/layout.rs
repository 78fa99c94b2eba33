//! Which columns of a table are the user's and which are the results.

use super::record::{COLUMNS, Column, ErrorName, JSON_KEY, Record, Status, is_worth_another_try};
use crate::table::{Cells, Object};
use csv::StringRecord;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::str::FromStr;

/// The key under which a JSONL results file keeps an input line that was no JSON object.
pub const UNREADABLE_LINE: &str = "unreadable_line";

/// The columns of a table, divided into the user's and the results'.
///
/// A row may have more cells than its header. In a results file the surplus stands at the end of
/// the line, behind the results; a spreadsheet gives columns without a name to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    header: Vec<String>,
    original: Vec<usize>,
    results: [Option<usize>; COLUMNS.len()],
    /// The first column of surplus cells.
    surplus: usize,
}

/// What a results file says of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Its number; `None` in a row that a user added.
    pub row: Option<u64>,
    /// What became of it; `None` where it was never tried, or where what stands there cannot be
    /// understood. Without a number of its own it is that of row 0.
    pub record: Option<Record>,
}

impl Said {
    fn from_json(json: &str) -> Self {
        #[derive(Deserialize)]
        struct Number {
            row: Option<u64>,
        }
        let number = serde_json::from_str(json).ok();
        let row = number.and_then(|Number { row }| row);
        let row = row.filter(|row| is_row_number(*row));
        let record = serde_json::from_str(json).ok();
        let record = record.or_else(|| written_over(json));
        Self {
            row,
            record: record.map(|record| Record {
                row: row.unwrap_or_default(),
                ..record
            }),
        }
    }
}

/// What a results file says of a row, as much as a run needs to know where it stands.
#[derive(Clone, Debug, Default)]
pub struct Outline<'a> {
    /// Its number; `None` in a row that a user added.
    pub row: Option<u64>,
    /// Its status; `None` where it was never tried. A user may have left it without a number.
    pub status: Option<Status>,
    /// The organization that the row became.
    pub organization_id: Option<Cow<'a, str>>,
    /// Whether the same command should try the row again.
    pub is_worth_another_try: bool,
    /// Where its record begins, in bytes from the start of the file.
    pub start: u64,
    /// Where its record ends: one past its line end.
    pub end: u64,
}

impl Outline<'_> {
    pub(super) fn from_json(json: &str) -> Self {
        let Said { row, record } = Said::from_json(json);
        let Some(record) = record else {
            return Self {
                row,
                ..Self::default()
            };
        };
        Self {
            row,
            status: Some(record.status),
            is_worth_another_try: record.is_worth_another_try(),
            organization_id: record.organization_id.map(Cow::Owned),
            ..Self::default()
        }
    }
}

impl Layout {
    /// The layout of a table with this header; that of a JSONL file has none.
    pub fn of(header: &[String]) -> Self {
        let mut results = [None; COLUMNS.len()];
        let mut original = Vec::new();
        for (index, name) in header.iter().enumerate() {
            let name = name.trim().trim_start_matches('\u{feff}');
            match COLUMNS.iter().position(|c| c.eq_ignore_ascii_case(name)) {
                Some(column) => {
                    if let Some(slot @ None) = results.get_mut(column) {
                        *slot = Some(index);
                    }
                }
                None => original.push(index),
            }
        }
        let surplus = surplus(header, &results);
        original.retain(|index| *index < surplus);
        Self {
            header: original
                .iter()
                .filter_map(|&index| header.get(index))
                .map(|name| name.trim_start_matches('\u{feff}').to_owned())
                .collect(),
            original,
            results,
            surplus,
        }
    }

    /// The user's columns.
    pub fn original_header(&self) -> &[String] {
        &self.header
    }

    /// Whether the table is a results file: it says of its rows what became of them.
    pub fn has_results(&self) -> bool {
        matches!(self.results, [Some(_), ..])
    }

    /// Divides a row into the user's cells and what a run has said of them.
    pub fn split(&self, cells: Cells) -> (Cells, Said) {
        match cells {
            Cells::Record(record) => {
                let original = self.original.iter();
                let original = original.map(|&index| record.get(index).unwrap_or_default());
                let surplus = record.iter().skip(self.surplus).collect();
                let cells = original.chain(without_blank_end(surplus)).collect();
                let said = Said {
                    row: parsed(self.cell(&record, Column::Row)).filter(|row| is_row_number(*row)),
                    record: self.record(&record),
                };
                (Cells::Record(cells), said)
            }
            Cells::Object(mut object) => {
                let said = object.shift_remove(JSON_KEY);
                let said = said.map_or_else(Said::default, |raw| Said::from_json(raw.get()));
                (readable_or_not(object), said)
            }
            unreadable @ Cells::Unreadable { .. } => (unreadable, Said::default()),
        }
    }

    fn cell<'a>(&self, record: &'a StringRecord, column: Column) -> Option<&'a str> {
        let index = (*self.results.get(column as usize)?)?;
        record.get(index).filter(|cell| !cell.trim().is_empty())
    }

    /// The outline of a record.
    pub(super) fn outline<'a>(&self, record: &'a StringRecord) -> Outline<'a> {
        let cell = |column| self.cell(record, column);
        let row = parsed(cell(Column::Row)).filter(|row| is_row_number(*row));
        let status = status_of(cell(Column::Status), cell(Column::OrganizationId));
        Outline {
            row,
            status,
            organization_id: status
                .and_then(|_| cell(Column::OrganizationId))
                .map(Cow::Borrowed),
            is_worth_another_try: status.is_some_and(|status| {
                let error = cell(Column::Error).and_then(ErrorName::from_name);
                is_worth_another_try(status, error, parsed(cell(Column::HttpStatus)))
            }),
            ..Outline::default()
        }
    }

    fn record(&self, record: &StringRecord) -> Option<Record> {
        let cell = |column| self.cell(record, column);
        let own = |column| cell(column).map(str::to_owned);
        Some(Record {
            status: status_of(cell(Column::Status), cell(Column::OrganizationId))?,
            organization_id: own(Column::OrganizationId),
            error: cell(Column::Error).and_then(ErrorName::from_name),
            code: own(Column::Code),
            message: own(Column::Message),
            http_status: parsed(cell(Column::HttpStatus)),
            request_id: own(Column::RequestId),
            attempts: parsed(cell(Column::Attempts)).unwrap_or_default(),
            existing_organization_id: own(Column::ExistingOrganizationId),
            row: parsed(cell(Column::Row))
                .filter(|row| is_row_number(*row))
                .unwrap_or_default(),
            finished_at: parsed(cell(Column::FinishedAt)),
        })
    }
}

/// The status of a row, whatever a user has written over it: a row with an organization is done,
/// and of any other that was tried nobody knows. `None` where it was never tried.
fn status_of(status: Option<&str>, organization_id: Option<&str>) -> Option<Status> {
    let as_said = status.and_then(Status::from_name);
    let by_organization = organization_id.map(|_| Status::Created);
    let doubtful = status.map(|_| Status::Unknown);
    as_said.or(by_organization).or(doubtful)
}

/// What can still be understood of a record that a user has written over.
fn written_over(json: &str) -> Option<Record> {
    let said: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json).ok()?;
    let text = |key| {
        said.get(key)?
            .as_str()
            .filter(|text| !text.trim().is_empty())
    };
    let organization_id = text("organization_id");
    Some(Record {
        organization_id: organization_id.map(str::to_owned),
        finished_at: None,
        ..Record::new(0, status_of(text("status"), organization_id)?)
    })
}

/// Where surplus cells begin: behind the header, and behind the columns without a name that a
/// spreadsheet adds to it when it makes all rows as long as the longest.
fn surplus(header: &[String], results: &[Option<usize>]) -> usize {
    let Some(last_result) = results.iter().flatten().max() else {
        return header.len();
    };
    let is_named = |name: &String| !name.trim().is_empty();
    let last_named = header.iter().rposition(is_named).unwrap_or_default();
    last_named.max(*last_result) + 1
}

/// Cells up to the last that is not blank: a surplus of blank cells is none.
pub(super) fn without_blank_end(mut cells: Vec<&str>) -> Vec<&str> {
    while cells.last().is_some_and(|cell| cell.trim().is_empty()) {
        cells.pop();
    }
    cells
}

/// A line that was no JSON object comes back from a results file as it first was.
fn readable_or_not(object: Object) -> Cells {
    #[derive(Deserialize)]
    struct Line {
        text: String,
        reason: String,
    }
    match object.get(UNREADABLE_LINE) {
        Some(line) if object.len() == 1 => match serde_json::from_str::<Line>(line.get()) {
            Ok(Line { text, reason }) => Cells::Unreadable { text, reason },
            Err(_) => Cells::Object(object),
        },
        _ => Cells::Object(object),
    }
}

/// The object that stands in a results file for a line that was none.
pub(super) fn unreadable_object(text: &str, reason: &str) -> serde_json::Result<Object> {
    let line = serde_json::json!({ "text": text, "reason": reason });
    let raw: Box<RawValue> = RawValue::from_string(line.to_string())?;
    Ok(Object::from_iter([(UNREADABLE_LINE.to_owned(), raw)]))
}

/// No file has as many rows; what a user may have typed there is no number of a row.
const fn is_row_number(row: u64) -> bool {
    row > 0 && row < 1 << 48
}

fn parsed<T: FromStr>(cell: Option<&str>) -> Option<T> {
    cell.and_then(|cell| cell.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn reordered_and_added_columns_are_told_apart() {
        let layout = Layout::of(&header(&[
            "workos_row",
            "name",
            "Workos_Status",
            "my note",
            "workos_finished_at",
        ]));
        assert!(layout.has_results());
        assert_eq!(layout.original_header(), ["name", "my note"]);
        let row = StringRecord::from(vec!["7", "Acme", "created", "hi", "2026-11-23T00:00:00Z"]);
        let (cells, said) = layout.split(Cells::Record(row));
        let Cells::Record(cells) = cells else {
            panic!("a record stays one");
        };
        assert_eq!(cells, StringRecord::from(vec!["Acme", "hi"]));
        let record = said.record.unwrap();
        assert_eq!((record.row, record.status), (7, Status::Created));
    }

    #[test]
    fn a_row_without_a_status_was_never_tried() {
        let layout = Layout::of(&header(&["name", "workos_status", "workos_row"]));
        let row = StringRecord::from(vec!["Acme", " ", ""]);
        assert_eq!(layout.split(Cells::Record(row)).1, Said::default());
    }

    #[test]
    fn a_row_with_a_status_keeps_it_without_its_number() {
        let layout = Layout::of(&header(&[
            "name",
            "workos_status",
            "workos_organization_id",
        ]));
        let row = StringRecord::from(vec!["Acme", "created", "org_1"]);
        let said = layout.split(Cells::Record(row)).1;
        let record = said.record.unwrap();
        assert_eq!((said.row, record.status), (None, Status::Created));
        assert_eq!(record.organization_id.as_deref(), Some("org_1"));
        let json = r#"{"status":"created","organization_id":"org_1"}"#;
        let said = Said::from_json(json);
        assert_eq!(said.record.unwrap().organization_id, record.organization_id);
    }

    #[test]
    fn a_record_with_an_unreadable_time_has_none() {
        let layout = Layout::of(&header(&["workos_status", "workos_finished_at"]));
        let row = StringRecord::from(vec!["created", "yesterday"]);
        let json = r#"{"status":"created","finished_at":"yesterday"}"#;
        for said in [layout.split(Cells::Record(row)).1, Said::from_json(json)] {
            assert_eq!(said.record.unwrap().finished_at, None);
        }
    }

    #[test]
    fn whoever_has_an_organization_is_done_whatever_the_status_says() {
        for (status, id, understood) in [
            ("ok!", "org_1", Some(Status::Created)),
            (" ", "org_1", Some(Status::Created)),
            ("Failed ", "", Some(Status::Failed)),
            ("try again", "", Some(Status::Unknown)),
            ("", " ", None),
        ] {
            let layout = Layout::of(&header(&["workos_status", "workos_organization_id"]));
            let row = StringRecord::from(vec![status, id]);
            let said = layout.split(Cells::Record(row)).1;
            assert_eq!(said.record.map(|record| record.status), understood);
            let json = serde_json::json!({"status": status, "organization_id": id, "row": "7"});
            let said = Said::from_json(&json.to_string());
            assert_eq!(said.record.map(|record| record.status), understood);
        }
    }

    #[test]
    fn what_stands_behind_the_results_without_a_name_is_surplus() {
        let layout = Layout::of(&header(&[
            "name",
            "",
            "workos_status",
            "workos_row",
            "",
            " ",
        ]));
        assert_eq!(layout.original_header(), ["name", ""]);
        let row = StringRecord::from(vec!["Acme", " Inc", "invalid", "1", "pro", "", "76", " "]);
        let (cells, _) = layout.split(Cells::Record(row));
        let Cells::Record(cells) = cells else {
            panic!("a record stays one");
        };
        assert_eq!(
            cells,
            StringRecord::from(vec!["Acme", " Inc", "pro", "", "76"])
        );
    }

    #[test]
    fn an_input_file_has_no_results() {
        assert!(!Layout::of(&header(&["name", "workos_id"])).has_results());
    }
}
