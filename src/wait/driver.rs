//! For backends that hold connections: they live on our runtime, whoever awaits them.

use std::panic;

use tokio::runtime::Handle;

use super::executor::runtime;

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

pub(crate) struct Abort<T>(tokio::task::JoinHandle<T>);

#[cfg(feature = "fabric")]
impl Abort<()> {
    /// Lets it run to its end.
    pub(crate) async fn finished(mut self) {
        let _ = (&mut self.0).await;
    }
}

impl<T> std::fmt::Debug for Abort<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Abort")
    }
}

impl<T> Drop for Abort<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What a closure gives that takes time: on a thread of ours for such work. In memory, where it takes none, at once: so the order of calls is the same in every run, and a virtual
/// clock stands still meanwhile.
#[cfg(any(feature = "s3", feature = "fabric"))]
pub(crate) async fn blocking<T: Send + 'static>(native: bool, work: impl FnOnce() -> T + Send + 'static) -> T {
    if !native {
        return work();
    }
    runtime().spawn_blocking(work).await.unwrap_or_else(|error| panic::resume_unwind(error.into_panic()))
}

/// Runs a future to its end though nobody awaits it: what must still be said to a server when the caller has gone.
#[cfg(any(feature = "fabric", feature = "s3", feature = "smtplib"))]
pub(crate) fn detach(future: impl Future<Output = ()> + Send + 'static) {
    runtime().spawn(future);
}

/// Runs a future on our workers until the returned value is dropped.
#[cfg(feature = "fabric")]
pub(crate) fn until_dropped(future: impl Future<Output = ()> + Send + 'static) -> Abort<()> {
    Abort(runtime().spawn(future))
}

/// Runs a future on our workers, beside its siblings. Dropping it stops it.
#[cfg(feature = "s3")]
pub(crate) async fn beside<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
    let mut task = Abort(runtime().spawn(future));
    (&mut task.0).await.unwrap_or_else(|error| panic::resume_unwind(error.into_panic()))
}

/// The future's output, or None if it is not there after so long. No timer is made for what is there at once.
#[cfg(any(feature = "smtplib", feature = "fabric"))]
pub(crate) async fn within<F: Future + Unpin>(patience: Option<std::time::Duration>, mut future: F) -> Option<F::Output> {
    let mut timer = None;
    std::future::poll_fn(move |context: &mut std::task::Context<'_>| {
        if let std::task::Poll::Ready(output) = std::pin::Pin::new(&mut future).poll(context) {
            return std::task::Poll::Ready(Some(output));
        }
        let Some(patience) = patience else { return std::task::Poll::Pending };
        timer.get_or_insert_with(|| super::timer(patience)).as_mut().poll(context).map(|()| None)
    })
    .await
}
