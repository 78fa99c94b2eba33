//! JSONL: text in, one JSON object a line out. A line that holds none does not stop the others.

use super::error::Error;
use super::text::Text;
use crate::organization::text::trim;
use crate::table::{Cells, Object, Row};
use std::collections::VecDeque;

/// How many objects are looked at for the names of the keys.
const SAMPLE: usize = 100;

/// Reads the rows of a JSONL file.
#[derive(Debug)]
pub(super) struct Lines {
    text: Text,
    source_name: String,
    /// The line of the next unread character, counted from 1.
    line: u64,
    rows: u64,
    /// Rows that were read for the sake of their keys.
    ahead: VecDeque<Row>,
}

impl Lines {
    /// Reads lines from text.
    pub(super) fn new(text: Text, source_name: &str) -> Self {
        Self {
            text,
            source_name: source_name.to_owned(),
            line: 1,
            rows: 0,
            ahead: VecDeque::new(),
        }
    }

    /// The keys of the first objects, in the order of their appearance; `None` if the file holds
    /// no line at all.
    pub(super) fn header(&mut self) -> Result<Option<Vec<String>>, Error> {
        let mut keys = indexmap::IndexSet::new();
        while self.ahead.len() < SAMPLE
            && let Some(row) = self.read()?
        {
            if let Cells::Object(object) = &row.cells {
                keys.extend(object.keys().cloned());
            }
            self.ahead.push_back(row);
        }
        Ok((!self.ahead.is_empty()).then(|| keys.into_iter().collect()))
    }

    /// The next data row.
    pub(super) fn row(&mut self) -> Result<Option<Row>, Error> {
        match self.ahead.pop_front() {
            Some(row) => Ok(Some(row)),
            None => self.read(),
        }
    }

    fn read(&mut self) -> Result<Option<Row>, Error> {
        loop {
            let line = self.line;
            let Some(text) = self.next_line()? else {
                return Ok(None);
            };
            let content = trim(&text);
            if content.is_empty() {
                continue;
            }
            self.rows += 1;
            let cells = match serde_json::from_str::<Object>(content) {
                Ok(object) => Cells::Object(object),
                Err(error) => Cells::Unreadable {
                    reason: reason(&error),
                    text,
                },
            };
            return Ok(Some(Row {
                number: self.rows,
                line,
                cells,
            }));
        }
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
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        let text = String::from_utf8(line).map_err(|error| Error::Read {
            source_name: self.source_name.clone(),
            line: self.line,
            source: std::io::Error::new(std::io::ErrorKind::InvalidData, error),
        })?;
        self.line += 1;
        Ok(Some(text))
    }
}

/// Why a line is no object, as a lowercase fragment with the place in the line.
fn reason(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let what = message.split(" at line ").next().unwrap_or_default();
    match error.classify() {
        serde_json::error::Category::Data => "the line holds JSON, but not an object".to_owned(),
        _ => format!(
            "the line is not valid JSON: {what} at character {}",
            error.column()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &'static [u8]) -> Lines {
        Lines::new(
            Text::new(Box::new(bytes), encoding_rs::UTF_8, 0),
            "test.jsonl",
        )
    }

    #[test]
    fn values_keep_their_text_and_keys_their_order() {
        let mut lines = lines(b"{\"z\": 1.0, \"a\":\"\\u00fc\"}\r\n\r\n{\"b\":2}");
        assert_eq!(lines.header().unwrap().unwrap(), ["z", "a", "b"]);
        let row = lines.row().unwrap().unwrap();
        let Cells::Object(object) = &row.cells else {
            panic!()
        };
        assert_eq!(object["z"].get(), "1.0");
        assert_eq!(object["a"].get(), "\"\\u00fc\"");
        let row = lines.row().unwrap().unwrap();
        assert_eq!((row.number, row.line), (2, 3));
        assert!(lines.row().unwrap().is_none());
    }

    #[test]
    fn a_bad_line_is_one_unreadable_row() {
        let mut lines = lines(b"{\"name\": \n[1]\n{\"name\":\"A\"}\n");
        let first = lines.row().unwrap().unwrap();
        let Cells::Unreadable { text, reason } = first.cells else {
            panic!()
        };
        assert_eq!(text, "{\"name\": ");
        assert!(
            reason.starts_with("the line is not valid JSON: EOF"),
            "{reason}"
        );
        let second = lines.row().unwrap().unwrap();
        let Cells::Unreadable { reason, .. } = second.cells else {
            panic!()
        };
        assert_eq!(reason, "the line holds JSON, but not an object");
        assert!(matches!(
            lines.row().unwrap().unwrap().cells,
            Cells::Object(_)
        ));
    }
}
