//! Taking runs back: what they have created is deleted, what they have changed gets its former
//! values, the newest first.

use super::conclusion::Conclusion;
use super::confirm::ask_to_undo;
use super::console::Console;
use super::execute::Running;
use super::planned::write_changes;
use super::preparation::Prepared;
use super::{Error, UndoRequest};
use crate::engine::{self, Engine, Event, Feed};
use crate::journal::{AllMade, Changed, Made, State, made};
use crate::organization::{Content, FieldChange, Patch, state_when_sent};
use crate::plan::{Delete, Operation, Task, Update};
use crate::text::{counted, duration, grouped, untrusted};
use crate::workos::OrganizationsApi;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Write;
use std::time::Duration;
use tokio::time::Instant;

/// How many organizations WorkOS lets a key delete in a minute.
const DELETIONS_A_MINUTE: u64 = 50;
/// How many names are shown of each kind.
const SHOWN: usize = 20;

impl UndoRequest {
    /// Which rows are taken back, by their ids in the journal.
    fn wanted(&self, state: &State) -> impl Fn(u64) -> bool {
        let is_wanted = |number: &u64| {
            let mut ranges = self.rows.iter();
            ranges.any(|(first, last)| (*first..=*last).contains(number))
        };
        let numbering = state.last_run().map(|run| run.numbering.iter());
        let numbered = numbering.into_iter().flatten();
        let wanted = numbered.filter(|(number, _)| is_wanted(number));
        let wanted: HashSet<u64> = wanted.map(|(_, id)| id).collect();
        let all = self.rows.is_empty();
        move |row| all || wanted.contains(&row)
    }
}

impl<C: Console> Running<'_, C> {
    /// Takes back what the journal says.
    ///
    /// # Errors
    /// When it cannot begin; nothing was changed then.
    pub(super) async fn undo<A: OrganizationsApi + 'static>(
        mut self,
        engine: Engine<A>,
        mut prepared: Prepared,
    ) -> Result<Conclusion, Error> {
        let undo = &self.request.undo;
        let AllMade {
            organizations: steps,
            claimed,
        } = self.steps(undo, self.memory.state.as_ref())?;
        self.warn_of_claimed(claimed);
        let in_doubt = self.wanted_in_doubt(undo);
        if steps.is_empty() && in_doubt == 0 && !self.memory.needs_comparison() {
            return Ok(Conclusion {
                is_undo: true,
                ..self.nothing_to_send(&prepared.plan)
            });
        }
        let now = self.preflight(&engine).await?;
        let created = steps.iter().filter(|made| made.is_created).count() as u64;
        self.setting
            .console
            .info(&in_words(&steps, created, in_doubt));
        if self.request.is_dry_run {
            return Ok(Conclusion::default());
        }
        let deletions = created + in_doubt;
        ask_to_undo(
            self.setting.environment,
            deletions,
            steps.len() as u64 - created,
            undo.yes_delete,
            self.setting.console,
            &self.setting.shutdown,
        )
        .await?;
        let baseline = self.memory.baseline().unwrap_or(engine::Baseline {
            is_late: true,
            ..now
        });
        let owned = self.memory.owned(&[]);
        let engine = engine.with_baseline(baseline.clone(), owned);
        let (mut ledger, tables) = self.begin(&mut prepared, baseline, Vec::new())?;
        let started = Instant::now();
        let mut conclusion = Conclusion {
            is_undo: true,
            is_united: self.opened.original.is_some(),
            ..Conclusion::default()
        };
        // The request of a lost answer may still be at work: what it creates is found first.
        let is_verified = self
            .verify(&engine, &mut ledger, &tables.reported, &mut conclusion)
            .await;
        if conclusion.error.is_none() && !self.setting.shutdown.is_draining() {
            // It may have found organizations of which no answer came.
            conclusion.note(ledger.journal.flush().map_err(Error::from));
            let steps = self
                .steps(undo, Some(ledger.journal.state()))?
                .organizations;
            engine
                .observers()
                .emit(&Event::RowsCounted(steps.len() as u64));
            let tasks = steps.into_iter().map(|made| Ok::<_, Error>(task(made)));
            let summary = engine.run(Feed::inline(tasks), &mut ledger).await;
            conclusion.take(summary);
        }
        self.finish(&prepared, &mut ledger, &mut conclusion, false, is_verified);
        conclusion.stopped = self.setting.shutdown.reason();
        conclusion.elapsed = started.elapsed();
        Ok(conclusion)
    }

    /// How many organizations there may be that the journal does not know yet.
    fn wanted_in_doubt(&self, undo: &UndoRequest) -> u64 {
        let Some(state) = self.memory.state.as_ref() else {
            return 0;
        };
        let is_wanted = undo.wanted(state);
        let rows = state.rows_in_doubt();
        rows.filter(|row| is_wanted(*row)).count() as u64
    }

    /// A results file is its user's, so what it says is no proof.
    fn warn_of_claimed(&self, claimed: u64) {
        if claimed > 0 {
            self.setting.console.warn(&format!(
                "{} not taken back: only the results file says that a run has created them, and their journal is missing",
                counted(claimed, "organization")
            ));
        }
    }

    fn steps(&self, undo: &UndoRequest, state: Option<&State>) -> Result<AllMade, Error> {
        let Some(state) = state else {
            return Err(Error::Mismatch {
                message: format!(
                    "there is no journal of {}: nothing is known of what its runs have made",
                    self.opened.results().display()
                ),
                hint: format!("restore {}", self.memory.path.display()),
            });
        };
        if let Some(run) = undo.run.filter(|run| !(1..=state.runs()).contains(run)) {
            return Err(Error::Usage {
                message: format!("there is no run {run}"),
                hint: format!(
                    "the journal has {}; --run takes a number from 1",
                    counted(state.runs(), "run")
                ),
            });
        }
        let mut made = made(&self.memory.path, state, undo.run)?;
        let is_wanted = undo.wanted(state);
        made.organizations.retain(|made| is_wanted(made.row));
        Ok(made)
    }
}

fn task(made: Made) -> Task {
    let line = made.row;
    let left = made.left();
    let (row, list, cells) = (made.row, made.list, made.cells);
    let operation = match made.changed {
        Some(changed) if !made.is_created => {
            let Changed {
                before,
                mut left,
                domain_states,
            } = *changed;
            Operation::Update(Box::new(Update {
                organization_id: made.organization_id,
                before: left.pop().unwrap_or_default(),
                verified: verified(&before, &domain_states),
                after: before,
                partly: left,
                domain_states,
                fingerprint: made.sent,
                external_id: made.external_id,
                is_restoring: true,
            }))
        }
        _ => Operation::Delete(Box::new(Delete {
            organization_id: made.organization_id,
            left,
            name: made.name,
            external_id: made.external_id,
            fingerprint: made.sent,
        })),
    };
    Task {
        row,
        line,
        list,
        cells,
        operation,
    }
}

/// The domains that were verified before they were removed.
fn verified(before: &Content, states: &BTreeMap<String, String>) -> BTreeSet<String> {
    let verified = states
        .iter()
        .filter(|(_, state)| state_when_sent(state) == "verified");
    let verified = verified.map(|(domain, _)| domain.clone());
    verified
        .filter(|domain| before.domains.contains(domain))
        .collect()
}

/// What changes of an organization that gets its former values.
fn restored(made: &Made) -> Vec<FieldChange> {
    let changed = made.changed.as_deref().filter(|_| !made.is_created);
    let left = changed.and_then(|changed| Some((changed.left.last()?, &changed.before)));
    left.map_or_else(Vec::new, |(left, before)| {
        Patch::between(left, before).changes(left)
    })
}

/// What is taken back, for the user to decide.
fn in_words(steps: &[Made], deletions: u64, in_doubt: u64) -> String {
    let mut text = String::new();
    for (is_created, sign) in [(true, '-'), (false, '~')] {
        let of_kind = || steps.iter().filter(|made| made.is_created == is_created);
        for made in of_kind().take(SHOWN) {
            let (name, id) = (
                untrusted(&made.name, 100),
                untrusted(&made.organization_id, 60),
            );
            let _ = write!(text, "  {sign} {name} ({id})");
            write_changes(&mut text, &restored(made));
            text.push('\n');
        }
        let more = of_kind().count().saturating_sub(SHOWN) as u64;
        if more > 0 {
            let _ = writeln!(text, "  {sign} and {} more", grouped(more));
        }
    }
    let restored = steps.len() as u64 - deletions;
    let _ = write!(
        text,
        "undo: {} to delete, {} to restore",
        counted(deletions, "organization"),
        grouped(restored)
    );
    if in_doubt > 0 {
        let _ = write!(
            text,
            "; {} may have been created without an answer: looked up first, and deleted too",
            counted(in_doubt, "more organization")
        );
    }
    if deletions > DELETIONS_A_MINUTE {
        let minutes = deletions.div_ceil(DELETIONS_A_MINUTE);
        let _ = write!(
            text,
            "; WorkOS allows {DELETIONS_A_MINUTE} deletions a minute: about {}",
            duration(Duration::from_secs(minutes * 60))
        );
    }
    text
}
