//! From one piece of text to the domain name that WorkOS takes.

use super::fault::{MAX, MAX_LABEL};
use super::{consumer, fault, letters, platform};
use crate::organization::problem::Problem;
use crate::text;
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use std::borrow::Cow;

/// A domain name fit to be sent, and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Normalized<'a> {
    /// Lower-case ASCII, without a trailing dot, under a public suffix.
    pub name: Cow<'a, str>,
    /// The stable name of the most telling step that changed it; `None` if it stood so already.
    /// One of `domain_invisible_removed`, `domain_from_url`, `domain_from_email`,
    /// `domain_to_ascii`, `domain_www_removed`, `domain_dot_removed`, `domain_lower_cased`.
    pub change: Option<&'static str>,
}

/// Takes the domain name out of one piece of text: a bare name, a URL, or an e-mail address.
///
/// Padding is trimmed, invisible characters, a leading `www.` and a trailing dot removed, letters
/// lower-cased, names in other scripts converted to ASCII (IDNA, UTS 46). Normalizing the outcome
/// again changes nothing.
///
/// # Errors
/// `domain_invalid` if no host name comes out, `domain_suffix_unknown` if its ending is not on the
/// public suffix list, `domain_is_suffix` if it is nothing but such an ending.
pub(crate) fn normalize(text: &str) -> Result<Normalized<'_>, Problem> {
    if is_clean(text) {
        under_public_suffix(text, text)?;
        return Ok(Normalized {
            name: Cow::Borrowed(text),
            change: None,
        });
    }
    let hidden = |c: char| text::is_padding(c) && !c.is_whitespace();
    if !text.is_ascii() && text::trim(text).contains(hidden) {
        let shown = text.replace(hidden, "");
        let name = normalize(&shown)?.name.into_owned();
        return Ok(Normalized {
            name: Cow::Owned(name),
            change: Some("domain_invisible_removed"),
        });
    }
    let (host, mut change) = host_of(text::trim(text));
    let (bare, dots) = match host.strip_suffix('.') {
        Some(bare) => (bare, true),
        None => (host, false),
    };
    let ascii = to_ascii(bare).ok_or_else(|| not_a_domain(text))?;
    let name = without_www(&ascii);
    under_public_suffix(name, text)?;
    if change.is_none() {
        change = if !host.is_ascii() {
            Some("domain_to_ascii")
        } else if name.len() < ascii.len() {
            Some("domain_www_removed")
        } else if dots {
            Some("domain_dot_removed")
        } else if host != name {
            Some("domain_lower_cased")
        } else {
            None
        };
    }
    Ok(Normalized {
        name: Cow::Owned(name.to_owned()),
        change,
    })
}

/// What is allowed to be sent but will be refused, or is hardly the customer's: a consumer mail
/// provider's domain, or that of a platform.
pub(crate) fn warning(name: &str) -> Option<Problem> {
    if consumer::is_consumer_domain(name) {
        let message = format!(
            "{name} is a consumer email domain, which WorkOS refuses for organizations: use the \
             company's own domain, or leave it empty"
        );
        return Some(Problem::new("domain_consumer", message));
    }
    platform::platform_of(name).map(|platform| {
        let message = format!(
            "{platform} is a platform that hosts pages of many companies: use the company's own \
             domain, or leave it empty"
        );
        Problem::new("domain_platform", message)
    })
}

/// The name in lower-case ASCII (IDNA, UTS 46); `None` if it is no host name.
fn to_ascii(name: &str) -> Option<Cow<'_, str>> {
    let lower = name.to_ascii_lowercase();
    if is_plain(&lower) {
        return Some(Cow::Owned(lower));
    }
    if letters::misplaced(name).is_some() {
        return None;
    }
    let converted = Uts46::new().to_ascii(
        name.as_bytes(),
        AsciiDenyList::STD3,
        Hyphens::CheckFirstLast,
        DnsLength::Verify,
    );
    converted.ok()
}

/// Whether the text is a domain name that needs no cleaning at all.
fn is_clean(text: &str) -> bool {
    !text.starts_with("www.") && is_plain(text)
}

/// Whether the text is a plain lower-case host name, which conversion does not change.
fn is_plain(text: &str) -> bool {
    if text.len() > MAX {
        return false;
    }
    let mut label = 0_usize;
    let mut last = b'-';
    let mut dots = 0_usize;
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' => label += 1,
            // A label of punycode (xn--) must decode, which only the full conversion checks.
            b'-' if label > 0 && last != b'-' => label += 1,
            b'.' if label > 0 && last != b'-' => {
                label = 0;
                dots += 1;
            }
            _ => return false,
        }
        if label > MAX_LABEL {
            return false;
        }
        last = byte;
    }
    dots > 0 && label > 0 && last != b'-'
}

/// The host in a URL or an e-mail address, or the text itself.
fn host_of(text: &str) -> (&str, Option<&'static str>) {
    if let Some((scheme, rest)) = text.split_once("://")
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    {
        return (host_of_authority(rest), Some("domain_from_url"));
    }
    let address = match text.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => text.get(7..).unwrap_or_default(),
        _ => text,
    };
    if let Some((before, host)) = address.split_once('@') {
        let host = host.split(['?', '>']).next().unwrap_or_default();
        if before.is_empty() {
            return (host, Some("domain_from_email"));
        }
        if !before.contains(['/', '?', '#']) && !host.contains('@') {
            return (host, Some("domain_from_email"));
        }
    }
    let host = host_of_authority(text);
    if text.matches('@').count() > 1 && !text.contains('/') {
        // Two addresses that were run together.
        return (text, None);
    }
    (host, (host.len() < text.len()).then_some("domain_from_url"))
}

/// The host in what follows the `//` of a URL: without path, query, user and port.
fn host_of_authority(text: &str) -> &str {
    let authority = text.trim_start_matches('/').split(['/', '?', '#']).next();
    let authority = authority.unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => host,
    }
}

/// The name without leading `www.` labels, unless what is left would be no domain by itself.
fn without_www(name: &str) -> &str {
    let mut name = name;
    while let Some(rest) = name.strip_prefix("www.") {
        if psl::domain_str(rest).is_none() {
            break;
        }
        name = rest;
    }
    name
}

/// Checks the ending against the public suffix list.
fn under_public_suffix(name: &str, text: &str) -> Result<(), Problem> {
    if !name.bytes().any(|b| b == b'.') {
        return Err(not_a_domain(text));
    }
    let known = psl::suffix(name.as_bytes()).filter(psl::Suffix::is_known);
    let Some(suffix) = known else {
        let ending = name.rsplit('.').next().unwrap_or_default();
        if ending.bytes().all(|b| b.is_ascii_digit()) {
            return Err(not_a_domain(text));
        }
        return Err(Problem::new(
            "domain_suffix_unknown",
            format!(
                "{} does not end in a known public suffix: .{} is not on the public suffix list",
                text::quoted(text),
                text::printable(ending)
            ),
        ));
    };
    // A suffix that a company runs for its customers (github.io) is still a domain of its own.
    if suffix.as_bytes().len() == name.len() && suffix.typ() == Some(psl::Type::Icann) {
        return Err(Problem::new(
            "domain_is_suffix",
            format!(
                "{} is a public suffix, not a company's domain: expected a name such as \
                 acme.{name}",
                text::quoted(text)
            ),
        ));
    }
    Ok(())
}

/// The problem of a text that holds no domain name.
fn not_a_domain(text: &str) -> Problem {
    let bare = text::trim(text);
    let (name, _) = host_of(bare);
    let subject = if name.len() < bare.len() && !name.is_empty() {
        format!("its host {}", text::quoted(name))
    } else {
        "it".to_owned()
    };
    let fault = fault::of(name).map_or_else(String::new, |fault| format!("{subject} {fault}; "));
    Problem::new(
        "domain_invalid",
        format!(
            "{} is not a domain: {fault}expected a name such as acme.com",
            text::quoted(text)
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> String {
        normalize(text)
            .unwrap_or_else(|problem| panic!("{problem}"))
            .name
            .into_owned()
    }

    fn change(text: &str) -> Option<&'static str> {
        normalize(text).unwrap().change
    }

    #[test]
    fn the_fault_of_a_host_within_a_text_is_not_that_of_the_text() {
        let message = |text| normalize(text).unwrap_err().message;
        assert!(message("https//acme.com").contains("its host \"https\" has no dot"));
        assert!(message("acme").contains("it has no dot"));
        assert!(message("x@a.comx@b.com").contains("it holds \"@\" (U+0040)"));
        assert!(message("one.com•two.com").contains("it holds \"•\" (U+2022)"));
        // An escaped line break is none of a path.
        assert!(message("a.com\\nb.com").contains("it holds \"\\\" (U+005C)"));
    }

    fn code(text: &str) -> &'static str {
        normalize(text).unwrap_err().code
    }

    #[test]
    fn a_clean_domain_is_left_as_it_is() {
        for clean in [
            "acme.com",
            "xn--r8jz45g.xn--q9jyb4c",
            "a-b.co.uk",
            "1.de",
            "xn--mller-kva.de",
            "team.github.io",
        ] {
            assert_eq!(
                normalize(clean).unwrap(),
                Normalized {
                    name: clean.into(),
                    change: None
                }
            );
        }
    }

    #[test]
    fn a_domain_is_taken_from_a_url_or_an_address() {
        assert_eq!(name("https://www.Acme.com/about"), "acme.com");
        assert_eq!(name("http://user:pass@acme.com:8080/?q=1#x"), "acme.com");
        assert_eq!(name("acme.com/about"), "acme.com");
        assert_eq!(name("//acme.com"), "acme.com");
        assert_eq!(name("acme.com:443"), "acme.com");
        assert_eq!(change("https://acme.com"), Some("domain_from_url"));
        assert_eq!(name("it@acme.com"), "acme.com");
        assert_eq!(name("mailto:IT@Acme.com?subject=x"), "acme.com");
        assert_eq!(name("@acme.com"), "acme.com");
        assert_eq!(change("it@acme.com"), Some("domain_from_email"));
    }

    #[test]
    fn case_dots_and_www_are_removed() {
        assert_eq!(name(" ACME.COM\u{a0}"), "acme.com");
        assert_eq!(change("ACME.com"), Some("domain_lower_cased"));
        assert_eq!(name("acme.com."), "acme.com");
        assert_eq!(change("acme.com."), Some("domain_dot_removed"));
        assert_eq!(name("www.www.acme.com"), "acme.com");
        assert_eq!(change("www.acme.com"), Some("domain_www_removed"));
        assert_eq!(name("www.com"), "www.com");
    }

    #[test]
    fn names_in_other_scripts_become_ascii() {
        assert_eq!(name("müller.de"), "xn--mller-kva.de");
        assert_eq!(name("例え。テスト.jp"), "xn--r8jz45g.xn--zckzah.jp");
        assert_eq!(change("müller.de"), Some("domain_to_ascii"));
    }

    #[test]
    fn what_is_no_host_name_is_refused() {
        for bad in [
            "acme",
            "delta",
            "",
            ".",
            "acme..com",
            "-acme.com",
            "acme-.com",
            "a_b.com",
            "a b.com",
            "10.0.0.1",
            "http://",
            "@",
            "xn--a.com",
            "acme.com, inc",
            "[::1]",
            "https://https://acme.com",
        ] {
            assert_eq!(code(bad), "domain_invalid", "{bad}");
        }
        assert_eq!(code(&format!("{}.com", "a".repeat(64))), "domain_invalid");
        assert_eq!(
            code(&format!("{}com", "abcdefg.".repeat(32))),
            "domain_invalid"
        );
    }

    #[test]
    fn a_domain_stands_under_a_public_suffix() {
        assert_eq!(code("acme.local"), "domain_suffix_unknown");
        assert_eq!(code("co.uk"), "domain_is_suffix");
        assert_eq!(code("co.uk."), "domain_is_suffix");
        assert_eq!(name("github.io"), "github.io");
    }

    #[test]
    fn a_consumer_mail_domain_is_warned_of() {
        assert_eq!(warning("gmail.com").unwrap().code, "domain_consumer");
        assert_eq!(warning("linkedin.com").unwrap().code, "domain_platform");
        assert!(warning("acme.com").is_none());
    }

    #[test]
    fn invisible_characters_are_removed_and_separate_nothing() {
        let pieces: Vec<_> =
            crate::organization::domain::split("\u{200b}h\u{200b}.com\u{feff} b.de").collect();
        assert_eq!(pieces, ["h\u{200b}.com", "b.de"]);
        assert_eq!(name("h\u{200b}.com"), "h.com");
        assert_eq!(change("H\u{2060}.com"), Some("domain_invisible_removed"));
        assert_eq!(code("\u{200b}\u{ad}x\u{200b}y"), "domain_invalid");
    }

    proptest::proptest! {
        #[test]
        fn normalizing_twice_changes_nothing(text in "(https?://|www\\.|it@)?\\PC{0,12}[.。]?[a-zA-Zäßо]{1,8}\\.(com|DE|co\\.uk|рф|io)(\\.|/x|:80)?") {
            if let Ok(once) = normalize(&text) {
                let twice = normalize(&once.name).unwrap();
                assert_eq!(twice.name, once.name);
                assert_eq!(twice.change, None);
            }
        }

        #[test]
        fn the_fast_way_for_plain_names_agrees_with_the_full_one(text in "[a-zA-Z0-9.-]{1,20}(\\.com)?") {
            let lower = text.to_ascii_lowercase();
            if is_plain(&lower) {
                let full = Uts46::new().to_ascii(
                    text.as_bytes(),
                    AsciiDenyList::STD3,
                    Hyphens::CheckFirstLast,
                    DnsLength::Verify,
                );
                assert_eq!(full.ok().as_deref(), Some(lower.as_str()));
            }
        }
    }
}
