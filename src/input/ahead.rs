//! Reading ahead: one thread reads rows while another makes use of them.

use super::Reader;
use super::error::Error;
use crate::table::Row;
use std::sync::mpsc;

/// How many rows one thread hands to the other at once, and how often it may do so unanswered.
const BATCH: usize = 512;
const AHEAD: usize = 4;

/// Rows that are handed over together.
#[derive(Default)]
struct Batch {
    /// Room for rows, used again and again, so that a row takes no allocation.
    rows: Vec<Row>,
    filled: usize,
}

impl Batch {
    /// Reads the next rows; says whether more may follow.
    fn fill(&mut self, reader: &mut Reader) -> Result<bool, Error> {
        self.rows.resize_with(BATCH, Row::default);
        self.filled = 0;
        for row in &mut self.rows {
            if !reader.read(row)? {
                return Ok(false);
            }
            self.filled += 1;
        }
        Ok(true)
    }
}

/// Calls a function for every row of an input, in order, while further rows are being read.
///
/// # Errors
/// When the input cannot be read on, after all rows before that place; or the first error of the
/// function, after which no further row is read.
pub fn read_ahead<E: From<Error>>(
    reader: &mut Reader,
    mut each: impl FnMut(&Row) -> Result<(), E>,
) -> Result<(), E> {
    let (filled, batches) = mpsc::sync_channel::<Batch>(AHEAD);
    let (used, room) = mpsc::channel();
    std::thread::scope(|scope| {
        let reading = scope.spawn(move || -> Result<(), Error> {
            let mut more = Ok(true);
            while matches!(more, Ok(true)) {
                let mut batch: Batch = room.try_recv().unwrap_or_default();
                more = batch.fill(reader);
                // Whoever no longer listens has failed, and says so.
                if filled.send(batch).is_err() {
                    return Ok(());
                }
            }
            more.map(|_| ())
        });
        for batch in batches {
            batch
                .rows
                .iter()
                .take(batch.filled)
                .try_for_each(&mut each)?;
            // Nobody wants it when all is read.
            let _ = used.send(batch);
        }
        let read = reading
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Ok(read?)
    })
}
