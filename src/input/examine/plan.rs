//! From the cells of a row to an organization, by the mapping, with everything found on the way.

use super::cells::Column;
use super::values::{formula_failed, is_placeholder, trimmed, value};
use super::{Change, Examined, domains, pairs};
use crate::input::header::{canonical_role, is_results_column};
use crate::input::mapping::{Mapping, Role};
use crate::organization::problem::Problem;
use crate::organization::text::quoted;
use crate::organization::{NewOrganization, external_id, metadata, name};
use crate::table::{Cells, Object, Row};
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
            domains::add(
                column,
                row,
                self.mapping.domain_state,
                &mut organization.domain_data,
                found,
            );
        }
        if let Some(column) = &self.external_id {
            organization.external_id = external_id(column, row, found);
        }
        for column in &self.objects {
            pairs::add_object(column, row, &mut organization.metadata, found);
        }
        for (key, column) in &self.metadata {
            pairs::add_value(key, column, row, &mut organization.metadata, found);
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
        formula_failed(trimmed, header, found);
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
                Some(Role::Domain) => domains::add(
                    &column,
                    row,
                    self.mapping.domain_state,
                    &mut organization.domain_data,
                    found,
                ),
                Some(Role::ExternalId)
                    if self.external_id.is_none() && !self.mapping.external_id_from_domain =>
                {
                    organization.external_id = external_id(&column, row, found);
                }
                Some(Role::Metadata) => {
                    pairs::add_object(&column, row, &mut organization.metadata, found);
                }
                Some(Role::MetadataKey(key)) => {
                    pairs::add_value(&key, &column, row, &mut organization.metadata, found);
                }
                None if self.mapping.metadata_rest => {
                    pairs::add_value(key, &column, row, &mut organization.metadata, found);
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
