//! What import and retry have in common: an engine at work on a results file.

use super::Error;
use super::conclusion::Conclusion;
use super::connection::{Connection, ConnectionOptions};
use super::signals;
use crate::columns::Mapping;
use crate::engine::{
    Engine, Event, Feed, Observer, RowsError, Settings, SharedRunFile, Shutdown, StopReason, Task,
};
use crate::results::{self, Marker, PassKind, Scan, Writer, rewrite_in_order};
use crate::table::Format;
use crate::ui::{Bar, Failures, PlainLines, Printer};
use crate::validate::Validator as Examiner;
use crate::workos::{Client, Failure};
use std::path::PathBuf;
use std::sync::{MutexGuard, PoisonError};
use std::time::Instant;

/// What import and retry are told alike.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// How to reach WorkOS.
    pub connection: ConnectionOptions,
    /// How to run.
    pub settings: Settings,
    /// Whether production is used without being asked.
    pub yes: bool,
    /// Whether the summary is one JSON object on standard output.
    pub json: bool,
}

/// A results file with everything that is needed to go on with it.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) kind: PassKind,
    /// The file whose rows are handed out, as the user knows it.
    pub(super) file: String,
    pub(super) results: PathBuf,
    pub(super) format: Format,
    pub(super) header: Vec<String>,
    pub(super) mapping: Mapping,
    pub(super) run_file: SharedRunFile,
    /// Whether all rows are handed out, so that the pass can come to its end.
    pub(super) is_whole: bool,
    pub(super) printer: Printer,
    pub(super) json: bool,
}

/// An engine and those who watch it.
pub(super) struct Watched {
    pub(super) engine: Engine<Client>,
    pub(super) shutdown: Shutdown,
    pub(super) failures: Failures,
    pub(super) printer: Printer,
    bar: Option<Bar>,
}

impl Watched {
    /// An engine whose rows come from a file that the user knows as `file`.
    pub(super) fn new(
        connection: &Connection,
        settings: Settings,
        file: &str,
        printer: Printer,
    ) -> Self {
        let failures = Failures::default();
        let shutdown = Shutdown::default();
        let bar = (printer.is_terminal() && !printer.is_quiet())
            .then(|| Bar::new(file, failures.clone()));
        let observer: Box<dyn Observer> = match &bar {
            Some(bar) => Box::new(bar.clone()),
            None => Box::new(PlainLines::new(file, failures.clone(), printer)),
        };
        let engine = Engine::new(
            connection.client.clone(),
            settings,
            vec![observer],
            shutdown.clone(),
        );
        signals::listen(&shutdown);
        Self {
            engine,
            shutdown,
            failures,
            printer,
            bar,
        }
    }

    /// Puts the progress bar on the screen.
    pub(super) fn show(&self) {
        if let Some(bar) = &self.bar {
            bar.show();
        }
    }

    /// Greets WorkOS: shows that it can be reached and accepts the key, and what is there.
    ///
    /// # Errors
    /// When it cannot be reached, refuses the key, or Ctrl-C comes before it answers.
    pub(super) async fn greet(&self, api: &str) -> Result<Marker, Error> {
        tokio::select! {
            biased;
            marker = self.engine.marker() => marker.map_err(|failure| self.error(api, failure)),
            () = self.shutdown.draining() => Err(Error::Interrupted),
        }
    }

    /// Takes the progress bar off the screen.
    pub(super) fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.clear();
        }
    }

    /// What the failure of a request that opens a run means.
    pub(super) fn error(&self, api: &str, source: Failure) -> Error {
        match self.shutdown.reason() {
            Some(StopReason::KeyRefused(refusal)) => Error::KeyRefused(refusal),
            _ => Error::Unreachable {
                api: api.to_owned(),
                source,
            },
        }
    }
}

impl Run {
    pub(super) fn run_file(&self) -> MutexGuard<'_, results::RunFile> {
        self.run_file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An examiner of the rows in the results file.
    pub(super) fn examiner(&self) -> Examiner {
        Examiner::new(self.mapping.clone(), &self.header).without_name_warnings()
    }

    /// The records of the results file.
    pub(super) fn scan(&self) -> Result<Scan, results::Error> {
        Scan::open(&self.results, self.format, &self.header)?.ok_or_else(|| {
            results::Error::Malformed {
                path: self.results.clone(),
                line: 1,
                reason: "its header was changed while the run went on".to_owned(),
            }
        })
    }

    /// Hands out `rows`, records what becomes of them, and brings the results file to its end.
    pub(super) async fn go(
        &self,
        watched: Watched,
        rows: impl Iterator<Item = Result<Task, RowsError>> + Send + 'static,
        mut writer: Writer,
    ) -> Result<Conclusion, Error> {
        let started = Instant::now();
        let suspects_up_to = self.run_file().state().handed_out;
        let (feed, feeder) =
            Feed::start(rows, self.run_file.clone()).map_err(|source| Error::System {
                what: "no thread to read rows on",
                source,
            })?;
        let summary = watched.engine.run(feed, &mut writer, &self.run_file).await;
        let shutdown = &watched.shutdown;
        // A reader that waits for standard input would never come back.
        let ended = if shutdown.is_draining() && !feeder.is_finished() {
            Ok(())
        } else {
            feeder.finish()
        };
        if let Err(error) = &ended {
            // Rows are left that nobody has read: the pass has not come to its end.
            shutdown.drain(match error {
                RowsError::Input(_) => StopReason::Input,
                RowsError::Results(_) => StopReason::Results,
            });
        }
        let mut conclusion = Conclusion::new(self, &watched, &summary);
        let finished = self
            .finish(
                &watched,
                &mut writer,
                &mut conclusion,
                suspects_up_to,
                &summary,
            )
            .await;
        watched.clear();
        conclusion.elapsed = started.elapsed();
        conclusion.error = summary
            .results_error
            .map(Error::Results)
            .or(ended.map_err(Error::from).err())
            .or(finished.err());
        Ok(conclusion)
    }

    /// Concludes what can be concluded: the end of what was handed out, the check, the order.
    async fn finish(
        &self,
        watched: &Watched,
        writer: &mut Writer,
        conclusion: &mut Conclusion,
        suspects_up_to: u64,
        summary: &crate::engine::Summary,
    ) -> Result<(), Error> {
        writer.sync().map_err(results::Error::from)?;
        let is_draining = watched.shutdown.is_draining();
        let (answer_lost, handed_out) = {
            let run_file = self.run_file();
            (run_file.state().answer_lost, run_file.state().handed_out)
        };
        // Rows that were announced and not sent need no search later: of the rest, each has its
        // record in the file, unless that could not be written.
        let taken = match summary.first_untried {
            Some(row) if summary.results_error.is_none() => row.saturating_sub(1),
            _ => summary.last_row,
        };
        let taken = taken.max(suspects_up_to);
        if taken < handed_out {
            self.run_file().hand_out(taken)?;
        }
        if watched.shutdown.is_now() {
            return Ok(());
        }
        if answer_lost && !is_draining {
            watched.engine.observers().tell(&Event::Verifying);
            let verification = tokio::select! {
                verification = watched.engine.verify(self.scan()?, self.examiner(), writer) => {
                    verification.map_err(|error| Error::Unverified(Box::new(error)))?
                }
                () = watched.shutdown.draining() => return Err(Error::Interrupted),
            };
            conclusion.verified(verification);
        }
        let counts = rewrite_in_order(&self.results, self.format, &self.header)?;
        conclusion.counted(counts);
        if self.is_whole && !is_draining {
            self.run_file().finish(conclusion.rows())?;
        }
        Ok(())
    }
}
