//! The rows of a plan as they are shown: what is created, what is changed and from what to what,
//! and what is in conflict.

use super::environment::Environment;
use super::planning::RunPlan;
use crate::organization::{FieldChange, changes_in_words};
use crate::results::safe_cell;
use crate::text::{counted, grouped, untrusted};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::fmt::Write;
use std::io;

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
}

impl Action {
    /// In the order in which they are shown.
    const SHOWN: [Self; 4] = [Self::Create, Self::Update, Self::Conflict, Self::LookUp];

    const fn sign(self) -> char {
        match self {
            Self::Create => '+',
            Self::Update => '~',
            Self::Conflict | Self::Invalid => '!',
            Self::LookUp => '?',
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
        }
    }
}

/// A row of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
}

/// A plan, as it is shown where nothing else is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Where it leads.
    pub environment: Environment,
    /// How many organizations are created.
    pub create: u64,
    /// How many are changed.
    pub update: u64,
    /// How many rows are done, or have an organization with their values.
    pub unchanged: u64,
    /// How many rows need a person.
    pub conflicts: u64,
    /// How many rows break a rule.
    pub invalid: u64,
    /// How many rows are looked up before they are sent.
    pub look_up: u64,
    /// How many rows are left alone: beyond the limit, or refused before.
    pub left: u64,
    /// How many organizations are no row's; [`None`] where they were not counted.
    pub other_organizations: Option<u64>,
    /// Some of them, as (id, name), where they are asked for.
    pub others_shown: Vec<(String, String)>,
    /// The rows for which something is to do.
    pub rows: Vec<PlannedRow>,
}

impl Planned {
    pub(super) fn of(plan: &mut RunPlan, environment: &Environment) -> Self {
        Self {
            environment: environment.clone(),
            create: (plan.new + plan.again).saturating_sub(plan.invalid),
            update: plan.updates,
            unchanged: plan.unchanged + plan.done,
            conflicts: plan.conflicts,
            invalid: plan.invalid,
            look_up: plan.in_doubt,
            left: plan.left + plan.beyond_limit,
            other_organizations: plan.other_organizations,
            others_shown: std::mem::take(&mut plan.others_shown),
            rows: std::mem::take(&mut plan.planned),
        }
    }

    /// Whether there is anything to do.
    pub const fn has_changes(&self) -> bool {
        self.create + self.update + self.look_up > 0
    }

    /// The plan for a screen: at most 20 rows of each kind, and the counts in the last line.
    pub fn text(&self) -> String {
        let mut text = in_words(&self.rows);
        for (id, name) in &self.others_shown {
            let (id, name) = (untrusted(id, 60), untrusted(name, 100));
            let _ = writeln!(text, "    not in the list: {name} ({id})");
        }
        let counts = [
            (self.create, "to create", "to create"),
            (self.update, "to update", "to update"),
            (self.look_up, "to check first", "to check first"),
            (self.unchanged, "unchanged", "unchanged"),
            (self.conflicts, "conflict", "conflicts"),
            (self.invalid, "invalid", "invalid"),
            (self.left, "left", "left"),
        ];
        let counts = counts.iter().filter(|(count, _, _)| *count > 0);
        let counts: Vec<_> = counts
            .map(|(count, one, more)| {
                format!(
                    "{} {}",
                    grouped(*count),
                    if *count == 1 { one } else { more }
                )
            })
            .collect();
        let counts = if counts.is_empty() {
            "no rows".to_owned()
        } else {
            counts.join(", ")
        };
        let others = match self.other_organizations {
            Some(1) => "; 1 other organization exists".to_owned(),
            Some(others) => format!("; {} other organizations exist", grouped(others)),
            None => String::new(),
        };
        let target = if self.environment.is_production() {
            "PRODUCTION".to_owned()
        } else {
            self.environment.in_words()
        };
        let _ = write!(
            text,
            "Plan for {target} (key {}): {counts}{others}. Nothing was sent.",
            self.environment.key
        );
        text
    }

    /// The plan as one JSON object, with all rows.
    pub fn json(&self, list: &str) -> String {
        json!({
            "schema": 1,
            "command": "plan",
            "input": list,
            "environment": self.environment.name,
            "api": self.environment.api,
            "key": self.environment.key,
            "counts": {
                "create": self.create,
                "update": self.update,
                "unchanged": self.unchanged,
                "conflict": self.conflicts,
                "invalid": self.invalid,
                "look_up": self.look_up,
                "left": self.left,
            },
            "other_organizations": self.other_organizations,
            "not_in_list": self.others_shown.iter()
                .map(|(id, name)| json!({"id": id, "name": name}))
                .collect::<Vec<_>>(),
            "rows": self.rows,
        })
        .to_string()
    }

    /// All rows as CSV, a line each.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_csv(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let mut csv = csv::Writer::from_writer(out);
        csv.write_record([
            "line",
            "action",
            "name",
            "external_id",
            "organization_id",
            "changes",
            "reason",
        ])?;
        for row in &self.rows {
            let changes = changes_in_words(&row.changes);
            csv.write_record([
                &*row.line.to_string(),
                row.action.name(),
                &safe_cell(&row.name),
                &safe_cell(row.external_id.as_deref().unwrap_or_default()),
                &safe_cell(row.organization_id.as_deref().unwrap_or_default()),
                &safe_cell(&changes),
                &safe_cell(row.reason.as_deref().unwrap_or_default()),
            ])?;
        }
        csv.flush()
    }
}

/// How many rows of a kind are shown on a screen.
const SHOWN: usize = 20;

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
    }
}

fn write_row(text: &mut String, row: &PlannedRow) {
    let name = untrusted(&row.name, 100);
    let _ = write!(text, "  {} line {}: {name}", row.action.sign(), row.line);
    match (&row.organization_id, row.action) {
        (Some(id), Action::Update) => {
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
    for change in &row.changes {
        let value = |value: &Option<String>| match value {
            Some(value) => format!("\"{}\"", untrusted(value, 200)),
            None => "(none)".to_owned(),
        };
        let (before, after) = (value(&change.before), value(&change.after));
        let field = untrusted(&change.field, 60);
        let _ = write!(text, "\n      {field}: {before} → {after}");
    }
    text.push('\n');
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
                "      name: \"Acme\" → \"Acme \u{fffd}Inc.\"",
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
