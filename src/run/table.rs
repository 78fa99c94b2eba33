//! The rows of a run: the user's cells, in the order of the results file, each with its id.

use super::copied::Copied;
use super::previous::own_rows;
use crate::input::{self, ReadOptions, Reader};
use crate::results::{Form, Layout};
use crate::table::{Cells, Row};
use csv::StringRecord;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The rows of a run.
#[derive(Debug)]
pub(super) struct Table {
    /// The list, or the results file of a retry.
    pub(super) copied: Arc<Copied>,
    /// How it is read.
    pub(super) read: ReadOptions,
    /// The user's columns of the results file: those of the list first.
    pub(super) header: Vec<String>,
    /// How many of them the list has.
    pub(super) width: usize,
    /// How the results file is written.
    pub(super) form: Form,
    /// The columns of a results file that is read.
    pub(super) layout: Option<Layout>,
    /// How many rows the list has.
    pub(super) rows: usize,
    /// Which row has which id and number.
    pub(super) places: Places,
    /// Rows whose cells were corrected in the results file, by id, or where rows are united by number:
    /// these cells are kept.
    pub(super) corrected: HashMap<u32, Cells>,
    /// Rows of the results file that the list does not have any more; they follow its rows.
    pub(super) carried: Vec<TableRow>,
    /// Whether rows of one id are rows of one organization.
    pub(super) is_united: bool,
}

/// Which row has which id and number.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    /// The id of each row; where there is none, its place counted from 1.
    pub(super) ids: Vec<u32>,
    /// The number of each row; where there is none, its place counted from 1.
    pub(super) numbers: Vec<u32>,
}

/// A row of the run.
#[derive(Clone, Debug)]
pub(super) struct TableRow {
    /// Its id in the journal.
    pub(super) id: u32,
    /// Its number in the results file.
    pub(super) number: u64,
    /// The line of the list on which it begins, where that is known.
    pub(super) line: Option<u64>,
    /// The line on which it begins in what is read, and the user's cells.
    pub(super) row: Row,
}

impl Places {
    /// The id and the number of the row at this place, counted from 0.
    pub(super) fn at(&self, index: usize) -> (u32, u64) {
        let place = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let id = self.ids.get(index).copied().unwrap_or(place);
        let number = self.numbers.get(index).copied().unwrap_or(place);
        (id, number.into())
    }
}

impl Table {
    /// The rows that are read: those of the list, or of the results file.
    pub(super) fn rows(self: &Arc<Self>) -> Result<Rows, input::Error> {
        let source = &self.copied.source;
        let reader = Reader::open(source, &self.read)?;
        let rows: ReadRows = match &self.layout {
            None => Box::new(reader.map(|row| row.map(|row| (Some(row.line), row)))),
            Some(layout) => {
                let rows = own_rows(reader, layout, source);
                Box::new(rows.map(|row| row.map(|(row, it)| (it.row.and(it.line), row))))
            }
        };
        Ok(Rows {
            table: Arc::clone(self),
            rows,
            index: 0,
        })
    }

    /// All rows of the results file, in the order of their numbers, with the cells that it is to
    /// show.
    pub(super) fn reported(
        self: &Arc<Self>,
    ) -> Result<Box<dyn Iterator<Item = Result<TableRow, input::Error>> + '_>, input::Error> {
        let rows = self.rows()?.map(|row| {
            let found = row?;
            let key = if self.is_united {
                u32::try_from(found.number).unwrap_or(u32::MAX)
            } else {
                found.id
            };
            let cells = self.cells(key, found.row.cells);
            let row = Row { cells, ..found.row };
            Ok(TableRow { row, ..found })
        });
        if self.places.numbers.is_sorted() {
            let carried = self.carried.iter().cloned().map(Ok);
            return Ok(Box::new(rows.chain(carried)));
        }
        // Sorted otherwise by their user: they come back into the order of the list.
        let mut rows: Vec<_> = rows.collect::<Result<_, _>>()?;
        rows.sort_by_key(|row| row.number);
        Ok(Box::new(rows.into_iter().map(Ok)))
    }

    /// The number and the id of every row of the list. A row that the list does not have any more
    /// has no place in it, so that a new row in its place is not taken for it.
    pub(super) fn numbers(&self) -> impl Iterator<Item = (u64, u64)> {
        (0..self.rows).map(|index| {
            let (id, number) = self.places.at(index);
            (number, u64::from(id))
        })
    }

    /// The ids of the rows of the list.
    pub(super) fn listed(&self) -> HashSet<u64> {
        self.numbers().map(|(_, id)| id).collect()
    }

    /// The ids of all rows of the results file.
    pub(super) fn ids(&self) -> HashSet<u64> {
        let mut ids = self.listed();
        ids.extend(self.carried.iter().map(|row| u64::from(row.id)));
        ids
    }

    /// The cells of a row of the list under the columns of the results file.
    fn cells(&self, key: u32, cells: Cells) -> Cells {
        if let Some(corrected) = self.corrected.get(&key) {
            return corrected.clone();
        }
        match cells {
            // Cells beyond the list's columns stay beyond all columns.
            Cells::Record(record)
                if record.len() > self.width && self.header.len() > self.width =>
            {
                let own = record.iter().take(self.width);
                let blank = std::iter::repeat_n("", self.header.len() - self.width);
                let surplus = record.iter().skip(self.width);
                Cells::Record(own.chain(blank).chain(surplus).collect::<StringRecord>())
            }
            cells => cells,
        }
    }
}

/// Rows as they are read.
type ReadRows = Box<dyn Iterator<Item = Result<(Option<u64>, Row), input::Error>> + Send>;

/// The rows of a list or of a results file, one by one.
pub(super) struct Rows {
    table: Arc<Table>,
    rows: ReadRows,
    index: usize,
}

impl Iterator for Rows {
    type Item = Result<TableRow, input::Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.rows.next()?;
        let (id, number) = self.table.places.at(self.index);
        self.index += 1;
        Some(row.map(|(line, row)| TableRow {
            id,
            number,
            line,
            row,
        }))
    }
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows")
            .field("index", &self.index)
            .finish_non_exhaustive()
    }
}
