//! A disk over real files that loses what was not synced, fills up and dies with its process.

use crate::random::Random;
use crate::trace::Trace;
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use workos_orgs::storage::{Append, Disk, Lock, SUFFIX, Storage};

/// What the disk does to one process. Operations are counted from 0.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hazards {
    /// The operation during which the process dies.
    pub(crate) crash_at: Option<u64>,
    /// During which operations the disk is full.
    pub(crate) full: Range<u64>,
    /// During which operations it is read-only.
    pub(crate) read_only: Range<u64>,
}

#[derive(Debug)]
struct State {
    /// How much of each file survives a loss of power at least.
    synced: BTreeMap<PathBuf, u64>,
    hazards: Hazards,
    operations: u64,
    is_dead: Arc<AtomicBool>,
    random: Random,
    trace: Trace,
}

/// The disk as one process has it.
#[derive(Clone, Debug)]
pub(crate) struct SimulatedDisk(Arc<Mutex<State>>);

/// What happens to an operation.
#[derive(PartialEq)]
enum Turn {
    Normal,
    /// The process dies in it.
    Crash,
}

impl SimulatedDisk {
    pub(crate) fn new(random: Random, trace: Trace) -> Self {
        Self(Arc::new(Mutex::new(State {
            synced: BTreeMap::new(),
            hazards: Hazards::default(),
            operations: 0,
            is_dead: Arc::default(),
            random,
            trace,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// A process begins. Returns whether it is dead, for others to look at.
    pub(crate) fn begin(&self, hazards: Hazards) -> Arc<AtomicBool> {
        let mut state = self.state();
        state.hazards = hazards;
        state.operations = 0;
        state.is_dead = Arc::default();
        Arc::clone(&state.is_dead)
    }

    /// The power is lost: of what was not synced, a random part is left.
    pub(crate) fn lose_power(&self) {
        let mut state = self.state();
        let synced = std::mem::take(&mut state.synced);
        for (path, synced) in synced {
            let Ok(length) = std::fs::metadata(&path).map(|file| file.len()) else {
                continue;
            };
            if length <= synced {
                continue;
            }
            let left = state.random.between(synced, length);
            let file = OpenOptions::new().write(true).open(&path).unwrap();
            file.set_len(left).unwrap();
            let lost = length - left;
            let name = path.file_name().unwrap().display();
            state
                .trace
                .fault("disk: unsynced bytes lost", format!("{lost} of {name}"));
        }
    }

    /// The user has changed a file, and it is on the disk.
    pub(crate) fn settle(&self) {
        self.state().synced.clear();
    }
}

impl State {
    fn turn(&mut self) -> io::Result<Turn> {
        if self.is_dead.load(Ordering::Relaxed) {
            return Err(io::Error::other("the process is dead"));
        }
        let operation = self.operations;
        self.operations += 1;
        if self.hazards.crash_at == Some(operation) {
            self.is_dead.store(true, Ordering::Relaxed);
            return Ok(Turn::Crash);
        }
        if self.hazards.full.contains(&operation) {
            self.trace.fault("disk: full", "");
            return Err(io::ErrorKind::StorageFull.into());
        }
        if self.hazards.read_only.contains(&operation) {
            self.trace.fault("disk: read-only", "");
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        Ok(Turn::Normal)
    }

    fn dead(&self, during: &'static str) -> io::Error {
        self.trace.fault(during, "");
        io::Error::other("the process dies")
    }
}

impl Storage for SimulatedDisk {
    fn append(&self, path: &Path) -> io::Result<Box<dyn Append>> {
        let mut state = self.state();
        let is_new = !path.exists();
        let turn = state.turn()?;
        if turn == Turn::Crash {
            if is_new && state.random.percent(50) {
                std::fs::write(path, b"")?;
            }
            return Err(state.dead("crash: opening a file"));
        }
        let inner = Disk.append(path)?;
        let length = inner.length();
        let synced = state.synced.entry(path.to_owned()).or_insert(length);
        *synced = length.min(*synced);
        Ok(Box::new(Appended {
            inner,
            path: path.to_owned(),
            disk: self.clone(),
        }))
    }

    fn replace(
        &self,
        path: &Path,
        write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut bytes = Vec::new();
        let turn = self.state().turn();
        if let Err(error) = turn {
            if error.kind() == io::ErrorKind::StorageFull {
                // Half of it fits.
                let _ = write(&mut Full);
            }
            return Err(error);
        }
        write(&mut bytes)?;
        let mut state = self.state();
        if turn? == Turn::Crash {
            let name = path.file_name().unwrap().display();
            let temporary = path.with_file_name(format!(".{name}.k{}{SUFFIX}", state.operations));
            let how = state.random.below(3);
            let length = match how {
                0 => state.random.index(bytes.len() + 1),
                _ => bytes.len(),
            };
            if how == 2 {
                // The new name is on the disk or not; the old file is whole in any case.
                Disk.replace(path, &mut |out| out.write_all(&bytes))?;
                state.synced.remove(path);
                return Err(state.dead("crash: after replacing a file"));
            }
            std::fs::write(temporary, &bytes[..length])?;
            return Err(state.dead("crash: before replacing a file"));
        }
        state.synced.remove(path);
        Disk.replace(path, &mut |out| out.write_all(&bytes))
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Lock>> {
        if self.state().is_dead.load(Ordering::Relaxed) {
            return Err(io::Error::other("the process is dead"));
        }
        Disk.lock(path)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        if self.state().turn()? == Turn::Crash {
            return Err(self.state().dead("crash: removing a file"));
        }
        Disk.remove(path)
    }
}

/// Has room for nothing.
struct Full;

impl Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file that the process appends to.
#[derive(Debug)]
struct Appended {
    inner: Box<dyn Append>,
    path: PathBuf,
    disk: SimulatedDisk,
}

impl Append for Appended {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.disk.state();
        if state.turn()? == Turn::Crash {
            let written = state.random.index(bytes.len() + 1);
            self.inner.append(&bytes[..written])?;
            return Err(state.dead("crash: appending to a file"));
        }
        self.inner.append(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.disk.state();
        let is_crash = state.turn()? == Turn::Crash;
        if is_crash && state.random.percent(50) {
            return Err(state.dead("crash: before syncing a file"));
        }
        self.inner.sync()?;
        state.synced.insert(self.path.clone(), self.inner.length());
        if is_crash {
            return Err(state.dead("crash: after syncing a file"));
        }
        Ok(())
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        let mut state = self.disk.state();
        if state.turn()? == Turn::Crash {
            return Err(state.dead("crash: cutting a file"));
        }
        let synced = state.synced.entry(self.path.clone()).or_default();
        *synced = length.min(*synced);
        self.inner.truncate(length)
    }

    fn length(&self) -> u64 {
        self.inner.length()
    }

    fn is_disturbed(&self) -> bool {
        self.inner.is_disturbed()
    }
}
