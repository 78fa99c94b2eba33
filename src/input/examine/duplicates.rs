//! Rows that repeat an external id, a domain or a name of an earlier row.

use super::Examined;
use super::plan::Plan;
use crate::input::seen::{Fingerprint, Seen};
use crate::organization::NewOrganization;
use crate::organization::problem::Problem;
use crate::organization::text::quoted;

/// What the valid rows so far hold.
#[derive(Clone, Debug)]
pub(super) struct Duplicates {
    seen: Seen,
    /// Whether anybody wants to be warned of repeated names.
    names_count: bool,
    /// A name as it is compared, kept for its room.
    folded: String,
    /// The fingerprints of the domains of the row at hand, likewise.
    domains: Vec<Fingerprint>,
}

/// Kinds of text, which are remembered apart from each other.
const EXTERNAL_ID: u64 = 1;
const DOMAIN: u64 = 2;
const NAME: u64 = 3;

impl Duplicates {
    /// A memory of no rows.
    pub(super) fn new() -> Self {
        Self {
            seen: Seen::new(),
            names_count: true,
            folded: String::new(),
            domains: Vec::new(),
        }
    }

    /// Remembers no names, and warns of none that is repeated.
    pub(super) fn forget_names(&mut self) {
        self.names_count = false;
    }

    /// Adds to the findings what repeats an earlier row, and remembers the row if it has no
    /// problems.
    pub(super) fn judge(
        &mut self,
        line: u64,
        organization: &NewOrganization<'_>,
        plan: &Plan,
        found: &mut Examined<'_>,
    ) {
        let external_id = organization.external_id.as_deref();
        // All fingerprints come before all look-ups, so that the processor waits for the memory of
        // all look-ups at once.
        let id = external_id.map(|id| Fingerprint::of(EXTERNAL_ID, id));
        let domains = organization.domain_data.iter();
        self.domains.clear();
        self.domains
            .extend(domains.map(|data| Fingerprint::of(DOMAIN, &data.domain)));
        let name = self.names_count.then(|| {
            self.fold(&organization.name);
            Fingerprint::of(NAME, &self.folded)
        });
        let first_with_id = id.and_then(|id| self.seen.line(id));
        let first_with_name = name.and_then(|name| self.seen.line(name));

        // An external id taken from the domain repeats with it: one problem says it all.
        if let (Some(first), Some(text), Some(column)) =
            (first_with_id, external_id, plan.external_id_header())
        {
            let problem = repeated("external_id_repeated", "external id", text, first, column);
            found.problems.push(problem);
        }
        for (fingerprint, data) in self.domains.iter().zip(&organization.domain_data) {
            if let Some(first) = self.seen.line(*fingerprint) {
                let column = plan.domain_header();
                let typed = found.changes.iter().find(|change| change.to == data.domain);
                let typed = typed
                    .filter(|change| change.code == "domain_to_ascii")
                    .map_or(&data.domain, |change| &change.from);
                let problem = repeated("domain_repeated", "domain", typed, first, column);
                found.problems.push(problem);
            }
        }
        if !found.problems.is_empty() {
            return;
        }
        if let Some(first) = first_with_name {
            let warning = same_name(&organization.name, first, plan);
            found.warnings.push(warning);
        }
        let new_name = name.filter(|_| first_with_name.is_none());
        for fingerprint in id.iter().chain(&self.domains).chain(&new_name) {
            self.seen.insert(*fingerprint, line);
        }
    }

    /// Puts a name into the form in which names are compared.
    fn fold(&mut self, name: &str) {
        self.folded.clear();
        self.folded.push_str(name);
        self.folded.make_ascii_lowercase();
        if !name.is_ascii() && self.folded.chars().any(char::is_uppercase) {
            self.folded = self.folded.to_lowercase();
        }
    }
}

/// The warning of a name that an earlier row has.
fn same_name(name: &str, first: u32, plan: &Plan) -> Problem {
    let message = format!(
        "the name {} already stands on line {first}: both rows are sent",
        quoted(name)
    );
    Problem::new("name_repeated", message).in_column(plan.name_header())
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
