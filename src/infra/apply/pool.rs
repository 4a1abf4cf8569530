//! Work on a graph, some nodes at a time.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::{Poll, Waker};
use std::thread;

use crate::Batteries;
use crate::wait::BoxFuture;

/// True for the files of a [`World`](crate::World), with or without layers: there nothing takes time, and work is done by one thread
/// in a fixed order, so that every run of a test makes the same calls.
pub(in crate::infra) fn in_memory(batteries: &Batteries) -> bool {
    !batteries.os.backend().blocks()
}

/// Runs work that blocks: where it is polled, or on a thread of its own.
pub(in crate::infra) fn blocking<T: Send + 'static>(inline: bool, work: Box<dyn FnOnce() -> T + Send>) -> BoxFuture<T> {
    if inline {
        return Box::pin(async move { work() });
    }
    struct Slot<T> {
        result: Option<thread::Result<T>>,
        waker: Option<Waker>,
    }
    let slot = Arc::new(Mutex::new(Slot { result: None, waker: None }));
    let mut work = Some(work);
    Box::pin(std::future::poll_fn(move |context| {
        let mut guard = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(result) = guard.result.take() {
            return Poll::Ready(result.unwrap_or_else(|payload| resume_unwind(payload)));
        }
        guard.waker = Some(context.waker().clone());
        drop(guard);
        if let Some(work) = work.take() {
            let slot = slot.clone();
            thread::spawn(move || {
                let result = catch_unwind(AssertUnwindSafe(work));
                let mut guard = slot.lock().unwrap_or_else(PoisonError::into_inner);
                guard.result = Some(result);
                if let Some(waker) = guard.waker.take() {
                    waker.wake();
                }
            });
        }
        Poll::Pending
    }))
}

/// What became of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::infra) enum Done {
    /// The nodes that wait for it may run.
    Yes,
    /// They may not.
    No,
}

struct Shared {
    /// How many nodes each node still waits for.
    waits: Vec<usize>,
    ready: BTreeSet<usize>,
    blocked: Vec<bool>,
    running: usize,
}

/// Visits every node after those that it waits for; at most `limit` at once, in the order of their numbers. A node whose
/// prerequisite was not done is not visited. Gives the nodes that were not.
pub(in crate::infra) fn walk(
    before: &[Vec<usize>],
    limit: usize,
    inline: bool,
    visit: &(dyn Fn(usize) -> Done + Sync),
) -> Vec<usize> {
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); before.len()];
    for (node, earlier) in before.iter().enumerate() {
        earlier.iter().for_each(|earlier| after[*earlier].push(node));
    }
    let waits: Vec<usize> = before.iter().map(Vec::len).collect();
    let ready = waits.iter().enumerate().filter(|(_, waits)| **waits == 0).map(|(node, _)| node).collect();
    let shared = Mutex::new(Shared { waits, ready, blocked: vec![false; before.len()], running: 0 });
    let changed = Condvar::new();
    let work = || {
        let mut state = shared.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let Some(node) = state.ready.pop_first() else {
                if state.running == 0 {
                    changed.notify_all();
                    return;
                }
                state = changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            state.running += 1;
            let blocked = state.blocked[node];
            drop(state);
            let done = if blocked { Ok(Done::No) } else { catch_unwind(AssertUnwindSafe(|| visit(node))) };
            state = shared.lock().unwrap_or_else(PoisonError::into_inner);
            state.running -= 1;
            if !blocked && done.is_ok() {
                state.waits[node] = usize::MAX; // visited
            }
            for later in &after[node] {
                state.blocked[*later] |= !matches!(done, Ok(Done::Yes));
                state.waits[*later] -= 1;
                if state.waits[*later] == 0 {
                    state.ready.insert(*later);
                }
            }
            changed.notify_all();
            if let Err(payload) = done {
                state.ready.clear();
                drop(state);
                resume_unwind(payload);
            }
        }
    };
    let threads = limit.max(1).min(before.len());
    if inline || threads <= 1 {
        work();
    } else {
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(work);
            }
        });
    }
    let state = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    state.waits.iter().enumerate().filter(|(_, waits)| **waits != usize::MAX).map(|(node, _)| node).collect()
}
