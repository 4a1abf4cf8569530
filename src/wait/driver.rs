//! For backends that hold connections: the connections live on the crate's runtime, whatever polls
//! them.

use std::panic;

use tokio::runtime::Handle;

use super::executor::runtime;

/// Runs a future on the crate's runtime: on the calling task if it is on that runtime, otherwise on
/// a worker. Dropping the returned future stops it.
///
/// A connection that the caller's own runtime drives would stop whenever that runtime does, and
/// block every other caller that shares the connection.
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
    /// Lets the task run to its end.
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

/// Runs a closure that takes time: on a thread for blocking work, or in memory at once. So the
/// order of calls in memory is the same in every run, and a virtual clock does not move meanwhile.
#[cfg(any(feature = "s3", feature = "fabric", feature = "lettre"))]
pub(crate) async fn blocking<T: Send + 'static>(native: bool, work: impl FnOnce() -> T + Send + 'static) -> T {
    if !native {
        return work();
    }
    runtime().spawn_blocking(work).await.unwrap_or_else(|error| panic::resume_unwind(error.into_panic()))
}

/// Runs a future to its end without a caller that awaits it: the last messages to a server after
/// the caller is gone.
#[cfg(any(feature = "fabric", feature = "s3", feature = "smtplib"))]
pub(crate) fn detach(future: impl Future<Output = ()> + Send + 'static) {
    runtime().spawn(future);
}

/// Runs a future on the crate's workers until the returned value is dropped.
#[cfg(feature = "fabric")]
pub(crate) fn until_dropped(future: impl Future<Output = ()> + Send + 'static) -> Abort<()> {
    Abort(runtime().spawn(future))
}

/// Runs a future on the crate's workers, concurrently with others. Dropping it stops it.
#[cfg(feature = "s3")]
pub(crate) async fn beside<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
    let mut task = Abort(runtime().spawn(future));
    (&mut task.0).await.unwrap_or_else(|error| panic::resume_unwind(error.into_panic()))
}

/// Returns the future's output, or `None` after the timeout. A future that is ready at once needs
/// no timer.
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
