//! A plan that is not carried out: for a screen, as JSON and as CSV.

use super::environment::Environment;
use super::plan_file::{Counts, Other, PlanFile};
use super::planned::{PlannedRow, SHOWN, in_words};
use super::run_plan::RunPlan;
use super::understood::Understood;
use crate::organization::{SyncOptions, changes_in_words};
use crate::results::safe_cell;
use crate::text::{grouped, untrusted};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::fmt::Write;
use std::io;

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
    /// How many rows are left alone, because they were refused before.
    pub left: u64,
    /// How many rows are beyond the limit.
    pub beyond_limit: u64,
    /// How many organizations are no row's; [`None`] where they were not counted.
    pub other_organizations: Option<u64>,
    /// Some of them, as (id, name), where they are asked for.
    pub others_shown: Vec<(String, String)>,
    /// How the list was understood.
    pub understood: Understood,
    /// How rows were compared with organizations.
    pub comparison: SyncOptions,
    /// The rows for which something is to do.
    pub rows: Vec<PlannedRow>,
}

impl Planned {
    pub(super) fn of(
        plan: &mut RunPlan,
        environment: &Environment,
        understood: Understood,
        comparison: &SyncOptions,
    ) -> Self {
        Self {
            environment: environment.clone(),
            create: (plan.new + plan.again).saturating_sub(plan.invalid),
            update: plan.updates,
            unchanged: plan.unchanged + plan.done,
            conflicts: plan.conflicts,
            invalid: plan.invalid,
            look_up: plan.in_doubt,
            left: plan.left,
            beyond_limit: plan.beyond_limit,
            other_organizations: plan.other_organizations,
            others_shown: std::mem::take(&mut plan.others_shown),
            understood,
            comparison: comparison.clone(),
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
        for (id, name) in self.others_shown.iter().take(SHOWN) {
            let (id, name) = (untrusted(id, 60), untrusted(name, 100));
            let _ = writeln!(text, "    not in the list: {name} ({id})");
        }
        if let Some(more @ 1..) = self.others_shown.len().checked_sub(SHOWN) {
            let more = grouped(more as u64);
            let _ = writeln!(
                text,
                "    and {more} more that are not in the list: see --json"
            );
        }
        let counts = [
            (self.create, "to create", "to create"),
            (self.update, "to update", "to update"),
            (self.look_up, "to check first", "to check first"),
            (self.unchanged, "unchanged", "unchanged"),
            (self.conflicts, "conflict", "conflicts"),
            (self.invalid, "invalid", "invalid"),
            (self.left, "refused before", "refused before"),
            (self.beyond_limit, "beyond --limit", "beyond --limit"),
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
            self.environment.key_end()
        );
        text
    }

    /// The fields of the plan in the object of another command.
    pub fn fields(&self) -> Map<String, Value> {
        let others = self.others_shown.iter();
        let fields = json!({
            "environment": {"name": self.environment.name, "api": self.environment.api},
            "key": self.environment.key,
            "counts": self.counts(),
            "other_organizations": self.other_organizations,
            "not_in_list": others
                .map(|(id, name)| json!({"id": id, "name": name}))
                .collect::<Vec<_>>(),
            "planned": self.rows,
        });
        match fields {
            Value::Object(fields) => fields,
            _ => Map::new(),
        }
    }

    const fn counts(&self) -> Counts {
        Counts {
            create: self.create,
            update: self.update,
            unchanged: self.unchanged,
            conflict: self.conflicts,
            invalid: self.invalid,
            look_up: self.look_up,
            left: self.left + self.beyond_limit,
        }
    }

    /// The plan of a list as one JSON object, with all rows. It is written as it is made.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_json(&self, list: &str, exit_code: u8, out: &mut dyn io::Write) -> io::Result<()> {
        let others = self.others_shown.iter().map(|(id, name)| Other {
            id: id.into(),
            name: name.into(),
        });
        let mut file = PlanFile::of(&self.environment, list, &self.understood, exit_code);
        file.comparison = Cow::Borrowed(&self.comparison);
        file.counts = self.counts();
        file.other_organizations = self.other_organizations;
        file.not_in_list = others.collect();
        file.planned = self.rows.as_slice().into();
        file.write(out)
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
