//! The rows of a list that will be skipped, and the report of all findings.

use super::outputs::{Output, new_output};
use crate::run::Error;
use crate::validate::Validated;
use std::collections::BTreeMap;
use std::path::Path;

/// How many rows are listed.
pub(super) const LISTED: usize = 50;

/// What is wrong with rows.
pub(super) struct Problems<'a> {
    /// The first rows, each with its line and all of its problems.
    pub(super) first: Vec<(u64, String)>,
    /// The problems of every row, by its place, where the fixed copy needs them.
    pub(super) all: Option<BTreeMap<u64, String>>,
    report: Option<(csv::Writer<Output>, &'a Path)>,
}

impl<'a> Problems<'a> {
    /// Nothing is known yet. `report` gets all findings as a table.
    pub(super) fn new(keeps_all: bool, report: Option<&'a Path>) -> Result<Self, Error> {
        let report = report.map(|path| {
            let mut table = csv::Writer::from_writer(new_output(path)?);
            let header = ["line", "severity", "code", "column", "message"];
            table.write_record(header).map_err(unwritten)?;
            Ok::<_, Error>((table, path))
        });
        Ok(Self {
            first: Vec::new(),
            all: keeps_all.then(BTreeMap::new),
            report: report.transpose()?,
        })
    }

    /// Takes in the findings of a row.
    pub(super) fn add(
        &mut self,
        number: u64,
        line: u64,
        found: &Validated<'_>,
    ) -> Result<(), Error> {
        let errors = found.problems.iter().map(|it| ("error", it));
        let warnings = found.warnings.iter().map(|it| ("warning", it));
        if let Some((table, _)) = &mut self.report {
            for (severity, problem) in errors.chain(warnings) {
                let column = problem.column.as_deref().unwrap_or_default();
                let line = line.to_string();
                let record = [&line, severity, problem.code, column, &problem.message];
                table.write_record(record).map_err(unwritten)?;
            }
        }
        if found.problems.is_empty() {
            return Ok(());
        }
        let is_listed = self.first.len() < LISTED;
        if is_listed || self.all.is_some() {
            let texts: Vec<_> = found.problems.iter().map(ToString::to_string).collect();
            let text = texts.join("; ");
            if let Some(all) = &mut self.all {
                let known = all.entry(number);
                known
                    .and_modify(|known| *known = format!("{known}; {text}"))
                    .or_insert_with(|| text.clone());
            }
            if is_listed {
                self.first.push((line, text));
            }
        }
        Ok(())
    }

    /// Finishes the report; returns its path.
    pub(super) fn finish_report(&mut self) -> Result<Option<&'a Path>, Error> {
        let Some((table, path)) = self.report.take() else {
            return Ok(None);
        };
        let output = table
            .into_inner()
            .map_err(|error| unwritten(error.into_error().into()))?;
        output.finish(path)?;
        Ok(Some(path))
    }
}

fn unwritten(error: csv::Error) -> Error {
    Error::System {
        what: "cannot write the report",
        source: error.into(),
    }
}
