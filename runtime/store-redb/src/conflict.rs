//! Which rows were touched when, coarsely: a table of fixed size in memory, so that a commit is
//! checked without reading. Two keys in one slot cost a needless re-plan, never a missed conflict.

use std::hash::{DefaultHasher, Hash, Hasher};

use lockgate_core::key::Key;

/// How many slots: 1.5 MB, and one needless re-plan in some thousands with busy connectors.
const SLOTS: usize = 1 << 16;

/// A key's place in the table.
pub(crate) type Slot = u16;

/// Where a key's touches are kept.
pub(crate) fn slot(key: &Key) -> Slot {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    // The low 16 bits.
    (hasher.finish() & 0xffff) as Slot
}

#[derive(Debug, Clone, Copy, Default)]
struct Touch {
    /// The newest commit that touched it.
    last: u64,
    /// By which connector.
    by: u32,
    /// The newest commit of any other connector that touched it: without this, a connector's own
    /// touch would hide another's from it.
    other: u64,
}

/// The last touches of every key.
pub(crate) struct Touches {
    slots: Vec<Touch>,
    /// Everything counts as touched up to this commit.
    floor: u64,
}

impl Touches {
    pub(crate) fn new() -> Self {
        Self { slots: vec![Touch::default(); SLOTS], floor: 0 }
    }

    /// Whether another connector than `by` touched one of them after `as_of`.
    pub(crate) fn conflict(&self, relied: &[Slot], as_of: u64, by: u32) -> bool {
        (!relied.is_empty() && self.floor > as_of)
            || relied.iter().filter_map(|slot| self.slots.get(usize::from(*slot))).any(|touch| {
                let newest = if touch.by == by { touch.other } else { touch.last };
                newest > as_of
            })
    }

    /// Remembers what a commit touched.
    pub(crate) fn touch(&mut self, touched: &[Slot], commit: u64, by: u32) {
        for slot in touched {
            let Some(touch) = self.slots.get_mut(usize::from(*slot)) else { continue };
            if touch.by != by {
                touch.other = touch.last;
                touch.by = by;
            }
            touch.last = commit;
        }
    }

    /// Everything was touched, by nobody in particular.
    pub(crate) fn touch_all(&mut self, commit: u64) {
        self.floor = commit;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connectors_own_touch_does_not_hide_another_connectors() {
        let mut touches = Touches::new();
        touches.touch(&[7], 5, 1);
        touches.touch(&[7], 6, 2);
        assert!(touches.conflict(&[7], 4, 2));
        assert!(!touches.conflict(&[7], 5, 2));
        assert!(touches.conflict(&[7], 5, 1));
    }
}
