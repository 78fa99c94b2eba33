//! What a journal says of its rows, as far as a comparison needs it.

use super::comparison::{Comparison, OwningRow};
use crate::journal::{Baseline, Progress, State};
use crate::results::Status;
use jiff::{SignedDuration, Timestamp};

/// How much the server's clocks may differ.
const CLOCK_MARGIN: SignedDuration = SignedDuration::from_secs(10);

/// Whether the organization of a row holds exactly what was sent. Otherwise it was there before:
/// it holds at least the values of the row.
pub(super) fn is_exact(state: &State, row: u64) -> bool {
    state.progress(row) == Progress::Outcome(Status::Created)
}

/// The comparison with a journal.
pub(super) fn comparison(state: &State) -> Comparison {
    let owned = state.owned().filter_map(|(row, organization)| {
        let known = state.row(row)?;
        let is_exact = is_exact(state, row);
        Some(OwningRow {
            organization,
            content: if is_exact { known.sent } else { known.list },
            row,
            is_seen: false,
        })
    });
    let baseline = state.baseline();
    let named = baseline.map(|it| it.ids.clone()).unwrap_or_default();
    Comparison::new(owned.collect(), baseline.and_then(since), named)
}

/// When the first run began, by the server's clock.
fn since(baseline: &Baseline) -> Option<Timestamp> {
    let start = if baseline.is_late {
        baseline.at
    } else {
        baseline.newest.or(baseline.at)
    };
    start?.checked_sub(CLOCK_MARGIN).ok()
}
