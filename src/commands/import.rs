//! `workos-orgs import`: an input file becomes organizations and a results file.

use super::conclusion::Conclusion;
use super::connection::Connection;
use super::judged::Judged;
use super::opening::{self, Found};
use super::plan::{Plan, ask};
use super::run::{Run, Watched};
use super::{Error, RunOptions};
use crate::columns::{Mapping, MappingOptions};
use crate::engine::{Event, ImportRows, is_results, refuse_others};
use crate::input::{ReadOptions, Reader, Source};
use crate::results::{self, Header, Marker, Pass, PassKind, RunFile, RunState, Writer};
use crate::table::Format;
use crate::text::shell;
use crate::ui::Printer;
use crate::validate::Validator as Examiner;
use std::path::{Path, PathBuf};

/// What to import and how.
#[derive(Clone, Debug)]
pub struct ImportOptions {
    /// The input.
    pub source: Source,
    /// How to read it.
    pub read: ReadOptions,
    /// How to understand its columns.
    pub mapping: MappingOptions,
    /// The results file; by default it stands beside the input.
    pub results: Option<PathBuf>,
    /// How many rows to send, from the first.
    pub limit: Option<u64>,
    /// What import and retry are told alike.
    pub run: RunOptions,
}

/// Imports a file; returns the exit code.
///
/// # Errors
/// When the run cannot be made at all. Rows that fail are in the results file.
pub async fn run(options: ImportOptions, printer: Printer) -> Result<u8, Error> {
    let named = options.source.clone();
    let (source, _copy) = opening::read_again(named.clone())?;
    let options = ImportOptions { source, ..options };
    let reader = Reader::open(&options.source, &options.read)?;
    refuse_results(&reader, &named)?;
    let connection = Connection::open(&options.run.connection).await?;
    let results = options
        .results
        .clone()
        .unwrap_or_else(|| default_results(&named, reader.format()));
    refuse_place(&results, &named)?;
    let mut run_file = RunFile::open(&results)?;
    opening::same_environment(&mut run_file, &results, &connection, printer)?;
    let state = run_file.state().clone();
    let mapping = mapping(&options, &reader, &state, &results)?;
    let run = Run {
        kind: PassKind::Import,
        file: named.to_string(),
        mapping,
        results,
        format: reader.format(),
        header: reader.header().to_vec(),
        run_file: opening::shared(run_file),
        is_whole: options.limit.is_none(),
        printer,
        json: options.run.json,
    };
    go(&options, &connection, reader, &state, &run).await
}

/// Finds out how far the run has come, says what is to be done, and does it.
async fn go(
    options: &ImportOptions,
    connection: &Connection,
    reader: Reader,
    state: &RunState,
    run: &Run,
) -> Result<u8, Error> {
    refuse_unfinished_retry(state, &run.results)?;
    let mut found = opening::find(run, &options.source, &options.read, state)?;
    if found.is_done(state) {
        return Conclusion::nothing_left(run, &found.progress).tell();
    }
    let judged = judge(options, &run.mapping)?;
    let mut watched = Watched::new(connection, options.run.settings, &run.file, run.printer);
    let settled = found.progress.settled_up_to(judged.summary.rows);
    let plan = Plan {
        file: &run.file,
        reader: &reader,
        mapping: &run.mapping,
        connection,
        results: &run.results,
        settings: options.run.settings,
        rows: judged.summary.rows - settled,
        settled,
        judged: &judged,
        has_suspects: found.has_suspects(state),
    };
    let greeted = greet(options, &plan, run, &watched, &found, state).await;
    let marker = greeted.inspect_err(|_| watched.clear())?;
    let owned = std::mem::take(&mut found.progress.owned);
    watched.engine.set_out(marker.clone(), owned);
    let is_marked = wants_mark(&options.source, &reader);
    let header = opening::header(run, connection, marker, judged.ids.clone());
    let writer = make_ready(run, &found, state, header, is_marked)?;
    let suspects_up_to = run.run_file().state().handed_out;
    let limit = options.limit.unwrap_or(u64::MAX);
    let rows = ImportRows::new(
        reader,
        run.examiner(),
        found.progress,
        suspects_up_to,
        limit,
    );
    run.go(watched, rows, writer).await?.tell()
}

/// Says what is to be done, asks whether it may be, and greets WorkOS. Returns what there was
/// before the run.
async fn greet(
    options: &ImportOptions,
    plan: &Plan<'_>,
    run: &Run,
    watched: &Watched,
    found: &Found,
    state: &RunState,
) -> Result<Marker, Error> {
    let connection = plan.connection;
    run.printer.tell(&plan.text());
    ask(watched, &options.run, connection).await?;
    let observers = watched.engine.observers();
    observers.tell(&Event::RowsCounted(plan.rows));
    watched.show();
    let now = watched.greet(&connection.api).await?;
    match &state.header {
        Some(began) => {
            let progress = &found.progress;
            opening::same_key(began, progress, &run.results, connection, watched).await?;
            Ok(began.marker.clone())
        }
        // The run file was lost, and with it when the run began.
        None => Ok(Marker {
            is_late: found.has_results,
            ..now
        }),
    }
}

/// Judges the input to its end: nothing is sent of one that cannot be read. Returns what there is to
/// say of the rows that are asked for.
fn judge(options: &ImportOptions, mapping: &Mapping) -> Result<Judged, Error> {
    let mut reader = Reader::open(&options.source, &options.read)?;
    let mut examiner = Examiner::of_input(mapping.clone(), &reader);
    let shown_by = "this command with --dry-run shows them, and sends nothing";
    let mut judged = Judged::new(shown_by.to_owned());
    let limit = options.limit.unwrap_or(u64::MAX);
    examiner.examine_all(&mut reader, |row, found| -> Result<(), Error> {
        judged.add_id(found);
        if row.number <= limit {
            judged.add(row, found);
        }
        Ok(())
    })?;
    Ok(judged)
}

/// Whether the results are to begin with a byte order mark: where the input comes from a program
/// that takes text without one for something else.
fn wants_mark(source: &Source, reader: &Reader) -> bool {
    let has_mark = match source {
        Source::File(path) | Source::Copy { path, .. } => results::has_mark(path),
        Source::Stdin => false,
    };
    has_mark || reader.read_as().encoding != Some("UTF-8")
}

/// Makes the run file and the results file ready for the first row.
fn make_ready(
    run: &Run,
    found: &Found,
    state: &RunState,
    header: Header,
    is_marked: bool,
) -> Result<Writer, Error> {
    let mut run_file = run.run_file();
    if state
        .header
        .as_ref()
        .is_none_or(|began| began.columns != run.header)
    {
        run_file.start(header)?;
    }
    if found.begins_anew(state) {
        let all_are_suspects = found.may_have_sent_any(state);
        run_file.begin(Pass {
            kind: PassKind::Import,
            digest: Some(found.digest.clone()),
            handed_out: if all_are_suspects { u64::MAX } else { 0 },
        })?;
    }
    run_file.sign()?;
    let writer = if found.has_results {
        Writer::append(&run.results, run.format, &run.header, found.progress.end)
    } else {
        Writer::create_with_mark(&run.results, run.format, &run.header, is_marked)
    };
    Ok(writer.map_err(results::Error::from)?)
}

/// A results file is not imported anew: its rows are done, or are to be retried.
fn refuse_results(reader: &Reader, source: &Source) -> Result<(), Error> {
    if !is_results(reader) {
        return Ok(());
    }
    let path = shell(&source.to_string());
    Err(Error::Usage {
        message: format!("{source} is a results file: it says which of its rows are done"),
        hint: format!(
            "to rerun the rows that are not done: workos-orgs retry {path}; to import all of them anew, remove the workos_ columns"
        ),
    })
}

/// Refuses a place at which there is something else than results of a run, which are gone on with.
fn refuse_place(results: &Path, input: &Source) -> Result<(), Error> {
    results::refuse_unsuitable(results)?;
    if !results.exists() {
        return Ok(());
    }
    if matches!(input, Source::File(path) if is_same_file(path, results)) {
        return Err(Error::Usage {
            message: format!("{} is the input itself", results.display()),
            hint: "name another file with --results, or leave it out: the results then stand in a file of their own beside the input".to_owned(),
        });
    }
    if !results::run_file_path(results).exists() {
        // A file of another kind needs another hint.
        let source = Source::File(results.to_owned());
        refuse_others(&Reader::open(&source, &ReadOptions::default())?, results)?;
        return Err(results::Error::unaccounted(results).into());
    }
    Ok(())
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    let (one, other) = (fs_err::canonicalize(one), fs_err::canonicalize(other));
    matches!((one, other), (Ok(one), Ok(other)) if one == other)
}

fn refuse_unfinished_retry(state: &RunState, results: &Path) -> Result<(), Error> {
    let kind = state.pass.as_ref().map(|pass| pass.kind);
    if kind != Some(PassKind::Retry) || state.finished.is_some() || state.handed_out == 0 {
        return Ok(());
    }
    let path = shell(&results.display().to_string());
    Err(Error::Usage {
        message: format!("a retry of {} is not finished", results.display()),
        hint: format!("finish it first: workos-orgs retry {path}"),
    })
}

/// `customers.csv` gets `customers.results.csv` beside it.
fn default_results(source: &Source, format: Format) -> PathBuf {
    let Source::File(path) = source else {
        return PathBuf::from(format!("stdin.results.{}", format.extension()));
    };
    let uncompressed = match path.extension() {
        Some(extension) if extension.eq_ignore_ascii_case("gz") => path.with_extension(""),
        _ => path.clone(),
    };
    uncompressed.with_extension(format!("results.{}", format.extension()))
}

/// The mapping that the run began with, unless the options ask for another one.
fn mapping(
    options: &ImportOptions,
    reader: &Reader,
    state: &RunState,
    results: &Path,
) -> Result<Mapping, Error> {
    let resolve = |options| Mapping::resolve(reader.header(), reader.format(), options);
    let Some(began) = state.header.as_ref().and_then(opening::mapping_of) else {
        return Ok(resolve(&options.mapping)?);
    };
    if options.mapping == MappingOptions::default() {
        let options = MappingOptions {
            base: Some(began),
            ..MappingOptions::default()
        };
        return Ok(resolve(&options).map_err(|error| error.in_run(results))?);
    }
    let asked = resolve(&options.mapping)?;
    if asked != began {
        return Err(results::Error::OtherMapping {
            results: results.to_owned(),
        }
        .into());
    }
    Ok(asked)
}
