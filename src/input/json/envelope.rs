//! JSON that holds its list inside an object, or in several. It is read where it can only mean one.

use super::forms::{Found, generated, is_row, other_form};
use super::scanner::{self, JsonFault};
use crate::columns::{Role, role};
use crate::table::Object;
use crate::text::quoted;
use indexmap::IndexMap;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// How deep in an object a list is looked for.
const DEEPEST: usize = 5;

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
    Ok(other_form(&object))
}

/// What the list of a page of results is usually called, or what holds it.
#[rustfmt::skip]
const PAGES: &[&str] = &[
    "content", "data", "elements", "entries", "entry", "hits", "items", "list", "objects", "records",
    "resources", "response", "result", "results", "rows", "value", "values",
];

/// Keeps those of which something is true, unless that is true of none.
fn keep<T>(all: &mut Vec<T>, is_good: impl Fn(&T) -> bool) {
    if all.iter().any(&is_good) {
        all.retain(is_good);
    }
}

/// The list in the objects of a file that are no rows: pages of one list, or the only table of what
/// phpMyAdmin writes.
pub(crate) fn list_in_several(
    objects: &[&Object],
    wanted: Option<&str>,
) -> Result<Option<Found>, Refused> {
    let text = |object: &Object, key: &str| {
        let value = object.get(key).map(|value| value.get());
        value.and_then(|json| serde_json::from_str::<String>(json).ok())
    };
    let is_dump = |object: &&Object| {
        text(object, "type").as_deref() == Some("header")
            && text(object, "comment").is_some_and(|comment| comment.contains("PHPMyAdmin"))
    };
    if objects.first().is_some_and(is_dump) {
        let tables = objects
            .iter()
            .filter_map(|it| Some((text(it, "name")?, it.get("data")?)));
        let mut tables: Vec<_> = tables.collect();
        if let Some(wanted) = wanted {
            tables.retain(|(name, _)| name == wanted);
        }
        return match (tables.as_slice(), wanted) {
            ([], Some(wanted)) => Err(Refused::Missing(wanted.to_owned())),
            ([], None) => Ok(None),
            ([(name, rows)], _) => Ok(Some(Found {
                list: rows.get().to_owned(),
                offset: None,
                what: format!("the table {}", quoted(name)),
            })),
            (several, _) => Err(Refused::Several(
                several.iter().map(|(name, _)| name.clone()).collect(),
            )),
        };
    }
    // The first key of a page that leads to its list is called in a general way, or for customers.
    let is_page = |object: &Object| {
        let is_name = |key: &String| matches!(role(key), Some((Role::Name, _)));
        let leads = |key: &String| PAGES.contains(&key.as_str()) || is_plural(key);
        object.keys().any(leads) && !object.iter().any(|(key, _)| is_name(key))
    };
    if !objects.iter().all(|object| is_page(object)) {
        return Ok(None);
    }
    let page = |object: &&Object| {
        let text = serde_json::to_string(object).ok()?;
        list_in(&text, wanted).ok().flatten()
    };
    let pages: Option<Vec<Found>> = objects.iter().map(page).collect();
    Ok(pages.and_then(|pages| joined(&pages)))
}

/// The items of pages that all have them in the same place.
fn joined(pages: &[Found]) -> Option<Found> {
    let (first, others) = pages.split_first()?;
    let items = pages.iter().filter_map(|page| {
        let inner = page.list.trim().strip_prefix('[')?.strip_suffix(']')?;
        Some(inner.trim()).filter(|items| !items.is_empty())
    });
    let is_list = first.what.starts_with("the list");
    let are_alike = is_list && others.iter().all(|page| page.what == first.what);
    are_alike.then(|| Found {
        list: format!("[{}]", items.collect::<Vec<_>>().join(",")),
        offset: None,
        what: format!("{} of {} objects", first.what, pages.len()),
    })
}

/// Whether a key is called for several organizations: `companies`.
fn is_plural(key: &str) -> bool {
    let singular = key.strip_suffix("ies").map(|stem| format!("{stem}y"));
    let singular = singular.as_deref().or_else(|| key.strip_suffix('s'));
    matches!(role(singular.unwrap_or(key)), Some((Role::Name, 1)))
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
        is_plural(name) && self.has_names()
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

    fn several(text: &str, wanted: Option<&str>) -> Result<Option<Found>, Refused> {
        let objects: Vec<Object> = serde_json::from_str(text).unwrap();
        list_in_several(&objects.iter().collect::<Vec<_>>(), wanted)
    }

    #[test]
    fn the_pages_of_a_list_are_one_list() {
        let pages = r#"[{"data":[{"name":"A"},{"name":"B"}],"next":2},{"data":[{"name":"C"}]}]"#;
        let found = several(pages, None).unwrap().unwrap();
        assert_eq!(found.list, r#"[{"name":"A"},{"name":"B"},{"name":"C"}]"#);
        assert_eq!(found.what, "the list \"data\" of 2 objects");
        for other in [
            r#"[{"name":"A","contacts":[{"name":"Ann"}]},{"name":"B","contacts":[{"name":"Bob"}]}]"#,
            r#"[{"data":[{"name":"A"}]},{"error":"x"}]"#,
            r#"[{"company":{"name":"A"}},{"company":{"name":"B"}}]"#,
        ] {
            assert!(several(other, None).unwrap().is_none(), "{other}");
        }
    }

    #[test]
    fn the_table_of_a_database_dump_is_the_list() {
        let dump = |tables: &str| {
            format!(
                r#"[{{"type":"header","comment":"Export to JSON plugin for PHPMyAdmin"}},
                {{"type":"database","name":"crm"}},{tables}]"#
            )
        };
        let customers = r#"{"type":"table","name":"customers","data":[{"id":"1","name":"A"}]}"#;
        let users = r#"{"type":"table","name":"users","data":[{"id":"7"}]}"#;
        let found = several(&dump(customers), None).unwrap().unwrap();
        assert_eq!(found.list, r#"[{"id":"1","name":"A"}]"#);
        assert_eq!(found.what, "the table \"customers\"");
        let both = dump(&format!("{customers},{users}"));
        assert!(matches!(several(&both, None), Err(Refused::Several(names)) if names.len() == 2));
        let found = several(&both, Some("users")).unwrap().unwrap();
        assert_eq!(found.list, r#"[{"id":"7"}]"#);
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
