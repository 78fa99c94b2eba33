//! Prints results to standard output, everything else to standard error.

use super::paint::painted;
use super::width::{width, width_of};
use crate::text::{screened, wrapped};
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Write};

/// The terminal itself, whatever standard input is.
const TERMINAL: &str = if cfg!(windows) { "CONIN$" } else { "/dev/tty" };

/// A text for a terminal of this width, or for none.
fn fitted(text: &str, width: Option<usize>) -> Cow<'_, str> {
    width.map_or(Cow::Borrowed(text), |width| wrapped(text, width).into())
}

/// Writes to the terminal. Colours are removed when redirected, and with `NO_COLOR`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Printer {
    quiet: bool,
    has_list_on_stdin: bool,
}

impl Printer {
    /// A printer; `quiet` omits everything but results and errors.
    pub const fn new(quiet: bool) -> Self {
        Self {
            quiet,
            has_list_on_stdin: false,
        }
    }

    /// The same, but answers are read from the terminal itself: standard input is the list.
    #[must_use]
    pub const fn with_list_on_stdin(mut self, is_so: bool) -> Self {
        self.has_list_on_stdin = is_so;
        self
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
        let text = fitted(text, width_of(&io::stdout()));
        let mut out = anstream::stdout().lock();
        let written = writeln!(out, "{}", painted(&text)).and_then(|()| out.flush());
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }

    /// Writes a result to standard output as it is made, and ends the line. A broken pipe is not an
    /// error.
    ///
    /// # Errors
    /// When it cannot be written, for example to a full disk.
    pub fn stream(self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let mut out = io::stdout().lock();
        let written = write(&mut out)
            .and_then(|()| writeln!(out))
            .and_then(|()| out.flush());
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
        let text = screened(text);
        let text = fitted(&text, width());
        let _ = writeln!(anstream::stderr().lock(), "{}", painted(&text));
    }

    /// Whether standard error is a terminal.
    pub fn is_terminal(self) -> bool {
        io::stderr().is_terminal()
    }

    /// Whether standard error is a terminal on which lines can be drawn again.
    pub fn has_cursor(self) -> bool {
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        self.is_terminal() && !is_dumb
    }

    /// Whether there is a person to ask.
    pub fn can_ask(self) -> bool {
        self.is_terminal() && self.answers().is_some()
    }

    /// Where answers come from; [`None`] where there is no terminal.
    fn answers(self) -> Option<Box<dyn BufRead>> {
        if self.has_list_on_stdin {
            let terminal = File::open(TERMINAL).ok()?;
            return Some(Box::new(BufReader::new(terminal)));
        }
        let stdin = io::stdin();
        stdin
            .is_terminal()
            .then(|| Box::new(stdin.lock()) as Box<dyn BufRead>)
    }

    /// Asks a question on the terminal; anything but this word is no.
    ///
    /// # Errors
    /// When the terminal cannot be read.
    pub fn confirm(self, question: &str, word: &str) -> io::Result<bool> {
        {
            // Unlocked before the wait: others may print meanwhile.
            let mut err = anstream::stderr().lock();
            write!(err, "{} Type {word}: ", screened(question))?;
            err.flush()?;
        }
        let mut answer = String::new();
        if let Some(mut answers) = self.answers() {
            answers.read_line(&mut answer)?;
        }
        Ok(answer.trim().eq_ignore_ascii_case(word))
    }
}
