//! The command line: clap definitions only.

mod called;
mod check;
mod connection;
mod create;
mod generated;
mod import;
pub mod input;
mod retry;
mod run;
pub mod sandbox;
mod template;

use crate::commands::check::CheckOptions;
use crate::commands::create::CreateOptions;
use crate::commands::import::ImportOptions;
use crate::commands::retry::RetryOptions;
use crate::sandbox::Options;
use crate::table::Format;
use clap::{CommandFactory as _, Parser, Subcommand};

/// Moves a customer list into WorkOS: every row becomes exactly one organization.
///
/// A spreadsheet export goes in, a results file comes out in which each row says what became of
/// it. Run the same command again after a crash and it goes on where it stopped; nothing is
/// created twice.
#[derive(Debug, Parser)]
#[command(name = "workos-orgs", bin_name = "workos-orgs", version, max_term_width = 100, after_long_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    command: Subcommands,

    /// Print only results and errors
    #[arg(long, short, global = true, display_order = 900)]
    pub quiet: bool,

    /// Say on standard error what happens inside, in more detail the more often it is given
    #[arg(long, short, global = true, display_order = 901, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

const EXIT_CODES: &str = "Exit codes:
    0  every row is done
    1  the run ended, and some rows need attention
    2  the command line was wrong, or the answer to a question was no
    3  the input could not be read
    4  WorkOS refused the API key, or there was none
    5  the results file could not be used
  130  interrupted; the same command goes on";

#[derive(Debug, Subcommand)]
enum Subcommands {
    Import(Box<import::ImportArgs>),
    Retry(Box<retry::RetryArgs>),
    Check(Box<check::CheckArgs>),
    Template(template::TemplateArgs),
    Create(Box<create::CreateArgs>),
    Sandbox(Box<sandbox::SandboxArgs>),
    Completions(generated::CompletionsArgs),
    Man(generated::ManArgs),
}

/// What the command line asks for, in the words of the commands.
#[derive(Debug)]
pub enum Command {
    /// Import a file.
    Import(Box<ImportOptions>),
    /// Retry the rows of a results file.
    Retry(Box<RetryOptions>),
    /// Check a list without sending it.
    Check(Box<CheckOptions>),
    /// Print a list to start from.
    Template(Format),
    /// Create one organization.
    Create(Box<CreateOptions>),
    /// Serve a sandbox.
    Sandbox(Box<Options>),
    /// Print a text that the command line's own definitions made.
    Print(String),
}

impl From<Cli> for Command {
    fn from(cli: Cli) -> Self {
        match cli.command {
            Subcommands::Import(args) if args.dry_run => {
                Self::Check(Box::new((*args).check(cli.verbose > 0)))
            }
            Subcommands::Import(args) => Self::Import(Box::new((*args).into())),
            Subcommands::Retry(args) => Self::Retry(Box::new((*args).into())),
            Subcommands::Check(args) => Self::Check(Box::new((*args).options(cli.verbose > 0))),
            Subcommands::Template(args) => Self::Template(args.into()),
            Subcommands::Create(args) => Self::Create(Box::new((*args).into())),
            Subcommands::Sandbox(args) => Self::Sandbox(Box::new((*args).into())),
            Subcommands::Completions(args) => Self::Print(args.text(Cli::command())),
            Subcommands::Man(args) => Self::Print(args.text(Cli::command())),
        }
    }
}
