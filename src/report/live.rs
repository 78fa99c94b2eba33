//! A page that is written again and again while a run is at work.

use super::error::Error;
use super::facts::Facts;
use super::gathered::Gathered;
use super::html;
use crate::engine::{Event, Observer};
use crate::results;
use crate::storage::{Disk, Storage};
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often the page is written.
const EVERY: Duration = Duration::from_secs(3);
/// How much of the time may be spent on it: one part in this many.
const SHARE: u32 = 10;

/// A page that follows a run. It is written from the first row on, so never before the user has
/// confirmed.
#[derive(Clone, Debug)]
pub struct LivePage {
    results: PathBuf,
    page: PathBuf,
    writer: Arc<Mutex<Option<Writer>>>,
}

/// The thread that writes, and what ends it.
#[derive(Debug)]
struct Writer {
    end: Sender<()>,
    thread: JoinHandle<()>,
}

impl LivePage {
    /// A page at `page` of the run with this results file.
    pub fn new(results: &Path, page: &Path) -> Self {
        Self {
            results: results.to_owned(),
            page: page.to_owned(),
            writer: Arc::default(),
        }
    }

    /// The same observer, which also starts the page when the run begins.
    pub fn observer(&self, inner: Box<dyn Observer>) -> Box<dyn Observer> {
        Box::new(Starter {
            page: self.clone(),
            inner,
        })
    }

    /// Writes the page for the last time, also where there was nothing to do.
    ///
    /// # Errors
    /// When it cannot be read for or written.
    pub fn finish(&self) -> Result<(), Error> {
        if let Some(writer) = self.lock().take() {
            drop(writer.end);
            let _ = writer.thread.join();
        }
        write(&self.results, &self.page, false)
    }

    fn start(&self) {
        let mut writer = self.lock();
        if writer.is_some() {
            return;
        }
        let (end, ended) = mpsc::channel();
        let (results, page) = (self.results.clone(), self.page.clone());
        let thread = std::thread::Builder::new().name("report".to_owned());
        let thread = thread.spawn(move || {
            let mut wait = Duration::ZERO;
            while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                let began = Instant::now();
                // The last page, after the run, says what is wrong.
                let _ = write(&results, &page, true);
                wait = EVERY.max(began.elapsed() * SHARE);
            }
        });
        // Without a thread there is only the last page.
        *writer = thread.ok().map(|thread| Writer { end, thread });
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Writer>> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Starter {
    page: LivePage,
    inner: Box<dyn Observer>,
}

impl Observer for Starter {
    fn observe(&mut self, event: &Event<'_>) {
        if matches!(event, Event::RowsCounted(_)) {
            self.page.start();
        }
        self.inner.observe(event);
    }
}

/// Puts the page in its place, whole.
fn write(results: &Path, page: &Path, is_live: bool) -> Result<(), Error> {
    let facts = Facts::of(Gathered::read(results, Timestamp::now(), is_live)?);
    let written = Disk.replace(page, &mut |out| html::write(&facts, is_live, out));
    written.map_err(|source| {
        results::Error::Write {
            path: page.to_owned(),
            source,
        }
        .into()
    })
}
