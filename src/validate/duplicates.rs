//! Rows that repeat an external id, a domain or a name of an earlier row.

use super::fingerprints::{Fingerprint, FingerprintIndex};
use super::validated::Validated;
use crate::columns::{is_organization_id_column, is_results_column};
use crate::organization::problem::Problem;
use crate::organization::{NewOrganization, domain};
use crate::table::{Cells, Row};
use crate::text::quoted;
use std::collections::HashSet;
use std::sync::Arc;

/// What the valid rows so far hold.
#[derive(Clone, Debug)]
pub(super) struct Duplicates {
    seen: FingerprintIndex,
    /// What rows have repeated so far.
    again: HashSet<Fingerprint>,
    /// What rows will repeat, where all were read before: nothing else has to be remembered.
    repeats: Option<RepeatedTexts>,
    /// Whether anybody wants to be warned of repeated names.
    names_count: bool,
    /// Whether several rows may have the same domain.
    may_share_domains: bool,
    /// Whether rows may repeat everything, because they are united before they are sent.
    are_united_later: bool,
}

/// The external ids, domains, names and equal rows that are repeated in a list, as fingerprints in
/// order.
#[derive(Clone, Debug, Default)]
pub struct RepeatedTexts(Arc<[Fingerprint]>);

/// How many repeated texts are few.
const FEW: usize = 1000;

impl RepeatedTexts {
    /// Their fingerprints, where there are few, to be kept with the list.
    pub fn few(&self) -> Option<Vec<u64>> {
        let few = self.0.len() <= FEW;
        few.then(|| self.0.iter().map(|it| it.number()).collect())
    }

    /// Those that were kept.
    pub fn kept(mut fingerprints: Vec<u64>) -> Self {
        fingerprints.sort_unstable();
        let fingerprints = fingerprints.into_iter().map(Fingerprint::of_number);
        Self(fingerprints.collect())
    }
}

/// What rows claim for themselves, one row after another: the fingerprints of its external id, of
/// its name and of its domains.
#[derive(Debug, Default)]
pub(super) struct Claims {
    fingerprints: Vec<Fingerprint>,
    /// Where those begin that are not checked yet.
    next: usize,
    /// A name as it is compared, kept for its room.
    folded: String,
}

/// The headers of the columns whose texts are compared with those of earlier rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Headers<'a> {
    pub(super) name: &'a str,
    pub(super) domain: &'a str,
    /// `None` if the external id is taken from the domain.
    pub(super) external_id: Option<&'a str>,
}

/// Kinds of text, which are remembered apart from each other.
const EXTERNAL_ID: u64 = 1;
const DOMAIN: u64 = 2;
const NAME: u64 = 3;
const ROW: u64 = 4;

/// The fingerprint of the cells of a row, of those that `is_own` says.
pub(super) fn of_cells(row: &Row, is_own: impl Fn(usize) -> bool) -> Option<Fingerprint> {
    match &row.cells {
        Cells::Record(record) => {
            let cells = record
                .iter()
                .enumerate()
                .filter(|(index, _)| is_own(*index));
            Some(Fingerprint::of_all(ROW, cells.map(|(_, cell)| cell)))
        }
        Cells::Object(object) => {
            let is_own = |key: &str| !is_results_column(key) || is_organization_id_column(key);
            let own = object.iter().filter(|(key, _)| is_own(key));
            let cells = own.flat_map(|(key, value)| [key.as_str(), value.get()]);
            Some(Fingerprint::of_all(ROW, cells))
        }
        Cells::Unreadable { .. } => None,
    }
}

impl Claims {
    /// Forgets all claims.
    pub(super) fn clear(&mut self) {
        self.fingerprints.clear();
        self.next = 0;
    }

    /// Adds what the organization of a row claims, if there is one.
    pub(super) fn add(&mut self, organization: Option<&NewOrganization<'_>>) {
        let Some(organization) = organization else {
            return;
        };
        let id = organization.external_id.iter();
        let id = id.map(|id| Fingerprint::of(EXTERNAL_ID, id));
        fold(&organization.name, &mut self.folded);
        let name = Fingerprint::of(NAME, &self.folded);
        let domains = organization.domain_data.iter();
        let domains = domains.map(|data| Fingerprint::of(DOMAIN, &data.domain));
        self.fingerprints.extend(id.chain([name]).chain(domains));
    }

    /// Takes the claims of the next organization: its external id, its name, its domains.
    fn take(
        &mut self,
        organization: &NewOrganization<'_>,
    ) -> Option<(Option<Fingerprint>, Fingerprint, &[Fingerprint])> {
        let ids = usize::from(organization.external_id.is_some());
        let rest = self.fingerprints.get(self.next..)?;
        let (id, rest) = rest.split_at_checked(ids)?;
        let (name, rest) = rest.split_first()?;
        let domains = rest.get(..organization.domain_data.len())?;
        self.next += ids + 1 + domains.len();
        Some((id.first().copied(), *name, domains))
    }
}

/// Puts a name into the form in which names are compared.
fn fold(name: &str, folded: &mut String) {
    folded.clear();
    folded.push_str(name);
    folded.make_ascii_lowercase();
    if !name.is_ascii() && folded.chars().any(char::is_uppercase) {
        *folded = folded.to_lowercase();
    }
}

impl Duplicates {
    /// No rows yet.
    pub(super) fn new(may_share_domains: bool, are_united_later: bool) -> Self {
        Self {
            seen: FingerprintIndex::new(),
            again: HashSet::new(),
            repeats: None,
            names_count: true,
            may_share_domains,
            are_united_later,
        }
    }

    /// Remembers no names, and warns of none that is repeated.
    pub(super) fn forget_names(&mut self) {
        self.names_count = false;
    }

    /// What rows have repeated so far.
    pub(super) fn repeats(&self) -> RepeatedTexts {
        let mut again: Vec<_> = self.again.iter().copied().collect();
        again.sort_unstable();
        RepeatedTexts(again.into())
    }

    /// Remembers only what rows are known to repeat.
    pub(super) fn expect(&mut self, repeats: RepeatedTexts) {
        self.repeats = Some(repeats);
    }

    /// How many texts are remembered.
    #[cfg(test)]
    pub(super) fn remembers(&self) -> usize {
        self.seen.count()
    }

    /// The line on which something was first seen that is repeated now.
    fn first(&mut self, claim: Fingerprint) -> Option<u32> {
        let first = self.seen.line(claim)?;
        self.again.insert(claim);
        Some(first)
    }

    fn remember(&mut self, claim: Fingerprint, line: u64) {
        let repeats = self.repeats.as_ref();
        if repeats.is_none_or(|repeats| repeats.0.binary_search(&claim).is_ok()) {
            self.seen.insert(claim, line);
        }
    }

    /// Prefetches the memory in which all these claims will be checked.
    pub(super) fn fetch(&self, claims: &Claims) {
        self.seen.fetch(&claims.fingerprints);
    }

    /// Adds to the findings what repeats an earlier row, and remembers the row if it has no
    /// problems. `row` is the fingerprint of all its cells, where equal rows are none of their own.
    /// The claims of organizations are checked in the order in which they were added.
    pub(super) fn check(
        &mut self,
        line: u64,
        organization: &NewOrganization<'_>,
        claims: &mut Claims,
        headers: &Headers<'_>,
        row: Option<Fingerprint>,
        found: &mut Validated<'_>,
    ) {
        let Some((id, name, domains)) = claims.take(organization) else {
            return;
        };
        if self.are_united_later {
            return;
        }
        let first_with_id = id.and_then(|id| self.first(id));
        // An external id taken from the domain repeats with it: one problem says it all.
        if let (Some(first), Some(text), Some(column)) = (
            first_with_id,
            &organization.external_id,
            headers.external_id,
        ) {
            let problem = repeated("external_id_repeated", "external id", text, first, column);
            found.problems.push(problem);
        }
        let compared = if self.may_share_domains { &[] } else { domains };
        for (claim, data) in compared.iter().zip(&organization.domain_data) {
            if let Some(first) = self.first(*claim) {
                let column = headers.domain;
                let why = domain::warning(&data.domain);
                if domain::is_consumer_domain(&data.domain)
                    && let Some(problem) = why
                {
                    // No row can have it: that another one has it too says nothing.
                    found.warnings.retain(|it| it.code != problem.code);
                    found.problems.push(problem.in_column(column));
                    continue;
                }
                let typed = found.changes.iter().find(|change| change.to == data.domain);
                let typed = typed
                    .filter(|change| change.code == "domain_to_ascii")
                    .map_or(&data.domain, |change| &change.from);
                let mut problem = repeated("domain_repeated", "domain", typed, first, column);
                // A platform's domain explains why several rows have it.
                let why = why.map(|warning| warning.message);
                let why = why.as_deref().unwrap_or("--shared-domains sends both rows");
                problem.message = format!("{}; {why}", problem.message);
                found.problems.push(problem);
            }
        }
        let counted = Some(name).filter(|_| self.names_count);
        let first_of_name = counted.and_then(|name| self.first(name));
        found.repeats_name = first_of_name.is_some();
        if let Some(first) = row.and_then(|row| self.first(row)) {
            let message = format!("the row is equal to line {first} in every cell");
            found.problems.push(Problem::new("row_repeated", message));
        }
        if !found.problems.is_empty() {
            return;
        }
        for claim in id.iter().chain(domains).chain(&row) {
            self.remember(*claim, line);
        }
        match first_of_name {
            Some(first) => {
                let warning = same_name(&organization.name, first, headers.name);
                found.warnings.push(warning);
            }
            None if self.names_count => self.remember(name, line),
            None => {}
        }
    }
}

/// The warning of a name that an earlier row has.
fn same_name(name: &str, first: u32, column: &str) -> Problem {
    let message = format!(
        "the name {} is also on line {first}: both rows are sent",
        quoted(name)
    );
    Problem::new("name_repeated", message).in_column(column)
}

/// The problem of a text that can be used only once.
fn repeated(code: &'static str, what: &str, text: &str, first: u32, column: &str) -> Problem {
    Problem::new(
        code,
        format!(
            "the {what} {} is also on line {first}: it can be used only once",
            quoted(text)
        ),
    )
    .in_column(column)
}
