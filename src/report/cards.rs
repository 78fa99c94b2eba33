//! The parts of a page, as texts that are ready to be shown.

use super::data::{status_name, statuses};
use super::facts::{Cause, DuplicateFacts, Facts, Group, RowFacts, RunState};
use super::words::{brief, moment, seconds_in_words, shown};
use crate::results::Status;
use crate::text::{counted, grouped};

/// How many rows the plain table holds.
const STATIC_ROWS: usize = 1_000;
/// How many causes, and how many duplicates, have a card.
const CARDS: usize = 20;
/// How many characters of a code or an id a card shows.
const WORD: usize = 80;
/// How many characters of a message a card shows.
const MESSAGE: usize = 500;

/// A part of the outcome bar.
pub(super) struct Segment {
    pub(super) group: &'static str,
    pub(super) x: String,
    pub(super) width: String,
    pub(super) count: String,
    pub(super) words: String,
}

pub(super) struct CauseCard {
    pub(super) group: &'static str,
    pub(super) title: String,
    pub(super) count: String,
    pub(super) tag: String,
    pub(super) meaning: &'static str,
    pub(super) advice: &'static str,
    pub(super) command: Option<String>,
    pub(super) message_label: &'static str,
    pub(super) message: String,
    pub(super) request_ids: Vec<String>,
    pub(super) rows: Vec<RowLine>,
    pub(super) query: String,
}

/// A row in a card.
pub(super) struct RowLine {
    pub(super) place: String,
    pub(super) name: String,
    pub(super) domains: String,
    /// What was changed of its organization; blank where nothing was.
    pub(super) changes: String,
}

pub(super) struct DuplicateCard {
    pub(super) rows: String,
    pub(super) name: String,
    pub(super) owned: String,
    pub(super) unowned: String,
}

pub(super) struct RunLine {
    pub(super) command: String,
    pub(super) started: String,
    pub(super) took: String,
    pub(super) results: String,
    pub(super) end: &'static str,
}

pub(super) struct CleanedCard {
    pub(super) title: String,
    pub(super) count: String,
    pub(super) samples: Vec<SampleLine>,
}

pub(super) struct SampleLine {
    pub(super) place: String,
    pub(super) from: String,
    pub(super) to: String,
}

pub(super) struct KeptCard {
    pub(super) title: &'static str,
    pub(super) meaning: &'static str,
    pub(super) count: String,
    pub(super) rows: Vec<RowLine>,
}

pub(super) struct StaticRow {
    pub(super) place: String,
    pub(super) group: &'static str,
    pub(super) status: &'static str,
    pub(super) name: String,
    pub(super) domains: String,
    pub(super) external_id: String,
    pub(super) message: String,
}

pub(super) struct Chip {
    pub(super) status: String,
    pub(super) group: &'static str,
    pub(super) name: &'static str,
    pub(super) count: String,
}

pub(super) fn segments(facts: &Facts) -> Vec<Segment> {
    let all = facts.totals.rows.max(1) as f64;
    let present = Group::ALL
        .into_iter()
        .filter(|group| facts.totals.of(*group) > 0);
    let present: Vec<_> = present.collect();
    // The smallest part stays visible, whatever its share.
    let weights: Vec<f64> = present
        .iter()
        .map(|group| (facts.totals.of(*group) as f64 / all * 1000.0).max(8.0))
        .collect();
    let sum: f64 = weights.iter().sum();
    let gaps = 3.0 * present.len().saturating_sub(1) as f64;
    let mut x = 0.0;
    let mut segments = Vec::new();
    for (group, weight) in present.into_iter().zip(weights) {
        let width = weight / sum * (1000.0 - gaps);
        let count = facts.totals.of(group);
        segments.push(Segment {
            group: group.name(),
            x: format!("{x:.1}"),
            width: format!("{width:.1}"),
            count: grouped(count),
            words: format!("{} ({})", group.words(), percent(count, facts.totals.rows)),
        });
        x += width + 3.0;
    }
    segments
}

/// A share that says neither 0 % nor 100 % unless it is.
fn percent(count: u64, all: u64) -> String {
    let share = count as f64 / all.max(1) as f64 * 100.0;
    match share {
        _ if count == all => "100 %".to_owned(),
        share if share < 0.1 => "under 0.1 %".to_owned(),
        share if share > 99.9 => "over 99.9 %".to_owned(),
        share if !(10.0..=90.0).contains(&share) => format!("{share:.1} %"),
        share => format!("{share:.0} %"),
    }
}

pub(super) fn bar_label(segments: &[Segment]) -> String {
    let parts = segments.iter();
    let parts: Vec<_> = parts
        .map(|segment| format!("{} {}", segment.count, segment.words))
        .collect();
    parts.join(", ")
}

/// `line 42`, or the number of a row that the results file does not have.
fn place(row: &RowFacts) -> String {
    match row.line {
        Some(line) => format!("line {}", grouped(line)),
        None => format!("row {}", grouped(row.row)),
    }
}

impl RowLine {
    fn new(row: &RowFacts) -> Self {
        Self {
            place: place(row),
            name: shown(&row.name),
            domains: shown(&row.domains.join(", ")),
            changes: brief(row.changes.as_deref().unwrap_or_default(), MESSAGE),
        }
    }

    fn all(places: &[usize], facts: &Facts) -> Vec<Self> {
        let rows = places.iter().filter_map(|place| facts.rows.get(*place));
        rows.map(Self::new).collect()
    }
}

impl CauseCard {
    fn new(cause: &Cause, facts: &Facts) -> Self {
        let code = cause.code.as_deref().map(|code| brief(code, WORD));
        let http = cause.http_status.map(|status| format!("HTTP {status}"));
        let tag = [Some(cause.status.name().to_owned()), code.clone(), http];
        let rows = RowLine::all(&cause.first_rows, facts);
        let has_more = cause.count > rows.len() as u64;
        Self {
            group: cause.group.name(),
            title: cause.title.clone(),
            count: grouped(cause.count),
            tag: tag.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            meaning: cause.meaning,
            advice: cause.advice,
            command: cause
                .command
                .clone()
                .filter(|command| facts.next.command.as_ref() != Some(command)),
            message_label: match cause.status {
                // Their messages are our own.
                Status::Invalid | Status::Unknown => "Message:",
                _ if cause.http_status.is_some() || cause.code.is_some() => "WorkOS says:",
                _ => "Message:",
            },
            message: brief(cause.message.as_deref().unwrap_or_default(), MESSAGE),
            request_ids: cause.request_ids.iter().map(|id| brief(id, WORD)).collect(),
            rows,
            query: if has_more {
                format!(
                    "status:{} cause:\"{}\"",
                    cause.status,
                    cause.title.to_lowercase()
                )
            } else {
                String::new()
            },
        }
    }
}

/// The cards of the largest causes.
pub(super) fn causes(facts: &Facts) -> Vec<CauseCard> {
    let causes = facts.causes.iter().take(CARDS);
    causes.map(|cause| CauseCard::new(cause, facts)).collect()
}

/// The cards of the first duplicates.
pub(super) fn duplicates(facts: &Facts) -> Vec<DuplicateCard> {
    let duplicates = facts.duplicates.iter().take(CARDS);
    duplicates.map(DuplicateCard::new).collect()
}

impl DuplicateCard {
    fn new(duplicate: &DuplicateFacts) -> Self {
        let ids = |ids: &[String]| match ids {
            [] => "none".to_owned(),
            ids => ids
                .iter()
                .map(|id| shown(id))
                .collect::<Vec<_>>()
                .join(", "),
        };
        let numbers: Vec<_> = duplicate.rows.iter().map(ToString::to_string).collect();
        let noun = if numbers.len() == 1 { "row" } else { "rows" };
        Self {
            rows: format!("{noun} {}", numbers.join(", ")),
            name: duplicate.name.as_deref().map(shown).unwrap_or_default(),
            owned: ids(&duplicate.owned),
            unowned: ids(&duplicate.unowned),
        }
    }
}

/// How many causes and duplicates have no card; blank if all have one.
pub(super) fn more_causes(facts: &Facts) -> String {
    let more = |count: usize, noun| {
        let more = count.saturating_sub(CARDS) as u64;
        (more > 0).then(|| counted(more, noun))
    };
    let causes = more(facts.causes.len(), "smaller cause");
    let duplicates = more(facts.duplicates.len(), "possible duplicate");
    let parts: Vec<_> = causes.into_iter().chain(duplicates).collect();
    match parts.as_slice() {
        [] => String::new(),
        parts => format!("Not shown: {}.", parts.join(" and ")),
    }
}

pub(super) fn chart_note(facts: &Facts) -> String {
    let slot = seconds_in_words(facts.timeline.slot_seconds);
    let omitted = match facts.timeline.omitted_runs {
        0 => String::new(),
        count => format!(" {} are not shown.", counted(count as u64, "earlier run")),
    };
    format!(
        "Each bar is {slot}; times are UTC.{omitted} The journal records results, requests without a clear answer, and pauses that WorkOS asked for."
    )
}

pub(super) fn run_lines(facts: &Facts) -> Vec<RunLine> {
    let last = facts.runs.len();
    facts
        .runs
        .iter()
        .enumerate()
        .map(|(index, run)| RunLine {
            command: run.command.clone(),
            started: moment(run.started),
            took: seconds_in_words(run.last_sign.duration_since(run.started).as_secs_f64()),
            results: grouped(run.results),
            end: match (run.has_ended, run.is_finished) {
                (true, true) => "finished",
                (true, false) if run.command == "retry" => "ended",
                (true, false) => "stopped before the end of the list",
                (false, _) if index + 1 == last && facts.state == RunState::Running => "running",
                (false, _) => "interrupted",
            },
        })
        .collect()
}

pub(super) fn cleaned(facts: &Facts) -> Vec<CleanedCard> {
    let cleaned = facts.cleaned.iter();
    let capitalized = |text: &str| {
        let mut rest = text.chars();
        let first = rest.next().map(|c| c.to_uppercase().to_string());
        first.unwrap_or_default() + rest.as_str()
    };
    cleaned
        .map(|cleaned| CleanedCard {
            title: capitalized(cleaned.title),
            count: grouped(cleaned.count),
            samples: cleaned
                .samples
                .iter()
                .map(|sample| SampleLine {
                    place: format!("line {}", grouped(sample.line)),
                    from: shown(&sample.from),
                    to: match sample.to.as_str() {
                        "" => "blank".to_owned(),
                        to => shown(to),
                    },
                })
                .collect(),
        })
        .collect()
}

pub(super) fn kept(facts: &Facts) -> Vec<KeptCard> {
    let kept = facts.kept.iter();
    kept.map(|kept| {
        let (title, meaning) = match kept.status {
            Status::Updated => ("Updated", "Changed to the values of the row."),
            Status::Merged => ("Merged", "Another row has the same organization."),
            Status::Deleted => ("Deleted", "Undo has deleted the organization."),
            _ => ("Left alone", "Already in WorkOS with the same values."),
        };
        KeptCard {
            title,
            meaning,
            count: grouped(kept.count),
            rows: RowLine::all(&kept.first_rows, facts),
        }
    })
    .collect()
}

/// The rows that are not done, and a note if there are more of them.
pub(super) fn static_rows(facts: &Facts) -> (Vec<StaticRow>, String) {
    let open = || {
        let rows = facts.rows.iter();
        rows.filter(|row| matches!(row.group(), Group::Attention | Group::Again))
    };
    let rows: Vec<_> = open()
        .take(STATIC_ROWS)
        .map(|row| StaticRow::new(row, facts))
        .collect();
    let all = open().count();
    let note = if all > rows.len() {
        format!(
            "The first {} of {} that are not done. The others are in the results file.",
            grouped(rows.len() as u64),
            counted(all as u64, "row")
        )
    } else {
        "The rows that are not done. All rows are in the results file.".to_owned()
    };
    (rows, note)
}

impl StaticRow {
    fn new(row: &RowFacts, facts: &Facts) -> Self {
        let cause = row.cause.and_then(|cause| facts.causes.get(cause));
        let title = cause.map(|cause| cause.title.clone());
        Self {
            place: place(row).replace("line ", ""),
            group: row.group().name(),
            status: status_name(row.status),
            name: shown(&row.name),
            domains: shown(&row.domains.join(", ")),
            external_id: row.external_id.as_deref().map(shown).unwrap_or_default(),
            message: match &row.message {
                Some(message) => shown(message),
                None => title.unwrap_or_default(),
            },
        }
    }
}

pub(super) fn chips(facts: &Facts) -> Vec<Chip> {
    let with_counts = statuses().filter_map(|status| {
        let name = status.map_or("not_sent", Status::name);
        let count = facts.counts.get(name)?;
        Some(Chip {
            status: name.to_owned(),
            group: Group::of(status).name(),
            name: status_name(status),
            count: grouped(*count),
        })
    });
    with_counts.collect()
}
