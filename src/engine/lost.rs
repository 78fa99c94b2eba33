//! Lost responses, and when a comparison finds everything they created.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// The lost answers of a run.
#[derive(Debug, Default)]
pub(super) struct LostAnswers(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    trusted_at: Option<Instant>,
    /// What the ledger knows.
    recorded: Option<Instant>,
}

/// The ledger records this much more patience, so that many responses lost in a row need few
/// entries.
const SLACK: Duration = Duration::from_secs(1);

impl LostAnswers {
    /// Records that an answer was lost, and that a negative lookup can be trusted at `trusted_at`.
    ///
    /// Returns the patience to write into the ledger; `None` where it knows of it already.
    pub(super) fn add(&self, trusted_at: Instant) -> Option<Duration> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.trusted_at = state.trusted_at.max(Some(trusted_at));
        if state.recorded.is_some_and(|known| known >= trusted_at) {
            return None;
        }
        let now = Instant::now();
        let patience = trusted_at.saturating_duration_since(now) + SLACK;
        let patience = Duration::from_secs(patience.as_secs() + 1);
        state.recorded = Some(now + patience);
        Some(patience)
    }

    /// When all lost answers can be trusted; `None` where none was lost.
    pub(super) fn trusted_at(&self) -> Option<Instant> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.trusted_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_ledger_is_told_of_the_longest_patience_and_not_of_every_answer() {
        let lost = LostAnswers::default();
        assert_eq!(lost.trusted_at(), None);
        let trusted_at = Instant::now() + Duration::from_secs(5);
        assert_eq!(lost.add(trusted_at), Some(Duration::from_secs(7)));
        assert_eq!(lost.add(trusted_at), None);
        assert_eq!(lost.add(trusted_at + SLACK), None);
        assert_eq!(lost.trusted_at(), Some(trusted_at + SLACK));
        let later = trusted_at + Duration::from_secs(30);
        assert_eq!(lost.add(later), Some(Duration::from_secs(37)));
    }
}
