//! The sequence of a verification.

use super::comparison::{Comparison, Seen, Unowned};
use super::fields::{Difference, Sent};
use super::findings::{Counts, Findings, NamedRow};
use super::known::{comparison, is_exact};
use crate::columns::Mapping;
use crate::engine::{Engine, ReadError};
use crate::exit_code;
use crate::input::{ReadOptions, Reader, Source};
use crate::journal::{self, Run, State, journal_path};
use crate::organization::{Content, DomainState, NewOrganization};
use crate::results::Layout;
use crate::run::Error;
use crate::run::copied::Copied;
use crate::run::environment::{Environment, in_words};
use crate::run::near::results_of_list;
use crate::run::previous::{is_results, own_rows};
use crate::run::setting::read_error;
use crate::run::united::{of_results, of_united, read_options};
use crate::snapshot::{self, Listing, Spool, Spooled, list};
use crate::text::shell_path;
use crate::validate::Validator;
use crate::workos::{
    DetailsApi, ListQuery, Organization, OrganizationDetails, OrganizationsApi, Page,
};
use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

/// How many rows whose organization was not listed are asked for by its id: a list may be late.
const ASKED: usize = 1_000;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct VerifyRequest {
    /// The results file, whose journal is compared.
    pub results: PathBuf,
    /// Whether the states of domains are compared too.
    pub domain_states: bool,
    /// Whether the findings are one JSON object.
    pub json: bool,
}

/// Compares WorkOS with a journal; returns the findings as text or JSON, and the exit code.
///
/// # Errors
/// When the journal cannot be read or belongs to something else, or WorkOS does not answer.
pub async fn verify<A: OrganizationsApi + DetailsApi>(
    request: &VerifyRequest,
    engine: &Engine<A>,
    environment: &Environment,
) -> Result<(String, u8), Error> {
    let (path, state) = journal_of(&request.results)?;
    let run = state
        .last_run()
        .ok_or_else(|| no_journal(&request.results))?;
    refuse_other_environment(&request.results, run, environment)?;
    let listing = Listed::new(comparison(&state));
    let mut listed = list_all(request, engine, environment, listing, run).await?;
    let mut journal = journal::Reader::open(&path)?;
    let mut rows = Rows::new(&state, run, &mut journal);
    let gone = still_gone(engine, environment, &mut listed, &mut rows).await?;
    if !listed.different.is_empty() {
        rows.restored = journal::restored(&path, &state)?;
    }
    let findings = findings(request, listed, gone, &mut rows)?;
    let code = if findings.are_none() {
        exit_code::DONE
    } else {
        exit_code::NEEDS_ATTENTION
    };
    let text = if request.json {
        let results = request.results.display().to_string();
        findings.json(&results, environment, code)
    } else {
        findings.text(&environment.in_words())
    };
    Ok((text, code))
}

fn no_journal(results: &Path) -> Error {
    Error::Mismatch {
        message: format!("{} has no journal next to it", results.display()),
        hint: results_of_list(results).unwrap_or_else(|| "name the results file of an import, for example customers.results.csv; its journal is customers.results.journal".to_owned()),
    }
}

/// The journal of a results file, and what it says.
fn journal_of(results: &Path) -> Result<(PathBuf, State), Error> {
    let is_journal = results.extension().is_some_and(|it| it == "journal");
    let path = if is_journal {
        results.to_owned()
    } else {
        journal_path(results)
    };
    let state = State::read(&path)?.ok_or_else(|| no_journal(results))?;
    Ok((path, state))
}

fn refuse_other_environment(
    results: &Path,
    run: &Run,
    environment: &Environment,
) -> Result<(), Error> {
    if run.api == environment.api && run.environment == environment.name {
        return Ok(());
    }
    let was = in_words(&run.environment, &run.api);
    Err(Error::Mismatch {
        message: format!(
            "{} is from {was}, and your key is for {}",
            results.display(),
            environment.in_words()
        ),
        hint: format!(
            "set the key and the base URL of that run, then: workos-orgs verify {}",
            shell_path(results)
        ),
    })
}

/// What was listed so far.
struct Listed {
    comparison: Comparison,
    spool: Spool,
    /// Rows that expect something else than their organization holds, and where it is kept.
    different: Vec<(u64, u32)>,
    /// Domains in another state than was sent, by the id of their organization.
    states: HashMap<String, Vec<String>>,
    failure: Option<io::Error>,
}

impl Listed {
    fn new(comparison: Comparison) -> Result<Self, Error> {
        Ok(Self {
            comparison,
            spool: Spool::new().map_err(unusable)?,
            different: Vec::new(),
            states: HashMap::new(),
            failure: None,
        })
    }

    fn see(&mut self, organization: &Organization) {
        let rows = self.comparison.see(&Seen {
            id: &organization.id,
            name: &organization.name,
            content: organization.fingerprint(),
            created_at: organization.created_at,
        });
        for row in rows {
            match self.spool.add(organization) {
                Ok(place) => self.different.push((row, place)),
                Err(error) => self.failure = Some(error),
            }
        }
    }

    /// Notes the domains that are not in the state in which they were created.
    fn see_states(&mut self, organization: &OrganizationDetails, sent: DomainState) {
        let sent = match sent {
            DomainState::Pending => "pending",
            DomainState::Verified => "verified",
        };
        let domains = organization.domains.iter();
        let other: Vec<String> = domains
            .filter_map(|domain| {
                let state = domain.state.as_deref()?;
                let is_same = state == sent || (state == "legacy_verified" && sent == "verified");
                (!is_same).then(|| format!("{} {sent} → {state}", domain.domain))
            })
            .collect();
        if !other.is_empty() {
            self.states.insert(organization.id.clone(), other);
        }
    }
}

fn unusable(source: io::Error) -> Error {
    Error::System {
        what: "cannot keep organizations in a temporary file",
        source,
    }
}

/// Lists all organizations, from both ends at once.
async fn list_all<A: OrganizationsApi + DetailsApi>(
    request: &VerifyRequest,
    engine: &Engine<A>,
    environment: &Environment,
    listed: Result<Listed, Error>,
    run: &Run,
) -> Result<Listed, Error> {
    let listed = RefCell::new(listed?);
    let fetch = async |query: ListQuery<'_>| -> Result<Page, ReadError> {
        let page = engine.list_details(&query).await?;
        let mut listed = listed.borrow_mut();
        if request.domain_states {
            for organization in &page.data {
                listed.see_states(organization, run.mapping.domain_state);
            }
        }
        let page = page.map(Organization::from);
        for organization in &page.data {
            listed.see(organization);
        }
        Ok(page)
    };
    let listing = list(fetch, None).await;
    match listing {
        Ok(Listing::Unsupported) => Err(Error::Usage {
            message: "there is no list of organizations at this URL".to_owned(),
            hint: "check --base-url or WORKOS_BASE_URL".to_owned(),
        }),
        Ok(Listing::Complete(_) | Listing::Exceeded { .. }) => Ok(listed.into_inner()),
        Err(snapshot::Error::Fetch(error)) => {
            Err(read_error(error, engine.shutdown(), &environment.api))
        }
        Err(error) => Err(Error::Listing(error)),
    }
}

/// The rows of the journal, by name.
struct Rows<'a> {
    state: &'a State,
    run: &'a Run,
    journal: &'a mut journal::Reader,
    numbers: Vec<u32>,
    /// What the organizations of rows hold whose change was taken back.
    restored: HashMap<u64, Content>,
}

impl<'a> Rows<'a> {
    fn new(state: &'a State, run: &'a Run, journal: &'a mut journal::Reader) -> Self {
        Self {
            state,
            run,
            journal,
            numbers: run.numbering.by_id(),
            restored: HashMap::new(),
        }
    }

    fn named(&mut self, row: u64) -> Result<(NamedRow, Option<String>), Error> {
        let outcome = self.journal.outcome(self.state, row)?;
        let place = usize::try_from(row).ok().and_then(|row| row.checked_sub(1));
        let number = place.and_then(|place| self.numbers.get(place));
        let number = number.copied().unwrap_or_default().into();
        let Some(outcome) = outcome else {
            let number = NamedRow {
                number,
                ..NamedRow::default()
            };
            return Ok((number, None));
        };
        let named = NamedRow {
            number,
            name: outcome.name,
            organization_id: outcome.organization_id.unwrap_or_default(),
        };
        Ok((named, outcome.external_id))
    }
}

/// The rows whose organization was not listed and cannot be read by its id either.
async fn still_gone<A: OrganizationsApi + DetailsApi>(
    engine: &Engine<A>,
    environment: &Environment,
    listed: &mut Listed,
    rows: &mut Rows<'_>,
) -> Result<Vec<u64>, Error> {
    for row in listed.comparison.unseen().into_iter().take(ASKED) {
        let (named, _) = rows.named(row)?;
        let found = engine.organization(&named.organization_id).await;
        let found =
            found.map_err(|error| read_error(error, engine.shutdown(), &environment.api))?;
        if let Some(organization) = found {
            listed.see(&organization);
        }
    }
    Ok(listed.comparison.unseen())
}

fn findings(
    request: &VerifyRequest,
    listed: Listed,
    gone: Vec<u64>,
    rows: &mut Rows<'_>,
) -> Result<Findings, Error> {
    if let Some(error) = listed.failure {
        return Err(unusable(error));
    }
    let mut found = Findings {
        in_doubt: rows.state.rows_in_doubt().count() as u64,
        compared: listed.comparison.finish(),
        ..Findings::default()
    };
    for row in gone {
        let (named, _) = rows.named(row)?;
        Findings::keep(&mut found.gone, &mut found.counts.gone, || named);
    }
    let twins = found.compared.unowned.iter();
    let twins: Vec<(String, u64)> = twins
        .filter_map(|(id, Unowned { twin_of, .. })| Some((id.clone(), (*twin_of)?)))
        .collect();
    for (id, row) in twins {
        found.twice.push((rows.named(row)?.0, id));
    }
    let spooled = listed.spool.finish().map_err(unusable)?;
    name_fields(request, listed.different, spooled, rows, &mut found)?;
    if !listed.states.is_empty() {
        name_states(&listed.states, rows, &mut found)?;
    }
    Ok(found)
}

/// Adds the domains whose state is not the one that was sent, of rows that were created.
fn name_states(
    states: &HashMap<String, Vec<String>>,
    rows: &mut Rows<'_>,
    found: &mut Findings,
) -> Result<(), Error> {
    let by_hash: HashMap<u64, &Vec<String>> = states
        .iter()
        .map(|(id, states)| (journal::id_hash(id), states))
        .collect();
    let owned: Vec<(u64, u64)> = rows.state.owned().collect();
    for (row, organization) in owned {
        let states = by_hash.get(&organization);
        for state in states.into_iter().flat_map(|it| it.iter()) {
            if is_exact(rows.state, row) {
                let (named, _) = rows.named(row)?;
                let Counts { states: count, .. } = &mut found.counts;
                Findings::keep(&mut found.states, count, || (named, state.clone()));
            }
        }
    }
    Ok(())
}

/// Says which fields differ, with the values of the results file where it still has them.
fn name_fields(
    request: &VerifyRequest,
    different: Vec<(u64, u32)>,
    mut spooled: Spooled,
    rows: &mut Rows<'_>,
    found: &mut Findings,
) -> Result<(), Error> {
    // An organization may be listed twice; the last version counts.
    let mut places: HashMap<u64, u32> = different.into_iter().collect();
    if places.is_empty() {
        return Ok(());
    }
    let run = rows.run;
    let mut add = |row: u64, place: u32, cells: Option<NewOrganization<'_>>| -> Result<(), Error> {
        let (named, external_id) = rows.named(row)?;
        let known = rows.state.row(row);
        let Some(known) = known else { return Ok(()) };
        let is_exact = is_exact(rows.state, row);
        let sync = run.sync.clone().unwrap_or_default();
        let sent = Sent {
            is_exact,
            content: if is_exact { known.sent } else { known.list },
            name: &named.name,
            external_id: external_id.as_deref(),
            sync: &sync,
        };
        let content = spooled.get(place).map_err(unusable)?.content();
        let difference = match rows.restored.get(&row) {
            Some(restored) => Difference::from(restored, &content),
            None => Difference::between(&sent, cells, &content),
        };
        match difference {
            None => {}
            Some(Difference::NotCompared) => found.not_compared += 1,
            Some(difference) => {
                let count = &mut found.counts.different;
                Findings::keep(&mut found.different, count, || (named, difference));
            }
        }
        Ok(())
    };
    let (read, united, mapping) = united_results(&request.results, &run.mapping)?;
    let source = united.as_ref().map_or_else(
        || Source::File(request.results.clone()),
        |united| united.source.clone(),
    );
    if let Some((reader, layout)) = results_file(&source, &read) {
        let header = layout.original_header().to_vec();
        let mut validator = Validator::new(mapping, &header).without_name_warnings();
        for row in own_rows(reader, &layout, &source) {
            let Ok((row, said)) = row else { break };
            let id = said.row.and_then(|number| run.numbering.id(number));
            if let Some((id, place)) = id.and_then(|id| places.remove_entry(&id)) {
                let cells = validator.validate(&row).into_result().ok();
                add(id, place, cells)?;
            }
        }
    }
    let mut rest: Vec<(u64, u32)> = places.into_iter().collect();
    rest.sort_unstable();
    for (row, place) in rest {
        add(row, place, None)?;
    }
    Ok(())
}

/// The results file, if it is there and can be read.
fn results_file(source: &Source, read: &ReadOptions) -> Option<(Reader, Layout)> {
    let reader = Reader::open(source, read).ok()?;
    let layout = Layout::of(reader.header());
    is_results(&reader).then_some((reader, layout))
}

/// The rows of the results file united, where the run has united those of its list; how it is then
/// read, and by which mapping.
fn united_results(
    path: &Path,
    mapping: &Mapping,
) -> Result<(ReadOptions, Option<Copied>, Mapping), Error> {
    let (source, read) = (Source::File(path.to_owned()), ReadOptions::default());
    if mapping.one_per.is_none() || results_file(&source, &read).is_none() {
        return Ok((read, None, mapping.clone()));
    }
    let (copied, _) = of_results(&source, &read, mapping, true)?.united(&source)?;
    Ok((read_options(), Some(copied), of_united(mapping)))
}
