//! What the organizations of rows hold again whose changes an undo has taken back.

use super::{Command, Error, Event, History, State};
use crate::organization::Content;
use crate::results::Status;
use std::collections::HashMap;
use std::path::Path;

/// The rows whose change was taken back and that no later run has touched, with what their
/// organizations hold since.
///
/// # Errors
/// When the journal cannot be read.
pub fn restored(path: &Path, state: &State) -> Result<HashMap<u64, Content>, Error> {
    let mut work = Work::default();
    for event in History::open(path, state)? {
        work.apply(event?);
    }
    Ok(work.restored)
}

#[derive(Debug, Default)]
struct Work {
    is_undo: bool,
    /// What organizations are to hold again, by their rows, where the undo has no outcome yet.
    restoring: HashMap<u64, Content>,
    restored: HashMap<u64, Content>,
}

impl Work {
    fn apply(&mut self, event: Event) {
        match event {
            Event::Run(run) => {
                self.is_undo = run.command == Command::Undo;
                self.restoring.clear();
            }
            Event::Dispatched(dispatched) => {
                for row in dispatched.rows {
                    self.restored.remove(&row.row);
                    if let Some(update) = row.update.filter(|_| self.is_undo) {
                        self.restoring.insert(row.row, update.after);
                    }
                }
            }
            Event::Outcome(outcome) if self.is_undo => {
                let restored = self.restoring.remove(&outcome.row);
                let is_restored = outcome.status == Status::Unchanged;
                self.restored
                    .extend(restored.filter(|_| is_restored).map(|it| (outcome.row, it)));
            }
            Event::Outcome(outcome) => {
                self.restored.remove(&outcome.row);
            }
            _ => {}
        }
    }
}
