//! The command line of this process as clap has understood it, to suggest the next command.

use crate::run::{Given, Invocation};
use clap::parser::ValueSource;
use clap::{ArgMatches, Command};
use std::collections::HashSet;

/// How a command of `program` was called: what the user typed, in that order, without defaults
/// and variables.
pub(super) fn called(name: &str, program: &Command, matches: &ArgMatches) -> Invocation {
    let Some((command, matches)) = matches.subcommand() else {
        return Invocation::default();
    };
    let arguments = program.find_subcommand(command).into_iter();
    let arguments = arguments.flat_map(Command::get_arguments);
    let (mut given, mut seen) = (Vec::new(), HashSet::new());
    // Those of all commands are among both.
    for argument in arguments.chain(program.get_arguments()) {
        let id = argument.get_id().as_str();
        if !seen.insert(id) {
            continue;
        }
        let is_typed = matches.try_contains_id(id).is_ok()
            && matches.value_source(id) == Some(ValueSource::CommandLine);
        if !is_typed {
            continue;
        }
        let option = argument.get_long().map(str::to_owned);
        if !argument.get_action().takes_values() {
            let at = matches.indices_of(id).and_then(|mut at| at.next());
            given.push((
                at.unwrap_or_default(),
                Given {
                    option,
                    value: None,
                },
            ));
            continue;
        }
        let separator = argument.get_value_delimiter().map(String::from);
        let mut indices = matches.indices_of(id).into_iter().flatten();
        for values in matches.get_raw_occurrences(id).into_iter().flatten() {
            let values: Vec<_> = values.map(|it| it.to_string_lossy()).collect();
            let at = indices.next().unwrap_or_default();
            // One index is of each value.
            indices
                .by_ref()
                .take(values.len().saturating_sub(1))
                .for_each(drop);
            let value = Some(values.join(separator.as_deref().unwrap_or(" ")));
            given.push((
                at,
                Given {
                    option: option.clone(),
                    value,
                },
            ));
        }
    }
    given.sort_by_key(|(at, _)| *at);
    let given = given.into_iter().map(|(_, given)| given).collect();
    Invocation::new(name, command, given)
}

#[cfg(test)]
mod tests {
    use crate::cli::Cli;
    use std::ffi::OsString;

    #[test]
    fn an_option_of_all_commands_is_named_once() {
        let words = ["w", "check", "a.csv", "--log-file", "log", "--quiet"].map(OsString::from);
        let cli = Cli::read(&words).unwrap();
        assert_eq!(
            cli.invocation.import(None),
            "w import a.csv --log-file log --quiet"
        );
    }
}
