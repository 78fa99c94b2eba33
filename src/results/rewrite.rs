//! The orderly end of a results file: one record a row, in input order.

use super::{Entry, Error, Scan, replace};
use crate::table::Format;
use fs_err::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// Where a record stands in the file.
struct Place {
    row: u64,
    start: u64,
    length: u64,
}

/// Rewrites a results file so that each row stands in it once, with its last record, in input
/// order. Where it is so already, nothing is written.
///
/// # Errors
/// When the file cannot be read, or the new one cannot be written; the old one then stands.
pub fn rewrite_in_order(path: &Path, format: Format, header: &[String]) -> Result<(), Error> {
    let Some(mut scan) = Scan::open(path, format, header)? else {
        return Err(Error::Malformed {
            path: path.to_owned(),
            line: 1,
            reason: "its header was changed while the run went on".to_owned(),
        });
    };
    let mut places = Vec::new();
    let mut first = None;
    let mut in_order = true;
    for entry in &mut scan {
        let Entry {
            said, start, end, ..
        } = entry?;
        first.get_or_insert(start);
        let row = said.row.unwrap_or(u64::MAX);
        in_order &= places.last().is_none_or(|last: &Place| last.row < row);
        places.push(Place {
            row,
            start,
            length: end - start,
        });
    }
    if in_order && !scan.torn() {
        return Ok(());
    }
    // Of several records of one row the last one written stays the last.
    places.sort_unstable_by_key(|place| (place.row, place.start));
    let last_of_row = places
        .iter()
        .zip(places.iter().skip(1).map(Some).chain([None]))
        .filter(|(place, next)| {
            place.row == u64::MAX || next.is_none_or(|next| next.row != place.row)
        })
        .map(|(place, _)| place);
    let mut old = BufReader::with_capacity(64 * 1024, File::open(path)?);
    replace(path, |new| {
        copy(&mut old, 0, first.unwrap_or_default(), new)?;
        for place in last_of_row {
            copy(&mut old, place.start, place.length, new)?;
        }
        Ok(())
    })
}

fn copy(
    from: &mut BufReader<File>,
    start: u64,
    length: u64,
    to: &mut impl Write,
) -> io::Result<()> {
    let here = from.stream_position()?;
    let offset = i64::try_from(start).ok().zip(i64::try_from(here).ok());
    // A short way within the buffer is cheaper than a seek.
    match offset {
        Some((start, here)) => from.seek_relative(start - here)?,
        None => _ = from.seek(SeekFrom::Start(start))?,
    }
    io::copy(&mut from.by_ref().take(length), to)?;
    Ok(())
}
