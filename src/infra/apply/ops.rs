//! The operations of an apply, and which has to wait for which.

use std::collections::{BTreeMap, BTreeSet};

use crate::infra::address::Address;
use crate::infra::plan::{Action, Plan};

/// One operation; the number is that of the change in the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Op {
    /// Makes, changes or reads it; of an object that stays as it is, lets others see it.
    Make(usize),
    /// Deletes it, or the old one of a replacement, or forgets it.
    End(usize),
}

/// The operations, and for each the numbers of those that it waits for.
pub(super) fn operations(plan: &Plan) -> (Vec<Op>, Vec<Vec<usize>>) {
    let mut ops = Vec::new();
    let mut makes: BTreeMap<&Address, usize> = BTreeMap::new();
    let mut ends: BTreeMap<&Address, Vec<usize>> = BTreeMap::new();
    for (number, change) in plan.changes.iter().enumerate() {
        if matches!(change.action, Action::Delete | Action::Forget | Action::Replace | Action::ReplaceCreateFirst) {
            ends.entry(&change.address).or_default().push(ops.len());
            ops.push(Op::End(number));
        }
        if !matches!(change.action, Action::Delete | Action::Forget) {
            makes.insert(&change.address, ops.len());
            ops.push(Op::Make(number));
        }
    }
    // Who is recorded or declared to depend on an object.
    let mut dependents: BTreeMap<&Address, BTreeSet<&Address>> = BTreeMap::new();
    let mut recorded: BTreeMap<&Address, BTreeSet<&Address>> = BTreeMap::new();
    for entry in plan.moved.resources.values() {
        for on in &entry.depends_on {
            dependents.entry(on).or_default().insert(&entry.address);
            recorded.entry(on).or_default().insert(&entry.address);
        }
    }
    for (address, on) in &plan.edges {
        for on in on {
            dependents.entry(on).or_default().insert(address);
        }
    }
    let mut before = vec![Vec::new(); ops.len()];
    for (at, op) in ops.iter().enumerate() {
        match *op {
            Op::Make(number) => {
                let change = &plan.changes[number];
                before[at].extend(plan.edges.get(&change.address).into_iter().flatten().filter_map(|on| makes.get(on)));
                if change.action == Action::Replace {
                    before[at]
                        .extend(ends.get(&change.address).into_iter().flatten().filter(|end| ops[**end] == Op::End(number)));
                }
            }
            Op::End(number) => {
                let change = &plan.changes[number];
                // What was made after it is deleted before it.
                for dependent in recorded.get(&change.address).into_iter().flatten() {
                    before[at].extend(ends.get(dependent).into_iter().flatten());
                }
                match change.action {
                    Action::ReplaceCreateFirst => {
                        before[at].extend(makes.get(&change.address));
                        for dependent in dependents.get(&change.address).into_iter().flatten() {
                            before[at].extend(makes.get(dependent));
                        }
                    }
                    // What refers to it no longer lets go of it first.
                    Action::Delete => {
                        for dependent in recorded.get(&change.address).into_iter().flatten() {
                            let updated = makes.get(dependent).filter(|make| match ops[**make] {
                                Op::Make(number) => plan.changes[number].action == Action::Update,
                                Op::End(_) => false,
                            });
                            before[at].extend(updated);
                        }
                    }
                    _ => {}
                }
            }
        }
        before[at].retain(|earlier| *earlier != at);
        before[at].sort_unstable();
        before[at].dedup();
    }
    break_circles(&mut before);
    (ops, before)
}

/// Edges of the state and of the declaration can contradict each other where a dependency was turned round. An operation that can
/// never start would be lost silently, so the edges that close a circle are dropped, the last ones first.
fn break_circles(before: &mut [Vec<usize>]) {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Closed,
    }
    let mut marks = vec![Mark::New; before.len()];
    for start in 0..before.len() {
        if marks[start] != Mark::New {
            continue;
        }
        let mut path = vec![(start, 0)];
        marks[start] = Mark::Open;
        while let Some((node, next)) = path.last_mut() {
            let node = *node;
            let Some(earlier) = before[node].get(*next).copied() else {
                marks[node] = Mark::Closed;
                path.pop();
                continue;
            };
            match marks[earlier] {
                Mark::Open => {
                    before[node].remove(*next);
                }
                Mark::Closed => *next += 1,
                Mark::New => {
                    *next += 1;
                    marks[earlier] = Mark::Open;
                    path.push((earlier, 0));
                }
            }
        }
    }
}
