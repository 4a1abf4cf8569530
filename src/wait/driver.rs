//! For backends that hold connections: they live on our runtime, whoever awaits them.

use std::panic;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::runtime::Handle;

use super::executor::runtime;

/// Runs a future where its sockets and timers live: on the calling task if that is ours, else on a worker of ours. Dropping it stops it.
///
/// A connection that a caller's own runtime drove would stand still whenever that runtime does, and hang everybody else who is given it.
#[cfg(any(feature = "requests", feature = "smtplib"))]
pub(crate) async fn on_runtime<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
    if is_ours() {
        return future.await;
    }
    let mut task = Abort(runtime().spawn(future));
    (&mut task.0).await.unwrap_or_else(|error| panic::resume_unwind(error.into_panic()))
}

#[cfg(any(feature = "requests", feature = "smtplib"))]
struct Abort<T>(tokio::task::JoinHandle<T>);

#[cfg(any(feature = "requests", feature = "smtplib"))]
impl<T> Drop for Abort<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Polls a future inside our runtime: the connections and timers that it makes live there, whoever polls it. No task is made for it.
#[cfg(feature = "aws")]
pub(crate) struct Inside<'f, T>(pub(crate) Pin<Box<dyn Future<Output = T> + Send + 'f>>);

#[cfg(feature = "aws")]
impl<T> Future for Inside<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let _inside = runtime().enter();
        self.0.as_mut().poll(context)
    }
}

/// Runs what blocks, where it keeps nobody from going on: on this thread, if it waits for nothing else; else on one of ours.
#[cfg(feature = "requests")]
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    if is_ours() {
        return work();
    }
    runtime().spawn_blocking(work).await.unwrap_or_else(|error| panic::resume_unwind(error.into_panic()))
}

/// Whether the calling task is driven by our runtime: then a thread waits for it alone.
#[cfg(any(feature = "requests", feature = "smtplib"))]
fn is_ours() -> bool {
    Handle::try_current().is_ok_and(|current| current.id() == runtime().handle().id())
}

/// Runs what blocks on a thread of ours.
#[cfg(feature = "requests")]
pub(crate) fn spawn_blocking(work: impl FnOnce() + Send + 'static) {
    runtime().spawn_blocking(work);
}

/// What a closure gives that may block, on a thread of ours for such work.
#[cfg(feature = "s3")]
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    runtime().spawn_blocking(work).await.unwrap_or_else(|error| panic::resume_unwind(error.into_panic()))
}

/// Runs a future to its end though nobody awaits it: what must still be said to a server when the caller has gone.
#[cfg(feature = "s3")]
pub(crate) fn detach(future: impl Future<Output = ()> + Send + 'static) {
    runtime().spawn(future);
}

/// Runs a future on our workers, beside its siblings. Dropping it stops it.
#[cfg(feature = "s3")]
pub(crate) async fn beside<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
    let mut task = Abort(runtime().spawn(future));
    (&mut task.0).await.unwrap_or_else(|error| panic::resume_unwind(error.into_panic()))
}

/// The future's output, or None if it is not there after so long. The timer is ours: any runtime may poll it, and it is not made for what is there at once.
#[cfg(any(feature = "requests", feature = "smtplib"))]
pub(crate) async fn within<F: Future + Unpin>(patience: Option<Duration>, mut future: F) -> Option<F::Output> {
    let mut timer = None;
    std::future::poll_fn(move |context: &mut Context<'_>| {
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
