//! From one piece of text to the domain name that WorkOS takes.

use super::fault::{MAX, MAX_LABEL};
use super::written::{host_of, repaired, without_www};
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
    /// `domain_to_ascii`, `domain_www_removed`, `domain_dot_removed`, `domain_lower_cased`,
    /// `domain_repaired`.
    pub change: Option<&'static str>,
    /// Whether it is one of many sites under the name of a company that hosts them
    /// (`acme.github.io`), by the public suffix list.
    is_hosted: bool,
}

impl Normalized<'_> {
    /// Whether the text that it was taken from is a page on another company's platform, by its
    /// path or by its name.
    pub(crate) fn is_page(&self, text: &str) -> bool {
        self.is_hosted
            || platform::is_search(&self.name, text)
            || platform::platform_of(&self.name)
                .is_some_and(|platform| platform.len() < self.name.len() || has_path(text))
    }
}

/// Whether a URL names a page below its host.
pub(crate) fn has_path(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.trim_start_matches('/').split_once('/');
    path.is_some_and(|(_, path)| {
        path.starts_with(|c: char| c.is_alphanumeric() || "@+~_-%".contains(c))
    })
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
        return Ok(Normalized {
            is_hosted: under_public_suffix(text, text)?,
            name: Cow::Borrowed(text),
            change: None,
        });
    }
    as_written(text).or_else(|problem| {
        let found = repaired(text).and_then(|text| as_written(text).ok());
        let found = found.ok_or(problem)?;
        Ok(Normalized {
            change: Some("domain_repaired"),
            ..found
        })
    })
}

/// The domain name of a text in which no typing error is looked for.
fn as_written(text: &str) -> Result<Normalized<'_>, Problem> {
    let hidden = |c: char| text::is_padding(c) && !c.is_whitespace();
    if !text.is_ascii() && text::trim(text).contains(hidden) {
        let shown = text.replace(hidden, "");
        let shown = normalize(&shown)?;
        return Ok(Normalized {
            is_hosted: shown.is_hosted,
            name: Cow::Owned(shown.name.into_owned()),
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
    let is_hosted = under_public_suffix(name, text)?;
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
        is_hosted,
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
    !text.starts_with("ww") && is_plain(text)
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

/// Checks the ending against the public suffix list; says whether the name is one of many sites
/// that a company hosts.
fn under_public_suffix(name: &str, text: &str) -> Result<bool, Problem> {
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
    let is_private = suffix.typ() == Some(psl::Type::Private);
    let length = suffix.as_bytes().len();
    if length == name.len() && !is_private {
        return Err(Problem::new(
            "domain_is_suffix",
            format!(
                "{} is a public suffix, not a company's domain: expected a name such as \
                 acme.{name}",
                text::quoted(text)
            ),
        ));
    }
    let suffix = name.get(name.len() - length..).unwrap_or_default();
    Ok(is_private && length < name.len() && !platform::is_registry(suffix))
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
pub(super) mod tests {
    use super::*;

    pub(in crate::organization::domain) fn name(text: &str) -> String {
        normalize(text)
            .unwrap_or_else(|problem| panic!("{problem}"))
            .name
            .into_owned()
    }

    pub(in crate::organization::domain) fn change(text: &str) -> Option<&'static str> {
        normalize(text).unwrap().change
    }

    #[test]
    fn the_fault_of_a_host_within_a_text_is_not_that_of_the_text() {
        let message = |text| normalize(text).unwrap_err().message;
        assert!(message("files//acme.com").contains("its host \"files\" has no dot"));
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
            let found = normalize(clean).unwrap();
            assert_eq!((found.name.as_ref(), found.change), (clean, None));
        }
    }

    #[test]
    fn case_dots_and_www_are_removed() {
        assert_eq!(name(" ACME.COM\u{a0}"), "acme.com");
        assert_eq!(change("ACME.com"), Some("domain_lower_cased"));
        assert_eq!(name("acme.com."), "acme.com");
        assert_eq!(change("acme.com."), Some("domain_dot_removed"));
        assert_eq!(name("www.www.acme.com"), "acme.com");
        assert_eq!(change("www.acme.com"), Some("domain_www_removed"));
        assert_eq!(
            (name("ww.acme.com"), name("wwww.acme.com")),
            ("acme.com".into(), "acme.com".into())
        );
        assert_eq!(name("ww.com"), "ww.com");
        assert_eq!(
            (name(".acme.com"), name("*.acme.com")),
            ("acme.com".into(), "acme.com".into())
        );
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
            "http://http://",
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
