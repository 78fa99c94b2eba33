//! From the cells of a row to an organization, by the mapping, with everything found on the way.

use super::cells::{Cell, Column, ColumnPath};
use super::domains::Domains;
use super::duplicates::{Headers, of_cells};
use super::fingerprints::Fingerprint;
use super::late_keys::Keys;
use super::one_per::Key;
use super::validated::{Change, Validated};
use super::values;
use super::values::{
    calculated, formula_error, formula_failed, is_failed_lookup, is_missing_value, is_placeholder,
    linked, part, says_nothing, trimmed,
};
use super::{cell_count, external_id, footer, metadata, name, one_per, united};
use crate::columns::{Mapping, Repeats, is_organization_id_column, is_results_column};
use crate::organization::metadata::Metadata;
use crate::organization::problem::Problem;
use crate::organization::{self, NewOrganization};
use crate::table::{Cells, Row};
use crate::text::{quoted, trim};
use csv::StringRecord;
use std::borrow::Cow;

/// A mapping laid over the columns of one file.
#[derive(Clone, Debug)]
pub(super) struct ColumnLayout {
    mapping: Mapping,
    pub(super) name: Column,
    pub(super) domains: Vec<Column>,
    pub(super) external_id: Option<Column>,
    pub(super) objects: Vec<Column>,
    metadata: Vec<(String, Column)>,
    /// What the rows of one organization have in common.
    one_per: Option<Key>,
    /// The keys of objects seen so far.
    pub(super) keys: Keys,
    width: usize,
    /// The columns of a results file that do not tell rows apart.
    results: Vec<usize>,
    /// How many cells a row has in which no cell is lacking that is sent; `None` where short rows are
    /// as good as others.
    whole: Option<usize>,
}

impl ColumnLayout {
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
            one_per: mapping.one_per.as_ref().map(|key| Key::new(key, header)),
            keys: Keys::default(),
            width: width(header),
            results: (0..)
                .zip(header)
                .filter(|(_, column)| {
                    is_results_column(column) && !is_organization_id_column(column)
                })
                .map(|(index, _)| index)
                .collect(),
            whole: None,
            mapping,
        }
    }

    /// Warns of rows that lack cells which would be sent, from now on.
    pub(super) fn count_cells(&mut self) {
        self.whole = self.columns().filter_map(Column::width).max();
    }

    pub(super) fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// The headers that findings about repeated texts name: the name's, the first domain's, and the
    /// external id's.
    pub(super) fn headers(&self) -> Headers<'_> {
        let external_id = match &self.external_id {
            Some(column) => Some(column.header.as_str()),
            None if self.mapping.external_id_from_domain => None,
            None => Some("external_id"),
        };
        Headers {
            name: &self.name.header,
            domain: self.domains.first().map_or("domain", |c| &c.header),
            external_id,
        }
    }

    /// The fingerprint of all cells of a row, unless equal rows are meant. An external id, which
    /// can be used only once, tells as much.
    pub(super) fn cells_to_compare(
        &self,
        row: &Row,
        organization: &NewOrganization<'_>,
    ) -> Option<Fingerprint> {
        let is_meant = self.mapping.repeats == Repeats::Meant || self.one_per.is_some();
        if is_meant || organization.external_id.is_some() {
            return None;
        }
        of_cells(row, |index| !self.results.contains(&index))
    }

    /// What there is to say of a row by itself.
    /// The organization is filled as far as possible, valid or not; `None` if
    /// the row cannot be read at all.
    pub(super) fn validate<'a>(&'a self, row: &'a Row) -> Validated<'a> {
        if let (true, Cells::Object(object)) = (self.mapping.is_united, &row.cells) {
            let json = object
                .get(united::UNITED_KEY)
                .map_or("null", |json| json.get());
            return united::read(json, self.mapping.domain_state);
        }
        let mut found = Validated::default();
        found.organization = self.organization(row, &mut found);
        if let (Some(key), Some(organization)) = (&self.one_per, &mut found.organization) {
            found.key = key.of(row, organization);
            one_per::leave_out_consumer_domains(organization, &mut found.changes);
            found.warnings.retain(|it| it.code != "domain_consumer");
        }
        found
    }

    fn organization<'a>(
        &'a self,
        row: &'a Row,
        found: &mut Validated<'a>,
    ) -> Option<NewOrganization<'a>> {
        if let Some(problem) = self.no_row(row) {
            found.problems.push(problem);
            return None;
        }
        let mut organization = NewOrganization {
            name: self.name(row, found),
            domain_data: Vec::new(),
            external_id: None,
            metadata: Metadata::new(),
        };
        let rules = &self.mapping.cells;
        let mut domains = Domains::new(self.mapping.domain_state, rules);
        for column in &self.domains {
            domains.add(&column.place(), column.cell(row), found);
        }
        if let Some(column) = &self.external_id {
            organization.external_id = external_id(&column.place(), column.cell(row), found);
        }
        let pairs = &mut organization.metadata;
        for column in &self.objects {
            metadata::add_object(&column.place(), column.cell(row), rules, pairs, found);
        }
        for (key, column) in &self.metadata {
            metadata::add_value(key, &column.place(), column.cell(row), rules, pairs, found);
        }
        if let Cells::Object(object) = &row.cells {
            self.keys
                .add_metadata(object, rules, &mut organization.metadata, found);
        }
        organization.domain_data = domains.list;
        if self.mapping.external_id_from_domain {
            let first = organization.domain_data.first();
            organization.external_id = first.map(|data| data.domain.clone());
        }
        let pairs = &organization.metadata;
        found
            .problems
            .extend(organization::metadata::whole_problem(pairs));
        found
            .warnings
            .extend(organization::metadata::warnings(pairs));
        found.warnings.extend(self.lacking(row, &found.warnings));
        if self.mapping.strict {
            let forbidden = found.changes.iter().map(Change::forbidden);
            found.problems.extend(forbidden);
        }
        Some(organization)
    }

    /// Why the cells of a row cannot be assigned to columns, if they cannot.
    fn no_row(&self, row: &Row) -> Option<Problem> {
        match &row.cells {
            Cells::Unreadable { text, reason } => {
                let message = format!("{reason}: {}", quoted(text));
                Some(Problem::new("row_unreadable", message))
            }
            Cells::Record(record) => cell_count::surplus(record, self.width)
                .or_else(|| self.is_header_again(row).then(cell_count::header_again))
                .or_else(|| self.footer(record)),
            Cells::Object(object) => self.keys.too_many(object),
        }
    }

    /// The problem of a total or a note between the rows.
    fn footer(&self, record: &StringRecord) -> Option<Problem> {
        let is_kept = self.mapping.cells.keep_footer;
        footer::problem(record).filter(|_| !is_kept)
    }

    /// The warning of a row that lacks cells. Lines below the list have a more important warning.
    fn lacking(&self, row: &Row, warnings: &[Problem]) -> Option<Problem> {
        match (&row.cells, self.whole) {
            (Cells::Record(record), Some(whole)) => cell_count::lacking(record, whole)
                .filter(|_| warnings.iter().all(|w| w.code != "looks_like_footer")),
            _ => None,
        }
    }

    fn name<'a>(&'a self, row: &'a Row, found: &mut Validated<'a>) -> Cow<'a, str> {
        let column = &self.name.place();
        let name = match self.name.cell(row).text(column) {
            Ok(text) => {
                let text = linked(calculated(text, column, found), column, found);
                trimmed(text, column, found)
            }
            Err(problem) => {
                found.problems.push(problem);
                return Cow::Borrowed("");
            }
        };
        let problem = organization::name::problem(&name);
        found.problems.extend(problem.map(|p| p.in_column(column)));
        let warning = name::warning(&name);
        found.warnings.extend(warning.map(|w| w.in_column(column)));
        let footer = footer::warning(&name);
        found.warnings.extend(footer.map(|w| w.in_column(column)));
        if let Some(problem) = no_name(&name) {
            found.problems.push(problem.in_column(column));
        } else {
            formula_failed(&name, column, found);
        }
        if is_placeholder(&name) || says_nothing(&name) {
            let message = format!("{} looks like a placeholder, not a name", quoted(&name));
            found
                .warnings
                .push(Problem::new("name_placeholder", message).in_column(column));
        }
        name
    }

    /// Whether a column of this header has a role.
    pub(super) fn has_column(&self, header: &str) -> bool {
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

    /// Whether no column and no rule gives a row its external id.
    pub(super) const fn has_no_external_id(&self) -> bool {
        self.external_id.is_none() && !self.mapping.external_id_from_domain
    }

    /// Whether every cell that would be sent repeats the header of its column.
    fn is_header_again(&self, row: &Row) -> bool {
        self.columns().all(|column| column.repeats_header(row))
    }

    /// The columns whose cells are sent, that of the name first.
    fn columns(&self) -> impl Iterator<Item = &Column> {
        let metadata = self.metadata.iter().map(|(_, column)| column);
        std::iter::once(&self.name)
            .chain(&self.domains)
            .chain(&self.external_id)
            .chain(&self.objects)
            .chain(metadata)
    }
}

/// How many columns a header has up to the last with a name.
fn width(header: &[String]) -> usize {
    let last = header.iter().rposition(|column| !trim(column).is_empty());
    last.map_or(0, |last| last + 1)
}

/// The problem of a text that a program or a spreadsheet shows where there is no name.
fn no_name(text: &str) -> Option<Problem> {
    if is_failed_lookup(text) {
        return Some(formula_error(text));
    }
    let why = match text {
        "0" => "what a formula shows for an empty cell",
        "\\N" => return None,
        text if is_missing_value(text) => "how a program writes a missing value",
        _ => return None,
    };
    let message = format!(
        "{} is {why}; WorkOS requires a name for every organization",
        quoted(text)
    );
    Some(Problem::new("name_missing", message))
}

/// The external id in a cell, if there is one.
fn external_id<'a>(
    column: &ColumnPath<'a>,
    cell: Cell<'a>,
    found: &mut Validated<'a>,
) -> Option<Cow<'a, str>> {
    let id = match cell.text(column) {
        Ok(text) => without_apostrophe(values::id(text, column, found), column, found),
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
        let warning = external_id::warning(&id).or_else(|| footer::warning(&id));
        found.warnings.extend(warning.map(|w| w.in_column(column)));
    }
    Some(id)
}

/// The id without the apostrophe that makes a spreadsheet keep a number as text.
fn without_apostrophe<'a>(
    id: Cow<'a, str>,
    column: &ColumnPath<'a>,
    found: &mut Validated<'a>,
) -> Cow<'a, str> {
    if !id.starts_with('\'') || id.len() == 1 || id.ends_with('\'') {
        return id;
    }
    let shown = part(&id, 1, id.len() - 1);
    found.note("formula_text", column, id, shown.clone());
    shown
}
