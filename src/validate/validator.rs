//! Validates rows: an organization to create, or the list of a row's problems.

use super::column_layout::ColumnLayout;
use super::duplicates::{Claims, Duplicates, RepeatedTexts};
use super::late_keys::LateKey;
use super::validated::Validated;
use crate::columns::Mapping;
use crate::input::{InputFormat, Reader};
use crate::table::{Cells, Row};
use std::sync::Arc;

/// Validates the rows of one file, in order. It remembers the domains, external ids and names of the
/// valid rows, as small fingerprints, to find rows that repeat them.
#[derive(Clone, Debug)]
pub struct Validator {
    /// Shared by the threads that validate rows: it changes when new keys appear.
    pub(super) layout: Arc<ColumnLayout>,
    pub(super) duplicates: Duplicates,
}

impl Validator {
    /// A validator of the rows of a file with this header, whose columns may be in another
    /// order than those for which the mapping was made.
    pub fn new(mapping: Mapping, header: &[String]) -> Self {
        let mut layout = ColumnLayout::new(mapping, header);
        layout.learn_header(header);
        Self::of_layout(layout)
    }

    /// A validator of the rows of an input. In a text file every row has a cell for every column,
    /// so that it warns of those that have fewer.
    pub fn of_input(mapping: Mapping, input: &Reader) -> Self {
        let mut layout = ColumnLayout::new(mapping, input.header());
        layout.learn_header(input.header());
        if input.read_as().format == InputFormat::Csv {
            layout.count_cells();
        }
        Self::of_layout(layout)
    }

    fn of_layout(layout: ColumnLayout) -> Self {
        let mapping = layout.mapping();
        let are_united_later = mapping.one_per.is_some() && !mapping.is_united;
        let duplicates = Duplicates::new(mapping.cells.shared_domains, are_united_later);
        Self {
            layout: Arc::new(layout),
            duplicates,
        }
    }

    /// The same without warnings of repeated names, which take memory to find. What is wrong with
    /// a row is the same with and without them.
    #[must_use]
    pub fn without_name_warnings(mut self) -> Self {
        self.duplicates.forget_names();
        self
    }

    /// What rows have repeated so far: an external id, a domain, a name, or all cells.
    pub fn repeats(&self) -> RepeatedTexts {
        self.duplicates.repeats()
    }

    /// The same for rows that were all validated before, of which `repeats` is known: only what is
    /// repeated takes memory. What is wrong with a row is the same.
    #[must_use]
    pub fn expecting(mut self, repeats: RepeatedTexts) -> Self {
        self.duplicates.expect(repeats);
        self
    }

    /// How many texts are remembered.
    #[cfg(test)]
    pub(super) fn remembers(&self) -> usize {
        self.duplicates.remembers()
    }

    /// The keys of a JSONL file that the header, made of the first objects, does not hold, as far
    /// as they have been seen.
    pub fn late_keys(&self) -> &[LateKey] {
        self.layout.keys.late()
    }

    /// Validates a row. Only rows without problems are remembered for finding duplicates.
    pub fn validate<'a>(&'a mut self, row: &'a Row) -> Validated<'a> {
        if let Cells::Object(object) = &row.cells {
            ColumnLayout::learn(&mut self.layout, row.line, object);
        }
        let mut claims = Claims::default();
        let mut found = self.layout.validate(row);
        claims.add(found.organization.as_ref());
        let (duplicates, layout) = (&mut self.duplicates, &self.layout);
        conclude(duplicates, layout, row, &mut claims, &mut found);
        found
    }
}

/// Completes the validation of a row by comparing it with earlier rows.
pub(super) fn conclude(
    duplicates: &mut Duplicates,
    layout: &ColumnLayout,
    row: &Row,
    claims: &mut Claims,
    found: &mut Validated<'_>,
) {
    if let Some(organization) = found.organization.take() {
        let cells = layout.cells_to_compare(row, &organization);
        duplicates.check(
            row.line,
            &organization,
            claims,
            &layout.headers(),
            cells,
            found,
        );
        if found.problems.is_empty() {
            found.organization = Some(organization);
        } else {
            found.unsent_id = organization.external_id;
        }
    }
    if found.organization.is_none() {
        // The errors of a row that is not sent matter more than its warnings.
        found.warnings.clear();
    }
}
