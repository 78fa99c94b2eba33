//! Opening a results file and its run file: is this a new run, or one to go on with?

use super::Error;
use super::connection::{Connection, SANDBOX, in_words};
use super::run::{Run, Watched};
use crate::columns::Mapping;
use crate::engine::{Edited, Originals, Progress, SharedRunFile, rebase};
use crate::input::{ReadOptions, Reader, Source};
use crate::results::{self, Header, Marker, PassKind, RunFile, RunState, Scan};
use crate::text::counted;
use crate::text::shell;
use crate::ui::Printer;
use crate::validate::IdShapes as Shapes;
use crate::validate::Validator as Examiner;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tempfile::NamedTempFile;
use xxhash_rust::xxh3::Xxh3;

/// Refuses to go on with a run against another environment. A run against a sandbox that lived
/// in its own process cannot be gone on with either: its results are set aside, since their user
/// may have worked on them.
///
/// # Errors
/// When the run was against another environment.
pub(super) fn same_environment(
    run_file: &mut RunFile,
    results: &Path,
    connection: &Connection,
    printer: Printer,
) -> Result<(), Error> {
    let Some(header) = run_file.state().header.clone() else {
        return Ok(());
    };
    if header.environment == SANDBOX {
        if results.exists() {
            let aside = set_aside(results);
            printer.tell(&format!(
                "{} was left by a rehearsal: set aside as {}; starting over",
                results.display(),
                aside.display()
            ));
            fs_err::rename(results, aside).map_err(results::Error::from)?;
        }
        run_file.clear()?;
        return Ok(());
    }
    refuse_other_environment(&header, results, connection)
}

/// `customers.results.csv` becomes `customers.results.rehearsal.csv`.
fn set_aside(results: &Path) -> PathBuf {
    let extension = results.extension().unwrap_or_default().to_string_lossy();
    results.with_extension(format!("rehearsal.{extension}").trim_end_matches('.'))
}

/// Refuses to go on with a run against another API or with a key of another environment.
///
/// # Errors
/// When the run was against another one.
pub(super) fn refuse_other_environment(
    header: &Header,
    results: &Path,
    connection: &Connection,
) -> Result<(), Error> {
    if header.api == connection.api && header.environment == connection.environment {
        return Ok(());
    }
    if header.environment == SANDBOX {
        return Err(results::Error::Rehearsal {
            results: results.to_owned(),
            input: shell(&header.input),
        }
        .into());
    }
    Err(results::Error::OtherEnvironment {
        results: results.to_owned(),
        was: in_words(&header.environment, &header.api),
        is: connection.in_words(),
    }
    .into())
}

/// With another key of the same kind, the organizations of the run must be there; otherwise the
/// key belongs to another environment.
///
/// # Errors
/// When they are not there, or WorkOS cannot be asked.
pub(super) async fn same_key(
    header: &Header,
    progress: &Progress,
    results: &Path,
    connection: &Connection,
    watched: &Watched,
) -> Result<(), Error> {
    let Some(example) = progress.example.as_deref() else {
        return Ok(());
    };
    if header.key == connection.key || header.environment == SANDBOX {
        return Ok(());
    }
    let there = watched.engine.exists(example).await;
    if there.map_err(|failure| watched.error(&connection.api, failure))? {
        return Ok(());
    }
    let was = in_words(&header.environment, &header.api);
    Err(results::Error::OtherEnvironment {
        results: results.to_owned(),
        was: format!("{was} with key {}", header.key),
        is: format!(
            "{was} with key {}, which does not have organization {example}",
            connection.key
        ),
    }
    .into())
}

/// What a results file and its run file tell of a run.
#[derive(Debug)]
pub(super) struct Found {
    /// How far the results file has come.
    pub(super) progress: Progress,
    pub(super) has_results: bool,
    /// Whether the rows of the input are no longer those that the run began with.
    pub(super) input_changed: bool,
    /// Whether the results file lacks rows that were in it when the last pass ended.
    is_cut: bool,
    /// How many rows were handed out and have no outcome.
    unaccounted: u64,
    /// A digest of the input's bytes.
    pub(super) digest: String,
}

impl Found {
    /// Whether nothing is left to do.
    pub(super) fn is_done(&self, state: &RunState) -> bool {
        let as_it_ended = self.has_results && !self.input_changed && !self.is_cut;
        state.finished.is_some() && as_it_ended && !self.progress.has_doubtful()
    }

    /// Whether rows that have no outcome may have been sent, and nobody can tell which.
    pub(super) fn may_have_sent_any(&self, state: &RunState) -> bool {
        match state.pass.as_ref().map(|pass| pass.kind) {
            // What there is of a run then is its results file at most.
            None => self.has_results,
            // Rows that were done may have been dropped from the results file before it.
            Some(PassKind::Retry) => true,
            Some(PassKind::Import) => {
                !self.has_results
                    || self.is_cut
                    || self.unaccounted > 0
                    || self.progress.has_doubtful()
            }
        }
    }

    /// Whether rows are to be looked for before they may be sent.
    pub(super) fn has_suspects(&self, state: &RunState) -> bool {
        if self.begins_anew(state) {
            self.may_have_sent_any(state)
        } else {
            self.unaccounted > 0 || self.progress.has_doubtful()
        }
    }

    /// Whether the rows are gone through from the first one again.
    pub(super) fn begins_anew(&self, state: &RunState) -> bool {
        let kind = state.pass.as_ref().map(|pass| pass.kind);
        self.input_changed || kind != Some(PassKind::Import)
    }
}

/// Finds out how far a run has come. Where its input has changed since, the results file is
/// brought to the rows of the new one.
///
/// # Errors
/// When a file cannot be read or written.
pub(super) fn find(
    run: &Run,
    source: &Source,
    read: &ReadOptions,
    state: &RunState,
) -> Result<Found, Error> {
    let mut found = Found {
        progress: Progress::default(),
        has_results: run.results.exists(),
        input_changed: false,
        is_cut: false,
        unaccounted: state.handed_out,
        digest: digest(source)?,
    };
    let began_with = state.pass.as_ref().map(|pass| pass.digest.as_ref());
    found.input_changed = began_with.is_some_and(|began| began != Some(&found.digest));
    if state.torn {
        run.printer.tell("the last line of the run file was torn by a crash: repaired; rows without an outcome are looked up before they are sent");
    }
    if !found.has_results {
        return Ok(found);
    }
    let (columns, renumbered) = found.read_results(run, state)?;
    let rows = found.progress.rows();
    found.is_cut = found.progress.torn || state.finished.is_some_and(|ended| rows < ended);
    found.unaccounted = if state.finished.is_none() || found.is_cut {
        state.handed_out - found.progress.settled_up_to(state.handed_out)
    } else {
        0
    };
    // Without a run file nobody knows what the input was.
    found.input_changed |= state.pass.is_none();
    let why = if found.input_changed {
        format!("{} has changed since the run began", run.file)
    } else if renumbered > 0 {
        "the results file has lost its row numbers; its rows are known by their content".to_owned()
    } else {
        return Ok(found);
    };
    // Whatever the reason, the rows of the input have to be recognized.
    found.input_changed = true;
    let input = Reader::open(source, read)?;
    let known = Examiner::new(run.mapping.clone(), &columns);
    let scan = reopen(run, &columns)?;
    let rebased = rebase(&run.results, run.format, scan, known, input, run.examiner())?;
    run.printer.tell(&format!(
        "{why}: {} known, {} new, {} gone from the input that WorkOS has",
        counted(rebased.known, "row"),
        rebased.new,
        rebased.gone
    ));
    found.progress = Progress::read(&mut reopen(run, &run.header)?)?;
    Ok(found)
}

impl Found {
    /// Reads the results file, which may have been edited. Returns its original columns, and how
    /// many rows had lost their number.
    fn read_results(&mut self, run: &Run, state: &RunState) -> Result<(Vec<String>, u64), Error> {
        let began = state.header.as_ref();
        let mut columns = began.map_or(&run.header, |began| &began.columns).clone();
        let mut as_written = Scan::open(&run.results, run.format, &columns)?;
        if let Some(scan) = &mut as_written {
            self.progress = Progress::read(scan)?;
        }
        let mut renumbered = 0;
        if as_written.is_none() || self.progress.unnumbered > 0 {
            run.printer
                .tell("the results file was edited meanwhile: understood");
            let edited = Edited::open(&run.results, &ReadOptions::default())?;
            let tidied = edited.tidy(&Originals::default())?;
            (columns, renumbered) = (tidied.header, tidied.renumbered);
            self.progress = Progress::read(&mut reopen(run, &columns)?)?;
        }
        if self.progress.torn {
            run.printer.tell(&format!(
                "the last line of the results file was torn by a crash: repaired, {} kept",
                counted(self.progress.rows(), "row")
            ));
        }
        Ok((columns, renumbered))
    }
}

fn reopen(run: &Run, columns: &[String]) -> Result<Scan, Error> {
    let scan = Scan::open(&run.results, run.format, columns)?;
    Ok(scan.ok_or_else(|| results::Error::Malformed {
        path: run.results.clone(),
        line: 1,
        reason: "its columns cannot be understood".to_owned(),
    })?)
}

/// The header of a new run.
pub(super) fn header(run: &Run, connection: &Connection, marker: Marker, ids: Shapes) -> Header {
    Header {
        program: concat!("workos-orgs ", env!("CARGO_PKG_VERSION")).to_owned(),
        input: run.file.clone(),
        format: run.format,
        columns: run.header.clone(),
        api: connection.api.clone(),
        environment: connection.environment.clone(),
        key: connection.key.clone(),
        marker,
        ids,
        mapping: serde_json::to_value(&run.mapping).unwrap_or_default(),
    }
}

/// The mapping that a run began with.
pub(super) fn mapping_of(header: &Header) -> Option<Mapping> {
    serde_json::from_value(header.mapping.clone()).ok()
}

/// A source that can be read more than once: what cannot (standard input, a pipe) is copied to a
/// temporary file, which is removed when the second value is dropped.
///
/// # Errors
/// When it cannot be read, or there is no room for the copy.
pub(super) fn read_again(source: Source) -> Result<(Source, Option<NamedTempFile>), Error> {
    let of = source.to_string();
    let copied = match &source {
        Source::Stdin => copy(&mut std::io::stdin().lock()),
        Source::File(path) if path.exists() && !path.is_file() && !path.is_dir() => {
            fs_err::File::open(path).and_then(|mut file| copy(&mut file))
        }
        Source::File(_) | Source::Copy { .. } => return Ok((source, None)),
    };
    let copy = copied.map_err(|source| Error::System {
        what: "the input cannot be copied to a temporary file",
        source,
    })?;
    let path = copy.path().to_owned();
    Ok((Source::Copy { path, of }, Some(copy)))
}

fn copy(from: &mut dyn Read) -> std::io::Result<NamedTempFile> {
    let mut copy = NamedTempFile::new()?;
    std::io::copy(from, &mut copy)?;
    Ok(copy)
}

/// A digest of an input's bytes, by which a changed input is known.
fn digest(source: &Source) -> Result<String, Error> {
    let (Source::File(path) | Source::Copy { path, .. }) = source else {
        return Ok(String::new());
    };
    let unread = |source| Error::System {
        what: "the input cannot be read",
        source,
    };
    let mut file = fs_err::File::open(path).map_err(unread)?;
    let mut hasher = Xxh3::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let count = file.read(&mut buffer).map_err(unread)?;
        match buffer.get(..count) {
            None | Some([]) => return Ok(format!("{:032x}", hasher.digest128())),
            Some(bytes) => hasher.update(bytes),
        }
    }
}

/// A run file that several can write to.
pub(super) fn shared(run_file: RunFile) -> SharedRunFile {
    Arc::new(Mutex::new(run_file))
}
