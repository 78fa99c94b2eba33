//! What was found out about rows before any of them is sent.

use crate::table::Row;
use crate::text::{counted, grouped};
use crate::validate::IdShapes as Shapes;
use crate::validate::{Validated as Examined, ValidationSummary as Summary};

/// Findings of a whole list.
#[derive(Debug)]
pub(super) struct Judged {
    /// About the rows that are asked for.
    pub(super) summary: Summary,
    /// How external ids look: all of a list, those of the rows that are to be retried.
    pub(super) ids: Shapes,
    /// How the user can see the findings.
    shown_by: String,
}

impl Judged {
    /// Nothing yet; `shown_by` says how the findings can be seen.
    pub(super) fn new(shown_by: String) -> Self {
        Self {
            summary: Summary::new(0),
            ids: Shapes::default(),
            shown_by,
        }
    }

    /// Adds what was found out about a row that is asked for.
    pub(super) fn add(&mut self, row: &Row, found: &Examined<'_>) {
        self.summary.add(row.line, found);
    }

    /// Adds the external id of a row, whether the row can be sent or not.
    pub(super) fn add_id(&mut self, found: &Examined<'_>) {
        if let Some(id) = found.external_id() {
            self.ids.add(id);
        }
    }

    /// `3 rows cannot be sent; warnings: 2 × domain_consumer`, and how to see them. `None` if there
    /// is nothing to be told.
    pub(super) fn in_words(&self) -> Option<String> {
        let invalid = self.summary.invalid();
        let invalid = (invalid > 0).then(|| counted(invalid, "row") + " cannot be sent");
        let warnings = self.summary.warnings();
        let warnings = warnings
            .iter()
            .map(|kind| format!("{} × {}", grouped(kind.count), kind.code));
        let warnings: Vec<_> = warnings.collect();
        let warnings = (!warnings.is_empty()).then(|| format!("warnings: {}", warnings.join(", ")));
        let findings: Vec<_> = invalid.into_iter().chain(warnings).collect();
        (!findings.is_empty())
            .then(|| format!("{}\n           {}", findings.join("; "), self.shown_by))
    }
}
