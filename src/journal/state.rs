//! What the events of a journal add up to.

use super::doubt::{Doubt, Times};
use super::index::Index;
use super::line::{self, Line};
use super::rows::{KnownRow, MAX_ROWS, Progress, Slot};
use super::slots::Slots;
use super::{
    AnswerLost, Baseline, Command, Duplicate, Ended, Numbering, Opening, Run, SCHEMA, Withdrawn,
};
use crate::organization::Fingerprint;
use crate::results::{Counts, Status};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// What a journal says, replayed from its events: 32 bytes a row, and a little for each block.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    rows: Slots,
    /// What was sent, of rows where it differs from the list.
    sent: HashMap<u32, u64>,
    counts: Counts,
    times: Times,
    opening: Option<Opening>,
    runs: u64,
    run: Option<Box<Run>>,
    /// The last import, where the last run is a retry.
    import: Option<Box<Run>>,
    /// The numbering of the last run but one whose results file was written.
    numbering_before: Option<Numbering>,
    has_rendered: bool,
    is_import_finished: bool,
    is_incomplete: bool,
    baseline: Option<Baseline>,
    ended: Option<Ended>,
    has_ended: bool,
    /// Whether a run has dispatched rows and has not ended.
    is_open: bool,
    is_unverified: bool,
    comparison_due: Option<Timestamp>,
    /// Where the last whole line ends.
    pub(super) end: u64,
    /// How long the file was when it was read.
    pub(super) length: u64,
    by_sent: Index,
    by_organization: Index,
}

/// Why a line cannot follow those before it.
#[derive(Debug)]
pub(super) enum Fault {
    NewerSchema(Opening),
    Invalid(String),
}

impl State {
    /// What the file is; `None` where only a part of the first line is there.
    pub fn opening(&self) -> Option<&Opening> {
        self.opening.as_ref()
    }

    /// How many runs have begun.
    pub fn runs(&self) -> u64 {
        self.runs
    }

    /// The last run.
    pub fn last_run(&self) -> Option<&Run> {
        self.run.as_deref()
    }

    /// The last import; a retry may have come after it.
    pub fn last_import(&self) -> Option<&Run> {
        let run = self.run.as_deref();
        run.filter(|run| run.command.is_of_list())
            .or(self.import.as_deref())
    }

    /// Whether the list had this row in its last import.
    pub fn was_listed(&self, row: u64) -> bool {
        self.last_import()
            .is_some_and(|run| run.numbering.has_id(row))
    }

    /// The numbering that the results file may still have: that of an earlier run, where the last
    /// one may have been cut off before it wrote the file.
    pub fn numbering_before(&self) -> Option<&Numbering> {
        let before = self.numbering_before.as_ref();
        before.filter(|_| !self.has_rendered)
    }

    /// Whether the last import has come to the end of its list.
    pub fn is_import_finished(&self) -> bool {
        self.is_import_finished
    }

    /// Whether rows may have been sent that the journal does not mention: a run said so, and the
    /// list was not finished since.
    pub fn is_incomplete(&self) -> bool {
        self.is_incomplete
    }

    /// What was there before the first run.
    pub fn baseline(&self) -> Option<&Baseline> {
        self.baseline.as_ref()
    }

    /// The last end of a run, which need not be that of the [last run](Self::last_run).
    pub fn last_end(&self) -> Option<&Ended> {
        self.ended.as_ref()
    }

    /// Whether the last run has ended in order.
    pub fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Whether the last run was cut off after it had dispatched rows.
    pub fn was_cut_off(&self) -> bool {
        self.is_open
    }

    /// Whether WorkOS has to be compared with the journal: since the last comparison an answer was
    /// lost, a run has ended without one, or a run was cut off.
    pub fn needs_comparison(&self) -> bool {
        self.is_unverified || self.is_open
    }

    /// The same, but of earlier runs and lost answers alone, while a run goes on.
    pub(super) fn is_unverified(&self) -> bool {
        self.is_unverified
    }

    /// When a comparison can be trusted, by this machine's clock, if answers were lost since the
    /// last one.
    pub fn comparison_due(&self) -> Option<Timestamp> {
        self.comparison_due
    }

    /// The duplicates that the last run that ended has found.
    pub fn duplicates(&self) -> &[Duplicate] {
        self.ended
            .as_ref()
            .map_or(&[], |ended| ended.duplicates.as_slice())
    }

    /// Whether the file has an incomplete line at its end, which a crash or a full disk has left.
    pub fn is_torn(&self) -> bool {
        self.end < self.length
    }

    /// Where the last whole line ends, in bytes.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// How many rows the journal knows: the largest id.
    pub fn rows(&self) -> u64 {
        self.rows.len() as u64
    }

    /// How many rows have each status as their last outcome. A row that was dispatched again has
    /// none.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// How far a row has come.
    pub fn progress(&self, row: u64) -> Progress {
        self.slot(row)
            .map_or(Progress::Unseen, |slot| slot.progress())
    }

    /// What is known of a row; `None` where the journal does not mention it.
    pub fn row(&self, row: u64) -> Option<KnownRow> {
        let slot = self.slot(row)?;
        let place = place_of(row)?;
        Some(KnownRow {
            list: Fingerprint(slot.list),
            sent: Fingerprint(self.sent_at(place, *slot)),
            external_id: (slot.external_id != 0).then_some(slot.external_id),
            organization: (slot.organization != 0).then_some(slot.organization),
            progress: slot.progress(),
        })
    }

    /// How many of these rows have each status, by their ids. Rows of one id are rows of one
    /// organization: all but the first are merged with it.
    pub fn counts_of(&self, rows: impl Iterator<Item = u64>) -> Counts {
        let mut seen = vec![false; self.rows.len()];
        let mut counts = Counts::default();
        for row in rows {
            let slot = place_of(row).and_then(|place| seen.get_mut(place as usize));
            let is_other = slot.is_some_and(|seen| std::mem::replace(seen, true));
            if let Progress::Outcome(status) = self.progress(row) {
                counts.add(Some(if is_other {
                    status.of_other_row()
                } else {
                    status
                }));
            }
        }
        counts
    }

    /// The rows in doubt: they may have been sent, and what came of it is not known.
    pub fn rows_in_doubt(&self) -> impl Iterator<Item = u64> {
        self.rows_where(Progress::is_in_doubt)
    }

    /// The rows that the same command sends again. See [`Progress::is_retryable`].
    pub fn retryable_rows(&self) -> impl Iterator<Item = u64> {
        self.rows_where(Progress::is_retryable)
    }

    fn rows_where(&self, accept: impl Fn(Progress) -> bool) -> impl Iterator<Item = u64> {
        let rows = (1..).zip(self.rows.iter());
        rows.filter_map(move |(row, slot)| accept(slot.progress()).then_some(row))
    }

    /// When a row may have been sent; `None` where it is not in doubt.
    ///
    /// It begins with the first dispatch that has no certain outcome: a row that was dispatched
    /// again while in doubt may stem from any of them. It ends a minute after the last sign of the
    /// process that had it last.
    pub fn doubt(&self, row: u64) -> Option<Doubt> {
        let slot = self.slot(row)?;
        let doubt = || Some(self.times.doubt(place_of(row)?, slot.offset()));
        slot.progress().is_in_doubt().then(doubt).flatten()
    }

    /// The organizations that rows own, as (row, [hash](super::id_hash) of its id). Deleted ones
    /// are left out.
    pub fn owned(&self) -> impl Iterator<Item = (u64, u64)> {
        let rows = (1..).zip(self.rows.iter());
        rows.filter(|(_, slot)| slot.organization != 0)
            .filter(|(_, slot)| slot.progress() != Progress::Outcome(Status::Deleted))
            .map(|(row, slot)| (row, slot.organization))
    }

    /// Whether a row owns the organization of this [hash](super::id_hash).
    pub fn is_owned(&self, organization: u64) -> bool {
        let found = self
            .by_organization
            .find(self.rows.len(), organization, |place| {
                let slot = self.seen(place)?;
                (slot.organization != 0).then_some(slot.organization)
            });
        !found.is_empty()
    }

    /// The rows of which this was sent, in order; where nothing else is known, what is sent is what
    /// is in the list.
    pub fn rows_with_sent(&self, sent: Fingerprint) -> impl Iterator<Item = u64> {
        let found = self.by_sent.find(self.rows.len(), sent.0, |place| {
            let slot = self.seen(place)?;
            Some(self.sent_at(u32::try_from(place).ok()?, slot))
        });
        found.iter().map(|place| u64::from(*place) + 1)
    }

    fn seen(&self, place: usize) -> Option<Slot> {
        let slot = self.rows.get(place).copied();
        slot.filter(|slot| slot.progress() != Progress::Unseen)
    }

    fn sent_at(&self, place: u32, slot: Slot) -> u64 {
        self.sent.get(&place).copied().unwrap_or(slot.list)
    }

    /// Every row as it is now.
    pub(super) fn slots(&self) -> Slots {
        self.rows.clone()
    }

    /// The slot of a row that the journal mentions.
    pub(super) fn slot(&self, row: u64) -> Option<&Slot> {
        let slot = self.rows.get(place_of(row)? as usize);
        slot.filter(|slot| slot.progress() != Progress::Unseen)
    }
}

/// The place of a row: its id, counted from 0.
fn place_of(row: u64) -> Option<u32> {
    u32::try_from(row.checked_sub(1)?).ok()
}

/// Applying events, in the order of the file. Replay and writing both go through here, so they
/// cannot differ.
impl State {
    /// Applies a line that begins at byte `offset`.
    pub(super) fn apply(&mut self, line: Line, offset: u64) -> Result<(), Fault> {
        match &line {
            Line::Journal(_) => {}
            _ if self.opening.is_none() => {
                return Err(Fault::Invalid("expected the opening line".to_owned()));
            }
            Line::Run(_) => {}
            _ if self.runs == 0 => {
                return Err(Fault::Invalid("expected the beginning of a run".to_owned()));
            }
            _ => {}
        }
        match line {
            Line::Journal(opening) => self.open(opening)?,
            Line::Run(run) => self.begin_run(run, offset),
            Line::Dispatched(dispatched) => self.dispatch(&dispatched, offset)?,
            Line::Outcome(outcome) => self.outcome(&outcome, offset)?,
            Line::Withdrawn(withdrawn) => self.withdraw(&withdrawn, offset)?,
            Line::AnswerLost(lost) => self.lose_answer(lost),
            Line::Paused(_) => {}
            Line::Alive(alive) => self.times.alive(alive.at),
            Line::Ended(ended) => self.end_run(ended),
        }
        Ok(())
    }

    fn open(&mut self, opening: Opening) -> Result<(), Fault> {
        if opening.schema > SCHEMA {
            return Err(Fault::NewerSchema(opening));
        }
        self.opening.get_or_insert(opening);
        Ok(())
    }

    fn begin_run(&mut self, run: Box<Run>, offset: u64) {
        self.is_unverified |= self.is_open;
        self.is_open = false;
        if let Some(run) = self.run.as_ref().filter(|_| self.has_rendered) {
            self.numbering_before = Some(run.numbering.clone());
        }
        self.has_rendered = false;
        self.runs += 1;
        self.has_ended = false;
        self.times.run(offset);
        self.is_incomplete |= run.is_incomplete;
        self.baseline.get_or_insert_with(|| run.baseline.clone());
        if run.command.is_of_list() {
            self.is_import_finished = false;
            self.import = None;
        } else if self.import.is_none() {
            let before = self.run.take();
            self.import = before.filter(|run| run.command.is_of_list());
        }
        self.run = Some(run);
    }

    fn dispatch(&mut self, dispatched: &line::Dispatched, offset: u64) -> Result<(), Fault> {
        self.times.dispatched(offset, dispatched.at);
        // A change is read and compared before it is repeated: it leaves no second organization.
        let created = || dispatched.rows.iter().filter(|row| row.update.is_none());
        self.is_open |= dispatched.rows.is_empty() || created().next().is_some();
        // The file is written before the first request.
        self.has_rendered = true;
        for row in created() {
            let (place, slot) = slot_of(&mut self.rows, row.row)?;
            let before = slot.progress();
            if before.is_in_doubt() {
                self.times.keep_first(place, slot.offset());
            }
            if let Some(status) = before.status() {
                self.counts.remove(status);
            }
            slot.set(Progress::Dispatched, offset);
            slot.list = row.list.0;
            slot.external_id = hash_of(row.external_id);
            self.set_sent(place, row.list, row.sent);
        }
        self.forget_indexes();
        Ok(())
    }

    fn outcome(&mut self, outcome: &line::Outcome, offset: u64) -> Result<(), Fault> {
        let (place, slot) = slot_of(&mut self.rows, outcome.row)?;
        let before = slot.progress();
        if let Some(status) = before.status() {
            self.counts.remove(status);
        }
        if outcome.status != Status::Unknown {
            self.times.settle(place);
        } else if before.is_in_doubt() {
            self.times.keep_first(place, slot.offset());
        }
        self.counts.add(Some(outcome.status));
        slot.set(Progress::Outcome(outcome.status), offset);
        slot.list = outcome.list.0;
        slot.external_id = hash_of(outcome.external_id);
        if let Some(id) = outcome.organization_id {
            slot.organization = id.0;
        }
        self.set_sent(place, outcome.list, outcome.sent);
        self.forget_indexes();
        Ok(())
    }

    fn withdraw(&mut self, withdrawn: &Withdrawn, offset: u64) -> Result<(), Fault> {
        for row in &withdrawn.rows {
            let (place, slot) = slot_of(&mut self.rows, *row)?;
            let before = slot.progress();
            if before.is_in_doubt() {
                if let Some(status) = before.status() {
                    self.counts.remove(status);
                }
                slot.set(Progress::Unseen, offset);
                self.times.settle(place);
                self.sent.remove(&place);
            }
        }
        self.forget_indexes();
        Ok(())
    }

    fn set_sent(&mut self, place: u32, list: Fingerprint, sent: Option<Fingerprint>) {
        if let Some(sent) = sent.filter(|sent| *sent != list) {
            self.sent.insert(place, sent.0);
        } else if !self.sent.is_empty() {
            self.sent.remove(&place);
        }
    }

    fn forget_indexes(&mut self) {
        self.by_sent.clear();
        self.by_organization.clear();
    }

    fn lose_answer(&mut self, lost: AnswerLost) {
        self.is_unverified = true;
        self.comparison_due = self.comparison_due.max(Some(due(lost)));
    }

    fn end_run(&mut self, ended: Ended) {
        self.has_ended = true;
        self.has_rendered |= ended.results.is_some();
        let command = self.run.as_ref().map(|run| run.command);
        self.is_import_finished |= command.is_some_and(Command::is_of_list) && ended.is_finished;
        self.is_open = false;
        self.is_incomplete &= !(ended.is_finished && ended.is_verified);
        self.is_unverified = !ended.is_verified;
        if ended.is_verified {
            self.comparison_due = None;
        }
        self.ended = Some(ended);
    }
}

/// When a comparison after a lost answer can be trusted.
pub(super) fn due(lost: AnswerLost) -> Timestamp {
    let patience = i64::try_from(lost.patience).unwrap_or(i64::MAX);
    lost.at
        .checked_add(SignedDuration::from_secs(patience))
        .unwrap_or(Timestamp::MAX)
}

fn hash_of(id: Option<line::IdHash>) -> u64 {
    id.map_or(0, |id| id.0)
}

/// The slot of a row, and its place.
fn slot_of(rows: &mut Slots, row: u64) -> Result<(u32, &mut Slot), Fault> {
    let invalid = || Fault::Invalid(format!("there is no row {row}"));
    if row > MAX_ROWS {
        return Err(invalid());
    }
    let place = place_of(row).ok_or_else(invalid)?;
    let slot = rows.at(place as usize).ok_or_else(invalid)?;
    Ok((place, slot))
}
