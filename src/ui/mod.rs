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
mod wrapping;

pub use diagnostics::report;
pub use failures::Failures;
pub use log::{LogOptions, log};
pub use plain::PlainLines;
pub use printer::Printer;
pub use progress::Bar;

pub use wrapping::Wrapping;

use std::io::IsTerminal;

/// The width of the terminal at standard error; [`None`] where there is none.
fn width() -> Option<usize> {
    width_of(&std::io::stderr())
}

#[cfg(unix)]
fn width_of(stream: &(impl IsTerminal + std::os::fd::AsFd)) -> Option<usize> {
    let (width, _) = terminal_size::terminal_size_of(stream).filter(|_| stream.is_terminal())?;
    Some(width.0.into())
}

#[cfg(windows)]
fn width_of(stream: &(impl IsTerminal + std::os::windows::io::AsHandle)) -> Option<usize> {
    let (width, _) = terminal_size::terminal_size_of(stream).filter(|_| stream.is_terminal())?;
    Some(width.0.into())
}
