//! From the cells of a row to an organization, by the mapping, with everything found on the way.

use super::cells::{Cell, Column, Place};
use super::domains::Domains;
use super::duplicates::Claims;
use super::values::{formula_failed, is_placeholder, trimmed, value};
use super::{Change, Examined, pairs};
use crate::input::header::{canonical_role, is_results_column, metadata_key};
use crate::input::mapping::{Mapping, Role};
use crate::organization::metadata::{self, Metadata};
use crate::organization::problem::Problem;
use crate::organization::text::quoted;
use crate::organization::{NewOrganization, external_id, name};
use crate::table::{Cells, Object, Row};
use std::borrow::Cow;
use std::collections::HashSet;

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

    /// What there is to say of a row by itself; what its organization claims is added to the claims. Its organization is there as far as it can be told,
    /// whether it may be sent or not; `None` if the row cannot be read at all.
    pub(super) fn examine<'a>(&'a self, row: &'a Row, claims: &mut Claims) -> Examined<'a> {
        let mut found = Examined::default();
        found.organization = self.organization(row, &mut found);
        if let Some(organization) = &found.organization {
            claims.add(organization);
        }
        found
    }

    fn organization<'a>(
        &'a self,
        row: &'a Row,
        found: &mut Examined<'a>,
    ) -> Option<NewOrganization<'a>> {
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
            metadata: Metadata::new(),
        };
        let mut domains = Domains::new(self.mapping.domain_state);
        for column in &self.domains {
            domains.add(&column.place(), column.cell(row), found);
        }
        if let Some(column) = &self.external_id {
            organization.external_id = external_id(&column.place(), column.cell(row), found);
        }
        let pairs = &mut organization.metadata;
        for column in &self.objects {
            pairs::add_object(&column.place(), column.cell(row), pairs, found);
        }
        for (key, column) in &self.metadata {
            pairs::add_value(key, &column.place(), column.cell(row), pairs, found);
        }
        if let Cells::Object(object) = &row.cells {
            self.surprises(object, &mut organization, &mut domains, found);
        }
        organization.domain_data = domains.list;
        if self.mapping.external_id_from_domain {
            let first = organization.domain_data.first();
            organization.external_id = first.map(|data| data.domain.clone());
        }
        let pairs = &organization.metadata;
        found.problems.extend(metadata::whole_problem(pairs));
        found.warnings.extend(metadata::warnings(pairs));
        if self.mapping.strict {
            let forbidden = found.changes.iter().map(Change::forbidden);
            found.problems.extend(forbidden);
        }
        Some(organization)
    }

    fn name<'a>(&'a self, row: &'a Row, found: &mut Examined<'a>) -> Cow<'a, str> {
        let column = &self.name.place();
        let name = match self.name.cell(row).text(column) {
            Ok(text) => trimmed(text, column, found),
            Err(problem) => {
                found.problems.push(problem);
                return Cow::Borrowed("");
            }
        };
        let problem = name::problem(&name);
        found.problems.extend(problem.map(|p| p.in_column(column)));
        let warning = name::warning(&name);
        found.warnings.extend(warning.map(|w| w.in_column(column)));
        formula_failed(&name, column, found);
        if is_placeholder(&name) {
            let message = format!(
                "{} looks like a placeholder, not like a name",
                quoted(&name)
            );
            found
                .warnings
                .push(Problem::new("name_placeholder", message).in_column(column));
        }
        name
    }

    /// Takes the keys of an object that the header, made from the first objects, does not hold.
    fn surprises<'a>(
        &'a self,
        object: &'a Object,
        organization: &mut NewOrganization<'a>,
        domains: &mut Domains<'a>,
        found: &mut Examined<'a>,
    ) {
        for (key, raw) in object {
            if self.known.contains(key) || is_results_column(key) || self.is_mapped(key) {
                continue;
            }
            let (column, cell) = (&Place::of(key), Cell::of_json(raw));
            let pairs = &mut organization.metadata;
            match canonical_role(key) {
                Some(Role::Domain) => domains.add(column, cell, found),
                Some(Role::ExternalId)
                    if self.external_id.is_none() && !self.mapping.external_id_from_domain =>
                {
                    organization.external_id = external_id(column, cell, found);
                }
                Some(Role::Metadata) => pairs::add_object(column, cell, pairs, found),
                Some(Role::MetadataKey(_)) => {
                    let key = metadata_key(key).unwrap_or(key);
                    pairs::add_value(key, column, cell, pairs, found);
                }
                None if self.mapping.metadata_rest => {
                    pairs::add_value(key, column, cell, pairs, found);
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
fn external_id<'a>(
    column: &Place<'a>,
    cell: Cell<'a>,
    found: &mut Examined<'a>,
) -> Option<Cow<'a, str>> {
    let id = match cell.text(column) {
        Ok(text) => value(text, column, found),
        Err(problem) => {
            found.problems.push(problem);
            return None;
        }
    };
    if id.is_empty() {
        return None;
    }
    if let Some(problem) = external_id::problem(&id) {
        found.problems.push(problem.in_column(column));
    } else {
        let warning = external_id::warning(&id);
        found.warnings.extend(warning.map(|w| w.in_column(column)));
    }
    Some(id)
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
