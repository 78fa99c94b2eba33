//! Environment variables of options.

use clap::Command;
use clap::builder::{Resettable, StyledStr};
use clap::error::{ContextKind, ContextValue};
use std::ffi::OsString;

/// Options that suit every run of a machine: each can also be set by a variable, `--lookup-pause` by
/// `WORKOS_ORGS_LOOKUP_PAUSE`. Answers to questions and what belongs to one list cannot.
const OPTIONS: [&str; 10] = [
    "api-key-file",
    "concurrency",
    "log-file",
    "log-format",
    "lookup-pause",
    "max-attempts",
    "max-failures",
    "rate",
    "share",
    "timeout",
];

/// The variable of an option.
fn variable(option: &str) -> String {
    format!("WORKOS_ORGS_{}", option.replace('-', "_").to_uppercase())
}

/// Says of a wrong value that it is from a variable, where it is: the user has not typed it.
pub(super) fn named_in(mut error: clap::Error, words: &[OsString]) -> clap::Error {
    let argument = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(argument)) => argument.clone(),
        _ => return error,
    };
    let option = argument.split([' ', '=']).next().unwrap_or_default();
    let is_typed = words.iter().any(|word| {
        let word = word.to_string_lossy();
        word == option || word.starts_with(&format!("{option}="))
    });
    let name = option.trim_start_matches('-');
    let variable = variable(name);
    let is_set = OPTIONS.contains(&name) && std::env::var_os(&variable).is_some();
    if is_set && !is_typed {
        let tip = StyledStr::from(format!("the value is from the variable {variable}"));
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
    }
    error
}

/// The definitions of the program with the variables of its options. A blank variable counts as
/// unset.
pub(super) fn with_variables(program: Command) -> Command {
    let with_variable = |argument: clap::Arg| match argument.get_long() {
        Some(option) if OPTIONS.contains(&option) => {
            let variable = variable(option);
            argument.env(variable).hide_env(true)
        }
        _ => argument,
    };
    let is_blank = |argument: &clap::Arg| {
        let value = argument.get_env().and_then(std::env::var_os);
        value.is_some_and(|value| value.to_string_lossy().trim().is_empty())
    };
    let adapted = move |argument: clap::Arg| {
        let argument = with_variable(argument);
        if is_blank(&argument) {
            argument.env(Resettable::Reset)
        } else {
            argument
        }
    };
    program
        .mut_args(adapted)
        .mut_subcommands(move |command| command.mut_args(adapted))
}
