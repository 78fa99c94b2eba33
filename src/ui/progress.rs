//! The progress bar: the only user of indicatif.

use super::Failures;
use super::tally::Tally;
use crate::engine::{Event, Observer};
use indicatif::{ProgressDrawTarget, ProgressState, ProgressStyle};
use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A bar on standard error that shows a run.
#[derive(Clone, Debug)]
#[expect(clippy::disallowed_types, reason = "this is the file that owns it")]
pub struct Bar {
    bar: indicatif::ProgressBar,
    tally: Arc<Mutex<Tally>>,
    failures: Failures,
    file: String,
}

const COUNTED: &str = "{bar:24} {human_pos}/{human_len}  {speed}  {counts}  {eta_words}{state}";
const UNCOUNTED: &str = "{spinner} {human_pos} rows  {speed}  {counts}{state}";

impl Bar {
    /// A bar for an input that the user knows under the name `file`; nothing is drawn yet.
    #[expect(clippy::disallowed_types, reason = "this is the file that owns it")]
    pub fn new(file: &str, failures: Failures) -> Self {
        let bar = Self {
            bar: indicatif::ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
            tally: Arc::default(),
            failures,
            file: file.to_owned(),
        };
        bar.bar.set_style(bar.style(UNCOUNTED));
        bar
    }

    /// Begins to draw on the terminal, once nothing else is to be said or asked there.
    pub fn show(&self) {
        self.show_on(ProgressDrawTarget::stderr_with_hz(10));
        self.bar.enable_steady_tick(Duration::from_millis(250));
    }

    fn show_on(&self, target: ProgressDrawTarget) {
        self.bar.set_draw_target(target);
        self.bar.reset_elapsed();
        self.bar.reset_eta();
        self.bar.tick();
    }

    fn style(&self, template: &str) -> ProgressStyle {
        let (counts, state) = (Arc::clone(&self.tally), Arc::clone(&self.tally));
        ProgressStyle::with_template(template)
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("━╸─")
            .with_key("speed", |state: &ProgressState, out: &mut dyn Write| {
                let _ = write!(out, "{:.0}/s", state.per_sec());
            })
            .with_key("eta_words", |state: &ProgressState, out: &mut dyn Write| {
                if state.pos() > 0 && !state.is_finished() {
                    let _ = write!(out, "{} left", super::text::duration(state.eta()));
                }
            })
            .with_key("counts", move |_: &ProgressState, out: &mut dyn Write| {
                let _ = out.write_str(&lock(&counts).counts());
            })
            .with_key("state", move |_: &ProgressState, out: &mut dyn Write| {
                let text = lock(&state).state();
                if !text.is_empty() {
                    let _ = write!(out, "  · {text}");
                }
            })
    }

    /// Writes a line above the bar.
    pub fn line(&self, text: &str) {
        self.bar.println(text);
    }

    /// Takes the bar off the screen.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl Observer for Bar {
    fn observe(&mut self, event: &Event<'_>) {
        lock(&self.tally).take(event);
        match event {
            Event::RowsCounted(rows) => {
                self.bar.set_length(*rows);
                self.bar.set_style(self.style(COUNTED));
            }
            Event::RowFinished { line, name, record } => {
                self.bar.inc(1);
                if let Some(text) = self.failures.take(&self.file, *line, name, record) {
                    self.line(&text);
                }
            }
            Event::Draining(reason) => self.line(&super::tally::why(reason)),
            _ => {}
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
