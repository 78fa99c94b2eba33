//! The chart of results over time: where each bar and mark is, for a picture 960 wide.

use super::facts::{Quiet, Slot, Timeline, TimelineRun};
use super::words::{clock, day, seconds_in_words};

const LEFT: f64 = 52.0;
const RIGHT: f64 = 952.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 176.0;
/// The width of a time below the chart.
const LABEL: f64 = 80.0;
/// The space between two runs.
const GAP: f64 = 46.0;
/// The widest slot.
const WIDEST: f64 = 40.0;
/// A quiet span has its words inside from this width.
const WORDS: f64 = 92.0;

/// A chart, ready to be drawn.
#[derive(Debug, Default)]
pub(super) struct Chart {
    pub(super) bars: Vec<Bar>,
    pub(super) lines: Vec<Line>,
    pub(super) spans: Vec<Span>,
    pub(super) breaks: Vec<Break>,
    pub(super) starts: Vec<Label>,
    /// Where the last of them begins.
    labelled_at: f64,
    pub(super) marks: Vec<Mark>,
    /// What is in the chart, in a sentence.
    pub(super) description: String,
}

/// A part of a bar.
#[derive(Debug)]
pub(super) struct Bar {
    pub(super) class: &'static str,
    pub(super) x: String,
    pub(super) y: String,
    pub(super) width: String,
    pub(super) height: String,
}

/// A line of the scale.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) y: String,
    pub(super) text_y: String,
    pub(super) label: String,
}

/// A span without results.
#[derive(Debug)]
pub(super) struct Span {
    pub(super) x: String,
    pub(super) width: String,
    pub(super) middle: String,
    pub(super) words: String,
    pub(super) has_room: bool,
}

/// The space between two runs.
#[derive(Debug)]
pub(super) struct Break {
    pub(super) x: String,
    /// How long it took until the next run.
    pub(super) words: String,
    pub(super) is_interruption: bool,
}

/// A text below the chart.
#[derive(Debug)]
pub(super) struct Label {
    pub(super) x: String,
    pub(super) text: String,
}

/// A mark below a slot.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) class: &'static str,
    pub(super) x: String,
    pub(super) words: String,
}

/// The chart of a timeline; `None` where there were no results.
pub(super) fn chart(timeline: &Timeline) -> Option<Chart> {
    let slots: usize = timeline.runs.iter().map(|run| run.slots.len()).sum();
    let runs = timeline.runs.len();
    if slots == 0 {
        return None;
    }
    let gaps = GAP * runs.saturating_sub(1) as f64;
    let slot_width = ((RIGHT - LEFT - gaps) / slots as f64).min(WIDEST);
    let busiest = timeline
        .runs
        .iter()
        .flat_map(|run| &run.slots)
        .map(|slot| slot.done + slot.attention + slot.again)
        .max();
    let rate = f64::from(busiest.unwrap_or(0)) / timeline.slot_seconds;
    let scale = Scale {
        slot_width,
        slot_seconds: timeline.slot_seconds,
        most: nice(rate),
    };
    let mut chart = Chart {
        lines: scale.lines(),
        description: description(timeline, rate),
        ..Chart::default()
    };
    let mut x = LEFT;
    let mut before: Option<&TimelineRun> = None;
    for run in &timeline.runs {
        if let Some(before) = before {
            chart.breaks.push(break_between(before, run, x - GAP / 2.0));
        }
        chart.add(run, &scale, x);
        x += run.slots.len() as f64 * slot_width + GAP;
        before = Some(run);
    }
    if let Some(last) = before.filter(|run| run.is_interrupted) {
        chart.breaks.push(Break {
            x: number((x - GAP + 4.0).min(RIGHT)),
            words: format!("no end recorded, {}", clock(last.started)),
            is_interruption: true,
        });
    }
    Some(chart)
}

/// From seconds and rows to places.
struct Scale {
    slot_width: f64,
    slot_seconds: f64,
    /// Rows per second at the top.
    most: f64,
}

impl Scale {
    fn height(&self, rows: u32) -> f64 {
        let rate = f64::from(rows) / self.slot_seconds;
        rate / self.most * (BOTTOM - TOP)
    }

    fn lines(&self) -> Vec<Line> {
        let parts = [0.0, 0.5, 1.0];
        parts
            .into_iter()
            .map(|part| {
                let y = BOTTOM - part * (BOTTOM - TOP);
                Line {
                    y: number(y),
                    text_y: number(y + 4.0),
                    label: number(part * self.most),
                }
            })
            .collect()
    }
}

impl Chart {
    /// Whether there is a bar of this class.
    pub(super) fn has_bar(&self, class: &str) -> bool {
        self.bars.iter().any(|bar| bar.class == class)
    }

    /// Whether there is a mark of this class.
    pub(super) fn has_mark(&self, class: &str) -> bool {
        self.marks.iter().any(|mark| mark.class == class)
    }

    fn add(&mut self, run: &TimelineRun, scale: &Scale, start: f64) {
        for (index, slot) in run.slots.iter().enumerate() {
            let x = start + index as f64 * scale.slot_width;
            self.add_bars(*slot, scale, x);
            self.add_marks(*slot, &number(x + scale.slot_width / 2.0));
        }
        self.spans
            .extend(run.quiet.iter().map(|quiet| span(quiet, scale, start)));
        // Of runs that follow each other closely, only the first has room for its time.
        if self.starts.is_empty() || start - self.labelled_at >= LABEL {
            self.labelled_at = start;
            self.starts.push(Label {
                x: number(start),
                text: clock(run.started),
            });
        }
    }

    /// The parts of a bar, from the bottom up.
    fn add_bars(&mut self, slot: Slot, scale: &Scale, x: f64) {
        let parts = [
            ("bar-done", slot.done),
            ("bar-attention", slot.attention),
            ("bar-again", slot.again),
        ];
        let mut y = BOTTOM;
        for (class, rows) in parts.into_iter().filter(|(_, rows)| *rows > 0) {
            // A single failed row must not vanish beside thousands.
            let height = scale.height(rows).max(2.0);
            y -= height;
            self.bars.push(Bar {
                class,
                x: number(x),
                y: number(y),
                width: number((scale.slot_width - 1.0).max(scale.slot_width * 0.7)),
                height: number(height),
            });
        }
    }

    fn add_marks(&mut self, slot: Slot, x: &str) {
        let lost = "requests without a clear answer";
        let marks = [
            ("mark-repeated", slot.repeated, "rows sent more than once"),
            ("mark-lost", slot.lost_answers, lost),
            (
                "mark-pause",
                slot.pauses,
                "pauses that WorkOS asked for (429)",
            ),
        ];
        let present = marks.into_iter().filter(|(_, count, _)| *count > 0);
        self.marks.extend(present.map(|(class, count, what)| Mark {
            class,
            x: x.to_owned(),
            words: format!("{what}: {count}"),
        }));
    }
}

fn span(quiet: &Quiet, scale: &Scale, start: f64) -> Span {
    let per_second = scale.slot_width / scale.slot_seconds;
    let (x, width) = (start + quiet.from * per_second, quiet.seconds * per_second);
    Span {
        x: number(x),
        width: number(width),
        middle: number(x + width / 2.0),
        words: format!("no results for {}", seconds_in_words(quiet.seconds)),
        has_room: width >= WORDS,
    }
}

fn break_between(before: &TimelineRun, after: &TimelineRun, x: f64) -> Break {
    let end = before.started.as_millisecond() as f64 / 1000.0 + before.seconds;
    let pause = (after.started.as_millisecond() as f64 / 1000.0 - end).max(0.0);
    Break {
        x: number(x),
        words: format!("{} later", seconds_in_words(pause)),
        is_interruption: before.is_interrupted,
    }
}

fn description(timeline: &Timeline, rate: f64) -> String {
    let runs = match timeline.runs.len() {
        1 => "one run".to_owned(),
        runs => format!("{runs} runs"),
    };
    let started = timeline.runs.first().map(|run| day(run.started));
    let interrupted = timeline.runs.iter().filter(|run| run.is_interrupted);
    let interrupted = match interrupted.count() {
        0 => String::new(),
        1 => ", one of them interrupted".to_owned(),
        count => format!(", {count} of them interrupted"),
    };
    format!(
        "Results per second of {runs}{interrupted}, from {}. At most {} per second.",
        started.unwrap_or_default(),
        number(rate)
    )
}

/// The next number above that is easy to read.
fn nice(most: f64) -> f64 {
    let power = 10_f64.powf(most.max(1.0).log10().floor());
    let steps = [1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    let mut fitting = steps.into_iter().map(|step| step * power);
    fitting.find(|step| *step >= most).unwrap_or(most)
}

/// A number with at most one digit after the point.
fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn run(started: i64, slots: &[u32], is_interrupted: bool) -> TimelineRun {
        TimelineRun {
            run: 0,
            started: Timestamp::from_second(started).unwrap(),
            seconds: slots.len() as f64,
            is_interrupted,
            slots: slots
                .iter()
                .map(|&done| Slot {
                    done,
                    ..Slot::default()
                })
                .collect(),
            quiet: Vec::new(),
        }
    }

    #[test]
    fn everything_is_inside_the_picture() {
        let timeline = Timeline {
            slot_seconds: 1.0,
            runs: vec![run(0, &[90; 60], true), run(7_200, &[10; 90], false)],
            omitted_runs: 0,
        };
        let chart = chart(&timeline).unwrap();
        assert_eq!(chart.bars.len(), 150);
        for bar in &chart.bars {
            let [x, y, width, height] =
                [&bar.x, &bar.y, &bar.width, &bar.height].map(|n| n.parse::<f64>().unwrap());
            assert!(x >= LEFT && x + width <= RIGHT + 0.1, "{bar:?}");
            assert!(y >= TOP && y + height <= BOTTOM + 0.1, "{bar:?}");
        }
        assert_eq!(chart.breaks.len(), 1);
        assert!(chart.breaks[0].is_interruption);
        assert_eq!(chart.breaks[0].words, "1 h 59 min later");
    }

    #[test]
    fn without_results_there_is_no_chart() {
        assert!(chart(&Timeline::default()).is_none());
    }

    #[test]
    fn the_scale_is_easy_to_read() {
        let tops = [0.4, 1.0, 87.0, 101.0].map(|most| number(nice(most)));
        assert_eq!(tops, ["1", "1", "100", "150"]);
    }
}
