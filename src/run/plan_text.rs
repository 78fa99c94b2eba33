//! What a run is about to do, as text for the user.

use super::environment::Environment;
use super::run_plan::RunPlan;
use super::united::Groups;
use super::{EditedRows, Request};
use crate::columns::{Mapping, is_results_column};
use crate::engine::Rate;
use crate::input::Reader;
use crate::organization::DomainState;
use crate::text::{counted, duration, grouped, shell, untrusted};
use crate::validate::{SeveralRows, ValidationSummary, title_of};
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

/// What is shown before a run.
pub(super) struct PlanText<'a> {
    pub(super) request: &'a Request,
    pub(super) reader: &'a Reader,
    /// Which rows are one organization, where they were united.
    pub(super) organizations: Option<&'a Groups>,
    pub(super) mapping: &'a Mapping,
    pub(super) environment: &'a Environment,
    pub(super) results: &'a Path,
    pub(super) summary: &'a ValidationSummary,
    pub(super) plan: &'a RunPlan,
    /// Whether several rows seem to be one customer.
    pub(super) several_rows: Option<&'a SeveralRows>,
}

/// A run of so many requests can be noticed by other users of the key.
const MANY: u64 = 100;

/// How many names or lines are listed in full.
const EXAMPLES: usize = 3;

impl PlanText<'_> {
    /// The plan, a topic a line.
    pub(super) fn text(&self) -> String {
        let source = self.request.source.to_string();
        let mut text = format!(
            "{}: {}, {}",
            untrusted(&source, 300),
            self.reader.read_as(),
            self.rows()
        );
        let _ = write!(text, "\n  columns: {}", columns(self.reader, self.mapping));
        let others = not_sent(self.reader, self.mapping);
        if let Some(first) = others.first().filter(|_| !self.request.is_retry()) {
            let option = shell(first);
            let _ = write!(
                text,
                "\n           to send one of them: --metadata-columns {option}"
            );
        }
        if let Some(findings) = self.findings() {
            let _ = write!(text, "\n  found:   {findings}");
        }
        let topic = match self.organizations {
            Some(_) => "organizations:",
            None => "rows:   ",
        };
        let _ = write!(text, "\n  {topic} {}", self.plan.in_words());
        for note in self.notes() {
            let _ = write!(text, "\n           {note}");
        }
        if self.mapping.domain_state == DomainState::Verified {
            text.push_str("\n  domains: marked as verified WITHOUT a check");
        }
        self.target(&mut text);
        for (topic, warning) in [
            ("limit", self.shared_limit()),
            ("safety", self.duplicates()),
        ] {
            if let Some(warning) = warning {
                let _ = write!(text, "\n  {:<8} {warning}", format!("{topic}:"));
            }
        }
        if self.plan.in_doubt > 0 {
            let patience = duration(self.request.settings.policy.longest_patience());
            let rows = counted(self.plan.in_doubt, "row");
            let _ = write!(
                text,
                "\n  first:   checking {rows} an interrupted run may have sent: up to {patience}"
            );
        }
        if !self.request.is_dry_run {
            let results = self.results.display().to_string();
            let _ = write!(text, "\n  results: {}", untrusted(&results, 300));
        }
        text
    }

    /// What the plan counts.
    const fn noun(&self) -> &'static str {
        match self.organizations {
            Some(_) => "organization",
            None => "row",
        }
    }

    /// `499 rows, 107 organizations (one per name)`.
    fn rows(&self) -> String {
        match (self.organizations, &self.mapping.one_per) {
            (Some(groups), Some(one_per)) => format!(
                "{}, {} (one per {one_per})",
                counted(groups.rows(), "row"),
                counted(groups.organizations(), "organization")
            ),
            _ => counted(self.plan.rows, "row"),
        }
    }

    fn target(&self, text: &mut String) {
        let _ = write!(text, "\n  to:      {}", self.environment.in_words());
        let requests = self.plan.to_send();
        let about = |rate: f64| {
            let seconds = Duration::from_secs_f64((requests as f64 / rate).ceil());
            format!("about {}", duration(seconds))
        };
        match self.request.settings.rate.at_start() {
            Some(rate) => {
                let _ = match self.request.settings.rate {
                    Rate::Auto => write!(text, ", at a rate that adapts"),
                    _ => write!(text, ", at most {rate} requests per second"),
                };
                if requests > 0 {
                    let _ = write!(text, ": {}", about(rate));
                }
            }
            None if self.environment.is_sandbox() && requests > 0 => {
                let (time, rate) = (about(Rate::DEFAULT), Rate::DEFAULT);
                let _ = write!(
                    text,
                    ", as fast as possible; the real import takes {time} ({rate} requests per second)"
                );
            }
            None => text.push_str(", as fast as possible"),
        }
    }

    /// How much of the key's limit the run uses; the user's own application has the rest.
    fn shared_limit(&self) -> Option<String> {
        if self.environment.is_sandbox() || self.plan.to_send() < MANY {
            return None;
        }
        let rate = self.request.settings.rate;
        let percent = |rate: f64| (rate / Rate::DOCUMENTED * 100.0).round();
        let uses = match rate {
            Rate::Auto => "adapts to what this key allows".to_owned(),
            Rate::Unlimited => "uses all of this key's limit".to_owned(),
            Rate::PerSecond(rate) if percent(rate) < 50.0 => return None,
            Rate::PerSecond(rate) => format!("uses {} % of this key's limit", percent(rate)),
        };
        Some(format!(
            "{uses}; if your application uses the same key, leave more room with --rate 20"
        ))
    }

    /// What prevents duplicates where rows have no external id.
    fn duplicates(&self) -> Option<String> {
        let without = self.summary.valid - self.summary.with_external_id;
        if self.plan.to_send() == 0 {
            return None;
        }
        if without == 0 || self.mapping.external_id_generated {
            let is_first = self.plan.done + self.plan.left == 0 && !self.environment.is_sandbox();
            let all = "WorkOS refuses a second organization with the same external id";
            return (is_first && self.plan.new > 0).then(|| all.to_owned());
        }
        let rows = if self.summary.with_external_id == 0 {
            format!("no {} has an external id", self.noun())
        } else if without == 1 {
            format!("1 {} has no external id", self.noun())
        } else {
            format!("{} {}s have no external id", grouped(without), self.noun())
        };
        Some(format!(
            "{rows}: WorkOS cannot refuse their duplicates, only the journal prevents them \
             (see --external-id-from)"
        ))
    }

    /// `3 rows cannot be sent; warnings: 2 × domain_consumer`, and how to see them.
    fn findings(&self) -> Option<String> {
        let invalid = self.summary.invalid();
        let invalid = (invalid > 0).then(|| counted(invalid, self.noun()) + " cannot be sent");
        let warnings = self.summary.warnings();
        let warnings: Vec<_> = warnings
            .iter()
            .map(|kind| {
                let title = title_of(kind.code).unwrap_or(kind.code);
                format!("{} × {title} ({})", grouped(kind.count), kind.code)
            })
            .collect();
        let warnings = (!warnings.is_empty()).then(|| format!("warnings: {}", warnings.join(", ")));
        let findings: Vec<_> = invalid.into_iter().chain(warnings).collect();
        let shown_by = if self.request.is_retry() || self.request.is_dry_run {
            let path = shell(&self.request.source.to_string());
            format!("workos-orgs check {path} shows them")
        } else {
            "this command with --dry-run shows them and sends nothing".to_owned()
        };
        (!findings.is_empty()).then(|| format!("{}\n           {shown_by}", findings.join("; ")))
    }

    /// What is treated as empty or not sent of the cells, as counts.
    fn blanks(&self) -> Option<String> {
        const KINDS: [(&str, &str); 2] = [
            ("placeholder", "placeholders treated as empty"),
            (
                "domain_of_platform",
                "pages on platforms not sent as domains",
            ),
        ];
        let counts: Vec<_> = self
            .summary
            .changes()
            .iter()
            .filter_map(|kind| {
                let (_, words) = KINDS.iter().find(|(code, _)| *code == kind.code)?;
                Some(format!("{words}: {}", grouped(kind.count)))
            })
            .collect();
        (!counts.is_empty()).then(|| counts.join(", "))
    }

    /// What the user should know of the rows.
    fn notes(&self) -> Vec<String> {
        let plan = self.plan;
        let mut notes = plan.notices.clone();
        // Before a run, it is a question.
        let asked = self.several_rows.filter(|_| self.request.is_dry_run);
        notes.extend(asked.map(|several| format!("{several} {}", several.answers())));
        notes.extend(self.summary.left_out_in_words());
        notes.extend(self.blanks());
        if !plan.renamed.is_empty() {
            let action = match self.request.answers.edited_rows {
                Some(EditedRows::Create) => "another organization is created",
                _ => "its organization is kept as it is",
            };
            for renamed in plan.renamed.iter().take(EXAMPLES) {
                notes.push(format!("{} ({action})", renamed.in_words()));
            }
            if let Some(more @ 1..) = plan.renamed.len().checked_sub(EXAMPLES) {
                notes.push(format!("and {} more like this", grouped(more as u64)));
            }
        }
        if !plan.gone.is_empty() {
            let names: Vec<_> = plan.gone.iter().take(EXAMPLES).cloned().collect();
            let more = plan.gone_count.saturating_sub(names.len() as u64);
            let more = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            let verb = if plan.gone_count == 1 { "is" } else { "are" };
            notes.push(format!(
                "{} created earlier {verb} no longer in the list: {}{more}",
                counted(plan.gone_count, "organization"),
                names.join(", ")
            ));
        }
        notes
    }
}

/// How many of the columns that are not sent are named.
const NOT_SENT: usize = 8;

/// `Company → name, Website → domain; not sent (kept in the results file): Notes, Owner`.
fn columns(reader: &Reader, mapping: &Mapping) -> String {
    let mut used = Vec::new();
    for (column, roles) in mapping.table(reader.header()) {
        if roles.is_empty() {
            continue;
        }
        let roles: Vec<_> = roles.iter().map(ToString::to_string).collect();
        let roles = roles.join(" and ");
        if column == roles {
            used.push(column);
        } else {
            used.push(format!("{column} → {roles}"));
        }
    }
    let mut others = not_sent(reader, mapping);
    let mut text = used.join(", ");
    if !others.is_empty() {
        let more = others.len().saturating_sub(NOT_SENT);
        others.truncate(NOT_SENT);
        let _ = write!(
            text,
            "; not sent (kept in the results file): {}",
            others.join(", ")
        );
        if more > 0 {
            let _ = write!(text, " and {more} more");
        }
    }
    untrusted(&text, 1000)
}

/// The user's columns that are not sent.
fn not_sent(reader: &Reader, mapping: &Mapping) -> Vec<String> {
    let table = mapping.table(reader.header()).into_iter();
    let others = table.filter(|(column, roles)| {
        roles.is_empty() && !is_results_column(column) && !column.trim().is_empty()
    });
    others.map(|(column, _)| column).collect()
}
