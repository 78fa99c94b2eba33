//! Ordered critical section: threads enter in the order of their tickets.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Ordered critical section, until one thread ends with an error.
pub(super) struct OrderedSection<T, E> {
    state: Mutex<State<T, E>>,
    passed: Condvar,
}

struct State<T, E> {
    shared: T,
    next: u64,
    ended: Option<Result<(), E>>,
}

impl<T, E> OrderedSection<T, E> {
    /// Something whose first turn is 1.
    pub(super) fn new(shared: T) -> Self {
        Self {
            state: Mutex::new(State {
                shared,
                next: 1,
                ended: None,
            }),
            passed: Condvar::new(),
        }
    }

    /// Waits for a turn and runs it, unless the section has ended. Returns whether to continue.
    pub(super) fn wait_for(&self, turn: u64, act: impl FnOnce(&mut T) -> Result<(), E>) -> bool {
        let not_yet = |state: &mut State<T, E>| state.next != turn && state.ended.is_none();
        let waited = self.passed.wait_while(lock(&self.state), not_yet);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        if state.ended.is_none() {
            state.ended = act(&mut state.shared).err().map(Err);
            state.next += 1;
        }
        self.passed.notify_all();
        state.ended.is_none()
    }

    /// Ends the section if the thread panics, so that no other thread waits for it.
    pub(super) fn ended_by_a_panic(&self) -> impl Drop {
        struct Guard<'t, T, E>(&'t OrderedSection<T, E>);
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

    /// How it ended.
    pub(super) fn ended(self) -> Result<(), E> {
        let state = self.state.into_inner();
        let state = state.unwrap_or_else(PoisonError::into_inner);
        state.ended.unwrap_or(Ok(()))
    }
}

/// Locks a mutex; a panic while it was held ends the program anyway.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_ends_all_turns() {
        let turns = OrderedSection::new(());
        let add = |turn| turns.wait_for(turn, |()| if turn == 2 { Err("two") } else { Ok(()) });
        assert!(add(1));
        assert!(!add(2));
        assert!(!add(3));
        assert_eq!(turns.ended(), Err("two"));
    }
}
