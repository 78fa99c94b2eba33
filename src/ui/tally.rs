//! The numbers of a run, which the bar and the plain lines show.

use super::speed::Speed;
use crate::engine::{Event, Shutdown, StopReason};
use crate::results::Status;
use crate::text::{counted, duration, grouped};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::{Duration, Instant};

/// How long nothing may be answered before the run says so.
const SILENCE: Duration = Duration::from_secs(5);
/// How long a lost answer or a lower rate is worth a note.
const NEWS: Duration = Duration::from_secs(10);
/// How long after a lower rate it climbs again.
const CLIMB: Duration = Duration::from_secs(60);
/// How long a pause still shows in the rate of the last seconds.
const AFTER_PAUSE: Duration = Duration::from_secs(6);
/// How long rows may wait after a lost answer until they are sent again.
const PATIENCE: Duration = Duration::from_secs(90);
/// A pause that is longer is said to be long.
const LONG_PAUSE: Duration = Duration::from_secs(3600);

/// Counters, and why the run waits.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) total: Option<u64>,
    pub(super) finished: u64,
    speed: Speed,
    counts: BTreeMap<Status, u64>,
    paused_until: Option<Instant>,
    limited_to: Option<(f64, Instant)>,
    stopping: Option<String>,
    /// Since when WorkOS is compared with the journal.
    comparing: Option<Instant>,
    /// Rows that an earlier process may have sent.
    doubts: Option<Doubts>,
    lost: Option<(u64, Instant)>,
    /// What WorkOS answers instead of results, and since when.
    trouble: Option<(String, Instant)>,
    /// When the next request is repeated.
    retry_at: Option<Instant>,
    /// When WorkOS answered last.
    answered: Option<Instant>,
}

/// Rows that are looked up first.
#[derive(Debug)]
struct Doubts {
    rows: u64,
    done: u64,
    is_interrupted: bool,
}

impl Tally {
    pub(super) fn record(&mut self, event: &Event<'_>) {
        self.record_at(event, Instant::now());
    }

    fn record_at(&mut self, event: &Event<'_>, now: Instant) {
        match event {
            Event::RowsCounted(rows) => {
                self.total = Some(*rows);
                self.answered = Some(now);
            }
            Event::RowFinished { record, .. } => {
                self.finished += 1;
                self.speed.add(now);
                self.answered = Some(now);
                *self.counts.entry(record.status).or_default() += 1;
            }
            Event::Throttled(pause) => self.paused_until = now.checked_add(*pause),
            Event::InDoubt {
                rows,
                is_interrupted,
            } => {
                self.doubts = Some(Doubts {
                    rows: *rows,
                    done: 0,
                    is_interrupted: *is_interrupted,
                });
            }
            Event::LookedUp => {
                self.answered = Some(now);
                if let Some(doubts) = &mut self.doubts {
                    doubts.done += 1;
                }
            }
            Event::RateAsked(_) => self.limited_to = None,
            Event::RateChanged(rate) => self.limited_to = Some((*rate, now)),
            Event::AnswerLost { .. } => {
                let lost = self.lost.filter(|(_, at)| now - *at < NEWS);
                self.lost = Some((lost.map_or(0, |(lost, _)| lost) + 1, now));
            }
            Event::Trouble(what) => {
                let since = self.trouble.as_ref().map_or(now, |(_, since)| *since);
                self.trouble = Some(((*what).to_owned(), since));
                self.answered = Some(now);
            }
            Event::RetryIn(wait) => {
                let at = now + *wait;
                let earlier = self.retry_at.filter(|it| *it > now && *it < at);
                self.retry_at = Some(earlier.unwrap_or(at));
            }
            Event::Answered => {
                self.trouble = None;
                self.answered = Some(now);
            }
            Event::Draining { reason, running } => {
                self.stopping = Some(stopping(reason, *running));
            }
            Event::Comparing => self.comparing = Some(now),
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

    /// `710/5,000  75/s, 57 s left`: what is always shown.
    pub(super) fn progress(&self, now: Instant) -> String {
        let mut text = grouped(self.finished);
        if let Some(total) = self.total {
            let _ = write!(text, "/{}", grouped(total));
        }
        let rate = self.speed.per_second(now);
        let shown = if rate > 0.0 && rate < 10.0 {
            format!("{rate:.1}")
        } else {
            format!("{rate:.0}")
        };
        let _ = write!(text, "  {shown}/s");
        // A pause is no measure of how long the rest takes.
        let just_paused = self
            .paused_until
            .is_some_and(|until| until + AFTER_PAUSE > now);
        let rate = if just_paused {
            self.speed.of_last_minute(now)
        } else {
            rate
        };
        if let Some(left) = self.left(rate) {
            let _ = write!(text, ", {} left", duration(left));
        }
        text
    }

    /// How long it still takes at this rate.
    fn left(&self, rate: f64) -> Option<Duration> {
        let rows = self
            .total?
            .checked_sub(self.finished)
            .filter(|rows| *rows > 0)?;
        if rate <= 0.0 {
            return None;
        }
        let seconds = (rows as f64 / rate).ceil();
        Duration::try_from_secs_f64(seconds).ok()
    }

    /// Whether WorkOS answers something else than results, or nothing.
    pub(super) const fn has_trouble(&self) -> bool {
        self.trouble.is_some()
    }

    /// How much of the rows is done, from 0 to 1.
    pub(super) fn part(&self) -> f64 {
        match self.total {
            Some(total @ 1..) => (self.finished as f64 / total as f64).min(1.0),
            _ => 0.0,
        }
    }

    /// Why the run waits or is slow, as long as that is so; empty otherwise.
    pub(super) fn note(&self, now: Instant) -> String {
        if let Some(stopping) = &self.stopping {
            return stopping.clone();
        }
        let until = self.paused_until.filter(|until| *until > now);
        let pause = until.map(|until| until - now);
        let is_outage = |wait: &Duration| self.has_trouble() && *wait <= LONG_PAUSE;
        if let Some(wait) = pause.filter(|wait| !is_outage(wait)) {
            let why = if wait > LONG_PAUSE {
                "WorkOS asked for a long pause"
            } else {
                "rate limited by WorkOS"
            };
            let wait = duration(wait + Duration::from_millis(999));
            return format!("{why}, continuing in {wait} (Ctrl-C is safe)");
        }
        if let Some((what, at)) = &self.trouble {
            let since = since(*at, now);
            let wait = self.retry_at.and_then(|at| at.checked_duration_since(now));
            // An outage may name a pause, as the limit does.
            let wait = pause.or(wait);
            let again = wait.filter(|wait| !wait.is_zero()).map(|wait| {
                let wait = duration(wait + Duration::from_millis(999));
                format!(" in {wait}")
            });
            let again = again.unwrap_or_default();
            return format!("{what}{since}; trying again{again} (Ctrl-C is safe)");
        }
        if let Some(at) = self.comparing {
            let since = since(at, now);
            return format!("comparing WorkOS with the journal{since} (Ctrl-C is safe)");
        }
        let doubts = self.doubts.as_ref().filter(|it| it.done < it.rows);
        if let Some(doubts) = doubts.filter(|doubts| !self.is_silent(doubts, now)) {
            return doubts.to_string();
        }
        let silent = self.answered.map(|at| now.saturating_duration_since(at));
        let is_waiting = self.total.is_some_and(|total| self.finished < total);
        if let Some(silent) = silent.filter(|silent| is_waiting && *silent >= SILENCE) {
            let has_lost = self.lost.is_some_and(|(_, at)| now - at < PATIENCE);
            if has_lost {
                return "waiting to be sure of requests without a clear answer (Ctrl-C is safe)"
                    .to_owned();
            }
            return format!("no answer since {} (Ctrl-C is safe)", duration(silent));
        }
        self.news(now)
    }

    /// What was lost or limited lately.
    fn news(&self, now: Instant) -> String {
        let within = |at: Instant, time| now.saturating_duration_since(at) < time;
        let lost = self.lost.filter(|(_, at)| within(*at, NEWS));
        let limited = self.limited_to.filter(|(_, at)| within(*at, CLIMB));
        let limited = limited.map(|(rate, at)| {
            if within(at, NEWS) {
                format!("slowed to {rate:.0}/s by the rate limit")
            } else {
                "slowed by the rate limit, speeding up again".to_owned()
            }
        });
        match (lost, limited) {
            (Some((lost, _)), Some(limited)) => {
                let lost = counted(lost, "unclear answer");
                format!("{limited}; checking {lost}")
            }
            (Some((1, _)), None) => {
                "1 request got no clear answer; checking it in WorkOS".to_owned()
            }
            (Some((lost, _)), None) => format!(
                "{} requests got no clear answer; checking each one in WorkOS",
                grouped(lost)
            ),
            (None, limited) => limited.unwrap_or_default(),
        }
    }

    /// Whether nothing was answered for a while, although other rows than those in doubt are under way.
    fn is_silent(&self, doubts: &Doubts, now: Instant) -> bool {
        let in_doubt = doubts.rows - doubts.done;
        let has_others = self
            .total
            .is_some_and(|total| self.finished + in_doubt < total);
        let silent = self.answered.map(|at| now.saturating_duration_since(at));
        has_others && silent.is_some_and(|silent| silent >= SILENCE)
    }
}

/// ` since 12 s`; nothing in the first second.
fn since(at: Instant, now: Instant) -> String {
    match now.saturating_duration_since(at) {
        time if time.as_secs() == 0 => String::new(),
        time => format!(" since {}", duration(time)),
    }
}

impl std::fmt::Display for Doubts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let run = if self.is_interrupted {
            "the interrupted run"
        } else {
            "an earlier run"
        };
        write!(
            f,
            "checking {} of {run}: {} done",
            counted(self.rows, "row"),
            grouped(self.done)
        )
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Record;

    const fn after(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn finish(tally: &mut Tally, now: Instant) {
        let record = Record::new(1, Status::Created);
        let event = Event::RowFinished {
            line: 2,
            name: "Acme",
            record: &record,
        };
        tally.record_at(&event, now);
    }

    #[test]
    fn rate_and_time_left_are_those_of_the_last_seconds() {
        let start = Instant::now();
        let mut tally = Tally::default();
        tally.record_at(&Event::RowsCounted(1_000), start);
        for second in 0..20 {
            let rows = if second < 10 { 70 } else { 5 };
            for _ in 0..rows {
                finish(&mut tally, start + after(second));
            }
        }
        let progress = tally.progress(start + after(20));
        assert_eq!(progress, "750/1,000  5.0/s, 50 s left");
        assert_eq!(tally.progress(start + after(60)), "750/1,000  0/s");
    }

    #[test]
    fn a_short_pause_does_not_make_the_time_left_hours() {
        let start = Instant::now();
        let mut tally = Tally::default();
        tally.record_at(&Event::RowsCounted(1_000), start);
        for second in 0..20 {
            for _ in 0..20 {
                finish(&mut tally, start + after(second));
            }
        }
        tally.record_at(&Event::Throttled(after(9)), start + after(20));
        let progress = tally.progress(start + after(28));
        assert_eq!(progress, "400/1,000  0/s, 42 s left");
    }

    #[test]
    fn an_outage_is_said_as_long_as_it_lasts() {
        let start = Instant::now();
        let mut tally = Tally::default();
        tally.record_at(&Event::RowsCounted(10), start);
        tally.record_at(&Event::Trouble("WorkOS answers 503"), start + after(1));
        tally.record_at(&Event::Trouble("WorkOS answers 503"), start + after(9));
        tally.record_at(&Event::RetryIn(after(8)), start + after(9));
        tally.record_at(&Event::RetryIn(after(20)), start + after(9));
        assert_eq!(
            tally.note(start + after(13)),
            "WorkOS answers 503 since 12 s; trying again in 4 s (Ctrl-C is safe)"
        );
        tally.record_at(&Event::Answered, start + after(14));
        assert_eq!(tally.note(start + after(14)), "");
        let silent = tally.note(start + after(28));
        assert_eq!(silent, "no answer since 14 s (Ctrl-C is safe)");
    }

    #[test]
    fn rows_of_an_interrupted_run_are_counted_while_they_are_looked_up() {
        let start = Instant::now();
        let mut tally = Tally::default();
        tally.record_at(&Event::RowsCounted(200), start);
        let doubts = |is_interrupted| Event::InDoubt {
            rows: 2,
            is_interrupted,
        };
        tally.record_at(&doubts(false), start);
        let note = "checking 2 rows of an earlier run: 0 done";
        assert_eq!(tally.note(start), note);
        tally.record_at(&doubts(true), start);
        tally.record_at(&Event::LookedUp, start);
        let note = "checking 2 rows of the interrupted run: 1 done";
        assert_eq!(tally.note(start), note);
        tally.record_at(&Event::LookedUp, start);
        assert_eq!(tally.note(start), "");
    }

    #[test]
    fn a_silence_is_said_while_rows_of_an_interrupted_run_wait() {
        let start = Instant::now();
        let mut tally = Tally::default();
        tally.record_at(&Event::RowsCounted(200), start);
        let in_doubt = Event::InDoubt {
            rows: 2,
            is_interrupted: true,
        };
        tally.record_at(&in_doubt, start);
        let note = tally.note(start + after(4));
        assert!(note.starts_with("checking 2 rows"), "{note}");
        let note = tally.note(start + after(9));
        assert_eq!(note, "no answer since 9 s (Ctrl-C is safe)");
    }

    #[test]
    fn a_silence_after_a_lost_answer_is_a_wait_of_our_own() {
        let start = Instant::now();
        let mut tally = Tally::default();
        tally.record_at(&Event::RowsCounted(2), start);
        tally.record_at(&Event::AnswerLost { line: 2 }, start);
        let note = tally.note(start + after(12));
        assert!(note.starts_with("waiting to be sure of requests"), "{note}");
        let note = tally.note(start + after(100));
        assert!(note.starts_with("no answer since"), "{note}");
    }

    #[test]
    fn an_outage_that_names_a_pause_is_no_rate_limit() {
        let start = Instant::now();
        let mut tally = Tally::default();
        tally.record_at(&Event::RowsCounted(10), start);
        tally.record_at(&Event::Trouble("WorkOS answers 503"), start);
        tally.record_at(&Event::Throttled(after(12)), start);
        assert_eq!(
            tally.note(start + after(3)),
            "WorkOS answers 503 since 3 s; trying again in 9 s (Ctrl-C is safe)"
        );
    }

    #[test]
    fn a_note_of_two_things_fits_80_columns() {
        let start = Instant::now();
        let mut tally = Tally::default();
        tally.record_at(&Event::RateChanged(40.0), start);
        for _ in 0..12_345 {
            tally.record_at(&Event::AnswerLost { line: 4 }, start + after(11));
        }
        let note = tally.note(start + after(12));
        assert_eq!(
            note,
            "slowed by the rate limit, speeding up again; checking 12,345 unclear answers"
        );
        assert!(note.chars().count() < 80);
    }

    #[test]
    fn notes_disappear_when_they_are_no_longer_true() {
        let start = Instant::now();
        let mut tally = Tally::default();
        tally.record_at(&Event::Throttled(after(12)), start);
        tally.record_at(&Event::RateChanged(40.0), start);
        tally.record_at(&Event::AnswerLost { line: 4 }, start);
        let note = tally.note(start);
        assert!(
            note.starts_with("rate limited by WorkOS, continuing in 12 s"),
            "{note}"
        );
        let note = tally.note(start + after(13));
        assert_eq!(note, "slowed by the rate limit, speeding up again");
        assert_eq!(tally.note(start + after(61)), "");
        tally.record_at(&Event::Throttled(after(90_000)), start);
        let note = tally.note(start);
        assert!(note.contains("long pause, continuing in 25 h"), "{note}");
    }
}
