//! Terminal output: progress, messages, errors.

mod diagnostics;
mod failures;
mod log;
mod plain;
mod printer;
mod progress;
mod speed;
mod tally;
mod ticker;

pub use diagnostics::report;
pub use failures::Failures;
pub use log::{LogOptions, log};
pub use plain::PlainLines;
pub use printer::Printer;
pub use progress::Bar;

/// The width of the terminal at standard error; [`None`] where there is none.
fn width() -> Option<usize> {
    let (width, _) = terminal_size::terminal_size_of(std::io::stderr())?;
    Some(width.0.into())
}
