//! `workos-orgs export`: its options.

use super::connection::ConnectionArgs;
use super::run::reading;
use crate::commands::export::ExportOptions;
use crate::engine::Rate;
use crate::run::ExportRequest;
use crate::table::Format;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Write all organizations of the environment to a list that import reads.
///
/// The columns are `name`, `domains`, `external_id`, `metadata.KEY` for each metadata key,
/// `workos_organization_id`, and the states of the domains and the times, which an import does not
/// send. The oldest organization comes first. Nothing in WorkOS is changed.
#[derive(Args, Clone, Debug)]
pub(super) struct ExportArgs {
    /// File to write, CSV or JSONL by its name (default: standard output)
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    /// File format (default: by the name of the file, otherwise csv)
    #[arg(long, value_enum)]
    format: Option<ExportFormat>,

    /// Write metadata as one column of JSON objects
    #[arg(long)]
    metadata_json: bool,

    /// Replace FILE if it exists
    #[arg(long, requires = "output")]
    overwrite: bool,

    /// Print one JSON object, in every ending; needs --output
    #[arg(long, requires = "output")]
    json: bool,

    /// Requests per second, or `auto`, or `unlimited`
    #[arg(long, value_name = "N", default_value = "90")]
    rate: Rate,

    #[command(flatten)]
    connection: ConnectionArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ExportFormat {
    Csv,
    Jsonl,
}

impl From<ExportFormat> for Format {
    fn from(format: ExportFormat) -> Self {
        match format {
            ExportFormat::Csv => Self::Csv,
            ExportFormat::Jsonl => Self::Jsonl,
        }
    }
}

impl ExportArgs {
    fn format(&self) -> Format {
        let extension = self.output.as_ref().and_then(|path| path.extension());
        let is_jsonl = extension.is_some_and(|extension| {
            ["jsonl", "ndjson"]
                .iter()
                .any(|it| extension.eq_ignore_ascii_case(it))
        });
        match self.format {
            Some(format) => format.into(),
            None if is_jsonl => Format::Jsonl,
            None => Format::Csv,
        }
    }
}

impl From<ExportArgs> for ExportOptions {
    fn from(args: ExportArgs) -> Self {
        let format = args.format();
        let output = args.output.filter(|path| path.as_os_str() != "-");
        Self {
            request: ExportRequest {
                output,
                format,
                metadata_json: args.metadata_json,
                overwrite: args.overwrite,
            },
            json: args.json,
            settings: reading(args.rate, args.connection.timeout),
            connection: args.connection.options(false),
        }
    }
}
