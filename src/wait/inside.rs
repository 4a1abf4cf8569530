//! For clients that open their own connections and may be polled from any runtime.

use std::pin::Pin;
use std::task::{Context, Poll};

use super::executor::runtime;

/// Enters the crate's runtime: until the guard is dropped, new connections and timers belong to it.
pub(crate) fn enter() -> tokio::runtime::EnterGuard<'static> {
    runtime().enter()
}

/// Polls a future inside the crate's runtime, so that the connections and timers that it creates
/// belong to that runtime, whatever polls it. Does not spawn a task.
pub(crate) struct Inside<'f, T>(pub(crate) Pin<Box<dyn Future<Output = T> + Send + 'f>>);

impl<T> Future for Inside<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let _inside = enter();
        self.0.as_mut().poll(context)
    }
}
