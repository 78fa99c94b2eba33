//! JSON that holds its list in another form than one object a row: inside an object, by columns, by
//! keys, or in arrays. It is read as a list of objects where it can only mean one.

use super::scanner::{self, JsonFault};
use crate::columns::{Role, role};
use crate::organization::domain;
use crate::table::Object;
use crate::text::quoted;
use indexmap::IndexMap;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// How deep in an object a list is looked for.
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

/// Why a file is not read as a list.
#[derive(Debug)]
pub(crate) enum Refused {
    /// It holds several lists: the paths of their keys.
    Several(Vec<String>),
    /// There is no list at the path that was asked for.
    Missing(String),
}

/// The list in the only object of a file; `None` if the object is a row.
pub(crate) fn list_in(text: &str, wanted: Option<&str>) -> Result<Option<Found>, Refused> {
    let Ok(object) = scanner::object(text) else {
        return Ok(None);
    };
    let mut lists = Vec::new();
    find_lists(text, &mut Vec::new(), &mut lists);
    if let Some(wanted) = wanted {
        let list = lists.into_iter().find(|list| list.path == wanted);
        let list = list.ok_or_else(|| Refused::Missing(wanted.to_owned()))?;
        return Ok(Some(list.found(text)));
    }
    if is_row(&object) {
        lists.retain(List::is_of_organizations);
    }
    if lists.len() > 1 {
        // What describes a list, and what only belongs to one.
        let is_beside = |list: &List<'_>| {
            let mut keys = list.path.split('.');
            keys.any(|key| matches!(key, "schema" | "included" | "errors" | "links" | "facets"))
        };
        keep(&mut lists, |list| !is_beside(list));
        keep(&mut lists, List::has_names);
        keep(&mut lists, |list| !list.is_of_persons());
    }
    match lists.as_slice() {
        [list] => return Ok(Some(list.found(text))),
        [] => {}
        several => {
            return Err(Refused::Several(
                several.iter().map(|list| list.path.clone()).collect(),
            ));
        }
    }
    if is_row(&object) {
        return Ok(None);
    }
    Ok(other_form(&object, DEEPEST))
}

/// Keeps those of which something is true, unless that is true of none.
fn keep<T>(all: &mut Vec<T>, is_good: impl Fn(&T) -> bool) {
    if all.iter().any(&is_good) {
        all.retain(is_good);
    }
}

/// The list in an object that has it in another form, itself or in the only object within that does.
fn other_form(object: &Object, depth: usize) -> Option<Found> {
    let found = split_form(object)
        .or_else(|| column_form(object))
        .or_else(|| by_key(object));
    if found.is_some() || depth == 0 {
        return found;
    }
    let within = object.iter().filter_map(|(key, value)| {
        let found = other_form(&scanner::object(value.get()).ok()?, depth - 1)?;
        let what = format!("{} in {}", found.what, quoted(key));
        Some(Found { what, ..found })
    });
    let mut within: Vec<_> = within.collect();
    within.pop().filter(|_| within.is_empty())
}

/// The list in an array of arrays, the first of which names the columns.
pub(crate) fn list_of_arrays(text: &str) -> Option<Found> {
    let rows: Vec<Vec<&RawValue>> = serde_json::from_str(text).ok()?;
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

/// A list of objects in an object.
struct List<'a> {
    path: String,
    json: &'a str,
}

impl List<'_> {
    fn items(&self) -> Vec<Object> {
        let items: Vec<&RawValue> = serde_json::from_str(self.json).unwrap_or_default();
        let objects = items.into_iter().map(|item| scanner::object(item.get()));
        objects
            .collect::<Result<_, JsonFault>>()
            .unwrap_or_default()
    }

    /// Whether its objects have names, by themselves or in an object that each holds.
    fn has_names(&self) -> bool {
        let items: Vec<&RawValue> = serde_json::from_str(self.json).unwrap_or_default();
        let first = items
            .first()
            .and_then(|item| scanner::object(item.get()).ok());
        first.is_some_and(|item| is_row(&item) || inner_row(&item).is_some())
    }

    /// Whether its name says that it is one of persons.
    fn is_of_persons(&self) -> bool {
        #[rustfmt::skip]
        const PERSONS: &[&str] = &[
            "admins", "contacts", "employees", "identities", "members", "owners", "people", "persons",
            "profiles", "users",
        ];
        let name = self.path.rsplit('.').next().unwrap_or_default();
        PERSONS.contains(&name.to_lowercase().as_str())
    }

    /// Whether its name says that it is one of organizations.
    fn is_of_organizations(&self) -> bool {
        let name = self.path.rsplit('.').next().unwrap_or_default();
        let singular = name.strip_suffix("ies").map(|stem| format!("{stem}y"));
        let singular = singular
            .as_deref()
            .or_else(|| name.strip_suffix('s'))
            .unwrap_or(name);
        matches!(role(singular), Some((Role::Name, 1))) && self.has_names()
    }

    /// The list as it is read: objects that hold the row in one of their keys give it.
    fn found(&self, text: &str) -> Found {
        let what = format!("the list {}", quoted(&self.path));
        let items = self.items();
        let lacks_name = items.first().is_some_and(|item| !is_row(item));
        let key = items.first().filter(|_| lacks_name).and_then(inner_row);
        match key {
            Some(key) => Found {
                what,
                ..generated(items.into_iter().map(|item| lifted(item, &key)), "")
            },
            None => Found {
                offset: self.json.as_ptr().addr().checked_sub(text.as_ptr().addr()),
                list: self.json.to_owned(),
                what,
            },
        }
    }
}

/// Adds the lists of objects in an object, each with the keys that lead to it.
fn find_lists<'a>(object: &'a str, path: &mut Vec<String>, lists: &mut Vec<List<'a>>) {
    type Borrowed<'a> = IndexMap<Cow<'a, str>, &'a RawValue>;
    let Ok(object) = serde_json::from_str::<Borrowed<'a>>(object) else {
        return;
    };
    for (key, value) in object {
        path.push(key.into_owned());
        let json = value.get();
        let inner = json.strip_prefix('[').map(str::trim_start);
        if inner.is_some_and(|inner| inner.starts_with('{')) {
            lists.push(List {
                path: path.join("."),
                json,
            });
        } else if json.starts_with('{') && path.len() < DEEPEST {
            find_lists(json, path, lists);
        }
        path.pop();
    }
}

/// Whether an object is a row itself: one of its keys is called as names are.
fn is_row(object: &Object) -> bool {
    let is_name = |key: &str| matches!(role(key), Some((Role::Name, 0 | 1)));
    let mut pairs = object.iter();
    pairs.any(|(key, value)| is_name(key) && !value.get().starts_with(['{', '[']))
}

/// The only key of an object under which there is a row: `node`, `resource`, `attributes`.
fn inner_row(object: &Object) -> Option<String> {
    let holds_row = |value: &RawValue| scanner::object(value.get()).is_ok_and(|row| is_row(&row));
    let mut keys = object.iter().filter(|(_, value)| holds_row(value));
    match (keys.next(), keys.next()) {
        (Some((key, _)), None) => Some(key.clone()),
        _ => None,
    }
}

/// An object with the pairs of the one under a key in its place.
fn lifted(mut object: Object, key: &str) -> Object {
    let inner = object.shift_remove(key);
    let inner = inner.and_then(|value| scanner::object(value.get()).ok());
    for (key, value) in inner.into_iter().flatten() {
        object.insert(key, value);
    }
    object
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

/// An object with a row under each of its keys, which are their names where they have none, or with
/// a domain.
fn by_key(object: &Object) -> Option<Found> {
    let is_domain = |value: &RawValue| {
        let text = serde_json::from_str::<String>(value.get());
        text.is_ok_and(|text| domain::normalize(&text).is_ok())
    };
    if object.len() > 1 && object.values().all(|value| is_domain(value)) {
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
    let name = if is_row(first) { "key" } else { "name" };
    let rows = rows.into_iter().map(|(key, row)| {
        let mut whole = Object::new();
        whole.extend(raw(key).map(|key| (name.to_owned(), key)));
        whole.extend(row);
        whole
    });
    Some(generated(rows, "objects by their keys"))
}

fn row_of(columns: &[String], cells: &[&RawValue]) -> Object {
    let cells = cells.iter().map(|cell| (*cell).to_owned());
    columns.iter().cloned().zip(cells).collect()
}

/// A list that is made of rows.
fn generated(rows: impl Iterator<Item = Object>, what: &str) -> Found {
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
        list_in(text, None).unwrap().unwrap().list
    }

    #[test]
    fn a_list_inside_an_object_is_found() {
        for (text, what) in [
            (
                r#"{"total":1,"organizations":[{"name":"A"}]}"#,
                "organizations",
            ),
            (r#"{"data":[{"name":"A"}],"meta":{"page":1}}"#, "data"),
            (
                r#"{"data":{"page one":[{"name":"A"}]},"ok":true}"#,
                "data.page one",
            ),
            (
                r#"{"name":"Export","organizations":[{"name":"A"}]}"#,
                "organizations",
            ),
            (
                r#"{"name":"Export","companies":[{"name":"A"}]}"#,
                "companies",
            ),
            (r#"{"tags":[{"x":1}],"items":[{"name":"A"}]}"#, "items"),
            (
                r#"{"companies":[{"name":"A"}],"contacts":[{"name":"B"}]}"#,
                "companies",
            ),
            (
                r#"{"schema":{"fields":[{"name":"x"}]},"data":[{"name":"A"}]}"#,
                "data",
            ),
        ] {
            let found = list_in(text, None).unwrap().unwrap();
            assert_eq!(found.list, r#"[{"name":"A"}]"#, "{text}");
            assert_eq!(found.what, format!("the list \"{what}\""));
            assert!(found.offset.is_some());
        }
    }

    #[test]
    fn rows_inside_the_objects_of_a_list_are_lifted() {
        let graphql = r#"{"data":{"accounts":{"edges":[{"node":{"id":1,"name":"A"}},{"node":{"id":2,"name":"B"}}]}}}"#;
        assert_eq!(
            list(graphql),
            r#"[{"id":1,"name":"A"},{"id":2,"name":"B"}]"#
        );
        let fhir = r#"{"resourceType":"Bundle","entry":[{"fullUrl":"u","resource":{"id":"1","name":"A"}}]}"#;
        assert_eq!(list(fhir), r#"[{"fullUrl":"u","id":"1","name":"A"}]"#);
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
            r#"[{"key":"o1","name":"A"},{"key":"o2","name":"B"}]"#
        );
        let arrays = list_of_arrays(r#"[["name","domain"],["A","a.com"],["B","b.com"]]"#);
        assert_eq!(arrays.unwrap().list, rows);
    }

    #[test]
    fn a_row_with_objects_or_a_list_is_a_row() {
        for row in [
            r#"{"company":{"name":"A"},"contact":{"mail":"a@a.com"}}"#,
            r#"{"company":"A","contacts":[{"mail":"a@a.com"}]}"#,
            r#"{"name":"A","contacts":[{"name":"Ann"}]}"#,
            r#"{"name":"A","domains":[{"domain":"a.com"}]}"#,
            r#"{"name":"A"}"#,
        ] {
            assert!(list_in(row, None).unwrap().is_none(), "{row}");
        }
    }

    #[test]
    fn several_lists_are_not_chosen_between() {
        let text = r#"{"old":[{"name":"A"}],"new":[{"name":"B"}]}"#;
        let Err(Refused::Several(paths)) = list_in(text, None) else {
            panic!()
        };
        assert_eq!(paths, ["old", "new"]);
        let found = list_in(text, Some("new")).unwrap().unwrap();
        assert_eq!(found.list, r#"[{"name":"B"}]"#);
        assert!(matches!(list_in(text, Some("x")), Err(Refused::Missing(_))));
    }
}
