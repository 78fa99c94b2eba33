//! `workos-orgs retry`: its options.

use super::import::edited_rows;
use super::input::ListArgs;
use super::run::RunArgs;
use crate::commands::import::ImportOptions;
use crate::input::Source;
use crate::plan::Mode;
use crate::results::Status;
use crate::run::{Adopt, Answers, EditedRows, Invocation, Request, SyncRequest, UndoRequest};
use clap::Args;
use std::path::PathBuf;

/// Send the failed rows again.
///
/// Fix the rows in the results file first, for example in a spreadsheet. You can move columns, remove
/// rows that are done, and add new rows. Afterwards the same file has each row with its new result.
#[derive(Args, Clone, Debug)]
pub(super) struct RetryArgs {
    /// Results file of an import, or the small file of `report --failed-only`
    results: PathBuf,

    /// Only rows with these statuses: failed,conflict
    #[arg(long, value_name = "STATUSES", value_delimiter = ',', value_parser = status)]
    only: Vec<Status>,

    /// Rows in conflict: take the organization in their way as their own; =update also changes it
    ///
    /// It gets the row's external id where it has none; another one stays a conflict. Nothing else of
    /// it changes, unless `--adopt=update` gives it the values of the row. Only rows with the status
    /// conflict are sent.
    #[arg(long, value_name = "keep|update", num_args = 0..=1, require_equals = true, default_missing_value = "keep", value_parser = adopt, conflicts_with = "only")]
    adopt: Option<Adopt>,

    /// If a row was renamed after its organization was created: keep it, or create another one
    #[arg(long, value_name = "keep|create", value_parser = edited_rows)]
    edited_rows: Option<EditedRows>,

    /// Send external ids that a spreadsheet has probably changed (000042 became 42)
    #[arg(long)]
    changed_ids: bool,

    /// Create organizations for rows that were added to the results file
    #[arg(long)]
    added_rows: bool,

    #[command(flatten)]
    run: RunArgs,

    #[command(flatten)]
    input: ListArgs,
}

fn adopt(text: &str) -> Result<Adopt, String> {
    match text {
        "keep" => Ok(Adopt::Keep),
        "update" => Ok(Adopt::Update),
        _ => Err("expected keep or update".to_owned()),
    }
}

fn status(text: &str) -> Result<Status, String> {
    Status::from_name(text)
        .filter(|status| !status.is_done())
        .ok_or_else(|| "expected conflict, failed, unavailable, invalid or unknown".to_owned())
}

impl RetryArgs {
    /// Converts them to the options of the command.
    pub(super) fn options(self, invocation: Invocation) -> ImportOptions {
        let args = self;
        let (read, mapping) = args.input.options();
        ImportOptions {
            invocation,
            request: Request {
                source: Source::File(args.results),
                read,
                mapping,
                results: None,
                mode: match args.adopt {
                    Some(_) => Mode::RetrySync(vec![Status::Conflict]),
                    None => Mode::Retry(args.only),
                },
                limit: None,
                sync: SyncRequest {
                    adopt: args.adopt,
                    ..SyncRequest::default()
                },
                undo: UndoRequest::default(),
                corrections: None,
                rate_file: args.run.rate_file(),
                is_dry_run: false,
                settings: args.run.settings(),
                answers: Answers {
                    edited_rows: args.edited_rows,
                    changed_ids: args.changed_ids,
                    added_rows: args.added_rows,
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
