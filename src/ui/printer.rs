//! Prints results to standard output, everything else to standard error.

use crate::text::screened;
use std::io::{self, IsTerminal, Write};

/// Writes to the terminal. Colours are removed when redirected, and with `NO_COLOR`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Printer {
    quiet: bool,
}

impl Printer {
    /// A printer; `quiet` omits everything but results and errors.
    pub const fn new(quiet: bool) -> Self {
        Self { quiet }
    }

    /// Whether everything but results and errors is omitted.
    pub const fn is_quiet(self) -> bool {
        self.quiet
    }

    /// Writes a result to standard output. A broken pipe is not an error.
    ///
    /// # Errors
    /// When it cannot be written, for example to a full disk.
    pub fn result(self, text: &str) -> io::Result<()> {
        let mut out = anstream::stdout().lock();
        let written = writeln!(out, "{text}").and_then(|()| out.flush());
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }

    /// Prints a message on standard error, unless quiet.
    pub fn info(self, text: &str) {
        if !self.quiet {
            self.print(text);
        }
    }

    /// Prints a message on standard error, also when quiet. A closed standard error is not an error.
    pub fn print(self, text: &str) {
        let _ = writeln!(anstream::stderr().lock(), "{}", screened(text));
    }

    /// Whether standard error is a terminal.
    pub fn is_terminal(self) -> bool {
        io::stderr().is_terminal()
    }

    /// Asks a yes-or-no question on the terminal; anything but yes is no.
    ///
    /// # Errors
    /// When the terminal cannot be read.
    pub fn confirm(self, question: &str) -> io::Result<bool> {
        {
            // Unlocked before the wait: others may print meanwhile.
            let mut err = anstream::stderr().lock();
            write!(err, "{} [y/N] ", screened(question))?;
            err.flush()?;
        }
        let mut answer = String::new();
        io::stdin().read_line(&mut answer)?;
        Ok(matches!(
            answer.trim().to_ascii_lowercase().as_str(),
            "y" | "yes"
        ))
    }
}
