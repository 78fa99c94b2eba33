//! The width of a terminal.

use std::io::IsTerminal;

/// The width of the terminal at standard error; [`None`] where there is none.
pub(super) fn width() -> Option<usize> {
    width_of(&std::io::stderr())
}

/// The width of a stream that is a terminal.
#[cfg(unix)]
pub(super) fn width_of(stream: &(impl IsTerminal + std::os::fd::AsFd)) -> Option<usize> {
    let (width, _) = terminal_size::terminal_size_of(stream).filter(|_| stream.is_terminal())?;
    Some(width.0.into())
}

/// The width of a stream that is a terminal.
#[cfg(windows)]
pub(super) fn width_of(
    stream: &(impl IsTerminal + std::os::windows::io::AsHandle),
) -> Option<usize> {
    let (width, _) = terminal_size::terminal_size_of(stream).filter(|_| stream.is_terminal())?;
    Some(width.0.into())
}
