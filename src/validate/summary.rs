//! Validation summary of a list: counts, and the first examples of every kind.

use super::validated::{Change, Validated};
use crate::organization::problem::Problem;
use crate::text::{counted, quoted};
use std::collections::BTreeMap;

/// Findings of one kind.
#[derive(Clone, Debug)]
pub(crate) struct Group<T> {
    /// The stable name of the kind.
    pub code: &'static str,
    /// How often it was found.
    pub count: u64,
    /// The first of them, each with the line of its row.
    pub examples: Vec<(u64, T)>,
}

/// Validation summary of the rows so far.
#[derive(Clone, Debug)]
pub(crate) struct ValidationSummary {
    /// How many rows there are.
    pub rows: u64,
    /// How many of them can be sent.
    pub valid: u64,
    /// How many organizations will have an external id.
    pub with_external_id: u64,
    /// How many organizations will have a domain.
    pub with_domain: u64,
    /// How many rows have a name that an earlier row has.
    pub repeated_names: u64,
    /// The lines below the list that are no rows, each with its text.
    pub left_out: Vec<(u64, String)>,
    problems: Groups<Problem>,
    warnings: Groups<Problem>,
    changes: Groups<Change<'static>>,
    examples: usize,
}

type Groups<T> = BTreeMap<&'static str, Group<T>>;

impl ValidationSummary {
    /// A summary of no rows, which will keep so many examples of each kind.
    pub(crate) fn new(examples: usize) -> Self {
        Self {
            rows: 0,
            valid: 0,
            with_external_id: 0,
            with_domain: 0,
            repeated_names: 0,
            left_out: Vec::new(),
            problems: Groups::new(),
            warnings: Groups::new(),
            changes: Groups::new(),
            examples,
        }
    }

    /// Adds the result of the row on a line.
    pub(crate) fn add(&mut self, line: u64, validated: &Validated<'_>) {
        self.rows += 1;
        self.repeated_names += u64::from(validated.repeats_name);
        if let Some(organization) = &validated.organization {
            self.valid += 1;
            self.with_external_id += u64::from(organization.external_id.is_some());
            self.with_domain += u64::from(!organization.domain_data.is_empty());
        }
        let keep = self.examples;
        for found in &validated.problems {
            add(&mut self.problems, found.code, keep, || {
                (line, found.clone())
            });
        }
        for found in &validated.warnings {
            add(&mut self.warnings, found.code, keep, || {
                (line, found.clone())
            });
        }
        for found in &validated.changes {
            let example = || (line, found.clone().into_owned());
            add(&mut self.changes, found.code, keep, example);
        }
    }

    /// Takes the findings about cells of rows that were united to the rows of this summary.
    pub(crate) fn take_cells(&mut self, rows: Self) {
        self.left_out = rows.left_out;
        self.changes = rows.changes;
        take(&mut self.warnings, rows.warnings);
    }

    /// Takes the problems of rows that were united.
    pub(crate) fn take_problems(&mut self, rows: &Self) {
        take(&mut self.problems, rows.problems.clone());
    }

    /// How many rows have a problem of this kind.
    pub(crate) fn count_of(&self, code: &str) -> u64 {
        self.problems.get(code).map_or(0, |group| group.count)
    }

    /// What was left out below the list, in words; blank if nothing was.
    pub(crate) fn left_out_in_words(&self) -> Option<String> {
        const SHOWN: usize = 3;
        let texts = self.left_out.iter().take(SHOWN);
        let texts: Vec<_> = texts
            .map(|(line, text)| format!("line {line} {}", quoted(text)))
            .collect();
        let more = match self.left_out.len().saturating_sub(SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let count = counted(self.left_out.len() as u64, "line");
        (!texts.is_empty()).then(|| {
            format!(
                "left out {count} below the list (--keep-footer sends them): {}{more}",
                texts.join(", ")
            )
        })
    }

    /// How many rows cannot be sent.
    pub(crate) fn invalid(&self) -> u64 {
        self.rows - self.valid
    }

    /// Why rows cannot be sent, the most frequent first.
    pub(crate) fn problems(&self) -> Vec<&Group<Problem>> {
        sorted(&self.problems)
    }

    /// What is sent but may be refused or not be meant, the most frequent first.
    pub(crate) fn warnings(&self) -> Vec<&Group<Problem>> {
        sorted(&self.warnings)
    }

    /// What is cleaned, the most frequent first.
    pub(crate) fn changes(&self) -> Vec<&Group<Change<'static>>> {
        sorted(&self.changes)
    }
}

fn take(groups: &mut Groups<Problem>, others: Groups<Problem>) {
    for (code, group) in others {
        let known = groups.entry(code);
        known
            .and_modify(|known| known.count += group.count)
            .or_insert(group);
    }
}

fn add<T>(
    groups: &mut Groups<T>,
    code: &'static str,
    keep: usize,
    example: impl FnOnce() -> (u64, T),
) {
    let group = groups.entry(code).or_insert(Group {
        code,
        count: 0,
        examples: Vec::new(),
    });
    group.count += 1;
    if group.examples.len() < keep {
        group.examples.push(example());
    }
}

fn sorted<T>(groups: &Groups<T>) -> Vec<&Group<T>> {
    let mut sorted: Vec<_> = groups.values().collect();
    sorted.sort_by_key(|group| std::cmp::Reverse(group.count));
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_counted_and_the_first_examples_kept() {
        let mut summary = ValidationSummary::new(2);
        for line in 2..=5 {
            let mut validated = Validated::default();
            validated
                .problems
                .push(Problem::new("often", "often wrong"));
            if line == 4 {
                validated
                    .problems
                    .push(Problem::new("a_rare_one", "rarely wrong"));
            }
            summary.add(line, &validated);
        }
        assert_eq!((summary.rows, summary.valid, summary.invalid()), (4, 0, 4));
        let groups = summary.problems();
        assert_eq!((groups[0].code, groups[0].count), ("often", 4));
        assert_eq!(
            groups[0]
                .examples
                .iter()
                .map(|(line, _)| *line)
                .collect::<Vec<_>>(),
            [2, 3]
        );
        assert_eq!(groups[1].code, "a_rare_one");
    }
}
