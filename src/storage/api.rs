//! What a disk can do for this program, as traits.

use super::Lock;
use std::fmt;
use std::io::{self, Write};
use std::path::Path;

/// Where files are written.
pub trait Storage: Send + Sync + fmt::Debug {
    /// Opens a file to append to it; creates it where there is none.
    ///
    /// # Errors
    /// When it cannot be opened or created.
    fn append(&self, path: &Path) -> io::Result<Box<dyn Append>>;

    /// Puts a whole file in place: `write` fills a temporary file beside `path`, which is synced
    /// and then takes its name. After a crash there is either the old file or the new one.
    ///
    /// # Errors
    /// When the new file cannot be written; the old one is then unchanged.
    fn replace(
        &self,
        path: &Path,
        write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()>;

    /// Takes the lock of a file, whether the file exists or not; `None` while another process has
    /// it. The lock is released when the value is dropped.
    ///
    /// # Errors
    /// When the system cannot lock.
    fn lock(&self, path: &Path) -> io::Result<Option<Lock>>;

    /// Removes a file; one that does not exist is not an error.
    ///
    /// # Errors
    /// When it exists and cannot be removed.
    fn remove(&self, path: &Path) -> io::Result<()>;
}

/// A file that is only ever appended to.
pub trait Append: Send + fmt::Debug {
    /// Appends these bytes. Where that fails halfway, the file is cut back to its length before,
    /// so that half a line never precedes a whole one.
    ///
    /// # Errors
    /// When they cannot be written.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Returns when everything that was appended is on the disk.
    ///
    /// # Errors
    /// When the disk fails.
    fn sync(&mut self) -> io::Result<()>;

    /// Cuts the file to this length.
    ///
    /// # Errors
    /// When it cannot be cut.
    fn truncate(&mut self, length: u64) -> io::Result<()>;

    /// The length of the file as this process has left it, in bytes.
    fn length(&self) -> u64;

    /// Whether the file was replaced, cut or deleted by another program since: its name no longer
    /// leads to what was appended here.
    fn is_disturbed(&self) -> bool;
}
