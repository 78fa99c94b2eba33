//! Random numbers from a seed (`SplitMix64`), for faults and ids.

/// The `count`-th number of the sequence that `seed` begins.
pub(super) const fn number(seed: u64, count: u64) -> u64 {
    let mut z = seed.wrapping_add(count.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The `count`-th number of the sequence, as a fraction from 0 (included) to 1 (left out).
#[expect(
    clippy::cast_precision_loss,
    reason = "53 bits are what a fraction can hold"
)]
pub(super) fn fraction(seed: u64, count: u64) -> f64 {
    (number(seed, count) >> 11) as f64 / (1_u64 << 53) as f64
}

/// A running sequence.
#[derive(Debug)]
pub(super) struct Sequence {
    seed: u64,
    count: u64,
}

impl Sequence {
    pub(super) const fn new(seed: u64) -> Self {
        Self { seed, count: 0 }
    }

    pub(super) const fn next(&mut self) -> u64 {
        let next = number(self.seed, self.count);
        self.count += 1;
        next
    }

    /// Letters and digits.
    pub(super) fn letters(&mut self, length: usize) -> String {
        const ALPHABET: &[u8; 62] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        (0..length)
            .map(|_| {
                let at = usize::try_from(self.next() % 62).unwrap_or(0);
                ALPHABET.get(at).copied().map_or('A', char::from)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_fill_the_range_from_zero_to_one() {
        let drawn: Vec<f64> = (0..10_000).map(|n| fraction(7, n)).collect();
        assert!(drawn.iter().all(|f| (0.0..1.0).contains(f)));
        let low = drawn.iter().filter(|f| **f < 0.25).count();
        assert!((2_300..2_700).contains(&low), "{low}");
    }
}
