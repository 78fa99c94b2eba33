//! `workos-orgs report`: its options.

use crate::commands::report::{ReportFormat, ReportOptions};
use clap::Args;
use std::path::PathBuf;

/// Show what an import did, as a page, Markdown or JSON.
///
/// Reads the results file and the journal next to it. Sends nothing and needs no API key. Works at
/// any time, also for an interrupted run. The page is one file that needs no network.
#[derive(Args, Clone, Debug)]
pub(super) struct ReportArgs {
    /// Results file of an import
    results: PathBuf,

    /// File to write; `-` for standard output (default: RESULTS.html for html, else standard output)
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    /// html: a page; md: a short text for a ticket; json: all facts for programs
    #[arg(long, value_enum, default_value_t = ReportFormat::Html)]
    format: ReportFormat,

    /// Leave out names, domains, ids, metadata and messages, to share it outside
    #[arg(long, conflicts_with = "failed_only")]
    redact: bool,

    /// Also write the rows that are not done to FILE, with your columns: fix them, then `retry FILE`
    #[arg(long, value_name = "FILE")]
    failed_only: Option<PathBuf>,

    /// Print one JSON object about what was written, in every ending
    #[arg(long)]
    json: bool,
}

impl From<ReportArgs> for ReportOptions {
    fn from(args: ReportArgs) -> Self {
        Self {
            results: args.results,
            output: args.output,
            format: args.format,
            redact: args.redact,
            failed_only: args.failed_only,
            json: args.json,
        }
    }
}
