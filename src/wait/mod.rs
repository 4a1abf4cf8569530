//! [`Wait`]: executes a request value by blocking until it completes.

#[cfg_attr(feature = "tokio", path = "tokio.rs")]
#[cfg_attr(not(feature = "tokio"), path = "park.rs")]
mod executor;

#[cfg(feature = "requests")]
pub(crate) mod blocking;
#[cfg(any(feature = "s3", feature = "smtplib", feature = "fabric"))]
pub(crate) mod driver;
#[cfg(feature = "aws")]
pub(crate) mod inside;
#[cfg(feature = "requests")]
pub(crate) mod net;

#[cfg_attr(feature = "tokio", cfg(any(feature = "time", feature = "subprocess")))]
pub(crate) mod thread;

#[cfg(feature = "time")]
pub(crate) use executor::timer;

/// A boxed future: the form of a request value when it is executed.
pub type BoxFuture<T> = std::pin::Pin<Box<dyn Future<Output = T> + Send>>;

/// Blocks until an awaitable value completes: `.wait()?` where asynchronous code writes `.await?`.
///
/// There is one API, not an asynchronous one with a blocking twin. Every operation that takes time
/// is a `#[must_use]` request value that does nothing until `.wait()` or `.await`.
///
/// ```
/// use leyden::Wait;
///
/// assert_eq!(async { 6 * 7 }.wait(), 42);
/// ```
///
/// # Promises
///
/// - It gives the same result on a plain thread, inside a multi-thread and a current-thread tokio
///   runtime, and nested in itself. It never panics itself (tokio's "cannot start a runtime from
///   within a runtime" cannot happen) and does not deadlock on leyden's runtime.
/// - It blocks the calling thread, as every blocking call does: inside a current-thread runtime,
///   tasks of *that* runtime do not run meanwhile. A request that depends on one of them ends by
///   its deadline; use `.await` for it.
/// - A panic inside the awaited value propagates out of `wait`.
/// - If the feature of a network battery is enabled, leyden's own runtime drives the value. It
///   starts on first use and is shared by the whole process. Without such a feature, leyden does
///   not use tokio.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not take time",
    label = "there is nothing to wait for",
    note = "calls that answer at once, as those of `os`, give a `Result` and need no `.wait()`"
)]
pub trait Wait: IntoFuture {
    /// Blocks until the value completes.
    fn wait(self) -> Self::Output;
}

impl<T> Wait for T
where
    T: IntoFuture,
    T::IntoFuture: Send,
    T::Output: Send,
{
    fn wait(self) -> T::Output {
        executor::block_on(self.into_future())
    }
}
