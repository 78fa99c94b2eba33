//! The plain words for each cause: what happened, what it means, and what to do.

use crate::results::{ErrorName, Status};
use crate::validate::title_of;

/// The words for a cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Advice {
    /// A heading.
    pub(super) title: String,
    /// What it means.
    pub(super) meaning: &'static str,
    /// What to do.
    pub(super) what: &'static str,
}

/// The words for rows with this status, error, code and HTTP status.
pub(super) fn advice(
    status: Status,
    error: Option<ErrorName>,
    code: Option<&str>,
    http_status: Option<u16>,
) -> Advice {
    let (title, meaning, what) = match status {
        Status::Conflict => return conflict(code, http_status),
        Status::Invalid => return invalid(code),
        Status::Unavailable => (
            "WorkOS or the network was unavailable",
            "Nothing was created for these rows.",
            "Run the same command again. It sends only the rows that are not done.",
        ),
        Status::Unknown => (
            "Sent, but the result is not known",
            "The request got no clear answer. The organization may be in WorkOS.",
            "Run the same command again before you change these rows. It looks each one up first.",
        ),
        _ => return refused(error, code, http_status),
    };
    words(title, meaning, what)
}

fn words(title: &str, meaning: &'static str, what: &'static str) -> Advice {
    Advice {
        title: title.to_owned(),
        meaning,
        what,
    }
}

fn conflict(code: Option<&str>, http_status: Option<u16>) -> Advice {
    let what = "Compare the two organizations. If it is another customer, fix the cell, then retry. \
                If it is the same one, retry with --adopt takes it as it is.";
    match code {
        Some("external_id_already_used") => words(
            "The external id belongs to another organization",
            "WorkOS already has an organization with this external id, and it differs from the row.",
            what,
        ),
        _ if code.is_some_and(|code| code.contains("domain")) || http_status == Some(409) => words(
            "The domain belongs to another organization",
            "WorkOS already has an organization with this domain, and it differs from the row.",
            what,
        ),
        _ => words(
            "Another organization has the domain or external id",
            "WorkOS already has an organization with one of these values, and it differs from the row.",
            what,
        ),
    }
}

fn invalid(code: Option<&str>) -> Advice {
    let title = code.and_then(title_of);
    Advice {
        title: sentence(title.unwrap_or("the row breaks a rule")),
        meaning: "The row breaks a rule of WorkOS or of this program. It was not sent.",
        what: "Fix the cell in the results file, then retry.",
    }
}

/// A fragment with a capital letter.
fn sentence(fragment: &str) -> String {
    let mut rest = fragment.chars();
    let first = rest.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(rest).collect()
}

fn refused(error: Option<ErrorName>, code: Option<&str>, http_status: Option<u16>) -> Advice {
    match (error, http_status) {
        (Some(ErrorName::AuthError), _) | (_, Some(401 | 403)) => words(
            "WorkOS refused the API key for these rows",
            "The key is missing a permission, or a firewall refused the request.",
            "Check the key in the WorkOS dashboard, then retry.",
        ),
        (_, Some(429)) => words(
            "WorkOS asked to slow down",
            "The rate limit was reached too often. Nothing was created for these rows.",
            "Retry with a lower --rate.",
        ),
        (_, Some(500..)) => words(
            "WorkOS failed",
            "WorkOS answered with a server error.",
            "Retry. If it happens again, give the request ids to WorkOS support.",
        ),
        _ if code.is_some_and(|code| code.contains("domain")) => words(
            "WorkOS refused the domain",
            "The domain breaks a rule of WorkOS. Nothing was created for these rows.",
            "Read the message, fix the domain in the results file, then retry.",
        ),
        _ => words(
            "WorkOS refused the row",
            "A value breaks a rule of WorkOS. Nothing was created for these rows.",
            "Read the message, fix the row in the results file, then retry.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_that_is_not_done_has_words() {
        for status in Status::ALL.into_iter().filter(|status| !status.is_done()) {
            let words = advice(status, None, None, None);
            for text in [&words.title[..], words.meaning, words.what] {
                assert!(!text.is_empty() && !text.contains("  "), "{text:?}");
            }
        }
    }

    #[test]
    fn a_broken_rule_is_named_in_words() {
        let words = advice(Status::Invalid, None, Some("name_missing"), None);
        assert_eq!(words.title, "The name is missing");
        let words = advice(Status::Invalid, None, Some("=cmd()"), None);
        assert_eq!(words.title, "The row breaks a rule");
    }

    #[test]
    fn conflicts_are_told_apart() {
        let code = Some("external_id_already_used");
        let of_id = advice(Status::Conflict, None, code, Some(400));
        let of_domain = advice(Status::Conflict, None, None, Some(409));
        assert!(of_id.title.contains("external id"));
        assert!(of_domain.title.contains("domain"));
    }
}
