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
    /// `None` where nobody wants to be warned of repeated names.
    names: Option<Seen>,
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
            names: Some(Seen::new(3)),
            folded: String::new(),
            fingerprints: Vec::new(),
        }
    }

    /// Forgets names, and warns of none that is repeated.
    pub(super) fn forget_names(&mut self) {
        self.names = None;
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
        // All fingerprints come before all look-ups, so that the processor waits for the memory of
        // all look-ups at once.
        let external_id = organization.external_id.as_deref();
        let id = external_id.map(|id| self.external_ids.fingerprint(id));
        let domains = organization
            .domain_data
            .iter()
            .map(|data| data.domain.as_str());
        self.fingerprints.clear();
        self.fingerprints
            .extend(domains.map(|domain| self.domains.fingerprint(domain)));
        if self.names.is_some() {
            self.fold(&organization.name);
        }
        let name = self.names.as_ref().map(|names| {
            let fingerprint = names.fingerprint(&self.folded);
            (fingerprint, names.line(fingerprint))
        });
        let first_with_id = id.and_then(|fingerprint| self.external_ids.line(fingerprint));

        // An external id taken from the domain repeats with it: one problem says it all.
        if let (Some(first), Some(text), Some(column)) =
            (first_with_id, external_id, plan.external_id_header())
        {
            let problem = repeated("external_id_repeated", "external id", text, first, column);
            found.problems.push(problem);
        }
        for (fingerprint, data) in self.fingerprints.iter().zip(&organization.domain_data) {
            if let Some(first) = self.domains.line(*fingerprint) {
                let column = plan.domain_header();
                let problem = repeated("domain_repeated", "domain", &data.domain, first, column);
                found.problems.push(problem);
            }
        }
        if !found.problems.is_empty() {
            return;
        }
        match (name, &mut self.names) {
            (Some((_, Some(first))), _) => {
                let warning = same_name(&organization.name, first, plan);
                found.warnings.push(warning);
            }
            (Some((fingerprint, None)), Some(names)) => names.insert(fingerprint, line),
            _ => {}
        }
        if let Some(fingerprint) = id {
            self.external_ids.insert(fingerprint, line);
        }
        for &fingerprint in &self.fingerprints {
            self.domains.insert(fingerprint, line);
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
