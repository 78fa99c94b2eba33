//! Unmapped columns whose values look like domains or ids.

use crate::columns::{Mapping, is_results_column};
use crate::organization::domain;
use crate::table::{Cells, Row};
use crate::text::trim;
use std::collections::{HashMap, HashSet};

/// How many rows are sampled.
const SAMPLE: u64 = 100;
/// The longest text that can be an id.
const LONGEST_ID: usize = 64;

/// What columns without a role hold in the first rows of a list of records.
#[derive(Debug)]
pub(super) struct Unmapped {
    rows: u64,
    columns: Vec<Column>,
}

#[derive(Debug)]
struct Column {
    index: usize,
    header: String,
    filled: u64,
    /// In how many rows it holds domains, and which ones come first.
    domains: u64,
    first_domains: HashSet<String>,
    ids: HashSet<String>,
}

impl Unmapped {
    /// Nothing is known yet of the columns to which the mapping gives no role.
    pub(super) fn new(header: &[String], mapping: &Mapping) -> Self {
        let columns = header.iter().enumerate();
        let mut counts = HashMap::<_, usize>::new();
        for column in header {
            *counts.entry(column).or_default() += 1;
        }
        // A repeated header cannot select a column.
        let is_only = |column: &&String| counts.get(column) == Some(&1);
        let free = columns.filter(|(_, column)| {
            mapping.roles(column).is_empty()
                && !is_results_column(column)
                && !column.is_empty()
                && is_only(column)
        });
        Self {
            rows: 0,
            columns: free
                .map(|(index, header)| Column {
                    index,
                    header: header.clone(),
                    filled: 0,
                    domains: 0,
                    first_domains: HashSet::new(),
                    ids: HashSet::new(),
                })
                .collect(),
        }
    }

    /// Looks at a row, if it is one of the first.
    pub(super) fn sample(&mut self, row: &Row) {
        let Cells::Record(record) = &row.cells else {
            return;
        };
        if self.rows == SAMPLE {
            return;
        }
        self.rows += 1;
        for column in &mut self.columns {
            let text = trim(record.get(column.index).unwrap_or_default());
            if text.is_empty() {
                continue;
            }
            column.filled += 1;
            let names = domain::split(text).map(domain::normalize);
            if let Ok(names) = names.collect::<Result<Vec<_>, _>>() {
                column.domains += 1;
                let first = names.into_iter().next();
                column
                    .first_domains
                    .extend(first.map(|it| it.name.into_owned()));
            }
            if text.len() <= LONGEST_ID && text.bytes().all(|b| b.is_ascii_graphic()) {
                column.ids.insert(text.to_owned());
            }
        }
    }

    /// A column of domains, or of addresses and URLs that hold them: not always the same one, as of
    /// a place where logos are kept.
    pub(super) fn domain(&self) -> Option<&str> {
        let differ = |c: &Column| c.first_domains.len() as u64 * 2 > c.domains;
        let is_candidate =
            |c: &&Column| c.filled > 0 && c.domains * 10 >= c.filled * 9 && differ(c);
        let best = self.columns.iter().filter(is_candidate);
        best.max_by_key(|c| c.domains).map(|c| c.header.as_str())
    }

    /// A column that is called an id or number and holds another short text in every row.
    pub(super) fn external_id(&self) -> Option<&str> {
        let is_candidate = |c: &&Column| c.ids.len() as u64 == self.rows && is_called_id(&c.header);
        let found = self
            .columns
            .iter()
            .find(is_candidate)
            .filter(|_| self.rows > 1);
        found.map(|c| c.header.as_str())
    }
}

/// Whether a header speaks of an id, and of none that a telephone or a place has.
fn is_called_id(header: &str) -> bool {
    let header = header.to_lowercase();
    let last = header
        .split(|c: char| !c.is_alphanumeric())
        .rfind(|w| !w.is_empty());
    let is_id = last.is_some_and(|word| {
        matches!(
            word,
            "id" | "uuid" | "key" | "code" | "number" | "no" | "nr" | "slug"
        )
    });
    is_id
        && !["phone", "fax", "zip", "postal", "vat"]
            .iter()
            .any(|w| header.contains(w))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::MappingOptions;
    use crate::table::Format;
    use csv::StringRecord;

    #[test]
    fn columns_of_use_are_told_by_what_they_hold() {
        let header = [
            "Customer",
            "Key",
            "Key",
            "Phone Number",
            "Our Domains",
            "Ref No.",
        ];
        let header = header.map(str::to_owned);
        let mapping = Mapping::resolve(&header, Format::Csv, &MappingOptions::default()).unwrap();
        let mut unmapped = Unmapped::new(&header, &mapping);
        for (line, cells) in [
            ["Acme", "1", "3", "5550100", "acme.com,acme.de", "A-1"],
            ["Bluth", "2", "4", "5550101", "", "A-2"],
        ]
        .into_iter()
        .enumerate()
        {
            let cells = Cells::Record(StringRecord::from(cells.to_vec()));
            let line = line as u64 + 2;
            unmapped.sample(&Row {
                number: line - 1,
                line,
                cells,
            });
        }
        assert_eq!(unmapped.domain(), Some("Our Domains"));
        assert_eq!(unmapped.external_id(), Some("Ref No."));
    }
}
