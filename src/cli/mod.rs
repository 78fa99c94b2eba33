//! The command line: clap definitions only.

mod called;
mod check;
mod connection;
mod create;
mod generated;
mod import;
pub mod input;
mod report;
mod retry;
mod run;
pub mod sandbox;
mod template;

use crate::commands::check::CheckOptions;
use crate::commands::create::CreateOptions;
use crate::commands::import::ImportOptions;
use crate::commands::report::ReportOptions;
use crate::sandbox::Options;
use crate::table::Format;
use clap::{CommandFactory as _, Parser, Subcommand};

/// Import a customer list into WorkOS: one organization per row, and none twice.
///
/// Reads a spreadsheet or database export and writes a results file with the result of each row.
/// After a crash or an interruption, run the same command again to resume.
#[derive(Debug, Parser)]
#[command(name = "workos-orgs", bin_name = "workos-orgs", version, max_term_width = 100, after_long_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    command: Subcommands,

    /// Print only results and errors
    #[arg(long, short, global = true, display_order = 900)]
    pub quiet: bool,

    /// Show debug logs (-vv for more)
    #[arg(long, short, global = true, display_order = 901, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

const EXIT_CODES: &str = "Exit codes:
    0  every row is done
    1  the run finished, and some rows need a person
    2  usage error, or confirmation declined
    3  the list could not be read
    4  WorkOS refused the API key, or there was none
    5  the results file or the journal could not be used
    6  WorkOS or the network was unavailable: run the same command again
  130  interrupted: run the same command again to resume";

#[derive(Debug, Subcommand)]
enum Subcommands {
    Import(Box<import::ImportArgs>),
    Retry(Box<retry::RetryArgs>),
    Report(report::ReportArgs),
    Check(Box<check::CheckArgs>),
    Template(template::TemplateArgs),
    Create(Box<create::CreateArgs>),
    Sandbox(Box<sandbox::SandboxArgs>),
    Completions(generated::CompletionsArgs),
    Man(generated::ManArgs),
}

/// The parsed command line, as options of a command.
#[derive(Debug)]
pub enum Command {
    /// Import a list, or retry the rows of a results file.
    Import(Box<ImportOptions>),
    /// Report what an import did.
    Report(ReportOptions),
    /// Check a list without sending it.
    Check(Box<CheckOptions>),
    /// Print a list to start from.
    Template(Format),
    /// Create one organization.
    Create(Box<CreateOptions>),
    /// Serve a sandbox.
    Sandbox(Box<Options>),
    /// Print a text that was generated from the command line's definitions.
    Print(String),
}

impl From<Cli> for Command {
    fn from(cli: Cli) -> Self {
        match cli.command {
            Subcommands::Import(args) if args.dry_run => {
                Self::Check(Box::new((*args).check(cli.verbose > 0)))
            }
            Subcommands::Import(args) => Self::Import(Box::new((*args).into())),
            Subcommands::Retry(args) => Self::Import(Box::new((*args).into())),
            Subcommands::Report(args) => Self::Report(args.into()),
            Subcommands::Check(args) => Self::Check(Box::new((*args).options(cli.verbose > 0))),
            Subcommands::Template(args) => Self::Template(args.into()),
            Subcommands::Create(args) => Self::Create(Box::new((*args).into())),
            Subcommands::Sandbox(args) => Self::Sandbox(Box::new((*args).into())),
            Subcommands::Completions(args) => Self::Print(args.text(Cli::command())),
            Subcommands::Man(args) => Self::Print(args.text(Cli::command())),
        }
    }
}
