//! The rules for an organization's metadata.

use super::problem::Problem;
use crate::text;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Key/value pairs, in the order of their keys.
pub(crate) type Metadata<'a> = BTreeMap<Cow<'a, str>, Cow<'a, str>>;

/// The most keys, by the published schema.
pub(crate) const MAX_KEYS: usize = 50;
/// The most keys that the documentation speaks of.
pub(crate) const DOCUMENTED_MAX_KEYS: usize = 10;
/// The longest key, in characters, by the published schema.
pub(crate) const MAX_KEY: usize = 40;
/// The longest value, in characters, by the published schema.
pub(crate) const MAX_VALUE: usize = 600;

/// What forbids this pair, if anything does.
pub(crate) fn problem(key: &str, value: &str) -> Option<Problem> {
    if key.is_empty() {
        return Some(Problem::new(
            "metadata_key_missing",
            "a metadata key is empty",
        ));
    }
    if let Some(length) = longer_than(key, MAX_KEY) {
        return Some(Problem::new(
            "metadata_key_too_long",
            format!(
                "the metadata key {} has {length} characters; the maximum is {MAX_KEY} (WorkOS's \
                 API schema)",
                text::quoted(key)
            ),
        ));
    }
    longer_than(value, MAX_VALUE).map(|length| {
        Problem::new(
            "metadata_value_too_long",
            format!(
                "{} has {length} characters; the maximum for a metadata value is {MAX_VALUE} \
                 (WorkOS's API schema)",
                text::quoted(value)
            ),
        )
    })
}

/// The length of a text in characters if it is over the limit.
fn longer_than(text: &str, limit: usize) -> Option<usize> {
    // A character is at least one byte, so a short text needs no counting.
    if text.len() <= limit {
        return None;
    }
    Some(text.chars().count()).filter(|length| *length > limit)
}

/// What forbids the pairs as a whole, if anything does.
pub(crate) fn whole_problem(pairs: &Metadata<'_>) -> Option<Problem> {
    (pairs.len() > MAX_KEYS).then(|| {
        Problem::new(
            "metadata_too_many_keys",
            format!(
                "{} metadata keys; the maximum is {MAX_KEYS} (WorkOS's API schema)",
                pairs.len()
            ),
        )
    })
}

/// What is allowed but may be refused.
pub(crate) fn warnings(pairs: &Metadata<'_>) -> Vec<Problem> {
    let mut found = Vec::new();
    if pairs.len() > DOCUMENTED_MAX_KEYS {
        found.push(Problem::new(
            "metadata_many_keys",
            format!(
                "{} metadata keys: WorkOS's documentation says at most {DOCUMENTED_MAX_KEYS}, its \
                 API schema {MAX_KEYS}",
                pairs.len()
            ),
        ));
    }
    if let Some((key, value)) = pairs.iter().find(|(k, v)| !k.is_ascii() || !v.is_ascii()) {
        found.push(Problem::new(
            "metadata_not_ascii",
            format!(
                "metadata {} = {} is not plain ASCII: WorkOS's documentation asks for ASCII, its \
                 API schema does not",
                text::quoted(key),
                text::quoted(value)
            ),
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(count: usize) -> Metadata<'static> {
        (0..count)
            .map(|n| (format!("k{n:02}").into(), "v".into()))
            .collect()
    }

    #[test]
    fn keys_have_at_most_40_and_values_at_most_600_characters() {
        assert!(problem(&"k".repeat(40), &"ü".repeat(600)).is_none());
        assert_eq!(
            problem(&"k".repeat(41), "v").unwrap().code,
            "metadata_key_too_long"
        );
        assert_eq!(
            problem("k", &"v".repeat(601)).unwrap().code,
            "metadata_value_too_long"
        );
        assert_eq!(problem("", "v").unwrap().code, "metadata_key_missing");
    }

    #[test]
    fn fifty_keys_are_allowed_and_more_than_ten_warned_of() {
        assert!(whole_problem(&pairs(50)).is_none());
        assert_eq!(
            whole_problem(&pairs(51)).unwrap().code,
            "metadata_too_many_keys"
        );
        assert!(warnings(&pairs(10)).is_empty());
        assert_eq!(warnings(&pairs(11))[0].code, "metadata_many_keys");
    }

    #[test]
    fn letters_beyond_ascii_are_warned_of() {
        let pairs = Metadata::from([("city".into(), "Zürich".into())]);
        assert_eq!(warnings(&pairs)[0].code, "metadata_not_ascii");
    }
}
