//! Which column means what.

use super::candidates::{Candidates, ambiguous};
use super::error::Error;
use super::header::{self, canonical_role, folded, is_results_column};
use crate::organization::DomainState;
use crate::table::Format;
use indexmap::{IndexMap, IndexSet};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// What a column can mean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Role {
    /// The organization's name.
    Name,
    /// One or several domains.
    Domain,
    /// The customer's id in the system it comes from.
    ExternalId,
    /// A JSON object of metadata.
    Metadata,
    /// The value of one metadata key.
    MetadataKey(String),
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => f.write_str("name"),
            Self::Domain => f.write_str("domain"),
            Self::ExternalId => f.write_str("external_id"),
            Self::Metadata => f.write_str("metadata"),
            Self::MetadataKey(key) => write!(f, "metadata.{key}"),
        }
    }
}

impl From<Role> for String {
    fn from(role: Role) -> Self {
        role.to_string()
    }
}

impl TryFrom<String> for Role {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        canonical_role(text).ok_or_else(|| {
            format!("{text:?} is not one of name, domain, external_id, metadata, metadata.KEY")
        })
    }
}

/// What the user said about columns; what is left open is told from the headers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MappingOptions {
    /// A mapping to start from, such as that of an earlier run; what follows overrides it.
    pub base: Option<Mapping>,
    /// A mapping file to start from; it takes the place of `base`.
    pub file: Option<PathBuf>,
    /// Roles given to columns by header. A blank header says that no column has the role.
    pub map: Vec<(Role, String)>,
    /// Headers of columns that are sent as metadata under their own name; `*` means all columns
    /// that have no other role.
    pub metadata_columns: Vec<String>,
    /// The header of the column whose text is the external id, or the word `domain`.
    pub external_id_from: Option<String>,
    /// The state in which domains are created.
    pub domain_state: Option<DomainState>,
    /// Whether a cell that would be cleaned is an error instead.
    pub strict: bool,
}

/// Which column means what, by header, so that it fits the same list with its columns in another
/// order or with further columns.
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
    /// The state in which domains are created.
    #[serde(default)]
    pub domain_state: DomainState,
    /// Whether a cell that would be cleaned is an error instead.
    #[serde(default, skip_serializing_if = "is_false")]
    pub strict: bool,
    /// Whether keys of a JSONL object that have no other role are metadata too. (The columns of a
    /// CSV file are all known beforehand and stand in `metadata`.)
    #[serde(default, skip_serializing_if = "is_false")]
    pub metadata_rest: bool,
    /// The roles that a key of a JSONL file may still get by its name where it first appears, as
    /// long as no other has them; `metadata` stands for `metadata.KEY` too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub late: Vec<Role>,
    /// The columns that hold a JSON object of metadata.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metadata_objects: Vec<String>,
    /// Metadata keys and the column of each one's value.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub metadata: IndexMap<String, String>,
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
    /// Finds out which column means what.
    ///
    /// # Errors
    /// If no column can be the name, several equally could, the options name a column that is not
    /// there, or the mapping file cannot be used.
    pub fn resolve(
        header: &[String],
        format: Format,
        options: &MappingOptions,
    ) -> Result<Self, Error> {
        let mut mapping = match (&options.file, &options.base) {
            (Some(file), _) => Self::load(file)?
                .checked(header, format)
                .map_err(|error| error.in_mapping_file(file))?,
            (None, Some(base)) => base.clone().checked(header, format)?,
            (None, None) => Self::guessed(header, format, options)?,
        };
        mapping.apply(header, format, options)?;
        if mapping.name.is_empty() {
            return Err(Error::NoNameColumn {
                header: header.to_vec(),
            });
        }
        if let Some(state) = options.domain_state {
            mapping.domain_state = state;
        }
        mapping.strict |= options.strict;
        mapping.add_metadata_columns(header, format, &options.metadata_columns)?;
        Ok(mapping)
    }

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
        if roles.is_empty() && self.metadata_rest && is_rest(column) {
            roles.push(Role::MetadataKey(column.to_owned()));
        }
        roles
    }

    /// The mapping that gives no column a role.
    fn blank() -> Self {
        Self {
            name: String::new(),
            domains: Vec::new(),
            external_id: None,
            external_id_from_domain: false,
            domain_state: DomainState::default(),
            strict: false,
            metadata_rest: false,
            late: Vec::new(),
            metadata_objects: Vec::new(),
            metadata: IndexMap::new(),
        }
    }

    /// The mapping that the headers suggest, leaving out roles that the options decide.
    fn guessed(header: &[String], format: Format, options: &MappingOptions) -> Result<Self, Error> {
        let mut mapping = Self::blank();
        if format == Format::Jsonl && header.is_empty() {
            "name".clone_into(&mut mapping.name);
        }
        let decided = |role: &Role| {
            options.map.iter().any(|(mapped, _)| mapped == role)
                || (*role == Role::ExternalId && options.external_id_from.is_some())
        };
        let mut found = [
            Candidates::default(),
            Candidates::default(),
            Candidates::default(),
        ];
        let [names, domains, ids] = &mut found;
        for column in header.iter().filter(|c| !is_results_column(c)) {
            if options
                .map
                .iter()
                .any(|(_, mapped)| folded(mapped) == folded(column))
            {
                continue;
            }
            match header::role(column) {
                Some((role, _)) if decided(&role) => {}
                Some((Role::Name, tier)) => names.add(tier, column),
                Some((Role::Domain, tier)) => domains.add(tier, column),
                Some((Role::ExternalId, tier)) => ids.add(tier, column),
                Some((Role::Metadata, _)) => mapping.metadata_objects.push(column.clone()),
                Some((Role::MetadataKey(key), _)) => mapping.add_metadata(key, column)?,
                None => {}
            }
        }
        if let Some(name) = names.name(header)? {
            mapping.name = name;
        }
        mapping.external_id = ids.only(&Role::ExternalId)?;
        mapping.domains = domains.several()?;
        if format == Format::Jsonl {
            let roles = [Role::Domain, Role::ExternalId, Role::Metadata];
            mapping.late = roles.into_iter().filter(|role| !decided(role)).collect();
        }
        Ok(mapping)
    }

    /// Gives the roles that the options name.
    fn apply(
        &mut self,
        header: &[String],
        format: Format,
        options: &MappingOptions,
    ) -> Result<(), Error> {
        if options.map.iter().any(|(role, _)| *role == Role::Domain) {
            self.domains.clear();
        }
        for (place, (role, wanted)) in options.map.iter().enumerate() {
            let column = match wanted.as_str() {
                "" => None,
                wanted => Some(find(header, format, wanted)?),
            };
            let earlier = options.map.iter().take(place).find(|(r, _)| r == role);
            if let (Some((_, first)), true) = (earlier, *role != Role::Domain) {
                return Err(Error::MappedTwice {
                    role: role.to_string(),
                    columns: vec![first.clone(), wanted.clone()],
                });
            }
            match (role, column) {
                (Role::Name, column) => self.name = column.unwrap_or_default(),
                (Role::Domain, column) => self.domains.extend(column),
                (Role::ExternalId, column) => {
                    self.external_id = column;
                    self.external_id_from_domain = false;
                }
                (Role::Metadata, column) => self.metadata_objects = column.into_iter().collect(),
                (Role::MetadataKey(key), Some(column)) => {
                    self.metadata.insert(key.clone(), column);
                }
                (Role::MetadataKey(key), None) => {
                    self.metadata.shift_remove(key);
                }
            }
        }
        match options.external_id_from.as_deref() {
            None => {}
            Some("domain") => {
                self.external_id = None;
                self.external_id_from_domain = true;
            }
            Some(wanted) => {
                self.external_id = Some(find(header, format, wanted)?);
                self.external_id_from_domain = false;
            }
        }
        Ok(())
    }

    /// Sends further columns as metadata under their own names.
    fn add_metadata_columns(
        &mut self,
        header: &[String],
        format: Format,
        wanted: &[String],
    ) -> Result<(), Error> {
        for wanted in wanted {
            if wanted != "*" {
                let column = find(header, format, wanted)?;
                self.add_metadata(column.clone(), &column)?;
                continue;
            }
            // The keys of a JSONL file are known only in part.
            if format == Format::Jsonl {
                self.metadata_rest = true;
                continue;
            }
            for column in header {
                if self.roles(column).is_empty() && is_rest(column) {
                    if header.iter().filter(|other| *other == column).count() > 1 {
                        return Err(ambiguous(
                            &Role::MetadataKey(column.clone()),
                            vec![column.clone(); 2],
                        ));
                    }
                    self.add_metadata(column.clone(), column)?;
                }
            }
        }
        Ok(())
    }

    fn add_metadata(&mut self, key: String, column: &str) -> Result<(), Error> {
        match self.metadata.get(&key) {
            Some(other) if other != column => Err(ambiguous(
                &Role::MetadataKey(key),
                vec![other.clone(), column.to_owned()],
            )),
            _ => {
                self.metadata.insert(key, column.to_owned());
                Ok(())
            }
        }
    }

    /// A mapping made for another file, with its headers as this file writes them.
    fn checked(mut self, header: &[String], format: Format) -> Result<Self, Error> {
        // The keys of a JSONL file are known only in part.
        if format == Format::Jsonl {
            return Ok(self);
        }
        let columns = std::iter::once(&mut self.name)
            .chain(&mut self.domains)
            .chain(&mut self.external_id)
            .chain(&mut self.metadata_objects)
            .chain(self.metadata.values_mut());
        for column in columns {
            *column = find(header, format, column)?;
        }
        Ok(self)
    }
}

/// Whether `*` can mean a column.
fn is_rest(column: &str) -> bool {
    !column.trim().is_empty() && !is_results_column(column)
}

/// The column that the user means: the one of exactly this name, else the only one that compares
/// alike. In objects it may be a path to a value below one of the first keys: `company.name`.
fn find(header: &[String], format: Format, wanted: &str) -> Result<String, Error> {
    if is_results_column(wanted) {
        return Err(Error::ResultsColumn {
            column: wanted.to_owned(),
        });
    }
    let exact: Vec<_> = header.iter().filter(|c| *c == wanted).cloned().collect();
    let found = if exact.is_empty() {
        let key = folded(wanted);
        header
            .iter()
            .filter(|c| !key.is_empty() && folded(c) == key)
            .cloned()
            .collect()
    } else {
        exact
    };
    let is_path = || {
        let first = wanted.split_once('.').map(|(first, _)| first);
        format == Format::Jsonl && header.iter().any(|c| Some(c.as_str()) == first)
    };
    match found.len() {
        0 if is_path() => Ok(wanted.to_owned()),
        0 => Err(Error::NoSuchColumn {
            column: wanted.to_owned(),
            header: header.to_vec(),
        }),
        1 => Ok(found.into_iter().next().unwrap_or_default()),
        _ => Err(ambiguous(&Role::MetadataKey(wanted.to_owned()), found)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(columns: &[&str]) -> Vec<String> {
        columns.iter().map(|c| (*c).to_owned()).collect()
    }

    fn resolve(columns: &[&str], options: &MappingOptions) -> Result<Mapping, Error> {
        Mapping::resolve(&header(columns), Format::Csv, options)
    }

    #[test]
    fn our_own_names_are_found_in_any_spelling() {
        let columns = [
            "Name",
            "DOMAINS",
            "External-Id",
            "metadata.Plan",
            "notes",
            "workos_status",
        ];
        let mapping = resolve(&columns, &MappingOptions::default()).unwrap();
        assert_eq!(mapping.name, "Name");
        assert_eq!(mapping.domains, ["DOMAINS"]);
        assert_eq!(mapping.external_id.as_deref(), Some("External-Id"));
        assert_eq!(mapping.metadata["Plan"], "metadata.Plan");
        assert!(mapping.roles("notes").is_empty());
    }

    #[test]
    fn without_a_name_column_the_columns_found_are_named() {
        let error = resolve(&["foo", "bar"], &MappingOptions::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no column holds the organization's name; the columns found are \"foo\", \"bar\""
        );
        assert_eq!(
            error.hint().unwrap(),
            "say which one it is with --map name=COLUMN; if the table begins further down, with \
             --header-row NUMBER"
        );
    }

    #[test]
    fn all_the_rest_becomes_metadata_but_never_a_results_column() {
        let options = MappingOptions {
            metadata_columns: vec!["*".to_owned()],
            ..Default::default()
        };
        let columns = ["name", "plan", "", "Region", "workos_status", "workos"];
        let mapping = resolve(&columns, &options).unwrap();
        assert_eq!(
            mapping.metadata.keys().collect::<Vec<_>>(),
            ["plan", "Region"]
        );
    }

    #[test]
    fn options_override_what_the_headers_suggest() {
        let options = MappingOptions {
            map: vec![
                (Role::Name, "company".to_owned()),
                (Role::Domain, String::new()),
            ],
            external_id_from: Some("domain".to_owned()),
            ..Default::default()
        };
        let mapping = resolve(&["name", "Company", "domain", "external_id"], &options).unwrap();
        assert_eq!(mapping.name, "Company");
        assert!(mapping.domains.is_empty());
        assert_eq!(mapping.external_id, None);
        assert!(mapping.external_id_from_domain);
    }

    #[test]
    fn a_results_column_cannot_be_mapped() {
        let options = MappingOptions {
            map: vec![(Role::ExternalId, "workos_row".to_owned())],
            ..Default::default()
        };
        let error = resolve(&["name", "workos_row"], &options).unwrap_err();
        assert!(matches!(error, Error::ResultsColumn { .. }));
    }

    #[test]
    fn a_crm_export_needs_no_options() {
        let columns = [
            "Account ID",
            "Account Name",
            "Website",
            "Id",
            "Account Owner",
        ];
        let mapping = resolve(&columns, &MappingOptions::default()).unwrap();
        assert_eq!(mapping.name, "Account Name");
        assert_eq!(mapping.domains, ["Website"]);
        assert_eq!(mapping.external_id.as_deref(), Some("Account ID"));
    }

    #[test]
    fn equally_likely_columns_are_asked_for() {
        let columns = ["Company Name", "Account Name", "Website", "URL"];
        let error = resolve(&columns, &MappingOptions::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "\"Company Name\", \"Account Name\" could each be the name"
        );
        assert_eq!(
            error.hint().unwrap(),
            "say which one it is: --map name=\"Company Name\""
        );
        let options = MappingOptions {
            map: vec![
                (Role::Name, "account name".to_owned()),
                (Role::Domain, "Website".to_owned()),
                (Role::Domain, "URL".to_owned()),
            ],
            ..Default::default()
        };
        let mapping = resolve(&columns, &options).unwrap();
        assert_eq!(mapping.name, "Account Name");
        assert_eq!(mapping.domains, ["Website", "URL"]);
    }

    #[test]
    fn two_columns_of_the_same_name_are_not_chosen_between() {
        let error = resolve(&["name", "domain", "domain"], &MappingOptions::default()).unwrap_err();
        assert_eq!(error.to_string(), "there are several columns \"domain\"");
        let error = resolve(&["name", "Name"], &MappingOptions::default()).unwrap_err();
        assert!(matches!(error, Error::Ambiguous { .. }), "{error}");
    }

    #[test]
    fn a_name_that_may_be_a_persons_or_a_machines_is_asked_for() {
        for columns in [
            ["id", "name", "display_name"],
            ["Name", "Email", "Company"],
            ["First Name", "Name", "Account Name"],
        ] {
            let error = resolve(&columns, &MappingOptions::default()).unwrap_err();
            assert!(matches!(error, Error::Ambiguous { .. }), "{error}");
        }
        let columns = ["First Name", "Last Name", "Name"];
        let error = resolve(&columns, &MappingOptions::default()).unwrap_err();
        assert!(matches!(error, Error::NamesOfPersons { .. }), "{error}");
        let columns = ["First Name", "Last Name", "Company"];
        let mapping = resolve(&columns, &MappingOptions::default()).unwrap();
        assert_eq!(mapping.name, "Company");
        let columns = ["Name", "Legal name", "Account ID"];
        assert_eq!(
            resolve(&columns, &MappingOptions::default()).unwrap().name,
            "Name"
        );
    }

    #[test]
    fn a_role_is_given_once() {
        let options = MappingOptions {
            map: vec![(Role::Name, "A".to_owned()), (Role::Name, "B".to_owned())],
            ..Default::default()
        };
        let error = resolve(&["A", "B"], &options).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the name is given to both \"A\" and \"B\""
        );
    }

    #[test]
    fn a_misspelt_column_is_guessed_in_the_hint() {
        let options = MappingOptions {
            map: vec![(Role::Name, "Compny name".to_owned())],
            ..Default::default()
        };
        let error = resolve(&["Company name", "B"], &options).unwrap_err();
        let hint = error.hint().unwrap();
        assert!(hint.starts_with("did you mean \"Company name\"?"), "{hint}");
    }

    #[test]
    fn a_mapping_survives_being_written_down() {
        let options = MappingOptions {
            metadata_columns: vec!["*".to_owned()],
            strict: true,
            ..Default::default()
        };
        let mapping = resolve(&["name", "domain", "Sales Region"], &options).unwrap();
        let text = toml::to_string(&mapping).unwrap();
        assert_eq!(toml::from_str::<Mapping>(&text).unwrap(), mapping);
        let json = serde_json::to_string(&mapping).unwrap();
        assert_eq!(serde_json::from_str::<Mapping>(&json).unwrap(), mapping);
        let mapping = Mapping::resolve(&header(&["name", "plan"]), Format::Jsonl, &options);
        let mapping = mapping.unwrap();
        let text = toml::to_string(&mapping).unwrap();
        assert!(
            text.contains(r#"late = ["domain", "external_id", "metadata"]"#),
            "{text}"
        );
        assert_eq!(toml::from_str::<Mapping>(&text).unwrap(), mapping);
    }
}
