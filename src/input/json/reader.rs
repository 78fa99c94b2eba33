//! JSON: text in, one object a row out: a line of JSONL, or an element of an array. One that holds
//! no object does not stop the others.

use super::elements::{Elements, Shape, breaks};
use super::envelope::{Refused, list_in, list_in_several};
use super::forms::{Found, list_of_arrays};
use super::scanner::object;
use crate::input::encoding::Text;
use crate::input::error::Error;
use crate::table::{Cells, Object, Row};
use crate::text::trim;
use std::borrow::Cow;
use std::collections::VecDeque;

/// How many objects are looked at for the names of the keys.
const SAMPLE: usize = 100;
/// How many bytes of them at least; not more where they are long.
const LONG_SAMPLE: usize = 4 * 1024 * 1024;

/// Reads the rows of a JSONL file, or of a JSON array.
#[derive(Debug)]
pub(crate) struct JsonReader {
    elements: Elements,
    source_name: String,
    /// Whether all objects are on one line; each is then counted as a line.
    counts_objects: bool,
    rows: u64,
    /// How many objects were read, also those that hold nothing.
    objects: u64,
    /// Rows that were read for the sake of their keys.
    ahead: VecDeque<Row>,
    /// Whether these are all rows.
    is_sample_whole: bool,
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
    pub(crate) fn new(text: Text, source_name: &str) -> Result<Self, Error> {
        Ok(Self {
            elements: Elements::new(text, source_name)?,
            source_name: source_name.to_owned(),
            counts_objects: false,
            rows: 0,
            objects: 0,
            ahead: VecDeque::new(),
            is_sample_whole: false,
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
        if self.elements.begins_with_arrays()? {
            let found = self.elements.whole()?.as_deref().and_then(list_of_arrays);
            return match found {
                Some(found) => self.read_again(found),
                None => Err(Error::BrokenArrays {
                    source_name: self.source_name.clone(),
                }),
            };
        }
        let header = self.sample()?;
        let is_text = |row: &Row| match &row.cells {
            Cells::Unreadable { text, .. } => text.starts_with('"'),
            _ => false,
        };
        let source_name = || self.source_name.clone();
        if self.elements.shape() == Shape::Elements
            && header.is_some()
            && self.ahead.iter().all(is_text)
        {
            return Err(Error::ArrayOfTexts {
                source_name: source_name(),
            });
        }
        let objects = self.ahead.iter().map(|row| match &row.cells {
            Cells::Object(object) => Some(object),
            _ => None,
        });
        let objects: Option<Vec<&Object>> = objects.collect();
        let found = match objects.as_deref() {
            Some([_]) => list_in(&self.first, list),
            Some(objects) if self.is_sample_whole => list_in_several(objects, list),
            _ => return Ok(header),
        };
        let found = found.map_err(|refused| match refused {
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

    /// Reads from now on the list that was found in the text.
    fn read_again(&mut self, found: Found) -> Result<Option<Vec<String>>, Error> {
        let before = found.offset.and_then(|at| self.first.get(..at));
        let first_line = self.ahead.front().map_or(1, |row| row.line);
        let line = first_line + before.map_or(0, breaks);
        self.elements = Elements::of_list(found.list, line, &self.source_name);
        (self.counts_objects, self.rows, self.objects) = (false, 0, 0);
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
        let (mut size, mut places) = (0, Vec::new());
        while self.ahead.len() < SAMPLE && size < LONG_SAMPLE {
            let Some(row) = self.read()? else {
                self.is_sample_whole = true;
                break;
            };
            size += row.size();
            if let Cells::Object(object) = &row.cells {
                keys.extend(object.keys().cloned());
            }
            self.ahead.push_back(row);
            places.push(self.objects);
        }
        let mut lines = self.ahead.iter().map(|row| row.line);
        if let (Some(first), Some(second)) = (lines.next(), lines.next()) {
            self.counts_objects = first == second;
        }
        if self.counts_objects {
            for (row, place) in self.ahead.iter_mut().zip(places) {
                row.line = place;
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
            let Some((line, text)) = self.elements.next()? else {
                return Ok(None);
            };
            let content = trim(&text);
            // Lines that were cut out of an array end in commas.
            let content = content.strip_suffix(',').unwrap_or(content);
            if content.is_empty() || matches!(content, "\u{1a}") {
                continue;
            }
            self.objects += 1;
            let cells = object(content);
            if cells.as_ref().is_ok_and(is_blank) {
                continue;
            }
            self.rows += 1;
            if self.rows == 1 && self.found_in.is_none() {
                content.clone_into(&mut self.first);
            }
            let what = match self.elements.shape() {
                Shape::Lines => "the line",
                Shape::Elements => "the element",
            };
            let cells = match cells {
                Ok(object) => Cells::Object(object),
                Err(fault) => Cells::Unreadable {
                    reason: fault.reason(what, line..=line + breaks(content)),
                    text,
                },
            };
            return Ok(Some(Row {
                number: self.rows,
                line: if self.counts_objects {
                    self.objects
                } else {
                    line
                },
                cells,
            }));
        }
    }
}

/// Whether an object has nothing but nulls and blank texts, as a program writes a row of blank cells.
fn is_blank(object: &Object) -> bool {
    object.values().all(|value| match value.get() {
        "null" => true,
        text if text.starts_with('"') => {
            let text: Result<Cow<'_, str>, _> = serde_json::from_str(text);
            text.is_ok_and(|text| trim(&text).is_empty())
        }
        _ => false,
    })
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
    fn an_object_of_blanks_is_no_row_and_counts_as_a_line() {
        let text = b"[{\"name\":\"A\"},{\"name\":\"\",\"d\":\"\\n\\t\"},{},{\"name\":null},{\"name\":\"B\"}]";
        let mut lines = lines(text);
        lines.header(None).unwrap();
        let places: Vec<_> = std::iter::from_fn(|| lines.row().unwrap())
            .map(|row| (row.number, row.line))
            .collect();
        assert_eq!(places, [(1, 1), (2, 5)]);
        let kept = objects(b"{\"name\":\"\",\"id\":0}\n{\"name\":\"\",\"tags\":[]}\n");
        assert_eq!(kept.len(), 2);
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
