//! `workos-orgs sync` and `workos-orgs plan`: their options.

use super::import::{deleted_rows, edited_rows};
use super::input::InputArgs;
use super::run::{RunArgs, from_one};
use crate::commands::check::CheckOptions;
use crate::commands::import::ImportOptions;
use crate::commands::plan::PlanOptions;
use crate::organization::{SyncDomains, SyncOptions};
use crate::plan::Mode;
use crate::run::{Answers, DeletedRows, EditedRows, Invocation, Request, SyncRequest, UndoRequest};
use clap::Args;
use std::num::NonZeroU64;
use std::path::PathBuf;

/// How rows are compared with organizations.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Comparison")]
struct CompareArgs {
    /// Also recognize an organization by its name alone
    #[arg(long = "match", value_name = "name", value_parser = ["name"])]
    match_by: Option<String>,

    /// Domains: add those of the list, or also remove others (exact), or leave them alone (ignore)
    #[arg(long, value_name = "add|exact|ignore", default_value = "add", value_parser = domains)]
    domains: SyncDomains,

    /// Text of a cell that removes a metadata key, for example '#N/A'; a blank cell changes nothing
    #[arg(long, value_name = "TEXT")]
    clear: Option<String>,

    /// List organizations that are in WorkOS and not in the list
    #[arg(long)]
    show_missing: bool,
}

impl CompareArgs {
    fn request(&self) -> SyncRequest {
        SyncRequest {
            options: SyncOptions {
                domains: self.domains,
                clear: self.clear.as_ref().map(|text| text.trim().to_owned()),
                match_name: self.match_by.is_some(),
                ..SyncOptions::default()
            },
            show_missing: self.show_missing,
            ..SyncRequest::default()
        }
    }
}

fn domains(text: &str) -> Result<SyncDomains, String> {
    let named = SyncDomains::ALL.into_iter().find(|it| it.name() == text);
    named.ok_or_else(|| "expected add, exact or ignore".to_owned())
}

/// The list, and how it is read and compared.
#[derive(Args, Clone, Debug)]
struct ComparedListArgs {
    /// List: CSV, TSV, JSONL, JSON, xlsx or ods; `-` for standard input
    file: PathBuf,

    /// Results file (default: FILE.results.csv)
    #[arg(long, value_name = "FILE")]
    results: Option<PathBuf>,

    /// Only the first N rows
    #[arg(long, value_name = "N", value_parser = from_one::<NonZeroU64>)]
    limit: Option<NonZeroU64>,

    /// If a row was renamed after its organization was created: keep, update or create
    #[arg(long, value_name = "keep|update|create", value_parser = edited_rows_of_sync)]
    edited_rows: Option<EditedRows>,

    /// If undo has deleted the organization of a row: keep it deleted, or create it again
    #[arg(long, value_name = "keep|create", value_parser = deleted_rows)]
    deleted_rows: Option<DeletedRows>,

    /// Replace corrections in the results file with the rows of the list
    #[arg(long)]
    discard_edits: bool,

    #[command(flatten)]
    run: RunArgs,

    #[command(flatten)]
    input: InputArgs,

    #[command(flatten)]
    compare: CompareArgs,
}

/// Make WorkOS agree with a list: create what is missing, update what differs.
///
/// A row is recognized by its WorkOS id (a column of org_… ids), then by its external id, then by a
/// domain. Only what differs is sent; a blank cell changes nothing. Nothing is ever deleted.
#[derive(Args, Clone, Debug)]
pub(super) struct SyncArgs {
    /// Send nothing; show the plan like `plan`
    #[arg(long)]
    pub(super) dry_run: bool,

    /// Carry out just this plan (`plan --output FILE.json`); skip what has changed since
    #[arg(long, value_name = "FILE", conflicts_with_all = ["dry_run", "match_by", "domains", "clear"])]
    plan: Option<PathBuf>,

    /// Refuse a plan that updates more than N
    #[arg(long, value_name = "N")]
    max_changes: Option<u64>,

    /// Refuse a plan that creates more than N
    #[arg(long, value_name = "N")]
    max_create: Option<u64>,

    /// Refuse a list with fewer than N rows
    #[arg(long, value_name = "N")]
    expect_min_rows: Option<u64>,

    #[command(flatten)]
    list: ComparedListArgs,
}

fn edited_rows_of_sync(text: &str) -> Result<EditedRows, String> {
    match text {
        "update" => Ok(EditedRows::Update),
        text => edited_rows(text).map_err(|_| "expected keep, update or create".to_owned()),
    }
}

impl ComparedListArgs {
    fn plan(self, verbose: bool, invocation: Invocation) -> PlanOptions {
        let check = self.check(verbose, invocation.clone());
        let mut sync = self.options(invocation);
        sync.request.is_dry_run = true;
        PlanOptions {
            sync,
            check,
            output: None,
            detailed_exit_code: false,
        }
    }

    fn check(&self, verbose: bool, invocation: Invocation) -> CheckOptions {
        let (read, mapping) = self.input.clone().options();
        CheckOptions {
            source: self.file.clone().into(),
            read,
            mapping,
            verbose,
            json: self.run.json(),
            fixed: None,
            write_mapping: None,
            report: None,
            show_requests: 0,
            rate: self.run.settings().rate.at_start(),
            invocation,
        }
    }

    fn options(self, invocation: Invocation) -> ImportOptions {
        let args = self;
        let (read, mut mapping) = args.input.options();
        mapping
            .cells
            .clear
            .clone_from(&args.compare.request().options.clear);
        ImportOptions {
            invocation,
            outputs: args.run.outputs(),
            request: Request {
                source: args.file.into(),
                read,
                mapping,
                results: args.results,
                mode: Mode::Sync,
                limit: args.limit.map(NonZeroU64::get),
                sync: args.compare.request(),
                undo: UndoRequest::default(),
                corrections: None,
                rate_file: args.run.rate_file(),
                is_dry_run: false,
                settings: args.run.settings(),
                answers: Answers {
                    edited_rows: args.edited_rows,
                    deleted_rows: args.deleted_rows,
                    discard_edits: args.discard_edits,
                    ..args.run.answers()
                },
                json: args.run.json(),
                is_test_run: args.run.is_test_run(),
            },
            connection: args.run.connection(),
        }
    }
}

impl SyncArgs {
    /// The plan that a dry run is.
    pub(super) fn plan(self, verbose: bool, invocation: Invocation) -> PlanOptions {
        self.list.plan(verbose, invocation)
    }

    /// Converts them to the options of the command.
    pub(super) fn options(self, invocation: Invocation) -> ImportOptions {
        let mut options = self.list.options(invocation);
        let sync = &mut options.request.sync;
        sync.plan_file = self.plan;
        sync.max_changes = self.max_changes;
        sync.max_create = self.max_create;
        sync.expect_min_rows = self.expect_min_rows;
        options
    }
}

/// Show what a sync would create and update, without sending it.
///
/// Compares the list with the organizations in WorkOS. Without an API key, the list alone is checked.
#[derive(Args, Clone, Debug)]
pub(super) struct PlanArgs {
    /// Write all rows to a file: CSV, or JSON (.json)
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Exit with 10 if something is to be done
    #[arg(long)]
    detailed_exit_code: bool,

    #[command(flatten)]
    list: ComparedListArgs,
}

impl PlanArgs {
    pub(super) fn options(self, verbose: bool, invocation: Invocation) -> PlanOptions {
        PlanOptions {
            output: self.output,
            detailed_exit_code: self.detailed_exit_code,
            ..self.list.plan(verbose, invocation)
        }
    }
}
