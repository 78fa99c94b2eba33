//! Where a report, a plan or events may be written: to a new file, or in the place of an older one.

use super::Error;
use crate::input::{ReadOptions, Reader, Source};
use crate::journal::journal_path;
use crate::results::is_workbook;
use crate::run::is_results;
use crate::storage::{directory_of, identity};
use fs_err::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// A kind of file that may be replaced by a newer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kind {
    /// How it begins; of results, what the first line holds.
    sign: &'static str,
    /// What it is.
    noun: &'static str,
}

impl Kind {
    const fn new(sign: &'static str, noun: &'static str) -> Self {
        Self { sign, noun }
    }
}

pub(super) const PAGE: Kind = Kind::new("<!doctype html>", "a report");
pub(super) const MARKDOWN: Kind = Kind::new("## ", "a report");
pub(super) const FACTS: Kind = Kind::new("{\"schema\":", "a report");
pub(super) const EVENTS: Kind = Kind::new("{\"schema\":1,\"at\":", "a file of events");
pub(super) const RESULTS: Kind = Kind::new("workos_status", "a file with results");
pub(super) const PLAN: Kind = Kind::new("{\"schema\":1,\"command\":\"plan\"", "a plan");
pub(super) const PLAN_TABLE: Kind = Kind::new("line,action,name,", "a plan");

/// How much of a file is looked at.
const HEAD: u64 = 64 * 1024;

/// Refuses a place that would cost the user a file: the list, the results, the journal, or anything
/// else that is not of this kind. `own` are files of the run that a program must not replace.
///
/// # Errors
/// When there is such a file, or no folder for a new one.
pub(super) fn check(path: &Path, own: &[PathBuf], kind: Kind) -> Result<(), Error> {
    let shown = path.display();
    let folder = directory_of(path);
    if !folder.is_dir() {
        return Err(Error::Usage {
            message: format!(
                "cannot write {shown}: there is no folder {}",
                folder.display()
            ),
            hint: "create the folder, or name a file in another one".to_owned(),
        });
    }
    let is_own = own.iter().any(|own| is_same(own, path));
    if !is_own && (!path.exists() || is_older(path, kind)) {
        return Ok(());
    }
    Err(Error::Usage {
        message: format!("{shown} exists and is not {}", kind.noun),
        hint: "choose another name, or move that file away".to_owned(),
    })
}

fn is_same(one: &Path, other: &Path) -> bool {
    matches!((identity(one), identity(other)), (Ok(one), Ok(other)) if one == other)
}

/// A results file and its journal.
pub(super) fn own_files(results: &Path) -> [PathBuf; 2] {
    [results.to_owned(), journal_path(results)]
}

/// Whether nothing but a file can be there: a pipe or a device is only written to.
pub(super) fn is_file_or_new(path: &Path) -> bool {
    path.is_file() || path.is_dir() || !path.exists()
}

/// Whether a file is empty or an older one of this kind. What begins a page or a text is at its very
/// beginning, after which a results file has its columns.
fn is_older(path: &Path, kind: Kind) -> bool {
    if kind == RESULTS && is_workbook(path) {
        let reader = Reader::open(&Source::File(path.to_owned()), &ReadOptions::default());
        return reader.is_ok_and(|reader| is_results(&reader));
    }
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    let head = String::from_utf8_lossy(&head);
    let first = head.lines().next().unwrap_or_default();
    let found = if kind == RESULTS {
        first.contains(kind.sign)
    } else {
        first.starts_with(kind.sign)
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
        let check = |name: &str, text: &str, kind| {
            let path = folder.path().join(name);
            fs_err::write(&path, text).unwrap();
            check(&path, &own_files(&results), kind).is_ok()
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
        let plan = "{\"schema\":1,\"command\":\"plan\",";
        assert!(check("plan.json", plan, PLAN));
        assert!(check(
            "plan.csv",
            "line,action,name,external_id\n",
            PLAN_TABLE
        ));
        assert!(!check("customers.json", "[{\"name\":\"Acme\"}]", PLAN));
        assert!(!check("customers.csv", "name\nAcme\n", PLAN_TABLE));
    }

    #[test]
    fn a_new_file_needs_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let results = folder.path().join("a.results.csv");
        let own = own_files(&results);
        assert!(check(&folder.path().join("new.html"), &own, PAGE).is_ok());
        assert!(check(&folder.path().join("no/new.html"), &own, PAGE).is_err());
    }
}
