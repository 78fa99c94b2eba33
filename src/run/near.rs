//! What was probably meant: a path or a sheet with nearly this name.

use crate::storage::directory_of;
use crate::text::{shell, shell_path, untrusted};
use crate::{input, results};
use std::io;
use std::path::Path;
use strsim::normalized_damerau_levenshtein;

/// How similar names must be, from 0 to 1.
const SIMILAR: f64 = 0.6;

/// What to do where a list cannot be read because a name has a typo.
pub(super) fn hint(error: &input::Error) -> Option<String> {
    match error {
        input::Error::Open {
            source_name,
            source,
        } if source.kind() == io::ErrorKind::NotFound => not_found(Path::new(source_name)),
        input::Error::Open {
            source_name,
            source,
        } if source.kind() == io::ErrorKind::IsADirectory => {
            let file = Path::new(source_name).join("customers.csv");
            let file = shell_path(&file);
            Some(format!(
                "it is a folder: name a file in it, for example {file}"
            ))
        }
        input::Error::NoSuchSheet { sheet, sheets, .. } => {
            let found = nearest(sheet, sheets.iter().map(String::as_str))?;
            Some(format!("did you mean --sheet {}?", shell(&found)))
        }
        _ => None,
    }
}

/// What was probably meant instead of a path that is not there.
fn not_found(path: &Path) -> Option<String> {
    if let Some(found) = like_file(path) {
        let found = shell_path(&path.with_file_name(found));
        return Some(format!("did you mean {found}?"));
    }
    let folder = directory_of(path);
    if folder.is_dir() {
        return None;
    }
    let folder = untrusted(&folder.display().to_string(), 300);
    let here = path.file_name().map(Path::new).filter(|it| it.is_file());
    Some(match here {
        Some(here) => {
            let here = shell_path(here);
            format!("there is no folder {folder}; did you mean {here}?")
        }
        None => format!("there is no folder {folder}"),
    })
}

/// What to do where a results file cannot be used because a list was named.
pub(super) fn hint_of_results(error: &results::Error) -> Option<String> {
    match error {
        results::Error::NotResults { path } => results_of_list(path),
        _ => None,
    }
}

/// Where a list was named instead of its results file: what its results file is.
pub(super) fn results_of_list(list: &Path) -> Option<String> {
    let stem = list.file_stem()?.to_string_lossy();
    let names = ["csv", "xlsx", "jsonl"].map(|it| format!("{stem}.results.{it}"));
    let mut paths = names.into_iter().map(|name| list.with_file_name(name));
    let found = shell_path(&paths.find(|path| path.is_file())?);
    let list = shell_path(list);
    Some(format!(
        "the results of {list} are in {found}: name that file"
    ))
}

/// A file in the same folder with nearly this name.
fn like_file(path: &Path) -> Option<String> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    let entries = std::fs::read_dir(folder.unwrap_or(Path::new("."))).ok()?;
    let files = entries.flatten().filter(|entry| entry.path().is_file());
    let names = files.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let names: Vec<_> = names.collect();
    let name = path.file_name()?.to_string_lossy();
    nearest(&name, names.iter().map(String::as_str))
}

fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    let name = name.to_lowercase();
    let likeness = |other: &str| normalized_damerau_levenshtein(&name, &other.to_lowercase());
    let found = names.map(|other| (likeness(other), other));
    let found = found.filter(|(likeness, _)| *likeness >= SIMILAR);
    let best = found.max_by(|(a, _), (b, _)| a.total_cmp(b));
    best.map(|(_, other)| other.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_meant_if_it_is_near() {
        let names = ["Customers.csv", "suppliers.csv", "notes.txt"];
        let near = |name: &str| nearest(name, names.into_iter());
        assert_eq!(near("custmers.csv").as_deref(), Some("Customers.csv"));
        assert_eq!(near("customers.xlsx").as_deref(), Some("Customers.csv"));
        assert_eq!(near("budget.pdf"), None);
    }

    #[test]
    fn a_list_that_was_named_for_its_results_leads_to_them() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("customers.csv");
        assert_eq!(results_of_list(&list), None);
        std::fs::write(folder.path().join("customers.results.xlsx"), "").unwrap();
        let hint = results_of_list(&list).unwrap();
        assert!(hint.contains("customers.results.xlsx"), "{hint}");
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let hint = not_found(Path::new("no-such-folder/customers.csv")).unwrap();
        assert_eq!(hint, "there is no folder no-such-folder");
    }
}
