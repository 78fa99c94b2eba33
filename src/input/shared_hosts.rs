//! Hosts that several rows of a list share: each row names another page there, so that the host is
//! a platform, whatever it is called.

use crate::columns::{Role, role};
use crate::organization::domain;
use crate::table::{Cells, Row};
use std::collections::{BTreeSet, HashMap};

/// The pages that rows name, by their hosts.
#[derive(Debug)]
pub(super) struct SharedHosts {
    /// The columns of domains, and of names; all and none where no header says so.
    domains: Vec<(usize, String)>,
    names: Vec<(usize, String)>,
    /// Of each host the first page, and the name of its row.
    pages: HashMap<String, (String, String)>,
    shared: BTreeSet<String>,
}

impl SharedHosts {
    /// Nothing is known yet of the rows below this header.
    pub(super) fn new(header: &[String]) -> Self {
        let columns = |wanted: &Role| -> Vec<_> {
            let columns = header.iter().cloned().enumerate();
            let has_role = |(_, column): &(usize, String)| matches!(role(column), Some((role, _)) if role == *wanted);
            columns.filter(has_role).collect()
        };
        let mut domains = columns(&Role::Domain);
        if domains.is_empty() {
            domains = header.iter().cloned().enumerate().collect();
        }
        Self {
            domains,
            names: columns(&Role::Name),
            pages: HashMap::new(),
            shared: BTreeSet::new(),
        }
    }

    /// Looks at the pages of a row. Several rows of one customer may name several of its pages.
    pub(super) fn add(&mut self, row: &Row) {
        for (index, column) in &self.domains {
            let cell = cell(row, *index, column);
            if !cell.contains("://") && !cell.starts_with("www.") || !cell.contains('/') {
                continue;
            }
            for url in domain::split(cell).filter(|url| domain::has_path(url)) {
                let Ok(found) = domain::normalize(url) else {
                    continue;
                };
                let page = url.trim_end_matches('/').to_lowercase();
                let name: String = self
                    .names
                    .iter()
                    .map(|(index, column)| self::cell(row, *index, column).trim().to_lowercase())
                    .collect();
                let name = if self.names.is_empty() {
                    page.clone()
                } else {
                    name
                };
                let host = found.name.into_owned();
                let first = self
                    .pages
                    .entry(host.clone())
                    .or_insert_with(|| (page.clone(), name.clone()));
                if first.0 != page && first.1 != name {
                    self.shared.insert(host);
                }
            }
        }
    }

    /// The hosts of which several pages were named.
    pub(super) fn shared(self) -> BTreeSet<String> {
        self.shared
    }
}

/// The text of a cell; that of a JSON value as it is written.
fn cell<'a>(row: &'a Row, index: usize, column: &str) -> &'a str {
    match &row.cells {
        Cells::Record(record) => record.get(index).unwrap_or_default(),
        Cells::Object(object) => {
            let value = object
                .get(column)
                .map(|value| value.get())
                .unwrap_or_default();
            value.trim_matches('"')
        }
        Cells::Unreadable { .. } => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use csv::StringRecord;

    fn shared(rows: &[[&str; 2]]) -> Vec<String> {
        let mut hosts = SharedHosts::new(&["name", "website"].map(str::to_owned));
        for cells in rows {
            hosts.add(&Row {
                cells: Cells::Record(StringRecord::from(cells.to_vec())),
                ..Row::default()
            });
        }
        hosts.shared().into_iter().collect()
    }

    #[test]
    fn a_host_of_several_pages_is_shared() {
        let clubs = [
            ["A", "http://www.clubs.org/a/"],
            ["B", "http://www.clubs.org/b/"],
        ];
        assert_eq!(shared(&clubs), ["clubs.org"]);
        for own in [
            [["A", "https://a.com/about"], ["A", "https://a.com/team"]],
            [["A", "https://a.com/about"], ["B", "https://a.com/about/"]],
            [["A", "https://a.com/"], ["B", "https://a.com"]],
            [["A", "https://a.com/x"], ["B", "https://b.com/y"]],
        ] {
            assert!(shared(&own).is_empty(), "{own:?}");
        }
    }
}
