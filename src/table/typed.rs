//! JSON values that a database writes as objects with their type: `{"$oid": "65e1…"}`, `{"S": "Acme"}`.

use indexmap::IndexMap;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A JSON object that borrows its values.
pub(crate) type Borrowed<'a> = IndexMap<Cow<'a, str>, &'a RawValue>;

/// The types of `MongoDB`, `DynamoDB` and Firestore, sorted.
const TYPES: &[&str] = &[
    "$date",
    "$numberDecimal",
    "$numberDouble",
    "$numberInt",
    "$numberLong",
    "$oid",
    "$uuid",
    "BOOL",
    "L",
    "N",
    "S",
    "SS",
    "integerValue",
    "stringValue",
];

/// The value inside the object, if it is one of a value with its type.
pub(crate) fn typed(json: &str) -> Option<&RawValue> {
    let inner = json.strip_prefix('{')?.trim_start().strip_prefix('"')?;
    let (key, _) = inner.split_once('"')?;
    TYPES.binary_search(&key).ok()?;
    let object: Borrowed<'_> = serde_json::from_str(json).ok()?;
    let mut pairs = object.into_iter();
    match (pairs.next(), pairs.next()) {
        (Some((_, value)), None) => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_taken_out_of_its_type() {
        assert!(TYPES.is_sorted());
        for (json, value) in [
            (r#"{"$oid": "65e1"}"#, Some(r#""65e1""#)),
            (r#"{ "S" : "Acme" }"#, Some(r#""Acme""#)),
            (r#"{"SS":["a.com"]}"#, Some(r#"["a.com"]"#)),
            (r#"{"S": "Acme", "N": "1"}"#, None),
            (r#"{"en": "Acme"}"#, None),
            ("{}", None),
            ("[1]", None),
        ] {
            assert_eq!(typed(json).map(RawValue::get), value, "{json}");
        }
    }
}
