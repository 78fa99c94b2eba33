//! From the cells of a row to an organization, by the mapping, with everything found on the way.

use super::cells::{Cell, Column, is_formula_error, is_placeholder, nested, of_json};
use super::{Change, Examined};
use crate::input::header::{canonical_role, is_results_column};
use crate::input::mapping::{Mapping, Role};
use crate::organization::problem::Problem;
use crate::organization::text::{quoted, trim};
use crate::organization::{DomainData, NewOrganization, domain, external_id, metadata, name};
use crate::table::{Cells, Object, Row};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, HashSet};

/// A mapping laid over the columns of one file.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    mapping: Mapping,
    name: Column,
    domains: Vec<Column>,
    external_id: Option<Column>,
    objects: Vec<Column>,
    metadata: Vec<(String, Column)>,
    /// The columns of the header, to tell which keys of an object came as a surprise.
    known: HashSet<String>,
    width: usize,
}

impl Plan {
    pub(super) fn new(mapping: Mapping, header: &[String]) -> Self {
        let column = |name: &String| Column::new(name, header);
        Self {
            name: column(&mapping.name),
            domains: mapping.domains.iter().map(column).collect(),
            external_id: mapping.external_id.as_ref().map(column),
            objects: mapping.metadata_objects.iter().map(column).collect(),
            metadata: mapping
                .metadata
                .iter()
                .map(|(key, c)| (key.clone(), column(c)))
                .collect(),
            known: header.iter().cloned().collect(),
            width: header.len(),
            mapping,
        }
    }

    pub(super) fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// The header of the name column.
    pub(super) fn name_header(&self) -> &str {
        &self.name.header
    }

    /// The header of the first domain column.
    pub(super) fn domain_header(&self) -> &str {
        self.domains
            .first()
            .map_or("domain", |column| &column.header)
    }

    /// The header of the external id's column; `None` if it is taken from the domain.
    pub(super) fn external_id_header(&self) -> Option<&str> {
        match &self.external_id {
            Some(column) => Some(&column.header),
            None if self.mapping.external_id_from_domain => None,
            None => Some("external_id"),
        }
    }

    /// The organization that a row describes, as far as it can be told: whether it may be sent is
    /// for the problems to say. `None` if the row cannot be read at all.
    pub(super) fn examine(&self, row: &Row, found: &mut Examined) -> Option<NewOrganization> {
        match &row.cells {
            Cells::Unreadable { text, reason } => {
                let message = format!("{reason}: {}", quoted(text));
                found.problems.push(Problem::new("row_unreadable", message));
                return None;
            }
            Cells::Record(record) if record.len() > self.width => {
                found.problems.push(surplus(record, self.width));
            }
            Cells::Record(_) | Cells::Object(_) => {}
        }
        let mut organization = NewOrganization {
            name: self.name(row, found),
            domain_data: Vec::new(),
            external_id: None,
            metadata: BTreeMap::new(),
        };
        for column in &self.domains {
            self.domains(column, row, &mut organization, found);
        }
        if let Some(column) = &self.external_id {
            organization.external_id = external_id(column, row, found);
        }
        for column in &self.objects {
            metadata_object(column, row, &mut organization.metadata, found);
        }
        for (key, column) in &self.metadata {
            metadata_value(key, column, row, &mut organization.metadata, found);
        }
        if let Cells::Object(object) = &row.cells {
            self.surprises(object, row, &mut organization, found);
        }
        if self.mapping.external_id_from_domain {
            organization.external_id = organization
                .domain_data
                .first()
                .map(|data| data.domain.clone());
        }
        found
            .problems
            .extend(metadata::whole_problem(&organization.metadata));
        found
            .warnings
            .extend(metadata::warnings(&organization.metadata));
        if self.mapping.strict {
            found
                .problems
                .extend(found.changes.iter().map(Change::forbidden));
        }
        Some(organization)
    }

    fn name(&self, row: &Row, found: &mut Examined) -> String {
        let header = &self.name.header;
        let text = match self.name.text(row) {
            Ok(text) => text,
            Err(problem) => {
                found.problems.push(problem);
                return String::new();
            }
        };
        let trimmed = trimmed(&text, header, found);
        found
            .problems
            .extend(name::problem(trimmed).map(|p| p.in_column(header)));
        found
            .warnings
            .extend(name::warning(trimmed).map(|p| p.in_column(header)));
        formula_error(trimmed, header, found);
        if is_placeholder(trimmed) {
            let message = format!(
                "{} looks like a placeholder, not like a name",
                quoted(trimmed)
            );
            found
                .warnings
                .push(Problem::new("name_placeholder", message).in_column(header));
        }
        trimmed.to_owned()
    }

    /// Adds the domains of a cell, which may be a JSON array too.
    fn domains(
        &self,
        column: &Column,
        row: &Row,
        organization: &mut NewOrganization,
        found: &mut Examined,
    ) {
        match column.cell(row) {
            Cell::Text(text) => self.domain_list(&text, column, organization, found),
            Cell::Nested(raw) => match serde_json::from_str::<Vec<&RawValue>>(raw.get()) {
                Ok(items) => {
                    for item in items {
                        match of_json(item) {
                            Cell::Text(text) => {
                                self.domain_list(&text, column, organization, found);
                            }
                            Cell::Nested(raw) => {
                                found.problems.push(nested(raw).in_column(&column.header));
                            }
                        }
                    }
                }
                Err(_) => found.problems.push(nested(raw).in_column(&column.header)),
            },
        }
    }

    fn domain_list(
        &self,
        text: &str,
        column: &Column,
        organization: &mut NewOrganization,
        found: &mut Examined,
    ) {
        let header = &column.header;
        let text = value(text, header, found);
        for piece in domain::split(text) {
            let normalized = match domain::normalize(piece) {
                Ok(normalized) => normalized,
                Err(_) if is_placeholder(piece) => {
                    found.changes.push(change("placeholder", header, piece, ""));
                    continue;
                }
                Err(problem) => {
                    found.problems.push(problem.in_column(header));
                    continue;
                }
            };
            if let Some(code) = normalized.change {
                found
                    .changes
                    .push(change(code, header, piece, &normalized.name));
            }
            if organization
                .domain_data
                .iter()
                .any(|data| data.domain == normalized.name)
            {
                found
                    .changes
                    .push(change("domain_repeated", header, piece, ""));
                continue;
            }
            found
                .warnings
                .extend(domain::warning(&normalized.name).map(|p| p.in_column(header)));
            organization.domain_data.push(DomainData {
                domain: normalized.name.into_owned(),
                state: self.mapping.domain_state,
            });
        }
    }

    /// Takes the keys of an object that the header, made from the first objects, does not hold.
    fn surprises(
        &self,
        object: &Object,
        row: &Row,
        organization: &mut NewOrganization,
        found: &mut Examined,
    ) {
        for key in object.keys() {
            if self.known.contains(key) || is_results_column(key) || self.is_mapped(key) {
                continue;
            }
            let column = Column::new(key, &[]);
            match canonical_role(key) {
                Some(Role::Domain) => self.domains(&column, row, organization, found),
                Some(Role::ExternalId)
                    if self.external_id.is_none() && !self.mapping.external_id_from_domain =>
                {
                    organization.external_id = external_id(&column, row, found);
                }
                Some(Role::Metadata) => {
                    metadata_object(&column, row, &mut organization.metadata, found);
                }
                Some(Role::MetadataKey(key)) => {
                    metadata_value(&key, &column, row, &mut organization.metadata, found);
                }
                None if self.mapping.metadata_rest => {
                    metadata_value(key, &column, row, &mut organization.metadata, found);
                }
                Some(Role::Name | Role::ExternalId) | None => {}
            }
        }
    }

    /// Whether a column of this header has a role.
    fn is_mapped(&self, header: &str) -> bool {
        self.name.header == header
            || self
                .external_id
                .iter()
                .any(|column| column.header == header)
            || self
                .domains
                .iter()
                .chain(&self.objects)
                .any(|column| column.header == header)
            || self
                .metadata
                .iter()
                .any(|(_, column)| column.header == header)
    }
}

/// The external id in a cell, if there is one.
fn external_id(column: &Column, row: &Row, found: &mut Examined) -> Option<String> {
    let header = &column.header;
    let text = match column.text(row) {
        Ok(text) => text,
        Err(problem) => {
            found.problems.push(problem);
            return None;
        }
    };
    let id = value(&text, header, found);
    if id.is_empty() {
        return None;
    }
    match external_id::problem(id) {
        Some(problem) => found.problems.push(problem.in_column(header)),
        None => found
            .warnings
            .extend(external_id::warning(id).map(|p| p.in_column(header))),
    }
    Some(id.to_owned())
}

/// Adds the pairs of a cell that holds a JSON object, as a value or as text.
fn metadata_object(
    column: &Column,
    row: &Row,
    pairs: &mut BTreeMap<String, String>,
    found: &mut Examined,
) {
    let header = &column.header;
    let cell = column.cell(row);
    let json = match &cell {
        Cell::Text(text) => value(text, header, found),
        Cell::Nested(raw) => raw.get(),
    };
    if json.is_empty() {
        return;
    }
    let Ok(object) = serde_json::from_str::<Object>(json) else {
        let message = format!(
            "{} is not a JSON object: expected for example {{\"plan\": \"pro\"}}",
            quoted(json)
        );
        found
            .problems
            .push(Problem::new("metadata_not_an_object", message).in_column(header));
        return;
    };
    for (key, raw) in &object {
        let place = format!("{header}.{key}");
        match of_json(raw) {
            Cell::Text(text) => {
                add_pair(trim(key), value(&text, &place, found), &place, pairs, found);
            }
            Cell::Nested(raw) => found.problems.push(nested(raw).in_column(&place)),
        }
    }
}

/// Adds the value of one metadata key.
fn metadata_value(
    key: &str,
    column: &Column,
    row: &Row,
    pairs: &mut BTreeMap<String, String>,
    found: &mut Examined,
) {
    match column.text(row) {
        Ok(text) => {
            let text = value(&text, &column.header, found);
            add_pair(key, text, &column.header, pairs, found);
        }
        Err(problem) => found.problems.push(problem),
    }
}

fn add_pair(
    key: &str,
    text: &str,
    header: &str,
    pairs: &mut BTreeMap<String, String>,
    found: &mut Examined,
) {
    if text.is_empty() {
        return;
    }
    found
        .problems
        .extend(metadata::problem(key, text).map(|p| p.in_column(header)));
    if pairs.get(key).is_some_and(|other| other != text) {
        let message = format!("the metadata key {} has two different values", quoted(key));
        found
            .problems
            .push(Problem::new("metadata_key_repeated", message).in_column(header));
    }
    pairs.insert(key.to_owned(), text.to_owned());
}

/// The text without padding, the padding noted.
fn trimmed<'a>(text: &'a str, header: &str, found: &mut Examined) -> &'a str {
    let trimmed = trim(text);
    if trimmed.len() < text.len() && !trimmed.is_empty() {
        found.changes.push(change("trimmed", header, text, trimmed));
    }
    trimmed
}

/// The text of an optional cell: without padding, and blank if it only says that there is nothing.
fn value<'a>(text: &'a str, header: &str, found: &mut Examined) -> &'a str {
    let trimmed = trim(text);
    if is_placeholder(trimmed) {
        found.changes.push(change("placeholder", header, text, ""));
        return "";
    }
    if formula_error(trimmed, header, found) {
        return "";
    }
    if trimmed.len() < text.len() && !trimmed.is_empty() {
        found.changes.push(change("trimmed", header, text, trimmed));
    }
    trimmed
}

/// Notes the problem of a text that is a failed formula.
fn formula_error(text: &str, header: &str, found: &mut Examined) -> bool {
    let failed = is_formula_error(text);
    if failed {
        let message = format!("{text} is a formula that failed: mend it in the spreadsheet");
        found
            .problems
            .push(Problem::new("formula_failed", message).in_column(header));
    }
    failed
}

fn change(code: &'static str, column: &str, from: &str, to: &str) -> Change {
    Change {
        code,
        column: column.to_owned(),
        from: from.to_owned(),
        to: to.to_owned(),
    }
}

/// The problem of a record that is longer than the header.
fn surplus(record: &csv::StringRecord, width: usize) -> Problem {
    const SHOWN: usize = 5;
    let cells: Vec<_> = record.iter().skip(width).take(SHOWN).map(quoted).collect();
    let more = if record.len() > width + SHOWN {
        " …"
    } else {
        ""
    };
    Problem::new(
        "too_many_cells",
        format!(
            "the row has {} cells, the header {width}; beyond it stand {}{more}: a separator inside \
             a cell must be quoted",
            record.len(),
            cells.join(", ")
        ),
    )
}
