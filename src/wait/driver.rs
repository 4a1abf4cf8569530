//! For backends that hold connections: they live on our runtime, whoever awaits them.

use std::panic;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

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

struct Abort<T>(tokio::task::JoinHandle<T>);

impl<T> Drop for Abort<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
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
