//! Western European text with accented letters here and there: in which of its encodings it is.
//!
//! `chardetng` detects encodings by the frequency of letter pairs, as browsers need it
//! for whole pages. A list of customers may hold one accented letter in a thousand rows.

use super::char_context::CharContext;
use encoding_rs::{Encoding, MACINTOSH, WINDOWS_1250, WINDOWS_1252};

/// Up to how many places beyond ASCII are few.
const FEW: usize = 12;

/// What bytes beyond ASCII are in code page 850. Most letters are the same in 437.
const DOS: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒ\
    áíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐\
    └┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀\
    ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";

/// What a text's bytes beyond ASCII look like.
#[derive(Debug, Default)]
pub(crate) struct Western {
    /// How many places there are: a byte beyond ASCII, or several in a row.
    places: usize,
    /// How many of them are as Western text has them: a letter alone, or with a mark beside it.
    scattered: usize,
    /// Whether all of them are letters and marks in Windows-1252.
    usual: bool,
    /// Whether lines end in carriage returns alone, as on a Macintosh.
    returns_only: bool,
    /// How many bytes there are, how many are between two ASCII letters, and how many would be
    /// out of place in Windows-1252, in Windows-1250 for Central Europe, in Mac Roman, and in the
    /// code pages of DOS.
    bytes: usize,
    within: usize,
    odd_in_windows: usize,
    odd_in_central: usize,
    odd_in_mac: usize,
    odd_in_dos: usize,
}

impl Western {
    /// Looks at a text.
    pub(crate) fn of(sample: &[u8]) -> Self {
        let windows = Letters::of(WINDOWS_1252);
        let mut found = Self {
            usual: true,
            returns_only: sample.contains(&b'\r') && !sample.contains(&b'\n'),
            odd_in_windows: windows.odd(sample),
            odd_in_central: Letters::of(WINDOWS_1250).odd(sample),
            odd_in_mac: Letters::of(MACINTOSH).odd(sample),
            odd_in_dos: Letters::of_dos().odd(sample),
            ..Self::default()
        };
        for place in sample.split(u8::is_ascii).filter(|p| !p.is_empty()) {
            let is_mark = |byte: &u8| is_mark(windows.character(*byte));
            let is_letter = |byte: &u8| windows.character(*byte).is_alphabetic();
            let marks = place.iter().filter(|b| is_mark(b)).count();
            found.places += 1;
            found.bytes += place.len();
            found.scattered += usize::from(place.len() == 1 || (place.len() == 2 && marks > 0));
            found.usual &= place.iter().all(|b| is_mark(b) || is_letter(b));
        }
        let is_within = |three: &&[u8]| {
            matches!(three, [before, byte, after] if before.is_ascii_alphabetic()
                && !byte.is_ascii()
                && after.is_ascii_lowercase())
        };
        found.within = sample.windows(3).filter(is_within).count();
        found
    }

    /// Whether it is too little to go by, and all of it makes sense in Windows-1252.
    pub(crate) fn is_little_and_usual(&self) -> bool {
        self.places <= FEW && self.scattered == self.places && self.usual
    }

    /// Whether most of it is inside ASCII words, unlike text in East Asian scripts.
    pub(crate) fn is_within_words(&self) -> bool {
        self.within * 2 > self.bytes
    }

    /// Whether it makes sense in Mac Roman, and in none of the others.
    pub(crate) fn is_mac(&self) -> bool {
        let is_best = self.odd_in_mac < self.odd_in_dos.min(self.odd_in_central);
        self.is_another(self.odd_in_mac) && (is_best || self.returns_only)
    }

    /// Whether it makes sense in a code page of DOS, and not in Windows-1252.
    pub(crate) fn is_dos(&self) -> bool {
        self.is_another(self.odd_in_dos) && self.odd_in_dos <= self.odd_in_mac && !self.returns_only
    }

    /// Whether it makes sense in Mac Roman, whatever else it may be.
    pub(crate) fn may_be_mac(&self) -> bool {
        self.is_sense(self.odd_in_mac)
    }

    /// Whether much makes no sense in Windows-1252 that does so in Windows-1250. In a list of many
    /// languages, most letters are the same in both.
    pub(crate) fn is_central(&self) -> bool {
        self.odd_in_windows > 2 * self.odd_in_central && self.odd_in_windows * 20 > self.bytes
    }

    fn is_another(&self, odd: usize) -> bool {
        let against_windows = self.odd_in_windows + usize::from(self.returns_only);
        self.is_sense(odd) && against_windows > 2 * odd
    }

    fn is_sense(&self, odd: usize) -> bool {
        self.scattered * 4 > self.places * 3 && odd * 10 <= self.bytes
    }
}

/// What an encoding of single bytes makes of those beyond ASCII.
struct Letters(Vec<char>);

impl Letters {
    fn of(encoding: &'static Encoding) -> Self {
        let bytes: Vec<u8> = (0x80..=0xff).collect();
        let (text, _) = encoding.decode_without_bom_handling(&bytes);
        Self(text.chars().collect())
    }

    fn of_dos() -> Self {
        Self(DOS.chars().collect())
    }

    fn character(&self, byte: u8) -> char {
        let beyond = usize::from(byte).checked_sub(0x80);
        beyond.map_or(char::from(byte), |place| {
            self.0.get(place).copied().unwrap_or_default()
        })
    }

    /// How many characters beyond ASCII would be out of place.
    fn odd(&self, text: &[u8]) -> usize {
        let character = |at: Option<usize>| {
            let byte = at.and_then(|at| text.get(at));
            byte.map_or('\n', |byte| self.character(*byte))
        };
        let beyond = text.iter().enumerate().filter(|(_, b)| !b.is_ascii());
        beyond
            .filter(|(at, byte)| {
                let place = CharContext {
                    before: character(at.checked_sub(1)),
                    here: self.character(**byte),
                    after: character(Some(at + 1)),
                    then: character(Some(at + 2)),
                };
                place.is_unlikely()
            })
            .count()
    }
}

/// Whether it is a mark that occurs in names.
fn is_mark(c: char) -> bool {
    "€…‘’“”•–—™\u{a0}¡£¥§©«®°²´·»¿".contains(c)
}
