//! Judging all rows of an input on several processors at once.
//!
//! Every thread takes some rows from the reader, looks at each by itself, waits for its turn, and
//! compares them with all rows before them. So rows are read in order, compared in order and told
//! of in order, and never leave the thread that has read them.

use super::duplicates::Claims;
use super::{Examined, Examiner, conclude};
use crate::input::{Error, Reader};
use crate::table::Row;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// How many rows a thread takes at once.
const TOGETHER: usize = 1024;
/// More threads would wait for each other: reading and comparing are done by one at a time.
const MOST_THREADS: usize = 4;

impl Examiner {
    /// Judges all rows of an input, and tells of each, in order: the same as
    /// [`Examiner::examine`] for one after the other.
    ///
    /// # Errors
    /// When the input cannot be read on, after all rows before that place; or the first error of
    /// the function that is told, after which it is told nothing more.
    pub fn examine_all<E: From<Error> + Send>(
        &mut self,
        reader: &mut Reader,
        mut tell: impl FnMut(&Row, &Examined<'_>) -> Result<(), E> + Send,
    ) -> Result<(), E> {
        let (plan, duplicates) = (&self.plan, &mut self.duplicates);
        let compare = move |rows: &[Row], examined: Vec<Examined<'_>>, claims: &mut Claims| {
            duplicates.fetch(claims);
            for (row, mut found) in rows.iter().zip(examined) {
                conclude(duplicates, plan, row, claims, &mut found);
                tell(row, &found)?;
            }
            Ok::<_, E>(())
        };
        let source = Mutex::new(Source {
            reader,
            taken: 0,
            at_end: false,
        });
        let turns = Turns::new(compare);
        let work = || {
            let _guard = turns.ended_by_a_panic();
            let (mut batch, mut claims) = (Batch::default(), Claims::default());
            // Not in the loop's own line, which would hold the lock for all of its body.
            let take = |batch: &mut Batch| lock(&source).take(batch);
            while let Some(turn) = take(&mut batch) {
                let rows = batch.rows.get(..batch.filled).unwrap_or_default();
                claims.clear();
                let examine = |row| plan.examine(row, &mut claims);
                let examined = rows.iter().map(examine).collect();
                let error = batch.error.take();
                turns.wait_for(turn, |compare| {
                    compare(rows, examined, &mut claims)?;
                    error.map_or(Ok(()), |error| Err(error.into()))
                });
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

/// The rows that nobody has taken yet.
struct Source<'r> {
    reader: &'r mut Reader,
    /// How often rows were taken.
    taken: u64,
    at_end: bool,
}

/// Rows that are taken together, into room that is used again and again.
#[derive(Default)]
struct Batch {
    rows: Vec<Row>,
    filled: usize,
    /// Why the input cannot be read on behind them.
    error: Option<Error>,
}

impl Source<'_> {
    /// Takes the next rows, and says whose turn it is to use them; `None` if there are no more.
    fn take(&mut self, batch: &mut Batch) -> Option<u64> {
        if self.at_end {
            return None;
        }
        batch.rows.resize_with(TOGETHER, Row::default);
        batch.filled = 0;
        for row in &mut batch.rows {
            match self.reader.read(row) {
                Ok(true) => batch.filled += 1,
                Ok(false) => self.at_end = true,
                Err(error) => batch.error = Some(error),
            }
            self.at_end |= batch.error.is_some();
            if self.at_end {
                break;
            }
        }
        self.taken += 1;
        Some(self.taken)
    }
}

/// Something that threads use by turns, until one of them ends with an error.
struct Turns<T, E> {
    state: Mutex<State<T, E>>,
    passed: Condvar,
}

struct State<T, E> {
    shared: T,
    next: u64,
    ended: Option<Result<(), E>>,
}

impl<T, E> Turns<T, E> {
    fn new(shared: T) -> Self {
        Self {
            state: Mutex::new(State {
                shared,
                next: 1,
                ended: None,
            }),
            passed: Condvar::new(),
        }
    }

    /// Waits for a turn and takes it, unless it has all ended before.
    fn wait_for(&self, turn: u64, act: impl FnOnce(&mut T) -> Result<(), E>) {
        let not_yet = |state: &mut State<T, E>| state.next != turn && state.ended.is_none();
        let waited = self.passed.wait_while(lock(&self.state), not_yet);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        if state.ended.is_none() {
            state.ended = act(&mut state.shared).err().map(Err);
            state.next += 1;
        }
        self.passed.notify_all();
    }

    /// Whoever panics does not take its turn, and nobody must wait for it.
    fn ended_by_a_panic(&self) -> impl Drop {
        struct Guard<'t, T, E>(&'t Turns<T, E>);
        impl<T, E> Drop for Guard<'_, T, E> {
            fn drop(&mut self) {
                if std::thread::panicking() {
                    lock(&self.0.state).ended = Some(Ok(()));
                    self.0.passed.notify_all();
                }
            }
        }
        Guard(self)
    }

    fn ended(self) -> Result<(), E> {
        let state = self.state.into_inner();
        let state = state.unwrap_or_else(PoisonError::into_inner);
        state.ended.unwrap_or(Ok(()))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
