//! External ids that are allowed but may be refused, or were changed by a program.

use super::id_shapes::is_rounded_number;
use crate::organization::external_id::{self, DOCUMENTED_MAX, MAX, is_workos_id};
use crate::organization::problem::Problem;
use crate::text::{self, is_digits};

/// What forbids an id: WorkOS's rules, or that it is not the customer's any more.
pub(super) fn problem(id: &str) -> Option<Problem> {
    if is_rounded_number(id) {
        return Some(Problem::new(
            "external_id_rounded",
            format!(
                "{} is a long number that a spreadsheet rounded: format the column as text in \
                 the source and export again",
                text::quoted(id)
            ),
        ));
    }
    external_id::problem(id)
}

/// What is allowed but may be refused.
pub(super) fn warning(id: &str) -> Option<Problem> {
    if let Some(whole) = id.strip_suffix(".0")
        && is_digits(whole)
    {
        return Some(Problem::new(
            "external_id_decimal",
            format!(
                "{} looks like {} converted to a number: remove the .0 if that is the id",
                text::quoted(id),
                text::quoted(whole)
            ),
        ));
    }
    if id.eq_ignore_ascii_case("true") || id.eq_ignore_ascii_case("false") {
        return Some(Problem::new(
            "external_id_truth_value",
            format!("{} is a boolean, not an id", text::quoted(id)),
        ));
    }
    if is_workos_id(id) {
        return Some(Problem::new(
            "external_id_of_workos",
            format!(
                "{} looks like an id that WorkOS gave to an organization; an external id is the \
                 customer's id in your own system",
                text::quoted(id)
            ),
        ));
    }
    if let Some(control) = id.chars().find(char::is_ascii_control) {
        return Some(Problem::new(
            "external_id_control_characters",
            format!(
                "{} contains {}, which is unusual in an id",
                text::quoted(id),
                text::character(control)
            ),
        ));
    }
    (id.len() > DOCUMENTED_MAX).then(|| {
        Problem::new(
            "external_id_long",
            format!(
                "{} has {} characters: WorkOS's documentation says at most {DOCUMENTED_MAX}, its \
                 API schema {MAX}",
                text::quoted(id),
                id.len()
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_external_id_beyond_64_characters_is_warned_of() {
        assert!(warning(&"x".repeat(64)).is_none());
        assert_eq!(warning(&"x".repeat(65)).unwrap().code, "external_id_long");
    }

    #[test]
    fn an_id_that_workos_gave_is_warned_of() {
        let id = "org_01EHZNVPK3SFK441A1RGBHMYMM";
        assert_eq!(warning(id).unwrap().code, "external_id_of_workos");
        assert!(warning("org_acme").is_none());
        assert!(warning("org-01").is_none());
    }

    #[test]
    fn a_number_that_a_spreadsheet_rounded_is_a_problem() {
        for rounded in [
            "1.23457E+11",
            "4E+15",
            "1,23457e+11",
            "1.23456789012346E+17",
        ] {
            assert_eq!(problem(rounded).unwrap().code, "external_id_rounded");
        }
    }

    #[test]
    fn an_id_that_a_program_may_have_changed_is_warned_of() {
        assert_eq!(warning("1001.0").unwrap().code, "external_id_decimal");
        assert_eq!(warning("FALSE").unwrap().code, "external_id_truth_value");
        assert!(warning("v1.0").is_none());
        let found = warning("A\n46").unwrap();
        assert_eq!(found.code, "external_id_control_characters");
        assert!(found.message.contains("U+000A"), "{}", found.message);
        assert!(warning("SITE+11").is_none());
        assert!(warning("12E+4x").is_none());
    }
}
