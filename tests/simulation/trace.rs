//! What happened in a story, for the reader of a violation, and how often each kind of thing.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex};
use tokio::time::Instant;

/// How often each kind of thing happened.
pub(crate) type Counts = BTreeMap<&'static str, u64>;

/// A log of one story, shared by all that takes part in it.
#[derive(Clone, Debug)]
pub(crate) struct Trace {
    inner: Arc<Mutex<Inner>>,
    started: Instant,
}

#[derive(Debug, Default)]
struct Inner {
    lines: Vec<String>,
    counts: Counts,
}

impl Trace {
    pub(crate) fn new() -> Self {
        Self {
            inner: Arc::default(),
            started: Instant::now(),
        }
    }

    pub(crate) fn say(&self, text: impl AsRef<str>) {
        let seconds = self.started.elapsed().as_secs_f64();
        let line = format!("{seconds:9.2} {}", text.as_ref());
        self.inner.lock().unwrap().lines.push(line);
    }

    pub(crate) fn count(&self, what: &'static str) {
        *self.inner.lock().unwrap().counts.entry(what).or_default() += 1;
    }

    /// Counts a fault and logs it.
    pub(crate) fn fault(&self, what: &'static str, detail: impl AsRef<str>) {
        self.count(what);
        self.say(format!("  ! {what} {}", detail.as_ref()));
    }

    pub(crate) fn counts(&self) -> Counts {
        self.inner.lock().unwrap().counts.clone()
    }

    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for line in &self.inner.lock().unwrap().lines {
            let _ = writeln!(text, "{line}");
        }
        text
    }
}
