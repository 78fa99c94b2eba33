//! Ctrl-C, SIGTERM, and the end of a Windows session.

use crate::engine::{Shutdown, StopReason};
use std::time::Duration;

/// From now on a first Ctrl-C, or SIGTERM, stops the run in order: running requests are waited
/// for, but not for long. A second Ctrl-C gives them up at once.
pub(crate) fn listen(shutdown: &Shutdown) {
    let on_interrupt = shutdown.clone();
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            interrupt(&on_interrupt, Shutdown::GRACE);
        }
    });
    #[cfg(unix)]
    for kind in [
        tokio::signal::unix::SignalKind::terminate(),
        tokio::signal::unix::SignalKind::hangup(),
    ] {
        let on_terminate = shutdown.clone();
        if let Ok(mut terminate) = tokio::signal::unix::signal(kind) {
            tokio::spawn(async move {
                while terminate.recv().await.is_some() {
                    if !on_terminate.is_draining() {
                        interrupt(&on_terminate, Shutdown::GRACE);
                    }
                }
            });
        }
    }
    #[cfg(windows)]
    stop_at_end_of_session(shutdown);
}

/// The window is closed, the user signs out, or the system shuts down: Windows then ends the
/// program after 5 seconds.
#[cfg(windows)]
fn stop_at_end_of_session(shutdown: &Shutdown) {
    const GRACE: Duration = Duration::from_secs(3);
    use tokio::signal::windows::{ctrl_break, ctrl_close, ctrl_logoff, ctrl_shutdown};
    let on_end = shutdown.clone();
    tokio::spawn(async move {
        let events = (ctrl_break(), ctrl_close(), ctrl_logoff(), ctrl_shutdown());
        let (Ok(mut stop), Ok(mut close), Ok(mut logoff), Ok(mut end)) = events else {
            return;
        };
        loop {
            let grace = tokio::select! {
                _ = stop.recv() => Shutdown::GRACE,
                _ = close.recv() => GRACE,
                _ = logoff.recv() => GRACE,
                _ = end.recv() => GRACE,
            };
            if !on_end.is_draining() {
                interrupt(&on_end, grace);
            }
        }
    });
}

fn interrupt(shutdown: &Shutdown, grace: Duration) {
    if !shutdown.is_draining() {
        let deadline = shutdown.clone();
        tokio::spawn(async move {
            tokio::time::sleep(grace).await;
            deadline.drain(StopReason::Interrupted);
            deadline.stop_now();
        });
    }
    shutdown.interrupt();
}
