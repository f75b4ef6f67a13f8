//! Which keys were touched lately, and by whom, in memory: a commit is checked without reading.

use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::sync::LazyLock;

use lockgate_core::key::Key;
use lockgate_core::maps::HashState;

/// Keys that are remembered, all commits together: 8 MB. A commit that relies on what was loaded
/// before all of them is planned again.
const KEYS_MAX: usize = 1 << 20;
/// Commits that are remembered.
const COMMITS_MAX: usize = 1 << 16;
/// Of two lists, one so many times longer than the other is searched instead of walked through.
const SEARCHED: usize = 16;

/// A key's hash. Two keys with one hash cost a needless plan, never a missed conflict.
pub(crate) type Mark = u64;

/// The marks of keys, as commits are compared by them: ascending, each once.
pub(crate) fn marks<'k>(keys: impl IntoIterator<Item = &'k Key>) -> Vec<Mark> {
    /// One for the whole process, seeded at random like that of the plan's maps.
    static HASHES: LazyLock<HashState> = LazyLock::new(HashState::default);
    let mut marks: Vec<Mark> = keys.into_iter().map(|key| HASHES.hash_one(key)).collect();
    marks.sort_unstable();
    marks.dedup();
    marks
}

/// What one commit touched.
struct Touched {
    commit: u64,
    /// By which connector.
    by: u32,
    marks: Vec<Mark>,
}

/// The last commits, oldest first.
pub(crate) struct Touches {
    recent: VecDeque<Touched>,
    /// Marks in all of them.
    marks: usize,
    /// Everything counts as touched up to this commit.
    floor: u64,
}

impl Touches {
    pub(crate) fn new() -> Self {
        Self { recent: VecDeque::new(), marks: 0, floor: 0 }
    }

    /// Whether another connector than `by` touched one of them after `as_of`.
    pub(crate) fn conflict(&self, relied: &[Mark], as_of: u64, by: u32) -> bool {
        if relied.is_empty() {
            return false;
        }
        let since = self.recent.iter().rev().take_while(|touched| touched.commit > as_of);
        self.floor > as_of || since.filter(|touched| touched.by != by).any(|touched| meet(&touched.marks, relied))
    }

    /// Remembers what a commit touched.
    pub(crate) fn touch(&mut self, marks: Vec<Mark>, commit: u64, by: u32) {
        self.marks += marks.len();
        self.recent.push_back(Touched { commit, by, marks });
        // The last one stays, however much it touched.
        while self.recent.len() > 1 && (self.marks > KEYS_MAX || self.recent.len() > COMMITS_MAX) {
            let Some(oldest) = self.recent.pop_front() else { break };
            self.marks -= oldest.marks.len();
            self.floor = self.floor.max(oldest.commit);
        }
    }

    /// Everything was touched, by nobody in particular.
    pub(crate) fn touch_all(&mut self, commit: u64) {
        self.floor = commit;
    }
}

/// Whether two ascending lists have something in common.
fn meet(a: &[Mark], b: &[Mark]) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    if short.len().saturating_mul(SEARCHED) < long.len() {
        return short.iter().any(|mark| long.binary_search(mark).is_ok());
    }
    let mut long = long.iter().peekable();
    short.iter().any(|mark| {
        while long.next_if(|other| *other < mark).is_some() {}
        long.peek().is_some_and(|other| *other == mark)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connectors_own_touch_does_not_hide_another_connectors() {
        let mut touches = Touches::new();
        touches.touch(vec![7], 5, 1);
        touches.touch(vec![7], 6, 2);
        assert!(touches.conflict(&[7], 4, 2));
        assert!(!touches.conflict(&[7], 5, 2));
        assert!(touches.conflict(&[7], 5, 1));
    }

    #[test]
    fn many_keys_beside_a_busy_neighbour_do_not_conflict() {
        let mut touches = Touches::new();
        touches.touch((0..40_000).map(|n| n * 2).collect(), 1, 1);
        let mut relied: Vec<Mark> = (0..40_000).map(|n| n * 2 + 1).collect();
        assert!(!touches.conflict(&relied, 0, 2));
        relied.push(79_998);
        relied.sort_unstable();
        assert!(touches.conflict(&relied, 0, 2));
        assert!(touches.conflict(&[6], 0, 2) && !touches.conflict(&[7], 0, 2));
    }

    #[test]
    fn what_is_forgotten_counts_as_touched() {
        let mut touches = Touches::new();
        touches.touch(vec![1], 1, 1);
        touches.touch((0..KEYS_MAX as u64).collect(), 2, 1);
        assert!(touches.conflict(&[u64::MAX], 0, 2), "commit 1 is not remembered");
        assert!(!touches.conflict(&[u64::MAX], 1, 2));
    }
}
