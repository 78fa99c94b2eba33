//! Where text goes: results to standard output, everything else to standard error.

use std::io::{self, IsTerminal, Write};

/// Writes to the terminal. Colours are dropped where nobody sees them, and with `NO_COLOR`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Printer {
    quiet: bool,
}

impl Printer {
    /// A printer that, when `quiet`, leaves out all but results and errors.
    pub const fn new(quiet: bool) -> Self {
        Self { quiet }
    }

    /// Whether all but results and errors is left out.
    pub const fn is_quiet(self) -> bool {
        self.quiet
    }

    /// Writes a result to standard output. Whoever has closed it does not want it: a broken pipe
    /// is no error.
    ///
    /// # Errors
    /// When it cannot be written otherwise, for example because a disk is full.
    pub fn result(self, text: &str) -> io::Result<()> {
        let mut out = anstream::stdout().lock();
        let written = writeln!(out, "{text}").and_then(|()| out.flush());
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }

    /// Tells something, on standard error. That nobody listens is no error.
    pub fn tell(self, text: &str) {
        if !self.quiet {
            self.insist(text);
        }
    }

    /// Tells something even when quiet, on standard error.
    pub fn insist(self, text: &str) {
        let _ = writeln!(anstream::stderr().lock(), "{text}");
    }

    /// Whether a person sits before standard error.
    pub fn is_terminal(self) -> bool {
        io::stderr().is_terminal()
    }

    /// Asks a yes-or-no question on the terminal; anything but yes is no.
    ///
    /// # Errors
    /// When the terminal cannot be read.
    pub fn confirm(self, question: &str) -> io::Result<bool> {
        {
            // Let go before the wait, during which others may have to say something.
            let mut err = anstream::stderr().lock();
            write!(err, "{question} [y/N] ")?;
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
