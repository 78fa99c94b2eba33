//! The real disk.

use super::replace::{remove_unfinished, sync_directory, target};
use super::{Append, Lock, Storage, Unfinished};
use fs_err::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// The disk of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Storage for Disk {
    fn append(&self, path: &Path) -> io::Result<Box<dyn Append>> {
        let path = target(path);
        let is_new = !path.exists();
        // Not opened for append: Windows refuses to cut such a file.
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)?;
        refuse_other_writers(&file)?;
        if is_new {
            sync_directory(&path)?;
        }
        let length = io::Seek::seek(&mut file, io::SeekFrom::End(0))?;
        Ok(Box::new(Appended {
            file,
            path,
            length,
            has_rest: false,
        }))
    }

    fn replace(
        &self,
        path: &Path,
        write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut new = Unfinished::beside(path)?;
        let mut buffer = BufWriter::with_capacity(256 * 1024, new.file());
        write(&mut buffer)?;
        buffer.flush()?;
        drop(buffer);
        new.finish()
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Lock>> {
        let lock = Lock::take(path)?;
        if lock.is_some() {
            remove_unfinished(path);
        }
        Ok(lock)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        match fs_err::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// Locks the file itself: processes with temporary directories of their own do not see each other's
/// [`Lock`]. Elsewhere than on Unix such a lock would also stop this process from reading the file.
#[cfg(unix)]
fn refuse_other_writers(file: &File) -> io::Result<()> {
    match file.file().try_lock() {
        Err(std::fs::TryLockError::WouldBlock) => Err(io::Error::new(
            io::ErrorKind::ResourceBusy,
            "another process is writing to it",
        )),
        // A folder without locks, for example on a network drive.
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn refuse_other_writers(_: &File) -> io::Result<()> {
    Ok(())
}

/// A file that this process appends to.
#[derive(Debug)]
struct Appended {
    file: File,
    path: PathBuf,
    length: u64,
    /// Whether half of a failed write may be left after `length`.
    has_rest: bool,
}

impl Append for Appended {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.has_rest {
            self.truncate(self.length)?;
        }
        match self.file.write_all(bytes) {
            Ok(()) => {
                self.length += bytes.len() as u64;
                Ok(())
            }
            Err(error) => {
                self.has_rest = true;
                // Where this fails too, the next append tries it again.
                let _ = self.truncate(self.length);
                Err(error)
            }
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)?;
        self.length = io::Seek::seek(&mut self.file, io::SeekFrom::Start(length))?;
        self.has_rest = false;
        Ok(())
    }

    fn length(&self) -> u64 {
        self.length
    }

    fn is_disturbed(&self) -> bool {
        let (Ok(named), Ok(open)) = (fs_err::metadata(&self.path), self.file.metadata()) else {
            return true;
        };
        let is_whole = if self.has_rest {
            named.len() >= self.length
        } else {
            named.len() == self.length
        };
        !is_same_file(&named, &open) || !is_whole
    }
}

#[cfg(unix)]
fn is_same_file(one: &std::fs::Metadata, other: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_same_file(one: &std::fs::Metadata, other: &std::fs::Metadata) -> bool {
    one.len() == other.len()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_journal_is_synced_by_the_system() {
        let path = PathBuf::from("/dev/null");
        let file = OpenOptions::new().write(true).open(&path).unwrap();
        let mut appended = Appended {
            file,
            path,
            length: 0,
            has_rest: false,
        };
        // It takes every write, and refuses to be synced.
        appended.append(b"one\n").unwrap();
        assert!(appended.sync().is_err());
    }
}
