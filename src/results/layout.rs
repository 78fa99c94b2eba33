//! Reading a results file back: which columns are the user's, and which the results.

use super::cell::{without_apostrophe, without_blank_end};
use super::record::{COLUMNS, Column, ErrorName, JSON_KEY, Record, Status};
use super::unreadable::readable_or_not;
use crate::table::Cells;
use csv::StringRecord;
use serde::Deserialize;
use std::str::FromStr;

/// The columns of a table, divided into the user's and the results', wherever they are.
///
/// A row may have more cells than its header. In a results file the surplus is at the end of the
/// line, after the results; a spreadsheet gives it columns without a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    header: Vec<String>,
    original: Vec<usize>,
    results: [Option<usize>; COLUMNS.len()],
    /// The first column of surplus cells.
    surplus: usize,
}

/// The result of a row as a results file has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordedState {
    /// Its id; `None` in a row that a user added.
    pub row: Option<u64>,
    /// The line of the list on which it begins, where the file has it.
    pub line: Option<u64>,
    /// Its result; `None` where it was not sent yet. Where the row has no id, that of the record
    /// is 0.
    pub record: Option<Record>,
}

impl RecordedState {
    /// The same where the id of the organization may be cut off.
    #[must_use]
    pub fn without_organization(self) -> Self {
        let record = self.record.map(|record| match record.organization_id {
            Some(_) => without_organization(record),
            None => record,
        });
        Self { record, ..self }
    }

    fn from_json(json: &str) -> Self {
        #[derive(Deserialize)]
        #[serde(default)]
        #[derive(Default)]
        struct Number {
            row: Option<u64>,
            line: Option<u64>,
        }
        let Number { row, line } = serde_json::from_str(json).unwrap_or_default();
        let row = row.filter(|row| is_row_number(*row));
        let record = serde_json::from_str(json).ok();
        let record = record.or_else(|| overwritten(json));
        Self {
            row,
            line,
            record: record.map(|record| Record {
                row: row.unwrap_or_default(),
                ..record
            }),
        }
    }
}

impl Layout {
    /// The layout of a table with this header; that of a JSONL file has none.
    pub fn of(header: &[String]) -> Self {
        let mut results = [None; COLUMNS.len()];
        for (index, name) in header.iter().enumerate() {
            let name = name.trim().trim_start_matches('\u{feff}');
            let column = COLUMNS.iter().position(|c| c.eq_ignore_ascii_case(name));
            // Results are after the user's columns, which may have one of the same name: that of an
            // exported list.
            if let Some(slot) = column.and_then(|column| results.get_mut(column)) {
                *slot = Some(index);
            }
        }
        let is_result = |index: &usize| results.contains(&Some(*index));
        let mut original: Vec<usize> = (0..header.len()).filter(|it| !is_result(it)).collect();
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

    /// Whether the table is a results file: it has the column `workos_status`.
    pub fn has_results(&self) -> bool {
        matches!(self.results, [Some(_), ..])
    }

    /// Splits a row into the user's cells and its result.
    pub fn split(&self, cells: Cells) -> (Cells, RecordedState) {
        match cells {
            Cells::Record(record) => {
                let original = self.original.iter();
                let original = original.map(|&index| record.get(index).unwrap_or_default());
                let surplus = record.iter().skip(self.surplus).collect();
                let cells = original.chain(without_blank_end(surplus)).collect();
                let recorded = RecordedState {
                    row: row_number(self.cell(&record, Column::Row)),
                    line: row_number(self.cell(&record, Column::Line)),
                    record: self.record(&record),
                };
                (Cells::Record(cells), recorded)
            }
            Cells::Object(mut object) => {
                let recorded = object.shift_remove(JSON_KEY);
                let recorded = recorded.map_or_else(RecordedState::default, |raw| {
                    RecordedState::from_json(raw.get())
                });
                (readable_or_not(object), recorded)
            }
            unreadable @ Cells::Unreadable { .. } => (unreadable, RecordedState::default()),
        }
    }

    fn cell<'a>(&self, record: &'a StringRecord, column: Column) -> Option<&'a str> {
        let index = (*self.results.get(column as usize)?)?;
        record.get(index).filter(|cell| !cell.trim().is_empty())
    }

    /// Whether a row ends with this cell although the table has later columns: the file was cut
    /// there, perhaps within the cell.
    fn is_cut_in(&self, record: &StringRecord, column: Column) -> bool {
        let index = self.results.get(column as usize).copied().flatten();
        index.is_some_and(|index| record.len() == index + 1 && self.surplus > index + 1)
    }

    /// Whether the ids of organizations are in the last column.
    pub fn ends_with_organization_id(&self) -> bool {
        let index = self.results.get(Column::OrganizationId as usize);
        index
            .copied()
            .flatten()
            .is_some_and(|index| self.surplus == index + 1)
    }

    fn record(&self, record: &StringRecord) -> Option<Record> {
        let cell = |column| self.cell(record, column);
        let own = |column| cell(column).map(|cell| without_apostrophe(cell).to_owned());
        let status = status_of(cell(Column::Status), cell(Column::OrganizationId))?;
        let is_cut = self.is_cut_in(record, Column::OrganizationId);
        let record = Record {
            status,
            organization_id: own(Column::OrganizationId),
            error: cell(Column::Error).and_then(ErrorName::from_name),
            code: own(Column::Code),
            message: own(Column::Message),
            http_status: parsed(cell(Column::HttpStatus)),
            request_id: own(Column::RequestId),
            attempts: parsed(cell(Column::Attempts)).unwrap_or_default(),
            existing_organization_id: own(Column::ExistingOrganizationId),
            changes: own(Column::Changes),
            row: row_number(cell(Column::Row)).unwrap_or_default(),
            finished_at: parsed(cell(Column::FinishedAt)),
        };
        Some(if is_cut {
            without_organization(record)
        } else {
            record
        })
    }
}

/// A record whose organization cannot be read.
fn without_organization(record: Record) -> Record {
    Record {
        status: Status::Unknown,
        organization_id: None,
        ..record
    }
}

/// The status of a row, also where a user has overwritten it: a row with an organization is done,
/// any other with an unknown status is in doubt. `None` where it was not sent yet.
fn status_of(status: Option<&str>, organization_id: Option<&str>) -> Option<Status> {
    let as_recorded = status.and_then(Status::from_name);
    let by_organization = organization_id.map(|_| Status::Created);
    let doubtful = status.map(|_| Status::Unknown);
    as_recorded.or(by_organization).or(doubtful)
}

/// What can still be read of a record that a user has overwritten.
fn overwritten(json: &str) -> Option<Record> {
    let recorded: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json).ok()?;
    let text = |key| {
        recorded
            .get(key)?
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

/// Where surplus cells begin: after the last named column. A spreadsheet adds columns without a
/// name when it makes all rows as long as the longest.
fn surplus(header: &[String], results: &[Option<usize>]) -> usize {
    let Some(last_result) = results.iter().flatten().max() else {
        return header.len();
    };
    let is_named = |name: &String| !name.trim().is_empty();
    let last_named = header.iter().rposition(is_named).unwrap_or_default();
    last_named.max(*last_result) + 1
}

/// Whether it can be the id of a row, and not something that a user has typed there.
const fn is_row_number(row: u64) -> bool {
    row > 0 && row < 1 << 48
}

/// The number of a row. A spreadsheet may have given it decimal places: `5,00`.
fn row_number(cell: Option<&str>) -> Option<u64> {
    let cell = cell?.trim();
    let whole = match cell.split_once(['.', ',']) {
        Some((whole, zeros)) if zeros.bytes().all(|digit| digit == b'0') => whole,
        _ => cell,
    };
    parsed(Some(whole)).filter(|row| is_row_number(*row))
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
    fn reordered_and_added_columns_are_recognized() {
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
        let (cells, recorded) = layout.split(Cells::Record(row));
        let Cells::Record(cells) = cells else {
            panic!("a record stays one");
        };
        assert_eq!(cells, StringRecord::from(vec!["Acme", "hi"]));
        let record = recorded.record.unwrap();
        assert_eq!((record.row, record.status), (7, Status::Created));
    }

    #[test]
    fn a_row_without_a_status_was_not_sent() {
        let layout = Layout::of(&header(&["name", "workos_status", "workos_row"]));
        let row = StringRecord::from(vec!["Acme", " ", ""]);
        assert_eq!(layout.split(Cells::Record(row)).1, RecordedState::default());
    }

    #[test]
    fn a_row_with_a_status_keeps_it_without_its_number() {
        let layout = Layout::of(&header(&[
            "name",
            "workos_status",
            "workos_organization_id",
        ]));
        let row = StringRecord::from(vec!["Acme", "created", "org_1"]);
        let recorded = layout.split(Cells::Record(row)).1;
        let record = recorded.record.unwrap();
        assert_eq!((recorded.row, record.status), (None, Status::Created));
        assert_eq!(record.organization_id.as_deref(), Some("org_1"));
        let json = r#"{"status":"created","organization_id":"org_1"}"#;
        let recorded = RecordedState::from_json(json);
        assert_eq!(
            recorded.record.unwrap().organization_id,
            record.organization_id
        );
    }

    #[test]
    fn a_row_that_was_cut_within_its_organization_id_does_not_claim_one() {
        let layout = Layout::of(&header(&[
            "name",
            "workos_status",
            "workos_organization_id",
            "workos_message",
        ]));
        let row = StringRecord::from(vec!["Acme", "created", "org_01M8"]);
        let record = layout.split(Cells::Record(row)).1.record.unwrap();
        assert_eq!(record.status, Status::Unknown);
        assert_eq!(record.organization_id, None);
    }

    #[test]
    fn a_record_with_an_unreadable_time_has_none() {
        let layout = Layout::of(&header(&["workos_status", "workos_finished_at"]));
        let row = StringRecord::from(vec!["created", "yesterday"]);
        let json = r#"{"status":"created","finished_at":"yesterday"}"#;
        for recorded in [
            layout.split(Cells::Record(row)).1,
            RecordedState::from_json(json),
        ] {
            assert_eq!(recorded.record.unwrap().finished_at, None);
        }
    }

    #[test]
    fn a_row_with_an_organization_is_done_whatever_its_status_says() {
        for (status, id, understood) in [
            ("ok!", "org_1", Some(Status::Created)),
            (" ", "org_1", Some(Status::Created)),
            ("Failed ", "", Some(Status::Failed)),
            ("try again", "", Some(Status::Unknown)),
            ("", " ", None),
        ] {
            let layout = Layout::of(&header(&["workos_status", "workos_organization_id"]));
            let row = StringRecord::from(vec![status, id]);
            let recorded = layout.split(Cells::Record(row)).1;
            assert_eq!(recorded.record.map(|record| record.status), understood);
            let json = serde_json::json!({"status": status, "organization_id": id, "row": "7"});
            let recorded = RecordedState::from_json(&json.to_string());
            assert_eq!(recorded.record.map(|record| record.status), understood);
        }
    }

    #[test]
    fn cells_after_the_results_without_a_name_are_surplus() {
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
    fn a_column_of_the_list_with_the_name_of_a_result_is_the_users() {
        let layout = Layout::of(&header(&[
            "name",
            "workos_organization_id",
            "workos_status",
            "workos_organization_id",
        ]));
        assert_eq!(layout.original_header(), ["name", "workos_organization_id"]);
        let row = StringRecord::from(vec!["Acme", "org_1", "", ""]);
        let (cells, recorded) = layout.split(Cells::Record(row));
        let Cells::Record(cells) = cells else {
            panic!("a record stays one");
        };
        assert_eq!(cells, StringRecord::from(vec!["Acme", "org_1"]));
        assert!(recorded.record.is_none(), "nothing was sent for it");
    }

    #[test]
    fn an_input_file_has_no_results() {
        assert!(!Layout::of(&header(&["name", "workos_id"])).has_results());
    }
}
