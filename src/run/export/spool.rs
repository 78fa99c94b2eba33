//! Organizations on their way from WorkOS to the export: lines of JSON in a file without a name.
//!
//! The columns of a CSV file are known only when the last organization has come, and the list is
//! read from both ends at once. In memory are 32 bytes of each.

use super::columns::Keys;
use super::exported::Exported;
use crate::journal::id_hash;
use crate::workos::{Order, OrganizationDetails};
use jiff::Timestamp;
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};

/// How much is read or written at once.
const BUFFER: usize = 128 * 1024;

/// Organizations that were listed so far. The file is gone when this is dropped, also by a crash.
#[derive(Debug)]
pub(super) struct Spool {
    out: BufWriter<File>,
    length: u64,
    keys: Keys,
    known: HashSet<u64>,
    places: Vec<Place>,
}

/// Where an organization is in the file, sorted by its age: when it was created, in milliseconds,
/// then as it was listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    created_at: i64,
    position: i64,
    offset: u64,
}

impl Spool {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            out: BufWriter::with_capacity(BUFFER, tempfile::tempfile()?),
            length: 0,
            keys: Keys::default(),
            known: HashSet::new(),
            places: Vec::new(),
        })
    }

    /// How many organizations there are.
    pub(super) const fn count(&self) -> u64 {
        self.places.len() as u64
    }

    /// Adds an organization, unless it was listed before.
    pub(super) fn add(&mut self, listed: &OrganizationDetails, order: Order) -> io::Result<()> {
        if !self.known.insert(id_hash(&listed.id)) {
            return Ok(());
        }
        let created_at = listed.created_at.as_deref();
        let created_at = created_at.and_then(|text| text.parse::<Timestamp>().ok());
        let position = i64::try_from(self.places.len()).unwrap_or(i64::MAX);
        self.places.push(Place {
            created_at: created_at.map_or(0, Timestamp::as_millisecond),
            position: match order {
                Order::Ascending => position,
                Order::Descending => i64::MAX - position,
            },
            offset: self.length,
        });
        let organization = Exported::from(listed.clone());
        self.keys.add(organization.metadata.keys());
        let mut line = serde_json::to_vec(&organization)?;
        line.push(b'\n');
        self.length += line.len() as u64;
        self.out.write_all(&line)
    }

    /// The lines, the oldest organization first, and the keys that were seen.
    pub(super) fn into_lines(mut self) -> io::Result<(Lines, Keys)> {
        self.places.sort_unstable();
        let file = self.out.into_inner();
        let mut file = file.map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        let lines = Lines {
            from: BufReader::with_capacity(BUFFER, file),
            at: 0,
            offsets: self.places.into_iter(),
            line: Vec::new(),
        };
        Ok((lines, self.keys))
    }
}

/// The lines of a spool.
#[derive(Debug)]
pub(super) struct Lines {
    from: BufReader<File>,
    /// Where the reader is.
    at: u64,
    offsets: std::vec::IntoIter<Place>,
    line: Vec<u8>,
}

impl Lines {
    /// The next line, with its end; `None` after the last one.
    pub(super) fn next(&mut self) -> io::Result<Option<&[u8]>> {
        let Some(Place { offset, .. }) = self.offsets.next() else {
            return Ok(None);
        };
        // Relative, so that what is in the buffer is not read again.
        self.from
            .seek_relative(offset.cast_signed() - self.at.cast_signed())?;
        self.line.clear();
        let length = self.from.read_until(b'\n', &mut self.line)?;
        self.at = offset + length as u64;
        Ok(Some(&self.line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn organization(id: u32, second: Option<u32>) -> OrganizationDetails {
        let created_at = second.map(|second| format!("2026-01-01T00:00:{second:02}.000Z"));
        let json =
            json!({"id": format!("org_{id}"), "name": id.to_string(), "created_at": created_at});
        serde_json::from_value(json).unwrap()
    }

    fn names(spool: Spool) -> Vec<String> {
        let (mut lines, _) = spool.into_lines().unwrap();
        let mut names = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            let organization: Exported = serde_json::from_slice(line).unwrap();
            names.push(organization.name);
        }
        names
    }

    #[test]
    fn what_was_listed_from_both_ends_comes_oldest_first_and_once() {
        for has_times in [true, false] {
            let mut spool = Spool::new().unwrap();
            let mut add = |id: u32, order| {
                let listed = organization(id, has_times.then_some(id));
                spool.add(&listed, order).unwrap();
            };
            for (newest, oldest) in [(6, 1), (5, 2), (4, 3), (3, 4)] {
                add(newest, Order::Descending);
                add(oldest, Order::Ascending);
            }
            assert_eq!(names(spool), ["1", "2", "3", "4", "5", "6"]);
        }
    }
}
