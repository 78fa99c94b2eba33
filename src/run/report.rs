//! The results file of a run: rendered from the rows and the journal, while it lasts and at its
//! end.

use super::table::Table;
use crate::journal::Records;
use crate::results::{self, Counts, Place, Renderer};
use crate::storage::Storage;
use std::collections::HashSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::SystemTime;
use tokio::time::{Duration, Instant};
use xxhash_rust::xxh3::Xxh3;

/// How a results file is rendered while the run lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Live {
    /// On a thread of its own, so that requests do not wait.
    OnThread,
    /// At once: for the simulation, which allows no threads.
    Inline,
}

/// Finished rows are visible after at most this long, in lists that are rendered fast enough.
const EVERY: Duration = Duration::from_millis(700);
/// How much of the time may be spent on rendering: one part in this many.
const SHARE: u32 = 8;

/// A results file that follows its run.
#[derive(Debug)]
pub(super) struct Report {
    storage: Arc<dyn Storage>,
    path: PathBuf,
    table: Arc<Table>,
    live: Live,
    job: Option<JoinHandle<Result<Rendered, results::Error>>>,
    /// What the file looked like when it was last written.
    written: Option<Stamp>,
    started: Instant,
    next: Instant,
    is_changed: bool,
    /// Where other programs' versions of the file were put aside.
    pub(super) set_aside: Vec<PathBuf>,
}

/// A results file that was rendered.
#[derive(Clone, Debug, Default)]
pub(super) struct Rendered {
    /// A digest of its bytes.
    pub(super) digest: String,
    /// How many rows have each status.
    pub(super) counts: Counts,
    /// How many have none.
    pub(super) unsent: u64,
    /// How many rows an import of the list cannot finish: it does not have them.
    pub(super) unlisted: u64,
    /// What the file looked like right after.
    stamp: Option<Stamp>,
}

/// What a file looks like from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    /// `None` where there is no file.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let metadata = std::fs::metadata(path).ok()?;
        Some(Self {
            length: metadata.len(),
            modified: metadata.modified().ok(),
        })
    }
}

impl Report {
    /// A report of this table at `path`, where the run has found the file `found`.
    pub(super) fn new(
        storage: Arc<dyn Storage>,
        path: PathBuf,
        table: Arc<Table>,
        live: Live,
        found: Option<Stamp>,
    ) -> Self {
        let now = Instant::now();
        Self {
            storage,
            path,
            table,
            live,
            job: None,
            written: found,
            started: now,
            next: now,
            is_changed: false,
            set_aside: Vec::new(),
        }
    }

    /// A row has a new outcome.
    pub(super) const fn changed(&mut self) {
        self.is_changed = true;
    }

    /// Whether the file should be rendered again.
    pub(super) fn is_due(&self) -> bool {
        let is_busy = self.job.as_ref().is_some_and(|job| !job.is_finished());
        self.is_changed && !is_busy && Instant::now() >= self.next
    }

    /// Begins to render the file again.
    ///
    /// # Errors
    /// When it could not be written, this time or the last.
    pub(super) fn start(&mut self, records: Records) -> Result<(), results::Error> {
        self.join()?;
        self.is_changed = false;
        self.started = Instant::now();
        self.put_aside();
        let job = self.job(records);
        if self.live == Live::OnThread {
            let thread = std::thread::Builder::new().name("results".to_owned());
            let thread = thread.spawn(job);
            self.job = Some(thread.map_err(|source| self.write_error(source))?);
        } else {
            self.written = job()?.stamp;
            self.done();
        }
        Ok(())
    }

    /// Renders the file for the last time.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn finish(&mut self, records: Records) -> Result<Rendered, results::Error> {
        // What a rendering on the way could not write, this one may.
        let _ = self.join();
        self.put_aside();
        let rendered = self.job(records)()?;
        self.written = rendered.stamp;
        Ok(rendered)
    }

    fn write_error(&self, source: io::Error) -> results::Error {
        results::Error::Write {
            path: self.path.clone(),
            source,
        }
    }

    fn job(
        &self,
        mut records: Records,
    ) -> impl FnOnce() -> Result<Rendered, results::Error> + Send + 'static {
        let (storage, path) = (Arc::clone(&self.storage), self.path.clone());
        let table = Arc::clone(&self.table);
        move || render(&*storage, &path, &table, &mut records)
    }

    fn join(&mut self) -> Result<(), results::Error> {
        let Some(job) = self.job.take() else {
            return Ok(());
        };
        let result = match job.join() {
            Ok(result) => result.map(|rendered| self.written = rendered.stamp),
            Err(panic) => std::panic::resume_unwind(panic),
        };
        self.done();
        result
    }

    /// The next rendering is due after a while.
    fn done(&mut self) {
        let took = self.started.elapsed();
        self.next = self.started + EVERY.max(took * SHARE);
    }

    /// Keeps what another program has saved in the place of the file meanwhile.
    fn put_aside(&mut self) {
        let now = Stamp::of(&self.path);
        let is_other = now.is_some_and(|now| now.length > 0 && self.written != Some(now));
        if !is_other {
            return;
        }
        let aside = aside(&self.path);
        if std::fs::rename(&self.path, &aside).is_ok() {
            self.set_aside.push(aside);
        }
    }
}

/// A free name for another program's version: `customers.results.edited-1.csv`.
pub(super) fn aside(path: &Path) -> PathBuf {
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    let names = (1..).map(|n| path.with_extension(format!("edited-{n}.{extension}")));
    let mut free = names.filter(|name| !name.exists());
    free.next().unwrap_or_else(|| path.with_extension("edited"))
}

/// Renders a results file.
///
/// # Errors
/// When the list cannot be read again, or the file cannot be written.
pub(super) fn render(
    storage: &dyn Storage,
    path: &Path,
    table: &Arc<Table>,
    records: &mut Records,
) -> Result<Rendered, results::Error> {
    let mut rendered = Rendered::default();
    let mut length = 0;
    let written = storage.replace(path, &mut |out| {
        rendered = Rendered::default();
        let mut out = Digested {
            out,
            digest: Xxh3::new(),
            length: 0,
        };
        write_rows(&mut out, table, records, &mut rendered)?;
        rendered.digest = format!("{:032x}", out.digest.digest128());
        length = out.length;
        Ok(())
    });
    written.map_err(|source| results::Error::Write {
        path: path.to_owned(),
        source,
    })?;
    // A file of another length is already another program's.
    rendered.stamp = Stamp::of(path).filter(|now| now.length == length);
    Ok(rendered)
}

fn write_rows(
    out: &mut dyn Write,
    table: &Arc<Table>,
    records: &mut Records,
    rendered: &mut Rendered,
) -> io::Result<()> {
    let mut writer = Renderer::new(out, &table.form, &table.header)?;
    let mut seen = HashSet::new();
    for (place, row) in table.reported().map_err(io::Error::other)?.enumerate() {
        let row = row.map_err(io::Error::other)?;
        let record = records.record(row.id.into()).map_err(io::Error::other)?;
        let is_other = table.is_united && !seen.insert(row.id);
        let record = record.map(|record| results::Record {
            row: row.number,
            ..if is_other {
                record.of_other_row()
            } else {
                record
            }
        });
        match &record {
            Some(record) => {
                let is_open = record.status.is_retryable() && place >= table.rows;
                rendered.unlisted += u64::from(is_open);
                rendered.counts.add(Some(record.status));
            }
            None => rendered.unsent += 1,
        }
        let place = Place {
            row: row.number,
            line: row.line,
        };
        writer.row(&row.row.cells, place, record.as_ref())?;
    }
    writer.finish()
}

/// Takes a digest of what is written.
struct Digested<'a> {
    out: &'a mut dyn Write,
    digest: Xxh3,
    length: u64,
}

impl Write for Digested<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.digest.update(bytes.get(..count).unwrap_or_default());
        self.length += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
