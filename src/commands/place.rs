//! Where a report may be written: to a new file, or in the place of an older report.

use super::Error;
use crate::input::{ReadOptions, Reader, Source};
use crate::journal::journal_path;
use crate::results::is_workbook;
use crate::run::is_results;
use crate::storage::{directory_of, identity};
use fs_err::File;
use std::io::Read as _;
use std::path::Path;

/// How a page begins.
pub(super) const PAGE: &str = "<!doctype html>";
/// How a file of events begins.
pub(super) const EVENTS: &str = "{\"schema\":1,\"at\":";
/// What the first line of a results file holds.
pub(super) const RESULTS: &str = "workos_status";

/// How much of a file is looked at.
const HEAD: u64 = 64 * 1024;

/// Refuses a place that would cost the user a file: the list, the results, the journal, or anything
/// else that does not hold `sign` near its beginning, as an older report does.
///
/// # Errors
/// When there is such a file, or no folder for a new one.
pub(super) fn check(path: &Path, results: &Path, sign: &str) -> Result<(), Error> {
    let shown = path.display();
    let folder = directory_of(path);
    if !folder.is_dir() {
        return Err(Error::Usage {
            message: format!(
                "cannot write {shown}: there is no folder {}",
                folder.display()
            ),
            hint: "create the folder, or choose another place for the report".to_owned(),
        });
    }
    let own = [results.to_owned(), journal_path(results)];
    let is_own = own.iter().any(|own| is_same(own, path));
    if !is_own && (!path.exists() || is_report(path, sign)) {
        return Ok(());
    }
    Err(Error::Usage {
        message: format!("{shown} exists and is not a report"),
        hint: "choose another name for the report, or move that file away".to_owned(),
    })
}

fn is_same(one: &Path, other: &Path) -> bool {
    matches!((identity(one), identity(other)), (Ok(one), Ok(other)) if one == other)
}

/// Whether nothing but a file can be there: a pipe or a device is only written to.
pub(super) fn is_file_or_new(path: &Path) -> bool {
    path.is_file() || path.is_dir() || !path.exists()
}

/// Whether a file is empty or an older report. What begins a page or a text is at its very
/// beginning, after which a results file has its columns.
fn is_report(path: &Path, sign: &str) -> bool {
    if sign == RESULTS && is_workbook(path) {
        let reader = Reader::open(&Source::File(path.to_owned()), &ReadOptions::default());
        return reader.is_ok_and(|reader| is_results(&reader));
    }
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    let head = String::from_utf8_lossy(&head);
    let first = head.lines().next().unwrap_or_default();
    let found = match sign {
        RESULTS => first.contains(sign),
        sign => first.starts_with(sign),
    };
    read.is_ok() && (head.is_empty() || found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_older_report_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let results = folder.path().join("a.results.csv");
        let check = |name: &str, text: &str, sign| {
            let path = folder.path().join(name);
            fs_err::write(&path, text).unwrap();
            check(&path, &results, sign).is_ok()
        };
        assert!(check("a.html", "<!doctype html>\n<p>", PAGE));
        assert!(check("b.html", "", PAGE));
        assert!(!check("list.csv", "name\nAcme\n", PAGE));
        assert!(check("failed.csv", "name,workos_status\n", RESULTS));
        assert!(check("e.jsonl", "{\"schema\":1,\"at\":\"2026\"}\n", EVENTS));
        assert!(!check("list.jsonl", "{\"schema\":1}\n", EVENTS));
        assert!(!check("other.csv", "name\nworkos_status\n", RESULTS));
        assert!(!check("a.results.csv", "name,workos_status\n", RESULTS));
        assert!(!check("a.results.journal", "", PAGE));
    }

    #[test]
    fn a_new_file_needs_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let results = folder.path().join("a.results.csv");
        assert!(check(&folder.path().join("new.html"), &results, PAGE).is_ok());
        assert!(check(&folder.path().join("no/new.html"), &results, PAGE).is_err());
    }
}
