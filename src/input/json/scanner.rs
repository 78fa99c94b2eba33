//! Finds the end of each JSON object, and parses objects.

use crate::table::Object;
use crate::text::quoted;
use indexmap::map::Entry;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;
use std::fmt;
use std::ops::RangeInclusive;

/// Finds the end of one element in text that comes in pieces.
#[derive(Debug, Default)]
pub(crate) struct Scanner {
    /// The element, as far as it has come.
    pub(crate) element: Vec<u8>,
    /// Whether that is all of it.
    pub(crate) ended: bool,
    /// How many arrays were opened before it, less those that were closed.
    pub(crate) arrays: isize,
    depth: usize,
    in_string: bool,
    is_escaped: bool,
}

impl Scanner {
    /// Whether it is in the midst of an element that has to be closed.
    pub(crate) const fn is_within(&self) -> bool {
        self.depth > 0 || self.in_string
    }

    /// Takes a piece up to the end of the element; returns how much precedes the element, and
    /// how much was used in all.
    pub(crate) fn take(&mut self, piece: &[u8]) -> (usize, usize) {
        let between = |b: &&u8| matches!(b, b',' | b'[' | b']') || b.is_ascii_whitespace();
        let skipped = if self.element.is_empty() {
            piece.iter().take_while(between).count()
        } else {
            0
        };
        for byte in piece.iter().take(skipped) {
            self.arrays += isize::from(*byte == b'[') - isize::from(*byte == b']');
        }
        let mut used = skipped;
        for byte in piece.iter().skip(skipped) {
            if self.depth == 0 && !self.in_string && !self.element.is_empty() && between(&byte) {
                self.ended = true;
                break;
            }
            used += 1;
            self.element.push(*byte);
            if self.closes(*byte) {
                self.ended = true;
                break;
            }
        }
        (skipped, used)
    }

    /// Follows the nesting; says whether the outermost object ends with this byte.
    fn closes(&mut self, byte: u8) -> bool {
        if self.in_string {
            self.in_string = self.is_escaped || byte != b'"';
            self.is_escaped = !self.is_escaped && byte == b'\\';
            return false;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                return self.depth == 0;
            }
            _ => {}
        }
        false
    }
}

/// Why a text is not a JSON object.
#[derive(Debug)]
pub(crate) enum JsonFault {
    /// This key occurs twice, so its value is ambiguous.
    Repeated(String),
    /// It is no JSON, or JSON of another kind.
    Json(serde_json::Error),
}

impl JsonFault {
    /// The message for a repeated key.
    pub(crate) fn repeated(key: &str) -> String {
        format!("the key {} occurs twice in the object", quoted(key))
    }

    /// Why a text on these lines is no object, as a lowercase fragment with the place in it.
    pub(super) fn reason(&self, what: &str, lines: RangeInclusive<u64>) -> String {
        let error = match self {
            Self::Repeated(key) => return Self::repeated(key),
            Self::Json(error) => error,
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
}

/// Parses a JSON object without repeated keys.
pub(crate) fn object(text: &str) -> Result<Object, JsonFault> {
    let found: Pairs = serde_json::from_str(text).map_err(JsonFault::Json)?;
    match found.repeated {
        Some(key) => Err(JsonFault::Repeated(key)),
        None => Ok(found.object),
    }
}

/// The content of an object.
#[derive(Default)]
struct Pairs {
    object: Object,
    /// A key that occurs twice.
    repeated: Option<String>,
}

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Keys)
    }
}

struct Keys;

impl<'de> Visitor<'de> for Keys {
    type Value = Pairs;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
        let mut pairs = Pairs::default();
        while let Some((key, value)) = map.next_entry::<String, Box<RawValue>>()? {
            match pairs.object.entry(key) {
                Entry::Vacant(free) => {
                    free.insert(on_one_line(value));
                }
                Entry::Occupied(taken) => pairs.repeated = Some(taken.key().clone()),
            }
        }
        Ok(pairs)
    }
}

/// A value without line breaks and indentation between its parts: what is written
/// of a row is one line.
fn on_one_line(value: Box<RawValue>) -> Box<RawValue> {
    let is_break = |c| matches!(c, '\n' | '\r');
    if !value.get().contains(is_break) {
        return value;
    }
    // Within its texts JSON has line breaks escaped, so that each line begins and ends between parts.
    let line: String = value.get().split(is_break).map(str::trim).collect();
    RawValue::from_string(line).unwrap_or(value)
}
