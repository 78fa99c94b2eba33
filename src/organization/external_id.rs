//! The rules for an organization's external id.

use super::problem::Problem;
use crate::text;

/// The longest external id, in characters, by the published schema.
pub(crate) const MAX: usize = 128;
/// The length that the documentation gives as the limit, in characters.
pub(crate) const DOCUMENTED_MAX: usize = 64;

/// What forbids this external id, if anything does. It is expected without padding and not blank:
/// a blank one is simply not sent.
pub(crate) fn problem(id: &str) -> Option<Problem> {
    if id.is_ascii() {
        return (id.len() > MAX).then(|| {
            Problem::new(
                "external_id_too_long",
                format!(
                    "{} has {} characters; the maximum for an external id is {MAX} (WorkOS's API \
                     schema)",
                    text::quoted(id),
                    id.len()
                ),
            )
        });
    }
    let letter = id.chars().find(|c| !c.is_ascii()).unwrap_or_default();
    Some(Problem::new(
        "external_id_not_ascii",
        format!(
            "{} contains {}; an external id can contain only ASCII characters (WorkOS's API \
             schema)",
            text::quoted(id),
            text::character(letter)
        ),
    ))
}

/// Whether an id has the form of those that WorkOS gives to organizations: `org_01EHZNVPK3SFK441A1RGBHMYMM`.
pub(crate) fn is_workos_id(id: &str) -> bool {
    id.strip_prefix("org_").is_some_and(|rest| {
        rest.bytes().all(|b| b.is_ascii_alphanumeric()) && rest.bytes().any(|b| b.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_external_id_has_at_most_128_characters() {
        assert!(problem(&"x".repeat(128)).is_none());
        assert_eq!(
            problem(&"x".repeat(129)).unwrap().code,
            "external_id_too_long"
        );
    }

    #[test]
    fn an_external_id_is_ascii() {
        let found = problem("kunde-ü").unwrap();
        assert_eq!(found.code, "external_id_not_ascii");
        assert!(
            found.message.contains("\"ü\" (U+00FC)"),
            "{}",
            found.message
        );
    }
}
