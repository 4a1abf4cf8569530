//! For backends and facades that block: reading a body to send, writing a file.

use std::panic;

use tokio::runtime::Handle;

use super::executor::runtime;

/// Runs what blocks, where it keeps nobody from going on: on this thread, if it waits for nothing else; else on one of ours.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let ours = runtime();
    if Handle::try_current().is_ok_and(|current| current.id() == ours.handle().id()) {
        return work();
    }
    ours.spawn_blocking(work).await.unwrap_or_else(|error| panic::resume_unwind(error.into_panic()))
}

/// Runs what blocks on a thread of ours.
pub(crate) fn spawn_blocking(work: impl FnOnce() + Send + 'static) {
    runtime().spawn_blocking(work);
}
