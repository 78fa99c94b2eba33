//! JSON that holds its rows in another form than one object each: by columns, by keys, or in arrays.

use super::scanner;
use crate::columns::{Role, role};
use crate::organization::domain;
use crate::table::Object;
use crate::text::{is_digits, quoted};
use serde_json::value::RawValue;

/// How deep in an object another form is looked for.
const DEEPEST: usize = 5;

/// A list that was found.
#[derive(Debug)]
pub(crate) struct Found {
    /// The array of objects.
    pub(crate) list: String,
    /// Where it begins in the text, if it is a part of it.
    pub(crate) offset: Option<usize>,
    /// What it is, as a clause: `the list "data.organizations"`.
    pub(crate) what: String,
}

/// The list in an object that has it in another form, itself or in the only object within that does.
pub(super) fn other_form(object: &Object) -> Option<Found> {
    other_form_within(object, DEEPEST)
}

fn other_form_within(object: &Object, depth: usize) -> Option<Found> {
    let found = split_form(object)
        .or_else(|| column_form(object))
        .or_else(|| by_key(object));
    if found.is_some() || depth == 0 {
        return found;
    }
    let within = object.iter().filter_map(|(key, value)| {
        let found = other_form_within(&scanner::object(value.get()).ok()?, depth - 1)?;
        let what = format!("{} in {}", found.what, quoted(key));
        Some(Found { what, ..found })
    });
    let mut within: Vec<_> = within.collect();
    within.pop().filter(|_| within.is_empty())
}

/// The list in an array of arrays, the first of which names the columns.
pub(super) fn list_of_arrays(text: &str) -> Option<Found> {
    let rows: Vec<Vec<&RawValue>> = serde_json::from_str(text).ok()?;
    let are_objects = |row: &Vec<&RawValue>| row.iter().all(|cell| cell.get().starts_with('{'));
    if rows.iter().all(are_objects) {
        let objects: Vec<_> = rows.iter().flatten().map(|object| object.get()).collect();
        return Some(Found {
            list: format!("[{}]", objects.join(",")),
            offset: None,
            what: format!("the objects of {} arrays", rows.len()),
        });
    }
    let (header, rows) = rows.split_first()?;
    let header = header
        .iter()
        .map(|name| serde_json::from_str(name.get()).ok());
    let header: Vec<String> = header.collect::<Option<_>>()?;
    Some(generated(
        rows.iter().map(|row| row_of(&header, row)),
        "arrays, with the column names in the first",
    ))
}

/// Whether an object is a row itself: one of its keys is called as names are.
pub(super) fn is_row(object: &Object) -> bool {
    let is_name = |key: &str| matches!(role(key), Some((Role::Name, 0 | 1)));
    let mut pairs = object.iter();
    pairs.any(|(key, value)| is_name(key) && !value.get().starts_with(['{', '[']))
}

/// The names of the columns and the rows as arrays, under two keys (`columns` and `data` of pandas'
/// `orient="split"`), or under one, the names first.
fn split_form(object: &Object) -> Option<Found> {
    let arrays = |key: &String, value: &RawValue| {
        let rows: Vec<Vec<&RawValue>> = serde_json::from_str(value.get()).ok()?;
        Some((
            key.clone(),
            rows.first().map_or(0, Vec::len),
            value.get().to_owned(),
        ))
    };
    let mut all: Vec<_> = object
        .iter()
        .filter_map(|(key, value)| arrays(key, value))
        .collect();
    let (key, width, rows) = all
        .pop()
        .filter(|(_, width, _)| all.is_empty() && *width > 0)?;
    let names = object.iter().find_map(|(key, value)| {
        let names: Vec<String> = serde_json::from_str(value.get()).ok()?;
        (names.len() == width).then_some((key, names))
    });
    let Some((columns, names)) = names else {
        let found = list_of_arrays(&rows)?;
        let what = format!("{} in {}", found.what, quoted(&key));
        return Some(Found { what, ..found });
    };
    let rows: Vec<Vec<&RawValue>> = serde_json::from_str(&rows).ok()?;
    let what = format!("{} and {}", quoted(columns), quoted(&key));
    Some(generated(rows.iter().map(|row| row_of(&names, row)), &what))
}

/// Pandas' `orient="columns"`: each column is an object of values by the row's index, or an array of
/// them.
fn column_form(object: &Object) -> Option<Found> {
    let values = |column: &RawValue| {
        let items = || serde_json::from_str::<Vec<Box<RawValue>>>(column.get()).ok();
        let numbered = || Some((0..).map(|at: u32| at.to_string()).zip(items()?).collect());
        scanner::object(column.get()).ok().or_else(numbered)
    };
    let columns = object
        .iter()
        .map(|(name, column)| Some((name, values(column)?)));
    let columns: Vec<_> = columns.collect::<Option<_>>()?;
    let (_, first) = columns.first()?;
    let is_scalar = |value: &RawValue| !value.get().starts_with(['{', '[']);
    let is_column = |column: &Object| {
        column.keys().eq(first.keys()) && column.values().all(|value| is_scalar(value))
    };
    let is_name = |name: &str| matches!(role(name), Some((Role::Name, _)));
    let fits = columns.iter().all(|(_, column)| is_column(column))
        && columns.iter().any(|(name, _)| is_name(name));
    let rows = first.keys().map(|index| {
        let cells = columns.iter();
        let cell = |(name, column): &(&String, Object)| {
            Some(((*name).clone(), column.get(index)?.clone()))
        };
        cells.filter_map(cell).collect()
    });
    fits.then(|| generated(rows, "columns, each with its values"))
}

/// An object with a row under each of its keys, which are their names where they have none, otherwise
/// their ids; or with domains.
fn by_key(object: &Object) -> Option<Found> {
    if object.len() > 1 && object.values().all(|value| are_domains(value)) {
        let rows = object.iter().map(|(key, domain)| {
            let name = raw(key).map(|key| ("name".to_owned(), key));
            let domain = ("domain".to_owned(), domain.clone());
            name.into_iter().chain([domain]).collect()
        });
        return Some(generated(rows, "domains by their names"));
    }
    let rows = object
        .iter()
        .map(|(key, row)| Some((key, scanner::object(row.get()).ok()?)));
    let rows: Vec<_> = rows.collect::<Option<_>>()?;
    let (_, first) = rows.first()?;
    let key = first.keys().next()?;
    if rows.len() < 2 || !rows.iter().all(|(_, row)| row.keys().next() == Some(key)) {
        return None;
    }
    let are_indexes = rows.iter().all(|(key, _)| is_digits(key));
    let has_id = || {
        first
            .keys()
            .any(|key| matches!(role(key), Some((Role::ExternalId, _))))
    };
    let name = match is_row(first) {
        false => "name",
        true if are_indexes || has_id() => "key",
        true => "id",
    };
    let rows = rows.into_iter().map(|(key, row)| {
        let mut whole = Object::new();
        whole.extend(raw(key).map(|key| (name.to_owned(), key)));
        whole.extend(row);
        whole
    });
    Some(generated(rows, "objects by their keys"))
}

/// Whether a value is a domain, or a list of them.
fn are_domains(value: &RawValue) -> bool {
    let is_domain = |text: &String| domain::normalize(text).is_ok();
    let text = serde_json::from_str::<String>(value.get());
    let several = || serde_json::from_str::<Vec<String>>(value.get());
    text.is_ok_and(|text| is_domain(&text)) || several().is_ok_and(|all| all.iter().all(is_domain))
}

fn row_of(columns: &[String], cells: &[&RawValue]) -> Object {
    let cells = cells.iter().map(|cell| (*cell).to_owned());
    columns.iter().cloned().zip(cells).collect()
}

/// A list that is made of rows.
pub(super) fn generated(rows: impl Iterator<Item = Object>, what: &str) -> Found {
    let rows: Vec<_> = rows
        .filter_map(|row| serde_json::to_string(&row).ok())
        .collect();
    Found {
        list: format!("[{}]", rows.join(",")),
        offset: None,
        what: what.to_owned(),
    }
}

fn raw(text: &str) -> Option<Box<RawValue>> {
    serde_json::value::to_raw_value(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> String {
        other_form(&scanner::object(text).unwrap()).unwrap().list
    }

    #[test]
    fn the_forms_of_other_programs_become_a_list() {
        let rows = r#"[{"name":"A","domain":"a.com"},{"name":"B","domain":"b.com"}]"#;
        for text in [
            r#"{"name":{"0":"A","1":"B"},"domain":{"0":"a.com","1":"b.com"}}"#,
            r#"{"columns":["name","domain"],"index":[0,1],"data":[["A","a.com"],["B","b.com"]]}"#,
            r#"{"A":{"domain":"a.com"},"B":{"domain":"b.com"}}"#,
            r#"{"name":["A","B"],"domain":["a.com","b.com"]}"#,
            r#"{"data":{"header":["name","domain"],"rows":[["A","a.com"],["B","b.com"]]}}"#,
            r#"{"range":"A1:B3","values":[["name","domain"],["A","a.com"],["B","b.com"]]}"#,
            r#"{"organizations":{"A":{"domain":"a.com"},"B":{"domain":"b.com"}}}"#,
            r#"{"A":"a.com","B":"b.com"}"#,
        ] {
            assert_eq!(list(text), rows, "{text}");
        }
        let keyed = r#"{"o1":{"name":"A"},"o2":{"name":"B"}}"#;
        assert_eq!(
            list(keyed),
            r#"[{"id":"o1","name":"A"},{"id":"o2","name":"B"}]"#
        );
        let indexed = r#"{"0":{"name":"A"},"1":{"name":"B"}}"#;
        assert!(list(indexed).starts_with(r#"[{"key":"0""#));
        assert_eq!(
            list(r#"{"A":["a.com","a.de"],"B":[]}"#),
            r#"[{"name":"A","domain":["a.com","a.de"]},{"name":"B","domain":[]}]"#
        );
        let arrays = list_of_arrays(r#"[["name","domain"],["A","a.com"],["B","b.com"]]"#);
        assert_eq!(arrays.unwrap().list, rows);
        let pages = list_of_arrays(r#"[[{"name":"A"}],[],[{"name":"B"}]]"#).unwrap();
        assert_eq!(pages.list, r#"[{"name":"A"},{"name":"B"}]"#);
    }
}
