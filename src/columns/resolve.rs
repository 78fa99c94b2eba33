//! From headers and options to a mapping.

use super::candidates::{Candidates, ambiguous};
use super::error::Error;
use super::mapping::Mapping;
use super::names::{self, folded, is_results_column};
use super::role::Role;
use crate::organization::DomainState;
use crate::table::Format;
use std::path::PathBuf;

/// Mapping options of the user; everything else is detected from the headers.
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

impl MappingOptions {
    /// Whether they say which column has a role, if any.
    fn decide(&self, role: &Role) -> bool {
        self.map.iter().any(|(mapped, _)| mapped == role)
            || (*role == Role::ExternalId && self.replaces_external_id())
    }

    /// Whether external ids come from somewhere else than their own column. Generated ids are for
    /// rows without one.
    fn replaces_external_id(&self) -> bool {
        let from = self.external_id_from.as_deref();
        from.is_some_and(|from| from != "generated")
    }
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
        mapping.late.retain(|role| !options.decide(role));
        if mapping.name.is_empty() {
            return Err(Error::NoNameColumn {
                header: header.to_vec(),
                format,
            });
        }
        if let Some(state) = options.domain_state {
            mapping.domain_state = state;
        }
        mapping.strict |= options.strict;
        mapping.add_metadata_columns(header, format, &options.metadata_columns)?;
        Ok(mapping)
    }

    /// The mapping that the headers suggest, leaving out roles that the options decide.
    fn guessed(header: &[String], format: Format, options: &MappingOptions) -> Result<Self, Error> {
        let mut mapping = Self::blank();
        if format == Format::Jsonl && header.is_empty() {
            "name".clone_into(&mut mapping.name);
        }
        let mut found = [
            Candidates::default(),
            Candidates::default(),
            Candidates::default(),
        ];
        let [by_name, domains, ids] = &mut found;
        for column in header.iter().filter(|c| !is_results_column(c)) {
            if options
                .map
                .iter()
                .any(|(_, mapped)| folded(mapped) == folded(column))
            {
                continue;
            }
            match names::role(column) {
                Some((role, _)) if options.decide(&role) => {}
                Some((Role::Name, tier)) => by_name.add(tier, column),
                Some((Role::Domain, tier)) => domains.add(tier, column),
                Some((Role::ExternalId, tier)) => ids.add(tier, column),
                Some((Role::Metadata, _)) => mapping.metadata_objects.push(column.clone()),
                Some((Role::MetadataKey(key), _)) => mapping.add_metadata(key, column)?,
                None => {}
            }
        }
        if let Some(name) = by_name.name(header)? {
            mapping.name = name;
        }
        mapping.external_id = ids.only(&Role::ExternalId)?;
        mapping.domains = domains.several()?;
        if format == Format::Jsonl {
            mapping.late = vec![Role::Domain, Role::ExternalId, Role::Metadata];
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
                wanted => Some(find(header, format, role, wanted)?),
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
                    self.unsent.shift_remove(key);
                    self.metadata.insert(key.clone(), column);
                }
                (Role::MetadataKey(key), None) => {
                    self.metadata.shift_remove(key);
                    self.unsent.insert(key.clone());
                }
            }
        }
        match options.external_id_from.as_deref() {
            None => {}
            Some("domain") => {
                self.external_id = None;
                self.external_id_from_domain = true;
            }
            Some("generated") => self.external_id_generated = true,
            Some(wanted) => {
                self.external_id = Some(find(header, format, &Role::ExternalId, wanted)?);
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
                let role = Role::MetadataKey(wanted.clone());
                let column = find(header, format, &role, wanted)?;
                self.add_metadata(column.clone(), &column)?;
                continue;
            }
            // The keys of a JSONL file are known only in part.
            if format == Format::Jsonl {
                self.metadata_rest = true;
                continue;
            }
            for column in header {
                if self.roles(column).is_empty() && self.is_rest(column) {
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
        let as_written = |role: &Role, column: &mut String| {
            *column = find(header, format, role, column)?;
            Ok(())
        };
        as_written(&Role::Name, &mut self.name)?;
        for column in &mut self.domains {
            as_written(&Role::Domain, column)?;
        }
        if let Some(column) = &mut self.external_id {
            as_written(&Role::ExternalId, column)?;
        }
        for column in &mut self.metadata_objects {
            as_written(&Role::Metadata, column)?;
        }
        for (key, column) in &mut self.metadata {
            as_written(&Role::MetadataKey(key.clone()), column)?;
        }
        Ok(self)
    }
}

/// The column that the user means for a role: the one of exactly this name, else the only one that
/// matches when folded. In objects it may be a path to a value below one of the first keys:
/// `company.name`.
fn find(header: &[String], format: Format, role: &Role, wanted: &str) -> Result<String, Error> {
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
        _ => Err(ambiguous(role, found)),
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
            "no column holds the organization's name; columns found: \"foo\", \"bar\""
        );
        assert_eq!(
            error.hint().unwrap(),
            "choose one with --map name=COLUMN; if the header is further down, use --header-row \
             NUMBER"
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
    fn generated_ids_leave_the_column_of_external_ids_in_place() {
        let options = MappingOptions {
            external_id_from: Some("generated".to_owned()),
            ..Default::default()
        };
        let mapping = resolve(&["name", "external_id"], &options).unwrap();
        assert_eq!(mapping.external_id.as_deref(), Some("external_id"));
        assert!(mapping.external_id_generated);
    }

    #[test]
    fn a_metadata_key_that_is_given_away_is_not_among_the_rest() {
        let options = MappingOptions {
            map: ["plan", "Notes"]
                .map(|key| (Role::MetadataKey(key.to_owned()), String::new()))
                .into(),
            metadata_columns: vec!["*".to_owned()],
            ..Default::default()
        };
        let columns = ["name", "metadata.plan", "Notes", "region"];
        let mapping = resolve(&columns, &options).unwrap();
        assert_eq!(mapping.metadata.keys().collect::<Vec<_>>(), ["region"]);
    }

    #[test]
    fn a_hint_names_the_role_that_was_asked_for_as_a_shell_takes_it() {
        let named = |role: Role| MappingOptions {
            map: vec![(role, "company".to_owned())],
            ..Default::default()
        };
        for (role, hint) in [
            (Role::Name, "--map name=COMPANY or --map name=Company"),
            (
                Role::MetadataKey("It's $(it)".to_owned()),
                r"--map 'metadata.It'\''s $(it)'=COMPANY or --map 'metadata.It'\''s $(it)'=Company",
            ),
        ] {
            let error = resolve(&["COMPANY", "Company"], &named(role)).unwrap_err();
            let expected = format!("choose one: {hint}");
            assert_eq!(error.hint().unwrap(), expected);
        }
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
            "several columns could be the name: \"Company Name\", \"Account Name\""
        );
        assert_eq!(
            error.hint().unwrap(),
            "choose one: --map name=\"Company Name\" or --map name=\"Account Name\""
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
    fn numbered_columns_of_domains_are_taken_together_where_no_other_serves() {
        let columns = ["name", "Domain 1", "Domain 2", "Website 1"];
        let mapping = resolve(&columns, &MappingOptions::default()).unwrap();
        assert_eq!(mapping.domains, ["Domain 1", "Domain 2"]);
        let columns = ["name", "Website", "Website 2", "domain.1"];
        let mapping = resolve(&columns, &MappingOptions::default()).unwrap();
        assert_eq!(mapping.domains, ["Website"]);
        let columns = ["name", "Website", "URL"];
        let error = resolve(&columns, &MappingOptions::default()).unwrap_err();
        assert!(matches!(error, Error::Ambiguous { .. }), "{error}");
    }

    #[test]
    fn the_column_that_says_name_is_proposed_first() {
        for (columns, hint) in [
            (
                ["Name", "Customer"],
                "--map name=Name or --map name=Customer",
            ),
            (
                ["Account", "Account Name"],
                "--map name=\"Account Name\" or --map name=Account",
            ),
        ] {
            let error = resolve(&columns, &MappingOptions::default()).unwrap_err();
            assert_eq!(error.hint().unwrap(), format!("choose one: {hint}"));
        }
    }

    #[test]
    fn two_columns_of_the_same_name_are_not_chosen_between() {
        let error = resolve(&["name", "domain", "domain"], &MappingOptions::default()).unwrap_err();
        assert_eq!(error.to_string(), "several columns are named \"domain\"");
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
        for columns in [
            ["First Name", "Last Name", "Name"],
            ["First Name", "Last Name", "Title"],
            ["First Name", "Name", "Legal Name"],
        ] {
            let error = resolve(&columns, &MappingOptions::default()).unwrap_err();
            assert!(matches!(error, Error::NamesOfPersons { .. }), "{error}");
        }
        for company in ["Company", "Legal Name"] {
            let columns = ["First Name", "Last Name", company];
            let mapping = resolve(&columns, &MappingOptions::default()).unwrap();
            assert_eq!(mapping.name, company);
        }
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
            "the name is mapped twice: \"A\" and \"B\""
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
