//! Several rows of one organization: what each says, and what they add up to.
//!
//! Both are written as JSON, because the rows of an organization may be anywhere in a list: what
//! each says is kept on the disk until all of them are there.

use super::titles::code_of;
use super::validated::Validated;
use crate::columns::{Differing, Mapping};
use crate::organization::metadata::{self, Metadata};
use crate::organization::problem::Problem;
use crate::organization::{DomainData, DomainState, NewOrganization, name_key};
use crate::text::{counted, quoted};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

/// The key of an object that is an organization to which rows were united.
pub(crate) const UNITED_KEY: &str = "workos_united";

/// The code of rows that differ.
pub(super) const DIFFER: &str = "rows_differ";
/// The code of an organization one of whose rows breaks a rule.
pub(crate) const ROW_INVALID: &str = "united_row_invalid";

/// How many values a problem names.
const NAMED: usize = 3;
/// How long joined values may become; the rest is too long for WorkOS anyway.
const LONGEST: usize = 4 * metadata::MAX_VALUE;

/// What a row says of its organization.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RowOfOne {
    /// The line on which it begins.
    pub(crate) line: u64,
    /// Blank where the row breaks a rule.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    domains: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    metadata: BTreeMap<String, String>,
    /// Why the row cannot be sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    problems: Vec<UnitedProblem>,
}

/// An organization to which rows were united.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct United {
    name: String,
    domains: Vec<String>,
    external_id: Option<String>,
    metadata: BTreeMap<String, String>,
    /// A hash of what its rows have in common; 0 where it has one row that is blank there.
    key: u64,
    problems: Vec<UnitedProblem>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct UnitedProblem {
    code: String,
    column: Option<String>,
    message: String,
}

impl RowOfOne {
    /// What a row on this line says.
    pub(crate) fn of(line: u64, found: &Validated<'_>) -> Self {
        let row = Self {
            line,
            external_id: found.external_id().map(str::to_owned),
            problems: found.problems.iter().map(UnitedProblem::of).collect(),
            ..Self::default()
        };
        let Some(organization) = &found.organization else {
            return row;
        };
        let domains = organization.domain_data.iter();
        let pairs = organization.metadata.iter();
        Self {
            name: organization.name.to_string(),
            domains: domains.map(|data| data.domain.to_string()).collect(),
            metadata: pairs.map(|(k, v)| (k.to_string(), v.to_string())).collect(),
            ..row
        }
    }
}

/// The different values that rows have of one field, each with the line of its first row.
#[derive(Debug, Default)]
struct Values {
    all: Vec<(u64, String)>,
    length: usize,
}

impl Values {
    /// Adds the value of a row, unless it is blank or the same as one before.
    fn add(&mut self, line: u64, value: String, is_same: impl Fn(&str, &str) -> bool) {
        let is_known = self.all.iter().any(|(_, known)| is_same(known, &value));
        if !is_known && !value.is_empty() && self.length <= LONGEST {
            self.length += value.len();
            self.all.push((line, value));
        }
    }

    /// The value that is sent, or why none is.
    fn decided(
        self,
        column: &str,
        differing: Differing,
        hint: &str,
        problems: &mut Vec<UnitedProblem>,
    ) -> Option<String> {
        if self.all.len() > 1 && differing == Differing::Problem {
            let named = self.all.iter().take(NAMED);
            let named: Vec<_> = named
                .map(|(line, value)| format!("{} on line {line}", quoted(value)))
                .collect();
            let more = match self.all.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {}", counted(more as u64, "other value")),
            };
            problems.push(UnitedProblem {
                code: DIFFER.to_owned(),
                column: Some(column.to_owned()),
                message: format!(
                    "the rows of one organization differ: {}{more}; {hint}",
                    named.join(", ")
                ),
            });
        }
        let values = self.all.into_iter().map(|(_, value)| value);
        if differing == Differing::Join {
            let joined: Vec<String> = values.collect();
            return (!joined.is_empty()).then(|| joined.join(", "));
        }
        let mut values = values;
        values.next()
    }
}

/// Rows of one organization, one after another.
#[derive(Debug)]
pub(crate) struct Uniting<'m> {
    mapping: &'m Mapping,
    names: Values,
    ids: Values,
    metadata: BTreeMap<String, Values>,
    domains: Vec<String>,
    has_domain: HashSet<String>,
    rows: u64,
    /// How many rows break a rule, and the first of them with their problems.
    invalid: u64,
    first_invalid: Option<(u64, Vec<UnitedProblem>)>,
}

impl<'m> Uniting<'m> {
    /// No rows yet.
    pub(crate) fn new(mapping: &'m Mapping) -> Self {
        Self {
            mapping,
            names: Values::default(),
            ids: Values::default(),
            metadata: BTreeMap::new(),
            domains: Vec::new(),
            has_domain: HashSet::new(),
            rows: 0,
            invalid: 0,
            first_invalid: None,
        }
    }

    /// Adds a row.
    pub(crate) fn add(&mut self, row: RowOfOne) {
        let line = row.line;
        self.rows += 1;
        let is_one_name = |a: &str, b: &str| name_key(a) == name_key(b);
        let is_equal = |a: &str, b: &str| a == b;
        self.names.add(line, row.name, is_one_name);
        if !self.mapping.external_id_from_domain {
            let id = row.external_id.unwrap_or_default();
            self.ids.add(line, id, is_equal);
        }
        for (key, value) in row.metadata {
            self.metadata
                .entry(key)
                .or_default()
                .add(line, value, is_equal);
        }
        for domain in row.domains {
            if self.has_domain.insert(domain.clone()) {
                self.domains.push(domain);
            }
        }
        if !row.problems.is_empty() {
            self.invalid += 1;
            self.first_invalid.get_or_insert((line, row.problems));
        }
    }

    /// What the rows add up to.
    pub(crate) fn united(self, key: u64) -> United {
        const FIRST: &str = "to send the first, add --differing first";
        const ID: &str = "if it is the id of a person, add --map external_id=; to send the first, add --differing first";
        const VALUE: &str =
            "to send the first, add --differing first; to send all, add --differing join";
        let Self {
            mapping,
            names,
            ids,
            metadata,
            domains,
            rows,
            invalid,
            first_invalid,
            ..
        } = self;
        let mut problems = match first_invalid {
            Some((_, problems)) if rows == 1 => problems,
            Some(first) => vec![of_rows(rows, invalid, &first)],
            None => Vec::new(),
        };
        let one = match mapping.differing {
            Differing::Join => Differing::First,
            differing => differing,
        };
        let name = names.decided(&mapping.name, one, FIRST, &mut problems);
        let column = mapping.external_id.as_deref().unwrap_or("external_id");
        let id = ids.decided(column, one, ID, &mut problems);
        let metadata = metadata.into_iter().filter_map(|(key, values)| {
            let column = mapping.metadata.get(&key).unwrap_or(&key);
            let value = values.decided(column, mapping.differing, VALUE, &mut problems)?;
            Some((key, value))
        });
        let metadata = metadata.collect();
        let of_domain = || domains.first().cloned();
        United {
            external_id: id.or_else(|| of_domain().filter(|_| mapping.external_id_from_domain)),
            name: name.unwrap_or_default(),
            domains,
            metadata,
            key,
            problems,
        }
    }
}

/// The problem of an organization some of whose rows break a rule.
fn of_rows(rows: u64, invalid: u64, (line, problems): &(u64, Vec<UnitedProblem>)) -> UnitedProblem {
    let more = match invalid - 1 {
        0 => String::new(),
        more => format!(", and {} more", counted(more, "row")),
    };
    let why: Vec<_> = problems.iter().map(UnitedProblem::in_words).collect();
    UnitedProblem {
        code: ROW_INVALID.to_owned(),
        column: None,
        message: format!(
            "{} of one organization are not sent because of line {line}{more}: {}",
            counted(rows, "row"),
            why.join("; ")
        ),
    }
}

impl UnitedProblem {
    fn of(problem: &Problem) -> Self {
        Self {
            code: problem.code.to_owned(),
            column: problem.column.clone(),
            message: problem.message.clone(),
        }
    }

    fn in_words(&self) -> String {
        Problem::from(self.clone()).to_string()
    }
}

impl United {
    /// It as it is read by [`read`].
    pub(crate) fn to_json(&self) -> String {
        // Text always serializes.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// What there is to say of an organization to which rows were united.
pub(super) fn read<'a>(json: &str, state: DomainState) -> Validated<'a> {
    let text: String = serde_json::from_str(json).unwrap_or_default();
    let united: United = serde_json::from_str(&text).unwrap_or_default();
    let domains = united.domains.into_iter().map(|domain| DomainData {
        domain: domain.into(),
        state,
    });
    let pairs = united.metadata.into_iter();
    let metadata: Metadata<'_> = pairs
        .map(|(key, value)| (Cow::Owned(key), Cow::Owned(value)))
        .collect();
    let mut problems: Vec<_> = united.problems.into_iter().map(Problem::from).collect();
    problems.extend(metadata.iter().filter_map(|(k, v)| metadata::problem(k, v)));
    problems.extend(metadata::whole_problem(&metadata));
    Validated {
        warnings: metadata::warnings(&metadata),
        organization: Some(NewOrganization {
            name: united.name.into(),
            domain_data: domains.collect(),
            external_id: united.external_id.map(Cow::Owned),
            metadata,
        }),
        problems,
        key: united.key,
        ..Validated::default()
    }
}

impl From<UnitedProblem> for Problem {
    fn from(problem: UnitedProblem) -> Self {
        Self {
            code: code_of(&problem.code).unwrap_or(ROW_INVALID),
            column: problem.column,
            message: problem.message,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::MappingOptions;
    use crate::table::Format;
    use proptest::prelude::*;

    fn mapping(differing: Differing) -> Mapping {
        let header = ["name", "external_id", "Plan"].map(str::to_owned);
        let options = MappingOptions {
            differing: Some(differing),
            metadata_columns: vec!["Plan".to_owned()],
            ..MappingOptions::default()
        };
        Mapping::resolve(&header, Format::Csv, &options).unwrap()
    }

    fn row(line: u64, name: &str, id: &str, domains: &[&str], plan: &str) -> RowOfOne {
        RowOfOne {
            line,
            name: name.to_owned(),
            domains: domains.iter().map(|it| (*it).to_owned()).collect(),
            external_id: (!id.is_empty()).then(|| id.to_owned()),
            metadata: [("Plan".to_owned(), plan.to_owned())].into(),
            problems: Vec::new(),
        }
    }

    fn united(mapping: &Mapping, rows: Vec<RowOfOne>) -> United {
        let mut uniting = Uniting::new(mapping);
        for row in rows {
            uniting.add(row);
        }
        uniting.united(7)
    }

    #[test]
    fn blank_cells_and_other_spellings_of_a_name_do_not_differ() {
        let rows = vec![
            row(2, "Acme Inc", "", &["acme.com"], ""),
            row(5, "ACME  inc", "a1", &["acme.de", "acme.com"], "pro"),
        ];
        let united = united(&mapping(Differing::Problem), rows);
        assert_eq!(united.problems, []);
        assert_eq!(united.name, "Acme Inc");
        assert_eq!(united.external_id.as_deref(), Some("a1"));
        assert_eq!(united.domains, ["acme.com", "acme.de"]);
        assert_eq!(united.metadata["Plan"], "pro");
    }

    #[test]
    fn what_differs_is_named_with_its_lines() {
        let rows = || {
            vec![
                row(2, "Acme", "a1", &[], "pro"),
                row(4, "Beta", "a2", &[], "free"),
            ]
        };
        let refused = united(&mapping(Differing::Problem), rows());
        let of = |problem: &UnitedProblem| (problem.column.clone().unwrap(), problem.code.clone());
        let found: Vec<_> = refused.problems.iter().map(of).collect();
        let column = |name: &str| (name.to_owned(), DIFFER.to_owned());
        assert_eq!(
            found,
            [column("name"), column("external_id"), column("Plan")]
        );
        let message = &refused.problems[0].message;
        assert!(
            message.contains("\"Acme\" on line 2, \"Beta\" on line 4"),
            "{message}"
        );
        for (differing, plan) in [(Differing::First, "pro"), (Differing::Join, "pro, free")] {
            let united = united(&mapping(differing), rows());
            assert_eq!(united.problems, []);
            assert_eq!(
                (united.name.as_str(), united.metadata["Plan"].as_str()),
                ("Acme", plan)
            );
            assert_eq!(united.external_id.as_deref(), Some("a1"));
        }
    }

    #[test]
    fn one_invalid_row_is_the_problem_of_all_and_a_row_by_itself_keeps_its_own() {
        let invalid = |line| RowOfOne {
            problems: vec![UnitedProblem::of(
                &Problem::new("domain_invalid", "no domain").in_column("domain"),
            )],
            ..row(line, "", "", &[], "")
        };
        let mapping = mapping(Differing::Problem);
        let rows = vec![row(2, "Acme", "", &[], ""), invalid(3), invalid(4)];
        let several = united(&mapping, rows);
        assert_eq!(several.problems[0].code, ROW_INVALID);
        assert_eq!(
            several.problems[0].message,
            "3 rows of one organization are not sent because of line 3, and 1 row more: column \"domain\": no domain"
        );
        let one = united(&mapping, vec![invalid(3)]);
        assert_eq!(one.problems[0].code, "domain_invalid");
    }

    proptest! {
        /// What is read back is what was written, and has all that the rows say.
        #[test]
        fn everything_that_rows_say_is_sent_or_a_problem(rows in proptest::collection::vec(
            (0..3_usize, 0..3_usize, proptest::collection::vec(0..4_usize, 0..3), 0..3_usize), 1..6
        )) {
            const NAMES: [&str; 3] = ["Acme", "ACME", "Beta"];
            const TEXTS: [&str; 3] = ["", "1", "2"];
            const DOMAINS: [&str; 4] = ["a.com", "b.com", "c.com", "d.com"];
            let mapping = mapping(Differing::Problem);
            let rows: Vec<_> = (2..).zip(rows).map(|(line, (name, id, domains, plan))| {
                let domains: Vec<_> = domains.iter().map(|it| DOMAINS[*it]).collect();
                row(line, NAMES[name], TEXTS[id], &domains, TEXTS[plan])
            }).collect();
            let different = |of: &dyn Fn(&RowOfOne) -> String| {
                let values = rows.iter().map(of).filter(|value| !value.is_empty());
                values.collect::<HashSet<_>>().len()
            };
            let counts = [
                different(&|row| name_key(&row.name)),
                different(&|row| row.external_id.clone().unwrap_or_default()),
                different(&|row| row.metadata["Plan"].clone()),
            ];
            let domains: HashSet<_> = rows.iter().flat_map(|row| row.domains.clone()).collect();
            let united = united(&mapping, rows.clone());
            prop_assert_eq!(united.problems.len(), counts.iter().filter(|it| **it > 1).count());
            let json = serde_json::to_string(&united.to_json()).unwrap();
            let found = read(&json, DomainState::Pending);
            let organization = found.organization.unwrap();
            let sent: HashSet<_> = organization.domain_data.iter().map(|it| it.domain.to_string()).collect();
            prop_assert_eq!(sent.len(), organization.domain_data.len());
            prop_assert_eq!(sent, domains);
            prop_assert_eq!(organization.external_id.is_some(), counts[1] > 0);
            prop_assert_eq!(organization.metadata.len(), usize::from(counts[2] > 0));
            prop_assert_eq!(found.problems.len(), united.problems.len());
            prop_assert_eq!(found.key, 7);
        }
    }
}
