//! For clients that make their own connections, and are polled by anybody.

use std::pin::Pin;
use std::task::{Context, Poll};

use super::executor::runtime;

/// Until the guard is dropped, connections and timers are made in our runtime.
pub(crate) fn enter() -> tokio::runtime::EnterGuard<'static> {
    runtime().enter()
}

/// Polls a future inside our runtime: the connections and timers that it makes live there, whoever polls it. No task is made for it.
pub(crate) struct Inside<'f, T>(pub(crate) Pin<Box<dyn Future<Output = T> + Send + 'f>>);

impl<T> Future for Inside<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let _inside = enter();
        self.0.as_mut().poll(context)
    }
}
