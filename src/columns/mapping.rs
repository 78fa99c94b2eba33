//! Which column means what.

use super::cell_rules::CellRules;
use super::names::{is_results_column, metadata_key};
use super::one_per::{Differing, OnePer};
use super::role::Role;
use crate::organization::DomainState;
use indexmap::{IndexMap, IndexSet};
use serde::{Deserialize, Deserializer, Serialize};

/// Which column means what, by header, so that it fits the same list with its columns in another
/// order or with further columns.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The column of the name.
    pub name: String,
    /// The columns of the domains.
    #[serde(
        default,
        alias = "domain",
        deserialize_with = "one_or_several",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub domains: Vec<String>,
    /// The column of the external id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Whether a row's first domain is its external id.
    #[serde(default, skip_serializing_if = "is_false")]
    pub external_id_from_domain: bool,
    /// Whether a row without external id gets a generated one.
    #[serde(default, skip_serializing_if = "is_false")]
    pub external_id_generated: bool,
    /// The state in which domains are created.
    #[serde(default)]
    pub domain_state: DomainState,
    /// Whether a cell that would be cleaned is an error instead.
    #[serde(default, skip_serializing_if = "is_false")]
    pub strict: bool,
    /// Whether keys of a JSONL object that have no other role are metadata too. (The columns of a
    /// CSV file are all known in advance and listed in `metadata`.)
    #[serde(default, skip_serializing_if = "is_false")]
    pub metadata_rest: bool,
    /// Whether several rows of one name are meant.
    #[serde(default, skip_serializing_if = "Repeats::is_asked")]
    pub repeats: Repeats,
    /// What the rows of one organization have in common; [`None`] where each is one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub one_per: Option<OnePer>,
    /// What is sent where these rows differ.
    #[serde(default, skip_serializing_if = "Differing::is_problem")]
    pub differing: Differing,
    /// Whether the rows that are read are organizations already, to which those of the list were
    /// united.
    #[serde(skip)]
    pub is_united: bool,
    /// The roles that a key of a JSONL file may still get by its name where it first appears, as
    /// long as no other has them; `metadata` includes `metadata.KEY`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub late: Vec<Role>,
    /// Metadata keys that are not sent, though a column or a key of a JSONL file is called so.
    #[serde(default, skip_serializing_if = "IndexSet::is_empty")]
    pub unsent: IndexSet<String>,
    /// The columns that hold a JSON object of metadata.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metadata_objects: Vec<String>,
    /// Metadata keys and the column of each one's value.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub metadata: IndexMap<String, String>,
    /// How cells are taken where more than one way makes sense.
    #[serde(default, skip_serializing_if = "CellRules::are_usual")]
    pub cells: CellRules,
}

/// Whether several rows of one name are meant, each as an organization of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Repeats {
    /// It is asked where many names are repeated.
    #[default]
    Asked,
    /// They are, but rows that are equal in every cell are not.
    Confirmed,
    /// They are, and so are equal rows.
    Meant,
}

impl Repeats {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde calls it with a reference"
    )]
    fn is_asked(&self) -> bool {
        *self == Self::Asked
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}

/// A list, or its only element by itself.
fn one_or_several<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(
        untagged,
        expecting = "a column's name in quotation marks, or a list of them"
    )]
    enum Columns {
        One(String),
        Several(Vec<String>),
    }
    Columns::deserialize(from).map(|columns| match columns {
        Columns::One(column) => vec![column],
        Columns::Several(columns) => columns,
    })
}

impl Mapping {
    /// What each column is taken as, in the order of the header, then the values inside objects
    /// that are reached by a path: for showing to the user.
    pub fn table(&self, header: &[String]) -> Vec<(String, Vec<Role>)> {
        let below = self.columns().filter(|column| !header.contains(column));
        header
            .iter()
            .chain(below.collect::<IndexSet<_>>())
            .map(|column| (column.clone(), self.roles(column)))
            .collect()
    }

    /// The columns that have a role.
    fn columns(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.name)
            .chain(&self.domains)
            .chain(&self.external_id)
            .chain(&self.metadata_objects)
            .chain(self.metadata.values())
    }

    /// The roles of a column; most have one or none.
    pub fn roles(&self, column: &str) -> Vec<Role> {
        let mut roles = Vec::new();
        if self.name == column {
            roles.push(Role::Name);
        }
        if self.domains.iter().any(|c| c == column) {
            roles.push(Role::Domain);
        }
        if self.external_id.as_deref() == Some(column) {
            roles.push(Role::ExternalId);
        }
        if self.metadata_objects.iter().any(|c| c == column) {
            roles.push(Role::Metadata);
        }
        for (key, _) in self.metadata.iter().filter(|(_, c)| *c == column) {
            roles.push(Role::MetadataKey(key.clone()));
        }
        if roles.is_empty() && self.metadata_rest && self.is_rest(column) {
            roles.push(Role::MetadataKey(column.to_owned()));
        }
        roles
    }

    /// Whether `*` can mean a column.
    pub(crate) fn is_rest(&self, column: &str) -> bool {
        let key = metadata_key(column).unwrap_or(column);
        !column.trim().is_empty() && !is_results_column(column) && !self.unsent.contains(key)
    }

    /// The mapping that gives no column a role.
    pub(super) fn blank() -> Self {
        Self {
            name: String::new(),
            domains: Vec::new(),
            external_id: None,
            external_id_from_domain: false,
            external_id_generated: false,
            domain_state: DomainState::default(),
            strict: false,
            metadata_rest: false,
            repeats: Repeats::Asked,
            one_per: None,
            differing: Differing::Problem,
            is_united: false,
            late: Vec::new(),
            unsent: IndexSet::new(),
            metadata_objects: Vec::new(),
            metadata: IndexMap::new(),
            cells: CellRules::default(),
        }
    }
}
