//! The pieces of a cell that may hold several domains.

use super::normalize::normalize;
use super::written::without_scheme;
use crate::text;

/// The pieces, separated by `;`, `,`, `|`, their counterparts in other scripts, or white space.
/// Characters of no width separate nothing, and neither does what belongs to a URL. Of
/// `Bob Smith <bob@acme.com>` the address is the piece. Lists of programs (`["a.com"]`, `{a.com}`)
/// and links of documents (`[Acme](https://acme.com)`) give what is in them.
pub(crate) fn split(cell: &str) -> impl Iterator<Item = &str> {
    // Most cells hold one name; looking at all bytes without stopping is quicker than stopping.
    let may_separate = |b: u8| {
        matches!(
            b,
            b';' | b',' | b'|' | ..=b' ' | 0x7f..|b'{'| b'[' | b'<' | b'(' | b'#' | b'=' | b'\\'
        )
    };
    let (one, mut rest, is_list) = if cell.bytes().fold(false, |any, b| any | may_separate(b)) {
        let (cell, is_list) = unwrapped(cell);
        (None, Some(cell), is_list)
    } else {
        (Some(cell), None, false)
    };
    let several = std::iter::from_fn(move || {
        let (piece, following) = first(rest?);
        rest = following;
        Some(piece)
    });
    let pieces = one.into_iter().chain(several);
    let bare = move |piece| {
        let piece = text::trim(piece);
        if is_list {
            piece.trim_matches(['"', '\'', ' '])
        } else {
            piece
        }
    };
    pieces.map(bare).filter(|piece| !piece.is_empty())
}

/// The first piece, and the text after its delimiter.
fn first(cell: &str) -> (&str, Option<&str>) {
    let cell = cell.trim_start();
    // A note in parentheses is one piece.
    if cell.starts_with('(')
        && let Some((note, following)) = cell.find(')').and_then(|at| cell.split_at_checked(at + 1))
    {
        return (note, Some(following));
    }
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
    let may_separate = |c: char| is_separator(c) || c.is_whitespace() || matches!(c, '\\' | '<');
    for (at, separator) in cell.match_indices(may_separate) {
        let separator = match separator {
            "\\" | "<" => match cell.get(at..).and_then(written_break) {
                Some(separator) if !cell.get(..at).unwrap_or_default().ends_with(['\\', ':']) => {
                    separator
                }
                _ => continue,
            },
            separator => separator,
        };
        let (before, following) = (cell.get(..at), cell.get(at + separator.len()..));
        let (before, following) = (before.unwrap_or_default(), following.unwrap_or_default());
        let always = !separator.starts_with(is_separator) || separator == "|";
        if always || !is_within_url(before, following) {
            return (before, Some(following));
        }
    }
    (cell, None)
}

/// A line break or tab at the start of a text as programs write it out: `\n`, `<br>`.
fn written_break(text: &str) -> Option<&str> {
    if matches!(text.get(..2), Some("\\n" | "\\r" | "\\t")) {
        return text.get(..2);
    }
    let tag = text.get(..=text.find('>')?)?;
    let name = tag.trim_matches(['<', '>', '/', ' ']);
    ["br", "p", "div", "li", "ul"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
        .then_some(tag)
}

fn is_separator(c: char) -> bool {
    matches!(c, ';' | ',' | '|' | '、' | '，' | '；' | '｜' | '،' | '؛')
}

/// What a cell holds that is a program's list or a document's link as a whole, and whether it is a
/// list, whose items may be in quotation marks.
fn unwrapped(cell: &str) -> (&str, bool) {
    let bare = text::trim(cell);
    if let Some(address) = linked(bare) {
        return (address, false);
    }
    let inner = [('{', '}'), ('[', ']')]
        .iter()
        .find_map(|(open, close)| bare.strip_prefix(*open)?.strip_suffix(*close));
    match inner.or_else(|| {
        let inner = bare.strip_prefix('(')?.strip_suffix(')')?;
        inner.starts_with(['"', '\'']).then_some(inner)
    }) {
        Some(inner) => (inner, true),
        None => (cell, false),
    }
}

/// The address of a cell that is one link: of Access (`text#address#`), of a spreadsheet
/// (`=HYPERLINK("address")`), of Markdown (`[text](address)`) or of HTML.
fn linked(cell: &str) -> Option<&str> {
    let is_web = |address: &&str| address.contains("://") || address.starts_with("www.");
    let quoted = |text: &'_ str| -> Option<(char, usize)> {
        let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        Some((quote, text.get(1..)?.find(quote)?))
    };
    if let Some((function, rest)) = cell.strip_prefix('=').and_then(|f| f.split_once('(')) {
        let (_, length) = quoted(rest).filter(|_| function.bytes().all(|b| b != b'"'))?;
        return rest.get(1..=length);
    }
    if let Some((_, rest)) = cell
        .strip_prefix('[')
        .and_then(|text| text.split_once("]("))
    {
        let address = rest.strip_suffix(')')?;
        return (!address.contains(')')).then(|| address.split(' ').next())?;
    }
    if cell
        .get(..2)
        .is_some_and(|tag| tag.eq_ignore_ascii_case("<a"))
    {
        let lower = cell.to_ascii_lowercase();
        let at = lower
            .find("href=")
            .filter(|_| lower.matches("<a ").count() == 1)?;
        let rest = cell.get(at + 5..)?;
        let (_, length) = quoted(rest)?;
        return rest.get(1..=length);
    }
    let mut parts = cell.split('#');
    let (label, address, _) = (parts.next()?, parts.next()?, parts.next()?);
    let is_link = !label.contains("://") && parts.count() <= 1;
    Some(text::trim(address)).filter(|address| is_link && is_web(address))
}

/// Whether a piece only joins others or notes something of them: `and`, `/`, `(old)`, a scheme or
/// `www.` that a space separates from its name.
pub(crate) fn is_joint(piece: &str) -> bool {
    #[rustfmt::skip]
    const JOINTS: &[&str] = &[
        "&", "&&", "&amp;", "+", "/", "//", "\\/", "\\", "·", "•", "*", "–", "—", "->", "plus",
        "and/or", "und/oder", "et/ou", "y/o", "e/o", "en/of", "og/eller", "och/eller", "и/или",
        "also", "main", "primary", "secondary", "see",
        "and", "or", "und", "oder", "sowie", "et", "ou", "y", "o", "e", "u", "en", "of", "og", "och",
        "eller", "ja", "tai", "i", "lub", "oraz", "a", "nebo", "és", "vagy", "și", "si", "sau", "ve",
        "veya", "και", "ή", "и", "или", "та", "або", "và", "hoặc", "dan", "atau", "和", "或", "与",
        "與", "及", "と", "または", "및", "또는", "และ", "หรือ", "و", "أو", "ו", "או",
    ];
    let note = [('(', ')'), ('[', ']')]
        .iter()
        .find_map(|(open, close)| piece.strip_prefix(*open)?.strip_suffix(*close));
    if let Some(note) = note {
        return !note.contains(['.', '@', '/']);
    }
    // Of a numbered list: `1)`, `2.`.
    let number = piece.trim_end_matches([')', '.']);
    if number.len() < piece.len() && number.len() <= 2 && text::is_digits(number) {
        return true;
    }
    let bare = without_scheme(piece).unwrap_or(piece);
    let bare = bare.trim_matches(['.', '/', ':']);
    let is_start = |text: &str| {
        ["www", "http", "https"]
            .iter()
            .any(|s| s.eq_ignore_ascii_case(text))
    };
    let is_prefix = is_start(bare) || (bare.is_empty() && piece.len() > 2);
    is_prefix || JOINTS.iter().any(|joint| joint.eq_ignore_ascii_case(piece))
}

/// The email address after a name, as mail programs write it.
fn address_of(text: &str) -> Option<&str> {
    let (_, address) = text::trim(text).strip_suffix('>')?.rsplit_once('<')?;
    address.contains('@').then_some(address)
}

/// A domain in place of a path: `acme.com/acme.de`.
pub(crate) fn domain_after_slash(piece: &str) -> Option<&str> {
    let (before, path) = piece.split_once('/')?;
    let is_scheme = before.is_empty() || before.ends_with(':');
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
    fn line_breaks_that_a_program_wrote_out_separate() {
        for cell in [
            r"a.com\nb.com",
            r"a.com\r\nb.com",
            r"a.com\tb.com",
            "a.com<br>b.com",
            "a.com <BR /> b.com",
            "<p>a.com</p><p>b.com</p>",
        ] {
            assert_eq!(pieces(cell), ["a.com", "b.com"], "{cell}");
        }
        assert_eq!(pieces(r"https:\\nike.com"), [r"https:\\nike.com"]);
        assert_eq!(pieces("<acme.com>"), ["<acme.com>"]);
    }

    #[test]
    fn a_path_may_be_a_domain() {
        assert_eq!(domain_after_slash("acme.com/acme.de"), Some("acme.de"));
        assert_eq!(domain_after_slash("it@a.com/it@b.jp"), Some("it@b.jp"));
        for page in [
            "acme.com/about",
            "https://a.com/b.com",
            "acme.com/",
            "//a.com",
        ] {
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

    #[test]
    fn the_items_of_a_programs_list_are_pieces() {
        for list in [
            "{a.com,b.com}",
            r#"{"a.com","b.com"}"#,
            r#"["a.com", "b.com"]"#,
            "['a.com', 'b.com']",
            "('a.com', 'b.com')",
            " [a.com; b.com] ",
        ] {
            assert_eq!(pieces(list), ["a.com", "b.com"], "{list}");
        }
        assert!(pieces("[]").is_empty() && pieces("{}").is_empty());
    }

    #[test]
    fn a_link_gives_its_address() {
        for link in [
            "#https://a.com/#",
            "Our page#https://a.com/#",
            "Our page#https://a.com/#top",
            r#"=HYPERLINK("https://a.com/","Acme")"#,
            r#"=HYPERLINK("https://a.com/";"Acme")"#,
            "[Acme](https://a.com/)",
            r#"[Acme, Inc](https://a.com/ "title")"#,
            r#"<a href="https://a.com/">Acme</a>"#,
            "<A class='x' HREF='https://a.com/'>Acme</A>",
        ] {
            assert_eq!(pieces(link), ["https://a.com/"], "{link}");
        }
        let two = "[A](https://a.com), [B](https://b.com)";
        assert!(pieces(two).len() > 1);
        assert_eq!(pieces("https://a.com/#x#y"), ["https://a.com/#x#y"]);
    }

    #[test]
    fn words_between_domains_and_notes_are_joints() {
        assert_eq!(
            pieces("a.com (no longer used) & b.com"),
            ["a.com", "(no longer used)", "&", "b.com"]
        );
        for joint in [
            "and",
            "UND",
            "/",
            "&",
            "(old)",
            "http://",
            "https://www.",
            "www.",
            "www",
            "http",
            "1)",
            "2.",
        ] {
            assert!(is_joint(joint), "{joint}");
        }
        for piece in ["acme", "(acme.com)", "a.com", "wwwx", "-"] {
            assert!(!is_joint(piece), "{piece}");
        }
    }
}
