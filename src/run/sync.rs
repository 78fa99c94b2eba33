//! Comparing the rows of a sync with what WorkOS has: which organizations are missing, which
//! differ, and by what.
//!
//! Everything is listed once. Organizations that may be a row's are kept on the disk with all their
//! values; each row is then compared with its own. Nothing is changed here.

use super::approved::{Approval, Approved};
use super::decided::Decided;
use super::existing::Failed;
use super::listed::{Listed, temporary};
use super::memory::Memory;
use super::planned::{Action, PlannedRow};
use super::preparation::Prepared;
use super::sync_keys::keys;
use super::{Error, Opened, Request};
use crate::engine::Engine;
use crate::journal::{self, Outcome, Progress};
use crate::organization::{
    FieldChange, Fingerprint, NewOrganization, Patch, SyncOptions, differences_in_words,
};
use crate::plan::{Decision, Hit, Identity, MatchedBy, count_others, hash_of, identify};
use crate::results::{ErrorName, Record, Status};
use crate::snapshot::Spooled;
use crate::text::quoted;
use crate::workos::{Organization, OrganizationsApi};
use std::collections::{HashMap, HashSet};

/// How many candidates a message names.
const NAMED: usize = 5;

/// Compares every row that the plan says with WorkOS, and decides what is done with it. Returns the
/// outcomes of rows for which nothing is sent.
///
/// # Errors
/// When WorkOS does not answer, or the list cannot be read again.
pub(super) async fn compare_rows<A: OrganizationsApi>(
    request: &Request,
    opened: &Opened,
    prepared: &mut Prepared,
    claims: &[Outcome],
    memory: &Memory,
    engine: &Engine<A>,
) -> Result<Vec<Outcome>, Failed> {
    let keys = keys(request, opened, prepared, memory, claims)?;
    let mut listed = Listed::new(&keys, memory, &request.sync).map_err(temporary)?;
    let count = listed.list(engine).await?;
    for id in unlisted(prepared, memory, &listed.hits)? {
        // It may be so new that the listing does not have it yet.
        let organization = engine.organization(&id).await.map_err(Failed::Read)?;
        if let Some(organization) = organization {
            listed.see(&organization).map_err(temporary)?;
        }
    }
    let Listed {
        spool,
        hits,
        others,
        namesakes,
        ..
    } = listed;
    let identities = identify(hits);
    let mut comparison = RowComparison {
        prepared,
        request,
        memory,
        spooled: spool.finish().map_err(temporary)?,
        identities: &identities,
        namesakes: 0,
        decided: Vec::new(),
        rows: Vec::new(),
        outcomes: Vec::new(),
        of: HashMap::new(),
        ids: Vec::new(),
        recognized: HashSet::new(),
        approved: request
            .sync
            .plan
            .as_ref()
            .map(|plan| Approved::new(plan, request.sync.creates_only)),
        left_out: Vec::new(),
        error: None,
    };
    prepared.read_rows(request, opened, |index, row, validated| {
        let organization = validated.organization.as_ref();
        comparison.row(index, row.line, organization, &namesakes);
    })?;
    let decided = comparison.finish()?;
    prepared.plan.other_organizations = Some(count_others(count, identities.values()));
    let mut others_shown: Vec<_> = others.into_values().collect();
    others_shown.sort_by(|(id, name), (other_id, other)| (name, id).cmp(&(other, other_id)));
    prepared.plan.others_shown = others_shown;
    Ok(decided.apply(prepared, memory, &request.sync.options))
}

/// The organizations that rows own, as far as the journal knows, and that were not listed.
fn unlisted(prepared: &Prepared, memory: &Memory, hits: &[Hit]) -> Result<Vec<String>, Error> {
    let Some(state) = memory.state.as_ref() else {
        return Ok(Vec::new());
    };
    let by_id = hits
        .iter()
        .filter(|hit| hit.by == MatchedBy::OrganizationId);
    let listed: HashSet<usize> = by_id.map(|hit| hit.row as usize).collect();
    let mut reader = journal::Reader::open(&memory.path)?;
    let mut unlisted = Vec::new();
    for index in 0..usize::try_from(prepared.plan.rows).unwrap_or(usize::MAX) {
        let (id, _) = prepared.plan.places.at(index);
        let is_owner = state.row(id.into()).is_some_and(|row| {
            row.organization.is_some() && row.progress != Progress::Outcome(Status::Deleted)
        });
        let is_compared = prepared.plan.decision(index) == Decision::Compare;
        if is_owner && is_compared && !listed.contains(&index) {
            let outcome = reader.outcome(state, id.into())?;
            unlisted.extend(outcome.and_then(|outcome| outcome.organization_id));
        }
    }
    Ok(unlisted)
}

/// The comparison of the rows with their organizations.
struct RowComparison<'a> {
    prepared: &'a Prepared,
    request: &'a Request,
    memory: &'a Memory,
    spooled: Spooled,
    identities: &'a HashMap<u32, Identity>,
    /// How many rows that are created have the name of an organization that is there.
    namesakes: u64,
    /// What is done with each row that was compared, by its place.
    decided: Vec<(usize, Decision)>,
    /// What is shown of the plan.
    rows: Vec<PlannedRow>,
    outcomes: Vec<Outcome>,
    of: HashMap<u32, u32>,
    ids: Vec<u64>,
    /// Renamed rows that are recognized by more than their place.
    recognized: HashSet<usize>,
    /// The plan that is carried out, where it was made before.
    approved: Option<Approved>,
    /// Rows that are not as in that plan, by their places.
    left_out: Vec<usize>,
    error: Option<std::io::Error>,
}

/// What is done with a row.
enum Compared {
    Missing,
    Same(Organization),
    Differs(u32, Organization, Vec<FieldChange>),
    /// Why, also as a code, and the organization where it is one.
    Conflict {
        why: String,
        code: &'static str,
        organization_id: Option<String>,
    },
}

impl Compared {
    const fn conflict(why: String, code: &'static str, organization_id: Option<String>) -> Self {
        Self::Conflict {
            why,
            code,
            organization_id,
        }
    }
}

impl RowComparison<'_> {
    fn row(
        &mut self,
        index: usize,
        line: u64,
        row: Option<&NewOrganization<'_>>,
        namesakes: &HashSet<u32>,
    ) {
        let decision = self.prepared.plan.decision(index);
        if decision == Decision::LookUp {
            let look_up = PlannedRow::new(line, row, Action::LookUp);
            if self.is_approved(index, &look_up) {
                self.rows.push(look_up);
            }
        }
        if decision != Decision::Compare {
            return;
        }
        let Some(row) = row else {
            self.rows.push(PlannedRow::new(line, None, Action::Invalid));
            let decision = self.missing(index);
            self.decided.push((index, decision));
            return;
        };
        let place = u32::try_from(index).unwrap_or(u32::MAX);
        let compared = self.compared(place, row).unwrap_or_else(|error| {
            self.error.get_or_insert(error);
            Compared::Missing
        });
        if !matches!(compared, Compared::Missing) && self.prepared.plan.is_renamed(index) {
            self.recognized.insert(index);
        }
        let (decision, to_do) = self.decide(index, line, row, compared);
        let Some(to_do) = to_do else {
            if let Some(approved) = &mut self.approved {
                approved.settled(Some(PlannedRow::digest(row)));
            }
            self.decided.push((index, decision));
            return;
        };
        if !self.is_approved(index, &to_do) {
            return;
        }
        if decision == Decision::Send {
            self.namesakes += u64::from(namesakes.contains(&place));
        }
        self.rows.push(to_do);
        self.decided.push((index, decision));
    }

    /// Whether a row is carried out: always, unless a plan that was made before says otherwise.
    fn is_approved(&mut self, index: usize, to_do: &PlannedRow) -> bool {
        let Some(approved) = &mut self.approved else {
            return true;
        };
        let is_given = approved.ask(to_do) == Approval::Given;
        if !is_given {
            self.left_out.push(index);
        }
        is_given
    }

    /// What is done with a row, and how that is shown where something is sent for it.
    fn decide(
        &mut self,
        index: usize,
        line: u64,
        row: &NewOrganization<'_>,
        compared: Compared,
    ) -> (Decision, Option<PlannedRow>) {
        match compared {
            // It is asked whether it is kept.
            Compared::Missing if self.prepared.plan.is_renamed(index) => (Decision::Keep, None),
            Compared::Missing => {
                let decision = self.missing(index);
                let is_sent = decision == Decision::Send;
                let create = is_sent.then(|| PlannedRow::new(line, Some(row), Action::Create));
                (decision, create)
            }
            Compared::Same(organization) => {
                self.keep(index, line, row, &organization);
                (Decision::Keep, None)
            }
            Compared::Differs(organization, found, changes) => {
                let place = u32::try_from(index).unwrap_or(u32::MAX);
                self.of.insert(place, organization);
                self.ids.push(hash_of(Some(&found.id)));
                let update = PlannedRow {
                    organization_id: Some(found.id),
                    changes,
                    ..PlannedRow::new(line, Some(row), Action::Update)
                };
                (Decision::Update, Some(update))
            }
            Compared::Conflict {
                why,
                code,
                organization_id,
            } => {
                self.conflict(index, row, &why, code, organization_id.clone());
                self.rows.push(PlannedRow {
                    organization_id,
                    reason: Some(why),
                    ..PlannedRow::new(line, Some(row), Action::Conflict)
                });
                (Decision::Leave, None)
            }
        }
    }

    fn missing(&self, index: usize) -> Decision {
        let decision = self.prepared.plan.missing.get(index);
        decision.copied().unwrap_or(Decision::Send)
    }

    fn compared(&mut self, place: u32, row: &NewOrganization<'_>) -> std::io::Result<Compared> {
        let organization = match self.identities.get(&place) {
            None => return Ok(Compared::Missing),
            Some(Identity::One(organization)) => *organization,
            Some(Identity::Several(organizations)) => {
                let named = self.named(organizations)?;
                let why = format!("it may be any of {named}");
                return Ok(Compared::conflict(why, "organization_ambiguous", None));
            }
            Some(Identity::Taken { organization, by }) => {
                let named = self.named(&[*organization])?;
                let why = format!("it is {named}, and so is row {}", by + 1);
                return Ok(Compared::conflict(why, "organization_of_another_row", None));
            }
        };
        let found = self.spooled.get(organization)?;
        let current = found.content();
        Ok(match self.request.sync.options.target(&current, row) {
            Err(why) => {
                let why = format!("it is {} ({}), but {why}", quoted(&found.name), found.id);
                Compared::conflict(why, "external_id_differs", Some(found.id))
            }
            Ok(target) if target == current => Compared::Same(found),
            Ok(target) => {
                let changes = Patch::between(&current, &target).changes(&current);
                Compared::Differs(organization, found, changes)
            }
        })
    }

    /// `"Acme" (org_1), "Acme" (org_2) and 3 others`.
    fn named(&mut self, organizations: &[u32]) -> std::io::Result<String> {
        let mut named = Vec::new();
        for place in organizations.iter().take(NAMED) {
            let found = self.spooled.get(*place)?;
            named.push(format!("{} ({})", quoted(&found.name), found.id));
        }
        let named = named.join(", ");
        Ok(match organizations.len().saturating_sub(NAMED) {
            0 => named,
            more => format!("{named} and {more} others"),
        })
    }

    /// The journal learns of an organization that it does not know as the row's, or of a row that
    /// was edited.
    fn keep(&mut self, index: usize, line: u64, row: &NewOrganization<'_>, found: &Organization) {
        let (id, _) = self.prepared.plan.places.at(index);
        let state = self.memory.state.as_ref();
        let known = state.and_then(|state| state.row(id.into()));
        let is_known = known.is_some_and(|known| {
            let is_done = matches!(known.progress, Progress::Outcome(status) if status.is_done());
            is_done
                && known.organization == Some(hash_of(Some(&found.id)))
                && known.list == row.fingerprint()
        });
        if is_known {
            return;
        }
        let mut message = "already in WorkOS with the values of the row".to_owned();
        if self.request.sync.adopt.is_some() {
            let kept = not_changed(row, found);
            message = format!("taken as it is{kept}");
            self.rows.push(PlannedRow {
                organization_id: Some(found.id.clone()),
                reason: Some(message.clone()),
                ..PlannedRow::new(line, Some(row), Action::Adopt)
            });
        }
        let record = Record {
            organization_id: Some(found.id.clone()),
            message: Some(message),
            ..Record::new(id.into(), Status::Unchanged)
        };
        self.outcome(index, record, row);
    }

    fn conflict(
        &mut self,
        index: usize,
        row: &NewOrganization<'_>,
        why: &str,
        code: &str,
        existing: Option<String>,
    ) {
        let (id, _) = self.prepared.plan.places.at(index);
        let record = Record {
            error: Some(ErrorName::ConflictError),
            code: Some(code.to_owned()),
            message: Some(format!("not changed: {why}")),
            existing_organization_id: existing,
            ..Record::new(id.into(), Status::Conflict)
        };
        self.outcome(index, record, row);
    }

    fn outcome(&mut self, index: usize, record: Record, row: &NewOrganization<'_>) {
        let external_id = row.external_id.as_deref().map(str::to_owned);
        let name = row.name.to_string();
        let facts = self.prepared.facts.get(index);
        let cells = facts.map(|facts| Fingerprint(facts.content));
        let outcome = Outcome::new(record, row.fingerprint(), None, name, external_id);
        self.outcomes.push(outcome.with_cells(cells));
    }

    /// # Errors
    /// When an organization could not be read back.
    fn finish(self) -> Result<Decided, Error> {
        self.error.map_or(Ok(()), |error| Err(temporary(error)))?;
        Ok(Decided {
            decisions: self.decided,
            rows: self.rows,
            namesakes: self.namesakes,
            outcomes: self.outcomes,
            of: self.of,
            ids: self.ids,
            recognized: self.recognized,
            left_out: self.left_out,
            left_updates: self.approved.as_ref().map_or(0, |it| it.left_updates),
            skipped: self.approved.map(Approved::skipped).unwrap_or_default(),
            spooled: self.spooled,
        })
    }
}

/// What an organization holds otherwise than its row, where it is taken as it is.
fn not_changed(row: &NewOrganization<'_>, found: &Organization) -> String {
    let current = found.content();
    let Ok(target) = SyncOptions::default().target(&current, row) else {
        return String::new();
    };
    let changes = Patch::between(&current, &target).changes(&current);
    if changes.is_empty() {
        return String::new();
    }
    format!("; not changed: {}", differences_in_words(&changes))
}
