//! `workos-orgs check`: its options.

use super::called::called;
use super::input::InputArgs;
use crate::commands::check::CheckOptions;
use crate::engine::Rate;
use clap::Args;
use std::path::PathBuf;

/// Say what an import would make of a list, without a key and without sending anything.
///
/// Tells how the file was understood, what each column is taken as, and every kind of defect with
/// its first examples; with -v every finding, row by row. The import judges rows in the same way.
#[derive(Args, Clone, Debug)]
pub(super) struct CheckArgs {
    /// The file to check; `-` for standard input
    file: PathBuf,

    /// Print the findings as one JSON object; with -v it holds every finding
    #[arg(long)]
    json: bool,

    /// Write the list with its cells cleaned; rows with problems are kept, to be corrected there
    #[arg(long, value_name = "OUT")]
    fixed: Option<PathBuf>,

    /// Write what each column is taken as, for use with --mapping
    #[arg(long, value_name = "FILE")]
    write_mapping: Option<PathBuf>,

    /// Requests per second, for the expected time
    #[arg(long, value_name = "N", default_value = "90")]
    rate: Rate,

    #[command(flatten)]
    input: InputArgs,
}

impl CheckArgs {
    /// The same in the words of the command.
    pub(super) fn options(self, verbose: bool) -> CheckOptions {
        let (read, mapping) = self.input.options();
        CheckOptions {
            source: self.file.into(),
            read,
            mapping,
            verbose,
            json: self.json,
            fixed: self.fixed,
            write_mapping: self.write_mapping,
            rate: self.rate.at_start(),
            called: called(),
        }
    }
}
