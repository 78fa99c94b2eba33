//! `workos-orgs check`: its options.

use super::input::InputArgs;
use crate::commands::check::CheckOptions;
use crate::engine::Rate;
use crate::run::Invocation;
use clap::Args;
use std::path::PathBuf;

/// Check a list for errors (sends nothing, needs no API key).
///
/// Prints the detected format, the role of each column, and examples of each kind of error. With -v,
/// prints every finding, row by row. An import validates rows in the same way.
#[derive(Args, Clone, Debug)]
pub(super) struct CheckArgs {
    /// File to check; `-` for standard input
    file: PathBuf,

    /// Print one JSON object on standard output, in every ending; with -v, with all findings
    #[arg(long)]
    json: bool,

    /// Write a copy with automatic fixes; rows with errors say so in the column `workos_problem`
    #[arg(long, value_name = "OUT")]
    fixed: Option<PathBuf>,

    /// Print the exact requests of the first N rows
    #[arg(long, value_name = "N", default_value = "0", hide_default_value = true)]
    show_requests: usize,

    /// Write all errors and warnings to a CSV file
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,

    /// Write the column mapping to a file, for use with --mapping
    #[arg(long, value_name = "FILE")]
    write_mapping: Option<PathBuf>,

    /// Requests per second, for the estimated duration
    #[arg(long, value_name = "N", default_value = "75")]
    rate: Rate,

    #[command(flatten)]
    input: InputArgs,
}

impl CheckArgs {
    /// Converts them to the options of the command.
    pub(super) fn options(self, verbose: bool, invocation: Invocation) -> CheckOptions {
        let (read, mapping) = self.input.options();
        CheckOptions {
            source: self.file.into(),
            read,
            mapping,
            verbose,
            json: self.json,
            fixed: self.fixed,
            report: self.report,
            show_requests: self.show_requests,
            write_mapping: self.write_mapping,
            rate: self.rate.at_start(),
            invocation,
        }
    }
}
