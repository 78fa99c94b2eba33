//! The texts of a JSON file's objects: its lines, or the elements of its arrays.

use super::scanner::Scanner;
use crate::input::encoding::Text;
use crate::input::error::Error;
use crate::input::line_ends::{LONGEST, line_ends};

/// How objects follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// One a line.
    Lines,
    /// In an array, or one after another over several lines.
    Elements,
}

impl Shape {
    fn of(head: &[u8]) -> Self {
        let first = head.trim_ascii_start();
        let line = first.split(|b| *b == b'\n').next().unwrap_or_default();
        let old_mac = !head.contains(&b'\n') && head.contains(&b'\r');
        if first.starts_with(b"[") || line.trim_ascii() == b"{" || old_mac {
            Self::Elements
        } else {
            Self::Lines
        }
    }
}

/// Reads the text of one object after another.
#[derive(Debug)]
pub(super) struct Elements {
    text: Text,
    shape: Shape,
    source_name: String,
    /// The line of the next unread character, counted from 1.
    line: u64,
    after_return: bool,
    /// How many arrays are open.
    arrays: isize,
}

impl Elements {
    /// Reads objects from text.
    ///
    /// # Errors
    /// If its beginning cannot be read.
    pub(super) fn new(mut text: Text, source_name: &str) -> Result<Self, Error> {
        let head = text.head().map_err(|source| Error::Open {
            source_name: source_name.to_owned(),
            source,
        })?;
        Ok(Self {
            shape: Shape::of(head),
            text,
            source_name: source_name.to_owned(),
            line: 1,
            after_return: false,
            arrays: 0,
        })
    }

    /// The elements of an array that was found in a text, from this line of it on.
    pub(super) fn of_list(list: String, line: u64, source_name: &str) -> Self {
        let list = std::io::Cursor::new(list.into_bytes());
        Self {
            text: Text::new(Box::new(list), encoding_rs::UTF_8, 0),
            shape: Shape::Elements,
            source_name: source_name.to_owned(),
            line,
            after_return: false,
            arrays: 0,
        }
    }

    pub(super) const fn shape(&self) -> Shape {
        self.shape
    }

    /// The text of the next object, and its first line.
    ///
    /// # Errors
    /// If the text cannot be read, or it ends in an object or array.
    pub(super) fn next(&mut self) -> Result<Option<(u64, String)>, Error> {
        match self.shape {
            Shape::Lines => {
                let line = self.line;
                Ok(self.next_line()?.map(|text| (line, text)))
            }
            Shape::Elements => self.next_element(),
        }
    }

    /// Whether the text is an array of arrays.
    ///
    /// # Errors
    /// If its beginning cannot be read.
    pub(super) fn begins_with_arrays(&mut self) -> Result<bool, Error> {
        let head = self.text.head().map_err(|source| Error::Open {
            source_name: self.source_name.clone(),
            source,
        })?;
        let mut start = head.iter().filter(|b| !b.is_ascii_whitespace());
        Ok((start.next(), start.next()) == (Some(&b'['), Some(&b'[')))
    }

    /// All of the text; `None` if it is not UTF-8.
    ///
    /// # Errors
    /// If it cannot be read, or is too long to be held.
    pub(super) fn whole(&mut self) -> Result<Option<String>, Error> {
        let mut text = Vec::new();
        loop {
            let piece = match self.text.fill() {
                Ok(piece) => piece,
                Err(fault) => return Err(fault.at(&self.source_name, self.line)),
            };
            if piece.is_empty() {
                return Ok(String::from_utf8(text).ok());
            }
            text.extend_from_slice(piece);
            let length = piece.len();
            self.text.consume(length);
            if text.len() > LONGEST {
                return Err(self.unclosed(1, &text));
            }
        }
    }

    /// The next element and its line.
    fn next_element(&mut self) -> Result<Option<(u64, String)>, Error> {
        let mut scanner = Scanner::default();
        let mut begins = None;
        loop {
            let piece = match self.text.fill() {
                Ok(piece) => piece,
                Err(fault) => return Err(fault.at(&self.source_name, self.line)),
            };
            if piece.is_empty() {
                break;
            }
            let (skipped, used) = scanner.take(piece);
            if begins.is_none() && !scanner.element.is_empty() {
                let before = piece.get(..skipped).unwrap_or_default();
                begins = Some(self.line + line_ends(before, self.after_return).0);
            }
            let used = piece.get(..used).unwrap_or_default();
            let (breaks, after_return) = line_ends(used, self.after_return);
            self.line += breaks;
            self.after_return = after_return;
            let length = used.len();
            self.text.consume(length);
            if scanner.ended || scanner.element.len() > LONGEST {
                break;
            }
        }
        self.arrays += scanner.arrays;
        let Some(line) = begins else {
            return self.closed().map(|()| None);
        };
        if scanner.is_within() {
            // Everything after it was read as a part of it.
            return Err(self.unclosed(line, &scanner.element));
        }
        self.checked(scanner.element).map(|text| Some((line, text)))
    }

    fn unclosed(&self, line: u64, text: &[u8]) -> Error {
        Error::UnclosedObject {
            source_name: self.source_name.clone(),
            line,
            until: if text.len() > LONGEST {
                "within 16 MiB"
            } else {
                "before the end of the file"
            },
        }
    }

    /// Whether the file ends where its array does.
    fn closed(&self) -> Result<(), Error> {
        if self.arrays <= 0 {
            return Ok(());
        }
        Err(Error::UnclosedArray {
            source_name: self.source_name.clone(),
            line: self.line,
        })
    }

    /// The next line without its line end.
    fn next_line(&mut self) -> Result<Option<String>, Error> {
        let mut line = Vec::new();
        loop {
            let piece = match self.text.fill() {
                Ok(piece) => piece,
                Err(fault) => return Err(fault.at(&self.source_name, self.line)),
            };
            if piece.is_empty() && line.is_empty() {
                return Ok(None);
            }
            let end = memchr::memchr(b'\n', piece);
            let length = end.unwrap_or(piece.len());
            line.extend_from_slice(piece.get(..length).unwrap_or_default());
            let at_end = piece.is_empty();
            self.text.consume(length + usize::from(end.is_some()));
            if end.is_some() || at_end {
                break;
            }
            if line.len() > LONGEST {
                return Err(Error::EndlessRow {
                    source_name: self.source_name.clone(),
                    line: self.line,
                });
            }
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        let text = self.checked(line)?;
        self.line += 1;
        Ok(Some(text))
    }

    fn checked(&self, bytes: Vec<u8>) -> Result<String, Error> {
        String::from_utf8(bytes).map_err(|error| Error::Read {
            source_name: self.source_name.clone(),
            line: self.line,
            source: std::io::Error::new(std::io::ErrorKind::InvalidData, error),
        })
    }
}

/// How many lines end within a text.
pub(super) fn breaks(text: &str) -> u64 {
    line_ends(text.as_bytes(), false).0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_end_is_no_row_of_a_list() {
        let text = Text::new(Box::new(std::io::repeat(b'a')), encoding_rs::UTF_8, 0);
        let error = Elements::new(text, "test.jsonl")
            .unwrap()
            .next()
            .unwrap_err();
        assert!(
            matches!(error, Error::EndlessRow { line: 1, .. }),
            "{error}"
        );
    }
}
