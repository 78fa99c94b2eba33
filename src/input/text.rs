//! A stream of text: bytes in, checked UTF-8 out, a chunk at a time.

use super::error::Error;
use std::io::{self, Read};

/// How many bytes are read at once.
const CHUNK: usize = 64 * 1024;

/// Why the next piece of text cannot be had.
#[derive(Debug)]
pub(super) enum Fault {
    /// The system refused.
    Io(io::Error),
    /// The bytes are no text in the encoding.
    Undecodable {
        /// The place in the file, counted from 0.
        offset: u64,
        /// The byte that stands there.
        byte: u8,
        /// The encoding.
        encoding: &'static str,
    },
}

impl Fault {
    /// The error that a reader reports, which knows the name and the line.
    pub(super) fn at(self, source_name: &str, line: u64) -> Error {
        let source_name = source_name.to_owned();
        match self {
            Self::Io(source) => Error::Read {
                source_name,
                line,
                source,
            },
            Self::Undecodable {
                offset,
                byte,
                encoding,
            } => Error::Undecodable {
                source_name,
                line,
                offset,
                byte,
                encoding,
            },
        }
    }
}

/// Text that is read as it is asked for.
pub(super) struct Text {
    source: Box<dyn Read + Send>,
    /// Room for bytes: `start..valid` is checked text, `valid..end` waits for its rest.
    buffer: Vec<u8>,
    start: usize,
    valid: usize,
    end: usize,
    /// How many bytes of the file came before the buffer.
    before: u64,
    at_end: bool,
    fault: Option<Fault>,
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Text")
            .field("before", &self.before)
            .finish_non_exhaustive()
    }
}

impl Text {
    /// Text from bytes that are UTF-8, with or without a byte order mark.
    ///
    /// # Errors
    /// What the system says when the first bytes are read.
    pub(super) fn utf8(source: Box<dyn Read + Send>) -> io::Result<Self> {
        let mut text = Self {
            source,
            buffer: vec![0; CHUNK],
            start: 0,
            valid: 0,
            end: 0,
            before: 0,
            at_end: false,
            fault: None,
        };
        text.read_more()?;
        if text.buffer.starts_with(b"\xef\xbb\xbf") {
            text.start = 3;
        }
        text.check();
        Ok(text)
    }

    /// The text that is at hand; empty only at the end. A fault comes only after all text before it
    /// has been consumed.
    pub(super) fn fill(&mut self) -> Result<&[u8], Fault> {
        while self.start == self.valid {
            if let Some(fault) = self.fault.take() {
                return Err(fault);
            }
            if self.at_end {
                break;
            }
            self.read_more().map_err(Fault::Io)?;
            self.check();
        }
        Ok(self.buffer.get(self.start..self.valid).unwrap_or_default())
    }

    /// Marks text as used; it will not come again.
    pub(super) fn consume(&mut self, length: usize) {
        self.start = self.valid.min(self.start + length);
    }

    /// Drops what is used and reads at least one more byte, or notes the end.
    fn read_more(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.before += self.start as u64;
        self.end -= self.start;
        self.valid -= self.start;
        self.start = 0;
        // At the beginning of the file, a byte order mark must not be cut in two.
        let wanted = if self.before == 0 { 3 } else { 1 }.max(self.end + 1);
        while self.end < wanted && !self.at_end {
            match self
                .source
                .read(self.buffer.get_mut(self.end..).unwrap_or_default())
            {
                Ok(count) => {
                    self.end += count;
                    self.at_end = count == 0;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Moves `valid` forward over all that is sound.
    fn check(&mut self) {
        let from = self.valid.max(self.start);
        let unchecked = self.buffer.get(from..self.end).unwrap_or_default();
        match std::str::from_utf8(unchecked) {
            Ok(_) => self.valid = self.end,
            Err(error) => {
                self.valid = from + error.valid_up_to();
                if error.error_len().is_some() || self.at_end {
                    self.fault = Some(Fault::Undecodable {
                        offset: self.before + self.valid as u64,
                        byte: self.buffer.get(self.valid).copied().unwrap_or_default(),
                        encoding: "UTF-8",
                    });
                    self.at_end = true;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte a read, as slow pipes do.
    struct Drip(&'static [u8]);

    impl Read for Drip {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(out.len()).min(1);
            let (now, rest) = self.0.split_at(count);
            out[..count].copy_from_slice(now);
            self.0 = rest;
            Ok(count)
        }
    }

    fn all(text: &mut Text) -> Result<String, Fault> {
        let mut out = Vec::new();
        loop {
            let piece = text.fill()?;
            if piece.is_empty() {
                return Ok(String::from_utf8(out).unwrap());
            }
            let length = piece.len().min(7);
            out.extend_from_slice(&piece[..length]);
            text.consume(length);
        }
    }

    fn drip(bytes: &'static [u8]) -> Text {
        Text::utf8(Box::new(Drip(bytes))).unwrap()
    }

    #[test]
    fn a_byte_order_mark_is_dropped_and_characters_are_never_cut() {
        let long: &str = "😀name;ü€\n".repeat(20_000).leak();
        assert_eq!(all(&mut drip(long.as_bytes())).unwrap(), long);
        assert_eq!(all(&mut drip("\u{feff}ü".as_bytes())).unwrap(), "ü");
        assert_eq!(all(&mut drip(b"")).unwrap(), "");
    }

    #[test]
    fn a_bad_byte_is_named_after_all_text_before_it() {
        let mut text = drip(b"\xef\xbb\xbfM\xfcller");
        assert_eq!(text.fill().unwrap(), b"M");
        text.consume(1);
        assert!(matches!(
            text.fill(),
            Err(Fault::Undecodable {
                offset: 4,
                byte: 0xfc,
                encoding: "UTF-8"
            })
        ));
    }

    #[test]
    fn a_file_that_ends_within_a_character_is_undecodable() {
        assert!(matches!(
            all(&mut drip(b"ab\xc3")),
            Err(Fault::Undecodable { offset: 2, .. })
        ));
    }
}
