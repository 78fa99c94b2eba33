//! What was probably meant: a path or a sheet with nearly this name.

use crate::input;
use crate::text::{shell, shell_path};
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
        } if source.kind() == io::ErrorKind::NotFound => {
            let path = Path::new(source_name);
            let found = like_file(path)?;
            Some(format!(
                "did you mean {}?",
                shell_path(&path.with_file_name(found))
            ))
        }
        input::Error::NoSuchSheet { sheet, sheets, .. } => {
            let found = nearest(sheet, sheets.iter().map(String::as_str))?;
            Some(format!("did you mean --sheet {}?", shell(&found)))
        }
        _ => None,
    }
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
}
