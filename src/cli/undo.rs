//! `workos-orgs undo`: its options.

use super::input::ListArgs;
use super::run::RunArgs;
use crate::commands::import::ImportOptions;
use crate::input::Source;
use crate::plan::Mode;
use crate::run::{Invocation, Request, SyncRequest, UndoRequest};
use clap::Args;
use std::path::PathBuf;

/// Take back what was created and updated, the newest first.
///
/// Deletes the organizations that the runs of a results file have created, and gives those that a
/// sync has updated their former values. An organization that was changed since, or that has
/// connections, directories or members, is left alone and named. WorkOS allows 50 deletions a minute.
#[derive(Args, Clone, Debug)]
pub(super) struct UndoArgs {
    /// Results file of the runs
    results: PathBuf,

    /// Only these rows (`workos_row`): 17,20-40
    #[arg(long, value_name = "ROWS", value_delimiter = ',', value_parser = rows)]
    only_rows: Vec<(u64, u64)>,

    /// Only what this run has done, counted from 1
    #[arg(long = "run", value_name = "N")]
    of_run: Option<u64>,

    /// Delete N in production without asking
    #[arg(long, value_name = "N")]
    yes_delete: Option<u64>,

    /// Change nothing: show what would be taken back
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    run: RunArgs,

    #[command(flatten)]
    input: ListArgs,
}

/// A number, or a first and a last one: `20-40`.
fn rows(text: &str) -> Result<(u64, u64), String> {
    let expected = || "expected row numbers such as 17 or 20-40".to_owned();
    let number = |text: &str| text.trim().parse::<u64>().map_err(|_| expected());
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let rows = (number(first)?, number(last)?);
    if rows.0 <= rows.1 {
        Ok(rows)
    } else {
        Err(expected())
    }
}

impl UndoArgs {
    /// Converts them to the options of the command.
    pub(super) fn options(self, invocation: Invocation) -> ImportOptions {
        let args = self;
        let (read, mapping) = args.input.options();
        ImportOptions {
            invocation,
            outputs: args.run.outputs(),
            request: Request {
                source: Source::File(args.results),
                read,
                mapping,
                results: None,
                mode: Mode::Undo,
                limit: None,
                sync: SyncRequest::default(),
                undo: UndoRequest {
                    rows: args.only_rows,
                    run: args.of_run,
                    yes_delete: args.yes_delete,
                },
                corrections: None,
                rate_file: args.run.rate_file(),
                is_dry_run: args.dry_run,
                settings: args.run.settings(),
                answers: args.run.answers(),
                json: args.run.json(),
                is_test_run: args.run.is_test_run(),
            },
            connection: args.run.connection(),
        }
    }
}
