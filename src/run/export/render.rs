//! From the spool to the file: CSV with its columns, or the lines as they are.

use super::columns::Columns;
use super::exported::Exported;
use super::round_trip::RoundTrip;
use super::spool::Lines;
use crate::table::Format;
use std::io::{self, Write};

/// Writes all organizations; returns what `import` would read differently.
pub(super) fn render(
    lines: &mut Lines,
    format: Format,
    columns: &Columns,
    out: &mut dyn Write,
) -> io::Result<Option<String>> {
    match format {
        Format::Csv => csv(lines, columns, out),
        Format::Jsonl => jsonl(lines, out),
    }
}

fn csv(lines: &mut Lines, columns: &Columns, out: &mut dyn Write) -> io::Result<Option<String>> {
    let mut csv = csv::WriterBuilder::new()
        .buffer_capacity(128 * 1024)
        .from_writer(out);
    csv.write_record(columns.header())?;
    let mut round_trip = RoundTrip::of_csv(columns);
    while let Some(line) = lines.next()? {
        let organization: Exported = serde_json::from_slice(line)?;
        let cells = organization.cells(columns);
        csv.write_record(&cells)?;
        if let Some(round_trip) = &mut round_trip {
            round_trip.check_cells(&organization, cells);
        }
    }
    csv.flush()?;
    Ok(round_trip.and_then(|it| it.notice()))
}

fn jsonl(lines: &mut Lines, out: &mut dyn Write) -> io::Result<Option<String>> {
    let mut round_trip = RoundTrip::of_jsonl();
    while let Some(line) = lines.next()? {
        out.write_all(line)?;
        if let Some(round_trip) = &mut round_trip {
            round_trip.check_line(&serde_json::from_slice(line)?, line);
        }
    }
    out.flush()?;
    Ok(round_trip.and_then(|it| it.notice()))
}
