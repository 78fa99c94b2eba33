//! Ctrl-C and SIGTERM.

use crate::engine::{Shutdown, StopReason};

/// From now on a first Ctrl-C, or SIGTERM, drains the run, and a second Ctrl-C drops what is in
/// flight.
pub(super) fn listen(shutdown: &Shutdown) {
    let on_interrupt = shutdown.clone();
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            on_interrupt.interrupt();
        }
    });
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let on_terminate = shutdown.clone();
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::spawn(async move {
                while terminate.recv().await.is_some() {
                    on_terminate.drain(StopReason::Interrupted);
                }
            });
        }
    }
}
