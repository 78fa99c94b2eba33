//! Names that are allowed but probably not meant.

use crate::organization::problem::Problem;
use crate::text;

/// What is allowed but probably not meant.
pub(super) fn warning(name: &str) -> Option<Problem> {
    let shown = || text::quoted(name);
    if let Some(meant) = misread(name).filter(|meant| !meant.contains('\u{fffd}')) {
        let message = format!(
            "{} looks like UTF-8 read as Windows-1252: it should probably read {}",
            shown(),
            text::quoted(&meant)
        );
        return Some(Problem::new("name_mojibake", message));
    }
    if name != "0" && text::is_digits(name) {
        let message = format!(
            "{} is a number, not a name: if another column contains the names, choose it with \
             --map name=…",
            shown()
        );
        return Some(Problem::new("name_is_number", message));
    }
    if let Some((code, what)) = other_kind(name) {
        let message = format!(
            "{} is {what}, not a name: if another column contains the names, choose it with --map \
             name=…",
            shown()
        );
        return Some(Problem::new(code, message));
    }
    // All else that is warned of holds one of these bytes; looking at all of them without stopping
    // is quicker than stopping.
    let suspect = |b: u8| matches!(b, 0..=0x1f | b'&' | b'=' | b'?' | 0x7f | 0xc2 | 0xe2 | 0xef);
    if !name.bytes().fold(false, |found, b| found | suspect(b)) {
        return None;
    }
    // The second is the first as Windows-1252 reads it.
    if name.contains('\u{fffd}') || name.contains("ï¿½") {
        let message = format!(
            "{} contains a replacement character: letters were lost before this file was written",
            shown()
        );
        return Some(Problem::new("name_damaged", message));
    }
    if let Some(control) = name.chars().find(|c| c.is_control()) {
        let message = format!("{} holds {}", shown(), text::character(control));
        return Some(Problem::new("name_control_characters", message));
    }
    if let Some(c) = name.chars().find(|c| is_invisible(*c)) {
        let message = format!(
            "{} contains {}: type the name again",
            shown(),
            text::character(c)
        );
        return Some(Problem::new("name_invisible_characters", message));
    }
    if has_lost_letters(name) {
        let message = format!(
            "{} contains a question mark inside a word: a letter was probably lost before this \
             file was written",
            shown()
        );
        return Some(Problem::new("name_lost_letters", message));
    }
    is_code(name).then(|| {
        let message = format!(
            "{} is written as a formula or in HTML, not as text",
            shown()
        );
        Problem::new("name_is_code", message)
    })
}

/// Whether a text is a number with marks, an amount or a time of the day: `1,234.50`, `$500`, `12:30`,
/// `85 %`.
fn is_amount(name: &str) -> bool {
    let is_mark = |c: char| c.is_ascii_digit() || ".,' :%$€£¥".contains(c);
    let name = name.trim_start_matches('-');
    name.ends_with(|c: char| c.is_ascii_digit() || "%$€£¥".contains(c))
        && name.chars().all(is_mark)
        && name.contains(|c: char| c.is_ascii_digit())
}

/// What a text is that belongs into another column: a date, a phone number, an email address, a URL.
fn other_kind(name: &str) -> Option<(&'static str, &'static str)> {
    let first = *name.as_bytes().first()?;
    if name.ends_with(|c: char| c.is_ascii_digit()) && is_date_in_words(name) {
        return Some(("name_is_date", "a date"));
    }
    if first.is_ascii_digit() || matches!(first, b'+' | b'(') {
        if is_date(name) {
            return Some(("name_is_date", "a date"));
        }
        let is_mark = |b: u8| b.is_ascii_digit() || b" -./()+".contains(&b);
        let digits = name.bytes().filter(u8::is_ascii_digit).count();
        if (7..=15).contains(&digits) && name.bytes().all(is_mark) {
            return Some(("name_is_phone", "a phone number"));
        }
    }
    if (first.is_ascii_digit() || b"$-".contains(&first) || first >= 0x80) && is_amount(name) {
        return Some(("name_is_number", "a number"));
    }
    let begins = |start: &str| {
        let begin = name.get(..start.len());
        begin.is_some_and(|begin| begin.eq_ignore_ascii_case(start))
    };
    let is_word = || !name.contains(char::is_whitespace);
    if matches!(first | 0x20, b'h' | b'w')
        && (begins("http://") || begins("https://") || begins("www."))
    {
        return is_word().then_some(("name_is_url", "a URL"));
    }
    memchr::memchr(b'@', name.as_bytes())?;
    let (before, host) = name.split_once('@').filter(|_| is_word())?;
    let is_address = !before.is_empty() && host.contains('.') && !host.contains('@');
    is_address.then_some(("name_is_email", "an email address"))
}

/// Whether a text is a day, a month by its name and a year, in any order: `5. März 2024`.
fn is_date_in_words(text: &str) -> bool {
    #[rustfmt::skip]
    const MONTHS: &[&str] = &[
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mär",
        "mai", "okt", "dez", "fév", "fev", "avr", "juin", "jui", "aoû", "déc", "ene", "abr", "ago",
        "dic", "gen", "mag", "giu", "lug", "set", "ott", "out", "янв", "фев", "мар", "апр", "мая",
        "июн", "июл", "авг", "сен", "окт", "ноя", "дек",
    ];
    if text.len() > 30 {
        return false;
    }
    let words = text
        .split([' ', '-', ',', '.'])
        .filter(|word| !word.is_empty() && *word != "de");
    let (mut days, mut months, mut years) = (0, 0, 0);
    for word in words {
        let lower = word.to_lowercase();
        if text::is_digits(word) && word.len() == 4 {
            years += 1;
        } else if text::is_digits(word) && word.len() <= 2 {
            days += 1;
        } else if MONTHS.iter().any(|month| lower.starts_with(month)) {
            months += 1;
        } else {
            return false;
        }
    }
    (days, months, years) == (1, 1, 1)
}

/// Whether a text is a date in numbers, with a time or without: `2024-03-01`, `1/3/24 10:00`.
fn is_date(text: &str) -> bool {
    let date = text.split([' ', 'T']).next().unwrap_or_default();
    let parts: Vec<_> = date.split(['-', '/', '.']).collect();
    let is_part = |part: &&str| text::is_digits(part) && matches!(part.len(), 1 | 2 | 4);
    let years = parts.iter().filter(|part| part.len() == 4).count();
    let rest = text.get(date.len()..).unwrap_or_default();
    let is_time = |c: char| c.is_ascii_digit() || " :.+-TZapmAPM".contains(c);
    parts.len() == 3 && years <= 1 && parts.iter().all(is_part) && rest.chars().all(is_time)
}

/// What a name was before somebody read its UTF-8 as Windows-1252, if that has happened.
///
/// Two letters beyond ASCII in a row that are well-formed UTF-8 by their Windows-1252 bytes are
/// hardly ever meant.
fn misread(name: &str) -> Option<String> {
    // What begins a character of UTF-8 is in Windows-1252 one of the letters from Â to ô, whose own
    // UTF-8 begins with C3; a letter of a name in order is hardly ever followed by another beyond
    // ASCII.
    let is_pair = |bytes: &[u8]| matches!(bytes, [0xc3, _, 0x80..=0xff]);
    if name.is_ascii() || !name.as_bytes().windows(3).any(is_pair) {
        return None;
    }
    let (bytes, _, unmappable) = encoding_rs::WINDOWS_1252.encode(name);
    if unmappable {
        return None;
    }
    String::from_utf8(bytes.into_owned()).ok()
}

/// Whether a character within a name shows nothing, or turns the direction of what follows. Joiners
/// are letters in some scripts, and parts of emoji.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Whether a question mark replaces a lost letter.
fn has_lost_letters(name: &str) -> bool {
    let mut before = ' ';
    let mut letters = name.chars().peekable();
    while let Some(c) = letters.next() {
        if c != '?' {
            before = c;
        } else if before.is_alphabetic() && letters.peek().is_some_and(|c| c.is_alphabetic()) {
            return true;
        }
    }
    false
}

/// Whether a name is a formula that was not calculated, or holds a character as HTML writes it
/// (`&amp;`).
fn is_code(name: &str) -> bool {
    let is_entity = |text: &str| {
        text.split_once(';').is_some_and(|(word, _)| {
            let word = word.strip_prefix('#').unwrap_or(word);
            (2..9).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_alphanumeric())
        })
    };
    let is_formula =
        name.starts_with('=') && name.ends_with(|c: char| c == ')' || c.is_ascii_digit());
    is_formula || name.split('&').skip(1).any(is_entity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_in_a_name_is_a_warning() {
        assert_eq!(warning("M\u{fffd}ller").unwrap().code, "name_damaged");
        assert_eq!(
            warning("Acme\nInc").unwrap().code,
            "name_control_characters"
        );
        assert_eq!(
            warning("Acme\u{85}").unwrap().code,
            "name_control_characters"
        );
        assert_eq!(warning("Mï¿½ller").unwrap().code, "name_damaged");
        for lost in ["M?ller", "M??ller"] {
            assert_eq!(warning(lost).unwrap().code, "name_lost_letters");
        }
        for code in [
            "Smith &amp; Sons",
            "M&#252;ller",
            "=SUM(A1)",
            "=cmd|'/c x'!A0",
        ] {
            assert_eq!(warning(code).unwrap().code, "name_is_code");
        }
        assert_eq!(warning("100001").unwrap().code, "name_is_number");
        for hidden in ["Ac\u{200b}me", "Acme \u{202e}cnI", "A\u{feff}B"] {
            assert_eq!(warning(hidden).unwrap().code, "name_invisible_characters");
        }
        for meant in [
            "Müller & Söhne\u{a0}GmbH",
            "A&B; C&D",
            "a=b",
            "Who? Inc",
            "Açúcar «é»",
            "Łódź",
            "会社",
            "3M",
            "",
        ] {
            assert!(warning(meant).is_none(), "{meant}");
        }
    }

    #[test]
    fn what_belongs_into_another_column_is_told_from_a_name() {
        for (text, code) in [
            ("2024-03-01", "name_is_date"),
            ("1/3/2024 10:00", "name_is_date"),
            ("01.03.24", "name_is_date"),
            ("January 5, 2024", "name_is_date"),
            ("5. März 2024", "name_is_date"),
            ("1,234.50", "name_is_number"),
            ("$500", "name_is_number"),
            ("12:30", "name_is_number"),
            ("+1 (555) 010-0199", "name_is_phone"),
            ("030 1234567", "name_is_phone"),
            ("it@acme.com", "name_is_email"),
            ("https://acme.com/x", "name_is_url"),
            ("www.acme.com", "name_is_url"),
        ] {
            assert_eq!(warning(text).map(|found| found.code), Some(code), "{text}");
        }
        for name in [
            "Booking.com",
            "3M",
            "7-Eleven",
            "24/7 Fitness",
            "1-800-Flowers",
            "@Home",
            "May 2024 Partners",
            "March 5",
            "99.co",
            "1.2.3.",
            "$",
            "W.W.",
        ] {
            assert!(warning(name).is_none(), "{name}");
        }
    }

    #[test]
    fn a_misread_name_is_told_as_it_should_read() {
        for (name, meant) in [
            ("MÃ¼ller", "Müller"),
            ("CafÃ©", "Café"),
            ("Joeâ€™s", "Joe’s"),
            ("Ã\u{81}cme", "Ácme"),
        ] {
            let found = warning(name).unwrap();
            assert_eq!(found.code, "name_mojibake");
            let ending = format!("it should probably read \"{meant}\"");
            assert!(found.message.ends_with(&ending), "{}", found.message);
        }
    }
}
