//! A bounded log of requests, and a way to wait for them.

use axum::http::Method;
use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;
use tokio::sync::Notify;

/// A request that was finished: answered, or dropped by a fault.
#[derive(Clone, Debug)]
pub struct ArrivedRequest {
    /// When its head had been read.
    pub arrived: Instant,
    /// Its method.
    pub method: Method,
    /// Its path and query, as sent.
    pub path: Cow<'static, str>,
    /// The status of the response; `None` if a fault closed the connection.
    pub status: Option<u16>,
}

/// The log and two counters. Without a log, only the counters.
#[derive(Debug)]
pub(super) struct RequestLog {
    capacity: usize,
    entries: Mutex<VecDeque<ArrivedRequest>>,
    arrived: AtomicU64,
    finished: AtomicU64,
    changed: Notify,
}

impl RequestLog {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            entries: Mutex::default(),
            arrived: AtomicU64::new(0),
            finished: AtomicU64::new(0),
            changed: Notify::new(),
        }
    }

    /// Whether entries are kept at all.
    pub(super) const fn keeps_entries(&self) -> bool {
        self.capacity > 0
    }

    /// A request arrived; returns its number, from 0.
    pub(super) fn arrive(&self) -> u64 {
        let number = self.arrived.fetch_add(1, Ordering::SeqCst);
        self.changed.notify_waiters();
        number
    }

    /// A request is finished; `entry` if a log is kept.
    pub(super) fn finish(&self, entry: Option<ArrivedRequest>) {
        if let Some(entry) = entry {
            let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
            if entries.len() >= self.capacity {
                entries.pop_front();
            }
            entries.push_back(entry);
        }
        self.finished.fetch_add(1, Ordering::SeqCst);
        self.changed.notify_waiters();
    }

    pub(super) fn entries(&self) -> Vec<ArrivedRequest> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.iter().cloned().collect()
    }

    pub(super) async fn wait_for_arrivals(&self, count: u64) {
        self.wait_for(&self.arrived, count).await;
    }

    pub(super) async fn wait_for_finished(&self, count: u64) {
        self.wait_for(&self.finished, count).await;
    }

    async fn wait_for(&self, counter: &AtomicU64, count: u64) {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            // Listen before checking, so that no change is missed.
            changed.as_mut().enable();
            if counter.load(Ordering::SeqCst) >= count {
                return;
            }
            changed.await;
        }
    }
}
