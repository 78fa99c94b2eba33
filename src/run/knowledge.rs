//! What is known of rows before a run: the journal, and what a results file claims where the
//! journal is missing or older.

use super::previous::PreviousRow;
use crate::journal::{self, Numbering, Outcome, State};
use crate::organization::Fingerprint;
use crate::plan::{Doubt, Earlier, Facts, KnownRows, Progress, name_hash};
use crate::results::{Record, Status};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// The rows that are known.
#[derive(Debug)]
pub(super) struct Knowledge<'a> {
    state: Option<&'a State>,
    reader: Option<RefCell<journal::Reader>>,
    /// The number of each id in the last run; 0 where it has none.
    numbers: Vec<u32>,
    claims: BTreeMap<u32, Claim>,
    /// The hashes of the rows of the results file, and of their domains.
    contents: HashMap<u32, (u64, u64)>,
    /// Whether the list is the one that was imported last, byte for byte and read in the same way.
    pub(super) is_same_list: bool,
    /// Whether rows may have been sent that nothing is known of.
    pub(super) is_incomplete: bool,
}

/// What a results file says of a row that the journal does not know.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    list: Fingerprint,
    external: u64,
    owner: u64,
    name: u64,
    number: u64,
    record: Record,
    /// The name and the external id, as the journal will have them.
    texts: (String, Option<String>),
}

impl Claim {
    /// What this row says of itself.
    pub(super) fn of(row: &PreviousRow) -> Self {
        let record = row.claims.as_deref().cloned();
        let unknown = || Record {
            finished_at: None,
            ..Record::new(0, Status::Unknown)
        };
        Self {
            list: row.facts.list,
            external: row.facts.external,
            owner: row.facts.owner,
            name: row.facts.name,
            number: row.number,
            record: record.unwrap_or_else(unknown),
            texts: (
                row.name.as_deref().unwrap_or_default().to_owned(),
                row.external_id.as_deref().map(str::to_owned),
            ),
        }
    }

    /// A row that has an organization is believed; any other is looked up.
    const fn progress(&self) -> Progress {
        if self.owner == 0 {
            return Progress::InDoubt;
        }
        if self.record.status.is_done() {
            Progress::Outcome(self.record.status)
        } else {
            Progress::Outcome(Status::Created)
        }
    }
}

/// A row as it was in its list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listed {
    /// What would have been sent for it.
    pub(super) list: Fingerprint,
    /// All its cells.
    pub(super) cells: Fingerprint,
}

impl<'a> Knowledge<'a> {
    /// What the journal knows.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn new(
        state: Option<&'a State>,
        path: &Path,
        is_same_list: bool,
    ) -> Result<Self, journal::Error> {
        let reader = state.map(|_| journal::Reader::open(path)).transpose()?;
        Ok(Self {
            state,
            reader: reader.map(RefCell::new),
            numbers: state
                .and_then(State::last_run)
                .map(|run| run.numbering.by_id())
                .unwrap_or_default(),
            claims: BTreeMap::new(),
            contents: HashMap::new(),
            is_same_list,
            is_incomplete: false,
        })
    }

    /// The numbering of the last run.
    pub(super) fn numbering(&self) -> Numbering {
        let run = self.state.and_then(State::last_run);
        run.map(|run| run.numbering.clone()).unwrap_or_default()
    }

    /// The numbering that the results file has if the last run did not come to writing it.
    pub(super) fn numbering_before(&self) -> Option<&Numbering> {
        self.state.and_then(State::numbering_before)
    }

    /// Whether a row has the content that a journal row had.
    pub(super) fn agrees(&self, row: &Facts, id: u32) -> bool {
        row.list == self.list(id) || row.list == self.sent(id)
    }

    /// The id that a row of the list had in its last import.
    pub(super) fn id_in_list(&self, number: u64) -> u32 {
        let run = self.state.and_then(State::last_import);
        let id = run.and_then(|run| run.numbering.id(number));
        u32::try_from(id.unwrap_or(number)).unwrap_or(u32::MAX)
    }

    /// Whether the list had a row in its last import.
    pub(super) fn was_listed(&self, id: u32) -> bool {
        self.state.is_some_and(|state| state.was_listed(id.into()))
    }

    /// What a row was in its list; `None` where nothing was done for it, or it is so in the results
    /// file.
    pub(super) fn listed(&self, id: u32, row: &Facts) -> Option<Listed> {
        let list = self.list(id);
        let is_done = self.progress(id).is_done();
        let cells = if is_done { 0 } else { self.content_in_list(id) };
        let cells = if cells == 0 { row.content } else { cells };
        let is_as_listed = row.list == list && row.content == cells;
        (list.0 != 0 && !is_as_listed).then_some(Listed {
            list,
            cells: Fingerprint(cells),
        })
    }

    /// Takes the cells that a results file has of rows.
    pub(super) fn set_contents<'f>(&mut self, rows: impl Iterator<Item = (u32, &'f Facts)>) {
        let contents = rows.map(|(id, row)| (id, (row.content, row.domain)));
        self.contents = contents.collect();
    }

    /// The hash of the first domain of a row in the results file; 0 where it is not known.
    pub(super) fn domain(&self, id: u32) -> u64 {
        self.contents.get(&id).map_or(0, |(_, domain)| *domain)
    }

    /// Takes what a results file says of a row.
    pub(super) fn claim(&mut self, id: u32, claim: Claim) {
        self.claims.insert(id, claim);
    }

    /// The claims of rows that have an organization, as outcomes for the journal.
    pub(super) fn claimed_outcomes(&self) -> Vec<Outcome> {
        let owned = self.claims.iter().filter(|(_, claim)| claim.owner != 0);
        let outcomes = owned.map(|(id, claim)| {
            let status = match claim.progress() {
                Progress::Outcome(status) => status,
                Progress::Unseen | Progress::InDoubt => Status::Unknown,
            };
            let record = Record {
                row: (*id).into(),
                status,
                ..claim.record.clone()
            };
            let (name, external_id) = claim.texts.clone();
            Outcome::new(record, claim.list, None, name, external_id)
        });
        outcomes.collect()
    }

    /// Whether a row of the journal, or of the results file, owns an organization.
    pub(super) fn is_owned(&self, organization: u64) -> bool {
        let in_journal = self.state.is_some_and(|state| state.is_owned(organization));
        in_journal
            || self
                .claims
                .values()
                .any(|claim| claim.owner == organization)
    }

    /// When a row in doubt may have been sent.
    pub(super) fn doubt(&self, id: u32) -> Doubt {
        let doubt = self.state.and_then(|state| state.doubt(id.into()));
        let doubt = doubt.unwrap_or_default();
        Doubt {
            since: doubt.since,
            // A later dispatch of it may be lost.
            until: doubt.until.filter(|_| !self.is_incomplete),
            ..Doubt::default()
        }
    }

    /// A row as it was sent before it was edited.
    pub(super) fn earlier(&self, id: u32) -> Option<Earlier> {
        let row = self.dispatched(id)?;
        Some(Earlier {
            fingerprint: row.sent.unwrap_or(row.list),
            name: row.name,
            external_id: row.external_id,
        })
    }

    /// The name that a row had when it was sent.
    pub(super) fn name_of(&self, id: u32) -> Option<String> {
        let name = match self.claims.get(&id) {
            Some(claim) => claim.texts.0.clone(),
            None => self.dispatched(id)?.name,
        };
        (!name.is_empty()).then_some(name)
    }

    /// The external id with which a row was sent, or refused.
    pub(super) fn external_id_of(&self, id: u32) -> Option<String> {
        let row = self.dispatched(id)?;
        row.external_id
    }
}

impl KnownRows for Knowledge<'_> {
    fn last(&self) -> u32 {
        let in_journal = self.state.map_or(0, State::rows);
        let numbered = self.numbers.len() as u64;
        let claimed = self.claims.last_key_value().map_or(0, |(id, _)| *id);
        let last = u32::try_from(in_journal.max(numbered)).unwrap_or(u32::MAX);
        last.max(claimed)
    }

    fn progress(&self, id: u32) -> Progress {
        if let Some(claim) = self.claims.get(&id) {
            return claim.progress();
        }
        let progress = self.state.map(|state| state.progress(id.into()));
        match progress {
            None | Some(journal::Progress::Unseen) => Progress::Unseen,
            Some(journal::Progress::Dispatched) => Progress::InDoubt,
            Some(journal::Progress::Outcome(status)) => Progress::Outcome(status),
        }
    }

    fn list(&self, id: u32) -> Fingerprint {
        self.row(id).map_or(Fingerprint(0), |row| row.0)
    }

    fn sent(&self, id: u32) -> Fingerprint {
        self.row(id).map_or(Fingerprint(0), |row| row.1)
    }

    fn external(&self, id: u32) -> u64 {
        match self.claims.get(&id) {
            Some(claim) => claim.external,
            None => self.known(id).and_then(|row| row.external_id).unwrap_or(0),
        }
    }

    fn key(&self, id: u32) -> u64 {
        let run = self.state.and_then(State::last_run);
        let place = id.checked_sub(1).map(|place| place as usize);
        let key = run.zip(place).and_then(|(run, place)| run.keys.get(place));
        key.map_or(0, |key| key.0)
    }

    fn owner(&self, id: u32) -> u64 {
        match self.claims.get(&id) {
            Some(claim) => claim.owner,
            None => self.known(id).and_then(|row| row.organization).unwrap_or(0),
        }
    }

    fn name(&self, id: u32) -> Option<u64> {
        match self.claims.get(&id) {
            Some(claim) => Some(claim.name),
            None => self.name_of(id).map(|name| name_hash(&name)),
        }
    }

    fn content_in_list(&self, id: u32) -> u64 {
        if self.claims.contains_key(&id) {
            return 0;
        }
        let cells = self.dispatched(id).and_then(|row| row.cells);
        cells.map_or(0, |cells| cells.0)
    }

    fn content_in_results(&self, id: u32) -> u64 {
        self.contents.get(&id).map_or(0, |(content, _)| *content)
    }

    fn number(&self, id: u32) -> u64 {
        // Its user may have removed the numbers from the results file.
        if let Some(claim) = self.claims.get(&id).filter(|claim| claim.number > 0) {
            return claim.number;
        }
        let place = id.checked_sub(1).map(|place| place as usize);
        let number = place.and_then(|place| self.numbers.get(place));
        number.copied().unwrap_or(0).into()
    }
}

impl Knowledge<'_> {
    /// What the journal last said of a row.
    fn dispatched(&self, id: u32) -> Option<journal::DispatchedRow> {
        let (state, reader) = (self.state?, self.reader.as_ref()?);
        reader.borrow_mut().dispatched(state, id.into()).ok()?
    }

    fn known(&self, id: u32) -> Option<journal::KnownRow> {
        self.state?.row(id.into())
    }

    /// The row as it was in the list, and what was sent for it.
    fn row(&self, id: u32) -> Option<(Fingerprint, Fingerprint)> {
        match self.claims.get(&id) {
            Some(claim) => Some((claim.list, claim.list)),
            None => self.known(id).map(|row| (row.list, row.sent)),
        }
    }
}
