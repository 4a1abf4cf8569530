//! Futures beside each other, on any executor.

use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use super::backend::Backend;

/// The future's output, or None if it is not there after so long.
pub(super) async fn within<F: Future>(backend: &Arc<dyn Backend>, patience: Duration, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut timer = backend.sleep(patience);
    std::future::poll_fn(move |context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => timer.as_mut().poll(context).map(|()| None),
    })
    .await
}

/// What blocks, by the backend's means.
pub(super) async fn blocking<T: Send + 'static>(
    backend: &Arc<dyn Backend>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let slot = Arc::new(Mutex::new(None));
    let inner = slot.clone();
    backend
        .blocking(Box::new(move || {
            let value = work();
            *inner.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
        }))
        .await;
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Runs futures beside each other, at most `limit` at once, started in their order. Gives the outputs in their order.
///
/// One task polls those alone that were woken, so that a thousand hosts cost a thousand times what one costs.
pub(super) async fn join_all<T>(futures: Vec<crate::wait::BoxFuture<T>>, limit: usize) -> Vec<T> {
    let queue = Arc::new(Queue::default());
    let total = futures.len();
    // What tokio's primitives may do in one poll of a task is limited, and that is shared by all that are polled in it.
    let mut waiting = futures.into_iter().map(|future| Box::pin(tokio::task::unconstrained(future))).enumerate();
    let mut running = Vec::new();
    running.resize_with(total, || None);
    let mut outputs: Vec<Option<T>> = Vec::new();
    outputs.resize_with(total, || None);
    let (mut active, mut done) = (0, 0);
    std::future::poll_fn(move |context: &mut Context<'_>| {
        queue.watch(context.waker());
        for _ in 0..total.max(1) {
            while active < limit.max(1)
                && let Some((index, future)) = waiting.next()
            {
                active += 1;
                let waker = Waker::from(Arc::new(Child { index, queue: queue.clone() }));
                running[index] = Some((future, waker));
                queue.push(index);
            }
            let Some(index) = queue.pop() else { break };
            let Some((future, waker)) = running[index].as_mut() else { continue };
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(waker)) {
                running[index] = None;
                outputs[index] = Some(output);
                active -= 1;
                done += 1;
            }
        }
        if done == total {
            return Poll::Ready(outputs.iter_mut().filter_map(Option::take).collect());
        }
        if queue.is_ready() || (active < limit.max(1) && waiting.len() > 0) {
            context.waker().wake_by_ref();
        }
        Poll::Pending
    })
    .await
}

#[derive(Default)]
struct Queue(Mutex<Ready>);

#[derive(Default)]
struct Ready {
    indices: std::collections::VecDeque<usize>,
    queued: std::collections::HashSet<usize>,
    waker: Option<Waker>,
}

impl Queue {
    fn lock(&self) -> std::sync::MutexGuard<'_, Ready> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn watch(&self, waker: &Waker) {
        self.lock().waker = Some(waker.clone());
    }

    fn push(&self, index: usize) {
        let mut ready = self.lock();
        if ready.queued.insert(index) {
            ready.indices.push_back(index);
        }
        let waker = ready.waker.clone();
        drop(ready);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn is_ready(&self) -> bool {
        !self.lock().indices.is_empty()
    }

    fn pop(&self) -> Option<usize> {
        let mut ready = self.lock();
        let index = ready.indices.pop_front()?;
        ready.queued.remove(&index);
        Some(index)
    }
}

struct Child {
    index: usize,
    queue: Arc<Queue>,
}

impl Wake for Child {
    fn wake(self: Arc<Self>) {
        self.queue.push(self.index);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.queue.push(self.index);
    }
}
