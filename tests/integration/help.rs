//! The help texts as snapshots, and the README measured by them.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do, by a panic"
)]

use clap::{CommandFactory, Parser};
use std::collections::BTreeSet;
use std::path::Path;
use workos_orgs::cli::Cli;
use workos_orgs::results::{COLUMNS, Status};

#[test]
fn the_help_of_every_command_is_as_recorded() {
    trycmd::TestCases::new()
        .env("COLUMNS", "100")
        .env("NO_COLOR", "1")
        .case("tests/cmd/*.md")
        .run();
}

#[test]
fn every_command_has_its_help_recorded() {
    for command in Cli::command().get_subcommands() {
        let recorded = format!("tests/cmd/{}.md", command.get_name());
        assert!(Path::new(&recorded).is_file(), "{recorded} is missing");
    }
}

/// A document of this repository.
fn document(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The lines in `sh` blocks of a document, without their comments.
fn shell_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for block in text.split("```sh\n").skip(1) {
        let block = block.split("```").next().unwrap();
        for line in block.lines() {
            let command = line.split(" # ").next().unwrap().trim();
            lines.push(command.to_owned());
        }
    }
    lines
}

/// The arguments for workos-orgs in a line of shell, if it calls workos-orgs.
fn arguments(line: &str) -> Option<Vec<String>> {
    let line = line.split(" > ").next().unwrap();
    let rest = line
        .strip_prefix("workos-orgs ")
        .or_else(|| line.strip_prefix("cargo run --release --locked -- "))?;
    let mut words = vec!["workos-orgs".to_owned()];
    for (index, piece) in rest.split('"').enumerate() {
        if index % 2 == 1 {
            words.push(piece.to_owned());
        } else {
            words.extend(piece.split_whitespace().map(str::to_owned));
        }
    }
    Some(words)
}

#[test]
fn every_command_line_of_the_readme_is_understood() {
    let calls: Vec<_> = shell_lines(&document("README.md"))
        .iter()
        .filter_map(|line| arguments(line))
        .collect();
    assert!(calls.len() >= 8, "the README's calls are found");
    for call in calls {
        if let Err(error) = Cli::try_parse_from(&call) {
            panic!("{}: {error}", call.join(" "));
        }
    }
}

#[test]
fn every_option_that_the_readme_names_exists() {
    let program = Cli::command();
    let mut known: BTreeSet<String> = ["help", "release", "locked", "path"]
        .map(|option| format!("--{option}"))
        .into();
    for command in program.get_subcommands().chain([&program]) {
        let options = command.get_arguments().filter_map(|a| a.get_long());
        known.extend(options.map(|option| format!("--{option}")));
    }
    let readme = document("README.md");
    let named = readme
        .split(|c: char| c.is_whitespace() || "`\"(),=".contains(c))
        .filter(|word| word.strip_prefix("--").is_some_and(|rest| !rest.is_empty()));
    for option in named {
        assert!(known.contains(option), "the README names {option}");
    }
}

/// The first cells of a document's table whose header begins like this.
fn first_cells(text: &str, header: &str) -> Vec<String> {
    let table = text.split(header).nth(1).unwrap();
    let rows = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    rows.map(|row| row.split('|').nth(1).unwrap().trim().replace('`', ""))
        .collect()
}

#[test]
fn exit_codes_are_the_same_in_code_help_and_readme() {
    let code: BTreeSet<String> = document("src/exit_code.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("pub const ")?.split_once(" = "))
        .map(|(_, code)| code.trim_end_matches(';').to_owned())
        .collect();
    assert!(code.contains("130"), "{code:?}");

    let help = Cli::command().term_width(100).render_long_help();
    let help = help.to_string();
    let help = help.split("Exit codes:").nth(1).unwrap();
    let rows = help.lines().map(str::trim).filter(|line| !line.is_empty());
    let in_help: Vec<_> = rows.map(|row| row.split_once("  ").unwrap()).collect();
    let codes: BTreeSet<String> = in_help.iter().map(|(code, _)| (*code).to_owned()).collect();
    assert_eq!(codes, code, "help");

    let readme = document("README.md");
    let codes: BTreeSet<String> = first_cells(&readme, "| code | meaning |")
        .into_iter()
        .collect();
    assert_eq!(codes, code, "README");
    for (code, meaning) in in_help {
        let row = format!("| {code} | {meaning} |");
        assert!(readme.contains(&row), "README lacks: {row}");
    }
}

#[test]
fn the_readme_lists_the_columns_and_statuses_of_a_results_file() {
    let readme = document("README.md");
    let columns = first_cells(&readme, "without the prefix.\n\n| column | content |");
    assert_eq!(columns, COLUMNS);
    let mut statuses = first_cells(&readme, "| status | meaning | what to do |");
    assert_eq!(statuses.pop().as_deref(), Some("blank"), "not sent yet");
    assert_eq!(statuses, Status::ALL.map(Status::name));
}
