//! What a verification found, as text and as JSON.

use super::super::environment::Environment;
use super::super::object::object_with;
use super::comparison::{Compared, Unowned};
use super::fields::Difference;
use crate::organization::changes_in_words;
use crate::text::{counted, grouped, quoted, untrusted};
use serde_json::{Value, json};
use std::fmt::Write;

/// How many findings of a kind are printed; JSON has up to [`IN_JSON`].
const SHOWN: usize = 20;
const IN_JSON: usize = 10_000;

/// A row of the journal, as it is named.
#[derive(Clone, Debug, Default)]
pub(super) struct NamedRow {
    /// Its number in the list; 0 where the list has it no more.
    pub(super) number: u64,
    pub(super) name: String,
    pub(super) organization_id: String,
}

/// What a verification found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) compared: Compared,
    pub(super) gone: Vec<NamedRow>,
    pub(super) different: Vec<(NamedRow, Difference)>,
    /// Domains whose state is not the one that was sent.
    pub(super) states: Vec<(NamedRow, String)>,
    /// Rows whose organization exists once more, and its id.
    pub(super) twice: Vec<(NamedRow, String)>,
    /// Rows that may have been sent, and what came of it is not known.
    pub(super) in_doubt: u64,
    /// Rows that were there before and whose values are not known.
    pub(super) not_compared: u64,
    /// How many findings of each kind there are, where not all are kept.
    pub(super) counts: Counts,
}

/// How many findings of each kind there are.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) gone: u64,
    pub(super) different: u64,
    pub(super) states: u64,
}

impl Findings {
    /// Adds a finding unless there are many already.
    pub(super) fn keep<T>(list: &mut Vec<T>, count: &mut u64, finding: impl FnOnce() -> T) {
        *count += 1;
        if list.len() < IN_JSON {
            list.push(finding());
        }
    }

    /// Organizations that no row owns and that are no row's twin.
    fn others(&self) -> impl Iterator<Item = (&String, &Unowned)> {
        let unowned = self.compared.unowned.iter();
        unowned.filter(|(_, it)| it.twin_of.is_none())
    }

    fn other_count(&self) -> u64 {
        self.others().count() as u64 + self.compared.more_unowned
    }

    /// Whether everything is as the journal has it.
    pub(super) fn are_none(&self) -> bool {
        let Counts {
            gone,
            different,
            states,
        } = self.counts;
        gone + different + states + self.in_doubt + self.other_count() == 0 && self.twice.is_empty()
    }

    /// As text.
    pub(super) fn text(&self, environment: &str) -> String {
        let mut text = format!(
            "compared {} with {} in {environment}\n",
            counted(self.compared.rows, "row"),
            counted(self.compared.organizations, "organization"),
        );
        section(
            &mut text,
            self.counts.gone,
            "row whose organization does not exist any more",
            "rows whose organizations do not exist any more",
            self.gone.iter().map(NamedRow::in_words),
        );
        section(
            &mut text,
            self.counts.different,
            "row whose organization differs from what was sent (sent → WorkOS)",
            "rows whose organizations differ from what was sent (sent → WorkOS)",
            self.different
                .iter()
                .map(|(row, difference)| format!("{}: {}", row.in_words(), difference.in_words())),
        );
        section(
            &mut text,
            self.counts.states,
            "domain whose state differs from what was sent (sent → WorkOS)",
            "domains whose states differ from what was sent (sent → WorkOS)",
            self.states
                .iter()
                .map(|(row, state)| format!("{}: {state}", row.in_words())),
        );
        section(
            &mut text,
            self.twice.len() as u64,
            "organization exists twice",
            "organizations exist more than once",
            self.twice
                .iter()
                .map(|(row, also)| format!("{}, and {}", row.in_words(), untrusted(also, 60))),
        );
        section(
            &mut text,
            self.other_count(),
            "organization was created since the run began and is not in the journal",
            "organizations were created since the run began and are not in the journal",
            self.others().map(|(id, other)| other.in_words(id)),
        );
        if self.in_doubt > 0 {
            let rows = counted(self.in_doubt, "row");
            let _ = writeln!(
                text,
                "\n{rows} may have been sent, and the result is not known: run the import again"
            );
        }
        if self.not_compared > 0 {
            let rows = counted(self.not_compared, "row");
            let _ = writeln!(
                text,
                "\nnot compared: {rows} whose organization was there before the run, and whose values are not in the results file any more"
            );
        }
        if self.are_none() {
            text.push_str("\nno differences");
        }
        text.trim_end().to_owned()
    }

    /// As one JSON object.
    pub(super) fn json(&self, results: &str, environment: &Environment, exit_code: u8) -> String {
        let row = |row: &NamedRow| {
            json!({
                "row": row.number,
                "name": row.name,
                "organization_id": row.organization_id,
            })
        };
        let with = |named: &NamedRow, key: &str, value: Value| {
            let mut object = row(named);
            if let Some(object) = object.as_object_mut() {
                object.insert(key.to_owned(), value);
            }
            object
        };
        let different = self.different.iter();
        let others = self.others().map(|(id, other)| {
            json!({"organization_id": id, "name": other.name, "created_at": other.created_at})
        });
        let found = json!({
            "results": results,
            "rows": self.compared.rows,
            "organizations": self.compared.organizations,
            "counts": {
                "gone": self.counts.gone,
                "different": self.counts.different,
                "domain_states": self.counts.states,
                "twice": self.twice.len(),
                "not_in_journal": self.other_count(),
                "in_doubt": self.in_doubt,
                "not_compared": self.not_compared,
            },
            "gone": self.gone.iter().map(row).collect::<Vec<_>>(),
            "different": different
                .map(|(named, it)| with(named, "fields", it.json()))
                .collect::<Vec<_>>(),
            "domain_states": self.states
                .iter()
                .map(|(named, state)| with(named, "state", json!(state)))
                .collect::<Vec<_>>(),
            "twice": self.twice
                .iter()
                .map(|(named, also)| with(named, "other_organization_id", json!(also)))
                .collect::<Vec<_>>(),
            "not_in_journal": others.collect::<Vec<_>>(),
        });
        object_with("verify", Some(environment), None, exit_code, found)
    }
}

/// A kind of finding, with its first items.
fn section(
    text: &mut String,
    count: u64,
    one: &str,
    many: &str,
    items: impl Iterator<Item = String>,
) {
    if count == 0 {
        return;
    }
    let what = if count == 1 { one } else { many };
    let _ = writeln!(text, "\n{} {what}", grouped(count));
    for item in items.take(SHOWN) {
        let _ = writeln!(text, "  {item}");
    }
    if count > SHOWN as u64 {
        let more = grouped(count - SHOWN as u64);
        let _ = writeln!(text, "  and {more} more: see --json");
    }
}

impl NamedRow {
    fn in_words(&self) -> String {
        let place = match self.number {
            0 => "a row that is not in the list any more".to_owned(),
            number => format!("row {number}"),
        };
        let id = untrusted(&self.organization_id, 60);
        format!("{place} {} ({id})", quoted(&self.name))
    }
}

impl Unowned {
    fn in_words(&self, id: &str) -> String {
        let id = untrusted(id, 60);
        let created = self.created_at;
        let created = created.map_or_else(String::new, |at| format!(", created {at:.0}"));
        format!("{} ({id}){created}", quoted(&self.name))
    }
}

impl Difference {
    fn in_words(&self) -> String {
        match self {
            Self::Fields(changes) => changes_in_words(changes),
            Self::DomainsOrMetadata | Self::NotCompared => {
                "domains or metadata (the results file does not have what was sent)".to_owned()
            }
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Fields(changes) => changes
                .iter()
                .map(|it| json!({"field": it.field, "sent": it.before, "found": it.after}))
                .collect(),
            Self::DomainsOrMetadata | Self::NotCompared => {
                json!([{"field": "domains or metadata", "sent": null, "found": null}])
            }
        }
    }
}
