//! For backends and facades that block: reading a body to send, writing a file.

use std::panic;

use tokio::runtime::Handle;

use super::executor::runtime;

/// Runs blocking work where it delays no other task: on this thread if it polls only this future,
/// otherwise on a thread of the crate's runtime.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let ours = runtime();
    if Handle::try_current().is_ok_and(|current| current.id() == ours.handle().id()) {
        return work();
    }
    ours.spawn_blocking(work).await.unwrap_or_else(|error| panic::resume_unwind(error.into_panic()))
}

/// Runs blocking work on a thread of the crate's runtime.
pub(crate) fn spawn_blocking(work: impl FnOnce() + Send + 'static) {
    runtime().spawn_blocking(work);
}
