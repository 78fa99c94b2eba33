//! A results file taken as a list: its user's cells, without the results. So what was corrected in
//! one environment is imported into another.

use super::copied::Copied;
use super::previous::{is_results, own_rows};
use super::{Error, Request};
use crate::input::{Reader, Source};
use crate::journal::{State, journal_path};
use crate::results::{Form, Layout};
use crate::table::{Cells, Format};
use csv::WriterBuilder;
use std::io::{self, Write};

/// A copy of a results file without its results.
///
/// # Errors
/// When it cannot be read, or there is no room for the copy.
pub(super) fn without_results(copied: &Copied, request: &Request) -> Result<Copied, Error> {
    let reader = Reader::open(&copied.source, &request.read)?;
    let layout = Layout::of(reader.header());
    let form = Form::of_list(&reader, &copied.source);
    let rows = own_rows(reader, &layout, &copied.source);
    Copied::written(&request.source, |out| {
        if form.format == Format::Jsonl {
            return rows
                .into_iter()
                .try_for_each(|row| line(out, &row.map_err(io::Error::other)?.0.cells));
        }
        if form.has_mark {
            out.write_all("\u{feff}".as_bytes())?;
        }
        let mut builder = WriterBuilder::new();
        let mut table = builder
            .flexible(true)
            .delimiter(form.delimiter)
            .from_writer(out);
        table.write_record(layout.original_header())?;
        for row in rows {
            let (row, _) = row.map_err(io::Error::other)?;
            match &row.cells {
                Cells::Record(record) => table.write_record(record)?,
                Cells::Object(_) => {}
                Cells::Unreadable { text, .. } => table.write_record([text])?,
            }
        }
        table.flush()
    })
}

/// Writes a row of JSONL.
fn line(out: &mut dyn Write, cells: &Cells) -> io::Result<()> {
    match cells {
        Cells::Object(object) => serde_json::to_writer(&mut *out, object)?,
        Cells::Unreadable { text, .. } => out.write_all(text.as_bytes())?,
        Cells::Record(_) => {}
    }
    out.write_all(b"\n")
}

/// What the columns meant in the run of a results file that is taken as a list, unless the command
/// says so.
///
/// # Errors
/// When its journal cannot be read.
pub(crate) fn with_mapping_of_results(mut request: Request) -> Result<Request, Error> {
    if let (true, Source::File(path)) = (request.answers.as_list, &request.source)
        && request.mapping.choose_no_columns()
        && let Some(state) = State::read(&journal_path(path))?
    {
        request.mapping.base = state.last_run().map(|run| run.mapping.clone());
    }
    Ok(request)
}

/// Whether this list is taken as if it had no results.
pub(super) fn is_taken_as_list(reader: &Reader, request: &Request) -> bool {
    request.answers.as_list && !request.is_retry() && is_results(reader)
}
