//! `workos-orgs import`: its options.

use super::called::called;
use super::input::InputArgs;
use super::run::{RunArgs, from_one};
use crate::commands::RunOptions;
use crate::commands::check::CheckOptions;
use crate::commands::import::ImportOptions;
use clap::Args;
use std::num::NonZeroU64;
use std::path::PathBuf;

/// Create an organization for every row of a customer list.
///
/// Columns are `name`, `domain` or `domains`, `external_id`, `metadata` (a JSON object) and
/// `metadata.KEY`; all others are carried to the results file untouched. The results file stands
/// beside the input as FILE.results.csv. Run the same command again to go on after an
/// interruption.
#[derive(Args, Clone, Debug)]
pub(super) struct ImportArgs {
    /// The list: CSV, TSV, JSONL, a JSON array or a workbook (xlsx, ods); `-` for standard input
    file: PathBuf,

    /// The results file; by default it stands beside the input
    #[arg(long, value_name = "FILE")]
    results: Option<PathBuf>,

    /// Send only the first so many rows, as a trial
    #[arg(long, value_name = "N", value_parser = from_one::<NonZeroU64>)]
    limit: Option<NonZeroU64>,

    /// Send nothing: say what would be done, as `workos-orgs check` does
    #[arg(long)]
    pub(super) dry_run: bool,

    #[command(flatten)]
    run: RunArgs,

    #[command(flatten)]
    input: InputArgs,
}

impl ImportArgs {
    /// The check that a dry run is.
    pub(super) fn check(self, verbose: bool) -> CheckOptions {
        let (read, mapping) = self.input.options();
        let run = RunOptions::from(self.run);
        CheckOptions {
            source: self.file.into(),
            read,
            mapping,
            verbose,
            json: run.json,
            fixed: None,
            write_mapping: None,
            rate: run.settings.rate.at_start(),
            called: called(),
        }
    }
}

impl From<ImportArgs> for ImportOptions {
    fn from(args: ImportArgs) -> Self {
        let (read, mapping) = args.input.options();
        Self {
            source: args.file.into(),
            read,
            mapping,
            results: args.results,
            limit: args.limit.map(NonZeroU64::get),
            run: args.run.into(),
        }
    }
}
