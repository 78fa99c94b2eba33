//! The numbers of a run, which the bar and the plain lines show.

use crate::engine::{Event, Shutdown, StopReason};
use crate::results::Status;
use crate::text::{counted, duration, grouped};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::{Duration, Instant};

/// Counters, and why the run waits.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) total: Option<u64>,
    pub(super) finished: u64,
    counts: BTreeMap<Status, u64>,
    paused_until: Option<Instant>,
    limited_to: Option<f64>,
    stopping: Option<String>,
    is_comparing: bool,
    lost: u64,
}

impl Tally {
    pub(super) fn record(&mut self, event: &Event<'_>) {
        match event {
            Event::RowsCounted(rows) => self.total = Some(*rows),
            Event::RowFinished { record, .. } => {
                self.finished += 1;
                *self.counts.entry(record.status).or_default() += 1;
            }
            Event::Throttled(pause) => self.paused_until = Instant::now().checked_add(*pause),
            Event::RateChanged(rate) => self.limited_to = Some(*rate),
            Event::AnswerLost { .. } => self.lost += 1,
            Event::Draining { reason, running } => {
                self.stopping = Some(stopping(reason, *running));
            }
            Event::Comparing => self.is_comparing = true,
        }
    }

    /// How many rows have each status: `created 120, conflict 2`.
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

    /// Why the run waits or is slow; empty otherwise.
    pub(super) fn state(&self) -> String {
        let wait = self
            .paused_until
            .map(|until| until.saturating_duration_since(Instant::now()))
            .filter(|wait| !wait.is_zero());
        if let Some(wait) = wait {
            let wait = duration(wait + Duration::from_millis(999));
            return format!("rate limited by WorkOS, continuing in {wait}");
        }
        if let Some(stopping) = &self.stopping {
            return stopping.clone();
        }
        if self.is_comparing {
            return "comparing WorkOS with the journal".to_owned();
        }
        match (self.limited_to, self.lost) {
            (Some(rate), _) => format!("rate limited by WorkOS, slowed to {rate:.0}/s for now"),
            (None, 0) => String::new(),
            (None, 1) => "1 request got no clear answer; checking it in WorkOS".to_owned(),
            (None, lost) => format!(
                "{} requests got no clear answer; checking each one in WorkOS",
                grouped(lost)
            ),
        }
    }
}

/// Why the run stops, and what it still waits for.
pub(super) fn stopping(reason: &StopReason, running: usize) -> String {
    let why = match reason {
        StopReason::Interrupted => {
            let grace = duration(Shutdown::GRACE);
            return match running {
                0 => "stopping".to_owned(),
                _ => format!(
                    "stopping: waiting for {} (up to {grace}); Ctrl-C again stops now",
                    requests(running)
                ),
            };
        }
        StopReason::TooManyFailures(count) => format!("{count} rows failed in a row"),
        StopReason::LongPause(pause) => {
            let hours = pause.as_secs() / 3600;
            format!("WorkOS asked for a pause of {hours} hours; a run waits 24 at most")
        }
        StopReason::Input => "the list cannot be read any further".to_owned(),
        StopReason::Ledger => "the journal or the results file cannot be written".to_owned(),
        StopReason::KeyRefused(_) => "WorkOS refused the API key".to_owned(),
    };
    match running {
        0 => format!("stopping: {why}"),
        _ => format!("stopping: {why}; waiting for {}", requests(running)),
    }
}

/// `180 running requests`.
fn requests(running: usize) -> String {
    counted(running as u64, "running request")
}
