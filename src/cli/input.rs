//! Options that say how to read an input and its columns.

use crate::input::{InputFormat, MappingOptions, ReadOptions};
use crate::organization::DomainState;
use clap::Args;

/// How to read an input and its columns.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Reading")]
pub struct InputArgs {
    /// The kind of file; by default told by its extension
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<InputFormat>,

    /// Columns to send as metadata under their own name, separated by commas
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub metadata_columns: Vec<String>,

    /// The column whose text is the external id; or `domain` for the first domain
    #[arg(long, value_name = "COLUMN")]
    pub external_id_from: Option<String>,

    /// The state in which domains are created: pending or verified
    #[arg(long, value_name = "STATE")]
    pub domain_state: Option<DomainState>,
}

impl InputArgs {
    /// The same in the words of the input room.
    pub fn options(self) -> (ReadOptions, MappingOptions) {
        (
            ReadOptions {
                format: self.format,
                ..ReadOptions::default()
            },
            MappingOptions {
                metadata_columns: self.metadata_columns,
                external_id_from: self.external_id_from,
                domain_state: self.domain_state,
                ..MappingOptions::default()
            },
        )
    }
}
