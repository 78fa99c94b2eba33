//! Results over time: the facts of the chart. Only what the journal records is said.

use super::facts::{Group, Quiet, Requests, Slot, Timeline, TimelineRun};
use super::history::{ResultAt, RunHistory};
use jiff::Timestamp;

/// How many slots a chart has at most.
const SLOTS: f64 = 150.0;
/// How many runs a chart shows at most.
const RUNS: usize = 12;
/// Lengths of a slot, in seconds.
const STEPS: [f64; 17] = [
    0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0,
    21_600.0, 86_400.0,
];
/// A span without results is noted from this many seconds.
const QUIET: f64 = 5.0;
/// How many quiet spans of a run are noted, longest first.
const QUIET_SPANS: usize = 6;

/// The results of these runs over time.
pub(super) fn timeline(history: &[RunHistory]) -> Timeline {
    let with_results = history
        .iter()
        .enumerate()
        .filter(|(_, run)| !run.results.is_empty());
    let with_results: Vec<_> = with_results.collect();
    let omitted_runs = with_results.len().saturating_sub(RUNS);
    let shown = with_results.get(omitted_runs..).unwrap_or_default();
    let total: f64 = shown.iter().map(|(_, run)| length(run)).sum();
    let slot_seconds = slot_seconds(total);
    Timeline {
        slot_seconds,
        runs: shown
            .iter()
            .map(|(place, run)| timeline_run(*place, run, slot_seconds))
            .collect(),
        omitted_runs,
    }
}

/// The shortest step that needs no more slots than a chart has.
fn slot_seconds(total: f64) -> f64 {
    let mut fitting = STEPS.into_iter().filter(|step| total / step <= SLOTS);
    fitting.next().unwrap_or_else(|| (total / SLOTS).ceil())
}

fn length(run: &RunHistory) -> f64 {
    since(run.started, run.last_sign)
}

fn since(start: Timestamp, at: Timestamp) -> f64 {
    at.duration_since(start).as_secs_f64().max(0.0)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative, and no larger than a chart"
)]
const fn whole(number: f64) -> usize {
    number as usize
}

fn timeline_run(place: usize, run: &RunHistory, slot_seconds: f64) -> TimelineRun {
    let slot_of = |at: Timestamp| whole(since(run.started, at) / slot_seconds);
    let mut slots = vec![Slot::default(); slot_of(run.last_sign).saturating_add(1)];
    for result in &run.results {
        if let Some(slot) = slots.get_mut(slot_of(result.at)) {
            slot.add(result);
        }
    }
    for lost in &run.lost_answers {
        if let Some(slot) = slots.get_mut(slot_of(*lost)) {
            slot.lost_answers += 1;
        }
    }
    for pause in &run.pauses {
        if let Some(slot) = slots.get_mut(slot_of(*pause)) {
            slot.pauses += 1;
        }
    }
    TimelineRun {
        run: place,
        started: run.started,
        seconds: length(run),
        is_interrupted: !run.has_ended,
        slots,
        quiet: quiet(run),
    }
}

impl Slot {
    const fn add(&mut self, result: &ResultAt) {
        match result.group {
            Group::Done | Group::Deleted => self.done += 1,
            Group::Attention => self.attention += 1,
            Group::Again | Group::Unsent => self.again += 1,
        }
        if result.attempts > 1 {
            self.repeated += 1;
        }
    }
}

/// The longest spans of a run without results, in order.
fn quiet(run: &RunHistory) -> Vec<Quiet> {
    let mut times: Vec<f64> = run
        .results
        .iter()
        .map(|result| since(run.started, result.at))
        .collect();
    times.sort_by(f64::total_cmp);
    let mut from = 0.0;
    let mut spans = Vec::new();
    for at in times {
        if at - from >= QUIET {
            spans.push(Quiet {
                from,
                seconds: at - from,
            });
        }
        from = at;
    }
    spans.sort_by(|one, other| other.seconds.total_cmp(&one.seconds));
    spans.truncate(QUIET_SPANS);
    spans.sort_by(|one, other| one.from.total_cmp(&other.from));
    spans
}

/// The requests of these runs. `limit` is what WorkOS allows in a minute.
pub(super) fn requests(history: &[RunHistory], limit: Option<u64>) -> Requests {
    let results = || history.iter().flat_map(|run| &run.results);
    let lost = history.iter().map(|run| run.lost_answers.len() as u64);
    Requests {
        attempts: results().map(|result| u64::from(result.attempts)).sum(),
        repeated_rows: results().filter(|result| result.attempts > 1).count() as u64,
        lost_answers: lost.sum(),
        busiest_minute: busiest_minute(results().copied().collect()),
        limit,
    }
}

/// The most attempts of rows that finished within 60 seconds.
fn busiest_minute(mut results: Vec<ResultAt>) -> u64 {
    results.sort_by_key(|result| result.at);
    let (mut most, mut sum) = (0, 0);
    let mut oldest = results.iter().peekable();
    for result in &results {
        sum += u64::from(result.attempts);
        while let Some(old) = oldest.next_if(|old| since(old.at, result.at) >= 60.0) {
            sum -= u64::from(old.attempts);
        }
        most = most.max(sum);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Command;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(1_795_000_000_000 + milliseconds).unwrap()
    }

    fn run(results: &[(i64, Group, u32)], last_sign: i64) -> RunHistory {
        let results = results.iter().map(|&(ms, group, attempts)| ResultAt {
            at: at(ms),
            group,
            attempts,
        });
        RunHistory {
            command: Command::Import,
            program: "workos-orgs 0.1.0".to_owned(),
            started: at(0),
            last_sign: at(last_sign),
            has_ended: true,
            is_finished: true,
            results: results.collect(),
            lost_answers: vec![at(1_550)],
            pauses: vec![at(1_650)],
        }
    }

    #[test]
    fn results_are_counted_in_slots() {
        let run = run(
            &[
                (150, Group::Done, 1),
                (950, Group::Done, 2),
                (1_250, Group::Attention, 1),
            ],
            2_500,
        );
        let timeline = timeline(&[run]);
        let slots = &timeline.runs[0].slots;
        assert_eq!(slots.len(), 26, "0.1 s each");
        assert_eq!((slots[1].done, slots[9].done), (1, 1));
        assert_eq!((slots[1].repeated, slots[9].repeated), (0, 1));
        assert_eq!((slots[12].attention, slots[15].lost_answers), (1, 1));
        assert_eq!((slots[15].pauses, slots[16].pauses), (0, 1));
    }

    #[test]
    fn a_day_has_no_more_slots_than_the_chart() {
        let timeline = timeline(&[run(&[(100, Group::Done, 1)], 86_400_000)]);
        assert!(timeline.runs[0].slots.len() <= 151, "{timeline:?}");
    }

    #[test]
    fn spans_without_results_are_noted() {
        let run = run(&[(0, Group::Done, 1), (12_000, Group::Done, 1)], 12_000);
        let quiet = quiet(&run);
        assert_eq!(quiet.len(), 1);
        assert!((quiet[0].seconds - 12.0).abs() < 0.01);
    }

    #[test]
    fn the_busiest_minute_is_found_across_its_borders() {
        let results: Vec<_> = (0..10).map(|n| (n * 20_000, Group::Done, 2)).collect();
        let requests = requests(&[run(&results, 200_000)], Some(6_000));
        assert_eq!((requests.attempts, requests.busiest_minute), (20, 6));
    }
}
