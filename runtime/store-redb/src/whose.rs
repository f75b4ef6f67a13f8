//! Whose queue a task is in. No index says so; queues are asked, and each as seldom as can be.

use std::ops::Range;

use crate::fault::Fault;

/// Queues that may have a task, the one that had the last first.
pub(crate) struct Whose(Vec<Asked>);

/// A connector, and a span of ids of which its queue has none.
struct Asked {
    connector: u32,
    has_none: Range<u64>,
}

impl Whose {
    pub(crate) fn new(connectors: impl IntoIterator<Item = u32>) -> Self {
        Self(connectors.into_iter().map(|connector| Asked { connector, has_none: 0..0 }).collect())
    }

    /// Whose task it is. `next` says which is the first of a connector's tasks from an id on. No task may
    /// have come or gone since the last call.
    pub(crate) fn find(&mut self, id: u64, mut next: impl FnMut(u32, u64) -> Result<Option<u64>, Fault>) -> Result<Option<u32>, Fault> {
        let mut found = None;
        for (at, asked) in self.0.iter_mut().enumerate().filter(|(_, asked)| !asked.has_none.contains(&id)) {
            let first = next(asked.connector, id)?;
            if first == Some(id) {
                found = Some((at, asked.connector));
                break;
            }
            asked.has_none = id..first.unwrap_or(u64::MAX);
        }
        let Some((at, connector)) = found else { return Ok(None) };
        if let Some(before) = self.0.get_mut(..=at) {
            before.rotate_right(1);
        }
        Ok(Some(connector))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    const CONNECTORS: u32 = 100;

    /// Finds each id among these queues; how often a queue was asked.
    fn asked(queues: &BTreeMap<u32, BTreeSet<u64>>, ids: impl IntoIterator<Item = u64>) -> usize {
        let (mut whose, mut asked) = (Whose::new(0..CONNECTORS), 0);
        for id in ids {
            let found = whose.find(id, |connector, from| {
                asked += 1;
                Ok(queues.get(&connector).and_then(|queue| queue.range(from..).next().copied()))
            });
            let owner = queues.iter().find(|(_, queue)| queue.contains(&id)).map(|(connector, _)| *connector);
            assert!(matches!(found, Ok(found) if found == owner), "{id}: {found:?}, not {owner:?}");
        }
        asked
    }

    #[test]
    fn one_connectors_tasks_are_asked_of_its_queue_alone() {
        // In turn: between two tasks of one, every other has one.
        let queues = (0..CONNECTORS).map(|n| (n, (0..4_000).map(|task| task * u64::from(CONNECTORS) + u64::from(n)).collect())).collect();
        assert_eq!(asked(&queues, (0..4_000).map(|task| task * 100 + 99)), 4_000 + 99);
    }

    #[test]
    fn two_connectors_in_turn_are_asked_twice_for_each_task() {
        let queues = BTreeMap::from([(3, (0..4_000).step_by(2).collect()), (99, (1..4_000).step_by(2).collect())]);
        assert!(asked(&queues, 0..4_000) <= 2 * 4_000 + 100);
    }

    #[test]
    fn tasks_that_are_gone_are_asked_for_once() {
        let queues = (0..CONNECTORS).map(|n| (n, BTreeSet::from([u64::from(n), 10_000]))).collect();
        assert_eq!(asked(&queues, 4_000..8_000), CONNECTORS as usize);
        assert_eq!(asked(&BTreeMap::new(), 0..4_000), CONNECTORS as usize);
        assert_eq!(asked(&BTreeMap::new(), [u64::MAX]), CONNECTORS as usize);
    }

    #[test]
    fn ids_in_any_order_are_found() {
        let queues = BTreeMap::from([(1, BTreeSet::from([5, 900])), (2, BTreeSet::from([7, 30])), (50, BTreeSet::from([6]))]);
        asked(&queues, [900, 5, 8, 7, 6, 31, 30, 5, 4, 1_000, 6]);
    }
}
