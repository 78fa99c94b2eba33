//! Validates all rows of an input in parallel.
//!
//! Each thread reads some rows, validates each, waits for its turn, and compares them with all rows
//! before. So rows are read, compared and reported in order, and never leave their thread.

use super::column_layout::ColumnLayout;
use super::duplicates::Claims;
use super::ordered_section::{OrderedSection, lock};
use super::validated::Validated;
use super::validator::{Validator, conclude};
use crate::input::{Error, Reader};
use crate::table::{Cells, Row};
use std::sync::{Arc, Mutex};

/// How many rows, and how many bytes of rows, a thread reads at once.
const TOGETHER: usize = 1024;
const LONG: usize = 4 * 1024 * 1024;
/// More threads would wait for each other: reading and comparing are sequential.
const MOST_THREADS: usize = 4;

impl Validator {
    /// Validates all rows of an input and reports each, in order: the same as
    /// [`Validator::validate`] for one after the other.
    ///
    /// # Errors
    /// When the input cannot be read, after all rows before that place; or the first error of
    /// `report`, which is not called again.
    pub fn validate_all<E: From<Error> + Send>(
        &mut self,
        reader: &mut Reader,
        report: impl FnMut(&Row, &Validated<'_>) -> Result<(), E> + Send,
    ) -> Result<(), E> {
        let turns = OrderedSection::new((&mut self.duplicates, report));
        let source = Mutex::new(Source {
            reader,
            layout: &mut self.layout,
            taken: 0,
            at_end: false,
        });
        let work = || {
            let _guard = turns.ended_by_a_panic();
            let (mut rows, mut claims) = (Vec::new(), Claims::default());
            // Not in the loop's own line, which would hold the lock for all of its body.
            let take = |rows: &mut Vec<Row>| lock(&source).take(rows);
            while let Some(Taken {
                turn,
                layout,
                error,
            }) = take(&mut rows)
            {
                claims.clear();
                let validated = rows.iter().map(|row| {
                    let found = layout.validate(row);
                    claims.add(found.organization.as_ref());
                    found
                });
                let mut validated: Vec<_> = validated.collect();
                let goes_on = turns.wait_for(turn, |(duplicates, report)| {
                    duplicates.fetch(&claims);
                    for (row, found) in rows.iter().zip(&mut validated) {
                        conclude(duplicates, &layout, row, &mut claims, found);
                        report(row, found)?;
                    }
                    error.map_or(Ok(()), |error| Err(error.into()))
                });
                if !goes_on {
                    break;
                }
            }
        };
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            for _ in 1..threads.min(MOST_THREADS) {
                scope.spawn(work);
            }
            work();
        });
        turns.ended()
    }
}

/// The rows that no thread has taken yet.
struct Source<'s> {
    reader: &'s mut Reader,
    layout: &'s mut Arc<ColumnLayout>,
    /// How often rows were taken.
    taken: u64,
    at_end: bool,
}

/// What there is to know about rows that were taken.
struct Taken {
    /// When it is their turn to be compared.
    turn: u64,
    /// The layout that knows all of their keys.
    layout: Arc<ColumnLayout>,
    /// Why the input cannot be read after them.
    error: Option<Error>,
}

impl Source<'_> {
    /// Takes the next rows, in the place of other ones; `None` if there are no more.
    fn take(&mut self, rows: &mut Vec<Row>) -> Option<Taken> {
        if self.at_end {
            return None;
        }
        // Rows have their room from those before them, which is too much where these were long.
        if rows.len() < TOGETHER {
            rows.clear();
        }
        rows.resize_with(TOGETHER, Row::default);
        let (mut filled, mut size, mut error) = (0, 0, None);
        for row in rows.iter_mut() {
            if size >= LONG {
                break;
            }
            match self.reader.read(row) {
                Ok(true) => filled += 1,
                end => {
                    self.at_end = true;
                    error = end.err();
                    break;
                }
            }
            size += row.size();
            if let Cells::Object(object) = &row.cells {
                ColumnLayout::learn(self.layout, row.line, object);
            }
        }
        rows.truncate(filled);
        self.taken += 1;
        Some(Taken {
            turn: self.taken,
            layout: Arc::clone(self.layout),
            error,
        })
    }
}
