//! `workos-orgs import`: an input file becomes organizations and a results file.

use super::conclusion::Conclusion;
use super::connection::Connection;
use super::opening::{self, digest, header, mapping_of};
use super::plan::{Plan, ask};
use super::run::{Run, Watched};
use super::{Error, RunOptions};
use crate::engine::{Event, ImportRows, Progress, rebase, tidy};
use crate::input::{Examiner, InputFormat, Mapping, MappingOptions, ReadOptions, Reader, Source};
use crate::results::{self, Layout, Pass, PassKind, RunFile, RunState, Scan, Writer};
use crate::table::Format;
use crate::ui::Printer;
use crate::ui::text::{counted, shell};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

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
    let connection = Connection::open(&options.run.connection).await?;
    let kept = kept_standard_input(&options)?;
    let source = kept.as_ref().map_or_else(
        || options.source.clone(),
        |kept| Source::File(kept.path().to_owned()),
    );
    let reader = Reader::open(&source, &options.read)?;
    refuse_results(&reader, &options.source)?;
    let results = options
        .results
        .clone()
        .unwrap_or_else(|| default_results(&options.source, reader.format()));
    let had_results = results.exists();
    let mut run_file = RunFile::open(&results)?;
    match prepare(
        &options,
        &connection,
        source,
        reader,
        &results,
        &mut run_file,
        printer,
    ) {
        Ok(import) => import.go(options, connection, run_file, had_results).await,
        Err(error) => {
            run_file.discard_if_unused();
            Err(error)
        }
    }
}

/// Standard input as a file, where there is a run to go on with: that reads its input twice, and
/// standard input comes only once.
fn kept_standard_input(options: &ImportOptions) -> Result<Option<NamedTempFile>, Error> {
    if options.source != Source::Stdin {
        return Ok(None);
    }
    let is_jsonl = options.read.format == Some(InputFormat::Jsonl);
    let format = if is_jsonl { Format::Jsonl } else { Format::Csv };
    let results = options.results.clone();
    let results = results.unwrap_or_else(|| default_results(&options.source, format));
    if !results.exists() {
        return Ok(None);
    }
    let keep = || {
        let mut kept = NamedTempFile::new()?;
        std::io::copy(&mut std::io::stdin().lock(), &mut kept)?;
        Ok(Some(kept))
    };
    keep().map_err(|source| Error::System {
        what: "standard input cannot be kept to be read twice",
        source,
    })
}

/// An import that knows whether it is new.
struct Import {
    /// Where the input can be read from once more.
    source: Source,
    reader: Reader,
    results: PathBuf,
    mapping: Mapping,
    progress: Progress,
    /// Whether the rows of the input are no longer those of the run's first day.
    input_changed: bool,
    /// Whether the results file lacks rows that were in it once.
    is_cut: bool,
    digest: Option<String>,
    printer: Printer,
}

fn prepare(
    options: &ImportOptions,
    connection: &Connection,
    source: Source,
    reader: Reader,
    results: &Path,
    run_file: &mut RunFile,
    printer: Printer,
) -> Result<Import, Error> {
    if results.exists() && run_file.is_new() {
        return Err(results::Error::Unaccounted {
            results: results.to_owned(),
            run_file: results::run_file_path(results),
        }
        .into());
    }
    opening::same_environment(run_file, results, connection, printer)?;
    let state = run_file.state();
    if state.torn {
        printer.tell("the last line of the run file was torn by a crash: repaired; every row without an outcome is looked up before it is sent");
    }
    if is_unfinished_retry(state) {
        return Err(Error::Usage {
            message: format!("a retry of {} is not finished", results.display()),
            hint: format!(
                "finish it first: workos-orgs retry {}",
                shell(&results.display().to_string())
            ),
        });
    }
    let mapping = mapping(options, &reader, state, results)?;
    let digest = match &options.source {
        Source::Stdin => None,
        Source::File(path) => Some(digest(path).map_err(results::Error::from)?),
    };
    let mut progress = Progress::default();
    if results.exists() {
        let columns = state
            .header
            .as_ref()
            .map_or(reader.header(), |h| h.columns.as_slice());
        let mut scan = match Scan::open(results, reader.format(), columns)? {
            Some(scan) => scan,
            None => {
                let tidied = tidy(results)?;
                printer.tell("the results file was edited meanwhile: understood");
                reopen(results, &tidied.header, reader.format())?
            }
        };
        progress = opening::progress(&mut scan, printer)?;
    }
    let is_new = state.pass.is_none() && !results.exists();
    let known = state.pass.as_ref().and_then(|pass| pass.digest.clone());
    let input_changed = !is_new && (known.is_none() || known != digest);
    let is_cut = progress.torn || lacks_rows(state, &progress);
    Ok(Import {
        source,
        reader,
        results: results.to_owned(),
        mapping,
        progress,
        input_changed,
        is_cut,
        digest,
        printer,
    })
}

/// Whether rows have been handed out in an import that is finished, and are not in its results
/// file. After a retry nobody can tell: its user may have dropped rows that are done.
fn lacks_rows(state: &RunState, progress: &Progress) -> bool {
    let kind = state.pass.as_ref().map(|pass| pass.kind);
    kind == Some(PassKind::Import) && state.finished && progress.rows() < state.handed_out
}

fn reopen(results: &Path, header: &[String], format: Format) -> Result<Scan, Error> {
    let scan = Scan::open(results, format, header)?;
    Ok(scan.ok_or_else(|| results::Error::Malformed {
        path: results.to_owned(),
        line: 1,
        reason: "its columns cannot be understood".to_owned(),
    })?)
}

fn is_unfinished_retry(state: &RunState) -> bool {
    let kind = state.pass.as_ref().map(|pass| pass.kind);
    kind == Some(PassKind::Retry) && !state.finished && state.handed_out > 0
}

/// A results file is not imported anew: its rows are done, or are to be retried.
fn refuse_results(reader: &Reader, source: &Source) -> Result<(), Error> {
    if !Layout::of(reader.header()).has_results() {
        return Ok(());
    }
    let Source::File(path) = source else {
        return Ok(());
    };
    Err(Error::Usage {
        message: format!(
            "{} is a results file: it says which rows are done",
            path.display()
        ),
        hint: format!(
            "to rerun the rows that are not done: workos-orgs retry {}; to import all of them anew, remove the workos_ columns",
            shell(&path.display().to_string())
        ),
    })
}

/// `customers.csv` gets `customers.results.csv` beside it.
fn default_results(source: &Source, format: Format) -> PathBuf {
    match source {
        Source::Stdin => PathBuf::from(format!("stdin.results.{}", format.extension())),
        Source::File(path) => {
            let uncompressed = match path.extension() {
                Some(extension) if extension.eq_ignore_ascii_case("gz") => path.with_extension(""),
                _ => path.clone(),
            };
            uncompressed.with_extension(format!("results.{}", format.extension()))
        }
    }
}

/// The mapping that the run began with, unless the options ask for another one.
fn mapping(
    options: &ImportOptions,
    reader: &Reader,
    state: &RunState,
    results: &Path,
) -> Result<Mapping, Error> {
    let resolve = |options| Mapping::resolve(reader.header(), reader.format(), options);
    let Some(began) = state.header.as_ref().and_then(mapping_of) else {
        return Ok(resolve(&options.mapping)?);
    };
    if options.mapping == MappingOptions::default() {
        return Ok(resolve(&MappingOptions {
            base: Some(began),
            ..MappingOptions::default()
        })?);
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

impl Import {
    async fn go(
        mut self,
        options: ImportOptions,
        connection: Connection,
        run_file: RunFile,
        had_results: bool,
    ) -> Result<u8, Error> {
        let state = run_file.state().clone();
        let is_finished = state.finished && state.handed_out != u64::MAX;
        let run_file = opening::shared(run_file);
        let file = options.source.to_string();
        let mut run = Run {
            kind: PassKind::Import,
            file: file.clone(),
            results: self.results.clone(),
            format: self.reader.format(),
            header: self.reader.header().to_vec(),
            mapping: self.mapping.clone(),
            run_file,
            is_whole: options.limit.is_none(),
            printer: self.printer,
            json: options.run.json,
        };
        let again = self.progress.rows() - self.progress.settled();
        let is_unchanged = had_results && !self.input_changed && !self.is_cut;
        if is_finished && is_unchanged && again == 0 {
            return Conclusion::nothing_left(&run, &self.progress).tell();
        }
        let mut watched = Watched::new(&connection, options.run.settings, &file, self.printer);
        let opened = self.open(&options, &connection, &mut run, &mut watched, &state);
        let writer = match opened.await {
            Ok(writer) => writer,
            Err(error) => {
                watched.clear();
                run.discard_if_unused();
                return Err(error);
            }
        };
        let suspects_up_to = run.run_file().state().handed_out;
        let examiner = Examiner::new(run.mapping.clone(), &run.header);
        let limit = options.limit.unwrap_or(u64::MAX);
        let rows = ImportRows::new(self.reader, examiner, self.progress, suspects_up_to, limit);
        run.go(watched, rows, writer).await?.tell()
    }

    /// Says what will be done, asks, greets WorkOS, and makes both files ready.
    async fn open(
        &mut self,
        options: &ImportOptions,
        connection: &Connection,
        run: &mut Run,
        watched: &mut Watched,
        state: &RunState,
    ) -> Result<Writer, Error> {
        if self.input_changed && self.results.exists() {
            self.rebase(options, run, state)?;
        }
        let rows = self.count(options, watched);
        self.printer.tell(
            &Plan {
                file: &run.file,
                reader: &self.reader,
                mapping: &self.mapping,
                connection,
                results: &self.results,
                rate: options.run.settings.rate,
                rows,
                settled: self.progress.settled(),
            }
            .text(),
        );
        let reads_stdin = options.source == Source::Stdin;
        ask(self.printer, &options.run, connection, reads_stdin)?;
        let now = watched.engine.marker().await;
        let now = now.map_err(|failure| watched.error(&connection.api, failure))?;
        let marker = match &state.header {
            Some(began) => {
                opening::same_key(began, &self.progress, &self.results, connection, watched)
                    .await?;
                began.marker.clone()
            }
            // What a run has created before its run file was lost is not known to be older.
            None if state.torn || self.results.exists() => results::Marker::default(),
            None => now,
        };
        let owned = std::mem::take(&mut self.progress.owned);
        watched.engine.set_out(marker.clone(), owned);
        self.make_ready(run, state, connection, marker)
    }

    fn make_ready(
        &self,
        run: &Run,
        state: &RunState,
        connection: &Connection,
        marker: results::Marker,
    ) -> Result<Writer, Error> {
        let mut run_file = run.run_file();
        let columns_changed = state
            .header
            .as_ref()
            .is_none_or(|h| h.columns != run.header);
        if columns_changed {
            run_file.start(header(
                &run.file,
                run.format,
                &run.header,
                &self.mapping,
                connection,
                marker,
            ))?;
        }
        let kind = state.pass.as_ref().map(|pass| pass.kind);
        if kind != Some(PassKind::Import) || self.input_changed {
            run_file.begin(Pass {
                kind: PassKind::Import,
                digest: self.digest.clone(),
                handed_out: if self.may_have_sent_any(state) {
                    u64::MAX
                } else {
                    0
                },
            })?;
        }
        run_file.sign()?;
        let writer = if self.results.exists() {
            Writer::append(&self.results, run.format, &run.header, self.progress.end)
        } else {
            Writer::create(&self.results, run.format, &run.header)
        };
        Ok(writer.map_err(results::Error::from)?)
    }

    /// Whether rows that have no outcome may have been sent, and nobody can tell which.
    fn may_have_sent_any(&self, state: &RunState) -> bool {
        match state.pass.as_ref().map(|pass| pass.kind) {
            // What there is of a run then is its results file at most.
            None => self.results.exists(),
            // Rows that were done may have been dropped from the results file before it.
            Some(PassKind::Retry) => true,
            Some(PassKind::Import) => {
                !self.results.exists()
                    || self.is_cut
                    || !state.finished
                    || self.progress.has_unsettled()
            }
        }
    }

    /// Brings the results file to the rows of an input that has changed since.
    fn rebase(
        &mut self,
        options: &ImportOptions,
        run: &Run,
        state: &RunState,
    ) -> Result<(), Error> {
        let input = Reader::open(&self.source, &options.read)?;
        let columns = state
            .header
            .as_ref()
            .map_or(run.header.as_slice(), |h| &h.columns);
        let scan = match Scan::open(&self.results, run.format, columns)? {
            Some(scan) => scan,
            None => reopen(&self.results, &run.header, run.format)?,
        };
        let rebased = rebase(
            &self.results,
            run.format,
            scan,
            Examiner::new(self.mapping.clone(), columns),
            input,
            Examiner::new(self.mapping.clone(), &run.header),
        )?;
        self.printer.tell(&format!(
            "{} has changed since the run began: {} known, {} new, {} gone from it with an organization in WorkOS",
            run.file,
            counted(rebased.known, "row"),
            rebased.new,
            rebased.gone
        ));
        let mut scan = reopen(&self.results, &run.header, run.format)?;
        self.progress = Progress::read(&mut scan)?;
        Ok(())
    }

    /// How many rows are to go: at once where somebody reads the plan, else in the background.
    fn count(&self, options: &ImportOptions, watched: &Watched) -> Option<u64> {
        let Source::File(_) = &options.source else {
            return None;
        };
        let (source, read) = (options.source.clone(), options.read.clone());
        let settled = self.progress.settled();
        let limit = options.limit.unwrap_or(u64::MAX);
        let observers = watched.engine.observers().clone();
        let count = move || {
            let rows = Reader::open(&source, &read).ok()?.map_while(Result::ok);
            let rows = (rows.count() as u64).min(limit).saturating_sub(settled);
            observers.tell(&Event::RowsCounted(rows));
            Some(rows)
        };
        if self.printer.is_terminal() {
            return count();
        }
        std::thread::spawn(count);
        None
    }
}
