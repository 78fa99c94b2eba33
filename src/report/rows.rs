//! The rows of a results file: name, domains and external id of each, and what was cleaned.

use super::error::Error;
use super::facts::{CleanedSample, RowFacts};
use crate::columns::{Mapping, MappingOptions};
use crate::input::Reader;
use crate::results::{self, JSON_KEY, Layout};
use crate::table::{Cells, Format, Row};
use crate::validate::{Validated, Validator};
use std::collections::BTreeMap;
use std::path::Path;

/// How many cells of each kind of cleaning are shown.
const SAMPLES: usize = 3;

/// The rows of a results file.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    pub(super) rows: Vec<RowFacts>,
    /// What was cleaned in rows that are done, by code.
    pub(super) cleaned: BTreeMap<&'static str, (u64, Vec<CleanedSample>)>,
}

impl Sheet {
    /// Reads all rows. Without a mapping, the columns are recognized as `import` does.
    pub(super) fn read(
        &mut self,
        reader: Reader,
        path: &Path,
        mapping: Option<&Mapping>,
    ) -> Result<(), Error> {
        if !is_results(&reader) {
            let path = path.to_owned();
            return Err(results::Error::NotResults { path }.into());
        }
        let layout = Layout::of(reader.header());
        let header = layout.original_header().to_vec();
        let mapping = if let Some(mapping) = mapping {
            mapping.clone()
        } else {
            let content = reader.content();
            let options = MappingOptions::default();
            let mut mapping = Mapping::of_list(&header, reader.format(), &content, &options)?;
            let hosts = reader.shared_hosts().iter().cloned();
            mapping.cells.shared_hosts.extend(hosts);
            mapping
        };
        let columns = Columns::new(&mapping, &header);
        let mut validator = Validator::new(mapping, &header).without_name_warnings();
        for row in reader {
            let row = row?;
            let (cells, said) = layout.split(row.cells);
            if said.row.is_none() && said.record.is_none() && is_blank(&cells) {
                continue;
            }
            let row = Row { cells, ..row };
            let validated = validator.validate(&row);
            let mut facts = columns.facts(&row, &validated);
            facts.row = said.row.unwrap_or(0);
            if let Some(record) = said.record {
                facts.add_record(record);
            }
            if facts.status.is_some_and(results::Status::is_done) {
                self.count(row.line, &validated);
            }
            self.rows.push(facts);
        }
        Ok(())
    }

    fn count(&mut self, line: u64, validated: &Validated<'_>) {
        for change in &validated.changes {
            let (count, samples) = self.cleaned.entry(change.code).or_default();
            *count += 1;
            if samples.len() < SAMPLES {
                samples.push(CleanedSample {
                    line,
                    column: change.column.to_string(),
                    from: change.from.to_string(),
                    to: change.to.to_string(),
                });
            }
        }
    }
}

impl RowFacts {
    /// Takes the result of the row.
    pub(super) fn add_record(&mut self, record: results::Record) {
        self.status = Some(record.status);
        self.organization_id = record.organization_id;
        self.existing_organization_id = record.existing_organization_id;
        self.error = record.error;
        self.code = record.code;
        self.message = record.message;
        self.http_status = record.http_status;
        self.request_id = record.request_id;
        self.changes = record.changes;
        self.attempts = record.attempts;
        self.finished_at = record.finished_at;
    }
}

fn is_results(reader: &Reader) -> bool {
    match reader.format() {
        Format::Csv => Layout::of(reader.header()).has_results(),
        Format::Jsonl => reader.header().iter().any(|key| key == JSON_KEY),
    }
}

fn is_blank(cells: &Cells) -> bool {
    match cells {
        Cells::Record(record) => record.iter().all(|cell| cell.trim().is_empty()),
        Cells::Object(object) => object.is_empty(),
        Cells::Unreadable { .. } => false,
    }
}

/// The columns that a report shows, for rows that do not make an organization.
struct Columns {
    name: Column,
    domains: Vec<Column>,
    external_id: Option<Column>,
}

struct Column {
    header: String,
    index: Option<usize>,
}

impl Columns {
    fn new(mapping: &Mapping, header: &[String]) -> Self {
        let column = |name: &String| Column {
            header: name.clone(),
            index: header.iter().position(|own| own == name),
        };
        Self {
            name: column(&mapping.name),
            domains: mapping.domains.iter().map(column).collect(),
            external_id: mapping.external_id.as_ref().map(column),
        }
    }

    /// The row as it is sent; where it cannot be sent, as it is in its cells.
    fn facts(&self, row: &Row, validated: &Validated<'_>) -> RowFacts {
        let line = Some(row.line);
        if let Some(organization) = &validated.organization {
            let domains = organization.domain_data.iter();
            return RowFacts {
                line,
                name: organization.name.to_string(),
                domains: domains.map(|data| data.domain.to_string()).collect(),
                external_id: organization.external_id.as_deref().map(str::to_owned),
                ..RowFacts::default()
            };
        }
        let domains = self.domains.iter().map(|column| column.cell(&row.cells));
        let external_id = self.external_id.as_ref();
        RowFacts {
            line,
            name: self.name.cell(&row.cells),
            domains: domains.filter(|cell| !cell.is_empty()).collect(),
            external_id: external_id
                .map(|column| column.cell(&row.cells))
                .filter(|cell| !cell.is_empty()),
            ..RowFacts::default()
        }
    }
}

impl Column {
    fn cell(&self, cells: &Cells) -> String {
        match cells {
            Cells::Record(record) => {
                let cell = self.index.and_then(|index| record.get(index));
                cell.unwrap_or_default().to_owned()
            }
            Cells::Object(object) => object.get(&self.header).map_or_else(String::new, |value| {
                let text = serde_json::from_str(value.get());
                text.unwrap_or_else(|_| value.get().to_owned())
            }),
            Cells::Unreadable { .. } => String::new(),
        }
    }
}
