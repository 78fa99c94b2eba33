//! The command to run next, as the user would type it.
//!
//! It is made from what clap has understood, and safe to paste: no answer to a question crosses
//! into another command, and nothing that suits a sandbox crosses to WorkOS.

use crate::input::ReadOptions;
use crate::text::{shell, shell_path, shell_program};
use std::path::Path;

/// How the program was called.
#[derive(Clone, Debug, Default)]
pub struct Invocation {
    program: String,
    command: String,
    given: Vec<Given>,
}

/// An argument that the user has given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The option, without its hyphens; [`None`] for the file.
    pub option: Option<String>,
    /// Its value; [`None`] for a switch.
    pub value: Option<String>,
}

/// Options that say where WorkOS is and with which key; what comes next needs them too.
const CONNECTION: [&str; 2] = ["api-key-file", "base-url"];
/// Options of speed and patience. They suit one API, not a sandbox and WorkOS both.
const SPEED: [&str; 8] = [
    "rate",
    "rate-file",
    "share",
    "concurrency",
    "max-attempts",
    "max-failures",
    "lookup-pause",
    "timeout",
];
/// Options that answer a question of this run. The next run asks again.
const ANSWERS: [&str; 9] = [
    "adopt",
    "yes",
    "without-journal",
    "edited-rows",
    "changed-ids",
    "added-rows",
    "discard-edits",
    "deleted-rows",
    "yes-delete",
];
/// Options that choose what a test run compares; WorkOS has other organizations.
const COMPARING: [&str; 2] = ["allow-duplicates", "compare"];
/// Options that say how a file is read. A cleaned list is read without them.
const READING: [&str; 5] = ["format", "encoding", "delimiter", "sheet", "header-row"];
/// Options that say how else a list is understood. A plan in a file has these and those.
const UNDERSTANDING: [&str; 19] = [
    "skip-hidden",
    "keep-hidden",
    "list",
    "keep-footer",
    "map",
    "mapping",
    "metadata-columns",
    "external-id-from",
    "domain-state",
    "one-per",
    "differing",
    "placeholders",
    "shared-domains",
    "strict",
    "limit",
    "results",
    "match",
    "domains",
    "clear",
];
/// Options of a check that an import does not have, or takes otherwise.
const CHECKING: [&str; 8] = [
    "dry-run",
    "events",
    "fixed",
    "json",
    "report",
    "show-requests",
    "verbose",
    "write-mapping",
];

/// Options of a plan that only say how it is shown.
const PLANNING: [&str; 3] = ["output", "detailed-exit-code", "show-missing"];
/// Options that only a sync has.
const OF_SYNC: [&str; 6] = [
    "match",
    "domains",
    "clear",
    "max-changes",
    "max-create",
    "expect-min-rows",
];

impl Invocation {
    /// The call of a command of `program` with these arguments.
    pub fn new(program: &str, command: &str, given: Vec<Given>) -> Self {
        Self {
            program: program.to_owned(),
            command: command.to_owned(),
            given,
        }
    }

    /// The name of the command.
    pub(crate) fn command(&self) -> &str {
        &self.command
    }

    /// An import of the list that was checked, or of its cleaned copy.
    pub(crate) fn import(&self, cleaned: Option<&Path>) -> String {
        let is_left_out = |option: &str| {
            CHECKING.contains(&option) || cleaned.is_some() && READING.contains(&option)
        };
        let mut given = self.without(is_left_out);
        if let (Some(cleaned), Some(file)) =
            (cleaned, given.iter_mut().find(|it| it.option.is_none()))
        {
            file.value = Some(cleaned.display().to_string());
        }
        self.line("import", &given)
    }

    /// The command that carries out what was planned: `import` or `sync`.
    pub(crate) fn carry_out(&self, command: &str) -> String {
        let is_left_out = |option: &str| {
            CHECKING.contains(&option)
                || PLANNING.contains(&option)
                || command == "import" && OF_SYNC.contains(&option)
        };
        self.line(command, &self.without(is_left_out))
    }

    /// The command that carries out just the plan in a file.
    pub(crate) fn carry_out_plan(&self, command: &str, plan: &Path) -> String {
        let is_left_out = |option: &str| {
            let left_out = [&CHECKING[..], &PLANNING, &READING, &UNDERSTANDING];
            option == "plan" || left_out.iter().any(|options| options.contains(&option))
        };
        let mut given = self.without(is_left_out);
        given.push(Given {
            option: Some("plan".to_owned()),
            value: Some(plan.display().to_string()),
        });
        self.line(command, &given)
    }

    /// The plan that a sync was to carry out, made again with the options of the sync.
    pub(crate) fn plan_into(&self, file: &Path) -> String {
        format!("{} --output {}", self.plan_again(), shell_path(file))
    }

    /// A plan of the list of a sync that has carried out an older one, read in the same way.
    pub(crate) fn plan_again_of(&self, read: &ReadOptions, results: Option<&Path>) -> String {
        let results = results.map(|it| ("results", Some(it.display().to_string())));
        let mut again = self.clone();
        for (option, value) in read.options().into_iter().chain(results) {
            let option = Some(option.to_owned());
            if again.given.iter().all(|it| it.option != option) {
                again.given.push(Given { option, value });
            }
        }
        again.plan_again()
    }

    /// A plan of the list, as this command reads it.
    fn plan_again(&self) -> String {
        let is_left_out = |option: &str| {
            matches!(option, "plan" | "limit")
                || option.starts_with("max-c")
                || option == "expect-min-rows"
                || CHECKING.contains(&option)
                || ANSWERS.contains(&option)
        };
        self.line("plan", &self.without(is_left_out))
    }

    /// The same again, to resume.
    pub(crate) fn again(&self) -> String {
        self.line(&self.command, &self.without(|it| ANSWERS.contains(&it)))
    }

    /// The same again, for the whole list.
    pub(crate) fn whole(&self) -> String {
        let is_left_out = |option: &str| option == "limit" || ANSWERS.contains(&option);
        self.line(&self.command, &self.without(is_left_out))
    }

    /// The same without the sandbox: the real import.
    pub(crate) fn without_sandbox(&self) -> String {
        let of_test_run = [&["limit", "sandbox"][..], &SPEED, &ANSWERS, &COMPARING].concat();
        let given = self.without(|option| of_test_run.contains(&option));
        self.line(&self.command, &given)
    }

    /// A retry of what is in a results file.
    pub(crate) fn retry(&self, results: &Path) -> String {
        let kept = [&CONNECTION[..], &SPEED].concat();
        let file = Given {
            option: None,
            value: Some(results.display().to_string()),
        };
        let options = self.given.iter().filter(|it| {
            let option = it.option.as_deref();
            option.is_some_and(|option| kept.contains(&option))
        });
        let given: Vec<_> = std::iter::once(file).chain(options.cloned()).collect();
        self.line("retry", &given)
    }

    fn without(&self, is_left_out: impl Fn(&str) -> bool) -> Vec<Given> {
        let is_kept = |it: &&Given| !it.option.as_deref().is_some_and(&is_left_out);
        self.given.iter().filter(is_kept).cloned().collect()
    }

    fn line(&self, command: &str, given: &[Given]) -> String {
        let program = if self.program.is_empty() {
            "workos-orgs"
        } else {
            &self.program
        };
        let mut line = format!("{} {command}", shell_program(program));
        for Given { option, value } in given {
            let option = option.as_ref().map(|option| format!("--{option}"));
            for word in option.iter().chain(value) {
                line.push(' ');
                line.push_str(&shell(word));
            }
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A call: `import list.csv --rate=5 --json`.
    fn called(line: &str) -> Invocation {
        let mut words = line.split(' ');
        let command = words.next().unwrap();
        let given = words.map(|word| match word.strip_prefix("--") {
            None => Given {
                option: None,
                value: Some(word.to_owned()),
            },
            Some(option) => {
                let (option, value) = option.split_once('=').unwrap_or((option, ""));
                Given {
                    option: Some(option.to_owned()),
                    value: (!value.is_empty()).then(|| value.to_owned()),
                }
            }
        });
        Invocation::new("w", command, given.collect())
    }

    #[test]
    fn a_limited_run_is_followed_by_the_whole_list_into_the_same_results_file() {
        let limited = called("import a.csv --limit=10 --results=b.csv --map=name=A --yes");
        let whole = "w import a.csv --results b.csv --map name=A";
        assert_eq!(limited.whole(), whole);
    }

    #[test]
    fn an_interrupted_run_keeps_its_limit_and_asks_again() {
        let limited = called("import a.csv --limit=10 --yes --rate=5");
        assert_eq!(limited.again(), "w import a.csv --limit 10 --rate 5");
    }

    #[test]
    fn nothing_that_suits_a_sandbox_crosses_to_workos() {
        let test_run = called(
            "import --sandbox a.csv --yes --rate=unlimited --concurrency=300 --timeout=1 \
             --lookup-pause=0.1 --allow-duplicates --sheet=2",
        );
        assert_eq!(test_run.without_sandbox(), "w import a.csv --sheet 2");
    }

    #[test]
    fn a_plan_is_followed_by_what_carries_it_out() {
        let plan = called("plan a.csv --output=p.csv --domains=exact --sheet=2 --json");
        assert_eq!(
            plan.carry_out("sync"),
            "w sync a.csv --domains exact --sheet 2"
        );
        assert_eq!(plan.carry_out("import"), "w import a.csv --sheet 2");
        assert_eq!(
            plan.carry_out_plan("sync", Path::new("p.json")),
            "w sync a.csv --plan p.json"
        );
        let sync = called("sync a.csv --plan=p.json --sheet=2 --yes --max-changes=5");
        assert_eq!(sync.plan_again(), "w plan a.csv --sheet 2");
    }

    #[test]
    fn a_check_is_followed_by_an_import_with_the_same_options() {
        let check = called("check --verbose two.xlsx --sheet=2024 --external-id-from=No --json");
        assert_eq!(
            check.import(None),
            "w import two.xlsx --sheet 2024 --external-id-from No"
        );
        let check = called("check a.csv --encoding=latin1 --map=name=A --fixed=b.csv");
        assert_eq!(
            check.import(Some(Path::new("b.csv"))),
            "w import b.csv --map name=A"
        );
        let dry = called("import a.csv --dry-run --rate=5");
        assert_eq!(dry.import(None), "w import a.csv --rate 5");
    }

    #[test]
    fn a_retry_uses_the_same_key_address_and_rate() {
        let import =
            called("import a.csv --rate=5 --api-key-file=key --yes --base-url=https://x.test");
        assert_eq!(
            import.retry(Path::new("my results.csv")),
            "w retry \"my results.csv\" --rate 5 --api-key-file key --base-url https://x.test"
        );
    }
}
