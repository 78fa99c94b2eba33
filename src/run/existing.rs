//! Comparing a list with what WorkOS already has, so that importing it again creates nothing.
//!
//! The cheaper way is taken: listing the environment, or looking up the domains of the rows, many
//! at once. Where both would cost more than a tenth of the run, the plan says that the list was
//! not compared.

use super::copied::Copied;
use super::memory::Memory;
use super::preparation::Prepared;
use super::reread::read_again;
use super::survey::{Survey, survey};
use super::{Error, Opened, Request};
use crate::engine::{Engine, ReadError};
use crate::journal::{Outcome, Progress, State};
use crate::organization::{Fingerprint, NewOrganization};
use crate::plan::{Adopted, Decision, Facts, adopt, hash_of};
use crate::results::{Record, Status};
use crate::snapshot::{self, Entry, Listing, Snapshot, list, look_up_domains};
use crate::text::counted;
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
    if request.answers.allow_duplicates || prepared.plan.to_send() == 0 {
        return Ok(Vec::new());
    }
    if prepared.facts.is_empty() {
        prepared.facts = facts(request, &opened.copied, prepared)?;
    }
    let rows = Compared::new(prepared, memory);
    if rows.unsent.is_empty() && rows.doubtful.is_empty() {
        return Ok(Vec::new());
    }
    let Some(snapshot) = snapshot_for(request, opened, prepared, &rows, engine).await? else {
        return Ok(Vec::new());
    };
    let claimed: HashSet<u64> = claims
        .iter()
        .map(|claim| hash_of(claim.organization_id.as_deref()))
        .collect();
    // An organization that equals a row with an external id is left to that row.
    let with_id = prepared.facts.iter().filter(|row| row.external != 0);
    let with_id: HashSet<Fingerprint> = with_id.map(|row| row.list).collect();
    let is_owned = |entry: &Entry| {
        let hash = hash_of(Some(&entry.id));
        memory.is_owned(hash) || claimed.contains(&hash) || with_id.contains(&entry.content)
    };
    rows.offer(&snapshot, is_owned, prepared);
    let unsent = facts_at(&prepared.facts, &rows.unsent);
    let doubtful = facts_at(&prepared.facts, &rows.doubtful);
    let in_doubt: HashSet<u64> = doubtful.map(|(_, row)| row.likeness).collect();
    let adopted = adopt(unsent, &snapshot, is_owned, |likeness| {
        in_doubt.contains(&likeness)
    });
    let mut names = names(request, opened, prepared, &adopted)?;
    let outcomes = adopted.iter().map(|row| {
        let name = names.remove(&row.index).unwrap_or_default();
        outcome(prepared, row, name)
    });
    let outcomes = outcomes.collect();
    for row in &adopted {
        prepared.plan.adopt(row.index);
    }
    Ok(outcomes)
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

fn facts(request: &Request, copied: &Copied, prepared: &Prepared) -> Result<Vec<Facts>, Error> {
    let Survey { facts, .. } = survey(copied, &request.read, &prepared.mapping, None, true)?;
    Ok(facts)
}

/// The rows that WorkOS does not compare itself, because they have no external id, by their places.
struct Compared {
    /// Those that are not known to have been sent, also where the journal is incomplete.
    unsent: Vec<u32>,
    /// Those that may have been sent. The engine looks each of them up; their organizations are
    /// left to them.
    doubtful: Vec<u32>,
}

impl Compared {
    fn new(prepared: &Prepared, memory: &Memory) -> Self {
        let rows = (0_u32..).zip(&prepared.facts);
        let (doubtful, unsent) = rows
            .filter(|(index, row)| row.likeness != 0 && prepared.plan.is_sent(*index as usize))
            .map(|(index, _)| index)
            .partition(|index| is_in_doubt(prepared, memory, *index as usize));
        Self { unsent, doubtful }
    }

    fn places(&self) -> HashSet<usize> {
        let rows = self.unsent.iter().chain(&self.doubtful);
        rows.map(|index| *index as usize).collect()
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
        for (index, row) in facts_at(&prepared.facts, &self.doubtful) {
            let (id, _) = plan.places.at(index);
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

/// The facts of the rows at these places.
fn facts_at<'a>(facts: &'a [Facts], places: &'a [u32]) -> impl Iterator<Item = (usize, &'a Facts)> {
    let places = places.iter().map(|index| *index as usize);
    places.filter_map(|index| Some((index, facts.get(index)?)))
}

/// Rows in doubt are looked up one by one; their organizations are left to them.
pub(super) fn likenesses_in_doubt(prepared: &Prepared, memory: &Memory) -> HashSet<u64> {
    let rows = Compared::new(prepared, memory);
    let doubtful = facts_at(&prepared.facts, &rows.doubtful);
    doubtful.map(|(_, row)| row.likeness).collect()
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
    rows: &Compared,
    engine: &Engine<A>,
) -> Result<Option<Snapshot>, Failed> {
    let fetch = async |query: ListQuery<'_>| engine.list(&query).await;
    let wanted = rows.places();
    let tenth = wanted.len() as u64 / SHARE;
    let domains = domains(request, opened, prepared, &wanted)?;
    let have_all_domains = domains.rows.len() == wanted.len();
    let lookups = (domains.names.len() as u64).div_ceil(DOMAINS);
    let budget = if have_all_domains {
        lookups
    } else {
        tenth.max(PAGES)
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
    let names = domains.names.iter().map(String::as_str);
    let found = match look_up_domains(fetch, names).await {
        Ok(found) => Some(found),
        Err(snapshot::Error::FilterIgnored) => None,
        Err(error) => return Err(error.into()),
    };
    let is_compared = |index: &usize| found.is_some() && domains.rows.contains(index);
    let left = rows.unsent.iter().map(|index| *index as usize);
    let left = left.filter(|index| !is_compared(index)).count() as u64;
    if left > 0 {
        prepared.plan.notices.push(format!(
            "{} without external id and domain {} not compared with WorkOS: if they are already there, they are created again. To compare them, add --compare",
            counted(left, "row"),
            if left == 1 { "was" } else { "were" },
        ));
    }
    Ok(found)
}

/// The domains of rows.
#[derive(Default)]
struct Domains {
    names: Vec<String>,
    /// Which rows have one.
    rows: HashSet<usize>,
}

fn domains(
    request: &Request,
    opened: &Opened,
    prepared: &Prepared,
    wanted: &HashSet<usize>,
) -> Result<Domains, Error> {
    let mut domains = Domains::default();
    read_organizations(request, opened, prepared, wanted, |index, organization| {
        if let Some(first) = organization.domain_data.into_iter().next() {
            domains.rows.insert(index);
            domains.names.push(first.domain.into_owned());
        }
    })?;
    domains.names.sort_unstable();
    domains.names.dedup();
    Ok(domains)
}

/// The names of rows, by their places: the journal keeps them, so that a later run can say as what
/// an edited row is there.
fn names(
    request: &Request,
    opened: &Opened,
    prepared: &Prepared,
    adopted: &[Adopted],
) -> Result<HashMap<usize, String>, Error> {
    let wanted = adopted.iter().map(|row| row.index).collect();
    let mut names = HashMap::new();
    if adopted.is_empty() {
        return Ok(names);
    }
    read_organizations(request, opened, prepared, &wanted, |index, organization| {
        names.insert(index, organization.name.into_owned());
    })?;
    Ok(names)
}

/// Reads the rows at these places again that can be sent.
fn read_organizations(
    request: &Request,
    opened: &Opened,
    prepared: &Prepared,
    wanted: &HashSet<usize>,
    mut found: impl FnMut(usize, NewOrganization<'static>),
) -> Result<(), Error> {
    let layout = prepared.layout_of_retry(request);
    let mapping = &prepared.mapping;
    read_again(request, opened, mapping, layout, wanted, |index, row| {
        if let Ok(organization) = row.into_result() {
            found(index, organization);
        }
    })
}

fn outcome(prepared: &Prepared, row: &Adopted, name: String) -> Outcome {
    let message = if row.is_equal {
        "already in WorkOS with the same values"
    } else {
        "already in WorkOS with the same name and domains; other values differ"
    };
    let (id, _) = prepared.plan.places.at(row.index);
    let record = Record {
        organization_id: Some(row.organization_id.clone()),
        message: Some(message.to_owned()),
        ..Record::new(id.into(), Status::Unchanged)
    };
    let list = prepared.facts.get(row.index).map(|facts| facts.list);
    let list = list.unwrap_or(Fingerprint(0));
    Outcome::new(record, list, None, name, None)
}
