//! A column's cell in a row, whether the row is a record or an object.

use crate::organization::problem::Problem;
use crate::organization::text::quoted;
use crate::table::{Cells, Row};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A column: its header, and its place in records.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) header: String,
    index: Option<usize>,
}

/// What stands in a cell.
#[derive(Debug)]
pub(super) enum Cell<'a> {
    /// Text, or a JSON scalar as text: numbers as they are written.
    Text(Cow<'a, str>),
    /// A JSON array or object.
    Nested(&'a RawValue),
}

impl Column {
    /// The column with this header.
    pub(super) fn new(name: &str, header: &[String]) -> Self {
        Self {
            header: name.to_owned(),
            index: header.iter().position(|column| column == name),
        }
    }

    /// Its cell in a row; blank where there is none, and for a JSON null.
    pub(super) fn cell<'a>(&self, row: &'a Row) -> Cell<'a> {
        match &row.cells {
            Cells::Record(record) => {
                let text = self
                    .index
                    .and_then(|index| record.get(index))
                    .unwrap_or_default();
                Cell::Text(Cow::Borrowed(text))
            }
            Cells::Object(object) => object
                .get(&self.header)
                .map_or(Cell::Text(Cow::Borrowed("")), |raw| of_json(raw)),
            Cells::Unreadable { .. } => Cell::Text(Cow::Borrowed("")),
        }
    }

    /// Its cell as text.
    ///
    /// # Errors
    /// `value_nested` if an array or object stands there.
    pub(super) fn text<'a>(&self, row: &'a Row) -> Result<Cow<'a, str>, Problem> {
        match self.cell(row) {
            Cell::Text(text) => Ok(text),
            Cell::Nested(raw) => Err(nested(raw).in_column(&self.header)),
        }
    }
}

/// The problem of an array or object where text belongs.
pub(super) fn nested(raw: &RawValue) -> Problem {
    Problem::new(
        "value_nested",
        format!(
            "{} is an array or object: expected text or a number",
            quoted(raw.get())
        ),
    )
}

/// A JSON value as a cell.
pub(super) fn of_json(raw: &RawValue) -> Cell<'_> {
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'"') => Cell::Text(string(text)),
        Some(b'{' | b'[') => Cell::Nested(raw),
        _ if text == "null" => Cell::Text(Cow::Borrowed("")),
        _ => Cell::Text(Cow::Borrowed(text)),
    }
}

/// The text of a JSON string; what cannot be unescaped (half a surrogate pair) stays as written.
fn string(json: &str) -> Cow<'_, str> {
    let inner = json
        .get(1..json.len().saturating_sub(1))
        .unwrap_or_default();
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    serde_json::from_str(json).map_or(Cow::Borrowed(inner), Cow::Owned)
}
