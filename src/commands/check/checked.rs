//! What a check is asked to do, and what it found.

use crate::columns::{Content, Mapping, MappingOptions};
use crate::input::{ReadOptions, Reader, Source};
use crate::run::{Groups, Invocation, is_results};
use crate::validate::{LateKey, SeveralRows, ValidationSummary};
use std::path::PathBuf;

/// What to check and print.
#[derive(Clone, Debug)]
pub struct CheckOptions {
    /// The list.
    pub source: Source,
    /// How to read it.
    pub read: ReadOptions,
    /// The column mapping options.
    pub mapping: MappingOptions,
    /// Whether every finding is listed, row by row.
    pub verbose: bool,
    /// Whether the findings are printed as one JSON object.
    pub json: bool,
    /// Where to write the list with its cells cleaned.
    pub fixed: Option<PathBuf>,
    /// How many requests are printed as they would be sent.
    pub show_requests: usize,
    /// Where to write all findings as a table.
    pub report: Option<PathBuf>,
    /// Where to write the mapping.
    pub write_mapping: Option<PathBuf>,
    /// Requests per second, for the expected time; `None` if there is no limit.
    pub rate: Option<f64>,
    /// How the program was called: the next command gets the same options.
    pub invocation: Invocation,
}

/// A list that was read and validated.
pub(super) struct Checked<'a> {
    pub(super) options: &'a CheckOptions,
    pub(super) reader: &'a Reader,
    pub(super) mapping: &'a Mapping,
    pub(super) summary: &'a ValidationSummary,
    pub(super) late_keys: &'a [LateKey],
    /// The first rows that cannot be sent, each with its line and problems.
    pub(super) problems: &'a [(u64, String)],
    pub(super) content: &'a Content,
    /// Which rows are one organization, where they are united.
    pub(super) groups: Option<&'a Groups>,
}

impl Checked<'_> {
    /// Whether several rows seem to be one customer.
    pub(super) fn several_rows(&self) -> Option<SeveralRows> {
        let is_list = !is_results(self.reader);
        let several = SeveralRows::of(self.summary, self.reader.header(), self.mapping);
        several.filter(|_| is_list)
    }

    /// The least duration of the import in seconds; `None` without a limit.
    pub(super) fn expected_seconds(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "no list has 2^52 rows")]
        let valid = self.summary.valid as f64;
        self.options.rate.map(|rate| valid / rate)
    }
}
