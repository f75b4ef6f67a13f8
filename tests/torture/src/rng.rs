//! Random decisions that a seed repeats.

use lockgate_testing::Dice;

/// Chooses what to break next.
#[derive(Debug, Clone)]
pub struct Rng(Dice);

impl Rng {
    /// The decisions of one part of a run: each part has its own, so that threads do not disturb
    /// each other's.
    pub fn new(seed: u64, part: u64) -> Self {
        let mut dice = Dice::new(seed ^ part.wrapping_mul(0xA076_1D64_78BD_642F));
        dice.roll();
        Self(dice)
    }

    /// One of `from..=to`.
    pub fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.0.below(to - from + 1)
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, share: u64) -> bool {
        self.between(1, 100) <= share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_decisions_and_parts_differ() {
        let draw = |seed, part| {
            let mut rng = Rng::new(seed, part);
            (0..50).map(|_| rng.between(3, 9)).collect::<Vec<_>>()
        };
        assert_eq!(draw(7, 1), draw(7, 1));
        assert_ne!(draw(7, 1), draw(7, 2));
        assert_ne!(draw(7, 1), draw(8, 1));
        assert!(draw(7, 1).iter().all(|drawn| (3..=9).contains(drawn)));
    }
}
