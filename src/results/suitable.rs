//! Checks that a path can be a results file: a regular text file, or nothing yet.

use super::Error;
use super::error::{DIRECTORY, LINK, NO_FILE, TEXT};
use crate::storage::{directory_of, target};
use fs_err::File;
use std::io::{self, Read};
use std::path::Path;

/// The byte order mark of UTF-8, by which Excel knows the encoding of a CSV file.
pub(super) const MARK: &[u8] = b"\xef\xbb\xbf";

/// How a workbook begins.
const WORKBOOK: &[u8] = b"PK\x03\x04";

/// What is known by its first bytes, or else by its name.
const OTHERS: [(&str, &[u8], &[&str]); 2] = [
    ("a workbook", WORKBOOK, &["xlsm", "xls", "ods"]),
    ("a gzip archive", b"\x1f\x8b", &["gz"]),
];

/// Refuses a path that cannot be a results file, before anything there is touched.
///
/// # Errors
/// When it is a directory, a device, a pipe or a socket, or when a workbook or an archive is there
/// or would be by its name.
pub fn refuse_unsuitable(path: &Path) -> Result<(), Error> {
    let unsuitable = |what| Error::Unsuitable {
        path: path.to_owned(),
        what,
    };
    if path.is_dir() {
        return Err(unsuitable(DIRECTORY));
    }
    if !directory_of(path).is_dir() {
        return Err(Error::NoFolder {
            path: path.to_owned(),
        });
    }
    if path.exists() && !path.is_file() || cfg!(windows) && is_windows_device(path) {
        return Err(unsuitable(NO_FILE));
    }
    let target = target(path);
    if path.is_symlink() && !is_same_folder(path, &target) {
        return Err(unsuitable(LINK));
    }
    let extension = target.extension().unwrap_or_default().to_string_lossy();
    let start = start_of(path).unwrap_or_default();
    // An empty file becomes what its name says.
    if is_workbook(&target) {
        let is_one = start.is_empty() || start.starts_with(WORKBOOK);
        return is_one.then_some(()).ok_or_else(|| unsuitable(TEXT));
    }
    for (what, beginning, extensions) in OTHERS {
        let is_named = extensions
            .iter()
            .any(|it| extension.eq_ignore_ascii_case(it));
        if is_named || start.starts_with(beginning) {
            return Err(unsuitable(what));
        }
    }
    Ok(())
}

/// Whether a file is a workbook by its name.
pub fn is_workbook(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    extension.eq_ignore_ascii_case("xlsx")
}

/// Whether Windows takes a name for a device, in every folder and with every extension, or for a part
/// of a file that is not seen in its folder (`list.csv:part`).
fn is_windows_device(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if name.contains(':') {
        return true;
    }
    let stem = name.split('.').next().unwrap_or_default();
    let stem = stem.trim_end().to_ascii_uppercase();
    let numbered = |it: &str| {
        let mut it = it.chars();
        let digit = it.next();
        matches!(digit, Some('0'..='9' | '¹' | '²' | '³')) && it.next().is_none()
    };
    matches!(
        stem.as_str(),
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$"
    ) || stem.strip_prefix("COM").is_some_and(numbered)
        || stem.strip_prefix("LPT").is_some_and(numbered)
}

fn is_same_folder(one: &Path, other: &Path) -> bool {
    let folder = |path: &Path| fs_err::canonicalize(directory_of(path)).ok();
    folder(one).is_some_and(|one| Some(one) == folder(other))
}

/// Whether a file begins with a byte order mark.
pub fn has_mark(path: &Path) -> bool {
    start_of(path).is_ok_and(|start| start.starts_with(MARK))
}

fn start_of(path: &Path) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    if !path.is_file() {
        // What a pipe or a terminal gives is gone when it is read.
        return Ok(start);
    }
    File::open(path)?.take(4).read_to_end(&mut start)?;
    Ok(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(path: &Path) -> Option<&'static str> {
        match refuse_unsuitable(path) {
            Err(Error::Unsuitable { what, .. }) => Some(what),
            _ => None,
        }
    }

    #[test]
    fn only_a_text_file_or_nothing_can_be_a_results_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        std::fs::write(path("zip.csv"), b"PK\x03\x04...").unwrap();
        std::fs::write(path("own.csv"), "name,workos_status\n").unwrap();
        assert_eq!(refused(directory.path()), Some(DIRECTORY));
        std::fs::write(path("text.xlsx"), "name,workos_status\n").unwrap();
        for name in ["zip.csv", "new.xls", "new.ods"] {
            assert_eq!(refused(&path(name)), Some("a workbook"), "{name}");
        }
        assert_eq!(refused(&path("text.xlsx")), Some(TEXT));
        assert_eq!(refused(&path("new.XLSX")), None);
        assert_eq!(refused(&path("new.csv.gz")), Some("a gzip archive"));
        assert_eq!(refused(&path("own.csv")), None);
        assert_eq!(refused(&path("new.csv")), None);
    }

    #[test]
    fn windows_has_devices_in_every_folder() {
        for name in [
            "nul",
            "NUL.csv",
            "lists/con.results.csv",
            "Com1.csv",
            "lpt9",
            "COM¹.csv",
            "list.csv:part",
        ] {
            assert!(is_windows_device(Path::new(name)), "{name}");
        }
        for name in ["null.csv", "com.csv", "com10.csv", "console.csv", "a.nul"] {
            assert!(!is_windows_device(Path::new(name)), "{name}");
        }
        let device = refused(Path::new("NUL.csv"));
        assert_eq!(device, cfg!(windows).then_some(NO_FILE));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_what_it_leads_to() {
        use std::os::unix::fs::symlink;
        let (here, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let link = |name: &str, target: &Path| {
            let link = here.path().join(name);
            symlink(target, &link).unwrap();
            refused(&link)
        };
        assert_eq!(link("a.csv", Path::new("own.csv")), None);
        assert_eq!(
            link("b.csv", Path::new("own.csv.gz")),
            Some("a gzip archive")
        );
        assert_eq!(link("c.csv", &elsewhere.path().join("new.csv")), Some(LINK));
        assert_eq!(link("d.csv", Path::new("/dev/full")), Some(NO_FILE));
    }

    #[cfg(unix)]
    #[test]
    fn a_device_and_a_socket_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        let socket = directory.path().join("socket.csv");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert_eq!(refused(&socket), Some(NO_FILE));
        assert_eq!(refused(Path::new("/dev/null")), Some(NO_FILE));
    }
}
