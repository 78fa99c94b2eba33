//! The command line: clap definitions only.

mod called;
mod check;
mod connection;
mod create;
mod examples;
mod export;
mod generated;
mod import;
pub mod input;
mod report;
mod retry;
mod run;
pub mod sandbox;
mod status;
mod sync;
mod template;
mod undo;
mod variables;
mod verify;

use crate::commands::check::CheckOptions;
use crate::commands::create::CreateOptions;
use crate::commands::dry_run::DryRunOptions;
use crate::commands::export::ExportOptions;
use crate::commands::import::ImportOptions;
use crate::commands::plan::PlanOptions;
use crate::commands::report::ReportOptions;
use crate::commands::status::StatusOptions;
use crate::commands::verify::VerifyOptions;
use crate::run::Invocation;
use crate::sandbox::Options;
use crate::table::Format;
use crate::ui::LogOptions;
use called::called;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
pub use examples::FIRST_STEPS;
use examples::with_examples;
use std::ffi::OsString;
use std::path::PathBuf;
use variables::{named_in, with_variables};

/// Import a customer list into WorkOS: one organization per row, and none twice.
///
/// Reads a spreadsheet or database export and writes a results file with the result of each row.
/// After a crash or an interruption, run the same command again to resume.
#[derive(Debug, Parser)]
#[command(name = "workos-orgs", bin_name = "workos-orgs", version, max_term_width = 100, after_long_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    command: Subcommands,

    /// How the program was called.
    #[arg(skip)]
    invocation: Invocation,

    /// Print only results and errors
    #[arg(long, short, global = true, display_order = 900)]
    pub quiet: bool,

    /// Show debug logs (-vv for more)
    #[arg(long, short, global = true, display_order = 901, action = clap::ArgAction::Count)]
    pub verbose: u8,

    /// Append debug logs to a file
    #[arg(long, value_name = "FILE", global = true, display_order = 902)]
    log_file: Option<PathBuf>,

    /// Format of debug logs: text or json (an object a line)
    #[arg(long, value_name = "FORMAT", global = true, display_order = 903, value_enum, default_value_t = LogFormat::Text, hide_possible_values = true)]
    log_format: LogFormat,
}

/// The format of debug logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

const EXIT_CODES: &str = "Exit codes:
    0  every row is done
    1  the run finished, and some rows need a person
    2  usage error, or confirmation declined
    3  the list could not be read
    4  WorkOS refused the API key, or there was none
    5  the results file, the journal or another file could not be used
    6  WorkOS or the network was unavailable: run the same command again
   10  plan with --detailed-exit-code found something to create or update
  130  interrupted: run the same command again to resume";

#[derive(Debug, Subcommand)]
enum Subcommands {
    Import(Box<import::ImportArgs>),
    Plan(Box<sync::PlanArgs>),
    Sync(Box<sync::SyncArgs>),
    Undo(Box<undo::UndoArgs>),
    Retry(Box<retry::RetryArgs>),
    Report(report::ReportArgs),
    Check(Box<check::CheckArgs>),
    Status(status::StatusArgs),
    Template(template::TemplateArgs),
    Create(Box<create::CreateArgs>),
    Export(Box<export::ExportArgs>),
    Verify(Box<verify::VerifyArgs>),
    Sandbox(Box<sandbox::SandboxArgs>),
    Completions(generated::CompletionsArgs),
    Man(generated::ManArgs),
}

/// The parsed command line, as options of a command.
#[derive(Debug)]
pub enum Command {
    /// Import a list, or retry the rows of a results file.
    Import(Box<ImportOptions>),
    /// Show what an import would do.
    DryRun(Box<DryRunOptions>),
    /// Show what a sync would do.
    Plan(Box<PlanOptions>),
    /// Report what an import did.
    Report(ReportOptions),
    /// Check a list without sending it.
    Check(Box<CheckOptions>),
    /// Show what is done and what is left of a list.
    Status(StatusOptions),
    /// Print a list to start from, in an object if asked for.
    Template(Format, bool),
    /// Create one organization.
    Create(Box<CreateOptions>),
    /// Write all organizations to a list.
    Export(Box<ExportOptions>),
    /// Compare WorkOS with a journal.
    Verify(Box<VerifyOptions>),
    /// Serve a sandbox; say in an object how to use it if asked for.
    Sandbox(Box<Options>, bool),
    /// Print a text that was generated from the command line's definitions.
    Print(String),
}

impl Cli {
    /// The definitions of the program, as it reads its command line.
    fn program() -> clap::Command {
        with_examples(with_variables(Self::command()))
    }

    /// Reads a command line, whose first word is the program.
    ///
    /// # Errors
    /// When it is not understood, or asks for help.
    pub fn read(words: &[OsString]) -> Result<Self, clap::Error> {
        let name = words
            .first()
            .map(|name| name.to_string_lossy().into_owned());
        let mut program = Self::program();
        let matches = program.try_get_matches_from_mut(words);
        let mut matches = matches.map_err(|error| named_in(error, words))?;
        let invocation = called(&name.unwrap_or_default(), &program, &matches);
        let cli = Self::from_arg_matches_mut(&mut matches);
        let cli = cli.map_err(|error| error.format(&mut program))?;
        Ok(Self { invocation, ..cli })
    }
}

/// The command that a command line names, also where the rest of it is wrong; blank if none.
pub fn command_named(words: &[OsString]) -> String {
    let mut commands = words.iter().skip(1).filter_map(|word| word.to_str());
    let first = commands.find(|word| !word.starts_with('-'));
    let first = first.filter(|word| Cli::command().find_subcommand(word).is_some());
    first.unwrap_or_default().to_owned()
}

impl Cli {
    /// What is logged, and where.
    pub fn log_options(&self) -> LogOptions {
        LogOptions {
            verbosity: self.verbose,
            file: self.log_file.clone(),
            json: self.log_format == LogFormat::Json,
        }
    }

    /// The name of the command.
    pub fn command_name(&self) -> String {
        self.invocation.command().to_owned()
    }
}

impl From<Cli> for Command {
    fn from(cli: Cli) -> Self {
        let invocation = cli.invocation;
        match cli.command {
            Subcommands::Import(args) if args.dry_run => {
                Self::DryRun(Box::new((*args).dry_run(cli.verbose > 0, invocation)))
            }
            Subcommands::Import(args) => Self::Import(Box::new((*args).options(invocation))),
            Subcommands::Undo(args) => Self::Import(Box::new((*args).options(invocation))),
            Subcommands::Retry(args) => Self::Import(Box::new((*args).options(invocation))),
            Subcommands::Check(args) => {
                Self::Check(Box::new((*args).options(cli.verbose > 0, invocation)))
            }
            Subcommands::Plan(args) => {
                Self::Plan(Box::new((*args).options(cli.verbose > 0, invocation)))
            }
            Subcommands::Sync(args) if args.dry_run => {
                Self::Plan(Box::new((*args).plan(cli.verbose > 0, invocation)))
            }
            Subcommands::Sync(args) => Self::Import(Box::new((*args).options(invocation))),
            Subcommands::Report(args) => Self::Report(args.into()),
            Subcommands::Status(args) => Self::Status(args.into()),
            Subcommands::Template(args) => {
                let json = args.json;
                Self::Template(args.into(), json)
            }
            Subcommands::Create(args) => Self::Create(Box::new((*args).into())),
            Subcommands::Export(args) => Self::Export(Box::new((*args).into())),
            Subcommands::Verify(args) => Self::Verify(Box::new((*args).into())),
            Subcommands::Sandbox(args) => {
                let json = args.json;
                Self::Sandbox(Box::new((*args).into()), json)
            }
            Subcommands::Completions(args) => Self::Print(args.text(Cli::command())),
            Subcommands::Man(args) => Self::Print(args.text(Cli::command())),
        }
    }
}
