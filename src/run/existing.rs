//! Comparing a list with what WorkOS already has, so that importing it again creates nothing.
//!
//! The cheaper way is taken: listing the environment, or looking up the domains of the rows, many
//! at once. Where both would cost more than a tenth of the run, the plan says that the list was
//! not compared.

use super::memory::Memory;
use super::preparation::Prepared;
use super::{Error, Opened, Request};
use crate::columns::is_results_column;
use crate::engine::{Engine, ReadError};
use crate::journal::{Outcome, Progress, State};
use crate::organization::{Fingerprint, NewOrganization};
use crate::plan::{Adopted, Candidate, Decision, adopt, content, hash_of};
use crate::results::{Record, Status};
use crate::snapshot::{self, Entry, Listing, Snapshot, likeness, list, look_up_domains};
use crate::text::counted;
use crate::validate::Validated;
use crate::workos::{ListQuery, OrganizationsApi};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// How many pages may be listed whatever the run costs.
const PAGES: u64 = 10;
/// What part of a run the comparison may cost: one request in so many.
const SHARE: u64 = 10;
/// How many domains are looked up with one request.
const DOMAINS: u64 = 50;

/// Finds the rows that WorkOS already has, marks them in the plan, and returns their outcomes.
///
/// # Errors
/// When WorkOS does not answer, or the list cannot be read again.
pub(super) async fn adopt_existing<A: OrganizationsApi>(
    request: &Request,
    opened: &Opened,
    prepared: &mut Prepared,
    claims: &[Outcome],
    memory: &Memory,
    engine: &Engine<A>,
) -> Result<Vec<Outcome>, Failed> {
    // WorkOS itself compares rows with an external id.
    let have_ids = prepared.summary.with_external_id == prepared.summary.valid;
    if request.answers.allow_duplicates || prepared.plan.to_send() == 0 || have_ids {
        return Ok(Vec::new());
    }
    let wanted = Wanted::read(request, opened, prepared, memory)?;
    if wanted.rows() == 0 {
        return Ok(Vec::new());
    }
    let Some(snapshot) = snapshot_for(request, opened, prepared, &wanted, engine).await? else {
        return Ok(Vec::new());
    };
    let mut found = Found::read(request, opened, prepared, memory, &snapshot)?;
    let claimed: HashSet<u64> = claims
        .iter()
        .map(|claim| hash_of(claim.organization_id.as_deref()))
        .collect();
    let is_owned = |entry: &Entry| {
        let hash = hash_of(Some(&entry.id));
        memory.is_owned(hash) || claimed.contains(&hash) || found.with_id.contains(&entry.content)
    };
    wanted.offer(&snapshot, is_owned, prepared);
    let in_doubt: HashSet<u64> = wanted.doubtful.iter().map(|row| row.likeness).collect();
    let rows = found.candidates.iter().copied();
    let adopted = adopt(rows, &snapshot, is_owned, |likeness| {
        in_doubt.contains(&likeness)
    });
    let outcomes = adopted.into_iter().map(|row| {
        let texts = found.texts.remove(&row.candidate.index);
        prepared.plan.adopt(row.candidate.index);
        outcome(
            prepared,
            row,
            texts.unwrap_or((String::new(), Fingerprint(0))),
        )
    });
    Ok(outcomes.collect())
}

/// Why the list could not be compared.
#[derive(Debug)]
pub(super) enum Failed {
    /// WorkOS did not answer.
    Read(ReadError),
    /// Its list leads in a circle.
    Listing(snapshot::Error<ReadError>),
    /// The list cannot be read again.
    List(Error),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::List(error)
    }
}

impl From<snapshot::Error<ReadError>> for Failed {
    fn from(error: snapshot::Error<ReadError>) -> Self {
        match error {
            snapshot::Error::Fetch(error) => Self::Read(error),
            other => Self::Listing(other),
        }
    }
}

/// The rows that WorkOS does not compare itself, because they have no external id.
#[derive(Debug, Default)]
struct Wanted {
    /// How many are not known to have been sent, also where the journal is incomplete.
    unsent: u64,
    /// How many of these have a domain.
    unsent_with_domain: u64,
    /// Those that may have been sent. The engine looks each of them up; their organizations are
    /// left to them.
    doubtful: Vec<Candidate>,
    doubtful_with_domain: u64,
}

impl Wanted {
    fn read(
        request: &Request,
        opened: &Opened,
        prepared: &Prepared,
        memory: &Memory,
    ) -> Result<Self, Error> {
        let mut wanted = Self::default();
        prepared.read_rows(request, opened, |index, _, row| {
            let Some(organization) = to_compare(prepared, index, row) else {
                return;
            };
            let has_domain = u64::from(!organization.domain_data.is_empty());
            if is_in_doubt(prepared, memory, index) {
                wanted.doubtful.push(candidate(index, organization));
                wanted.doubtful_with_domain += has_domain;
            } else {
                wanted.unsent += 1;
                wanted.unsent_with_domain += has_domain;
            }
        })?;
        Ok(wanted)
    }

    fn rows(&self) -> u64 {
        self.unsent + self.doubtful.len() as u64
    }

    /// Tells rows in doubt which organizations equal them, whenever these were created.
    fn offer(
        &self,
        snapshot: &Snapshot,
        is_owned: impl Fn(&Entry) -> bool,
        prepared: &mut Prepared,
    ) {
        let mut equal: HashMap<Fingerprint, Arc<[String]>> = HashMap::new();
        let plan = &mut prepared.plan;
        for row in &self.doubtful {
            let (id, _) = plan.places.at(row.index);
            if let Some(doubt) = plan.doubts.get_mut(&id) {
                let equal = equal.entry(row.list).or_insert_with(|| {
                    let entries = snapshot.by_content(row.list);
                    let free = entries.filter(|entry| !is_owned(entry));
                    free.map(|entry| entry.id).collect()
                });
                doubt.equal = Arc::clone(equal);
            }
        }
    }
}

/// The organization of a row that is sent and that WorkOS does not compare itself.
fn to_compare<'a>(
    prepared: &Prepared,
    index: usize,
    row: &'a Validated<'_>,
) -> Option<&'a NewOrganization<'a>> {
    let organization = row.organization.as_ref();
    organization.filter(|it| it.external_id.is_none() && prepared.plan.is_sent(index))
}

fn candidate(index: usize, organization: &NewOrganization<'_>) -> Candidate {
    let domains = organization.domain_data.iter();
    Candidate {
        index,
        list: organization.fingerprint(),
        likeness: likeness(&organization.name, domains.map(|it| it.domain.as_ref())).0,
    }
}

/// What a second reading of the list has found in WorkOS: of most rows nothing is kept.
#[derive(Debug, Default)]
struct Found {
    /// Rows that are like an organization.
    candidates: Vec<Candidate>,
    /// Their names and all their cells, by their places: the journal keeps them, so that a later run can
    /// say as what an edited row is there.
    texts: HashMap<usize, (String, Fingerprint)>,
    /// What rows with an external id hold that equal an organization, which is left to them.
    with_id: HashSet<Fingerprint>,
}

impl Found {
    fn read(
        request: &Request,
        opened: &Opened,
        prepared: &Prepared,
        memory: &Memory,
        snapshot: &Snapshot,
    ) -> Result<Self, Error> {
        let mut found = Self::default();
        let retried = prepared.layout_of_retry(request);
        let header = retried.map(|layout| layout.original_header().to_vec());
        let header = header.unwrap_or_else(|| opened.header());
        prepared.read_rows(request, opened, |index, cells, row| {
            let Some(organization) = &row.organization else {
                return;
            };
            if organization.external_id.is_some() {
                let content = organization.fingerprint();
                if snapshot.by_content(content).next().is_some() {
                    found.with_id.insert(content);
                }
            }
            let Some(organization) = to_compare(prepared, index, row) else {
                return;
            };
            let row = candidate(index, organization);
            let mut alike = snapshot.by_likeness(Fingerprint(row.likeness));
            if alike.next().is_some() && !is_in_doubt(prepared, memory, index) {
                found.candidates.push(row);
                let cells = content(cells, &header, |name| !is_results_column(name));
                let name = organization.name.to_string();
                found.texts.insert(index, (name, Fingerprint(cells)));
            }
        })?;
        Ok(found)
    }
}

/// Rows in doubt are looked up one by one; their organizations are left to them.
pub(super) fn likenesses_in_doubt(prepared: &Prepared, memory: &Memory) -> HashSet<u64> {
    let rows = prepared.facts.iter().enumerate();
    let rows = rows.filter(|(_, row)| row.likeness != 0);
    rows.filter(|(index, _)| is_in_doubt(prepared, memory, *index))
        .map(|(_, row)| row.likeness)
        .collect()
}

/// Whether a row is looked up because it may have been sent, as far as the journal knows.
fn is_in_doubt(prepared: &Prepared, memory: &Memory, index: usize) -> bool {
    let (id, _) = prepared.plan.places.at(index);
    let is_unseen = |state: &State| state.progress(id.into()) == Progress::Unseen;
    prepared.plan.decision(index) == Decision::LookUp
        && !memory.state.as_ref().is_some_and(is_unseen)
}

/// What is there, as far as it is needed; `None` where it was not compared.
async fn snapshot_for<A: OrganizationsApi>(
    request: &Request,
    opened: &Opened,
    prepared: &mut Prepared,
    wanted: &Wanted,
    engine: &Engine<A>,
) -> Result<Option<Snapshot>, Failed> {
    let fetch = async |query: ListQuery<'_>| engine.list(&query).await;
    let with_domain = wanted.unsent_with_domain + wanted.doubtful_with_domain;
    let budget = if with_domain == wanted.rows() {
        with_domain.div_ceil(DOMAINS)
    } else {
        (wanted.rows() / SHARE).max(PAGES)
    };
    let budget = (!request.answers.compare).then_some(budget.max(1));
    match list(fetch, budget).await? {
        Listing::Complete(snapshot) => {
            prepared.plan.listed = Some(snapshot.len() as u64);
            return Ok(Some(snapshot));
        }
        Listing::Unsupported => {
            prepared.plan.notices.push(
                "WorkOS does not list organizations here, so the list was not compared with them"
                    .to_owned(),
            );
            return Ok(None);
        }
        Listing::Exceeded { .. } => {}
    }
    let domains = domains(request, opened, prepared)?;
    let names = domains.iter().map(String::as_str);
    let found = match look_up_domains(fetch, names).await {
        Ok(found) => Some(found),
        Err(snapshot::Error::FilterIgnored) => None,
        Err(error) => return Err(error.into()),
    };
    let compared = found.as_ref().map_or(0, |_| wanted.unsent_with_domain);
    let left = wanted.unsent - compared;
    if left > 0 {
        prepared.plan.notices.push(format!(
            "{} without external id and domain not compared with WorkOS: what is already there is created again. To compare, add --compare",
            counted(left, "row"),
        ));
    }
    Ok(found)
}

/// The first domains of the rows that are compared, each once.
fn domains(request: &Request, opened: &Opened, prepared: &Prepared) -> Result<Vec<String>, Error> {
    let mut domains = Vec::new();
    prepared.read_rows(request, opened, |index, _, row| {
        let organization = to_compare(prepared, index, row);
        let first = organization.and_then(|it| it.domain_data.first());
        domains.extend(first.map(|data| data.domain.to_string()));
    })?;
    domains.sort_unstable();
    domains.dedup();
    Ok(domains)
}

fn outcome(prepared: &Prepared, row: Adopted, (name, cells): (String, Fingerprint)) -> Outcome {
    let message = if row.is_equal {
        "already in WorkOS with the same values"
    } else {
        "already in WorkOS with the same name and domains; other values differ"
    };
    let (id, _) = prepared.plan.places.at(row.candidate.index);
    let record = Record {
        organization_id: Some(row.organization_id),
        message: Some(message.to_owned()),
        ..Record::new(id.into(), Status::Unchanged)
    };
    Outcome::new(record, row.candidate.list, None, name, None).with_cells(Some(cells))
}
