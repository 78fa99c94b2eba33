//! What a run is asked to do, in the words of the run.

use super::plan_file::PlanFile;
use super::understood::Understood;
use super::{Error, Invocation};
use crate::columns::{Mapping, MappingOptions};
use crate::engine::Settings;
use crate::input::{ReadOptions, Source};
use crate::organization::SyncOptions;
use crate::plan::Mode;
use crate::storage::stem_of;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A run that is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The list, or the results file of a retry.
    pub source: Source,
    /// How to read it.
    pub read: ReadOptions,
    /// What its columns mean.
    pub mapping: MappingOptions,
    /// The results file; [`None`] for its usual place beside the list.
    pub results: Option<PathBuf>,
    /// What the run is for.
    pub mode: Mode,
    /// How many rows to send, from the first; [`None`] for all.
    pub limit: Option<u64>,
    /// How to send them.
    pub settings: Settings,
    /// A file with the rate, which is read again when it changes.
    pub rate_file: Option<PathBuf>,
    /// Questions that are answered beforehand.
    pub answers: Answers,
    /// How a sync compares rows with their organizations, and what it may change.
    pub sync: SyncRequest,
    /// What an undo takes back.
    pub undo: UndoRequest,
    /// Rows of a small file that a retry takes; only they are sent.
    pub corrections: Option<Corrections>,
    /// Whether the plan is all that is asked for.
    pub is_dry_run: bool,
    /// Whether the summary is one JSON object.
    pub json: bool,
    /// Whether it is a test run in a temporary sandbox.
    pub is_test_run: bool,
}

/// Rows that are taken from a small file.
#[derive(Clone, Debug)]
pub struct Corrections {
    /// The small file, as the user named it.
    pub(super) file: String,
    /// The numbers of its rows.
    pub(super) rows: HashSet<u64>,
}

/// What a sync is asked to do.
#[derive(Clone, Debug, Default)]
pub struct SyncRequest {
    /// How rows are compared with their organizations.
    pub options: SyncOptions,
    /// How many organizations may be changed; [`None`] for any number.
    pub max_changes: Option<u64>,
    /// How many may be created.
    pub max_create: Option<u64>,
    /// How many rows the list has at least.
    pub expect_min_rows: Option<u64>,
    /// Whether organizations that the list does not have are listed.
    pub show_missing: bool,
    /// The file of a plan that was made before and is carried out, and nothing else.
    pub plan_file: Option<PathBuf>,
    /// How to carry it out as it is, or to make it again as this command says.
    pub ways_on: String,
    /// What it says, once it is read.
    pub plan: Option<Arc<PlanFile<'static>>>,
    /// Whether organizations that are there are left alone.
    pub creates_only: bool,
    /// Whether a retry takes organizations that are in the way of rows as their own, and how.
    pub adopt: Option<Adopt>,
}

/// What is done with an organization that a row takes as its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adopt {
    /// It stays as it is; it only gets the external id of the row, where it has none.
    Keep,
    /// It gets the values of the row.
    Update,
}

/// What is taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UndoRequest {
    /// Only these rows, as ranges of their numbers; none for all.
    pub rows: Vec<(u64, u64)>,
    /// Only this run, counted from 1; [`None`] for all.
    pub run: Option<u64>,
    /// How many organizations may be deleted in production without a question.
    pub yes_delete: Option<u64>,
}

/// Questions that the command line has answered.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// Create organizations in production.
    pub yes: bool,
    /// What to do with rows that were renamed after their organization was created.
    pub edited_rows: Option<EditedRows>,
    /// Whether rows are created again that an undo has deleted.
    pub deleted_rows: Option<DeletedRows>,
    /// Continue although the journal is missing.
    pub without_journal: bool,
    /// Send external ids that a spreadsheet has probably changed.
    pub changed_ids: bool,
    /// Create organizations for rows that were added to a results file.
    pub added_rows: bool,
    /// Take a results file as a list.
    pub as_list: bool,
    /// Replace the corrections in the results file by the rows of the list.
    pub discard_edits: bool,
    /// Create rows although WorkOS already has organizations with their name and domains.
    pub allow_duplicates: bool,
    /// Compare with WorkOS, whatever that costs.
    pub compare: bool,
}

/// What to do with a row whose organization an undo has deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeletedRows {
    /// Nothing.
    Keep,
    /// It is created again.
    Create,
}

/// What to do with a row that was renamed after its organization was created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditedRows {
    /// It is the same customer: its organization is kept as it is.
    Keep,
    /// It is another customer: an organization is created for it.
    Create,
    /// It is the same customer: its organization gets the values of the row. Only for a sync.
    Update,
}

impl SyncRequest {
    /// The command reads the list in another way than the plan that it is to carry out.
    pub(super) fn other_than_planned(&self) -> Error {
        let file = self.plan_file.as_deref().unwrap_or(Path::new("the plan"));
        Error::Usage {
            message: format!(
                "{} was made with other options for reading the list: nothing was sent",
                file.display()
            ),
            hint: self.ways_on.clone(),
        }
    }
}

impl Request {
    /// Reads the plan that is to be carried out, where there is one: it says how the list is read
    /// and how rows are compared.
    ///
    /// # Errors
    /// When it is not a plan as this program writes it.
    pub fn with_plan(mut self, invocation: &Invocation) -> Result<Self, Error> {
        if let Some(path) = self.sync.plan_file.clone() {
            let again = invocation.plan_into(&path);
            let plan = PlanFile::read(&path, &again)?;
            self.sync.ways_on = format!(
                "the plan has its own options; to carry it out: {}; to make it again with those of this command: {again}",
                invocation.carry_out_plan(invocation.command(), &path)
            );
            self.take_options(&plan.understood)?;
            self.sync.options = plan.comparison.clone().into_owned();
            self.mapping
                .cells
                .clear
                .clone_from(&self.sync.options.clear);
            self.sync.plan = Some(Arc::new(plan));
        }
        Ok(self)
    }

    /// Takes the options of a plan. The command may repeat them.
    ///
    /// # Errors
    /// When it asks for others.
    fn take_options(&mut self, plan: &Understood) -> Result<(), Error> {
        let is_other = self.read != ReadOptions::default() && self.read != plan.read
            || self.limit.is_some() && self.limit != plan.limit
            || self.results.is_some() && self.results != plan.results;
        if is_other {
            return Err(self.sync.other_than_planned());
        }
        self.read = plan.read.clone();
        self.limit = plan.limit;
        self.results.clone_from(&plan.results);
        self.mapping.base = Some(plan.mapping.clone());
        Ok(())
    }

    /// How the list is understood, for the file of a plan.
    pub(super) fn understood(&self, mapping: &Mapping) -> Understood {
        Understood {
            read: self.read.clone(),
            mapping: mapping.clone(),
            limit: self.limit,
            results: self.results.clone(),
        }
    }

    /// Whether the rows come from a results file.
    pub const fn is_retry(&self) -> bool {
        self.mode.is_retry()
    }

    /// Whether organizations that differ from their rows are changed.
    pub const fn is_sync(&self) -> bool {
        self.mode.is_sync()
    }

    /// The results file of a list, where none was named: `customers.results.csv` in the same
    /// folder, `customers.sandbox.results.csv` for a test run, `customers.new.results.csv` for
    /// `customers.results.csv` taken as a list.
    pub(super) fn default_results(&self, source: &Source, extension: &str) -> PathBuf {
        let path = match source {
            Source::File(path) => path.clone(),
            Source::Stdin | Source::Copy { .. } => PathBuf::from("stdin"),
        };
        let stem = stem_of(&path);
        let stem = match stem
            .strip_suffix(".results")
            .filter(|_| self.answers.as_list)
        {
            Some(list) => format!("{list}.new"),
            None => stem,
        };
        let kind = if self.is_test_run {
            "sandbox.results"
        } else {
            "results"
        };
        path.with_file_name(format!("{stem}.{kind}.{extension}"))
    }
}
