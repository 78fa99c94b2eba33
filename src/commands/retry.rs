//! `workos-orgs retry`: the rows of a results file that are not done are run again.

use super::conclusion::Conclusion;
use super::connection::Connection;
use super::opening::{self, mapping_of};
use super::plan::{Plan, ask};
use super::run::{Run, Watched};
use super::{Error, RunOptions};
use crate::engine::{Event, Originals, Progress, RetryRows, copies, tidy};
use crate::input::{Mapping, MappingOptions, ReadOptions, Reader, Source};
use crate::results::{self, Header, Marker, Pass, PassKind, RunFile, Status, Writer};
use crate::ui::Printer;
use crate::ui::text::{counted, shell};
use std::path::PathBuf;

/// What to retry and how.
#[derive(Clone, Debug)]
pub struct RetryOptions {
    /// The results file.
    pub results: PathBuf,
    /// Which statuses to retry; all that are not done where none is named.
    pub only: Vec<Status>,
    /// How to understand the columns, where no run file tells.
    pub mapping: MappingOptions,
    /// What import and retry are told alike.
    pub run: RunOptions,
}

/// Retries the rows of a results file; returns the exit code.
///
/// # Errors
/// When the run cannot be made at all. Rows that fail are in the results file.
pub async fn run(options: RetryOptions, printer: Printer) -> Result<u8, Error> {
    let connection = Connection::open(&options.run.connection).await?;
    fs_err::metadata(&options.results).map_err(results::Error::from)?;
    let run_file = RunFile::open(&options.results)?;
    may_retry(&run_file, &options, &connection)?;
    let header = run_file.state().header.clone();
    let run_file = opening::shared(run_file);
    let originals = originals(&options, &connection, printer).await?;
    let tidied = tidy(&options.results, &originals)?;
    if tidied.new_rows > 0 {
        let rows = counted(tidied.new_rows, "row");
        printer.tell(&format!("{rows} added since the last run"));
    }
    let mapping = mapping(&options, header.as_ref(), &tidied.header, tidied.format)?;
    let run = Run {
        kind: PassKind::Retry,
        file: options.results.display().to_string(),
        results: options.results.clone(),
        format: tidied.format,
        header: tidied.header,
        mapping,
        run_file,
        is_whole: true,
        printer,
        json: options.run.json,
    };
    go(options, connection, run, header).await
}

/// Asks WorkOS which of several copies of a row is the one whose organization it is.
async fn originals(
    options: &RetryOptions,
    connection: &Connection,
    printer: Printer,
) -> Result<Originals, Error> {
    let mut originals = Originals::default();
    let copies = copies(&options.results)?;
    if copies.is_empty() {
        return Ok(originals);
    }
    let watched = Watched::new(connection, options.run.settings, "", printer);
    for copied in copies {
        let organization = watched.engine.organization(&copied.organization_id).await;
        let organization = organization.map_err(|failure| watched.error(&connection.api, failure));
        watched.clear();
        if let Some(organization) = organization? {
            originals.tell(&copied, &organization);
        }
    }
    Ok(originals)
}

fn may_retry(
    run_file: &RunFile,
    options: &RetryOptions,
    connection: &Connection,
) -> Result<(), Error> {
    let state = run_file.state();
    let Some(header) = &state.header else {
        return Ok(());
    };
    opening::refuse_other_environment(header, &options.results, connection)?;
    let kind = state.pass.as_ref().map(|pass| pass.kind);
    if kind == Some(PassKind::Import) && state.finished.is_none() {
        return Err(results::Error::Unfinished {
            results: options.results.clone(),
            input: shell(&header.input),
        }
        .into());
    }
    Ok(())
}

fn mapping(
    options: &RetryOptions,
    began: Option<&Header>,
    header: &[String],
    format: crate::table::Format,
) -> Result<Mapping, Error> {
    let base = began.and_then(mapping_of);
    let options = MappingOptions {
        base: base.or_else(|| options.mapping.base.clone()),
        ..options.mapping.clone()
    };
    Ok(Mapping::resolve(header, format, &options)?)
}

async fn go(
    options: RetryOptions,
    connection: Connection,
    run: Run,
    began: Option<Header>,
) -> Result<u8, Error> {
    let mut progress = Progress::read(&mut run.scan()?)?;
    let wanted = wanted(&run, &options.only)?;
    if wanted == 0 {
        return Conclusion::nothing_left(&run, &progress).tell();
    }
    let mut watched = Watched::new(&connection, options.run.settings, &run.file, run.printer);
    let opened = open(
        &options,
        &connection,
        &run,
        &mut watched,
        &mut progress,
        began,
        wanted,
    )
    .await;
    let writer = opened.inspect_err(|_| watched.clear())?;
    watched.engine.observers().tell(&Event::RowsCounted(wanted));
    let suspects_up_to = run.run_file().state().handed_out;
    let rows = RetryRows::new(run.scan()?, run.examiner(), options.only, suspects_up_to);
    let rows = rows.up_to(progress.end);
    run.go(watched, rows, writer).await?.tell()
}

fn wanted(run: &Run, only: &[Status]) -> Result<u64, Error> {
    let mut wanted = 0;
    for entry in run.scan()? {
        wanted += u64::from(RetryRows::is_wanted(only, entry?.said.record.as_ref()));
    }
    Ok(wanted)
}

async fn open(
    options: &RetryOptions,
    connection: &Connection,
    run: &Run,
    watched: &mut Watched,
    progress: &mut Progress,
    began: Option<Header>,
    wanted: u64,
) -> Result<Writer, Error> {
    let source = Source::File(options.results.clone());
    let reader = Reader::open(&source, &ReadOptions::default())?;
    run.printer.tell(
        &Plan {
            file: &run.file,
            reader: &reader,
            mapping: &run.mapping,
            connection,
            results: &run.results,
            rate: options.run.settings.rate,
            rows: Some(wanted),
            settled: progress.rows().saturating_sub(wanted),
        }
        .text(),
    );
    ask(watched, &options.run, connection).await?;
    watched.show();
    watched.greet(&connection.api).await?;
    // Rows of doubtful state may have been sent when the run began, or before anybody knows.
    let marker = began
        .as_ref()
        .map_or_else(Marker::default, |h| h.marker.clone());
    if let Some(began) = &began {
        opening::same_key(began, progress, &run.results, connection, watched).await?;
    }
    watched
        .engine
        .set_out(marker.clone(), std::mem::take(&mut progress.owned));
    let mut run_file = run.run_file();
    if began.is_none_or(|began| began.columns != run.header) {
        run_file.start(opening::header(run, connection, marker))?;
    }
    let state = run_file.state().clone();
    let goes_on = state
        .pass
        .as_ref()
        .is_some_and(|p| p.kind == PassKind::Retry)
        && state.finished.is_none();
    if !goes_on {
        run_file.begin(Pass {
            kind: PassKind::Retry,
            digest: state.pass.as_ref().and_then(|pass| pass.digest.clone()),
            handed_out: 0,
        })?;
    }
    run_file.sign()?;
    let writer = Writer::append(&run.results, run.format, &run.header, progress.end);
    Ok(writer.map_err(results::Error::from)?)
}
