//! Rows of lists and of results files.

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use workos_orgs::sandbox::StoredOrganization;

/// A row of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Customer {
    pub(crate) name: String,
    pub(crate) domain: String,
    pub(crate) external_id: String,
    pub(crate) plan: String,
}

/// A row of a results file, CSV or JSONL: each cell by its column, `workos_` columns too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ResultRow(BTreeMap<String, String>);

impl Customer {
    /// A customer that has only a name.
    pub(crate) fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// This many different customers, with a domain and an external id each.
    pub(crate) fn list(count: usize) -> Vec<Self> {
        (1..=count)
            .map(|number| Self {
                name: format!("Customer {number}"),
                domain: format!("customer{number}.example.com"),
                external_id: format!("crm-{number}"),
                plan: String::new(),
            })
            .collect()
    }

    /// The columns of [`csv`](Self::csv).
    pub(crate) const COLUMNS: [&str; 4] = ["name", "domain", "external_id", "metadata.plan"];

    /// A CSV file.
    pub(crate) fn csv(customers: &[Self]) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(Self::COLUMNS).unwrap();
        for customer in customers {
            let Self {
                name,
                domain,
                external_id,
                plan,
            } = customer;
            writer
                .write_record([name, domain, external_id, plan])
                .unwrap();
        }
        String::from_utf8(writer.into_inner().unwrap()).unwrap()
    }

    /// A JSONL file.
    pub(crate) fn jsonl(customers: &[Self]) -> String {
        let mut text = String::new();
        for customer in customers {
            let mut object = Map::new();
            let mut set = |key: &str, value: &str| {
                if !value.is_empty() {
                    object.insert(key.to_owned(), value.into());
                }
            };
            set("name", &customer.name);
            set("domain", &customer.domain);
            set("external_id", &customer.external_id);
            set("metadata.plan", &customer.plan);
            text.push_str(&Value::Object(object).to_string());
            text.push('\n');
        }
        text
    }
}

impl From<&StoredOrganization> for Customer {
    fn from(organization: &StoredOrganization) -> Self {
        let domains = organization.domains.iter();
        let domains: Vec<_> = domains.map(|it| it.domain.as_str()).collect();
        Self {
            name: organization.name.clone(),
            domain: domains.join(";"),
            external_id: organization.external_id.clone().unwrap_or_default(),
            plan: organization
                .metadata
                .get("plan")
                .cloned()
                .unwrap_or_default(),
        }
    }
}

/// The rows of a CSV text, whatever its line ends.
pub(crate) fn csv_rows(text: &str) -> Vec<ResultRow> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            let cells = header.iter().zip(&record);
            ResultRow(cells.map(|(k, v)| (k.to_owned(), v.to_owned())).collect())
        })
        .collect()
}

impl ResultRow {
    pub(super) fn from_json(line: &str) -> Self {
        let mut object: Map<String, Value> = serde_json::from_str(line).unwrap();
        let recorded = match object.remove("workos") {
            Some(Value::Object(recorded)) => recorded,
            other => panic!("no workos object but {other:?}: {line}"),
        };
        let recorded = recorded
            .into_iter()
            .map(|(k, v)| (format!("workos_{k}"), v));
        let text = |value| match value {
            Value::String(text) => text,
            Value::Null => String::new(),
            other => other.to_string(),
        };
        Self(
            object
                .into_iter()
                .chain(recorded)
                .map(|(k, v)| (k, text(v)))
                .collect(),
        )
    }

    /// A cell; blank where there is no such column.
    pub(crate) fn get(&self, column: &str) -> &str {
        self.0.get(column).map_or("", String::as_str)
    }

    pub(crate) fn set(&mut self, column: &str, text: &str) {
        self.0.insert(column.to_owned(), text.to_owned());
    }

    pub(crate) fn status(&self) -> &str {
        self.get("workos_status")
    }

    pub(crate) fn customer(&self) -> Customer {
        Customer {
            name: self.get("name").to_owned(),
            domain: self.get("domain").to_owned(),
            external_id: self.get("external_id").to_owned(),
            plan: self.get("metadata.plan").to_owned(),
        }
    }
}
