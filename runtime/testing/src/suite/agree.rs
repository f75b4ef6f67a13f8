//! Two stores do the same random things and must answer alike.

mod act;
mod beside;
mod compare;
mod waiting;
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
