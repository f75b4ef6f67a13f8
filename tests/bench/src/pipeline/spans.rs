//! How long each part of the pipeline took, all tasks together.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

macro_rules! spans {
    ($($(#[$doc:meta])* $field:ident = $name:literal,)*) => {
        /// Time of each part, in ns.
        #[derive(Debug, Default)]
        pub struct Spans { $($(#[$doc])* pub $field: Span),* }

        impl Spans {
            /// Names and parts, in the order in which a task meets them.
            pub fn all(&self) -> impl Iterator<Item = (&'static str, &Span)> {
                [$(($name, &self.$field)),*].into_iter()
            }
        }
    };
}

spans! {
    /// `Store::fetch`.
    fetch = "fetch",
    /// `Translator::instance`.
    instantiate = "instantiate",
    /// In the guest's prepare, lowering and lifting by the engine included.
    guest = "guest: prepare",
    /// What the host makes of the answer: names, values, their checks.
    lift = "lift into the host's types",
    /// `get_internal_object_params`.
    params = "guest: params of two references",
    /// The instance's end.
    drop = "drop the instance",
    /// `Store::load`.
    resolve = "resolve: load rows",
    /// `Store::commit` until it is durable.
    commit = "write and fsync",
}

/// One part.
#[derive(Debug, Default)]
pub struct Span(AtomicU64);

impl Span {
    /// Measures one call.
    pub fn of<R>(&self, act: impl FnOnce() -> R) -> R {
        let begun = Instant::now();
        let result = act();
        self.add(u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX));
        result
    }

    pub fn add(&self, ns: u64) {
        self.0.fetch_add(ns, Ordering::Relaxed);
    }

    /// Forgets what was.
    pub fn reset(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// µs for each of so many tasks.
    pub fn us_each(&self, tasks: u64) -> f64 {
        self.0.load(Ordering::Relaxed) as f64 / 1e3 / (tasks.max(1) as f64)
    }
}
