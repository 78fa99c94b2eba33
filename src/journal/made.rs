//! What the runs of a journal have made of each organization: what can be taken back.

use super::{Command, DispatchedRow, Error, Event, History, Outcome, State, UpdateOf};
use crate::organization::{Content, Fingerprint, Left, state_when_sent};
use crate::results::Status;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

/// What the runs have made of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The row that it belongs to, by its id in the journal.
    pub row: u64,
    /// The organization.
    pub organization_id: String,
    /// The row as it was in the list.
    pub list: Fingerprint,
    /// All its cells in the list.
    pub cells: Option<Fingerprint>,
    /// What was sent.
    pub sent: Fingerprint,
    /// Its name when it was created or first changed.
    pub name: String,
    /// The external id that was sent, where there was one.
    pub external_id: Option<String>,
    /// Whether a run has created it; otherwise it was there before.
    pub is_created: bool,
    /// Whether somebody else had changed it, after it was created, when a run changed it.
    pub is_by_others: bool,
    /// What the runs have changed of it.
    pub changed: Option<Box<Changed>>,
    /// What was known of the changes before the last one.
    before_last: Option<Box<Changed>>,
    /// The run that has begun the last change, by its number.
    changed_in: u64,
    /// The place of the last event about it, by which the newest comes first.
    order: u64,
}

/// What runs have changed of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// What it would hold without the changes.
    pub before: Content,
    /// What it was to hold after the last change. Where changes were cut off, what it may hold
    /// otherwise comes first: each field is as in one of these.
    pub left: Vec<Content>,
    /// The states that domains had before they were removed, as far as they are known.
    pub domain_states: BTreeMap<String, String>,
}

impl Made {
    /// How the runs have left an organization that they have created.
    pub fn left(&self) -> Left {
        match &self.changed {
            _ if self.is_by_others => Left::ByOthers,
            Some(changed) => Left::Changed(changed.left.clone()),
            None => Left::Created(self.name.clone(), self.sent),
        }
    }

    /// A run is about to change it.
    fn change(&mut self, update: UpdateOf, run: u64) {
        let UpdateOf {
            before,
            after,
            mut domain_states,
            ..
        } = update;
        self.is_by_others |= self.is_created && !self.left().is(&before);
        let known = self.changed.take();
        let without = match &known {
            Some(known) => before.with_taken_back(&known.before, &known.left),
            None => before.clone(),
        };
        for (domain, was) in known.iter().flat_map(|known| &known.domain_states) {
            // A domain that was sent again has lost its state; one that got a newer state has that.
            let is_newer = |now: &String| now != state_when_sent(was);
            if !domain_states.get(domain).is_some_and(is_newer) {
                domain_states.insert(domain.clone(), was.clone());
            }
        }
        self.changed = Some(Box::new(Changed {
            before: without,
            left: vec![before, after],
            domain_states,
        }));
        self.before_last = known;
        self.changed_in = run;
    }

    /// The last change has this outcome.
    fn end_change(&mut self, outcome: &Outcome) {
        let was_sent = outcome.attempts > 0;
        match outcome.status {
            Status::Updated => {
                if let Some(changed) = &mut self.changed {
                    changed.left.drain(..changed.left.len().saturating_sub(1));
                }
            }
            Status::Conflict | Status::Failed if !was_sent => {
                self.changed = self.before_last.take();
            }
            _ => {}
        }
        self.before_last = None;
        self.changed_in = 0;
    }
}

/// What the runs of a journal have made.
#[derive(Debug, Default)]
pub struct AllMade {
    /// Each organization, the newest first.
    pub organizations: Vec<Made>,
    /// How many organizations only a results file says to be created.
    pub claimed: u64,
}

/// What the runs of a journal have made; `only` names the run that counts, by its number from 1,
/// where not all do.
///
/// # Errors
/// When the journal cannot be read.
pub fn made(path: &Path, state: &State, only: Option<u64>) -> Result<AllMade, Error> {
    let mut work = Work {
        only,
        ..Work::default()
    };
    for event in History::open(path, state)? {
        work.apply(event?);
    }
    Ok(work.made())
}

/// As what a row was dispatched, and in which run.
#[derive(Debug)]
struct Creating {
    run: u64,
    sent: Fingerprint,
    name: String,
    external_id: Option<String>,
}

#[derive(Debug, Default)]
struct Work {
    only: Option<u64>,
    by_id: HashMap<String, Made>,
    run: u64,
    is_undo: bool,
    /// What organizations were to hold again, by their ids, where the undo has no outcome yet.
    restoring: HashMap<String, Content>,
    /// As what rows were dispatched that have no organization yet.
    creating: HashMap<u64, Creating>,
    /// Organizations of rows that were never dispatched: no run has created them.
    claimed: HashSet<String>,
    events: u64,
}

impl Work {
    fn apply(&mut self, event: Event) {
        self.events += 1;
        match event {
            Event::Run(run) => {
                self.run += 1;
                self.is_undo = run.command == Command::Undo;
                self.restoring.clear();
            }
            Event::Dispatched(dispatched) => {
                for row in dispatched.rows {
                    self.dispatched(row);
                }
            }
            Event::Withdrawn(withdrawn) => {
                for row in withdrawn.rows {
                    self.creating.remove(&row);
                }
            }
            Event::Outcome(mut outcome) => {
                if outcome.status == Status::Unknown {
                    return;
                }
                // Of a row that failed, the organization may be found later.
                let is_done = outcome.status.is_done();
                let creating = is_done.then(|| self.creating.remove(&outcome.row));
                let creating = creating.flatten();
                let creating = creating.filter(|_| outcome.status == Status::Created);
                let created_in = creating.as_ref().map(|creating| creating.run);
                // The row may have been edited before its organization was found.
                if let Some(creating) = creating {
                    outcome.sent = Some(creating.sent);
                    outcome.name = creating.name;
                    outcome.external_id = creating.external_id;
                }
                if self.is_undo {
                    self.undone(*outcome, created_in);
                } else {
                    self.outcome(*outcome, created_in.map(|_| self.run));
                }
            }
            _ => {}
        }
    }

    fn is_wanted(&self, run: u64) -> bool {
        self.only.is_none_or(|only| only == run)
    }

    fn dispatched(&mut self, row: DispatchedRow) {
        let Some(update) = row.update else {
            let creating = Creating {
                run: self.run,
                sent: row.sent.unwrap_or(row.list),
                name: row.name,
                external_id: row.external_id,
            };
            self.creating.insert(row.row, creating);
            return;
        };
        let (is_wanted, order) = (self.is_wanted(self.run), self.events);
        let known = self.by_id.get_mut(&update.organization_id);
        if self.is_undo {
            if let Some(changed) = known.and_then(|made| made.changed.as_mut())
                && self.only.is_none()
            {
                // The undo may have been cut off.
                let last = changed.left.len().saturating_sub(1);
                changed.left.insert(last, update.after.clone());
            }
            self.restoring.insert(update.organization_id, update.after);
            return;
        }
        match known {
            // What another run has changed since is not taken back: it is not as this one left it.
            Some(made) if is_wanted || made.is_created => {
                made.order = order;
                made.change(*update, self.run);
            }
            None if is_wanted => {
                let id = update.organization_id.clone();
                let mut made = Made {
                    row: row.row,
                    organization_id: id.clone(),
                    list: row.list,
                    cells: row.cells,
                    sent: row.sent.unwrap_or(row.list),
                    name: row.name,
                    external_id: row.external_id,
                    is_created: false,
                    is_by_others: false,
                    changed: None,
                    before_last: None,
                    changed_in: 0,
                    order,
                };
                made.change(*update, self.run);
                self.by_id.insert(id, made);
            }
            Some(_) | None => {}
        }
    }

    /// An outcome, and the run to which a creation belongs, where the row was dispatched for one.
    fn outcome(&mut self, outcome: Outcome, created_in: Option<u64>) {
        let Some(id) = outcome.organization_id.clone() else {
            return;
        };
        if let Some(made) = self.by_id.get_mut(&id) {
            // A run may repeat the outcome of an earlier one.
            if made.changed_in == self.run {
                made.end_change(&outcome);
            }
            // The row may have been edited since.
            made.row = outcome.row;
            made.list = outcome.list;
            made.cells = outcome.cells;
        } else if let Some(run) = created_in.filter(|_| outcome.status == Status::Created) {
            self.claimed.remove(&id);
            if !self.is_wanted(run) {
                return;
            }
            let made = Made {
                row: outcome.row,
                organization_id: id.clone(),
                list: outcome.list,
                cells: outcome.cells,
                sent: outcome.sent.unwrap_or(outcome.list),
                name: outcome.name,
                external_id: outcome.external_id,
                is_created: true,
                is_by_others: false,
                changed: None,
                before_last: None,
                changed_in: 0,
                order: self.events,
            };
            self.by_id.insert(id, made);
        } else if outcome.status == Status::Created {
            self.claimed.insert(id);
        }
    }

    /// An outcome of an undo.
    fn undone(&mut self, outcome: Outcome, created_in: Option<u64>) {
        let Some(id) = outcome.organization_id.clone() else {
            return;
        };
        match outcome.status {
            Status::Deleted => {
                self.by_id.remove(&id);
            }
            Status::Unchanged => {
                let restored = self.restoring.remove(&id);
                let changed = self.by_id.get_mut(&id).map(|made| &mut made.changed);
                let changed = changed.and_then(|changed| Some((changed.as_mut()?, restored?)));
                match changed {
                    Some((changed, restored)) if self.only.is_none() => {
                        changed.left = vec![restored];
                    }
                    // Another run may have been taken back, not this one.
                    Some((changed, restored))
                        if restored.with_taken_back(&changed.before, &changed.left) == restored =>
                    {
                        self.by_id.remove(&id);
                    }
                    _ => {}
                }
            }
            // The comparison before an undo finds what lost answers have created.
            Status::Created => self.outcome(outcome, created_in),
            _ => {}
        }
    }

    fn made(self) -> AllMade {
        let claimed = self.claimed.iter();
        let claimed = claimed.filter(|id| !self.by_id.contains_key(*id)).count() as u64;
        let mut made: Vec<Made> = self.by_id.into_values().collect();
        // What was taken back is again what it was.
        made.retain(|made| {
            let changed = made.changed.as_ref();
            let is_changed =
                |changed: &Changed| changed.left.iter().any(|left| *left != changed.before);
            made.is_created || changed.is_some_and(|changed| is_changed(changed))
        });
        made.sort_by_key(|made| std::cmp::Reverse((made.order, made.row)));
        AllMade {
            organizations: made,
            claimed,
        }
    }
}
