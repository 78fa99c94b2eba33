//! The plan is carried out: rows are sent, WorkOS is compared, and the results file is rendered.

use super::Error;
use super::comparison::compare;
use super::conclusion::Conclusion;
use super::console::Console;
use super::execute::Running;
use super::ledger::RunLedger;
use super::preparation::Prepared;
use super::report::Live;
use super::rows::Tables;
use super::table::Table;
use super::tasks::Tasks;
use crate::engine::{Engine, Event, Feed};
use crate::journal::Ended;
use crate::plan::Mode;
use crate::workos::OrganizationsApi;
use std::cell::OnceCell;
use std::sync::Arc;
use tokio::time::Instant;

impl<C: Console> Running<'_, C> {
    /// Sends what is to be sent, compares, and renders the results file.
    pub(super) async fn execute<A: OrganizationsApi + 'static>(
        &self,
        engine: &Engine<A>,
        prepared: &mut Prepared,
        ledger: &mut RunLedger,
        tables: &Tables,
    ) -> Conclusion {
        let started = Instant::now();
        let mut conclusion = Conclusion {
            is_united: self.opened.original.is_some(),
            ..Conclusion::default()
        };
        let to_process = prepared.plan.to_process();
        engine.observers().emit(&Event::RowsCounted(to_process));
        let in_doubt = prepared.plan.in_doubt;
        if in_doubt > 0 {
            engine.observers().emit(&Event::InDoubt {
                rows: in_doubt,
                is_interrupted: !prepared.is_incomplete,
            });
        }
        // From here on the file shows what will become of it; one that cannot be written stops
        // the run before the first request.
        let first = ledger.render();
        conclusion.note(first.map(|_| ()).map_err(Error::from));
        let mut is_complete = conclusion.error.is_none();
        if to_process > 0 && is_complete {
            is_complete = self
                .send(engine, prepared, ledger, &tables.sent, &mut conclusion)
                .await;
        }
        let is_verified = self
            .verify(engine, ledger, &tables.reported, &mut conclusion)
            .await;
        // A row in doubt may still turn up, also one that the list does not have any more.
        let has_doubts = ledger.journal.state().rows_in_doubt().next().is_some();
        let is_verified = is_verified && !has_doubts;
        self.finish(prepared, ledger, &mut conclusion, is_complete, is_verified);
        conclusion.stopped = self.setting.shutdown.reason();
        conclusion.elapsed = started.elapsed();
        conclusion
    }

    async fn send<A: OrganizationsApi + 'static>(
        &self,
        engine: &Engine<A>,
        prepared: &mut Prepared,
        ledger: &mut RunLedger,
        table: &Arc<Table>,
        conclusion: &mut Conclusion,
    ) -> bool {
        let generated = ledger.generated_ids();
        let tasks = Tasks::new(
            table,
            &prepared.mapping,
            prepared.repeats.clone(),
            &mut prepared.plan,
            generated,
        );
        let feed = tasks.and_then(|tasks| match self.setting.live {
            Live::Inline => Ok(Feed::inline(tasks)),
            Live::OnThread => {
                Feed::on_thread(tasks).map_err(Error::system("cannot start a thread to read rows"))
            }
        });
        let feed = match feed {
            Ok(feed) => feed,
            Err(error) => {
                conclusion.note(Err(error));
                return false;
            }
        };
        let summary = engine.run(feed, ledger).await;
        if summary.ledger_error.is_none() {
            conclusion.note(ledger.journal.withdraw().map_err(Error::from));
        }
        let is_complete = summary.is_complete;
        conclusion.take(summary);
        is_complete
    }

    /// Compares WorkOS with the journal where an answer was lost. Returns whether the journal can
    /// be relied on.
    pub(super) async fn verify<A: OrganizationsApi>(
        &self,
        engine: &Engine<A>,
        ledger: &mut RunLedger,
        table: &Table,
        conclusion: &mut Conclusion,
    ) -> bool {
        let had_duplicates = !ledger.journal.state().duplicates().is_empty();
        if !ledger.journal.needs_comparison() && !had_duplicates {
            return true;
        }
        conclusion.duplicates = ledger.journal.state().duplicates().to_vec();
        if conclusion.error.is_some() || self.setting.shutdown.is_draining() {
            return false;
        }
        let patience = self.request.settings.policy.longest_patience();
        let settled = self.setting.clock.now() + patience;
        let (listed, reported) = (OnceCell::new(), OnceCell::new());
        let before = self.memory.state.as_ref();
        let was_listed = |row| before.is_some_and(|state| state.was_listed(row));
        let is_gone = |row| match self.request.mode {
            // No row is sent any more.
            Mode::Undo => true,
            // The results file of a retry need not have all rows of the list.
            Mode::Retry(_) | Mode::RetrySync(_) => false,
            // A row that was added to the results file is for a retry.
            Mode::Import | Mode::Sync => {
                !listed.get_or_init(|| table.listed()).contains(&row)
                    && (was_listed(row) || !reported.get_or_init(|| table.ids()).contains(&row))
            }
        };
        match compare(engine, ledger, settled, is_gone).await {
            Ok(compared) => {
                for was in compared.adopted {
                    conclusion.turned_up(was);
                }
                conclusion.duplicates = compared.duplicates;
                true
            }
            Err(_) if self.setting.shutdown.is_draining() => false,
            Err(error) => {
                conclusion.note(Err(Error::Unverified(error)));
                false
            }
        }
    }

    /// Renders the results file for the last time and ends the run in the journal.
    pub(super) fn finish(
        &self,
        prepared: &Prepared,
        ledger: &mut RunLedger,
        conclusion: &mut Conclusion,
        is_complete: bool,
        is_verified: bool,
    ) {
        let rendered = ledger.render();
        for path in &ledger.report.set_aside {
            self.setting.console.warn(&format!(
                "another program changed the results file during the run; its version is kept as {}",
                path.display()
            ));
        }
        let mut digest = None;
        match rendered {
            Ok(rendered) => {
                conclusion.file = rendered.counts;
                conclusion.unsent = rendered.unsent;
                conclusion.unlisted = rendered.unlisted;
                digest = Some(rendered.digest);
            }
            Err(error) => conclusion.note(Err(error.into())),
        }
        let ended = ledger.journal.end(Ended {
            at: self.setting.clock.now(),
            is_finished: is_complete && prepared.plan.beyond_limit == 0,
            is_verified,
            results: digest,
            duplicates: conclusion.duplicates.clone(),
        });
        conclusion.note(ended.map_err(Error::from));
    }
}
