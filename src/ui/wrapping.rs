//! Standard output for long texts: wrapped where it is a terminal.

use super::width::width_of;
use crate::text::wrapped;
use std::io::{self, Write};

/// Writes lines, wrapped at the width of the terminal if there is one.
#[derive(Debug)]
pub struct Wrapping<W> {
    out: W,
    width: Option<usize>,
    line: Vec<u8>,
}

impl<W: Write> Wrapping<W> {
    /// Writes to `out`, which is standard output.
    pub fn stdout(out: W) -> Self {
        Self {
            out,
            width: width_of(&io::stdout()),
            line: Vec::new(),
        }
    }
}

impl<W: Write> Write for Wrapping<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(width) = self.width else {
            return self.out.write(bytes);
        };
        self.line.extend_from_slice(bytes);
        while let Some(end) = self.line.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.line.drain(..=end).collect();
            let text = wrapped(&String::from_utf8_lossy(&line), width);
            self.out.write_all(text.as_bytes())?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let rest = std::mem::take(&mut self.line);
        self.out.write_all(&rest)?;
        self.out.flush()
    }
}
