//! The rules for an organization's name.

use super::problem::Problem;
use crate::text;

/// The longest name, in characters.
///
/// The published schema gives no limit; 255 is what `WorkOS`'s Terraform provider documents.
pub(crate) const MAX: usize = 255;

/// What forbids this name, if anything does. The name is expected without padding.
pub(crate) fn problem(name: &str) -> Option<Problem> {
    if name.is_empty() {
        return Some(Problem::new(
            "name_missing",
            "the name is empty; WorkOS requires a name for every organization",
        ));
    }
    if name == "\\N" {
        return Some(Problem::new(
            "name_missing",
            "\"\\N\" is how a database writes an empty value; WorkOS requires a name for every \
             organization",
        ));
    }
    // A character is at least one byte, so a short text needs no counting.
    if name.len() <= MAX {
        return None;
    }
    let length = name.chars().count();
    (length > MAX).then(|| {
        Problem::new(
            "name_too_long",
            format!(
                "{} has {length} characters; the maximum for a name is {MAX} (WorkOS's Terraform \
                 provider)",
                text::quoted(name)
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_1_to_255_characters() {
        assert_eq!(problem("").unwrap().code, "name_missing");
        assert_eq!(problem("\\N").unwrap().code, "name_missing");
        assert!(problem("A").is_none());
        assert!(problem(&"ü".repeat(255)).is_none());
        assert_eq!(problem(&"ü".repeat(256)).unwrap().code, "name_too_long");
    }
}
