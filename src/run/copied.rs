//! A private copy of a list, taken when a command starts.
//!
//! What is planned, sent and reported is then the same list, whatever happens to the file
//! meanwhile. Standard input and pipes, which can be read only once, become readable again.

use super::Error;
use crate::input::{self, Source};
use crate::results;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use tempfile::{NamedTempFile, TempPath};
use xxhash_rust::xxh3::Xxh3;

/// The copy of a list; it is gone when the value is dropped.
#[derive(Debug)]
pub(super) struct Copied {
    /// The copy, under the name of the original.
    pub(super) source: Source,
    /// A digest of its bytes.
    pub(super) digest: String,
    _file: File,
    _path: Option<TempPath>,
}

impl Copied {
    /// Copies a list.
    ///
    /// # Errors
    /// When it cannot be read, or there is no room for the copy.
    pub(super) fn of(source: &Source) -> Result<Self, Error> {
        let mut from = open(source)?;
        let failed = |error| Error::System {
            what: "cannot copy the list to a temporary file",
            source: error,
        };
        let (mut file, path, temporary) = temporary().map_err(failed)?;
        let mut digest = Xxh3::new();
        let mut buffer = vec![0; 256 * 1024];
        let mut left = most(source);
        loop {
            let count = from.read(&mut buffer).map_err(|error| input::Error::Open {
                source_name: source.to_string(),
                source: error,
            })?;
            let Some(bytes @ [_, ..]) = buffer.get(..count) else {
                break;
            };
            left = left
                .checked_sub(count as u64)
                .ok_or_else(|| endless(source))?;
            digest.update(bytes);
            file.write_all(bytes).map_err(failed)?;
        }
        file.flush().map_err(failed)?;
        Ok(Self {
            source: Source::Copy {
                path,
                of: PathBuf::from(source.to_string()),
            },
            digest: format!("{:032x}", digest.digest128()),
            _file: file,
            _path: temporary,
        })
    }
}

/// How much is copied: all of a file, and so much of what may have no end.
fn most(source: &Source) -> u64 {
    match source {
        Source::File(path) if path.is_file() => u64::MAX,
        _ => LONGEST_STREAM,
    }
}

/// The most bytes that are read from standard input or a pipe.
const LONGEST_STREAM: u64 = 4 * 1024 * 1024 * 1024;

fn endless(source: &Source) -> input::Error {
    input::Error::Open {
        source_name: source.to_string(),
        source: io::Error::other("it is longer than 4 GiB: save it to a file"),
    }
}

impl Copied {
    /// A copy with other contents, under the name of `source`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn written(
        source: &Source,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<Self, Error> {
        let written = || {
            let (file, path, temporary) = temporary()?;
            let mut out = BufWriter::new(&file);
            write(&mut out)?;
            out.flush()?;
            drop(out);
            let digest = digest(&path)?;
            Ok((file, path, temporary, digest))
        };
        let (file, path, temporary, digest) =
            written().map_err(Error::system("cannot copy the list to a temporary file"))?;
        Ok(Self {
            source: Source::Copy {
                path,
                of: PathBuf::from(source.to_string()),
            },
            digest,
            _file: file,
            _path: temporary,
        })
    }
}

fn open(source: &Source) -> Result<Box<dyn Read>, Error> {
    let path = match source {
        Source::Stdin => return Ok(Box::new(io::stdin())),
        Source::File(path) | Source::Copy { path, .. } => path,
    };
    let file = File::open(path).map_err(|error| input::Error::Open {
        source_name: source.to_string(),
        source: error,
    })?;
    Ok(Box::new(file))
}

/// An empty temporary file, its path, and what removes it. Nothing is left of it after a kill either:
/// on Linux the file has no name, and Windows removes it when it is closed.
fn temporary() -> io::Result<(File, PathBuf, Option<TempPath>)> {
    #[cfg(target_os = "linux")]
    {
        use std::os::fd::AsRawFd;
        let file = tempfile::tempfile()?;
        let path = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
        if path.exists() {
            return Ok((file, path, None));
        }
    }
    let (file, path) = named()?.into_parts();
    Ok((file, path.to_path_buf(), Some(path)))
}

#[cfg(not(windows))]
fn named() -> io::Result<NamedTempFile> {
    NamedTempFile::new()
}

#[cfg(windows)]
fn named() -> io::Result<NamedTempFile> {
    use std::os::windows::fs::OpenOptionsExt;
    const DELETE_ON_CLOSE: u32 = 0x0400_0000;
    let mut options = File::options();
    options.read(true).write(true).create_new(true);
    options.custom_flags(DELETE_ON_CLOSE);
    tempfile::Builder::new().make(|path| options.open(path))
}

/// A digest of a file's bytes; `None` where there is no such file.
///
/// # Errors
/// When it cannot be read.
pub(super) fn digest_of(path: &Path) -> Result<Option<String>, results::Error> {
    match digest(path) {
        Ok(digest) => Ok(Some(digest)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(results::Error::Read {
            path: path.to_owned(),
            source,
        }),
    }
}

fn digest(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut digest = Xxh3::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let count = file.read(&mut buffer)?;
        match buffer.get(..count) {
            None | Some([]) => return Ok(format!("{:032x}", digest.digest128())),
            Some(bytes) => digest.update(bytes),
        }
    }
}

#[cfg(all(test, windows))]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_gone_as_soon_as_its_file_is_closed() {
        let (file, path, temporary) = temporary().unwrap();
        std::fs::write(&path, "name\n").unwrap();
        assert_eq!(digest(&path).unwrap().len(), 32);
        // Nothing that a killed program does not do.
        std::mem::forget(temporary);
        drop(file);
        assert!(!path.exists());
    }
}
