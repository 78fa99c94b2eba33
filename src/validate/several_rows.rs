//! Whether several rows of a list seem to be one customer: contacts, domains, years.

use super::summary::ValidationSummary;
use crate::columns::{
    Mapping, OnePer, Repeats, Role, canonical_role, is_email, is_of_contact, is_of_person,
};
use crate::text::{counted, grouped};
use std::fmt;

/// Names that are repeated more than chance would have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SeveralRows {
    /// How many rows there are.
    pub rows: u64,
    /// How many names they have.
    pub names: u64,
    /// What they are probably of.
    pub of: RowsOf,
    /// What the rows of one customer probably have in common.
    pub one_per: OnePer,
    /// How many organizations that would be.
    pub organizations: u64,
    /// Whether the external ids are probably those of persons.
    pub has_other_ids: bool,
}

/// What there may be a row for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowsOf {
    /// Each person of a customer.
    Contacts,
    /// Each domain of a customer.
    Domains,
    /// Something else.
    Others,
}

impl fmt::Display for SeveralRows {
    /// `499 rows, 107 names: one row per contact?`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rows, names) = (counted(self.rows, "row"), counted(self.names, "name"));
        let guess = match self.of {
            RowsOf::Contacts => "one row per contact?",
            RowsOf::Domains => "one row per domain?",
            RowsOf::Others => "several rows per customer?",
        };
        write!(f, "{rows}, {names}: {guess}")
    }
}

impl SeveralRows {
    /// What several rows of one name suggest, where the user has not said that they are meant.
    /// Customers may have the same name, so a few repeats are no sign, and even many are none where
    /// each row has an id of its own, unless the list has persons.
    pub(crate) fn of(
        summary: &ValidationSummary,
        header: &[String],
        mapping: &Mapping,
    ) -> Option<Self> {
        let (rows, repeats) = (summary.rows, summary.repeated_names);
        let has_emails = header.iter().any(|column| is_email(column));
        // A plain `name` that was not taken is a person's.
        let is_name = |column: &String| canonical_role(column) == Some(Role::Name);
        let has_names = header.iter().any(|c| is_name(c) && *c != mapping.name);
        let are_persons =
            has_emails && has_names || header.iter().any(|column| is_of_person(column));
        let have_ids = summary.with_external_id == rows;
        let have_contacts = header.iter().any(|column| is_of_contact(column));
        let are_many = match () {
            () if are_persons || have_contacts && !have_ids => repeats * 50 > rows,
            () if have_ids => repeats * 2 >= rows && repeats > 1,
            () => repeats * 10 >= rows && repeats > 1,
        };
        let of = match () {
            () if are_persons || has_emails || have_contacts => RowsOf::Contacts,
            () if summary.with_domain * 10 >= rows * 9 => RowsOf::Domains,
            () => RowsOf::Others,
        };
        let repeated_ids = summary.count_of("external_id_repeated");
        let have_same_ids = repeated_ids > 0 && repeated_ids * 10 >= repeats * 8;
        let one_per = if have_same_ids {
            OnePer::ExternalId
        } else {
            OnePer::Name
        };
        let is_open = mapping.repeats == Repeats::Asked && mapping.one_per.is_none();
        (is_open && are_many).then(|| Self {
            rows,
            names: rows - repeats,
            of,
            organizations: rows - if have_same_ids { repeated_ids } else { repeats },
            has_other_ids: !have_same_ids && summary.with_external_id * 2 > rows,
            one_per,
        })
    }

    /// The options that unite the rows.
    pub(crate) fn options(&self) -> String {
        let ids = if self.has_other_ids {
            " --map external_id="
        } else {
            ""
        };
        format!("--one-per {}{ids}", self.one_per)
    }

    /// Both answers: `for 107 organizations, one per name, add --one-per name; for 499, …`.
    pub(crate) fn answers(&self) -> String {
        let of = match self.one_per {
            OnePer::ExternalId => "external id",
            _ => "name",
        };
        format!(
            "for {}, one per {of}, add {}; for {}, one for each row, add --one-per row",
            counted(self.organizations, "organization"),
            self.options(),
            grouped(self.rows)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::MappingOptions;
    use crate::table::Format;

    fn detected(columns: &[&str], rows: u64, repeats: u64, ids: u64) -> bool {
        let header: Vec<String> = columns.iter().map(|c| (*c).to_owned()).collect();
        let mapping = Mapping::resolve(&header, Format::Csv, &MappingOptions::default()).unwrap();
        let mut summary = ValidationSummary::new(0);
        summary.rows = rows;
        summary.repeated_names = repeats;
        summary.with_external_id = ids;
        SeveralRows::of(&summary, &header, &mapping).is_some()
    }

    #[test]
    fn names_are_repeated_by_chance_or_not() {
        assert!(detected(&["company"], 499, 392, 0));
        assert!(!detected(&["company"], 499, 10, 0));
        assert!(!detected(&["company"], 3, 1, 0));
        assert!(detected(&["name", "domain"], 4, 2, 0));
        // Branches of one name, each with its id.
        assert!(!detected(&["name", "id"], 100, 30, 100));
        assert!(detected(&["name", "id"], 100, 60, 100));
        assert!(detected(&["First Name", "company"], 100, 3, 0));
        assert!(!detected(&["First Name", "company"], 100, 1, 0));
        assert!(detected(&["name", "email", "company name"], 3, 1, 0));
        // An account has a contact; a contact has no other id.
        assert!(detected(&["company", "Contact Name"], 100, 3, 0));
        assert!(!detected(&["company", "Contact Name", "id"], 100, 3, 100));
    }

    #[test]
    fn it_is_said_in_numbers() {
        let several = SeveralRows {
            rows: 499,
            names: 107,
            of: RowsOf::Contacts,
            one_per: OnePer::Name,
            organizations: 107,
            has_other_ids: false,
        };
        assert_eq!(
            several.to_string(),
            "499 rows, 107 names: one row per contact?"
        );
        assert_eq!(
            several.answers(),
            "for 107 organizations, one per name, add --one-per name; for 499, one for each row, \
             add --one-per row"
        );
    }
}
