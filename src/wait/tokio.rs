//! With a network battery: one runtime for the process, started lazily, never dropped.

use std::panic;
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::Poll;
use std::thread;
use std::time::Duration;
use tokio::runtime::{Builder, Handle, Runtime};

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        Builder::new_multi_thread()
            .thread_name("leyden")
            .enable_all()
            .build()
            // The machine refuses threads or an epoll descriptor: nothing that waits can work, and no answer can say so.
            .unwrap_or_else(|error| panic!("leyden cannot start its runtime: {error}"))
    })
}

pub(super) fn block_on<F>(future: F) -> F::Output
where
    F: Future + Send,
    F::Output: Send,
{
    let ours = runtime();
    match Handle::try_current() {
        Err(_) => ours.block_on(future),
        // Nested in one of our own tasks. The worker hands its other tasks on first: else two nested waits on a
        // two-core machine would hold both workers, and nobody would drive the sockets.
        Ok(current) if current.id() == ours.handle().id() => tokio::task::block_in_place(|| ours.block_on(future)),
        // Inside somebody's runtime, where tokio forbids `block_on`: a thread of our own carries the future.
        Ok(_) => thread::scope(|scope| {
            scope.spawn(|| ours.block_on(future)).join().unwrap_or_else(|payload| panic::resume_unwind(payload))
        }),
    }
}

/// Runs a future where its sockets and timers live: on the calling task if that is ours, else on a worker of ours. Dropping it stops it.
///
/// A connection that a caller's own runtime drove would stand still whenever that runtime does, and hang everybody else who is given it.
pub(crate) async fn on_runtime<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
    let ours = runtime().handle();
    if Handle::try_current().is_ok_and(|current| current.id() == ours.id()) {
        return future.await;
    }
    let mut task = Abort(ours.spawn(future));
    (&mut task.0).await.unwrap_or_else(|error| panic::resume_unwind(error.into_panic()))
}

struct Abort<T>(tokio::task::JoinHandle<T>);

impl<T> Drop for Abort<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Runs what blocks on a thread of ours.
pub(crate) fn spawn_blocking(work: impl FnOnce() + Send + 'static) {
    runtime().spawn_blocking(work);
}

/// The future's output, or None if it is not there after so long. The timer is ours: any runtime may poll it, and it is not made for what is there at once.
pub(crate) async fn within<F: Future + Unpin>(patience: Option<Duration>, mut future: F) -> Option<F::Output> {
    let mut timer = None;
    std::future::poll_fn(move |context| {
        if let Poll::Ready(output) = Pin::new(&mut future).poll(context) {
            return Poll::Ready(Some(output));
        }
        let Some(patience) = patience else { return Poll::Pending };
        let timer = timer.get_or_insert_with(|| {
            let _inside = runtime().enter();
            Box::pin(tokio::time::sleep(patience))
        });
        timer.as_mut().poll(context).map(|()| None)
    })
    .await
}
