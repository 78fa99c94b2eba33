//! Lists whose names are inside an object of each row: `properties.name`, `company.name`.

use super::content::Content;
use super::names::folded;
use super::role::Role;
use super::sense::{Sense, sense};
use super::words::{Word, words};

/// What objects are called that hold the row itself, as they are compared; sorted.
#[rustfmt::skip]
const HOLDERS: &[&str] = &[
    "after", "attributes", "body", "columns", "content", "data", "detail", "details", "doc", "document",
    "entity", "fields", "general", "group", "info", "item", "json", "node", "object", "payload",
    "profile", "properties", "props", "record", "resource", "row", "rowtojson", "source", "tojson", "tojsonb",
    "traits", "value", "values",
];

/// The values inside objects whose paths suggest a role, of those objects that hold a name: one that
/// is called for the organization, otherwise one that holds the row itself.
pub(super) fn candidates(content: &Content) -> Vec<(Sense, &str)> {
    let holds_name = |column: &str| {
        let mut inner = content.inner().filter(|(_, holder, _)| *holder == column);
        inner.any(|(path, _, key)| {
            let values = content.of(path);
            let is_name =
                sense_of(column, key).is_some_and(|it| it.role == Role::Name && it.tier < 4);
            is_name && values.is_mostly_filled() && !values.are_booleans() && !values.are_objects()
        })
    };
    let paths = |is_holder: &dyn Fn(&str) -> bool| -> Vec<_> {
        let inner = content
            .inner()
            .filter(|(_, column, _)| is_holder(column) && holds_name(column));
        inner
            .filter_map(|(path, column, key)| Some((sense_of(column, key)?, path)))
            .collect()
    };
    let of_organization = paths(&is_of_organization);
    if of_organization.is_empty() {
        paths(&|column| HOLDERS.binary_search(&folded(column).as_str()).is_ok())
    } else {
        of_organization
    }
}

/// What a key says in the objects of a column.
fn sense_of(column: &str, key: &str) -> Option<Sense> {
    let whole = Some(column).filter(|column| is_of_organization(column));
    whole
        .and_then(|column| sense(&format!("{column} {key}")))
        .or_else(|| sense(key))
}

fn is_of_organization(column: &str) -> bool {
    words(column).is_some_and(|words| words.contains(&Word::Organization))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_objects_that_hold_rows_are_sorted() {
        assert!(HOLDERS.is_sorted());
        for holder in HOLDERS {
            assert_eq!(folded(holder), *holder);
        }
    }
}
