//! `workos-orgs retry`: its options.

use super::input::ListArgs;
use super::run::RunArgs;
use crate::commands::retry::RetryOptions;
use crate::results::Status;
use clap::Args;
use std::path::PathBuf;

/// Run the rows of a results file that are not done again.
///
/// Correct the rows in the results file first, in a spreadsheet if you like: columns may be
/// reordered, rows that are done may be dropped, and new rows may be added. The same file ends up
/// with every row once in its new state.
#[derive(Args, Clone, Debug)]
pub(super) struct RetryArgs {
    /// The results file of an import
    results: PathBuf,

    /// Only rows with one of these statuses, separated by commas, for example failed,conflict
    #[arg(long, value_name = "STATUSES", value_delimiter = ',', value_parser = status)]
    only: Vec<Status>,

    #[command(flatten)]
    run: RunArgs,

    #[command(flatten)]
    input: ListArgs,
}

fn status(text: &str) -> Result<Status, String> {
    Status::from_name(text)
        .filter(|status| !status.is_done())
        .ok_or_else(|| "expected failed, conflict, invalid or unknown".to_owned())
}

impl From<RetryArgs> for RetryOptions {
    fn from(args: RetryArgs) -> Self {
        let (read, mapping) = args.input.options();
        Self {
            results: args.results,
            only: args.only,
            read,
            mapping,
            run: args.run.into(),
        }
    }
}
