//! The command to run next, as the user would type it.

use crate::text::shell;
use std::path::Path;

/// How the program was called.
#[derive(Clone, Debug)]
pub(crate) struct Invocation {
    program: String,
    arguments: Vec<String>,
}

/// Options that say where WorkOS is and with which key; what comes next needs them too.
const CONNECTION: [&str; 2] = ["--api-key-file", "--base-url"];
/// Options that say how a file is read. A cleaned list is read without them.
const READING: [&str; 5] = [
    "--format",
    "--encoding",
    "--delimiter",
    "--sheet",
    "--header-row",
];
/// Options of a check that an import does not have, or takes otherwise.
const CHECKING: [&str; 6] = [
    "--dry-run",
    "--fixed",
    "--json",
    "--verbose",
    "--write-mapping",
    "-v",
];

impl Invocation {
    /// How this process was called.
    pub(crate) fn current() -> Self {
        let words = std::env::args_os().map(|word| word.to_string_lossy().into_owned());
        Self::of(words)
    }

    /// How a process was called with these words, the program first.
    pub(crate) fn of(words: impl IntoIterator<Item = String>) -> Self {
        let mut words = words.into_iter();
        Self {
            program: words.next().unwrap_or_else(|| "workos-orgs".to_owned()),
            arguments: words.collect(),
        }
    }

    /// An import of the list that was checked, or of its cleaned copy.
    pub(crate) fn import(&self, checked: &str, cleaned: Option<&Path>) -> String {
        let is_left_out = |option: &str| {
            CHECKING.contains(&option) || cleaned.is_some() && READING.contains(&option)
        };
        let mut words = self.pick(|option| !option.is_some_and(is_left_out));
        let command = words.iter().position(|word| word == "check");
        if let Some(command) = command.and_then(|at| words.get_mut(at)) {
            "import".clone_into(command);
        }
        let list = words.iter().rposition(|word| word == checked);
        if let (Some(list), Some(cleaned)) = (list.and_then(|at| words.get_mut(at)), cleaned) {
            *list = cleaned.display().to_string();
        }
        self.line(&words)
    }

    /// The same again, but for the whole list.
    pub(crate) fn again(&self) -> String {
        let rest = self.pick(|option| option != Some("--limit"));
        self.line(&rest)
    }

    /// The same without the sandbox: the real import.
    pub(crate) fn without_sandbox(&self) -> String {
        let rest = self.pick(|option| !matches!(option, Some("--limit" | "--sandbox")));
        self.line(&rest)
    }

    /// A retry of what is in a results file.
    pub(crate) fn retry(&self, results: &Path) -> String {
        let mut words = vec!["retry".to_owned(), results.display().to_string()];
        words.extend(self.pick(|option| option.is_some_and(|o| CONNECTION.contains(&o))));
        self.line(&words)
    }

    /// The arguments that are wanted. An option and its value stay together.
    fn pick(&self, is_wanted: impl Fn(Option<&str>) -> bool) -> Vec<String> {
        let mut picked = Vec::new();
        let mut words = self.arguments.iter();
        while let Some(word) = words.next() {
            let (option, is_whole) = match word.split_once('=') {
                Some((option, _)) => (option, true),
                None => (word.as_str(), false),
            };
            let option = option.starts_with('-').then_some(option);
            let takes_value = option.is_some_and(|o| {
                matches!(o, "--limit" | "--fixed" | "--write-mapping")
                    || CONNECTION.contains(&o)
                    || READING.contains(&o)
            });
            let value = (takes_value && !is_whole).then(|| words.next()).flatten();
            if is_wanted(option) {
                picked.push(word.clone());
                picked.extend(value.cloned());
            }
        }
        picked
    }

    fn line(&self, words: &[String]) -> String {
        let words = words.iter().map(|word| shell(word));
        let line: Vec<_> = std::iter::once(shell(&self.program)).chain(words).collect();
        line.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(line: &str) -> Invocation {
        let mut words = line.split(' ').map(str::to_owned);
        Invocation {
            program: words.next().unwrap(),
            arguments: words.collect(),
        }
    }

    #[test]
    fn a_trial_goes_on_with_the_whole_list_into_the_same_results_file() {
        let trial = called("workos-orgs import a.csv --limit 10 --results b.csv --map name=A");
        assert_eq!(
            trial.again(),
            "workos-orgs import a.csv --results b.csv --map name=A"
        );
        assert_eq!(called("w import --limit=3 a.csv").again(), "w import a.csv");
    }

    #[test]
    fn a_rehearsal_is_followed_by_the_real_thing() {
        let rehearsal = called("target/release/workos-orgs import --sandbox a.csv");
        assert_eq!(
            rehearsal.without_sandbox(),
            "target/release/workos-orgs import a.csv"
        );
    }

    #[test]
    fn a_check_is_followed_by_an_import_with_the_same_options() {
        let check = called("w check -v two.xlsx --sheet 2024 --external-id-from No --json");
        assert_eq!(
            check.import("two.xlsx", None),
            "w import two.xlsx --sheet 2024 --external-id-from No"
        );
        let check = called("w check a.csv --encoding=latin1 --map name=A --fixed b.csv");
        assert_eq!(
            check.import("a.csv", Some(Path::new("b.csv"))),
            "w import b.csv --map name=A"
        );
        let dry = called("w import a.csv --dry-run --rate 5");
        assert_eq!(dry.import("a.csv", None), "w import a.csv --rate 5");
    }

    #[test]
    fn a_retry_uses_the_same_key_and_address() {
        let import = called("w import a.csv --rate 5 --api-key-file key --base-url=https://x.test");
        assert_eq!(
            import.retry(Path::new("my results.csv")),
            "w retry \"my results.csv\" --api-key-file key --base-url=https://x.test"
        );
    }
}
