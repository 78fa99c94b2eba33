//! Journals that another program changes during a run, and disks that fail.

use super::*;
use crate::storage::{Append, Lock, Storage};
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
#[cfg_attr(windows, ignore = "Windows lets no other program change it")]
fn a_deleted_or_replaced_journal_is_restored() {
    for replaces in [false, true] {
        let place = Place::new();
        let mut journal = place.begin();
        journal.dispatch(dispatched(&[1, 2], None)).unwrap();
        journal.outcome(outcome(1, Status::Created)).unwrap();
        std::fs::remove_file(&place.path).unwrap();
        if replaces {
            std::fs::write(&place.path, "an older version\n").unwrap();
        }
        journal.dispatch(dispatched(&[3], None)).unwrap();
        assert_eq!(place.read().as_ref(), Some(journal.state()));
        assert_eq!(journal.state().rows(), 3);
        let created = outcome(1, Status::Created);
        assert_eq!(journal.outcome_of(1).unwrap(), Some(created));
    }
}

#[test]
#[cfg_attr(windows, ignore = "Windows lets no other program change it")]
fn nothing_is_dispatched_after_the_journal_was_cut_or_overwritten() {
    type Harm = fn(&Path);
    let cut: Harm = |path| {
        let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
        file.set_len(200).unwrap();
    };
    let overwrite: Harm = |path| std::fs::write(path, vec![b'x'; 100_000]).unwrap();
    for harm in [cut, overwrite] {
        let place = Place::new();
        let mut journal = place.begin();
        journal.dispatch(dispatched(&[1, 2], None)).unwrap();
        harm(&place.path);
        let changed = place.content();
        let failed = journal.dispatch(dispatched(&[3], None));
        assert!(matches!(failed, Err(Error::Disturbed { .. })));
        assert!(matches!(journal.flush(), Err(Error::Disturbed { .. })));
        assert_eq!(place.content(), changed);
    }
}

#[test]
fn a_journal_that_changed_since_it_was_read_is_not_continued() {
    let place = Place::new();
    place.begin().end(ended(true)).unwrap();
    let state = place.read();
    std::fs::write(&place.path, "").unwrap();
    let begun = Journal::begin(Arc::new(Disk), &place.path, state, run());
    assert!(matches!(begun, Err(Error::Disturbed { .. })));
}

/// A disk that can be full, and whose syncs can fail.
#[derive(Clone, Debug, Default)]
struct Faulty {
    is_full: Arc<AtomicBool>,
    fails_to_sync: Arc<AtomicBool>,
}

#[derive(Debug)]
struct FaultyFile(Faulty, Box<dyn Append>);

impl Storage for Faulty {
    fn append(&self, path: &Path) -> io::Result<Box<dyn Append>> {
        Ok(Box::new(FaultyFile(self.clone(), Disk.append(path)?)))
    }

    fn replace(
        &self,
        path: &Path,
        write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        Disk.replace(path, write)
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Lock>> {
        Disk.lock(path)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        Disk.remove(path)
    }
}

impl Append for FaultyFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.0.is_full.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.1.append(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.0.fails_to_sync.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.1.sync()
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.1.truncate(length)
    }

    fn length(&self) -> u64 {
        self.1.length()
    }

    fn is_disturbed(&self) -> bool {
        self.1.is_disturbed()
    }
}

#[test]
fn a_full_disk_loses_nothing_and_lets_nothing_be_sent() {
    let (place, disk) = (Place::new(), Faulty::default());
    let mut journal = Journal::begin(Arc::new(disk.clone()), &place.path, None, run()).unwrap();
    journal.dispatch(dispatched(&[1], None)).unwrap();
    disk.is_full.store(true, Ordering::Relaxed);
    journal.outcome(outcome(1, Status::Created)).unwrap();
    let error = journal.flush().unwrap_err();
    assert!(error.hint().unwrap().contains("the same command"));
    assert!(journal.dispatch(dispatched(&[2], None)).is_err());
    assert_eq!(journal.state().progress(2), Progress::Unseen);
    disk.is_full.store(false, Ordering::Relaxed);
    journal.dispatch(dispatched(&[3], None)).unwrap();
    let state = place.read().unwrap();
    assert_eq!(&state, journal.state());
    assert_eq!(state.progress(1), Progress::Outcome(Status::Created));
    assert_eq!(state.progress(2), Progress::Unseen);
}

#[test]
#[cfg_attr(
    windows,
    ignore = "Windows replaces no open file: the run stops, and is resumed"
)]
fn after_a_failed_sync_the_file_is_written_anew() {
    let (place, disk) = (Place::new(), Faulty::default());
    let mut journal = Journal::begin(Arc::new(disk.clone()), &place.path, None, run()).unwrap();
    disk.fails_to_sync.store(true, Ordering::Relaxed);
    assert!(journal.dispatch(dispatched(&[1], None)).is_err());
    disk.fails_to_sync.store(false, Ordering::Relaxed);
    let before = std::fs::File::open(&place.path).unwrap();
    journal.dispatch(dispatched(&[2], None)).unwrap();
    assert_eq!(place.read().as_ref(), Some(journal.state()));
    assert_eq!(journal.state().progress(1), Progress::Dispatched);
    assert!(before.metadata().unwrap().len() < place.content().len() as u64);
}
