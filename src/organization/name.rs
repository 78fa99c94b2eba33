//! The rules for an organization's name.

use super::problem::Problem;
use super::text;

/// The longest name, in characters.
///
/// The published schema gives no limit; 255 is what `WorkOS`'s Terraform provider documents.
pub const MAX: usize = 255;

/// What forbids this name, if anything does. The name is expected without padding.
pub fn problem(name: &str) -> Option<Problem> {
    if name.is_empty() {
        return Some(Problem::new(
            "name_missing",
            "the name is blank: WorkOS requires one for every organization",
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
                "{} has {length} characters: a name has at most {MAX} (WorkOS's Terraform provider)",
                text::quoted(name)
            ),
        )
    })
}

/// What is allowed but probably not meant.
pub fn warning(name: &str) -> Option<Problem> {
    // Control characters and the replacement character hold one of these bytes; looking at all of
    // them without stopping is quicker than stopping.
    let suspect = |b: u8| matches!(b, 0..=0x1f | 0x7f | 0xc2 | 0xef);
    if !name.bytes().fold(false, |found, b| found | suspect(b)) {
        return None;
    }
    if name.contains('\u{fffd}') {
        return Some(Problem::new(
            "name_damaged",
            format!(
                "{} holds a replacement character: letters were lost before this file was written",
                text::quoted(name)
            ),
        ));
    }
    name.chars().any(char::is_control).then(|| {
        Problem::new(
            "name_control_characters",
            format!(
                "{} holds line breaks or other control characters",
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
        assert!(problem("A").is_none());
        assert!(problem(&"ü".repeat(255)).is_none());
        assert_eq!(problem(&"ü".repeat(256)).unwrap().code, "name_too_long");
    }

    #[test]
    fn damage_in_a_name_is_a_warning() {
        assert_eq!(warning("M\u{fffd}ller").unwrap().code, "name_damaged");
        assert_eq!(
            warning("Acme\nInc").unwrap().code,
            "name_control_characters"
        );
        assert_eq!(
            warning("Acme\u{85}").unwrap().code,
            "name_control_characters"
        );
        assert!(warning("Müller & Söhne\u{a0}GmbH").is_none());
    }
}
