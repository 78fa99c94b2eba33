//! The runs of a journal, with the times of their results.

use super::facts::Group;
use crate::journal::{self, Command, Event, Outcome};
use jiff::Timestamp;

/// A run as the journal tells it.
#[derive(Clone, Debug)]
pub(super) struct RunHistory {
    pub(super) command: Command,
    pub(super) program: String,
    pub(super) started: Timestamp,
    /// The last that is known of it.
    pub(super) last_sign: Timestamp,
    pub(super) has_ended: bool,
    pub(super) is_finished: bool,
    pub(super) results: Vec<ResultAt>,
    pub(super) lost_answers: Vec<Timestamp>,
    /// When WorkOS asked for a pause.
    pub(super) pauses: Vec<Timestamp>,
}

/// A result and its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ResultAt {
    pub(super) at: Timestamp,
    pub(super) group: Group,
    pub(super) attempts: u32,
}

impl RunHistory {
    /// The runs of a journal.
    ///
    /// # Errors
    /// When an event cannot be read.
    pub(super) fn of(
        events: impl IntoIterator<Item = Result<Event, journal::Error>>,
    ) -> Result<Vec<Self>, journal::Error> {
        let mut runs: Vec<Self> = Vec::new();
        for event in events {
            match (event?, runs.last_mut()) {
                (Event::Run(run), _) => runs.push(Self::begun(&run)),
                (Event::Outcome(outcome), Some(run)) => run.add(&outcome),
                (Event::AnswerLost(lost), Some(run)) => {
                    run.lost_answers.push(lost.at);
                    run.last_sign = run.last_sign.max(lost.at);
                }
                (Event::Paused(paused), Some(run)) => {
                    run.pauses.push(paused.at);
                    run.last_sign = run.last_sign.max(paused.at);
                }
                (Event::Ended(ended), Some(run)) => {
                    run.has_ended = true;
                    run.is_finished = ended.is_finished;
                    run.last_sign = run.last_sign.max(ended.at);
                }
                // The clock of these is the server's.
                (
                    Event::Journal(_)
                    | Event::Dispatched(_)
                    | Event::Alive(_)
                    | Event::Withdrawn(_),
                    _,
                )
                | (_, None) => {}
            }
        }
        Ok(runs)
    }

    fn begun(run: &journal::Run) -> Self {
        Self {
            command: run.command,
            program: run.program.clone(),
            started: run.at,
            last_sign: run.at,
            has_ended: false,
            is_finished: false,
            results: Vec::new(),
            lost_answers: Vec::new(),
            pauses: Vec::new(),
        }
    }

    /// Adds a result. One from before the run was only written down again.
    fn add(&mut self, outcome: &Outcome) {
        let Some(at) = outcome.finished_at.filter(|at| *at >= self.started) else {
            return;
        };
        self.last_sign = self.last_sign.max(at);
        self.results.push(ResultAt {
            at,
            group: Group::of(Some(outcome.status)),
            attempts: outcome.attempts,
        });
    }
}
