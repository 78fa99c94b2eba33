//! The real disk.

use super::replace::{remove_unfinished, sync_directory, target};
use super::{Append, Lock, Storage, Unfinished};
use fs_err::File;
use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// The disk of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Storage for Disk {
    fn append(&self, path: &Path) -> io::Result<Box<dyn Append>> {
        let path = target(path);
        let is_new = !path.exists();
        let mut file = open_alone(&path)?;
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

/// Opens a file that no other process writes to meanwhile: processes with temporary directories of
/// their own do not see each other's [`Lock`].
#[cfg(not(windows))]
fn open_alone(path: &Path) -> io::Result<File> {
    let file = fs_err::OpenOptions::from_options(writable()).open(path)?;
    match file.file().try_lock() {
        Err(std::fs::TryLockError::WouldBlock) => Err(in_use()),
        // A folder without locks, for example on a network drive.
        _ => Ok(file),
    }
}

/// Opens a file that no other process can write to, replace or remove meanwhile. A lock would also
/// stop this process from reading it.
#[cfg(windows)]
fn open_alone(path: &Path) -> io::Result<File> {
    use super::replace::{is_held, patiently};
    use std::os::windows::fs::OpenOptionsExt;
    const SHARE_READ: u32 = 1;
    let mut options = writable();
    options.share_mode(SHARE_READ);
    match patiently(|| options.open(path)) {
        Err(error) if is_held(&error) && error.kind() != io::ErrorKind::PermissionDenied => {
            Err(in_use())
        }
        opened => Ok(File::from_parts(opened?, path)),
    }
}

/// Not opened for append: Windows refuses to cut such a file.
fn writable() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    options
}

fn in_use() -> io::Error {
    io::Error::new(
        io::ErrorKind::ResourceBusy,
        "another process is writing to it",
    )
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
        let file = File::from_parts(file, &path);
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
