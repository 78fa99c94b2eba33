//! The metadata of a row.

use super::cells::{Cell, ColumnPath, nested};
use super::validated::Validated;
use super::values;
use crate::columns::CellRules;
use crate::input::json::{JsonFault, object};
use crate::organization::metadata::{self, Metadata};
use crate::organization::problem::Problem;
use crate::text::{quoted, trim};
use serde_json::error::Category;
use std::borrow::Cow;
use std::collections::btree_map::Entry;

/// Adds the pairs of a cell that holds a JSON object, as a value or as text.
pub(super) fn add_object<'a>(
    column: &ColumnPath<'a>,
    cell: Cell<'a>,
    rules: &CellRules,
    pairs: &mut Metadata<'a>,
    found: &mut Validated<'a>,
) {
    let json = match cell {
        Cell::Text(text) => values::id(text, column, found),
        Cell::Nested(raw) => Cow::Borrowed(raw.get()),
    };
    if json.is_empty() {
        return;
    }
    let object = match object(&json) {
        Ok(object) => object,
        Err(error) => {
            let message = format!(
                "{} is not a JSON object: {}; expected for example {{\"plan\": \"pro\"}}",
                quoted(&json),
                fault(&json, &error)
            );
            let problem = Problem::new("metadata_not_an_object", message);
            found.problems.push(problem.in_column(column));
            return;
        }
    };
    for (key, raw) in &object {
        let place = ColumnPath::below(column, key);
        match Cell::of_json(raw) {
            Cell::Text(text) => {
                let key = Cow::Owned(trim(key).to_owned());
                let text = Cow::Owned(text.into_owned());
                let text = values::metadata(text, &place, rules, found);
                add_pair(key, text, &place, pairs, found);
            }
            Cell::Nested(raw) => found.problems.push(nested(raw, &place)),
        }
    }
}

/// Why a text is no JSON object, in words for those who do not write parsers.
fn fault(json: &str, fault: &JsonFault) -> String {
    let error = match fault {
        JsonFault::Repeated(key) => return JsonFault::repeated(key),
        JsonFault::Json(error) => error,
    };
    match error.classify() {
        Category::Data => "it is JSON, but not an object".to_owned(),
        Category::Eof => "it ends before the object is closed".to_owned(),
        _ if !json.starts_with('{') => "it does not start with {".to_owned(),
        _ if json.contains('\'') && !json.contains('"') => "JSON requires double quotes".to_owned(),
        _ => format!("unexpected character at position {}", error.column()),
    }
}

/// Adds the value of one metadata key.
pub(super) fn add_value<'a>(
    key: &'a str,
    column: &ColumnPath<'a>,
    cell: Cell<'a>,
    rules: &CellRules,
    pairs: &mut Metadata<'a>,
    found: &mut Validated<'a>,
) {
    match cell.text(column) {
        Ok(text) => {
            let text = values::metadata(text, column, rules, found);
            add_pair(Cow::Borrowed(key), text, column, pairs, found);
        }
        Err(problem) => found.problems.push(problem),
    }
}

fn add_pair<'a>(
    key: Cow<'a, str>,
    text: Cow<'a, str>,
    column: &str,
    pairs: &mut Metadata<'a>,
    found: &mut Validated<'a>,
) {
    if text.is_empty() {
        return;
    }
    let problem = metadata::problem(&key, &text);
    found.problems.extend(problem.map(|p| p.in_column(column)));
    match pairs.entry(key) {
        Entry::Occupied(other) if *other.get() != text => {
            let key = quoted(other.key());
            let message = format!("the metadata key {key} has two different values");
            found
                .problems
                .push(Problem::new("metadata_key_repeated", message).in_column(column));
        }
        Entry::Occupied(_) => {}
        Entry::Vacant(free) => {
            free.insert(text);
        }
    }
}
