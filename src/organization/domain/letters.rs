//! Which characters are allowed in a domain name (RFC 5892).
//!
//! The mapping of UTS 46 lets marks and symbols through, so that two names with a `・` between them
//! would become a third one that belongs to another owner.

use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup as Group};

/// The full stops that separate labels (UTS 46).
const DOTS: [char; 4] = ['.', '。', '．', '｡'];

/// The first character that is not allowed at its position.
pub(super) fn misplaced(name: &str) -> Option<char> {
    let in_label = |label: &str| label.chars().find(|c| !may_stand(*c, label));
    name.split(DOTS).find_map(in_label)
}

fn may_stand(c: char, label: &str) -> bool {
    match c {
        '-' | '－' => true,
        c if c.is_ascii() => c.is_ascii_alphanumeric(),
        // Appendix A: where these belong to words.
        '·' => label.to_lowercase().contains("l·l"),
        '・' => label.chars().any(is_japanese),
        // The last one is a number that serves as a letter (section 2.6).
        '\u{200c}' | '\u{200d}' | '\u{375}' | '\u{5f3}' | '\u{5f4}' | '〇' => true,
        c => {
            let category = CodePointMapData::<GeneralCategory>::new().get(c);
            let letters = Group::Letter.union(Group::Mark).union(Group::DecimalNumber);
            letters.contains(category)
        }
    }
}

fn is_japanese(c: char) -> bool {
    matches!(c, 'ぁ'..='ゟ' | 'ァ'..='ヺ' | 'ー'..='ヿ' | '々' | '\u{3400}'..='\u{9fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_symbols_are_no_part_of_a_name() {
        for (name, wrong) in [
            ("one.com•two.com", '•'),
            ("one.com・two.com", '・'),
            ("one.com·two.com", '·'),
            ("a.com→b.com", '→'),
            ("“a.com”", '“'),
            ("acme™.com", '™'),
            ("a_b.com", '_'),
            ("i❤.ws", '❤'),
        ] {
            assert_eq!(misplaced(name), Some(wrong), "{name}");
        }
    }

    #[test]
    fn letters_of_all_scripts_are() {
        for name in [
            "acme-1.com",
            "müller.de",
            "STRASSE.de",
            "paral·lel.cat",
            "サード・パーティ.jp",
            "会社。ｃｏｍ",
            "हिन्दी.भारत",
            "ไทย.ไทย",
            "二〇二四.jp",
            "тест.рф",
        ] {
            assert_eq!(misplaced(name), None, "{name}");
        }
    }
}
