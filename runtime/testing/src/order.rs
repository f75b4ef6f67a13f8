//! The promise of §11, tried by chance: histories of a source that fits together after every move, in every
//! order that keeps the sequence of each subject, through buses that work late, crash, and are disturbed in
//! the midst of their passes. Every order must end as the sorted feed does, with nothing left waiting.

mod broken;
mod campaign;
mod cases;
mod class;
mod feed;
mod fits;
mod gate;
mod model;
mod moves;
mod orders;
mod outcome;
mod pages;
mod source;
mod told;
mod trials;
mod world;

pub use broken::Broken;
pub use campaign::{Campaign, campaign};
pub use cases::{CASES, Case, ORDERS, Orders};
pub use class::CLASSES;
pub use trials::{Took, Wrong, again, check, of_seed, smaller};

use crate::store_suite::Reopen;

/// Makes engines with empty stores.
pub type Engines<'e> = dyn Fn() -> Box<dyn Reopen> + Sync + 'e;
