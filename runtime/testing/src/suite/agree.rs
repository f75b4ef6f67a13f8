//! Two stores do the same random things and must answer alike.

mod act;
mod compare;
mod world;

use crate::short::Short;
use crate::{model, model_files};
use act::Actor;
use lockgate_core::ports::Store;

/// Performs `steps` random operations, the same on both stores, and compares every answer that has
/// one right form. Both must be empty. Panics with the seed and the step when they differ.
pub fn agree(seed: u64, a: &dyn Store, b: &dyn Store, steps: usize) {
    let model = model();
    for store in [a, b] {
        store.put_model_now(&model_files(), &model).expect("put_model");
    }
    let mut actor = Actor::new(seed, model, a, b);
    for step in 0..steps {
        actor.step(&format!("seed {seed}, step {step}"));
    }
    actor.compare_all(&format!("seed {seed}, after {steps} steps"));
}

/// A small pseudo-random generator (xorshift64*): the same numbers for the same seed, everywhere.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(super) fn roll(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    /// From 0 to `below` - 1.
    pub(super) fn below(&mut self, below: usize) -> usize {
        (self.roll() % below.max(1) as u64) as usize
    }

    pub(super) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(super) fn pick<'t, T>(&mut self, from: &'t [T]) -> Option<&'t T> {
        if from.is_empty() { None } else { Some(&from[self.below(from.len())]) }
    }
}
