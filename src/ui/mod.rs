//! Terminal output: progress, messages, errors.

mod diagnostics;
mod failures;
mod log;
mod plain;
mod printer;
mod progress;
mod tally;

pub use diagnostics::report;
pub use failures::Failures;
pub use log::log;
pub use plain::PlainLines;
pub use printer::Printer;
pub use progress::Bar;
