//! The engine: takes rows, creates each one exactly once, and tells what happens.
//!
//! It knows no terminal and no file format: rows come from [`Feed`], outcomes go to a results
//! writer, and facts go to [`Observer`]s.

mod attempt;
mod caller;
mod copies;
mod events;
mod feed;
mod pace;
mod pipeline;
mod progress;
mod rate;
mod rebase;
mod reconcile;
mod retry;
mod rows;
mod shutdown;
mod task;
mod throttle;
mod tidy;
mod verify;

pub use attempt::Policy;
pub use copies::{Copies, Originals};
pub use events::{Event, Observer, Observers};
pub use feed::{Feed, Feeder, SharedRunFile};
pub use pipeline::{Engine, Settings, Summary};
pub use progress::Progress;
pub use rate::Rate;
pub use rebase::{Rebased, rebase};
pub use rows::{ImportRows, RetryRows, RowsError};
pub use shutdown::{Shutdown, StopReason};
pub use task::{Candidate, Task, TaskKind};
pub use throttle::Throttle;
pub use tidy::{Edited, Tidied, is_results, refuse_others};
pub use verify::{Duplicate, Verification, VerifyError};
