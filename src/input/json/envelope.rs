//! JSON that holds a list in another form than one object a row, and how to make one of it.

use super::scanner;
use crate::columns::{Role, role};
use crate::table::{Cells, Object, Row};
use crate::text::quoted;
use std::collections::VecDeque;

/// How deep in an object a list is looked for.
const DEEPEST: usize = 4;

/// What a file holds instead.
pub(crate) struct Envelope {
    /// In words.
    pub(crate) found: String,
    /// The filter of `jq` that makes an array of objects of it.
    pub(crate) filter: String,
}

/// What the first elements of a file show it to be, if it is no list of objects.
pub(crate) fn envelope_of(rows: &VecDeque<Row>, is_array: bool) -> Option<Envelope> {
    let is_text = |row: &Row| match &row.cells {
        Cells::Unreadable { text, .. } => text.starts_with('"'),
        _ => false,
    };
    if is_array && !rows.is_empty() && rows.iter().all(is_text) {
        return Some(Envelope {
            found: "an array of strings, not of objects".to_owned(),
            filter: "map({name: .})".to_owned(),
        });
    }
    let (1, Some(Cells::Object(object))) = (rows.len(), rows.front().map(|row| &row.cells)) else {
        return None;
    };
    if let Some(path) = list_within(object, DEEPEST) {
        return Some(Envelope {
            found: format!(
                "one JSON object, with a list under {}",
                quoted(&path.join("."))
            ),
            filter: path.iter().map(|key| step(key)).collect(),
        });
    }
    holds_rows(object).then(|| Envelope {
        found: "one JSON object, with an organization under each of its keys".to_owned(),
        filter: "to_entries | map({key} + .value)".to_owned(),
    })
}

/// The keys that lead to the one list of objects in an object, if it is none of a row.
fn list_within(object: &Object, depth: usize) -> Option<Vec<String>> {
    if depth == 0 || is_row(object) {
        return None;
    }
    let is_list = |json: &str| {
        let inner = json.strip_prefix('[').map(str::trim_start);
        inner.is_some_and(|inner| inner.starts_with('{'))
    };
    let mut lists = object.iter().filter(|(_, value)| is_list(value.get()));
    match (lists.next(), lists.next()) {
        (Some((key, _)), None) => return Some(vec![key.clone()]),
        (Some(_), Some(_)) => return None,
        (None, _) => {}
    }
    let mut deeper = object.iter().filter_map(|(key, value)| {
        let mut path = list_within(&scanner::object(value.get()).ok()?, depth - 1)?;
        path.insert(0, key.clone());
        Some(path)
    });
    match (deeper.next(), deeper.next()) {
        (path, None) => path,
        _ => None,
    }
}

/// Whether an object is a row itself: one of its keys is called as names are.
fn is_row(object: &Object) -> bool {
    let is_name = |key: &str| matches!(role(key), Some((Role::Name, 0 | 1)));
    let mut pairs = object.iter();
    pairs.any(|(key, value)| is_name(key) && !value.get().starts_with(['{', '[']))
}

/// Whether there are several values, all of them objects that begin with the same key.
fn holds_rows(object: &Object) -> bool {
    let first_key = |json: &str| scanner::object(json).ok()?.keys().next().cloned();
    let mut keys = object.values().map(|value| first_key(value.get()));
    let first = keys.next().flatten();
    first.is_some() && object.len() > 1 && keys.all(|key| key == first)
}

/// A key as a step of a path in `jq`.
fn step(key: &str) -> String {
    let is_word = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !key.starts_with(|c: char| c.is_ascii_digit());
    if is_word && !key.is_empty() {
        format!(".{key}")
    } else {
        format!(".{}", serde_json::Value::from(key))
    }
}
