//! The numbers of a run, as they stand: what the bar and the plain lines show.

use crate::engine::{Event, StopReason};
use crate::results::Status;
use crate::text::{duration, grouped};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::{Duration, Instant};

/// Counters, and why the run waits when it waits.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) total: Option<u64>,
    pub(super) finished: u64,
    counts: BTreeMap<Status, u64>,
    waits_until: Option<Instant>,
    slowed_to: Option<f64>,
    draining: Option<String>,
    verifying: bool,
    looking: u64,
}

impl Tally {
    pub(super) fn take(&mut self, event: &Event<'_>) {
        match event {
            Event::RowsCounted(rows) => self.total = Some(*rows),
            Event::RowFinished { record, .. } => {
                self.finished += 1;
                *self.counts.entry(record.status).or_default() += 1;
            }
            Event::Throttled(pause) => self.waits_until = Instant::now().checked_add(*pause),
            Event::RateChanged(rate) => self.slowed_to = Some(*rate),
            Event::AnswerLost { .. } => self.looking += 1,
            Event::Draining(reason) => self.draining = Some(why(reason)),
            Event::Verifying => self.verifying = true,
        }
    }

    /// How many rows came to each status, as `created 120, conflict 2`.
    pub(super) fn counts(&self) -> String {
        let mut text = String::new();
        for status in Status::ALL {
            if let Some(count) = self.counts.get(&status) {
                let comma = if text.is_empty() { "" } else { ", " };
                let _ = write!(text, "{comma}{status} {}", grouped(*count));
            }
        }
        text
    }

    /// Why nothing, or less than usual, happens; blank while all goes well.
    pub(super) fn state(&self) -> String {
        let wait = self
            .waits_until
            .map(|until| until.saturating_duration_since(Instant::now()))
            .filter(|wait| !wait.is_zero());
        if let Some(wait) = wait {
            let wait = duration(wait + Duration::from_millis(999));
            return format!("rate limited by WorkOS, going on in {wait}");
        }
        if let Some(draining) = &self.draining {
            return draining.clone();
        }
        if self.verifying {
            return "comparing WorkOS with the results file".to_owned();
        }
        match (self.slowed_to, self.looking) {
            (Some(rate), _) => format!("slowed down by WorkOS to {rate:.0}/s for a while"),
            (None, 0) => String::new(),
            (None, 1) => "1 answer was lost and looked up".to_owned(),
            (None, lost) => format!("{} answers were lost and looked up", grouped(lost)),
        }
    }
}

/// A reason to stop, while what is in flight is finished.
pub(super) fn why(reason: &StopReason) -> String {
    match reason {
        StopReason::Interrupted => {
            "stopping: finishing what is in flight (Ctrl-C again to stop at once)".to_owned()
        }
        StopReason::TooManyFailures(count) => {
            format!("stopping: {count} rows failed in a row")
        }
        StopReason::Input => "stopping: the input cannot be read any further".to_owned(),
        StopReason::Results => "stopping: the results cannot be written".to_owned(),
        StopReason::KeyRefused(_) => "stopping: WorkOS refused the API key".to_owned(),
    }
}
