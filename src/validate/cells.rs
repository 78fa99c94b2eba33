//! A column's cell in a row, whether the row is a record or an object.

use crate::organization::problem::Problem;
use crate::table::{Borrowed, Cells, Object, Row, typed};
use crate::text::{quoted, trim};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A column: its header, and its place in records.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) header: String,
    index: Option<usize>,
}

/// The name of a column in findings: a header, or a path to a key in an object.
#[derive(Clone, Debug)]
pub(super) struct ColumnPath<'a>(Cow<'a, str>);

impl<'a> ColumnPath<'a> {
    /// The place of a column.
    pub(super) fn of(header: &'a str) -> Self {
        Self(Cow::Borrowed(header))
    }

    /// The place of a key in the objects of a column.
    pub(super) fn below(column: &str, key: &str) -> Self {
        Self(Cow::Owned(format!("{column}.{key}")))
    }

    pub(super) fn header(&self) -> Cow<'a, str> {
        self.0.clone()
    }
}

impl std::ops::Deref for ColumnPath<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// The content of a cell.
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

    /// How many cells a record has at least that has this one.
    pub(super) fn width(&self) -> Option<usize> {
        self.index.map(|index| index + 1)
    }

    /// Its place, as findings name it.
    pub(super) fn place(&self) -> ColumnPath<'_> {
        ColumnPath::of(&self.header)
    }

    /// Whether its cell in a record repeats its header; a record has no cell for a column that is
    /// not in the file.
    pub(super) fn repeats_header(&self, row: &Row) -> bool {
        match &row.cells {
            Cells::Record(record) => {
                let cell = self.index.and_then(|index| record.get(index));
                cell.is_some_and(|cell| trim(cell).eq_ignore_ascii_case(trim(&self.header)))
            }
            Cells::Object(_) | Cells::Unreadable { .. } => false,
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
            Cells::Object(object) => match object.get(&self.header) {
                Some(raw) => Cell::of_json(raw),
                None => at_path(object, &self.header).map_or(Cell::BLANK, Cell::of_json),
            },
            Cells::Unreadable { .. } => Cell::Text(Cow::Borrowed("")),
        }
    }
}

impl<'a> Cell<'a> {
    const BLANK: Self = Self::Text(Cow::Borrowed(""));

    /// A JSON value as a cell.
    pub(super) fn of_json(raw: &'a RawValue) -> Self {
        let text = raw.get();
        match text.as_bytes().first() {
            Some(b'"') => Self::Text(string(text)),
            Some(b'{') => typed(text).map_or(Self::Nested(raw), Self::of_json),
            Some(b'[') => Self::Nested(raw),
            _ if text == "null" => Self::Text(Cow::Borrowed("")),
            _ => Self::Text(Cow::Borrowed(text)),
        }
    }

    /// The cell as text.
    ///
    /// # Errors
    /// `value_nested` if the cell contains an array or object.
    pub(super) fn text(self, column: &str) -> Result<Cow<'a, str>, Problem> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Nested(raw) => Err(nested(raw, column)),
        }
    }
}

/// The value that a path of keys (`company.name`) leads to.
fn at_path<'a>(object: &'a Object, path: &str) -> Option<&'a RawValue> {
    let (first, mut rest) = path.split_once('.')?;
    let mut raw = &**object.get(first)?;
    loop {
        let below: Borrowed<'a> = serde_json::from_str(raw.get()).ok()?;
        if let Some(found) = below.get(rest) {
            return Some(found);
        }
        let (next, following) = rest.split_once('.')?;
        (raw, rest) = (below.get(next).copied()?, following);
    }
}

/// The problem of an array or object where text belongs.
pub(super) fn nested(raw: &RawValue, column: &str) -> Problem {
    let message = format!(
        "{} is an array or object: expected text or a number",
        quoted(raw.get())
    );
    Problem::new("value_nested", message).in_column(column)
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
