//! A thread that does something at intervals, so that what is shown stays true while nothing happens.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// Ticks until it is dropped.
#[derive(Debug)]
pub(super) struct Ticker {
    _stop: Sender<()>,
}

impl Ticker {
    /// Calls `tick` at this interval.
    pub(super) fn new(every: Duration, mut tick: impl FnMut() + Send + 'static) -> Self {
        let (stop, stopped) = channel();
        let thread = std::thread::Builder::new().name("ticker".to_owned());
        // Without a thread the line moves with events alone.
        let _ = thread.spawn(move || {
            while stopped.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                tick();
            }
        });
        Self { _stop: stop }
    }
}
