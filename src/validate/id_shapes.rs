//! How the external ids of a list look, to notice what a spreadsheet did to them.

use crate::text::{is_digits, quoted};
use serde::{Deserialize, Serialize};

/// How the external ids of a list look, as far as a spreadsheet changes it: it takes them for
/// numbers, drops the zeros before them, and rounds long ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IdShapes {
    /// How many ids there are.
    pub count: u64,
    /// How many of them are made of digits alone.
    pub numbers: u64,
    /// The length of the shortest of these; 0 if there is none.
    pub shortest: usize,
    /// How many of these begin with a zero.
    pub padded: u64,
    /// The length of the shortest that does; 0 if none does.
    pub shortest_padded: usize,
    /// The first that does.
    pub example: Option<String>,
    /// How many are written as rounded numbers.
    pub rounded: u64,
}

impl IdShapes {
    /// Counts an id.
    pub fn add(&mut self, id: &str) {
        self.count += 1;
        let shorter = |shortest: usize| match shortest {
            0 => id.len(),
            shortest => shortest.min(id.len()),
        };
        if is_digits(id) {
            self.numbers += 1;
            self.shortest = shorter(self.shortest);
            if id.len() > 1 && id.starts_with('0') {
                self.padded += 1;
                self.shortest_padded = shorter(self.shortest_padded);
                self.example.get_or_insert_with(|| id.to_owned());
            }
        }
        self.rounded += u64::from(is_rounded_number(id) || has_lost_digits(id));
    }

    /// What a spreadsheet has done to ids that looked like this before, if it seems to have done
    /// anything. Rows may have been dropped meanwhile, which changes how many there are of a kind,
    /// but makes no id shorter than all were.
    pub fn damage_since(&self, before: &Self) -> Option<String> {
        let have_lost_zeros = if before.shortest == before.shortest_padded {
            self.shortest < before.shortest
        } else {
            self.padded == 0 && before.padded * 2 > before.numbers
        };
        if before.padded > 0 && self.numbers > 0 && have_lost_zeros {
            let example = before.example.as_deref().unwrap_or("0");
            return Some(format!(
                "have lost their leading zeros (for example {})",
                quoted(example)
            ));
        }
        let is_rounded = self.rounded * before.count > before.rounded * self.count * 2;
        is_rounded.then(|| "were rounded, as in 4.5E+11 or 450000000000000000".to_owned())
    }
}

/// Whether the text is a number in a spreadsheet's scientific notation, such as `1.23457E+11`.
pub(super) fn is_rounded_number(id: &str) -> bool {
    // `contains` is slow here; check for '+' first.
    if !id.bytes().any(|b| b == b'+') {
        return false;
    }
    let notation = id.split_once("E+").or_else(|| id.split_once("e+"));
    notation.is_some_and(|(number, exponent)| {
        let (whole, fraction) = number.split_once(['.', ',']).unwrap_or((number, "0"));
        whole.len() == 1 && is_digits(whole) && is_digits(fraction) && is_digits(exponent)
    })
}

/// Whether all digits after the 15 that a spreadsheet keeps are zeros.
fn has_lost_digits(id: &str) -> bool {
    let following = id.get(15..).filter(|following| !following.is_empty());
    following.is_some_and(|following| following.bytes().all(|b| b == b'0')) && is_digits(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_does_to_ids_is_noticed() {
        let shapes = |ids: &[&str]| {
            let mut shapes = IdShapes::default();
            for id in ids {
                shapes.add(id);
            }
            shapes
        };
        let damage = |before: &[&str], now: &[&str]| shapes(now).damage_since(&shapes(before));
        let padded = ["000042", "000043", "7", "A-1"];
        let lost = damage(&padded, &["42", "43", "7", "A-1"]).unwrap();
        assert!(lost.contains("\"000042\""), "{lost}");
        let width = ["00267", "20268", "00269", "C-1"];
        assert!(damage(&width, &["269", "00270"]).is_some());
        // Rows that are done may be dropped.
        assert_eq!(damage(&padded, &["000043", "7"]), None);
        assert_eq!(damage(&width, &["C-1"]), None);
        assert_eq!(damage(&width, &["20268"]), None);
        assert_eq!(damage(&padded, &[]), None);
        let long = ["450000000002", "450000000003"];
        assert!(damage(&long, &["4.5E+11", "4.5E+11"]).is_some());
        assert_eq!(damage(&["4.5E+11", "7"], &["4.5E+11"]), None);
        let longer = ["12345678901234567891", "X1"];
        assert!(damage(&longer, &["12345678901234500000", "X1"]).is_some());
        assert_eq!(damage(&["7", "0"], &["7", "0"]), None);
        assert_eq!(damage(&[], &["7"]), None);
    }
}
