//! What the runs of a journal have made of each organization: what can be taken back.

use super::{DispatchedRow, Error, Event, History, Outcome, State};
use crate::organization::{Content, Fingerprint};
use crate::results::Status;
use std::collections::HashMap;
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
    /// What was sent.
    pub sent: Fingerprint,
    /// Its name.
    pub name: String,
    /// The external id that was sent, where there was one.
    pub external_id: Option<String>,
    /// Whether a run has created it; otherwise it was there before.
    pub is_created: bool,
    /// What it held before the first change, and what it was to hold after the last one.
    pub changed: Option<Box<(Content, Content)>>,
    /// The place of the last event about it, by which the newest comes first.
    order: u64,
}

impl Made {
    /// Its content as the runs have left it.
    pub fn left(&self) -> Fingerprint {
        let changed = self.changed.as_ref();
        changed.map_or(self.sent, |changed| changed.1.fingerprint())
    }
}

/// What the runs of a journal have made, the newest first. `is_wanted` says which runs count, by
/// their numbers from 1.
///
/// # Errors
/// When the journal cannot be read.
pub fn made(
    path: &Path,
    state: &State,
    is_wanted: impl Fn(u64) -> bool,
) -> Result<Vec<Made>, Error> {
    let mut work = Work::default();
    let mut run = 0;
    for event in History::open(path, state)? {
        let event = event?;
        run += u64::from(matches!(event, Event::Run(_)));
        work.apply(event, is_wanted(run));
    }
    Ok(work.made())
}

#[derive(Debug, Default)]
struct Work {
    by_id: HashMap<String, Made>,
    events: u64,
}

impl Work {
    fn apply(&mut self, event: Event, is_wanted: bool) {
        self.events += 1;
        match event {
            Event::Dispatched(dispatched) => {
                for row in dispatched.rows {
                    self.changed(row, is_wanted);
                }
            }
            Event::Outcome(outcome) => self.outcome(*outcome, is_wanted),
            _ => {}
        }
    }

    fn changed(&mut self, row: DispatchedRow, is_wanted: bool) {
        let Some(update) = row.update else {
            return;
        };
        let order = self.events;
        match self.by_id.get_mut(&update.organization_id) {
            Some(made) => {
                made.order = order;
                match &mut made.changed {
                    Some(changed) => changed.1 = update.after,
                    none if is_wanted || made.is_created => {
                        *none = Some(Box::new((update.before, update.after)));
                    }
                    None => {}
                }
            }
            None if is_wanted => {
                let made = Made {
                    row: row.row,
                    organization_id: update.organization_id.clone(),
                    list: row.list,
                    sent: row.sent.unwrap_or(row.list),
                    name: row.name,
                    external_id: row.external_id,
                    is_created: false,
                    changed: Some(Box::new((update.before, update.after))),
                    order,
                };
                self.by_id.insert(update.organization_id, made);
            }
            None => {}
        }
    }

    fn outcome(&mut self, outcome: Outcome, is_wanted: bool) {
        let Some(id) = outcome.organization_id else {
            return;
        };
        match outcome.status {
            Status::Created if is_wanted && !self.by_id.contains_key(&id) => {
                let made = Made {
                    row: outcome.row,
                    organization_id: id.clone(),
                    list: outcome.list,
                    sent: outcome.sent.unwrap_or(outcome.list),
                    name: outcome.name,
                    external_id: outcome.external_id,
                    is_created: true,
                    changed: None,
                    order: self.events,
                };
                self.by_id.insert(id, made);
            }
            Status::Deleted => {
                self.by_id.remove(&id);
            }
            _ => {
                // The row may have been edited since.
                if let Some(made) = self.by_id.get_mut(&id) {
                    made.row = outcome.row;
                    made.list = outcome.list;
                }
            }
        }
    }

    fn made(self) -> Vec<Made> {
        let mut made: Vec<Made> = self.by_id.into_values().collect();
        // What was taken back is again what it was.
        made.retain(|made| {
            let changed = made.changed.as_ref();
            made.is_created || changed.is_some_and(|changed| changed.0 != changed.1)
        });
        made.sort_by_key(|made| std::cmp::Reverse((made.order, made.row)));
        made
    }
}
