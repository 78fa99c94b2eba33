//! Whether a non-ASCII character is plausible at its position in Western text.
//!
//! Read in the wrong encoding, letters become marks and small letters capitals: `JoeÕs`, `M”ller`.

/// A character and its neighbours.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CharContext {
    pub(crate) before: char,
    pub(crate) here: char,
    pub(crate) after: char,
    /// The character after the next one.
    pub(crate) then: char,
}

impl CharContext {
    /// Whether the character is unlikely here.
    pub(crate) fn is_unlikely(self) -> bool {
        match self.here {
            '×' => self.touches(char::is_lowercase),
            '÷' => self.touches(char::is_alphabetic),
            'À'..='ÿ' | '\u{100}'..='\u{17f}' => self.is_odd_letter(),
            mark => self.is_odd_mark(mark),
        }
    }

    fn is_odd_letter(self) -> bool {
        let Self {
            before,
            here,
            after,
            then,
        } = self;
        let is_alone = matches!(here, 'Ð' | 'ð' | 'Đ') && !self.touches(char::is_alphabetic);
        if here.is_uppercase() {
            // The one capital within a word of small letters.
            let goes_on_small =
                after.is_lowercase() || (after.is_uppercase() && then.is_lowercase());
            return before.is_lowercase() || (before.is_uppercase() && goes_on_small) || is_alone;
        }
        let is_lost = match here {
            // Slavic words have them between consonants only after one of these.
            'š' | 'ž' | 'ź' | 'ż' | 'ľ' => {
                self.is_between(is_consonant) && !matches!(before, 'r' | 'l' | 'n')
            }
            'û' => self.is_between(is_vowel),
            'ñ' => is_consonant(after),
            'ı' => true,
            _ => is_alone,
        };
        is_lost || self.is_between(char::is_uppercase)
    }

    fn is_odd_mark(self, mark: char) -> bool {
        let (before, after) = (self.before, self.after);
        match mark {
            '’' | '´' => !self.touches(char::is_alphanumeric),
            '‘' | '“' | '”' | '„' | '«' | '»' | '‹' | '›' | '•' | '°' => {
                self.is_between(char::is_alphanumeric)
            }
            '–' | '—' => {
                self.is_between(is_vowel) || (before.is_alphabetic() != after.is_alphabetic())
            }
            '€' => before.is_alphabetic(),
            '™' | '®' | '©' => after.is_lowercase(),
            // An ordinal ends in it, or the short form of a word, which leaves its vowels out.
            'ª' => after.is_alphabetic() || is_vowel(before),
            'º' => after.is_alphabetic() && after != 's',
            '¡' | '¿' => before.is_alphanumeric() || !after.is_alphanumeric(),
            '…' | '¹' | '²' | '³' => after.is_alphabetic(),
            '§' | '¼' | '½' | '¾' => self.touches(char::is_alphabetic),
            '·' | '\u{a0}' => false,
            // At either end of a word, what has no meaning is a letter of Central Europe.
            '£' | '¥' | '¯' | '\u{80}'..='\u{9f}' => self.is_between(char::is_alphabetic),
            _ => true,
        }
    }

    fn touches(self, is: fn(char) -> bool) -> bool {
        is(self.before) || is(self.after)
    }

    fn is_between(self, are: fn(char) -> bool) -> bool {
        are(self.before) && are(self.after)
    }
}

fn is_vowel(c: char) -> bool {
    matches!(c, 'a' | 'e' | 'i' | 'o' | 'u')
}

fn is_consonant(c: char) -> bool {
    c.is_ascii_alphabetic() && !is_vowel(c.to_ascii_lowercase()) && !matches!(c, 'y' | 'Y')
}
