//! Text from outside (files, servers, arguments), made safe to show and trimmed for comparison.
//!
//! [`printable`] is the only sanitizer: everything else here that returns text to show uses it.

use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;
use std::borrow::Cow;
use std::fmt::Write as _;

/// How many characters of a cell a message shows before it is cut.
const SHOWN: usize = 60;

/// Whether a character is invisible padding that people paste without knowing: white space of
/// every kind, zero-width characters, a byte order mark, a soft hyphen.
pub(crate) fn is_padding(c: char) -> bool {
    match c {
        ' '..='~' => c == ' ',
        '\t'..='\r' => true,
        _ => {
            c.is_whitespace()
                || matches!(
                    c,
                    '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'
                )
        }
    }
}

/// The text without padding at its ends.
pub fn trim(text: &str) -> &str {
    let bytes = text.as_bytes();
    let clean = |byte: Option<&u8>| byte.is_none_or(|b| (b'!'..=b'~').contains(b));
    if clean(bytes.first()) && clean(bytes.last()) {
        text
    } else {
        text.trim_matches(is_padding)
    }
}

/// Whether the text is a number of ASCII digits alone.
pub(crate) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a character controls a terminal, reorders text or is invisible, instead of showing
/// something: C0 and C1 controls, marks for the writing direction, invisible formatting.
fn is_control(c: char) -> bool {
    match c {
        ' '..='~' => false,
        '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}' => true,
        c => c.is_control() || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c),
    }
}

/// The text without terminal escape sequences, control characters, direction marks and invisible
/// characters; line breaks and tabs become spaces.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_control) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' => skip_escape(&mut rest),
            '\n' | '\t' | '\u{2028}' | '\u{2029}' => out.push(' '),
            c if is_control(c) => {}
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Text of this program for a terminal, which may have line breaks and colours. Whatever else
/// controls a terminal, and what looks like an API key, is taken out wherever it comes from.
pub(crate) fn screened(text: &str) -> String {
    let text = without_keys(text);
    let mut out = String::with_capacity(text.len());
    let mut pieces = text.split('\u{1b}');
    out.push_str(&lines(pieces.next().unwrap_or_default()));
    for piece in pieces {
        let style = STYLES
            .iter()
            .find_map(|style| piece.strip_prefix(style).zip(Some(style)));
        match style {
            Some((rest, style)) => {
                out.push('\u{1b}');
                out.push_str(style);
                out.push_str(&lines(rest));
            }
            None => out.push_str(&lines(&format!("\u{1b}{piece}"))),
        }
    }
    out
}

/// The colours of this program, as they follow an escape character.
const STYLES: [&str; 8] = ["[0m", "[1m", "[2m", "[31m", "[32m", "[33m", "[36m", "[4m"];

/// Printable lines.
fn lines(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(printable).collect();
    lines.join("\n")
}

/// Text in which whatever looks like an API key is cut after its prefix. A key may be in the place
/// of a file name or an option, and the terminal is no place for it.
fn without_keys(text: &str) -> Cow<'_, str> {
    const PREFIXES: [&str; 2] = ["sk_live_", "sk_test_"];
    const SECRET: usize = 8;
    let found = PREFIXES
        .iter()
        .filter_map(|prefix| Some((text.find(prefix)?, prefix)));
    let Some((start, prefix)) = found.min() else {
        return Cow::Borrowed(text);
    };
    let (before, rest) = text.split_at(start + prefix.len());
    let secret = rest
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(rest.len());
    let (secret, after) = rest.split_at(secret);
    let shown = if secret.len() < SECRET { secret } else { "…" };
    Cow::Owned(format!("{before}{shown}{}", without_keys(after)))
}

/// Printable text, cut after `longest` characters.
pub(crate) fn untrusted(text: &str, longest: usize) -> String {
    let text = printable(text);
    let mut rest = text.chars();
    let mut kept: String = rest.by_ref().take(longest).collect();
    if rest.next().is_some() {
        kept.push('…');
    }
    kept
}

/// Printable text on one line, white space folded, cut after `longest` characters.
pub(crate) fn one_line(text: &str, longest: usize) -> String {
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    untrusted(&folded, longest)
}

/// Skips what follows an escape character: a control sequence (`[ … letter`), an operating system
/// command (`] … BEL`), or a single character.
fn skip_escape(rest: &mut std::str::Chars<'_>) {
    match rest.clone().next() {
        Some('[') => {
            rest.next();
            rest.find(|c| ('\u{40}'..='\u{7e}').contains(c));
        }
        Some(']') => {
            rest.find(|c| matches!(c, '\u{7}' | '\u{1b}'));
        }
        _ => {}
    }
}

/// Text from outside in quotation marks, printable, cut after 60 characters.
///
/// ```
/// use workos_orgs::text::quoted;
/// assert_eq!(quoted("a\u{1b}[31mcme"), "\"acme\"");
/// ```
pub fn quoted(text: &str) -> String {
    let text = untrusted(text, SHOWN).replace('"', "\\\"");
    format!("\"{text}\"")
}

/// Texts in quotation marks with commas, the first 20 of them.
pub(crate) fn listed(texts: &[String]) -> String {
    const SHOWN: usize = 20;
    let mut out = texts
        .iter()
        .take(SHOWN)
        .map(|c| quoted(c))
        .collect::<Vec<_>>()
        .join(", ");
    if texts.len() > SHOWN {
        let _ = write!(out, " and {} more", texts.len() - SHOWN);
    }
    out
}

/// A character as a message names it, with its code point, since it may be invisible.
pub(crate) fn character(c: char) -> String {
    let code = u32::from(c);
    let shown = match c {
        '\n' | '\r' => "a line break".into(),
        '\t' => "a tab".into(),
        c if c.is_control() => "a control character".into(),
        c if is_control(c) || is_padding(c) => "an invisible character".into(),
        c => quoted(c.encode_utf8(&mut [0; 4])),
    };
    format!("{shown} (U+{code:04X})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn invisible_padding_is_trimmed_from_both_ends() {
        assert_eq!(trim("\u{feff}\u{a0} Acme Inc\u{200b}\t\r\n"), "Acme Inc");
        assert_eq!(trim("Müller"), "Müller");
        assert_eq!(trim("é"), "é");
        assert_eq!(trim(" \u{a0} "), "");
        assert_eq!(trim(""), "");
    }

    #[test]
    fn terminal_escapes_never_reach_a_message() {
        assert_eq!(quoted("\u{1b}[31mred\u{1b}[0m"), "\"red\"");
        assert_eq!(quoted("\u{1b}]0;title\u{7}x"), "\"x\"");
        assert_eq!(quoted("a\u{202e}b\u{0}c\nd"), "\"abc d\"");
        assert_eq!(quoted("\u{1b}"), "\"\"");
        assert_eq!(untrusted("a\u{1b}[2Jb\nc", 10), "ab c");
        assert_eq!(
            untrusted("\u{202e}gpj.exe\u{61c}\u{e0041}\u{9b}x", 10),
            "gpj.exex"
        );
        assert_eq!(one_line("a\r\n b\u{2028}c\u{1b}[31m", 10), "a b c");
    }

    #[test]
    fn only_lines_and_colours_of_this_program_reach_a_terminal() {
        let text =
            "\u{1b}[1m\u{1b}[31merror\u{1b}[0m: a\u{1b}]0;title\u{7}\u{9b}b\u{202e}\n\u{1b}[8mhint";
        assert_eq!(
            screened(text),
            "\u{1b}[1m\u{1b}[31merror\u{1b}[0m: ab\nhint"
        );
    }

    #[test]
    fn a_key_never_reaches_a_terminal() {
        assert_eq!(
            screened("cannot open sk_live_verysecret.csv, sk_test_AbCd1234: sk_test_sandbox"),
            "cannot open sk_live_….csv, sk_test_…: sk_test_sandbox"
        );
        assert_eq!(screened("sk_live_"), "sk_live_");
    }

    #[test]
    fn long_text_is_cut() {
        let shown = quoted(&"x".repeat(61));
        assert_eq!(shown, format!("\"{}…\"", "x".repeat(60)));
        assert_eq!(untrusted("abcdef", 3), "abc…");
        assert_eq!(quoted(&"x".repeat(60)), format!("\"{}\"", "x".repeat(60)));
    }

    /// Text with many of the characters that must not reach a terminal.
    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            any::<char>(),
            prop::char::range('\0', '\u{a0}'),
            prop::char::range('\u{200b}', '\u{206f}'),
            prop::char::range('\u{e0000}', '\u{e007f}'),
        ];
        prop::collection::vec(piece, 0..80).prop_map(String::from_iter)
    }

    proptest! {
        #[test]
        fn nothing_that_controls_a_terminal_is_shown(text in hostile(), longest in 0..90_usize) {
            for shown in [untrusted(&text, longest), one_line(&text, longest), quoted(&text)] {
                prop_assert!(!shown.contains(is_control), "{shown:?}");
                prop_assert!(!shown.contains(char::is_control), "{shown:?}");
                prop_assert!(
                    !shown.contains(|c| matches!(c,
                        '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')),
                    "{shown:?}"
                );
            }
            prop_assert!(untrusted(&text, longest).chars().count() <= longest + 1);
            let once = printable(&text);
            prop_assert_eq!(printable(&once), once.clone());
        }
    }
}
