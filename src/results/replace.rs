//! Putting a file in place at once, so that a crash leaves either the old one or the new one, whole.

use fs_err::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Puts a file in place at once: `write` fills a new file beside `path`, which then takes its
/// name. After a crash there is either the old file or the new one, whole.
///
/// # Errors
/// When the new file cannot be written; the old one then stands as it was.
pub(super) fn replace<E: From<io::Error>>(
    path: &Path,
    write: impl FnOnce(&mut io::BufWriter<&mut std::fs::File>) -> Result<(), E>,
) -> Result<(), E> {
    let mut new = Unfinished::beside(path)?;
    let mut buffer = io::BufWriter::with_capacity(256 * 1024, new.file.as_file_mut());
    write(&mut buffer)?;
    buffer.flush()?;
    drop(buffer);
    Ok(new.finish()?)
}

/// A file that is to take the place of another one when it is whole.
pub(super) struct Unfinished {
    file: NamedTempFile,
    path: PathBuf,
}

impl Unfinished {
    /// An empty one beside it, as open to others as it is.
    pub(super) fn beside(path: &Path) -> io::Result<Self> {
        let path = target(path);
        let file = tempfile::Builder::new()
            .prefix(&unfinished_prefix(&path))
            .suffix(UNFINISHED)
            .tempfile_in(directory_of(&path))?;
        if let Ok(old) = fs_err::metadata(&path) {
            // A temporary file is private to its owner; a results file is as open as it was.
            let _ = file.as_file().set_permissions(old.permissions());
        }
        Ok(Self { file, path })
    }

    /// A second handle to the new file.
    pub(super) fn handle(&self) -> io::Result<File> {
        let file = self.file.as_file().try_clone()?;
        Ok(File::from_parts(file, self.file.path()))
    }

    /// Has the new file take the place of the old one.
    pub(super) fn finish(self) -> io::Result<()> {
        self.file.as_file().sync_all()?;
        self.file.persist(&self.path).map_err(|error| error.error)?;
        sync_directory(&self.path)
    }
}

/// Where a path leads to: what takes the place of a link's target is not to take the link's.
fn target(path: &Path) -> PathBuf {
    fs_err::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

const UNFINISHED: &str = ".unfinished";

fn unfinished_prefix(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!(".{name}.")
}

/// Removes what a process that was killed while it [replaced](replace) a file has left of the new
/// one. Only who holds the lock of the run may do so.
pub(super) fn remove_unfinished(path: &Path) {
    let path = target(path);
    let prefix = unfinished_prefix(&path);
    let entries = fs_err::read_dir(directory_of(&path)).into_iter().flatten();
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(&prefix) && name.ends_with(UNFINISHED) {
            // What cannot be removed harms nobody.
            let _ = fs_err::remove_file(entry.path());
        }
    }
}

/// The directory in which a file stands or is to stand.
pub fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes a new name in a directory survive a loss of power, where the system can.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(directory_of(path))?.sync_all()?;
    #[cfg(not(unix))]
    let _ = directory_of(path);
    Ok(())
}
