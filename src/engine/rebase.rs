//! Going on with an input that has changed since: rows are matched by what they are, not by
//! their numbers.

use super::rows::RowsError;
use crate::input::Reader;
use crate::results::{Error, Record, Scan, Status, Writer, has_mark, rewrite};
use crate::table::{Cells, Format, Row};
use crate::validate::Validator as Examiner;
use std::collections::{HashMap, VecDeque};
use std::path::Path;
use xxhash_rust::xxh3::xxh3_64;

/// What has changed between the input of a run and the one it goes on with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rebased {
    /// Rows that have an outcome already.
    pub known: u64,
    /// Rows that have none.
    pub new: u64,
    /// Rows with an organization that the input no longer has; they stay at the end of the file.
    pub gone: u64,
}

/// Rewrites a results file, atomically, to the rows and the numbers of a changed input.
///
/// # Errors
/// When a file cannot be read or written.
pub fn rebase(
    path: &Path,
    format: Format,
    scan: Scan,
    scan_examiner: Examiner,
    input: Reader,
    input_examiner: Examiner,
) -> Result<Rebased, RowsError> {
    let header = input.header().to_vec();
    let known = Known::read(scan, scan_examiner)?;
    let mut rebased = Rebased::default();
    rewrite(path, format, &header, has_mark(path), |writer| {
        rebased.write(known, input, input_examiner, writer)
    })?;
    Ok(rebased)
}

impl Rebased {
    /// Writes the rows of the input that are known under their new numbers, then those that are
    /// gone, and counts them.
    fn write(
        &mut self,
        mut known: Known,
        input: Reader,
        mut examiner: Examiner,
        writer: &mut Writer,
    ) -> Result<(), RowsError> {
        let mut write = |cells: &Cells, row, record| {
            let record = Record { row, ..record };
            writer.write(cells, &record).map_err(Error::from)
        };
        let mut last = 0;
        for row in input {
            let row = row?;
            last = row.number;
            match known.take(identity(&mut examiner, &row)) {
                Some(record) => {
                    self.known += 1;
                    write(&row.cells, row.number, record)?;
                }
                None => self.new += 1,
            }
        }
        for (cells, record) in known.left() {
            last += 1;
            self.gone += 1;
            write(&cells, last, record)?;
        }
        Ok(())
    }
}

/// What makes two rows the same: all that is sent; of a row that cannot be sent, all its cells.
fn identity(examiner: &mut Examiner, row: &Row) -> u64 {
    let sent = examiner.examine(row).organization;
    let sent = sent.and_then(|organization| serde_json::to_vec(&organization).ok());
    xxh3_64(&sent.unwrap_or_else(|| format!("{:?}", row.cells).into_bytes()))
}

/// The rows of a results file, by what they are.
struct Known {
    rows: HashMap<u64, VecDeque<(Cells, Record)>>,
}

impl Known {
    fn read(scan: Scan, mut examiner: Examiner) -> Result<Self, Error> {
        let mut of_row: HashMap<u64, (u64, Cells, Record)> = HashMap::new();
        for entry in scan {
            let entry = entry?;
            let Some(record) = entry.said.record else {
                continue;
            };
            let row = Row {
                number: record.row,
                line: entry.line,
                cells: entry.cells,
            };
            let identity = identity(&mut examiner, &row);
            of_row.insert(record.row, (identity, row.cells, record));
        }
        let mut in_order: Vec<_> = of_row.into_values().collect();
        in_order.sort_by_key(|(_, _, record)| record.row);
        let mut rows: HashMap<u64, VecDeque<_>> = HashMap::new();
        for (identity, cells, record) in in_order {
            rows.entry(identity).or_default().push_back((cells, record));
        }
        Ok(Self { rows })
    }

    fn take(&mut self, identity: u64) -> Option<Record> {
        let (_, record) = self.rows.get_mut(&identity)?.pop_front()?;
        Some(record)
    }

    /// Those that nobody took and that left something behind in WorkOS, in their order.
    fn left(self) -> impl Iterator<Item = (Cells, Record)> {
        let left = self.rows.into_values().flatten().filter(|(_, record)| {
            record.organization_id.is_some() || record.status == Status::Unknown
        });
        let mut left: Vec<_> = left.collect();
        left.sort_by_key(|(_, record)| record.row);
        left.into_iter()
    }
}
