//! What is wrong with a text that is no domain name.

use super::letters::misplaced;
use crate::text::character;
use std::net::IpAddr;

/// The longest domain name, in bytes (RFC 1035).
pub(super) const MAX: usize = 253;
/// The longest label of a domain name, in bytes (RFC 1035).
pub(super) const MAX_LABEL: usize = 63;

/// What forbids the name, as a clause of which it is the subject; `None` if that cannot be said.
pub(super) fn of(name: &str) -> Option<String> {
    let labels = || name.split('.');
    let unbracketed = name.trim_start_matches('[').trim_end_matches(']');
    let what = if unbracketed.parse::<IpAddr>().is_ok() {
        "is an IP address".to_owned()
    } else if let Some(wrong) = misplaced(name) {
        format!("holds {}", character(wrong))
    } else if !name.contains(['.', '。']) {
        "has no dot".to_owned()
    } else if labels().any(str::is_empty) {
        "begins or ends with a dot, or has two in a row".to_owned()
    } else if labels().any(|label| label.starts_with('-') || label.ends_with('-')) {
        "has a part that begins or ends with a hyphen".to_owned()
    } else if let Some(long) = labels().find(|label| label.len() > MAX_LABEL) {
        format!(
            "has a part of {} characters, at most {MAX_LABEL} are allowed",
            long.chars().count()
        )
    } else if name.len() > MAX {
        format!("has {} characters, at most {MAX} are allowed", name.len())
    } else if labels().next_back().is_some_and(is_number) {
        "ends in a number".to_owned()
    } else if labels().any(|label| label.starts_with("xn--")) {
        "has a part that begins with xn-- and cannot be decoded".to_owned()
    } else {
        return None;
    };
    Some(what)
}

fn is_number(label: &str) -> bool {
    label.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_is_named() {
        let long = format!("{}.com", "a".repeat(64));
        for (name, fault) in [
            ("192.168.0.1", "is an IP address"),
            ("[::1]", "is an IP address"),
            ("acme_inc.com", "holds \"_\" (U+005F)"),
            ("c\u{3}4.com", "holds a control character (U+0003)"),
            ("*.acme.com", "holds \"*\" (U+002A)"),
            ("localhost", "has no dot"),
            ("a..com", "begins or ends with a dot, or has two in a row"),
            ("-acme.com", "has a part that begins or ends with a hyphen"),
            ("1.2.3", "ends in a number"),
            (
                "xn--a.com",
                "has a part that begins with xn-- and cannot be decoded",
            ),
            (&long, "has a part of 64 characters, at most 63 are allowed"),
        ] {
            assert_eq!(of(name).as_deref(), Some(fault), "{name}");
        }
        assert_eq!(of("acme.com"), None);
    }
}
