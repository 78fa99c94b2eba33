//! Shell completions and manual pages, generated from the definitions.

use clap::{Args, Command};
use clap_complete::Shell;

/// Print completions for a shell. See its documentation for where to save them.
#[derive(Args, Clone, Debug)]
pub(super) struct CompletionsArgs {
    /// Shell
    shell: Shell,
}

/// Print the manual page of the program or a command, for `man -l -`.
#[derive(Args, Clone, Debug)]
pub(super) struct ManArgs {
    /// Command (default: the program)
    command: Option<String>,
}

impl CompletionsArgs {
    pub(super) fn text(&self, mut program: Command) -> String {
        let mut bytes = Vec::new();
        let name = program.get_name().to_owned();
        clap_complete::generate(self.shell, &mut program, name, &mut bytes);
        text(&bytes)
    }
}

impl ManArgs {
    pub(super) fn text(&self, mut program: Command) -> String {
        program.build();
        let command = match &self.command {
            None => program,
            Some(name) => match program.find_subcommand(name) {
                Some(command) => command.clone(),
                None => program
                    .error(
                        clap::error::ErrorKind::InvalidValue,
                        format!("unknown command {name:?}"),
                    )
                    .exit(),
            },
        };
        let mut bytes = Vec::new();
        // Writing to memory does not fail.
        let _ = clap_mangen::Man::new(command).render(&mut bytes);
        text(&bytes)
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}
