//! Atomic replacement of a file: after a crash there is either the old one or the new one, whole.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::NamedTempFile;
use xxhash_rust::xxh3::xxh3_64;

/// A temporary file that takes the place of another one when it is complete. Dropped before that,
/// it is removed.
#[derive(Debug)]
pub struct Unfinished {
    file: NamedTempFile,
    path: PathBuf,
}

/// How the names of temporary files end.
pub const SUFFIX: &str = ".unfinished";

/// The longest chain of links that is followed.
const MAX_LINKS: usize = 40;

impl Unfinished {
    /// An empty file in the directory of `path`, with the permissions of the file that it will
    /// replace.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn beside(path: &Path) -> io::Result<Self> {
        let path = target(path);
        let permissions = fs_err::metadata(&path).map(|old| old.permissions());
        // Where there is no old file, the new one is as open as any file that the user makes.
        let is_private = permissions.is_ok();
        let file = tempfile::Builder::new()
            .prefix(&prefix(&path))
            .suffix(SUFFIX)
            .make_in(directory_of(&path), |path| create(path, is_private))?;
        if let Ok(permissions) = permissions {
            keep_access(&path, file.as_file(), permissions);
        }
        Ok(Self { file, path })
    }

    /// The temporary file.
    pub fn file(&mut self) -> &mut std::fs::File {
        self.file.as_file_mut()
    }

    /// Where the temporary file is.
    pub fn temporary_path(&self) -> &Path {
        self.file.path()
    }

    /// Syncs the file and gives it its name.
    ///
    /// # Errors
    /// When the disk or the rename fails; the old file is then unchanged.
    pub fn finish(self) -> io::Result<()> {
        self.file.as_file().sync_all()?;
        // Windows does not rename a file that is open.
        let temporary = self.file.into_temp_path();
        rename(&temporary, &self.path)?;
        sync_directory(&self.path)
    }
}

/// Gives a file the owner of another one, where this user may do so, and its permissions. On Windows
/// a folder decides about its files.
fn keep_access(of: &Path, file: &std::fs::File, permissions: std::fs::Permissions) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        if let (Ok(old), Ok(new)) = (fs_err::metadata(of), file.metadata())
            && (old.uid(), old.gid()) != (new.uid(), new.gid())
        {
            let _ = fchown(file, Some(old.uid()), Some(old.gid()));
        }
        let _ = file.set_permissions(permissions);
    }
    #[cfg(not(unix))]
    let _ = (of, file, permissions);
}

/// How often something is tried again that fails while another program has the file open: first
/// after this many milliseconds, then after twice as many.
const TRIES: u32 = 6;
const FIRST_WAIT: u64 = 30;

/// Does something that fails on Windows while another program has the file open. Not through
/// `fs_err`, which would hide the code of the error.
pub(super) fn patiently<T>(mut attempt: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    for number in 0..TRIES {
        match attempt() {
            Err(error) if cfg!(windows) && is_held(&error) => {
                std::thread::sleep(Duration::from_millis(FIRST_WAIT << number));
            }
            done => return done,
        }
    }
    attempt()
}

fn rename(from: &Path, to: &Path) -> io::Result<()> {
    patiently(|| std::fs::rename(from, to)).map_err(|error| {
        let held = match std::fs::metadata(to) {
            Ok(old) if cfg!(windows) && old.permissions().readonly() => " (it is read-only)",
            _ if cfg!(windows) && is_held(&error) => {
                " (is it open in Excel, or held by OneDrive or a virus scanner?)"
            }
            _ => "",
        };
        let to = to.display();
        io::Error::new(error.kind(), format!("cannot replace {to}: {error}{held}"))
    })
}

/// Whether Windows says that another program has the file open.
pub(super) fn is_held(error: &io::Error) -> bool {
    const SHARING_VIOLATION: i32 = 32;
    const LOCK_VIOLATION: i32 = 33;
    error.kind() == io::ErrorKind::PermissionDenied
        || matches!(
            error.raw_os_error(),
            Some(SHARING_VIOLATION | LOCK_VIOLATION)
        )
}

/// Creates a temporary file. Not through `tempfile` itself, which marks it as temporary for good
/// on Windows.
fn create(path: &Path, is_private: bool) -> io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(if is_private { 0o600 } else { 0o666 });
    }
    #[cfg(not(unix))]
    let _ = is_private;
    options.open(path)
}

/// Where a path leads to: a link is followed, also to a file that does not exist yet, so that its
/// target is replaced and not the link.
pub fn target(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        let Ok(link) = fs_err::read_link(&path) else {
            break;
        };
        path = directory_of(&path).join(link);
    }
    path
}

/// What is equal for all paths that lead to one file, also where it does not exist yet.
///
/// # Errors
/// When its folder cannot be read.
pub fn identity(path: &Path) -> io::Result<PathBuf> {
    let path = target(path);
    let folder = directory_of(&path);
    let folder = match fs_err::canonicalize(folder) {
        // Some systems cannot resolve a long path, or one of a network drive.
        Err(_) if folder.is_dir() => std::path::absolute(folder)?,
        resolved => resolved?,
    };
    let file = folder.join(path.file_name().unwrap_or_default());
    Ok(if IGNORES_CASE {
        file.to_string_lossy().to_lowercase().into()
    } else {
        file
    })
}

/// Whether `A.csv` and `a.csv` are usually one file.
const IGNORES_CASE: bool = cfg!(any(windows, target_os = "macos"));

/// How the names of temporary files of `path` begin. Of a long name a part and a digest, since a
/// name has at most 255 bytes.
fn prefix(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if name.len() <= LONGEST_PREFIX {
        return format!(".{name}.");
    }
    let digest = xxh3_64(name.as_bytes());
    let start: String = name.chars().take(LONGEST_PREFIX / 8).collect();
    format!(".{start}.{digest:016x}.")
}

/// The longest name that is part of the name of a temporary file as it is, in bytes.
const LONGEST_PREFIX: usize = 200;

/// Removes temporary files of `path` that a killed process has left. Only the holder of its lock
/// may do so.
pub(super) fn remove_unfinished(path: &Path) {
    let path = target(path);
    let prefix = prefix(&path);
    let entries = fs_err::read_dir(directory_of(&path)).into_iter().flatten();
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(&prefix) && name.ends_with(SUFFIX) {
            // One that cannot be removed does no harm.
            let _ = fs_err::remove_file(entry.path());
        }
    }
}

/// The directory of a file.
pub fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// The name of a list without its folder and extension, also below `.gz`.
pub fn stem_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let stem = Path::new(name).file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

/// Makes a new name in a directory survive a loss of power, where the system can.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        match fs_err::File::open(directory_of(path)) {
            Ok(directory) => ignore_unsupported(directory.sync_all()),
            // A folder in which files can be made and not listed.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
            Err(error) => Err(error),
        }
    }
    #[cfg(not(unix))]
    {
        let _ = directory_of(path);
        Ok(())
    }
}

/// Some network file systems can neither sync a directory nor lock a file; that is no failure.
#[cfg(unix)]
pub(super) fn ignore_unsupported(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if is_unsupported(&error) => Ok(()),
        result => result,
    }
}

/// Whether the system says that it cannot do such a thing at all.
#[cfg(unix)]
fn is_unsupported(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::Unsupported | io::ErrorKind::InvalidInput
    )
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_synced_replaces_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("customers.results.csv");
        std::fs::write(&path, "old").unwrap();
        let Unfinished { file, path } = Unfinished::beside(&path).unwrap();
        // It takes every write, and refuses to be synced.
        let null = std::fs::File::options()
            .write(true)
            .open("/dev/null")
            .unwrap();
        let temporary = file.into_temp_path();
        let new = Unfinished {
            file: NamedTempFile::from_parts(null, temporary),
            path: path.clone(),
        };
        assert!(new.finish().is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
    }
}
