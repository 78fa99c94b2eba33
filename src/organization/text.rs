//! Text that came from outside, made fit to be shown or compared.

use std::borrow::Cow;

/// How many characters of a cell a message shows before it is cut.
const SHOWN: usize = 60;

/// Whether a character is invisible padding that people paste without knowing: white space of
/// every kind, zero-width characters, a byte order mark, a soft hyphen.
pub fn is_padding(c: char) -> bool {
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
pub fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a character steers a terminal or reorders text instead of showing something.
fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The text without terminal escape sequences and control characters; line breaks and tabs become
/// spaces.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_control) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' => skip_escape(&mut rest),
            '\n' | '\t' => out.push(' '),
            '\r' => {}
            c if is_control(c) => {}
            c => out.push(c),
        }
    }
    Cow::Owned(out)
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
/// use workos_orgs::organization::text::quoted;
/// assert_eq!(quoted("a\u{1b}[31mcme"), "\"acme\"");
/// ```
pub fn quoted(text: &str) -> String {
    let text = printable(text);
    let mut out = String::from("\"");
    for (place, c) in text.chars().enumerate() {
        if place == SHOWN {
            out.push('…');
            break;
        }
        if c == '"' {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

/// A path or an argument as a shell takes it, without control characters: in double quotation
/// marks, as every shell knows them, where nothing in it has a meaning there.
///
/// ```
/// use workos_orgs::organization::text::shell;
/// assert_eq!(shell("my list.csv"), "\"my list.csv\"");
/// ```
pub fn shell(argument: &str) -> String {
    let argument = printable(argument);
    let plain = |c: char| c.is_alphanumeric() || "/._-+=:,@%".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        argument.into_owned()
    } else if !argument.contains(['"', '$', '`', '\\', '!']) {
        format!("\"{argument}\"")
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
    }
}

/// A character as a message names it, with its code point, since it may be invisible.
pub fn character(c: char) -> String {
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
    }

    #[test]
    fn arguments_survive_a_shell() {
        assert_eq!(shell("a/b-c.csv"), "a/b-c.csv");
        assert_eq!(shell("my list's.csv"), r#""my list's.csv""#);
        assert_eq!(shell("it's $5"), r"'it'\''s $5'");
        assert_eq!(shell("$(id)\u{1b}[31m"), "'$(id)'");
    }

    #[test]
    fn long_text_is_cut() {
        let shown = quoted(&"x".repeat(61));
        assert_eq!(shown, format!("\"{}…\"", "x".repeat(60)));
        assert_eq!(quoted(&"x".repeat(60)), format!("\"{}\"", "x".repeat(60)));
    }
}
