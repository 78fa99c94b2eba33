//! The rows of a plan as they are shown: what is created, what is changed and from what to what,
//! and what is in conflict.

use crate::organization::{FieldChange, Fingerprint, NewOrganization};
use crate::text::{counted, grouped, quoted, untrusted};
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// What is done with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// An organization is created.
    Create,
    /// Its organization is changed.
    Update,
    /// Nothing: a person has to decide.
    Conflict,
    /// Nothing: it breaks a rule.
    Invalid,
    /// It may have been sent before: it is looked up first.
    LookUp,
    /// Nothing: the organization that was in its way becomes its own.
    Adopt,
}

impl Action {
    /// In the order in which they are shown.
    const SHOWN: [Self; 5] = [
        Self::Create,
        Self::Update,
        Self::Adopt,
        Self::Conflict,
        Self::LookUp,
    ];

    const fn sign(self) -> char {
        match self {
            Self::Create => '+',
            Self::Update => '~',
            Self::Conflict | Self::Invalid => '!',
            Self::LookUp => '?',
            Self::Adopt => '=',
        }
    }

    /// Its name in a file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Conflict => "conflict",
            Self::Invalid => "invalid",
            Self::LookUp => "look_up",
            Self::Adopt => "adopt",
        }
    }
}

/// A row of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedRow {
    /// The line of the list on which it begins.
    pub line: u64,
    /// What is done with it.
    pub action: Action,
    /// The name in the list; blank where the row has none.
    pub name: String,
    /// The external id in the list.
    pub external_id: Option<String>,
    /// The organization that it is recognized as.
    pub organization_id: Option<String>,
    /// What changes.
    pub changes: Vec<FieldChange>,
    /// Why nothing is done.
    pub reason: Option<String>,
    /// Everything that the row asks for; [`None`] where it breaks a rule. A plan that is carried out
    /// recognizes its rows by it.
    pub fingerprint: Option<Fingerprint>,
}

impl PlannedRow {
    /// A row of which nothing is known but what the list says.
    pub(super) fn new(line: u64, row: Option<&NewOrganization<'_>>, action: Action) -> Self {
        Self {
            line,
            action,
            name: row.map_or_else(String::new, |row| row.name.to_string()),
            external_id: row.and_then(|row| row.external_id.as_deref().map(str::to_owned)),
            organization_id: None,
            changes: Vec::new(),
            reason: None,
            fingerprint: row.map(Self::digest),
        }
    }

    /// Everything that a row asks for, down to the states of its domains.
    pub(super) fn digest(row: &NewOrganization<'_>) -> Fingerprint {
        // Text always serializes.
        Fingerprint::of_bytes(&serde_json::to_vec(row).unwrap_or_default())
    }
}

/// A row that is not carried out, because it is not what was planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// The line of the list on which it begins; of a row that is gone, on which it began.
    pub line: u64,
    /// Its name.
    pub name: String,
    /// What has changed.
    pub reason: String,
}

/// How many rows of a kind are shown on a screen.
pub(super) const SHOWN: usize = 20;

/// The rows of a plan for a screen: at most 20 of each kind.
pub(super) fn in_words(rows: &[PlannedRow]) -> String {
    let mut text = String::new();
    for action in Action::SHOWN {
        let of_kind = || rows.iter().filter(|row| row.action == action);
        for row in of_kind().take(SHOWN) {
            write_row(&mut text, row);
        }
        let more = of_kind().count().saturating_sub(SHOWN);
        if more > 0 {
            let rows = counted(more as u64, "row");
            let _ = writeln!(
                text,
                "  {} and {rows} more to {}",
                action.sign(),
                words(action)
            );
        }
    }
    text
}

const fn words(action: Action) -> &'static str {
    match action {
        Action::Create => "create",
        Action::Update => "update",
        Action::Conflict => "decide on",
        Action::Invalid => "correct",
        Action::LookUp => "look up",
        Action::Adopt => "take as they are",
    }
}

fn write_row(text: &mut String, row: &PlannedRow) {
    let name = untrusted(&row.name, 100);
    let _ = write!(text, "  {} line {}: {name}", row.action.sign(), row.line);
    match (&row.organization_id, row.action) {
        (Some(id), Action::Update | Action::Adopt) => {
            let _ = write!(text, " ({})", untrusted(id, 60));
        }
        _ => {
            if let Some(id) = &row.external_id {
                let _ = write!(text, " [{}]", untrusted(id, 130));
            }
        }
    }
    if let Some(reason) = &row.reason {
        let _ = write!(text, "\n      {}", untrusted(reason, 500));
    }
    write_changes(text, &row.changes);
    text.push('\n');
}

/// What changes, a field a line.
pub(super) fn write_changes(text: &mut String, changes: &[FieldChange]) {
    for change in changes {
        let value = |value: &Option<String>| match value {
            Some(value) => format!("\"{}\"", untrusted(value, 200)),
            None => "(none)".to_owned(),
        };
        let (before, after) = (value(&change.before), value(&change.after));
        let field = untrusted(&change.field, 60);
        let _ = write!(text, "\n      {field}: {before} → {after}");
    }
}

/// The skipped rows for a screen.
pub(super) fn skipped_in_words(rows: &[Skipped]) -> String {
    let all = counted(rows.len() as u64, "row");
    let mut text = format!("{all} skipped, not as in the plan:");
    for row in rows.iter().take(SHOWN) {
        let name = quoted(&row.name);
        let reason = untrusted(&row.reason, 400);
        let _ = write!(text, "\n  line {}: {name}: {reason}", row.line);
    }
    if let Some(more @ 1..) = rows.len().checked_sub(SHOWN) {
        let _ = write!(text, "\n  and {} more", grouped(more as u64));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: u64, action: Action) -> PlannedRow {
        PlannedRow {
            line,
            action,
            name: "Acme".to_owned(),
            external_id: None,
            organization_id: None,
            changes: Vec::new(),
            reason: None,
            fingerprint: None,
        }
    }

    #[test]
    fn each_kind_has_its_sign_and_changes_show_both_values() {
        let update = PlannedRow {
            organization_id: Some("org_1".to_owned()),
            changes: vec![FieldChange {
                field: "name".to_owned(),
                before: Some("Acme".to_owned()),
                after: Some("Acme \u{202e}Inc.".to_owned()),
            }],
            ..row(3, Action::Update)
        };
        let conflict = PlannedRow {
            reason: Some("it may be either".to_owned()),
            ..row(4, Action::Conflict)
        };
        let text = in_words(&[update, row(2, Action::Create), conflict]);
        assert_eq!(
            text.lines().collect::<Vec<_>>(),
            [
                "  + line 2: Acme",
                "  ~ line 3: Acme (org_1)",
                "      name: \"Acme\" → \"Acme Inc.\"",
                "  ! line 4: Acme",
                "      it may be either",
            ]
        );
    }

    #[test]
    fn at_most_20_of_a_kind_are_shown() {
        let rows: Vec<_> = (1..=25).map(|line| row(line, Action::Create)).collect();
        let text = in_words(&rows);
        assert_eq!(text.lines().count(), 21);
        assert!(text.ends_with("  + and 5 rows more to create\n"), "{text}");
    }
}
