//! Terminal output: progress, messages, errors.

mod diagnostics;
mod event_lines;
mod failures;
mod log;
mod paint;
mod plain;
mod printer;
mod progress;
mod speed;
mod tally;
mod ticker;
mod width;
mod wrapping;

pub use diagnostics::report;
pub use event_lines::{EventLines, Started};
pub use failures::{Cause, Failures};
pub use log::{LogOptions, log};
pub use plain::PlainLines;
pub use printer::Printer;
pub use progress::Bar;

pub use wrapping::Wrapping;
