//! The examples with which each help text begins, and what its short form shows.

use clap::Command;

/// The examples of each command.
const EXAMPLES: [(&str, &str); 15] = [
    (
        "import",
        "\
  workos-orgs import customers.csv --sandbox      test run; needs no key
  workos-orgs import customers.csv --limit 10     import 10 rows first
  workos-orgs import customers.csv                import the rest, or resume",
    ),
    (
        "retry",
        "\
  workos-orgs retry customers.results.csv
  workos-orgs retry customers.results.csv --only conflict,invalid",
    ),
    (
        "check",
        "\
  workos-orgs check customers.csv
  workos-orgs check customers.csv --report problems.csv --fixed clean.csv
  workos-orgs check customers.csv --show-requests 3",
    ),
    (
        "plan",
        "\
  workos-orgs plan customers.csv
  workos-orgs plan customers.csv --output plan.csv --detailed-exit-code",
    ),
    (
        "sync",
        "\
  workos-orgs sync customers.csv
  workos-orgs sync customers.csv --yes --max-changes 50 --expect-min-rows 4000",
    ),
    (
        "undo",
        "\
  workos-orgs undo customers.results.csv --dry-run
  workos-orgs undo customers.results.csv --only-rows 17,20-40",
    ),
    (
        "export",
        "\
  workos-orgs export --output organizations.csv
  workos-orgs export --output organizations.jsonl",
    ),
    (
        "verify",
        "\
  workos-orgs verify customers.results.csv
  workos-orgs verify customers.results.csv --json",
    ),
    (
        "report",
        "\
  workos-orgs report customers.results.csv
  workos-orgs report customers.results.csv --format md --redact",
    ),
    (
        "status",
        "\
  workos-orgs status
  workos-orgs status customers.csv --json",
    ),
    (
        "template",
        "\
  workos-orgs template > customers.csv
  workos-orgs template --format jsonl > customers.jsonl",
    ),
    (
        "create",
        "\
  workos-orgs create --name Acme --domain acme.com --external-id crm-42
  workos-orgs create --name Acme --external-id crm-42 --get-or-create --yes --json",
    ),
    (
        "sandbox",
        "\
  workos-orgs sandbox --examples
  workos-orgs sandbox --fault drop-after:0.05 --fault 429:0.02",
    ),
    (
        "completions",
        "\
  workos-orgs completions bash > workos-orgs.bash
  workos-orgs completions powershell > workos-orgs.ps1",
    ),
    (
        "man",
        "\
  workos-orgs man | man -l -
  workos-orgs man import | man -l -",
    ),
];

/// Options that the short help shows, so that it fits a screen.
const EVERYDAY: [&str; 27] = [
    "results",
    "output",
    "redact",
    "only-rows",
    "yes-delete",
    "limit",
    "dry-run",
    "sandbox",
    "yes",
    "only",
    "json",
    "help",
    "api-key-file",
    "rate",
    "fixed",
    "report",
    "show-requests",
    "name",
    "domain",
    "external-id",
    "get-or-create",
    "update",
    "metadata",
    "port",
    "fault",
    "examples",
    "rate-limit",
];

/// What `workos-orgs` alone says on a terminal.
pub const FIRST_STEPS: &str = "\
Import a customer list into WorkOS: one organization per row, and none twice.
  1. find errors; sends nothing    workos-orgs check customers.csv
  2. test run without WorkOS       workos-orgs import customers.csv --sandbox
  3. with WORKOS_API_KEY set       workos-orgs import customers.csv
No list yet? workos-orgs template > customers.csv    More: workos-orgs --help";

/// The definitions with their examples, and a short help that fits a screen.
pub(super) fn with_examples(program: Command) -> Command {
    // Of those of every command, too.
    let shortened = |argument: clap::Arg| {
        let is_hidden = !is_everyday(&argument);
        argument.hide_short_help(is_hidden)
    };
    program.mut_args(shortened).mut_subcommands(move |command| {
        let examples = EXAMPLES
            .iter()
            .find(|(name, _)| *name == command.get_name());
        let Some((name, examples)) = examples else {
            return command;
        };
        let has_more = command
            .get_arguments()
            .any(|argument| !is_everyday(argument));
        let command = command
            .before_long_help(format!("Examples:\n{}", indented(examples)))
            .mut_args(shortened);
        if has_more {
            command.after_help(format!("More options: workos-orgs {name} --help"))
        } else {
            command
        }
    })
}

fn indented(lines: &str) -> String {
    let lines = lines.lines().map(|line| format!("  {}", line.trim_start()));
    lines.collect::<Vec<_>>().join("\n")
}

fn is_everyday(argument: &clap::Arg) -> bool {
    let option = argument.get_long();
    option.is_none_or(|option| EVERYDAY.contains(&option))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use clap::Parser;

    #[test]
    fn every_example_is_understood() {
        for (_, examples) in EXAMPLES {
            for line in examples.lines() {
                let line = line.trim().split("  ").next().unwrap();
                let line = line.split(['>', '|']).next().unwrap().trim();
                if let Err(error) = Cli::try_parse_from(line.split(' ')) {
                    panic!("{line}: {error}");
                }
            }
        }
    }

    #[test]
    fn the_short_help_of_a_command_fits_a_screen() {
        for (name, _) in EXAMPLES {
            let mut program = Cli::program().term_width(80);
            program.build();
            let command = program.find_subcommand_mut(name).unwrap();
            let help = command.render_help().to_string();
            let lines = help.lines().count();
            assert!(lines <= 24, "{name}: {lines} lines\n{help}");
            let help = command.render_long_help().to_string();
            assert!(help.starts_with("Examples:\n  workos-orgs "), "{name}");
        }
        assert_eq!(FIRST_STEPS.lines().count(), 5);
    }
}
