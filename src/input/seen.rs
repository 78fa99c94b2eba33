//! A compact memory of what has been seen, and on which line first.
//!
//! Almost every text is new. So a small filter, which fits the processor's caches, says of most
//! texts at once that they are; only what it lets through is searched for. What is remembered is
//! only ever appended. A hash table of all fingerprints would miss the cache at every text, which
//! takes longer than everything else done to a row.

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// How many parts the memory has; a search looks through one of them.
const PARTS: usize = 1024;
/// How many fingerprints a chunk holds.
const CHUNK: usize = 64;
/// How many texts a word of the filter may stand for.
const TEXTS_PER_WORD: usize = 6;

/// Remembers texts as fingerprints of 8 bytes with a line of 4: less than 16 bytes a text.
///
/// Two different texts share a fingerprint with a chance of about one in 37 million in a set of a
/// million.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    seed: u64,
    count: usize,
    /// For every text, four bits of one word.
    filter: Vec<u64>,
    /// The last chunk of each part.
    parts: Vec<u32>,
    #[expect(
        clippy::vec_box,
        reason = "growing never copies them, nor leaves holes behind"
    )]
    chunks: Vec<Box<Chunk>>,
}

/// Some fingerprints of one part.
#[derive(Clone, Debug)]
struct Chunk {
    fingerprints: [u64; CHUNK],
    lines: [u32; CHUNK],
    filled: u32,
    /// The chunk of the same part before this one, or [`NONE`].
    previous: u32,
}

/// No chunk.
const NONE: u32 = u32::MAX;

impl Seen {
    /// A memory of nothing. Memories of different kinds of text take different seeds.
    pub(super) fn new(seed: u64) -> Self {
        Self {
            seed,
            count: 0,
            filter: vec![0; 64],
            parts: vec![NONE; PARTS],
            chunks: Vec::new(),
        }
    }

    /// The fingerprint of a text.
    pub(super) fn fingerprint(&self, text: &str) -> u64 {
        xxh3_64_with_seed(text.as_bytes(), self.seed)
    }

    /// The line on which the text with this fingerprint was first seen.
    pub(super) fn line(&self, fingerprint: u64) -> Option<u32> {
        let bits = bits(fingerprint);
        let word = self.filter.get(self.word(fingerprint))?;
        if word & bits == bits {
            self.search(fingerprint)
        } else {
            None
        }
    }

    /// Looks through the part in which the fingerprint must be.
    fn search(&self, fingerprint: u64) -> Option<u32> {
        let mut at = *self.parts.get(part_of(fingerprint))?;
        while let Some(chunk) = self.chunks.get(at as usize) {
            let filled = chunk.fingerprints.get(..chunk.filled as usize)?;
            if let Some(place) = filled.iter().position(|found| *found == fingerprint) {
                return chunk.lines.get(place).copied();
            }
            at = chunk.previous;
        }
        None
    }

    /// Remembers a text that was not seen before. A line beyond 4 billion is remembered as the
    /// last of them.
    pub(super) fn insert(&mut self, fingerprint: u64, line: u64) {
        self.count += 1;
        if self.count > self.filter.len() * TEXTS_PER_WORD {
            self.grow_filter();
        }
        self.mark(fingerprint);
        let Some(part) = self.parts.get_mut(part_of(fingerprint)) else {
            return;
        };
        let last = self.chunks.get(*part as usize);
        if last.is_none_or(|chunk| chunk.filled as usize == CHUNK) {
            let chunk = Chunk {
                fingerprints: [0; CHUNK],
                lines: [0; CHUNK],
                filled: 0,
                previous: *part,
            };
            *part = u32::try_from(self.chunks.len()).unwrap_or(NONE);
            self.chunks.push(Box::new(chunk));
        }
        let Some(chunk) = self.chunks.get_mut(*part as usize) else {
            return;
        };
        let place = chunk.filled as usize;
        if let (Some(slot), Some(at)) = (
            chunk.fingerprints.get_mut(place),
            chunk.lines.get_mut(place),
        ) {
            *slot = fingerprint;
            *at = u32::try_from(line).unwrap_or(u32::MAX);
            chunk.filled += 1;
        }
    }

    /// Sets a fingerprint's bits in the filter.
    fn mark(&mut self, fingerprint: u64) {
        let word = self.word(fingerprint);
        if let Some(word) = self.filter.get_mut(word) {
            *word |= bits(fingerprint);
        }
    }

    /// Doubles the filter.
    fn grow_filter(&mut self) {
        self.filter = vec![0; self.filter.len() * 2];
        let chunks = std::mem::take(&mut self.chunks);
        for chunk in &chunks {
            for &fingerprint in chunk.fingerprints.iter().take(chunk.filled as usize) {
                self.mark(fingerprint);
            }
        }
        self.chunks = chunks;
    }

    /// The word of the filter that a fingerprint belongs to, by its highest bits.
    fn word(&self, fingerprint: u64) -> usize {
        let place = (u128::from(fingerprint) * self.filter.len() as u128) >> 64;
        usize::try_from(place).unwrap_or_default()
    }
}

/// The part of the memory that a fingerprint belongs to, by its lowest bits.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the remainder is below 1024"
)]
fn part_of(fingerprint: u64) -> usize {
    (fingerprint % PARTS as u64) as usize
}

/// A fingerprint's bits in its word of the filter, by bits that tell neither part nor word.
fn bits(fingerprint: u64) -> u64 {
    let bit = |shift: u32| 1_u64 << ((fingerprint >> shift) % 64);
    bit(10) | bit(16) | bit(22) | bit(28)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_seen_is_found_with_its_first_line() {
        let mut seen = Seen::new(0);
        for line in 1..=100_000 {
            let fingerprint = seen.fingerprint(&format!("customer-{line}"));
            assert_eq!(seen.line(fingerprint), None);
            seen.insert(fingerprint, line);
        }
        for line in 1..=100_000_u32 {
            let fingerprint = seen.fingerprint(&format!("customer-{line}"));
            assert_eq!(seen.line(fingerprint), Some(line));
        }
        assert_eq!(seen.line(seen.fingerprint("customer-0")), None);
    }

    #[test]
    fn a_text_takes_less_than_sixteen_bytes() {
        let mut seen = Seen::new(0);
        for line in 1..=400_000 {
            seen.insert(seen.fingerprint(&line.to_string()), line);
        }
        let bytes = seen.chunks.len() * size_of::<Chunk>() + seen.filter.len() * 8;
        assert!(bytes < 400_000 * 16, "{bytes}");
    }

    #[test]
    fn the_filter_lets_few_new_texts_through() {
        let mut seen = Seen::new(0);
        for line in 1..=100_000 {
            seen.insert(seen.fingerprint(&line.to_string()), line);
        }
        let through = |n: &u32| {
            let fingerprint = seen.fingerprint(&format!("new-{n}"));
            let bits = bits(fingerprint);
            seen.filter[seen.word(fingerprint)] & bits == bits
        };
        let through = (0..100_000).filter(through).count();
        assert!(through < 5_000, "{through}");
    }
}
