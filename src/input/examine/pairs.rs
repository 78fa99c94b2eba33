//! The metadata of a row.

use super::Examined;
use super::cells::{Cell, Column, nested, of_json};
use super::values::value;
use crate::organization::metadata;
use crate::organization::problem::Problem;
use crate::organization::text::{quoted, trim};
use crate::table::{Object, Row};
use std::collections::BTreeMap;

/// Adds the pairs of a cell that holds a JSON object, as a value or as text.
pub(super) fn add_object(
    column: &Column,
    row: &Row,
    pairs: &mut BTreeMap<String, String>,
    found: &mut Examined,
) {
    let header = &column.header;
    let cell = column.cell(row);
    let json = match &cell {
        Cell::Text(text) => value(text, header, found),
        Cell::Nested(raw) => raw.get(),
    };
    if json.is_empty() {
        return;
    }
    let Ok(object) = serde_json::from_str::<Object>(json) else {
        let message = format!(
            "{} is not a JSON object: expected for example {{\"plan\": \"pro\"}}",
            quoted(json)
        );
        found
            .problems
            .push(Problem::new("metadata_not_an_object", message).in_column(header));
        return;
    };
    for (key, raw) in &object {
        let place = format!("{header}.{key}");
        match of_json(raw) {
            Cell::Text(text) => {
                add_pair(trim(key), value(&text, &place, found), &place, pairs, found);
            }
            Cell::Nested(raw) => found.problems.push(nested(raw).in_column(&place)),
        }
    }
}

/// Adds the value of one metadata key.
pub(super) fn add_value(
    key: &str,
    column: &Column,
    row: &Row,
    pairs: &mut BTreeMap<String, String>,
    found: &mut Examined,
) {
    match column.text(row) {
        Ok(text) => {
            let text = value(&text, &column.header, found);
            add_pair(key, text, &column.header, pairs, found);
        }
        Err(problem) => found.problems.push(problem),
    }
}

fn add_pair(
    key: &str,
    text: &str,
    header: &str,
    pairs: &mut BTreeMap<String, String>,
    found: &mut Examined,
) {
    if text.is_empty() {
        return;
    }
    found
        .problems
        .extend(metadata::problem(key, text).map(|p| p.in_column(header)));
    if pairs.get(key).is_some_and(|other| other != text) {
        let message = format!("the metadata key {} has two different values", quoted(key));
        found
            .problems
            .push(Problem::new("metadata_key_repeated", message).in_column(header));
    }
    pairs.insert(key.to_owned(), text.to_owned());
}
