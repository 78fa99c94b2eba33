//! The pieces of a cell that may hold several domains.

use super::normalize::normalize;
use crate::text;

/// The pieces, separated by `;`, `,`, `|`, their counterparts in other scripts, or white space.
/// Characters of no width separate nothing, and neither does what belongs to a URL. Of
/// `Bob Smith <bob@acme.com>` the address is the piece.
pub(crate) fn split(cell: &str) -> impl Iterator<Item = &str> {
    // Most cells hold one name; looking at all bytes without stopping is quicker than stopping.
    let may_separate = |b: u8| matches!(b, b';' | b',' | b'|' | ..=b' ' | 0x7f..);
    let (one, mut rest) = if cell.bytes().fold(false, |any, b| any | may_separate(b)) {
        (None, Some(cell))
    } else {
        (Some(cell), None)
    };
    let several = std::iter::from_fn(move || {
        let (piece, following) = first(rest?);
        rest = following;
        Some(piece)
    });
    let pieces = one.into_iter().chain(several);
    pieces.map(text::trim).filter(|piece| !piece.is_empty())
}

/// The first piece, and the text after its delimiter.
fn first(cell: &str) -> (&str, Option<&str>) {
    let cell = cell.trim_start();
    // A name in quotation marks may hold commas.
    let name = cell.strip_prefix('"').and_then(|name| name.find('"'));
    let (name, following) = cell.split_at(name.map_or(0, |length| length + 2));
    let until = name.len()
        + following
            .find(|c| is_separator(c) || c == '\n')
            .unwrap_or(following.len());
    if let Some(address) = cell.get(..until).and_then(address_of) {
        return (address, cell.get(until + 1..));
    }
    let separators = cell.match_indices(|c: char| is_separator(c) || c.is_whitespace());
    for (at, separator) in separators {
        let (before, following) = (cell.get(..at), cell.get(at + separator.len()..));
        let (before, following) = (before.unwrap_or_default(), following.unwrap_or_default());
        let always = separator == "|" || separator.contains(char::is_whitespace);
        if always || !is_within_url(before, following) {
            return (before, Some(following));
        }
    }
    (cell, None)
}

fn is_separator(c: char) -> bool {
    matches!(c, ';' | ',' | '|' | '、' | '，' | '；' | '｜' | '،' | '؛')
}

/// The email address after a name, as mail programs write it.
fn address_of(text: &str) -> Option<&str> {
    let (_, address) = text::trim(text).strip_suffix('>')?.rsplit_once('<')?;
    address.contains('@').then_some(address)
}

/// A domain in place of a path: `acme.com/acme.de`.
pub(crate) fn domain_after_slash(piece: &str) -> Option<&str> {
    let (before, path) = piece.split_once('/')?;
    let is_scheme = before.ends_with(':');
    (!is_scheme && normalize(path).is_ok()).then_some(path)
}

/// Whether a comma or semicolon between these belongs to a URL's path or query. What can be the
/// next domain after a path counts as one.
fn is_within_url(before: &str, following: &str) -> bool {
    let Some((_, rest)) = before.split_once("://") else {
        return false;
    };
    let is_next = |text: &str| text.starts_with("www.") || text.contains("://");
    let next = following
        .split([';', ',', '|', ' '])
        .next()
        .unwrap_or_default();
    if following.starts_with(char::is_whitespace) || is_next(next) {
        return false;
    }
    rest.contains(['?', '#']) || (rest.contains('/') && normalize(next).is_err())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(cell: &str) -> Vec<&str> {
        split(cell).collect()
    }

    #[test]
    fn domains_are_separated_by_marks_and_spaces() {
        assert_eq!(
            pieces("a.com;b.com, c.com | d.com\ne.com\u{a0}f.com"),
            ["a.com", "b.com", "c.com", "d.com", "e.com", "f.com"]
        );
        assert_eq!(pieces(" a.com ;"), ["a.com"]);
        assert_eq!(
            pieces("it@a.co.jp、b.jp，c.jp；d.jp｜e.jp،f.com"),
            ["it@a.co.jp", "b.jp", "c.jp", "d.jp", "e.jp", "f.com"]
        );
        assert!(pieces(" ; ").is_empty());
    }

    #[test]
    fn marks_within_a_url_separate_nothing() {
        for url in [
            "https://acme.com/?sites=x1.com,globex.com",
            "https://acme.com/1,1518,00.html",
            "https://user:pw@acme.com:443/p;x=1?q=a",
            "http://acme.com/x?y=1&z=a,b",
            "https://ja.wikipedia.org/wiki/東、西",
        ] {
            assert_eq!(pieces(url), [url]);
        }
        assert_eq!(
            pieces("https://a.com/,https://b.com"),
            ["https://a.com/", "https://b.com"]
        );
        assert_eq!(
            pieces("https://a.com/?x=1,www.b.com"),
            ["https://a.com/?x=1", "www.b.com"]
        );
        assert_eq!(
            pieces("https://a.com/?x=1, b.com"),
            ["https://a.com/?x=1", "b.com"]
        );
        assert_eq!(
            pieces("https://a.com/x;b.com"),
            ["https://a.com/x", "b.com"]
        );
        assert_eq!(pieces("https://a.com;b.com"), ["https://a.com", "b.com"]);
    }

    #[test]
    fn a_path_may_be_a_domain() {
        assert_eq!(domain_after_slash("acme.com/acme.de"), Some("acme.de"));
        assert_eq!(domain_after_slash("it@a.com/it@b.jp"), Some("it@b.jp"));
        for page in ["acme.com/about", "https://a.com/b.com", "acme.com/"] {
            assert_eq!(domain_after_slash(page), None, "{page}");
        }
    }

    #[test]
    fn an_address_stands_behind_a_name() {
        assert_eq!(
            pieces("Bob Smith <bob@acme.com>; Amy <amy@acme.de>, acme.fr"),
            ["bob@acme.com", "amy@acme.de", "acme.fr"]
        );
        assert_eq!(
            pieces("\"Smith, Bob\" <bob@acme.com>, \"Jones, Amy\" <amy@acme.de>"),
            ["bob@acme.com", "amy@acme.de"]
        );
        assert_eq!(pieces("\"a.com, b.com\""), ["\"a.com", "b.com\""]);
        assert_eq!(pieces("<acme.com>"), ["<acme.com>"]);
    }
}
