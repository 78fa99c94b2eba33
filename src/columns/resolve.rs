//! From headers and options to a mapping.

use super::candidates::Candidates;
use super::cell_rules::CellRules;
use super::content::Content;
use super::error::Error;
use super::mapping::{Mapping, Repeats};
use super::names::{folded, is_results_column};
use super::nested;
use super::one_per::{Differing, OnePer};
use super::role::Role;
use super::sense::{is_email, sense};
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
    /// What the rows of one organization have in common.
    pub one_per: Option<OnePer>,
    /// What is sent where they differ.
    pub differing: Option<Differing>,
    /// How cells are taken where more than one way makes sense.
    pub cells: CellRules,
}

impl MappingOptions {
    /// Whether they say nothing of columns: only how repeats and cells are taken, which may differ
    /// from run to run.
    pub fn choose_no_columns(&self) -> bool {
        let others = Self {
            one_per: None,
            differing: None,
            cells: CellRules::default(),
            ..self.clone()
        };
        others == Self::default()
    }

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
    /// Finds out which column means what, by their names alone.
    ///
    /// # Errors
    /// If no column can be the name, several equally could, the options name a column that is not
    /// there, or the mapping file cannot be used.
    pub fn resolve(
        header: &[String],
        format: Format,
        options: &MappingOptions,
    ) -> Result<Self, Error> {
        Self::of_list(header, format, &Content::default(), options)
    }

    /// Finds out which column means what, by their names and what they hold in the first rows.
    ///
    /// # Errors
    /// As [`Mapping::resolve`].
    pub fn of_list(
        header: &[String],
        format: Format,
        content: &Content,
        options: &MappingOptions,
    ) -> Result<Self, Error> {
        let mut mapping = match (&options.file, &options.base) {
            (Some(file), _) => Self::load(file)?
                .checked(header, format)
                .map_err(|error| error.in_mapping_file(file))?,
            (None, Some(base)) => base.clone().checked(header, format)?,
            (None, None) => Self::guessed(header, format, content, options)?,
        };
        mapping.apply(header, format, options)?;
        mapping.late.retain(|role| !options.decide(role));
        if mapping.name.is_empty() {
            return Err(Error::NoNameColumn {
                likely: content.likely_name(&[]).map(str::to_owned),
                header: header.to_vec(),
                format,
            });
        }
        if let Some(state) = options.domain_state {
            mapping.domain_state = state;
        }
        mapping.strict |= options.strict;
        if let Some(one_per) = &options.one_per {
            mapping.unite_by(one_per, header, format, options)?;
        }
        mapping.differing = options.differing.unwrap_or(mapping.differing);
        mapping.cells.add(&options.cells);
        mapping.add_metadata_columns(header, format, &options.metadata_columns)?;
        Ok(mapping)
    }

    /// The mapping that the list suggests, leaving out roles that the options decide.
    fn guessed(
        header: &[String],
        format: Format,
        content: &Content,
        options: &MappingOptions,
    ) -> Result<Self, Error> {
        let mut mapping = Self::blank();
        let mut passed_over = Vec::new();
        let is_mapped = |column: &str| {
            let mut mapped = options.map.iter();
            mapped.any(|(_, mapped)| folded(mapped) == folded(column))
        };
        let columns = header
            .iter()
            .filter(|c| !is_results_column(c) && !is_mapped(c));
        let senses = columns.filter_map(|column| Some((sense(column)?, column.as_str())));
        let mut candidates = Candidates {
            header,
            content,
            all: senses.filter(|(it, _)| !options.decide(&it.role)).collect(),
        };
        let mut name = candidates.name()?;
        if name.is_none() && !options.decide(&Role::Name) {
            let inner = nested::candidates(content).into_iter();
            let inner = inner.filter(|(it, path)| !options.decide(&it.role) && !is_mapped(path));
            candidates.all.extend(inner);
            name = candidates.name()?;
        }
        mapping.name = name.unwrap_or_default();
        if format == Format::Jsonl && header.is_empty() {
            "name".clone_into(&mut mapping.name);
        }
        let mapped = options.map.iter().find(|(role, _)| *role == Role::Name);
        let name = mapped.map_or(&mapping.name, |(_, column)| column);
        mapping.external_id = candidates.external_id(Some(name))?;
        mapping.domains = candidates.domains()?;
        mapping.metadata_objects = candidates.metadata();
        for (sense, column) in std::mem::take(&mut candidates.all) {
            if let Role::MetadataKey(key) = sense.role {
                mapping.add_metadata(key, column)?;
            } else if mapping.roles(column).is_empty() {
                // What was not chosen here is not chosen later either.
                passed_over.push(sense.role);
            }
        }
        if format == Format::Jsonl {
            let late = [Role::Domain, Role::ExternalId, Role::Metadata].into_iter();
            mapping.late = late.filter(|role| !passed_over.contains(role)).collect();
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

    /// Decides which rows are one organization. Where no column has domains, these are taken from
    /// e-mail addresses.
    fn unite_by(
        &mut self,
        one_per: &OnePer,
        header: &[String],
        format: Format,
        options: &MappingOptions,
    ) -> Result<(), Error> {
        self.one_per = match one_per {
            OnePer::Row => {
                self.repeats = Repeats::Meant;
                self.one_per = None;
                return Ok(());
            }
            OnePer::ExternalId if self.external_id.is_none() && !self.external_id_from_domain => {
                return Err(Error::NoIdColumn {
                    header: header.to_vec(),
                });
            }
            OnePer::Column(wanted) => {
                let column = find(header, format, &Role::Name, wanted)?;
                Some(if column == self.name {
                    OnePer::Name
                } else if self.external_id.as_ref() == Some(&column) {
                    OnePer::ExternalId
                } else {
                    OnePer::Column(column)
                })
            }
            one_per => Some(one_per.clone()),
        };
        if self.domains.is_empty() && !options.decide(&Role::Domain) {
            let emails = header.iter().filter(|column| is_email(column));
            self.domains = emails.cloned().collect();
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
                        return Err(Error::ambiguous(
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
            Some(other) if other != column => Err(Error::ambiguous(
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
        if let Some(OnePer::Column(column)) = &mut self.one_per {
            as_written(&Role::Name, column)?;
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
        _ => Err(Error::ambiguous(role, found)),
    }
}

#[cfg(test)]
mod tests;
