//! `workos-orgs import` and `workos-orgs retry`: the rows of a list, or of a results file, become
//! organizations.

use super::{ConnectionOptions, Error, place};
use crate::engine::{Clock, Observer, Shutdown};
use crate::report::LivePage;
use crate::run::{self, Connection, Live, Opened, Request, Setting};
use crate::storage::Disk;
use crate::ui::{self, Bar, Failures, PlainLines, Printer};
use std::path::PathBuf;
use std::sync::Arc;

/// What to import or to retry, and where.
#[derive(Clone, Debug)]
pub struct ImportOptions {
    /// What the run is asked to do.
    pub request: Request,
    /// A page that follows the run.
    pub report: Option<PathBuf>,
    /// How to reach WorkOS.
    pub connection: ConnectionOptions,
}

/// Makes a run; returns the exit code.
///
/// # Errors
/// When the run cannot be made at all. Rows that fail are in the results file.
pub async fn run(options: ImportOptions, printer: Printer) -> Result<u8, Error> {
    let ImportOptions {
        request,
        report,
        connection,
    } = options;
    let opened = Opened::open(&request)?;
    let results = opened.results().to_owned();
    if let Some(page) = &report {
        place::check(page, &results, place::PAGE)?;
    }
    let page = report.map(|page| LivePage::new(&results, &page));
    let connection = Connection::open(&connection).await?;
    let shutdown = Shutdown::default();
    run::listen(&shutdown);
    let (failures, file) = (Failures::default(), request.source.to_string());
    let bar =
        (printer.is_terminal() && !printer.is_quiet()).then(|| Bar::new(&file, failures.clone()));
    let observer: Box<dyn Observer> = match &bar {
        Some(bar) => Box::new(bar.clone()),
        None => Box::new(PlainLines::new(&file, failures.clone(), printer)),
    };
    let observer = match &page {
        Some(page) => page.observer(observer),
        None => observer,
    };
    let setting = Setting {
        environment: &connection.environment,
        storage: Arc::new(Disk),
        console: &printer,
        shutdown,
        clock: Clock::system(),
        pid: std::process::id(),
        live: Live::OnThread,
    };
    let run = run::run(&request, opened, connection.client, observer, setting);
    let conclusion = Box::pin(run).await;
    if let Some(bar) = bar {
        bar.clear();
    }
    let conclusion = conclusion?;
    if let Some(Err(error)) = page.map(|page| page.finish()) {
        // The run is what counts: its result is told all the same.
        ui::report(printer, &Error::from(error), None);
    }
    let subject = run::Subject {
        request: &request,
        results,
        environment: &connection.environment,
        causes: failures.by_cause(),
    };
    run::conclude(conclusion, &subject, printer)
}
