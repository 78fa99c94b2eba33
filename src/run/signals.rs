//! Ctrl-C and SIGTERM.

use crate::engine::{Shutdown, StopReason};

/// From now on a first Ctrl-C, or SIGTERM, stops the run in order: running requests are waited
/// for, but not for long. A second Ctrl-C gives them up at once.
pub(crate) fn listen(shutdown: &Shutdown) {
    let on_interrupt = shutdown.clone();
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            interrupt(&on_interrupt);
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
                        interrupt(&on_terminate);
                    }
                }
            });
        }
    }
}

fn interrupt(shutdown: &Shutdown) {
    if !shutdown.is_draining() {
        let deadline = shutdown.clone();
        tokio::spawn(async move {
            tokio::time::sleep(Shutdown::GRACE).await;
            deadline.drain(StopReason::Interrupted);
            deadline.stop_now();
        });
    }
    shutdown.interrupt();
}
