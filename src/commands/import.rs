//! `workos-orgs import` and `workos-orgs retry`: the rows of a list, or of a results file, become
//! organizations.

use super::{ConnectionOptions, Error, place};
use crate::engine::{Clock, Observer, Shutdown};
use crate::input::Source;
use crate::report::LivePage;
use crate::run::{self, Connection, Invocation, Live, Opened, Planned, Request, Setting};
use crate::storage::{Disk, keep_as_private_as};
use crate::ui::{self, Bar, EventLines, Failures, PlainLines, Printer};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What to import or to retry, and where.
#[derive(Clone, Debug)]
pub struct ImportOptions {
    /// What the run is asked to do.
    pub request: Request,
    /// What else it writes.
    pub outputs: Outputs,
    /// How to reach WorkOS.
    pub connection: ConnectionOptions,
    /// How the program was called, for the next command.
    pub invocation: Invocation,
}

/// What a run writes besides its results.
#[derive(Clone, Debug, Default)]
pub struct Outputs {
    /// A page that follows the run.
    pub report: Option<PathBuf>,
    /// A file for what happens, as JSON lines.
    pub events: Option<PathBuf>,
}

/// Makes a run; returns the exit code.
///
/// # Errors
/// When the run cannot be made at all. Rows that fail are in the results file.
pub async fn run(
    options: ImportOptions,
    printer: Printer,
    shutdown: Shutdown,
) -> Result<u8, Error> {
    let ImportOptions {
        request,
        outputs,
        connection,
        invocation,
    } = options;
    let printer = printer.with_list_on_stdin(matches!(request.source, Source::Stdin));
    let request = run::with_mapping_of_results(request)?.with_plan(&invocation)?;
    let (request, _corrected) = run::with_corrections(request)?;
    if let Source::File(list) = &request.source {
        keep_as_private_as(list);
    }
    let opened = Opened::open(&request)?;
    let results = opened.results().to_owned();
    if let Some(page) = &outputs.report {
        place::check(page, &place::own_files(&results), place::PAGE)?;
    }
    if let Some(path) = outputs
        .events
        .as_ref()
        .filter(|path| place::is_file_or_new(path))
    {
        place::check(path, &place::own_files(&results), place::EVENTS)?;
    }
    let page = outputs.report.map(|page| LivePage::new(&results, &page));
    let connection = Connection::open(&connection).await?;
    if let Some(warning) = &connection.warning {
        printer.info(warning);
    }
    let events = outputs.events.map(|path| event_lines(&path, printer));
    let events = events.transpose()?;
    let (failures, file) = (Failures::default(), request.source.to_string());
    if let Some(events) = &events {
        events.started(ui::Started {
            command: invocation.command(),
            input: &file,
            results: &results,
            environment: &connection.environment.name,
        });
    }
    let bar =
        (printer.has_cursor() && !printer.is_quiet()).then(|| Bar::new(&file, failures.clone()));
    let observer: Box<dyn Observer> = match &bar {
        Some(bar) => Box::new(bar.clone()),
        None => Box::new(PlainLines::new(&file, failures.clone(), printer)),
    };
    let observer = match &page {
        Some(page) => page.observer(observer),
        None => observer,
    };
    let observer = match &events {
        Some(events) => events.observer(observer),
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
    let result = match conclusion {
        Ok(conclusion) => {
            if let Some(Err(error)) = page.map(|page| page.finish()) {
                // The run is what counts: its result is told all the same.
                ui::report(printer, &Error::from(error), None);
            }
            let subject = run::Subject {
                request: &request,
                results,
                environment: &connection.environment,
                causes: failures.by_cause(),
                invocation: &invocation,
            };
            run::conclude(conclusion, &subject, printer)
        }
        Err(error) => Err(error),
    };
    if let Some(events) = events {
        events.ended(result.as_ref().map_or_else(Error::exit_code, |code| *code));
    }
    result
}

/// The file for the events of a run.
fn event_lines(path: &Path, printer: Printer) -> Result<EventLines, Error> {
    EventLines::open(path, printer).map_err(Error::system("cannot open the file for events"))
}

/// Makes the plan of a run that is not carried out; [`None`] where there is nothing to plan.
///
/// # Errors
/// When the list cannot be read or WorkOS cannot be asked.
pub(super) async fn plan(
    request: &Request,
    connection: Connection,
    printer: Printer,
    shutdown: Shutdown,
) -> Result<Option<Planned>, Error> {
    let opened = Opened::open(request)?;
    let failures = Failures::default();
    let observer = PlainLines::new(&request.source.to_string(), failures, printer);
    let setting = Setting {
        environment: &connection.environment,
        storage: Arc::new(Disk),
        console: &printer,
        shutdown,
        clock: Clock::system(),
        pid: std::process::id(),
        live: Live::Inline,
    };
    let run = run::run(
        request,
        opened,
        connection.client,
        Box::new(observer),
        setting,
    );
    Ok(Box::pin(run).await?.planned)
}
