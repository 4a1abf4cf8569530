//! The order of what is declared: topological, by edges from references and `after`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::address::Address;
use super::error::{Error, Result};

/// The addresses so that each comes after those it depends on; otherwise in their given order.
///
/// Unknown addresses among the dependencies are left out.
pub(super) fn order(nodes: &[Address], depends_on: &BTreeMap<Address, BTreeSet<Address>>) -> Result<Vec<usize>> {
    let number: BTreeMap<&Address, usize> = nodes.iter().enumerate().map(|(number, address)| (address, number)).collect();
    let mut waits = vec![0; nodes.len()];
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for (node, address) in nodes.iter().enumerate() {
        for earlier in depends_on.get(address).into_iter().flatten().filter_map(|earlier| number.get(earlier)) {
            after[*earlier].push(node);
            waits[node] += 1;
        }
    }
    let mut ready: BTreeSet<usize> = (0..nodes.len()).filter(|node| waits[*node] == 0).collect();
    let mut sorted = Vec::with_capacity(nodes.len());
    while let Some(node) = ready.pop_first() {
        sorted.push(node);
        for later in &after[node] {
            waits[*later] -= 1;
            if waits[*later] == 0 {
                ready.insert(*later);
            }
        }
    }
    if sorted.len() == nodes.len() {
        return Ok(sorted);
    }
    Err(Error::Cycle { addresses: cycle(nodes, &waits, &number, depends_on) })
}

/// One circle among the nodes that still wait: from one of them back along its dependencies until an address comes again.
fn cycle(
    nodes: &[Address],
    waits: &[usize],
    number: &BTreeMap<&Address, usize>,
    depends_on: &BTreeMap<Address, BTreeSet<Address>>,
) -> Vec<Address> {
    let mut path: Vec<usize> = Vec::new();
    let mut next = (0..nodes.len()).find(|node| waits[*node] > 0);
    while let Some(node) = next {
        if let Some(start) = path.iter().position(|seen| *seen == node) {
            return path[start..].iter().map(|node| nodes[*node].clone()).collect();
        }
        path.push(node);
        let earlier = depends_on.get(&nodes[node]).into_iter().flatten().filter_map(|earlier| number.get(earlier));
        next = earlier.copied().find(|earlier| waits[*earlier] > 0);
    }
    path.into_iter().map(|node| nodes[node].clone()).collect()
}

/// The graph as DOT: an arrow from each object to what it depends on.
pub(super) fn dot(nodes: &[Address], depends_on: &BTreeMap<Address, BTreeSet<Address>>) -> String {
    let quoted = |address: &Address| serde_json::Value::from(address.as_str()).to_string();
    let mut text = String::from("digraph {\n  rankdir = \"RL\";\n  node [shape = rect, fontname = \"sans-serif\"];\n");
    for node in nodes {
        let _ = writeln!(text, "  {};", quoted(node));
    }
    for node in nodes {
        for earlier in depends_on.get(node).into_iter().flatten() {
            let _ = writeln!(text, "  {} -> {};", quoted(node), quoted(earlier));
        }
    }
    text.push_str("}\n");
    text
}

/// The addresses and all that they depend on, directly or not.
pub(super) fn closure(start: &BTreeSet<Address>, edges: &BTreeMap<Address, BTreeSet<Address>>) -> BTreeSet<Address> {
    let mut found = start.clone();
    let mut todo: Vec<&Address> = start.iter().collect();
    while let Some(address) = todo.pop() {
        for next in edges.get(address).into_iter().flatten() {
            if found.insert(next.clone()) {
                todo.push(next);
            }
        }
    }
    found
}

/// The edges the other way round.
pub(super) fn inverted(edges: &BTreeMap<Address, BTreeSet<Address>>) -> BTreeMap<Address, BTreeSet<Address>> {
    let mut inverted: BTreeMap<Address, BTreeSet<Address>> = BTreeMap::new();
    for (from, tos) in edges {
        for to in tos {
            inverted.entry(to.clone()).or_default().insert(from.clone());
        }
    }
    inverted
}
