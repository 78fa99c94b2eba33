//! `workos-orgs template`: its options.

use crate::table::Format;
use clap::{Args, ValueEnum};

/// Print an example list and explain its columns.
///
/// The list goes to standard output, the explanation to standard error:
/// `workos-orgs template > customers.csv` saves the list and shows the explanation.
#[derive(Args, Clone, Debug)]
pub(super) struct TemplateArgs {
    /// File format
    #[arg(long, value_enum, default_value_t = TemplateFormat::Csv)]
    format: TemplateFormat,

    /// Print one JSON object with the list, in every ending
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum TemplateFormat {
    Csv,
    Jsonl,
}

impl From<TemplateArgs> for Format {
    fn from(args: TemplateArgs) -> Self {
        match args.format {
            TemplateFormat::Csv => Self::Csv,
            TemplateFormat::Jsonl => Self::Jsonl,
        }
    }
}
