//! Options for reading an input and mapping its columns.

use crate::columns::{CellRules, Differing, MappingOptions, OnePer, Role};
use crate::input::{HiddenRows, InputFormat, ReadOptions};
use crate::organization::DomainState;
use crate::text::shell;
use clap::Args;
use std::path::PathBuf;

/// How to read an input and its columns.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Reading")]
pub struct InputArgs {
    /// File format: csv, jsonl, xlsx or ods (default: auto-detect)
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<InputFormat>,

    /// Sheet of a workbook, by name or number (default: the first)
    #[arg(long, value_name = "SHEET")]
    pub sheet: Option<String>,

    /// Line of the file, or row of the sheet, with the column names (default: the first)
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    pub header_row: Option<u64>,

    /// Leave out rows of a workbook that are hidden or filtered out
    #[arg(long, conflicts_with = "keep_hidden")]
    pub skip_hidden: bool,

    /// Include rows of a workbook that are hidden or filtered out
    #[arg(long)]
    pub keep_hidden: bool,

    /// List inside a JSON file, by the keys that lead to it, for example data.organizations
    #[arg(long = "list", value_name = "KEYS")]
    pub list_in: Option<String>,

    /// Send lines below the list that look like totals or notes
    #[arg(long)]
    pub keep_footer: bool,

    /// Options for every kind of list.
    #[command(flatten)]
    pub list: ListArgs,
}

/// How to read the text of a list, and its columns.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Reading")]
pub struct ListArgs {
    /// Text encoding, for example windows-1252 (default: auto-detect)
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,

    /// Delimiter: a character, or comma, semicolon, tab, pipe (default: auto-detect)
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    pub delimiter: Option<u8>,

    /// Map a column: name="Company Name", domain=Website
    ///
    /// Roles: `name`, `domain`, `external_id`, `metadata` (a JSON object) and `metadata.KEY`. Without
    /// a column (`domain=`), no column gets the role. Can be repeated.
    #[arg(long, value_name = "ROLE=COLUMN", value_parser = role)]
    pub map: Vec<(Role, String)>,

    /// Mapping file, as written by check --write-mapping
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,

    /// Columns to send as metadata under their own names, separated by commas; `*` for all others
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub metadata_columns: Vec<String>,

    /// Where external ids come from: a column, `domain` (the first domain) or `generated`
    ///
    /// Generated ids are only used for rows without one, and kept in the journal.
    #[arg(long, value_name = "COLUMN")]
    pub external_id_from: Option<String>,

    /// State of new domains: pending (default) or verified (marks them as verified WITHOUT a check)
    #[arg(long, value_name = "STATE")]
    pub domain_state: Option<DomainState>,

    /// One organization per row, name, external id or column: rows with the same value are united
    ///
    /// With `row`, each row is an organization, even if names or whole rows are repeated. Otherwise
    /// the domains of the rows are united, also those of e-mail columns where no column has domains;
    /// consumer mail domains are left out. Names are compared without regard to case, everything
    /// else exactly. A row that is blank there is an organization of its own.
    #[arg(long, value_name = "KEY")]
    pub one_per: Option<OnePer>,

    /// If united rows differ: send the first value, or join metadata (default: skip these rows)
    #[arg(long, value_name = "first|join")]
    pub differing: Option<Differing>,

    /// Metadata values to leave out, separated by commas, for example n/a,-,null
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub placeholders: Vec<String>,

    /// Send a domain that several rows have (WorkOS decides)
    #[arg(long)]
    pub shared_domains: bool,

    /// Treat cells that need cleaning (spaces, URLs, placeholders) as errors
    #[arg(long)]
    pub strict: bool,
}

impl InputArgs {
    /// Converts them to the options of reading and mapping.
    pub fn options(self) -> (ReadOptions, MappingOptions) {
        let (read, mut mapping) = self.list.options();
        let read = ReadOptions {
            format: self.format,
            sheet: self.sheet,
            header_row: self.header_row,
            hidden: match (self.skip_hidden, self.keep_hidden) {
                (true, _) => Some(HiddenRows::Skip),
                (_, true) => Some(HiddenRows::Keep),
                _ => None,
            },
            list: self.list_in,
            keep_footer: self.keep_footer,
            ..read
        };
        mapping.cells.keep_footer = self.keep_footer;
        (read, mapping)
    }
}

impl ListArgs {
    /// Converts them to the options of reading and mapping.
    pub fn options(self) -> (ReadOptions, MappingOptions) {
        (
            ReadOptions {
                encoding: self.encoding,
                delimiter: self.delimiter,
                ..ReadOptions::default()
            },
            MappingOptions {
                base: None,
                file: self.mapping,
                map: self.map,
                metadata_columns: self.metadata_columns,
                external_id_from: self.external_id_from,
                domain_state: self.domain_state,
                strict: self.strict,
                one_per: self.one_per,
                differing: self.differing,
                cells: CellRules {
                    placeholders: self.placeholders,
                    shared_domains: self.shared_domains,
                    ..CellRules::default()
                },
            },
        )
    }
}

/// Parses a delimiter: a character or its name.
fn delimiter(text: &str) -> Result<u8, String> {
    match text {
        "comma" => Ok(b','),
        "semicolon" => Ok(b';'),
        "tab" | "\\t" => Ok(b'\t'),
        "pipe" => Ok(b'|'),
        _ if text.starts_with("\\x") => u8::from_str_radix(text.get(2..).unwrap_or_default(), 16)
            .ok()
            .filter(u8::is_ascii_control)
            .ok_or_else(|| "expected a control character such as \\x01".to_owned()),
        _ => match text.as_bytes() {
            [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => Ok(*byte),
            _ => Err("expected one ASCII character, or comma, semicolon, tab, pipe".to_owned()),
        },
    }
}

/// Parses `ROLE=COLUMN`.
fn role(text: &str) -> Result<(Role, String), String> {
    let (role, column) = text.split_once('=').ok_or("expected ROLE=COLUMN")?;
    let parsed: Result<Role, String> = role.parse();
    match parsed {
        Ok(parsed) => Ok((parsed, column.to_owned())),
        Err(_) if column.parse::<Role>().is_ok() => Err(format!(
            "the role must come first: --map {}",
            shell(&format!("{column}={role}"))
        )),
        Err(unknown) => Err(unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_have_names() {
        assert_eq!(delimiter("tab"), Ok(b'\t'));
        assert_eq!(delimiter(";"), Ok(b';'));
        assert!(delimiter("ab").is_err());
        assert!(delimiter("\"").is_err());
    }

    #[test]
    fn a_column_may_hold_an_equals_sign() {
        assert_eq!(role("name=A=B"), Ok((Role::Name, "A=B".to_owned())));
        assert_eq!(
            role("metadata.x=Y"),
            Ok((Role::MetadataKey("x".to_owned()), "Y".to_owned()))
        );
        assert!(role("nmae=A").is_err());
        assert_eq!(
            role("Company name=name").unwrap_err(),
            "the role must come first: --map \"name=Company name\""
        );
        assert!(role("name").is_err());
    }
}
