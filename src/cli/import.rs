//! `workos-orgs import`: its options.

use super::input::InputArgs;
use super::run::{RunArgs, from_one};
use crate::commands::check::CheckOptions;
use crate::commands::dry_run::DryRunOptions;
use crate::commands::import::ImportOptions;
use crate::plan::Mode;
use crate::run::{Answers, DeletedRows, EditedRows, Invocation, Request, SyncRequest, UndoRequest};
use clap::Args;
use std::num::NonZeroU64;
use std::path::PathBuf;

/// Create an organization for each row of a customer list.
///
/// Columns are `name`, `domain` or `domains`, `external_id`, `metadata` (a JSON object) and
/// `metadata.KEY`. All others are not sent, but kept in the results file. Results go to
/// FILE.results.csv next to the list; FILE.results.journal records what was done. After an
/// interruption, run the same command again to resume.
#[derive(Args, Clone, Debug)]
pub(super) struct ImportArgs {
    /// List: CSV, TSV, JSONL, JSON, xlsx or ods; `-` for standard input
    file: PathBuf,

    /// Results file, also .xlsx (default: FILE.results.csv)
    #[arg(long, value_name = "FILE")]
    results: Option<PathBuf>,

    /// Import only the next N rows
    #[arg(long, value_name = "N", value_parser = from_one::<NonZeroU64>)]
    limit: Option<NonZeroU64>,

    /// Send nothing; check the list and plan the import
    #[arg(long)]
    pub(super) dry_run: bool,

    /// Create just what a plan says (`plan --output FILE.json`); skip what has changed since
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    plan: Option<PathBuf>,

    /// If a row was renamed after its organization was created: keep it, or create another one
    #[arg(long, value_name = "keep|create", value_parser = edited_rows)]
    edited_rows: Option<EditedRows>,

    /// If undo has deleted the organization of a row: keep it deleted, or create it again
    #[arg(long, value_name = "keep|create", value_parser = deleted_rows)]
    deleted_rows: Option<DeletedRows>,

    /// Replace corrections in the results file with the rows of the list
    #[arg(long)]
    discard_edits: bool,

    /// Take a results file as a list: import all of its rows, for example into another environment
    #[arg(long)]
    as_list: bool,

    #[command(flatten)]
    run: RunArgs,

    #[command(flatten)]
    input: InputArgs,
}

/// What to do with rows that undo has deleted.
pub(super) fn deleted_rows(text: &str) -> Result<DeletedRows, String> {
    match text {
        "keep" => Ok(DeletedRows::Keep),
        "create" => Ok(DeletedRows::Create),
        _ => Err("expected keep or create".to_owned()),
    }
}

/// What to do with renamed rows.
pub(super) fn edited_rows(text: &str) -> Result<EditedRows, String> {
    match text {
        "keep" => Ok(EditedRows::Keep),
        "create" => Ok(EditedRows::Create),
        _ => Err("expected keep or create".to_owned()),
    }
}

impl ImportArgs {
    /// What a dry run is.
    pub(super) fn dry_run(self, verbose: bool, invocation: Invocation) -> DryRunOptions {
        DryRunOptions {
            check: self.clone().check(verbose, invocation.clone()),
            import: self.options(invocation),
        }
    }

    fn check(self, verbose: bool, invocation: Invocation) -> CheckOptions {
        let (read, mapping) = self.input.options();
        CheckOptions {
            source: self.file.into(),
            read,
            mapping,
            verbose,
            json: self.run.json(),
            fixed: None,
            report: None,
            show_requests: 0,
            write_mapping: None,
            rate: self.run.settings().rate.at_start(),
            invocation,
        }
    }
}

impl ImportArgs {
    /// Converts them to the options of the command.
    pub(super) fn options(self, invocation: Invocation) -> ImportOptions {
        let args = self;
        let (read, mapping) = args.input.options();
        ImportOptions {
            invocation,
            request: Request {
                source: args.file.into(),
                read,
                mapping,
                results: args.results,
                mode: if args.plan.is_some() {
                    Mode::Sync
                } else {
                    Mode::Import
                },
                limit: args.limit.map(NonZeroU64::get),
                sync: SyncRequest {
                    creates_only: args.plan.is_some(),
                    plan_file: args.plan,
                    ..SyncRequest::default()
                },
                undo: UndoRequest::default(),
                corrections: None,
                rate_file: args.run.rate_file(),
                is_dry_run: false,
                settings: args.run.settings(),
                answers: Answers {
                    edited_rows: args.edited_rows,
                    deleted_rows: args.deleted_rows,
                    discard_edits: args.discard_edits,
                    as_list: args.as_list,
                    ..args.run.answers()
                },
                json: args.run.json(),
                is_test_run: args.run.is_test_run(),
            },
            outputs: args.run.outputs(),
            connection: args.run.connection(),
        }
    }
}
