//! The customers that the user wants to have, and the list that says so.

use crate::random::Random;
use std::path::Path;
use workos_orgs::workos::Organization;

/// What the list says of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Values {
    pub(crate) name: String,
    pub(crate) domain: String,
    pub(crate) external_id: String,
    pub(crate) plan: String,
}

/// A customer. Its place among all customers is its tag, which every file has in a column that is
/// not sent.
#[derive(Clone, Debug)]
pub(crate) struct Customer {
    /// What the list says now.
    pub(crate) now: Values,
    /// Everything that it was meant to be, now and before: each may have been sent.
    pub(crate) versions: Vec<Values>,
}

impl Customer {
    /// A customer of whom only the name is known.
    pub(crate) fn named(name: &str) -> Self {
        let now = Values {
            name: name.to_owned(),
            domain: String::new(),
            external_id: String::new(),
            plan: String::new(),
        };
        Self {
            versions: vec![now.clone()],
            now,
        }
    }

    pub(crate) fn change(&mut self, values: Values) {
        if !self.versions.contains(&values) {
            self.versions.push(values.clone());
        }
        self.now = values;
    }

    pub(crate) const fn was_edited(&self) -> bool {
        self.versions.len() > 1
    }
}

impl Values {
    /// Whether an organization is what these values ask for.
    pub(crate) fn is(&self, organization: &Organization) -> bool {
        let plan = organization.metadata.iter().flatten().next();
        self.is_like(organization)
            && organization.external_id.as_deref().unwrap_or_default() == self.external_id
            && plan.map_or("", |(_, plan)| plan) == self.plan
            && organization
                .metadata
                .iter()
                .flatten()
                .all(|(key, _)| key == "plan")
    }

    /// Whether it has this name and domain.
    pub(crate) fn is_like(&self, organization: &Organization) -> bool {
        let mut domains = organization.domains.iter().flatten();
        organization.name == self.name && domains.next().map_or("", |it| it) == self.domain
    }
}

/// What kinds of customers a story has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ids {
    None,
    Some,
    All,
}

/// Makes customers.
#[derive(Clone, Debug)]
pub(crate) struct Maker {
    pub(crate) ids: Ids,
    pub(crate) has_twins: bool,
    pub(crate) made: usize,
}

impl Maker {
    pub(crate) fn make(&mut self, random: &mut Random, before: &[Customer]) -> Customer {
        let n = self.made;
        self.made += 1;
        let twin = (self.has_twins && !before.is_empty() && random.percent(35))
            .then(|| random.pick(before).versions[0].clone())
            .filter(|twin| twin.domain.is_empty());
        let has_id = match self.ids {
            Ids::None => false,
            Ids::Some => random.percent(50),
            Ids::All => true,
        };
        let external_id = if has_id {
            format!("crm-{n}")
        } else {
            String::new()
        };
        let mut values = twin.unwrap_or_else(|| Values {
            name: format!("Firm {n}"),
            domain: if random.percent(50) {
                format!("firm{n}.com")
            } else {
                String::new()
            },
            external_id: String::new(),
            plan: if random.percent(30) {
                "pro".to_owned()
            } else {
                String::new()
            },
        });
        values.external_id = external_id;
        Customer {
            versions: vec![values.clone()],
            now: values,
        }
    }
}

/// The columns of the list.
pub(crate) const HEADER: [&str; 5] = ["Name", "Domain", "External ID", "metadata.plan", "Tag"];

pub(crate) fn tag(customer: usize) -> String {
    format!("t{customer}")
}

pub(crate) fn cells(customer: usize, values: &Values) -> [String; 5] {
    [
        values.name.clone(),
        values.domain.clone(),
        values.external_id.clone(),
        values.plan.clone(),
        tag(customer),
    ]
}

/// Writes the list.
pub(crate) fn write_list(path: &Path, customers: &[Customer], list: &[usize], separator: u8) {
    let mut out = csv::WriterBuilder::new()
        .delimiter(separator)
        .from_path(path)
        .unwrap();
    out.write_record(HEADER).unwrap();
    for customer in list {
        out.write_record(cells(*customer, &customers[*customer].now))
            .unwrap();
    }
    out.flush().unwrap();
}
