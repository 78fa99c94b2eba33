//! Compact index of fingerprints, each with the line where it was seen first.
//!
//! Almost every text is new. So a small filter, which fits the processor's caches, says of most
//! texts at once that they are; only what it lets through is searched for. What is remembered is
//! only ever appended. A hash table of all fingerprints would miss the cache at every text, which
//! takes longer than everything else done to a row.

use xxhash_rust::xxh3::{Xxh3, xxh3_64_with_seed};

/// How many parts the memory has; a search looks through one of them.
const PARTS: usize = 4096;
/// How many fingerprints a chunk holds.
const CHUNK: usize = 32;
/// How many words the filter has at first.
const WORDS: usize = 1 << 14;
/// Maximum number of texts per word of the filter.
const TEXTS_PER_WORD: usize = 4;

/// What is remembered of a text.
///
/// Among three million texts, as a list of a million rows holds, there are two different ones of
/// the same fingerprint with a chance of about one in four million.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Fingerprint(u64);

impl Fingerprint {
    /// The fingerprint of a text of this kind; the same text of another kind has another one.
    pub(super) fn of(kind: u64, text: &str) -> Self {
        Self(xxh3_64_with_seed(text.as_bytes(), kind))
    }

    /// The fingerprint as a number.
    pub(super) const fn number(self) -> u64 {
        self.0
    }

    /// The fingerprint that this number is.
    pub(super) const fn of_number(number: u64) -> Self {
        Self(number)
    }

    /// The fingerprint of several texts, one after the other.
    pub(super) fn of_all<'t>(kind: u64, texts: impl Iterator<Item = &'t str>) -> Self {
        let mut hasher = Xxh3::with_seed(kind);
        for text in texts {
            hasher.update(text.as_bytes());
            // No text contains this byte.
            hasher.update(&[0xff]);
        }
        Self(hasher.digest())
    }
}

/// Remembers texts as fingerprints of 8 bytes with a line of 4: less than 16 bytes a text
/// where there are many.
#[derive(Clone, Debug)]
pub(super) struct FingerprintIndex {
    count: usize,
    /// For every text, four bits of one word.
    filter: Vec<u64>,
    parts: Vec<Part>,
    chunks: Chunks,
}

/// The last chunk of a part and how much of it is filled. Kept apart from the chunk, so that
/// nothing of the chunk has to be waited for before something is appended to it.
#[derive(Clone, Copy, Debug)]
struct Part {
    last: u32,
    filled: usize,
}

impl Part {
    /// A part without chunks, so that what is appended to it takes a new one.
    const EMPTY: Self = Self {
        last: NONE,
        filled: CHUNK,
    };
}

/// Some fingerprints of one part. Only a part's last chunk is not full.
#[derive(Clone, Debug)]
struct Chunk {
    fingerprints: [u64; CHUNK],
    lines: [u32; CHUNK],
    /// The chunk of the same part before this one, or [`NONE`].
    previous: u32,
}

/// Chunks by their number. They lie in large blocks, which growing neither copies nor scatters among
/// what lives shortly.
#[derive(Clone, Debug, Default)]
struct Chunks {
    blocks: Vec<Vec<Chunk>>,
}

/// How many chunks a block holds: 400 KB of them.
const BLOCK: usize = 1024;

impl Chunks {
    fn len(&self) -> usize {
        let full = self.blocks.len().saturating_sub(1);
        full * BLOCK + self.blocks.last().map_or(0, Vec::len)
    }

    fn get(&self, number: u32) -> Option<&Chunk> {
        let number = number as usize;
        self.blocks.get(number / BLOCK)?.get(number % BLOCK)
    }

    fn get_mut(&mut self, number: u32) -> Option<&mut Chunk> {
        let number = number as usize;
        self.blocks.get_mut(number / BLOCK)?.get_mut(number % BLOCK)
    }

    fn push(&mut self, chunk: Chunk) {
        if self.blocks.last().is_none_or(|last| last.len() == BLOCK) {
            self.blocks.push(Vec::with_capacity(BLOCK));
        }
        if let Some(last) = self.blocks.last_mut() {
            last.push(chunk);
        }
    }
}

/// No chunk.
const NONE: u32 = u32::MAX;

impl FingerprintIndex {
    /// A memory of nothing.
    pub(super) fn new() -> Self {
        Self {
            count: 0,
            filter: vec![0; WORDS],
            parts: vec![Part::EMPTY; PARTS],
            chunks: Chunks::default(),
        }
    }

    /// How many texts are remembered.
    #[cfg(test)]
    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// The line on which the text with this fingerprint was first seen.
    pub(super) fn line(&self, Fingerprint(fingerprint): Fingerprint) -> Option<u32> {
        let bits = bits(fingerprint);
        let word = self.filter.get(self.word(fingerprint))?;
        if word & bits == bits {
            self.search(fingerprint)
        } else {
            None
        }
    }

    /// Reads the words of the filter that these fingerprints belong to, all at once, so that they
    /// are in the processor's cache when each is asked for.
    pub(super) fn fetch(&self, fingerprints: &[Fingerprint]) {
        let words = fingerprints.iter();
        let words = words.filter_map(|Fingerprint(of)| self.filter.get(self.word(*of)));
        std::hint::black_box(words.fold(0, |all, word| all ^ word));
    }

    /// Looks through the part in which the fingerprint must be.
    fn search(&self, fingerprint: u64) -> Option<u32> {
        let part = self.parts.get(part_of(fingerprint))?;
        let (mut at, mut filled) = (part.last, part.filled);
        while let Some(chunk) = self.chunks.get(at) {
            let fingerprints = chunk.fingerprints.get(..filled)?;
            if let Some(place) = fingerprints.iter().position(|found| *found == fingerprint) {
                return chunk.lines.get(place).copied();
            }
            (at, filled) = (chunk.previous, CHUNK);
        }
        None
    }

    /// Remembers a text that was not seen before. A line beyond 4 billion is remembered as the
    /// last of them.
    pub(super) fn insert(&mut self, Fingerprint(fingerprint): Fingerprint, line: u64) {
        self.count += 1;
        if self.count > self.filter.len() * TEXTS_PER_WORD {
            self.grow_filter();
        }
        self.mark(fingerprint);
        let Some(part) = self.parts.get_mut(part_of(fingerprint)) else {
            return;
        };
        if part.filled == CHUNK {
            let chunk = Chunk {
                fingerprints: [0; CHUNK],
                lines: [0; CHUNK],
                previous: part.last,
            };
            part.last = u32::try_from(self.chunks.len()).unwrap_or(NONE);
            part.filled = 0;
            self.chunks.push(chunk);
        }
        let Some(chunk) = self.chunks.get_mut(part.last) else {
            return;
        };
        let place = part.filled;
        if let (Some(slot), Some(at)) = (
            chunk.fingerprints.get_mut(place),
            chunk.lines.get_mut(place),
        ) {
            *slot = fingerprint;
            *at = u32::try_from(line).unwrap_or(u32::MAX);
            part.filled += 1;
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
        for chunk in chunks.blocks.iter().flatten() {
            // A slot that is not filled holds 0, whose mark does no harm.
            for &fingerprint in &chunk.fingerprints {
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
    reason = "the remainder is below 4096"
)]
fn part_of(fingerprint: u64) -> usize {
    (fingerprint % PARTS as u64) as usize
}

/// A fingerprint's bits in its word of the filter, by bits that select neither part nor word.
fn bits(fingerprint: u64) -> u64 {
    let bit = |shift: u32| 1_u64 << ((fingerprint >> shift) % 64);
    bit(12) | bit(18) | bit(24) | bit(30)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Fingerprint {
        Fingerprint::of(0, text)
    }

    #[test]
    fn everything_seen_is_found_with_its_first_line() {
        let mut seen = FingerprintIndex::new();
        for line in 1..=100_000 {
            let fingerprint = of(&format!("customer-{line}"));
            assert_eq!(seen.line(fingerprint), None);
            seen.insert(fingerprint, line);
        }
        for line in 1..=100_000_u32 {
            assert_eq!(seen.line(of(&format!("customer-{line}"))), Some(line));
        }
        assert_eq!(seen.line(of("customer-0")), None);
        assert_eq!(seen.line(Fingerprint::of(1, "customer-1")), None);
    }

    #[test]
    fn where_there_are_many_a_text_takes_less_than_sixteen_bytes() {
        let mut seen = FingerprintIndex::new();
        for line in 1..=1_000_000 {
            seen.insert(of(&line.to_string()), line);
        }
        let bytes = seen.chunks.len() * size_of::<Chunk>() + seen.filter.len() * 8;
        assert!(bytes < 1_000_000 * 16, "{bytes}");
    }

    #[test]
    fn the_filter_lets_few_new_texts_through() {
        let mut seen = FingerprintIndex::new();
        for line in 1..=100_000 {
            seen.insert(of(&line.to_string()), line);
        }
        let through = |n: &u32| {
            let Fingerprint(fingerprint) = of(&format!("new-{n}"));
            let bits = bits(fingerprint);
            seen.filter[seen.word(fingerprint)] & bits == bits
        };
        let through = (0..100_000).filter(through).count();
        assert!(through < 5_000, "{through}");
    }
}
