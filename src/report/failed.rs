//! The rows that are not done, as a small results file of their own.

use super::error::Error;
use super::facts::{Facts, Group, RowFacts};
use crate::input::{ReadOptions, Reader, Source};
use crate::results::{self, Form, Layout, Place, Record, Renderer};
use crate::storage::{Disk, Storage};
use std::collections::HashMap;
use std::io;
use std::path::Path;

/// Writes the rows of `results` that are not done to `to`, with their cells; returns how many.
///
/// # Errors
/// When the results file cannot be read, or the other one cannot be written.
pub fn write_failed(facts: &Facts, results: &Path, to: &Path) -> Result<u64, Error> {
    let source = Source::File(results.to_owned());
    let open = facts.rows.iter().filter(|row| is_open(row));
    let open: HashMap<u64, &RowFacts> = open.filter_map(|row| Some((row.line?, row))).collect();
    let mut count = 0;
    let written = Disk.replace(to, &mut |out| {
        count = 0;
        let reader = Reader::open(&source, &ReadOptions::default()).map_err(io::Error::other)?;
        let layout = Layout::of(reader.header());
        let form = Form::of_list(&reader, &source);
        let mut writer = Renderer::new(out, &form, layout.original_header())?;
        for row in reader {
            let row = row.map_err(io::Error::other)?;
            let Some(facts) = open.get(&row.line) else {
                continue;
            };
            let (cells, recorded) = layout.split(row.cells);
            let place = Place {
                row: facts.row,
                line: recorded.line,
            };
            writer.row(&cells, place, facts.record().as_ref())?;
            count += 1;
        }
        writer.finish()
    });
    written.map_err(|source| results::Error::Write {
        path: to.to_owned(),
        source,
    })?;
    Ok(count)
}

fn is_open(row: &RowFacts) -> bool {
    matches!(row.group(), Group::Attention | Group::Again)
}

impl RowFacts {
    fn record(&self) -> Option<Record> {
        Some(Record {
            status: self.status?,
            organization_id: self.organization_id.clone(),
            error: self.error,
            code: self.code.clone(),
            message: self.message.clone(),
            http_status: self.http_status,
            request_id: self.request_id.clone(),
            attempts: self.attempts,
            existing_organization_id: self.existing_organization_id.clone(),
            changes: None,
            row: self.row,
            finished_at: self.finished_at,
        })
    }
}
