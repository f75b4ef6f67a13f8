//! Pseudo-random numbers: the same for the same seed, everywhere and for ever.

/// splitmix64. Kept runs and found faults are named by their seeds: what it rolls never changes.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// A series.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to `below` - 1.
    pub fn below(&mut self, below: u64) -> u64 {
        self.roll() % below.max(1)
    }

    /// The same for small numbers.
    pub fn small(&mut self, below: u8) -> u8 {
        u8::try_from(self.below(below.into())).unwrap_or(u8::MAX)
    }

    /// The same for positions.
    pub fn index(&mut self, below: usize) -> usize {
        usize::try_from(self.below(below as u64)).unwrap_or(0)
    }

    /// True once in so many times.
    pub fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// One of these; `None` when there are none.
    pub fn pick<'t, T>(&mut self, from: &'t [T]) -> Option<&'t T> {
        from.get(self.index(from.len()))
    }

    /// A copy of one of these, of which there must be some.
    pub fn one_of<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.index(from.len())].clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers of the published algorithm for seed 1234567.
    #[test]
    fn it_rolls_what_splitmix64_rolls() {
        let mut dice = Dice::new(1_234_567);
        let rolled = [dice.roll(), dice.roll(), dice.roll()];
        assert_eq!(rolled, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }
}
