//! Which of the nodes that share a store works for which connector: as evenly as their numbers allow, and each
//! connector stays where it is as long as that is so. All nodes that see the same decide the same (promise 6).

use std::collections::{BTreeMap, BTreeSet};

use crate::names::ConnectorName;
use crate::ports::NodeName;

/// Who is to work for each connector, by who does now. Nobody, where there is no node.
pub fn shares(nodes: &BTreeSet<NodeName>, connectors: &BTreeMap<ConnectorName, Option<NodeName>>) -> BTreeMap<ConnectorName, NodeName> {
    let Some(least) = connectors.len().checked_div(nodes.len()) else { return BTreeMap::new() };
    let mut of_nodes: BTreeMap<&NodeName, Vec<&ConnectorName>> = nodes.iter().map(|node| (node, Vec::new())).collect();
    let mut free = Vec::new();
    for (connector, holder) in connectors {
        match holder.as_ref().and_then(|holder| of_nodes.get_mut(holder)) {
            Some(held) => held.push(connector),
            None => free.push(connector),
        }
    }
    // Those that have most keep one more, where the numbers do not divide.
    let mut order: Vec<(&NodeName, Vec<&ConnectorName>)> = of_nodes.into_iter().collect();
    order.sort_by_key(|(node, held)| (usize::MAX - held.len(), *node));
    let more = connectors.len() - least * nodes.len();
    let most = |at: usize| if at < more { least + 1 } else { least };
    for (at, (_, held)) in order.iter_mut().enumerate() {
        free.extend(held.split_off(held.len().min(most(at))));
    }
    free.sort_unstable();
    let mut free = free.into_iter();
    let mut shares = BTreeMap::new();
    for (at, (node, mut held)) in order.into_iter().enumerate() {
        let room = most(at).saturating_sub(held.len());
        held.extend(free.by_ref().take(room));
        shares.extend(held.into_iter().map(|connector| (connector.clone(), node.clone())));
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(count: usize) -> BTreeSet<NodeName> {
        (0..count).map(|n| NodeName::new(&format!("n{n}"))).collect()
    }

    fn free(count: usize) -> BTreeMap<ConnectorName, Option<NodeName>> {
        (0..count).map(|n| (ConnectorName::new(format!("c{n:02}")).unwrap(), None)).collect()
    }

    fn again(shares: &BTreeMap<ConnectorName, NodeName>) -> BTreeMap<ConnectorName, Option<NodeName>> {
        shares.iter().map(|(connector, node)| (connector.clone(), Some(node.clone()))).collect()
    }

    fn counts(shares: &BTreeMap<ConnectorName, NodeName>) -> Vec<usize> {
        let mut counts: BTreeMap<&NodeName, usize> = BTreeMap::new();
        shares.values().for_each(|node| *counts.entry(node).or_default() += 1);
        let mut counts: Vec<usize> = counts.into_values().collect();
        counts.sort_unstable();
        counts
    }

    #[test]
    fn connectors_are_spread_evenly_and_stay() {
        for connectors in 0..20 {
            for nodes in 1..6 {
                let first = shares(&names(nodes), &free(connectors));
                assert_eq!(first.len(), connectors);
                let counted = counts(&first);
                assert!(counted.last().unwrap_or(&0) - counted.first().unwrap_or(&0) <= 1, "{counted:?}");
                assert_eq!(shares(&names(nodes), &again(&first)), first, "nothing moves without a reason");
            }
        }
        assert!(shares(&names(0), &free(3)).is_empty());
    }

    #[test]
    fn a_node_that_joins_gets_its_share_and_no_other_moves() {
        for nodes in 1..5 {
            let before = shares(&names(nodes), &free(12));
            let after = shares(&names(nodes + 1), &again(&before));
            let moved: Vec<_> = after.iter().filter(|(connector, node)| before[*connector] != **node).collect();
            let joined = NodeName::new(&format!("n{nodes}"));
            assert!(moved.iter().all(|(_, node)| **node == joined), "{moved:?}");
            assert_eq!(moved.len(), 12 / (nodes + 1));
        }
    }

    #[test]
    fn what_a_node_leaves_is_spread_and_nothing_else_moves() {
        let before = shares(&names(3), &free(9));
        let left: BTreeSet<NodeName> = names(3).into_iter().skip(1).collect();
        let after = shares(&left, &again(&before));
        assert_eq!(counts(&after), [4, 5]);
        assert!(before.iter().filter(|(_, node)| left.contains(*node)).all(|(connector, node)| after[connector] == *node));
    }
}
