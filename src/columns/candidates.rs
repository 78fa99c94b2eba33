//! Picks the columns of a role: by their names, and by what they hold; ambiguous ones are an error.

use super::content::{Content, Values};
use super::error::Error;
use super::names::folded;
use super::role::Role;
use super::sense::{
    self, EXTERNAL_IDS, IN_PART, NUMBERS, REGISTRATION, Sense, WHERE_UNIQUE, unnumbered,
};
use std::collections::HashSet;

/// The columns whose names suggest a role, and what they hold.
#[derive(Debug)]
pub(super) struct Candidates<'a> {
    pub(super) header: &'a [String],
    pub(super) content: &'a Content,
    pub(super) all: Vec<(Sense, &'a str)>,
}

/// A column that could have a role, by how surely.
type Candidate<'a> = (usize, &'a str);

impl<'a> Candidates<'a> {
    /// The column of the name. What is simply called `name` may be a person's, or a short name for
    /// machines, where another column is the company's or the one that is shown.
    pub(super) fn name(&self) -> Result<Option<String>, Error> {
        let mut found = self.of(&Role::Name);
        found.retain(|(_, column)| !self.values(column).are_booleans());
        self.drop(&mut found, Values::is_blank);
        self.drop(&mut found, Values::are_numbers);
        self.drop(&mut found, Values::are_links);
        self.drop(&mut found, Values::are_slugs);
        let companies = between(&found, 1..3);
        let others = between(&found, 3..usize::MAX);
        let ours = between(&found, 0..1);
        let is_explicit = companies.iter().any(|(_, c)| sense::is_explicit_name(c));
        if !companies.is_empty() && (ours.is_empty() || is_explicit || self.are_contacts()) {
            let is_part = |short: &str| {
                let longer = |(_, c): &Candidate<'_>| {
                    c.len() > short.len() && folded(c).contains(&folded(short))
                };
                companies.iter().any(longer)
            };
            let mut companies = companies.clone();
            companies.retain(|(_, column)| !is_part(column) || sense::is_explicit_name(column));
            return only(&Role::Name, &companies);
        }
        let may_be_persons = |column: &str| !folded(column).starts_with("legal");
        let mut doubtful = ours
            .iter()
            .chain(&others)
            .filter(|(_, c)| may_be_persons(c));
        if companies.is_empty()
            && self.are_persons()
            && let Some((_, column)) = doubtful.next()
        {
            let but: Vec<&str> = found.iter().map(|(_, column)| *column).collect();
            return Err(Error::NamesOfPersons {
                column: (*column).to_owned(),
                likely: self.content.likely_name(&but).map(str::to_owned),
            });
        }
        if let [name] = ours.as_slice() {
            let is_shown = |(_, c): &&Candidate<'_>| folded(c) == "displayname";
            let mut rivals = companies;
            rivals.extend(others.iter().filter(is_shown));
            if !rivals.is_empty() {
                rivals.push(*name);
                return Err(ambiguous(&Role::Name, &rivals));
            }
        }
        only(&Role::Name, &surest(&found))
    }

    /// The column of the external id: the one that is complete and unique, and never that of
    /// another thing. In a list of persons, what is not said to be the organization's is theirs.
    pub(super) fn external_id(&self, name: Option<&str>) -> Result<Option<String>, Error> {
        let mut found = self.of(&Role::ExternalId);
        found.extend(self.numbered_organizations(name));
        found.extend(self.repeated_ids(name));
        let is_named = |tier: usize| tier <= EXTERNAL_IDS;
        found.retain(|(tier, column)| {
            let values = self.values(column);
            let names_one = || name.is_some_and(|name| self.content.determines(column, name));
            let is_plausible = if is_named(*tier) {
                !values.is_constant()
            } else {
                values.is_unknown() || values.is_nearly_unique()
            };
            (is_plausible || names_one())
                && (*tier < WHERE_UNIQUE || values.is_complete_and_unique())
        });
        self.drop(&mut found, Values::is_blank);
        if let Some(named) = found
            .iter()
            .map(|(tier, _)| *tier)
            .min()
            .filter(|tier| is_named(*tier))
        {
            found.retain(|(tier, _)| *tier == named);
        }
        self.drop(&mut found, Values::are_workos_ids);
        // A few repeats or blanks are mistakes of the list, not a sign that it is another column.
        self.drop(&mut found, |values| {
            let is_nearly_complete = values.is_nearly_complete() && values.is_nearly_unique();
            !values.is_unknown() && !is_nearly_complete
        });
        let mut found = surest(&found);
        self.drop(&mut found, |values| !values.is_complete_and_unique());
        if matches!(found.first(), Some((REGISTRATION, _))) {
            found.truncate(1);
        }
        only(&Role::ExternalId, &found)
    }

    /// In a list of persons, plain ids that several rows have, all with the same name: they are not the
    /// person's.
    fn repeated_ids(&self, name: Option<&str>) -> Vec<Candidate<'a>> {
        let is_plain = |it: &Sense| it.role == Role::ExternalId && !it.of_organization;
        let columns = self.all.iter().filter(|(it, _)| is_plain(it));
        let is_repeated = |column: &str| {
            let values = self.values(column);
            values.is_nearly_complete()
                && values.is_repeated()
                && name.is_some_and(|name| self.content.determines(column, name))
        };
        columns
            .filter(|(_, column)| self.are_contacts() && is_repeated(column))
            .map(|(it, column)| (it.tier, *column))
            .collect()
    }

    /// Columns such as `Customer` that hold numbers, where the name is in another one.
    fn numbered_organizations(&self, name: Option<&str>) -> Vec<Candidate<'a>> {
        let columns = between(&self.of(&Role::Name), 1..2).into_iter();
        let are_numbers = |column: &str| {
            let values = self.values(column);
            values.are_numbers() && values.is_complete_and_unique()
        };
        columns
            .filter(|(_, c)| Some(*c) != name && !sense::is_explicit_name(c) && are_numbers(c))
            .map(|(_, column)| (NUMBERS, column))
            .collect()
    }

    /// The columns of domains: both of our own names may be used at once, and columns that differ
    /// in a number; of others only one.
    pub(super) fn domains(&self) -> Result<Vec<String>, Error> {
        let mut found = self.of(&Role::Domain);
        // What may be a website may also be a place, or whether there is one.
        found.retain(|(tier, column)| {
            let values = self.values(column);
            *tier == 0 || !values.are_booleans() && (*tier < 3 || !values.hold_no_domain())
        });
        self.drop(&mut found, Values::is_blank);
        self.drop(&mut found, Values::are_no_domains);
        let found = surest(&found);
        let tier = found.first().map_or(0, |(tier, _)| *tier);
        let columns: Vec<_> = found.iter().map(|(_, column)| *column).collect();
        let repeated = columns.iter().collect::<HashSet<_>>().len() < columns.len();
        let stems = columns.iter().map(|column| folded(unnumbered(column)));
        let is_series = tier >= IN_PART && stems.collect::<HashSet<_>>().len() == 1;
        if columns.len() > 1 && (repeated || tier > 0 && !is_series) {
            return Err(ambiguous(&Role::Domain, &found));
        }
        Ok(columns.into_iter().map(str::to_owned).collect())
    }

    /// The columns with a JSON object of metadata: in a list of persons not theirs.
    pub(super) fn metadata(&self) -> Vec<String> {
        let found = self.of(&Role::Metadata).into_iter();
        found.map(|(_, column)| column.to_owned()).collect()
    }

    /// The columns that could have a role.
    fn of(&self, role: &Role) -> Vec<Candidate<'a>> {
        let are_contacts = self.are_contacts();
        let is_theirs = |sense: &Sense| {
            are_contacts
                && !sense.of_organization
                && matches!(sense.role, Role::ExternalId | Role::Metadata)
        };
        let all = self
            .all
            .iter()
            .filter(|(sense, _)| sense.role == *role && !is_theirs(sense));
        let is_plain = |column: &str| {
            !matches!(role, Role::Name | Role::ExternalId) || !self.values(column).are_objects()
        };
        let all = all.filter(|(_, column)| is_plain(column));
        all.map(|(sense, column)| (sense.tier, *column)).collect()
    }

    fn values(&self, column: &str) -> Values<'a> {
        self.content.of(column)
    }

    /// Drops candidates, unless none would be left.
    fn drop(&self, found: &mut Vec<Candidate<'_>>, is_bad: impl Fn(Values<'a>) -> bool) {
        let is_good = |(_, column): &Candidate<'_>| !is_bad(self.values(column));
        if found.iter().any(is_good) {
            found.retain(is_good);
        }
    }

    /// Whether the list has a row for each person.
    fn are_persons(&self) -> bool {
        self.header.iter().any(|column| sense::is_of_person(column))
    }

    /// Whether the list has persons, whose company is in another column: `name, email, company`.
    fn are_contacts(&self) -> bool {
        let named = |tiers: std::ops::Range<usize>| {
            let is_name = |it: &Sense| it.role == Role::Name && tiers.contains(&it.tier);
            let mut all = self.all.iter();
            all.any(|(it, column)| is_name(it) && !self.values(column).are_booleans())
        };
        let has_email = || self.header.iter().any(|column| sense::is_email(column));
        self.are_persons() || self.content.has_rows() && has_email() && named(0..1) && named(1..3)
    }
}

/// The candidates of some degrees of sureness.
fn between<'a>(found: &[Candidate<'a>], tiers: std::ops::Range<usize>) -> Vec<Candidate<'a>> {
    let found = found.iter().filter(|(tier, _)| tiers.contains(tier));
    found.copied().collect()
}

/// The surest ones.
fn surest<'a>(found: &[Candidate<'a>]) -> Vec<Candidate<'a>> {
    let tier = found.iter().map(|(tier, _)| *tier).min();
    tier.map_or_else(Vec::new, |tier| between(found, tier..tier + 1))
}

/// The only one, `None` if there is none.
fn only(role: &Role, found: &[Candidate<'_>]) -> Result<Option<String>, Error> {
    match found {
        [] => Ok(None),
        [(_, column)] => Ok(Some((*column).to_owned())),
        _ => Err(ambiguous(role, found)),
    }
}

fn ambiguous(role: &Role, found: &[Candidate<'_>]) -> Error {
    let columns = found.iter().map(|(_, column)| (*column).to_owned());
    Error::ambiguous(role, columns.collect())
}
