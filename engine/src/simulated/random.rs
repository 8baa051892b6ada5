//! A small generator of pseudo-random numbers: `SplitMix64` (Steele, Lea and Flood, 2014).

/// The state of a generator: the same state gives the same numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SplitMix64(u64);

impl SplitMix64 {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub(super) const fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below `end`, or 0 if there is none.
    pub(super) const fn below(&mut self, end: u64) -> u64 {
        if end == 0 { 0 } else { self.next_u64() % end }
    }

    /// True in so many cases of a hundred.
    pub(super) fn chance(&mut self, pct: u8) -> bool {
        self.below(100) < u64::from(pct)
    }

    /// True with this probability.
    pub(super) fn happens(&mut self, probability: f64) -> bool {
        // The upper half of the number is enough, and an exact `f64`.
        let part = u32::try_from(self.next_u64() >> 32).unwrap_or(u32::MAX);
        f64::from(part) < probability * (f64::from(u32::MAX) + 1.0)
    }

    /// One of the items.
    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let at = self.below(u64::try_from(items.len()).unwrap_or(0));
        items.get(usize::try_from(at).unwrap_or(0))
    }

    /// Puts the items in another order (Fisher and Yates).
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            let other = self.below(u64::try_from(end + 1).unwrap_or(1));
            items.swap(end, usize::try_from(other).unwrap_or(0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_gives_the_published_numbers() {
        // The first outputs for seed 1234567 of the reference implementation in C.
        let mut random = SplitMix64::new(1_234_567);
        let expected = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ];
        for number in expected {
            assert_eq!(random.next_u64(), number);
        }
    }

    #[test]
    fn its_ends_are_safe() {
        let mut random = SplitMix64::new(0);
        assert_eq!(random.below(0), 0);
        assert_eq!(random.pick::<u8>(&[]), None);
        assert!(!random.chance(0) && random.chance(100));
        assert!(!random.happens(0.0) && random.happens(1.0));
        let mut items: Vec<u32> = (0..50).collect();
        random.shuffle(&mut items);
        assert_ne!(items, (0..50).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..50).collect::<Vec<_>>());
    }
}
