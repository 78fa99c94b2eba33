//! `workos-orgs status`: its options.

use crate::commands::status::StatusOptions;
use clap::Args;
use std::path::PathBuf;

/// Show what is done and what is left of a list (needs no API key).
#[derive(Args, Clone, Debug)]
pub(super) struct StatusArgs {
    /// List, or its results file (default: the only one that was imported in this folder)
    file: Option<PathBuf>,

    /// Print one JSON object on standard output, in every ending
    #[arg(long)]
    json: bool,
}

impl From<StatusArgs> for StatusOptions {
    fn from(args: StatusArgs) -> Self {
        Self {
            path: args.file,
            json: args.json,
        }
    }
}
