//! `workos-orgs import` and `workos-orgs retry`: the rows of a list, or of a results file, become
//! organizations.

use super::{ConnectionOptions, Error};
use crate::engine::{Clock, Observer, Shutdown};
use crate::input::Source;
use crate::run::{self, Connection, Invocation, Live, Opened, Request, Setting};
use crate::storage::Disk;
use crate::ui::{Bar, Failures, PlainLines, Printer};
use std::sync::Arc;

/// What to import or to retry, and where.
#[derive(Clone, Debug)]
pub struct ImportOptions {
    /// What the run is asked to do.
    pub request: Request,
    /// How to reach WorkOS.
    pub connection: ConnectionOptions,
    /// How the program was called, for the next command.
    pub invocation: Invocation,
}

/// Makes a run; returns the exit code.
///
/// # Errors
/// When the run cannot be made at all. Rows that fail are in the results file.
pub async fn run(options: ImportOptions, printer: Printer) -> Result<u8, Error> {
    let ImportOptions {
        request,
        connection,
        invocation,
    } = options;
    let printer = printer.with_list_on_stdin(matches!(request.source, Source::Stdin));
    let request = run::with_mapping_of_results(request)?;
    let opened = Opened::open(&request)?;
    let connection = Connection::open(&connection).await?;
    let shutdown = Shutdown::default();
    run::listen(&shutdown);
    let (failures, file) = (Failures::default(), request.source.to_string());
    let bar =
        (printer.has_cursor() && !printer.is_quiet()).then(|| Bar::new(&file, failures.clone()));
    let observer: Box<dyn Observer> = match &bar {
        Some(bar) => Box::new(bar.clone()),
        None => Box::new(PlainLines::new(&file, failures.clone(), printer)),
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
    let results = opened.results().to_owned();
    let run = run::run(&request, opened, connection.client, observer, setting);
    let conclusion = Box::pin(run).await;
    if let Some(bar) = bar {
        bar.clear();
    }
    let subject = run::Subject {
        request: &request,
        results,
        environment: &connection.environment,
        causes: failures.by_cause(),
        invocation: &invocation,
    };
    run::conclude(conclusion?, &subject, printer)
}
