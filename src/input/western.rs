//! Western European text with accented letters here and there: in which of its encodings it is.
//!
//! `chardetng` tells encodings by how often letters stand beside each other, as browsers need it
//! for whole pages. A list of customers may hold one accented letter in a thousand rows.

use encoding_rs::{Encoding, MACINTOSH, WINDOWS_1252};

/// Up to how many places beyond ASCII are few.
const FEW: usize = 12;

/// What a text's bytes beyond ASCII look like.
#[derive(Debug, Default)]
pub(super) struct Western {
    /// How many places there are: a byte beyond ASCII, or several in a row.
    places: usize,
    /// How many of them are as Western text has them: a letter alone, or with a mark beside it.
    scattered: usize,
    /// Whether all of them are letters and marks in Windows-1252.
    usual: bool,
    /// How many bytes stand between two letters of ASCII, and how many of these are small letters in
    /// Windows-1252, in Mac Roman, and in the code pages of DOS.
    within: usize,
    windows: usize,
    mac: usize,
    dos: usize,
}

impl Western {
    /// Looks at a text.
    pub(super) fn of(sample: &[u8]) -> Self {
        let mut found = Self {
            usual: true,
            ..Self::default()
        };
        for place in sample.split(u8::is_ascii).filter(|p| !p.is_empty()) {
            let marks = place.iter().filter(|b| is_mark(**b)).count();
            found.places += 1;
            found.scattered += usize::from(place.len() == 1 || (place.len() == 2 && marks > 0));
            found.usual &= place.iter().all(|b| is_mark(*b) || is_letter(*b));
        }
        for window in sample.windows(3) {
            let [before, byte, after] = *window else {
                continue;
            };
            let is_within = before.is_ascii_alphabetic() && after.is_ascii_lowercase();
            if is_within && !byte.is_ascii() && !joins(byte) {
                found.within += 1;
                found.windows += usize::from(is_small(byte, WINDOWS_1252));
                found.mac += usize::from(is_small(byte, MACINTOSH));
                found.dos += usize::from(is_small_in_dos(byte));
            }
        }
        found
    }

    /// Whether it is too little to go by, and all of it makes sense in Windows-1252.
    pub(super) fn is_little_and_usual(&self) -> bool {
        self.places <= FEW && self.scattered == self.places && self.usual
    }

    /// Whether it makes sense in Mac Roman, and not in Windows-1252.
    pub(super) fn is_mac(&self) -> bool {
        self.is_another(self.mac) && self.mac > self.dos
    }

    /// Whether it makes sense in a code page of DOS, and not in Windows-1252.
    pub(super) fn is_dos(&self) -> bool {
        self.is_another(self.dos) && self.dos >= self.mac
    }

    fn is_another(&self, count: usize) -> bool {
        self.within > 0
            && self.scattered * 4 > self.places * 3
            && count * 10 >= self.within * 9
            && self.windows * 2 < count
    }
}

/// Whether the byte is a mark in Windows-1252 that stands within words, so that it tells nothing.
fn joins(byte: u8) -> bool {
    decoded(byte, WINDOWS_1252).is_some_and(|c| "‘’–—·´®™".contains(c))
}

/// Whether the byte is a letter in Windows-1252.
fn is_letter(byte: u8) -> bool {
    decoded(byte, WINDOWS_1252).is_some_and(char::is_alphabetic)
}

/// Whether the byte is a mark in Windows-1252 that stands in names.
fn is_mark(byte: u8) -> bool {
    decoded(byte, WINDOWS_1252).is_some_and(|c| "€…‘’“”•–—™\u{a0}¡£¥§©«®°²´·»¿".contains(c))
}

fn is_small(byte: u8, encoding: &'static Encoding) -> bool {
    decoded(byte, encoding).is_some_and(char::is_lowercase)
}

fn decoded(byte: u8, encoding: &'static Encoding) -> Option<char> {
    let bytes = [byte];
    encoding
        .decode_without_bom_handling(&bytes)
        .0
        .chars()
        .next()
}

/// The small letters that code pages 437 and 850 have in common, and `ø` of 850.
fn is_small_in_dos(byte: u8) -> bool {
    matches!(byte, 0x81..=0x8d | 0x91 | 0x93..=0x98 | 0x9b | 0xa0..=0xa4 | 0xe1)
}
