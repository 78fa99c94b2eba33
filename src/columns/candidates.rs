//! Picks the column of a role: best match; ambiguous ones are an error.

use super::error::Error;
use super::names::{self, IN_PART, TIERS, folded, unnumbered};
use super::role::Role;
use std::collections::HashSet;

/// The columns that could have a role, by how surely.
#[derive(Debug, Default)]
pub(super) struct Candidates([Vec<String>; TIERS]);

impl Candidates {
    /// Adds a column, by how surely it has the role.
    pub(super) fn add(&mut self, tier: usize, column: &str) {
        if let Some(columns) = self.0.get_mut(tier) {
            columns.push(column.to_owned());
        }
    }

    /// The surest ones.
    fn surest(&mut self) -> (usize, Vec<String>) {
        let found = self
            .0
            .iter_mut()
            .enumerate()
            .find(|(_, columns)| !columns.is_empty());
        found
            .map(|(tier, columns)| (tier, std::mem::take(columns)))
            .unwrap_or_default()
    }

    /// The column of the name. What is simply called `name` may be a person's, or a short name for
    /// machines, where another column is the company's or the one that is shown.
    pub(super) fn name(&mut self, header: &[String]) -> Result<Option<String>, Error> {
        let [ours, companies, others, ..] = &self.0;
        let may_be_persons = |column: &&String| folded(column) != "legalname";
        let mut doubtful = ours.iter().chain(others.iter().filter(may_be_persons));
        if companies.is_empty()
            && header.iter().any(|column| names::is_of_person(column))
            && let Some(column) = doubtful.next()
        {
            return Err(Error::NamesOfPersons {
                column: column.clone(),
            });
        }
        if let [name] = ours.as_slice() {
            let is_shown = |column: &&String| folded(column) == "displayname";
            let rivals = companies.iter().chain(others.iter().filter(is_shown));
            let mut columns: Vec<_> = rivals.cloned().collect();
            if !columns.is_empty() {
                columns.push(name.clone());
                return Err(ambiguous(&Role::Name, columns));
            }
        }
        self.only(&Role::Name)
    }

    /// The one surest column, `None` if there is none.
    pub(super) fn only(&mut self, role: &Role) -> Result<Option<String>, Error> {
        let (_, columns) = self.surest();
        if columns.len() > 1 {
            return Err(ambiguous(role, columns));
        }
        Ok(columns.into_iter().next())
    }

    /// The columns of domains: both of our own names may be used at once, and columns that differ
    /// in a number; of others only one.
    pub(super) fn several(&mut self) -> Result<Vec<String>, Error> {
        let (tier, columns) = self.surest();
        let repeated = columns
            .iter()
            .enumerate()
            .any(|(n, c)| columns.iter().skip(n + 1).any(|o| o == c));
        let stems = columns.iter().map(|column| folded(unnumbered(column)));
        let is_series = tier >= IN_PART && stems.collect::<HashSet<_>>().len() == 1;
        if columns.len() > 1 && (repeated || tier > 0 && !is_series) {
            return Err(ambiguous(&Role::Domain, columns));
        }
        Ok(columns)
    }
}

/// The error of columns that are not chosen between.
pub(super) fn ambiguous(role: &Role, columns: Vec<String>) -> Error {
    match columns.first() {
        Some(first) if columns.iter().all(|column| column == first) => Error::RepeatedColumn {
            column: first.clone(),
        },
        _ => Error::Ambiguous {
            role: role.clone(),
            columns,
        },
    }
}
