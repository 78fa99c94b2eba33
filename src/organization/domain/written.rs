//! A domain as people write it: in a URL or an e-mail address, with `www.`, with typing errors.

use crate::text;

/// The host in a URL or an e-mail address, or the text itself.
pub(super) fn host_of(text: &str) -> (&str, Option<&'static str>) {
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

/// The name without leading `www.` labels, also mistyped ones, unless what is left would be no domain
/// by itself.
pub(super) fn without_www(name: &str) -> &str {
    let mut name = name;
    while let Some((label, rest)) = name.split_once('.') {
        let is_www = (2..=4).contains(&label.len()) && label.bytes().all(|b| b == b'w');
        if !is_www || psl::domain_str(rest).is_none() {
            break;
        }
        name = rest;
    }
    name
}

/// A web address without the typing errors that people make in it: quotation marks and other marks
/// around it, dots before it, a scheme that is misspelt, written twice or not ended (`htttp://`, `http//`).
pub(super) fn repaired(text: &str) -> Option<&str> {
    const MARKS: &str = "\"'<>()[]{},;:\\`“”„«»‘’*|! ";
    let whole = text::trim(text);
    let mut rest = whole.trim_matches(|c| MARKS.contains(c));
    while let Some(following) = without_scheme(rest) {
        rest = following;
    }
    // `.acme.com`, `*.acme.com`, `..acme.com`.
    rest = rest.trim_start_matches('.');
    (rest.len() < whole.len()).then_some(rest)
}

/// The text after something that is meant as the scheme of a URL.
pub(super) fn without_scheme(text: &str) -> Option<&str> {
    let is_letter = |b: &u8| b"htps".contains(&b.to_ascii_lowercase());
    let letters = text.bytes().take_while(|b| is_letter(b)).count();
    let (scheme, rest) = text.split_at_checked(letters)?;
    let is_scheme = (3..=7).contains(&letters) && scheme.to_ascii_lowercase().contains("tp");
    let following = rest.trim_start_matches([':', '/', '\\', ';', '.', ',', ' ']);
    let marks = rest.get(..rest.len() - following.len())?;
    (is_scheme && marks.contains([':', '/', '\\'])).then_some(following)
}

#[cfg(test)]
mod tests {
    use crate::organization::domain::normalize::tests::{change, name};

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
    fn typing_errors_in_a_web_address_are_repaired() {
        for typed in [
            "http:/acme.com",
            "http//acme.com",
            "htttp://acme.com",
            "https//:acme.com",
            "http:www.acme.com",
            "http://http://acme.com",
            "http://https://www.acme.com/x",
            "http;//acme.com",
            "http:\\\\acme.com",
            "ttps://acme.com",
            "http://www.acme.com\\",
            "\"acme.com\"",
            "<acme.com>",
            "(https://acme.com)",
        ] {
            assert_eq!(name(typed), "acme.com", "{typed}");
            assert!(change(typed).is_some(), "{typed}");
        }
        assert_eq!(name("http.com"), "http.com");
    }
}
