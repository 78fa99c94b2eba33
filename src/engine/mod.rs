//! The engine: executes the operations of a plan, each exactly once.
//!
//! It knows no file format, no terminal and no disk: rows come from a [`Feed`], everything that
//! must survive goes to a [`Ledger`], and facts go to [`Observer`]s.
//!
//! ```text
//! rows ─► permit, then dispatch (in order) ─► requests in flight ─► outcome ─► ledger
//! ```
//!
//! Three rules keep an organization from being created twice:
//! - A row is in the ledger, synced, before its first request.
//! - A request that may have been acted on is never repeated before a lookup (`retry.rs`).
//! - An organization is adopted only if it equals the row, no other row owns it, and it was
//!   created since the row was dispatched (`lookup.rs`).

mod baseline;
mod caller;
mod clock;
mod compare;
mod conflict;
mod content;
mod create;
mod delete;
mod details;
mod dispatch;
mod events;
mod feed;
mod intake;
mod learned;
mod ledger;
mod likeness;
mod listing;
mod lookup;
mod lost;
mod match_unowned;
mod outcome;
mod owned;
mod pace;
mod pipeline;
mod processor;
mod rate;
mod rate_control;
mod recorder;
mod recover;
mod retry;
mod settings;
mod shutdown;
mod steps;
mod throttle;
mod update;
mod view;
mod window;
mod work;

pub use baseline::Baseline;
pub use caller::ReadError;
pub use clock::Clock;
pub use compare::Unowned;
pub use events::{Event, Observer, Observers};
pub use feed::Feed;
pub use ledger::Ledger;
pub use match_unowned::{Adopted, Comparison, Duplicate, KnownRow, KnownRows, match_unowned};
pub use pipeline::{Engine, Summary};
pub use rate::Rate;
pub use rate_control::RateControl;
pub use settings::{Policy, Settings};
pub use shutdown::{Shutdown, StopReason};
pub use throttle::Throttle;
pub use window::Window;
