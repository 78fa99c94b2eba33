//! JSON: text in, one object a row out: a line of JSONL, or an element of an array. One that holds
//! no object does not stop the others.

use super::envelope::{Found, Refused, list_in, list_of_arrays};
use super::scanner::{JsonFault, Scanner, object};
use crate::input::encoding::Text;
use crate::input::error::Error;
use crate::input::line_ends::{LONGEST, line_ends};
use crate::table::{Cells, Row};
use crate::text::trim;
use serde_json::error::Category;
use std::collections::VecDeque;
use std::ops::RangeInclusive;

/// How many objects are looked at for the names of the keys.
const SAMPLE: usize = 100;
/// How many bytes of them at least; not more where they are long.
const LONG_SAMPLE: usize = 4 * 1024 * 1024;

/// How objects follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
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

/// Reads the rows of a JSONL file, or of a JSON array.
#[derive(Debug)]
pub(crate) struct JsonReader {
    text: Text,
    shape: Shape,
    source_name: String,
    /// The line of the next unread character, counted from 1.
    line: u64,
    after_return: bool,
    /// Whether all objects are on one line; each is then counted as a line.
    counts_objects: bool,
    /// How many arrays are open.
    arrays: isize,
    rows: u64,
    /// Rows that were read for the sake of their keys.
    ahead: VecDeque<Row>,
    /// The text of the first row.
    first: String,
    /// What the list was found in, if it is not the whole file.
    found_in: Option<String>,
}

impl JsonReader {
    /// Reads objects from text.
    ///
    /// # Errors
    /// If its beginning cannot be read.
    pub(crate) fn new(mut text: Text, source_name: &str) -> Result<Self, Error> {
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
            counts_objects: false,
            arrays: 0,
            rows: 0,
            ahead: VecDeque::new(),
            first: String::new(),
            found_in: None,
        })
    }

    /// The keys of the first objects, in the order of their appearance; `None` if the file holds
    /// no line at all.
    ///
    /// # Errors
    /// If the text cannot be read, or it holds something else than one list.
    pub(crate) fn header(&mut self, list: Option<&str>) -> Result<Option<Vec<String>>, Error> {
        if self.begins_with_arrays()? {
            return self.read_arrays();
        }
        let header = self.sample()?;
        let is_text = |row: &Row| match &row.cells {
            Cells::Unreadable { text, .. } => text.starts_with('"'),
            _ => false,
        };
        let source_name = || self.source_name.clone();
        if self.shape == Shape::Elements && header.is_some() && self.ahead.iter().all(is_text) {
            return Err(Error::ArrayOfTexts {
                source_name: source_name(),
            });
        }
        let (1, Some(Cells::Object(_))) = (self.ahead.len(), self.ahead.front().map(|r| &r.cells))
        else {
            return Ok(header);
        };
        let found = list_in(&self.first, list).map_err(|refused| match refused {
            Refused::Several(lists) => Error::SeveralLists {
                source_name: source_name(),
                lists,
            },
            Refused::Missing(list) => Error::NoSuchList {
                source_name: source_name(),
                list,
            },
        })?;
        match found {
            Some(found) => self.read_again(found),
            None => Ok(header),
        }
    }

    /// Whether the text is an array of arrays.
    fn begins_with_arrays(&mut self) -> Result<bool, Error> {
        let head = self.text.head().map_err(|source| Error::Open {
            source_name: self.source_name.clone(),
            source,
        })?;
        let mut start = head.iter().filter(|b| !b.is_ascii_whitespace());
        Ok((start.next(), start.next()) == (Some(&b'['), Some(&b'[')))
    }

    /// Reads an array of arrays.
    fn read_arrays(&mut self) -> Result<Option<Vec<String>>, Error> {
        let mut text = Vec::new();
        loop {
            let piece = match self.text.fill() {
                Ok(piece) => piece,
                Err(fault) => return Err(fault.at(&self.source_name, self.line)),
            };
            if piece.is_empty() {
                break;
            }
            text.extend_from_slice(piece);
            let length = piece.len();
            self.text.consume(length);
            if text.len() > LONGEST {
                return Err(self.unclosed(1, &text));
            }
        }
        let found = std::str::from_utf8(&text).ok().and_then(list_of_arrays);
        match found {
            Some(found) => self.read_again(found),
            None => Err(Error::BrokenArrays {
                source_name: self.source_name.clone(),
            }),
        }
    }

    /// Reads from now on the list that was found in the text.
    fn read_again(&mut self, found: Found) -> Result<Option<Vec<String>>, Error> {
        let before = found.offset.and_then(|at| self.first.get(..at));
        let first_line = self.ahead.front().map_or(1, |row| row.line);
        self.line = first_line + before.map_or(0, breaks);
        let list = std::io::Cursor::new(found.list.into_bytes());
        self.text = Text::new(Box::new(list), encoding_rs::UTF_8, 0);
        self.shape = Shape::Elements;
        (self.after_return, self.counts_objects) = (false, false);
        (self.arrays, self.rows) = (0, 0);
        self.ahead.clear();
        self.found_in = Some(found.what);
        self.sample()
    }

    /// What the list was found in, if it is not the whole file.
    pub(crate) fn found_in(&self) -> Option<&str> {
        self.found_in.as_deref()
    }

    /// Reads the first objects ahead, for their keys.
    fn sample(&mut self) -> Result<Option<Vec<String>>, Error> {
        let mut keys = indexmap::IndexSet::new();
        let mut size = 0;
        while self.ahead.len() < SAMPLE
            && size < LONG_SAMPLE
            && let Some(row) = self.read()?
        {
            size += row.size();
            if let Cells::Object(object) = &row.cells {
                keys.extend(object.keys().cloned());
            }
            self.ahead.push_back(row);
        }
        let mut lines = self.ahead.iter().map(|row| row.line);
        if let (Some(first), Some(second)) = (lines.next(), lines.next()) {
            self.counts_objects = first == second;
        }
        if self.counts_objects {
            for row in &mut self.ahead {
                row.line = row.number;
            }
        }
        Ok((!self.ahead.is_empty()).then(|| keys.into_iter().collect()))
    }

    /// Whether objects are counted instead of lines, because all are on one line.
    pub(crate) const fn counts_objects(&self) -> bool {
        self.counts_objects
    }

    /// The next data row.
    pub(crate) fn row(&mut self) -> Result<Option<Row>, Error> {
        match self.ahead.pop_front() {
            Some(row) => Ok(Some(row)),
            None => self.read(),
        }
    }

    fn read(&mut self) -> Result<Option<Row>, Error> {
        loop {
            let found = match self.shape {
                Shape::Lines => {
                    let line = self.line;
                    self.next_line()?.map(|text| (line, text))
                }
                Shape::Elements => self.next_element()?,
            };
            let Some((line, text)) = found else {
                return Ok(None);
            };
            let content = trim(&text);
            // Lines that were cut out of an array end in commas.
            let content = content.strip_suffix(',').unwrap_or(content);
            if content.is_empty() || matches!(content, "\u{1a}") {
                continue;
            }
            self.rows += 1;
            if self.rows == 1 && self.found_in.is_none() {
                content.clone_into(&mut self.first);
            }
            let cells = match object(content) {
                Ok(object) => Cells::Object(object),
                Err(fault) => Cells::Unreadable {
                    reason: self.reason(&fault, line..=line + breaks(content)),
                    text,
                },
            };
            return Ok(Some(Row {
                number: self.rows,
                line: if self.counts_objects { self.rows } else { line },
                cells,
            }));
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

    /// Why a text on these lines is no object, as a lowercase fragment with the place in it.
    fn reason(&self, fault: &JsonFault, lines: RangeInclusive<u64>) -> String {
        let error = match fault {
            JsonFault::Repeated(key) => return JsonFault::repeated(key),
            JsonFault::Json(error) => error,
        };
        let what = match self.shape {
            Shape::Lines => "the line",
            Shape::Elements => "the element",
        };
        let message = error.to_string();
        let why = match error.classify() {
            Category::Eof => "it is incomplete",
            _ => message.split(" at line ").next().unwrap_or_default(),
        };
        let (first, last) = lines.into_inner();
        match error.classify() {
            Category::Data => format!("{what} is JSON, but not an object"),
            _ if first < last => format!(
                "lines {first} to {last} were read as one object, which is not valid JSON: {why} \
                 on line {} at character {}",
                first + (error.line() as u64).saturating_sub(1),
                error.column()
            ),
            _ => format!(
                "{what} is not valid JSON: {why} at its character {}",
                error.column()
            ),
        }
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
fn breaks(text: &str) -> u64 {
    line_ends(text.as_bytes(), false).0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &'static [u8]) -> JsonReader {
        JsonReader::new(
            Text::new(Box::new(bytes), encoding_rs::UTF_8, 0),
            "test.jsonl",
        )
        .unwrap()
    }

    fn objects(bytes: &'static [u8]) -> Vec<(u64, Option<Vec<String>>)> {
        let mut lines = lines(bytes);
        let mut rows = Vec::new();
        while let Some(row) = lines.row().unwrap() {
            let values = match row.cells {
                Cells::Object(object) => {
                    Some(object.values().map(|v| v.get().to_owned()).collect())
                }
                _ => None,
            };
            rows.push((row.line, values));
        }
        rows
    }

    #[test]
    fn the_elements_of_an_array_are_rows() {
        let text = b"[\n  {\n \"a\": \"],}\\\"\"\n},\n {\"a\": [1, {}]}, 7\n]\n";
        let found = objects(text);
        assert_eq!(found[0], (2, Some(vec!["\"],}\\\"\"".to_owned()])));
        assert_eq!(found[1], (5, Some(vec!["[1, {}]".to_owned()])));
        assert_eq!(found[2], (5, None));
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn objects_on_one_line_are_counted_as_lines() {
        let mut lines = lines(b"[{\"name\":\"A\"},{\"name\":},{\"name\":\"C\"}]");
        lines.header(None).unwrap();
        assert!(lines.counts_objects());
        let places: Vec<_> = std::iter::from_fn(|| lines.row().unwrap())
            .map(|row| match row.cells {
                Cells::Unreadable { reason, .. } => (row.line, reason),
                _ => (row.line, String::new()),
            })
            .collect();
        let broken = "the element is not valid JSON: expected value at its character 9";
        let expected = [(1, ""), (2, broken), (3, "")];
        assert_eq!(places, expected.map(|(line, why)| (line, why.to_owned())));
    }

    #[test]
    fn an_array_that_is_cut_off_or_broken_is_an_error_of_the_file() {
        let ending = |bytes| {
            let mut lines = lines(bytes);
            loop {
                match lines.row() {
                    Ok(Some(_)) => {}
                    Ok(None) => return "whole".to_owned(),
                    Err(error) => return error.to_string(),
                }
            }
        };
        assert_eq!(ending(b"[\n{\"a\":1},\n{\"a\":2}\n]\n"), "whole");
        assert_eq!(
            ending(b"[\n{\"a\":1},\n{\"a\":2},\n"),
            "test.jsonl:4: the array is not closed before the end of the file"
        );
        let open =
            "test.jsonl:3: the object that starts here is not closed before the end of the file";
        assert_eq!(
            ending(b"[\n{\"a\":1},\n{\"a\":\"2},\n{\"a\":\"3\"}\n]\n"),
            open
        );
        // The bracket closes the second object, and nothing the array.
        let ended = ending(b"[\n{\"a\":1},\n{\"a\":2,\n{\"a\":3}\n]\n");
        assert!(ended.ends_with("the array is not closed before the end of the file"));
    }

    #[test]
    fn objects_that_were_read_as_one_are_named_with_their_lines() {
        let mut lines = lines(b"[\n{\"a\":\"1},\n{\"a\":2\"},\n{\"a\":3}]\n");
        let Cells::Unreadable { reason, .. } = lines.row().unwrap().unwrap().cells else {
            panic!()
        };
        assert!(
            reason.starts_with("lines 2 to 3 were read as one object"),
            "{reason}"
        );
        assert_eq!(lines.row().unwrap().unwrap().line, 4);
    }

    #[test]
    fn objects_may_follow_each_other_over_several_lines() {
        let one = || Some(vec!["1".to_owned()]);
        assert_eq!(
            objects(b"{\n\"a\": 1\n}\n{\n\"a\": 1\n}\n"),
            [(1, one()), (4, one())]
        );
        assert_eq!(objects(b"{\"a\":1}\r{\"a\":1}\r"), [(1, one()), (2, one())]);
        assert_eq!(
            objects(b"{\"a\":1},\n{\"a\":1}\n"),
            [(1, one()), (2, one())]
        );
    }

    #[test]
    fn values_that_span_lines_are_put_on_one() {
        let text = b"[\n  {\n    \"a\": {\r\n      \"b\": \" c\\n \",\n      \"d\": [\n1,\r2 ]\n    }\n  }\n]";
        let mut lines = lines(text);
        let Cells::Object(object) = lines.row().unwrap().unwrap().cells else {
            panic!()
        };
        assert_eq!(object["a"].get(), r#"{"b": " c\n ","d": [1,2 ]}"#);
    }

    #[test]
    fn a_key_that_stands_twice_is_not_chosen_between() {
        let mut lines = lines(b"{\"name\":\"A\",\"name\":\"B\"}\n");
        let Cells::Unreadable { reason, .. } = lines.row().unwrap().unwrap().cells else {
            panic!()
        };
        assert_eq!(reason, "the key \"name\" occurs twice in the object");
    }

    #[test]
    fn a_list_inside_an_object_is_read_with_its_lines() {
        let text = b"{\n \"name\": \"Export\",\n \"organizations\": [\n  {\"name\": \"A\"},\n  {\"name\": \"B\",\n   \"id\": 1}\n ]\n}\n";
        let mut lines = lines(text);
        assert_eq!(lines.header(None).unwrap().unwrap(), ["name", "id"]);
        assert_eq!(lines.found_in(), Some("the list \"organizations\""));
        let places: Vec<_> = std::iter::from_fn(|| lines.row().unwrap())
            .map(|row| (row.number, row.line))
            .collect();
        assert_eq!(places, [(1, 4), (2, 5)]);
    }

    #[test]
    fn arrays_of_arrays_are_read_and_arrays_of_texts_are_not() {
        let mut arrays = lines(b"[[\"name\",\"id\"],[\"A\",1],[\"B\",2]]");
        assert_eq!(arrays.header(None).unwrap().unwrap(), ["name", "id"]);
        assert_eq!(std::iter::from_fn(|| arrays.row().unwrap()).count(), 2);
        let error = lines(b"[\"A\", \"B\"]").header(None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "test.jsonl contains an array of strings, not of objects"
        );
        let error = lines(b"{\"old\":[{\"name\":\"A\"}],\"new\":[{\"name\":\"B\"}]}")
            .header(None)
            .unwrap_err();
        assert!(error.hint().unwrap().contains("--list old or --list new"));
    }

    #[test]
    fn a_line_without_end_is_no_row_of_a_list() {
        let source = Box::new(std::io::repeat(b'a'));
        let mut lines =
            JsonReader::new(Text::new(source, encoding_rs::UTF_8, 0), "test.jsonl").unwrap();
        let error = lines.header(None).unwrap_err();
        assert!(
            matches!(error, Error::EndlessRow { line: 1, .. }),
            "{error}"
        );
    }

    #[test]
    fn values_keep_their_text_and_keys_their_order() {
        let mut lines = lines(b"{\"z\": 1.0, \"a\":\"\\u00fc\"}\r\n\r\n{\"b\":2}");
        assert_eq!(lines.header(None).unwrap().unwrap(), ["z", "a", "b"]);
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
            reason.starts_with("the line is not valid JSON: it is incomplete"),
            "{reason}"
        );
        let second = lines.row().unwrap().unwrap();
        let Cells::Unreadable { reason, .. } = second.cells else {
            panic!()
        };
        assert_eq!(reason, "the line is JSON, but not an object");
        assert!(matches!(
            lines.row().unwrap().unwrap().cells,
            Cells::Object(_)
        ));
    }
}
