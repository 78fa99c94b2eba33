//! Rows that repeat an external id, a domain or a name of an earlier row.

use super::Examined;
use super::plan::Plan;
use crate::input::seen::Seen;
use crate::organization::NewOrganization;
use crate::organization::problem::Problem;
use crate::organization::text::quoted;

/// What the valid rows so far hold.
#[derive(Clone, Debug)]
pub(super) struct Duplicates {
    external_ids: Seen,
    domains: Seen,
    names: Seen,
    /// A name as it is compared, kept for its room.
    folded: String,
    /// The fingerprints of the row at hand, likewise.
    fingerprints: Vec<u64>,
}

impl Duplicates {
    /// A memory of no rows.
    pub(super) fn new() -> Self {
        Self {
            external_ids: Seen::new(1),
            domains: Seen::new(2),
            names: Seen::new(3),
            folded: String::new(),
            fingerprints: Vec::new(),
        }
    }

    /// Adds to the findings what repeats an earlier row, and remembers the row if it has no
    /// problems.
    pub(super) fn judge(
        &mut self,
        line: u64,
        organization: &NewOrganization,
        plan: &Plan,
        found: &mut Examined,
    ) {
        let external_id = organization
            .external_id
            .as_deref()
            .filter(|id| !id.is_empty());
        let id = external_id.map(|id| self.external_ids.fingerprint(id));
        // An external id taken from the domain repeats with it: one problem says it all.
        if let (Some(fingerprint), Some(text), Some(column)) =
            (id, external_id, plan.external_id_header())
            && let Some(first) = self.external_ids.line(fingerprint)
        {
            found.problems.push(repeated(
                "external_id_repeated",
                "external id",
                text,
                first,
                column,
            ));
        }
        self.fingerprints.clear();
        for data in &organization.domain_data {
            let fingerprint = self.domains.fingerprint(&data.domain);
            self.fingerprints.push(fingerprint);
            if let Some(first) = self.domains.line(fingerprint) {
                let column = plan.domain_header();
                found.problems.push(repeated(
                    "domain_repeated",
                    "domain",
                    &data.domain,
                    first,
                    column,
                ));
            }
        }
        if !found.problems.is_empty() {
            return;
        }
        self.remember_name(line, &organization.name, plan, found);
        if let Some(fingerprint) = id {
            self.external_ids.insert(fingerprint, line);
        }
        for &fingerprint in &self.fingerprints {
            self.domains.insert(fingerprint, line);
        }
    }

    /// Warns of a name that an earlier row has, and remembers it.
    fn remember_name(&mut self, line: u64, name: &str, plan: &Plan, found: &mut Examined) {
        self.folded.clear();
        if name.is_ascii() {
            self.folded.push_str(name);
            self.folded.make_ascii_lowercase();
        } else {
            self.folded
                .extend(name.chars().flat_map(char::to_lowercase));
        }
        let fingerprint = self.names.fingerprint(&self.folded);
        match self.names.line(fingerprint) {
            None => self.names.insert(fingerprint, line),
            Some(first) => found.warnings.push(
                Problem::new(
                    "name_repeated",
                    format!(
                        "the name {} already stands on line {first}: both rows are sent",
                        quoted(name)
                    ),
                )
                .in_column(plan.name_header()),
            ),
        }
    }
}

/// The problem of a text that may stand in one row only.
fn repeated(code: &'static str, what: &str, text: &str, first: u32, column: &str) -> Problem {
    Problem::new(
        code,
        format!(
            "the {what} {} already stands on line {first}: each may belong to one row only",
            quoted(text)
        ),
    )
    .in_column(column)
}
