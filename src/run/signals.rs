//! Ctrl-C, SIGTERM, SIGHUP, and the end of a Windows session.

use crate::engine::{Shutdown, StopReason};
use std::time::Duration;

/// From now on a first Ctrl-C, or SIGTERM, stops the command in order: running requests are waited
/// for, but not for long. A second Ctrl-C gives them up at once.
#[cfg(unix)]
pub fn listen(shutdown: &Shutdown) {
    use tokio::signal::unix::{SignalKind, signal};
    let ignored = ignored_signals();
    for kind in [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ] {
        // nohup, and a script that starts it in the background, ask for that.
        if ignored >> (kind.as_raw_value() - 1) & 1 == 1 {
            continue;
        }
        let on_signal = shutdown.clone();
        if let Ok(mut signals) = signal(kind) {
            tokio::spawn(async move {
                while signals.recv().await.is_some() {
                    if kind == SignalKind::interrupt() || !on_signal.is_draining() {
                        interrupt(&on_signal, Shutdown::GRACE);
                    }
                }
            });
        }
    }
}

/// The signals that the program was started to ignore, a bit each, where the system says it.
#[cfg(unix)]
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    of_status(&status)
}

/// The ignored signals in the text of `/proc/self/status`.
#[cfg(unix)]
fn of_status(status: &str) -> u64 {
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .unwrap_or_default();
    u64::from_str_radix(mask.trim(), 16).unwrap_or(0)
}

/// From now on Ctrl-C, a closed window, the end of the session or of the system stop the command in
/// order. After the last three, Windows ends the program after 5 seconds.
#[cfg(windows)]
pub fn listen(shutdown: &Shutdown) {
    const GRACE: Duration = Duration::from_secs(3);
    use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_logoff, ctrl_shutdown};
    let on_interrupt = shutdown.clone();
    if let Ok(mut interrupts) = ctrl_c() {
        tokio::spawn(async move {
            while interrupts.recv().await.is_some() {
                interrupt(&on_interrupt, Shutdown::GRACE);
            }
        });
    }
    let events = (ctrl_break(), ctrl_close(), ctrl_logoff(), ctrl_shutdown());
    let (Ok(mut stop), Ok(mut close), Ok(mut logoff), Ok(mut end)) = events else {
        return;
    };
    let on_end = shutdown.clone();
    tokio::spawn(async move {
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

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_signals_that_are_ignored_are_a_mask() {
        let status = "Name:\tworkos-orgs\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\n";
        assert_eq!(of_status(status), 0x1001);
        assert_eq!(of_status(""), 0);
    }
}
