//! The command that reads the list of a run again, as it is typed.

use super::event::Run;
use crate::organization::SyncDomains;
use crate::storage::stem_of;
use crate::text::{printable, shell, shell_path};
use std::path::{Component, Path};

impl Run {
    /// `workos-orgs import customers.xlsx --sheet EU`. The journal knows what its columns mean.
    pub fn list_command(&self, command: &str, results: Option<&Path>) -> String {
        let name = match &*self.list.name {
            "standard input" => "-",
            name => name,
        };
        let mut words = vec!["workos-orgs".to_owned(), command.to_owned()];
        words.push(shell(&printable(name)));
        if stem_of(Path::new(name)).ends_with(".results") {
            words.push("--as-list".to_owned());
        }
        for (option, value) in self.list.read.options() {
            words.push(format!("--{option}"));
            words.extend(value.map(|value| shell(&printable(&value))));
        }
        if let Some(sync) = self.sync.as_ref().filter(|_| command == "sync") {
            let domains = Some(sync.domains).filter(|it| *it != SyncDomains::default());
            words.extend(domains.map(|domains| format!("--domains {}", domains.name())));
            let clear = sync.clear.as_ref();
            words.extend(clear.map(|text| format!("--clear {}", shell(&printable(text)))));
            words.extend(sync.match_name.then(|| "--match name".to_owned()));
        }
        if let Some(results) = results.filter(|results| !is_usual(results, name)) {
            words.push(format!("--results {}", shell_path(results)));
        }
        words.join(" ")
    }
}

/// Whether the results of a list are where they are if nothing else is said.
fn is_usual(results: &Path, list: &str) -> bool {
    let is_beside = folder(results).eq(folder(Path::new(list)));
    let of_results = stem_of(results);
    let own = stem_of(Path::new(list));
    let list = own.strip_suffix(".results");
    let usual = list.map_or(format!("{own}.results"), |list| {
        format!("{list}.new.results")
    });
    let is_text = results.extension().is_none_or(|it| it != "xlsx");
    of_results == usual && is_text && is_beside
}

fn folder(path: &Path) -> impl Iterator<Item = Component<'_>> {
    let folder = path.parent().into_iter().flat_map(Path::components);
    folder.filter(|part| *part != Component::CurDir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_the_usual_name_are_not_named() {
        for (results, list, is) in [
            ("a.results.csv", "a.csv", true),
            ("./a.results.csv", "a.csv", true),
            ("d/a.results.tsv", "d/a.tsv.gz", true),
            ("a.new.results.csv", "a.results.csv", true),
            ("d/a.results.csv", "a.csv", false),
            ("b.csv", "a.csv", false),
            ("a.results.xlsx", "a.csv", false),
            ("a.results.csv", "-", false),
        ] {
            assert_eq!(is_usual(Path::new(results), list), is, "{results} {list}");
        }
    }
}
