//! Opening a results file and its run file: is this a new run, or one to go on with?

use super::Error;
use super::connection::{Connection, SANDBOX, in_words};
use super::run::Watched;
use crate::engine::{Progress, SharedRunFile};
use crate::input::Mapping;
use crate::results::{self, Header, Marker, RunFile, Scan};
use crate::table::Format;
use crate::ui::Printer;
use crate::ui::text::counted;
use std::path::Path;
use std::sync::{Arc, Mutex};
use xxhash_rust::xxh3::Xxh3;

/// Refuses to go on with a run against another environment. A run against a sandbox that lived
/// in its own process cannot be gone on with either: its results are set aside.
///
/// Returns whether the run begins anew.
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
        printer.tell(&format!(
            "{} was left by a rehearsal in a sandbox that is gone: starting over",
            results.display()
        ));
        run_file.clear()?;
        if results.exists() {
            fs_err::remove_file(results).map_err(results::Error::from)?;
        }
        return Ok(());
    }
    if header.api != connection.api || header.environment != connection.environment {
        return Err(results::Error::OtherEnvironment {
            results: results.to_owned(),
            was: in_words(&header.environment, &header.api),
            is: connection.in_words(),
        }
        .into());
    }
    Ok(())
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

/// The header of a new run.
pub(super) fn header(
    input: &str,
    format: Format,
    columns: &[String],
    mapping: &Mapping,
    connection: &Connection,
    marker: Marker,
) -> Header {
    Header {
        program: concat!("workos-orgs ", env!("CARGO_PKG_VERSION")).to_owned(),
        input: input.to_owned(),
        format,
        columns: columns.to_vec(),
        api: connection.api.clone(),
        environment: connection.environment.clone(),
        key: connection.key.clone(),
        marker,
        mapping: serde_json::to_value(mapping).unwrap_or_default(),
    }
}

/// The mapping that a run began with.
pub(super) fn mapping_of(header: &Header) -> Option<Mapping> {
    serde_json::from_value(header.mapping.clone()).ok()
}

/// Reads how far a results file has come.
///
/// # Errors
/// When it cannot be read.
pub(super) fn progress(scan: &mut Scan, printer: Printer) -> Result<Progress, results::Error> {
    let progress = Progress::read(scan)?;
    if progress.torn {
        printer.tell(&format!(
            "the last line of the results file was torn by a crash: repaired, {} kept",
            counted(progress.rows(), "row")
        ));
    }
    Ok(progress)
}

/// A digest of a file's bytes, by which a changed input is known.
///
/// # Errors
/// When it cannot be read.
pub(super) fn digest(path: &Path) -> std::io::Result<String> {
    use std::io::Read;
    let mut file = fs_err::File::open(path)?;
    let mut hasher = Xxh3::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let count = file.read(&mut buffer)?;
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
