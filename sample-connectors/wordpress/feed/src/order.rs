//! Parents before children, otherwise in file order.

use std::collections::BTreeMap;

/// Positions of the given (id, parent id) in an order in which each comes after the first one with
/// its parent's id. What repeats an id keeps its place behind the earlier one. Circles are broken at
/// their first member: whoever reads the task says what is wrong.
pub(crate) fn parents_first(entries: &[(&str, Option<&str>)]) -> Vec<usize> {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    let mut repeats: Vec<Option<usize>> = Vec::with_capacity(entries.len());
    for (at, (id, _)) in entries.iter().enumerate() {
        repeats.push(first.get(id).copied());
        first.entry(id).or_insert(at);
    }
    let before = |at: usize| {
        let parent = entries.get(at).and_then(|(_, parent)| first.get((*parent)?).copied());
        [parent, repeats.get(at).copied().flatten()].into_iter().flatten()
    };
    let mut seen = vec![false; entries.len()];
    let mut order = Vec::with_capacity(entries.len());
    for start in 0..entries.len() {
        let mut path = vec![start];
        while let Some(&at) = path.last() {
            if let Some(seen) = seen.get_mut(at) {
                *seen = true;
            }
            match before(at).find(|next| seen.get(*next) == Some(&false)) {
                Some(next) => path.push(next),
                None => {
                    path.pop();
                    order.push(at);
                }
            }
        }
    }
    let mut placed = vec![false; entries.len()];
    order.retain(|at| placed.get_mut(*at).is_some_and(|placed| !std::mem::replace(placed, true)));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parent_that_stands_later_comes_first() {
        let entries = [("c", Some("b")), ("x", None), ("b", Some("a")), ("a", None)];
        assert_eq!(parents_first(&entries), [3, 2, 0, 1]);
    }

    #[test]
    fn a_repeated_id_stays_behind_its_first() {
        let entries = [("a", Some("p")), ("a", None), ("p", None)];
        assert_eq!(parents_first(&entries), [2, 0, 1]);
    }

    #[test]
    fn missing_parents_and_circles_keep_everything_once() {
        let entries = [("a", Some("b")), ("b", Some("a")), ("c", Some("gone")), ("d", Some("d"))];
        let mut order = parents_first(&entries);
        order.sort_unstable();
        assert_eq!(order, [0, 1, 2, 3]);
    }
}
