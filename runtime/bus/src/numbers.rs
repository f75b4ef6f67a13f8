//! What has come of tasks since this process began: counters, for whoever watches.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Bus;
use lockgate_core::effects::{Fate, TaskEnd};
use lockgate_core::failure::Code;
use lockgate_core::history::Outcome;
use lockgate_core::names::ConnectorName;

/// Upper bounds of the buckets, in ms: from a task on its own to one that waits for a day.
pub const BUCKETS_MS: [u64; 12] = [5, 25, 100, 500, 1_000, 5_000, 30_000, 120_000, 600_000, 3_600_000, 21_600_000, 86_400_000];

/// How often something took so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Histogram {
    /// How often it took as long as the bound of the same place at most, and longer than the one before.
    pub buckets: [u64; BUCKETS_MS.len()],
    /// How often, all together.
    pub count: u64,
    /// All together, in ms.
    pub sum_ms: u64,
}

impl Histogram {
    fn add(&mut self, ms: u64) {
        let bucket = BUCKETS_MS.iter().position(|bound| ms <= *bound).and_then(|at| self.buckets.get_mut(at));
        if let Some(bucket) = bucket {
            *bucket += 1;
        }
        self.count += 1;
        self.sum_ms = self.sum_ms.saturating_add(ms);
    }
}

/// Of one connector.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counted {
    /// Tasks that were queued.
    pub submitted: u64,
    /// Tasks that have ended, by outcome.
    pub ended: BTreeMap<&'static str, u64>,
    /// Tries that failed or came to waiting, by code.
    pub tries_failed: BTreeMap<Code, u64>,
    /// Calls of tasks that have ended.
    pub egress_calls: u64,
    /// From submission to the end.
    pub wait: Histogram,
    /// Commits of its passes, from the call to the answer.
    pub commit: Histogram,
}

#[derive(Default)]
pub(crate) struct Numbers(Mutex<BTreeMap<ConnectorName, Counted>>);

impl Numbers {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<ConnectorName, Counted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn submitted(&self, connector: &ConnectorName) {
        self.lock().entry(connector.clone()).or_default().submitted += 1;
    }

    /// A commit of a connector's pass is carried out, in so many ms.
    pub(crate) fn committed(&self, by: &ConnectorName, ends: &[TaskEnd], took_ms: u64) {
        let mut all = self.lock();
        all.entry(by.clone()).or_default().commit.add(took_ms);
        for end in ends {
            let of = all.entry(end.connector.clone()).or_default();
            match &end.fate {
                Fate::Removed(entry) => {
                    *of.ended.entry(entry.outcome.as_str()).or_default() += 1;
                    of.egress_calls += u64::from(entry.used.http_calls);
                    of.wait.add(u64::try_from(entry.ended_ms.saturating_sub(entry.submitted_ms)).unwrap_or(0));
                    if let Outcome::Failed(failure) = &entry.outcome {
                        *of.tries_failed.entry(failure.code).or_default() += 1;
                    }
                }
                Fate::Stays(standing) => {
                    if let Some(failure) = &standing.failure {
                        *of.tries_failed.entry(failure.code).or_default() += 1;
                    }
                }
            }
        }
    }
}

impl Bus {
    /// What has come of tasks since this process began, of each connector that has had any.
    pub fn numbers(&self) -> BTreeMap<ConnectorName, Counted> {
        self.inner.numbers.lock().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_go_into_the_first_bucket_that_holds_them() {
        let mut histogram = Histogram::default();
        for ms in [0, 5, 6, 86_400_000, u64::MAX] {
            histogram.add(ms);
        }
        assert_eq!((histogram.buckets[0], histogram.buckets[1], histogram.buckets[11], histogram.count), (2, 1, 1, 5));
        assert_eq!(histogram.sum_ms, u64::MAX);
    }
}
