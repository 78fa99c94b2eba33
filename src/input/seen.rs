//! A compact memory of what has been seen, and on which line first.

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// How many parts the memory has: each grows by itself, so that growing never needs much.
const PARTS: usize = 256;

/// Remembers texts as fingerprints of 8 bytes with a line of 4: 12 bytes a text and some room.
///
/// Two different texts share a fingerprint with a chance of about one in 37 million in a set of a
/// million.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    parts: Vec<Part>,
    seed: u64,
}

/// An open-addressed table; a fingerprint of 0 is a free place.
#[derive(Clone, Debug, Default)]
struct Part {
    fingerprints: Vec<u64>,
    lines: Vec<u32>,
    count: usize,
}

impl Seen {
    /// A memory of nothing. Memories of different kinds of text take different seeds.
    pub(super) fn new(seed: u64) -> Self {
        Self {
            parts: vec![Part::default(); PARTS],
            seed,
        }
    }

    /// The fingerprint of a text.
    pub(super) fn fingerprint(&self, text: &str) -> u64 {
        xxh3_64_with_seed(text.as_bytes(), self.seed).max(1)
    }

    /// The line on which the text with this fingerprint was first seen.
    pub(super) fn line(&self, fingerprint: u64) -> Option<u32> {
        let part = self.parts.get(part_of(fingerprint))?;
        let place = part.place(fingerprint)?;
        let found = part.fingerprints.get(place)?;
        (*found == fingerprint)
            .then(|| part.lines.get(place).copied())
            .flatten()
    }

    /// Remembers a text. A line beyond 4 billion is remembered as the last of them.
    pub(super) fn insert(&mut self, fingerprint: u64, line: u64) {
        if let Some(part) = self.parts.get_mut(part_of(fingerprint)) {
            part.insert(fingerprint, u32::try_from(line).unwrap_or(u32::MAX));
        }
    }
}

/// The part of the memory that a fingerprint belongs to, by its lowest bits; its place within is
/// told by the highest.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the remainder is below 256"
)]
fn part_of(fingerprint: u64) -> usize {
    (fingerprint % PARTS as u64) as usize
}

impl Part {
    /// Where the fingerprint is or would be; `None` in a table without places.
    fn place(&self, fingerprint: u64) -> Option<usize> {
        let size = self.fingerprints.len();
        if size == 0 {
            return None;
        }
        let first = (u128::from(fingerprint) * size as u128) >> 64;
        let mut place = usize::try_from(first).ok()?;
        loop {
            match self.fingerprints.get(place) {
                Some(&found) if found == 0 || found == fingerprint => return Some(place),
                Some(_) => place += 1,
                None => place = 0,
            }
        }
    }

    fn insert(&mut self, fingerprint: u64, line: u32) {
        // At most four places in five are taken: fuller tables are slow to search.
        if self.count * 5 >= self.fingerprints.len() * 4 {
            self.grow();
        }
        let Some(place) = self.place(fingerprint) else {
            return;
        };
        if let (Some(slot), Some(at)) =
            (self.fingerprints.get_mut(place), self.lines.get_mut(place))
            && *slot == 0
        {
            *slot = fingerprint;
            *at = line;
            self.count += 1;
        }
    }

    /// Makes a quarter more room.
    fn grow(&mut self) {
        let size = (self.fingerprints.len() * 5 / 4).max(8);
        let old = std::mem::take(self);
        self.fingerprints = vec![0; size];
        self.lines = vec![0; size];
        for (fingerprint, line) in old.fingerprints.into_iter().zip(old.lines) {
            if fingerprint != 0 {
                self.insert(fingerprint, line);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_seen_is_found_with_its_first_line() {
        let mut seen = Seen::new(0);
        for line in 1..=50_000 {
            let fingerprint = seen.fingerprint(&format!("customer-{line}"));
            assert_eq!(seen.line(fingerprint), None);
            seen.insert(fingerprint, line);
            seen.insert(fingerprint, line + 1);
        }
        for line in 1..=50_000_u32 {
            let fingerprint = seen.fingerprint(&format!("customer-{line}"));
            assert_eq!(seen.line(fingerprint), Some(line));
        }
        assert_eq!(seen.line(seen.fingerprint("customer-0")), None);
    }

    #[test]
    fn a_text_takes_less_than_twenty_bytes() {
        let mut seen = Seen::new(0);
        for line in 1..=200_000 {
            seen.insert(seen.fingerprint(&line.to_string()), line);
        }
        let places: usize = seen
            .parts
            .iter()
            .map(|part| part.fingerprints.capacity())
            .sum();
        assert!(places * 12 < 200_000 * 20, "{places}");
    }

    #[test]
    fn extreme_fingerprints_find_a_place() {
        let mut seen = Seen::new(0);
        for n in 0..100 {
            seen.insert(u64::MAX - n * 256, n);
        }
        assert_eq!(seen.line(u64::MAX - 99 * 256), Some(99));
    }
}
