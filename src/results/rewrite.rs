//! The orderly end of a results file: one record a row, in input order.
//!
//! Rows finish nearly in the order in which they were handed out, so a window over the file puts
//! most of them in order; only records that come later than the window reaches are remembered by
//! their place. Memory does not grow with the file, unless most of it was recorded anew.

use super::{Counts, Error, Scan, Status, replace};
use crate::table::Format;
use fs_err::File;
use std::collections::BTreeMap;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// How many row numbers a record may lie behind the highest before it to be in the window.
const WINDOW: u64 = 16 * 1024;

/// Where a record stands in the file, and what it says.
#[derive(Clone, Copy)]
struct Place {
    start: u64,
    length: u64,
    status: Option<Status>,
}

/// The records of a results file, each once, in the order in which they stand in it.
struct Records {
    scan: Scan,
    highest: u64,
}

impl Records {
    fn open(path: &Path, format: Format, header: &[String]) -> Result<Self, Error> {
        let scan = Scan::open(path, format, header)?.ok_or_else(|| Error::Malformed {
            path: path.to_owned(),
            line: 1,
            reason: "its header was changed while the run went on".to_owned(),
        })?;
        Ok(Self { scan, highest: 0 })
    }

    /// The next record: its row, its place, and whether it comes later than the window reaches.
    fn next(&mut self) -> Result<Option<(u64, Place, bool)>, Error> {
        let Some(outline) = self.scan.next_outline()? else {
            return Ok(None);
        };
        let place = Place {
            start: outline.start,
            length: outline.end - outline.start,
            status: outline.status,
        };
        // A row without a number is one that somebody has added to the end by hand.
        let row = outline.row.unwrap_or(self.highest + 1);
        let is_late = row.saturating_add(WINDOW) < self.highest;
        self.highest = self.highest.max(row);
        Ok(Some((row, place, is_late)))
    }
}

/// Rewrites a results file so that each row stands in it once, with its last record, in input
/// order. Where it is so already, nothing is written. Returns how many rows stand at each status.
///
/// # Errors
/// When the file cannot be read, or the new one cannot be written; the old one then stands.
pub fn rewrite_in_order(path: &Path, format: Format, header: &[String]) -> Result<Counts, Error> {
    let mut records = Records::open(path, format, header)?;
    let mut late = BTreeMap::new();
    let mut counts = Counts::default();
    let mut in_order = true;
    loop {
        let before = records.highest;
        let Some((row, place, is_late)) = records.next()? else {
            break;
        };
        in_order &= row > before;
        counts.add(place.status);
        if is_late {
            late.insert(row, place);
        }
    }
    if in_order && !records.scan.torn() {
        return Ok(counts);
    }
    let mut counts = Counts::default();
    replace(path, |new| {
        let mut old = BufReader::with_capacity(64 * 1024, File::open(path)?);
        let mut write = |place: Place| {
            counts.add(place.status);
            copy(&mut old, place.start, place.length, new)
        };
        let mut records = Records::open(path, format, header)?;
        let header = Place {
            start: 0,
            length: records.scan.end(),
            status: None,
        };
        write(header)?;
        let mut window = BTreeMap::new();
        while let Some((row, place, is_late)) = records.next()? {
            if !is_late {
                window.insert(row, place);
            }
            while let Some((row, place)) = leaving(&mut window, records.highest) {
                write_in_turn(row, place, &mut late, &mut write)?;
            }
        }
        for (row, place) in window {
            write_in_turn(row, place, &mut late, &mut write)?;
        }
        for place in std::mem::take(&mut late).into_values() {
            write(place)?;
        }
        Ok::<_, Error>(())
    })?;
    Ok(counts)
}

/// The first record of the window, when nothing that may still come belongs before it.
fn leaving(window: &mut BTreeMap<u64, Place>, highest: u64) -> Option<(u64, Place)> {
    let first = window.first_entry()?;
    (first.key().saturating_add(WINDOW) < highest).then(|| first.remove_entry())
}

/// Writes what comes before a row, then the row, as its last record has it.
fn write_in_turn(
    row: u64,
    place: Place,
    late: &mut BTreeMap<u64, Place>,
    write: &mut impl FnMut(Place) -> io::Result<()>,
) -> io::Result<()> {
    while let Some(first) = late.first_entry().filter(|first| *first.key() < row) {
        write(first.remove())?;
    }
    write(late.remove(&row).unwrap_or(place))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::{Record, Writer};
    use crate::table::Cells;

    /// Records of these rows, in this order, with the place in the order as their attempts.
    fn rewritten(rows: impl IntoIterator<Item = u64>) -> (Vec<(u64, u32)>, Counts) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("results.csv");
        let header = ["name".to_owned()];
        let mut writer = Writer::create(&path, Format::Csv, &header).unwrap();
        for (row, attempts) in rows.into_iter().zip(1..) {
            let cells = Cells::Record(vec![format!("a \"quoted\"\nname {row}")].into());
            let record = Record {
                attempts,
                ..Record::new(row, Status::Created)
            };
            writer.write(&cells, &record).unwrap();
        }
        writer.sync().unwrap();
        let counts = rewrite_in_order(&path, Format::Csv, &header).unwrap();
        let scan = Scan::open(&path, Format::Csv, &header).unwrap().unwrap();
        let records = scan.map(|entry| entry.unwrap().said.record.unwrap());
        let rows = records.map(|record| (record.row, record.attempts));
        (rows.collect(), counts)
    }

    #[test]
    fn records_within_and_beyond_the_window_come_into_order() {
        let last = 3 * WINDOW;
        let swapped = (1..=last).map(|row| if row % 2 == 1 { row + 1 } else { row - 1 });
        let missing = |row: &u64| ![5, 6, 700, last].contains(row);
        let order = swapped.filter(missing).chain([700, 6, 5, last]);
        let (rows, counts) = rewritten(order);
        assert!(rows.iter().map(|(row, _)| *row).eq(1..=last));
        assert_eq!(counts.total(), last);
    }

    #[test]
    fn the_last_record_of_a_row_counts_wherever_it_stands() {
        let last = 2 * WINDOW;
        let again = [3, 9, last - 1];
        let (rows, counts) = rewritten((1..=last).chain(again));
        assert!(rows.iter().map(|(row, _)| *row).eq(1..=last));
        assert_eq!(counts.total(), last);
        let newer = rows
            .iter()
            .filter(|(_, attempts)| u64::from(*attempts) > last);
        assert!(newer.map(|(row, _)| *row).eq(again));
    }
}
