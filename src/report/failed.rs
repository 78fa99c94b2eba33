//! The rows that are not done, as a small results file of their own.

use super::error::Error;
use super::facts::{Facts, Group, RowFacts};
use crate::input::{ReadOptions, Reader, Source};
use crate::results::{self, Form, Layout, POINTER, Place, Record, Renderer};
use crate::storage::{Disk, Storage, directory_of};
use crate::table::Cells;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::io;
use std::path::Path;

/// Writes the rows of `results` that are not done to `to`, with their cells; returns how many. Each
/// row names the results file, so that `retry` finds it.
///
/// # Errors
/// When the results file cannot be read, or the other one cannot be written.
pub fn write_failed(facts: &Facts, results: &Path, to: &Path) -> Result<u64, Error> {
    let source = Source::File(results.to_owned());
    let open = facts.rows.iter().filter(|row| is_open(row));
    let open: HashMap<u64, &RowFacts> = open.filter_map(|row| Some((row.line?, row))).collect();
    let pointer = pointer(results, to);
    let mut count = 0;
    let written = Disk.replace(to, &mut |out| {
        count = 0;
        let reader = Reader::open(&source, &ReadOptions::default()).map_err(io::Error::other)?;
        let layout = Layout::of(reader.header());
        let form = Form::of_list(&reader, &source).at(to);
        let mut header = layout.original_header().to_vec();
        header.retain(|name| name != POINTER);
        let columns = header.len();
        header.push(POINTER.to_owned());
        let mut writer = Renderer::new(out, &form, &header)?;
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
            let cells = pointing(cells, columns, &pointer)?;
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

/// The results file as it is named from the folder of the small file.
fn pointer(results: &Path, to: &Path) -> String {
    let folder = |path| fs_err::canonicalize(directory_of(path)).ok();
    let name = results.file_name().unwrap_or_default();
    let path = match (folder(results), folder(to)) {
        (Some(own), other) if Some(&own) != other.as_ref() => {
            std::path::absolute(results).unwrap_or_else(|_| results.to_owned())
        }
        _ => name.into(),
    };
    path.display().to_string()
}

/// Cells that name the results file after the user's `columns`.
fn pointing(cells: Cells, columns: usize, pointer: &str) -> io::Result<Cells> {
    Ok(match cells {
        Cells::Record(record) => {
            let own = (0..columns).map(|column| record.get(column).unwrap_or_default());
            let surplus = record.iter().skip(columns);
            Cells::Record(own.chain([pointer]).chain(surplus).collect())
        }
        Cells::Object(mut object) => {
            let text = serde_json::to_string(pointer)?;
            object.insert(POINTER.to_owned(), RawValue::from_string(text)?);
            Cells::Object(object)
        }
        unreadable @ Cells::Unreadable { .. } => unreadable,
    })
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
            changes: self.changes.clone(),
            row: self.row,
            finished_at: self.finished_at,
        })
    }
}
