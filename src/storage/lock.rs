//! One process at a time: a lock that does not depend on the files that it protects.
//!
//! The lock file is in the system's temporary directory, named after the resolved path. So two
//! links to one file have the same lock, it holds after the user has deleted the file, and the
//! user's folder stays as it is.

use super::replace::{directory_of, identity};
use fs_err::{File, OpenOptions};
use std::fs::TryLockError;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::xxh3_128;

/// A lock that is held until it is dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a file; `None` while another process has it.
    pub(super) fn take(path: &Path) -> io::Result<Option<Self>> {
        let path = lock_path(path)?;
        let mut file = open(&path)?;
        match file.file().try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(without_locks(&path, &error)),
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // Also for the other users of the machine, however private the list is.
            let _ = file.set_permissions(std::fs::Permissions::from_mode(0o666));
        }
        // Only a help for the reader of a message; a lock file of another user is read-only.
        let _ = write_holder(&mut file, &path);
        Ok(Some(Self { _file: file }))
    }

    /// Who probably holds the lock: `process 4711, since 2026-11-23T19:50:00Z`.
    pub fn holder(path: &Path) -> Option<String> {
        let text = fs_err::read_to_string(holder_path(&lock_path(path).ok()?)).ok()?;
        let (pid, since) = text.split_once(' ')?;
        Some(format!("process {pid}, since {since}"))
    }
}

/// Where the holder of a lock says who it is: in the lock file itself, except on Windows, where a
/// locked file cannot be read.
fn holder_path(lock: &Path) -> PathBuf {
    lock.with_extension(if cfg!(windows) { "holder" } else { "lock" })
}

fn write_holder(lock: &mut File, path: &Path) -> io::Result<()> {
    let holder = format!("{} {:.0}", std::process::id(), jiff::Timestamp::now());
    if cfg!(windows) {
        return fs_err::write(holder_path(path), holder);
    }
    // Not by its name, which others can give to a link meanwhile.
    lock.set_len(0)?;
    lock.write_all(holder.as_bytes())
}

/// Without a lock two runs could send the same rows.
fn without_locks(path: &Path, error: &io::Error) -> io::Error {
    let folder = directory_of(path).display();
    let variable = if cfg!(windows) { "TMP" } else { "TMPDIR" };
    io::Error::new(
        error.kind(),
        format!(
            "the folder {folder} cannot lock files ({error}): set {variable} to a folder of this machine"
        ),
    )
}

/// Opens a lock file, for reading only where another user of the machine has created it.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use fs_err::os::unix::fs::OpenOptionsExt;
        // Others could put a link there, to a file that would then be cut.
        let flags = rustix::fs::OFlags::NOFOLLOW.bits();
        options.custom_flags(i32::try_from(flags).unwrap_or_default());
    }
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => File::open(path),
        opened => opened,
    }
}

/// The lock file of a path.
fn lock_path(path: &Path) -> io::Result<PathBuf> {
    let hash = xxh3_128(identity(path)?.as_os_str().as_encoded_bytes());
    let folder = std::env::temp_dir().join("workos-orgs-locks");
    fs_err::create_dir_all(&folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Shared by all users of the machine, like the temporary directory itself.
        let _ = std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o1777));
    }
    Ok(folder.join(format!("{hash:032x}.lock")))
}
