//! [`Wait`]: end a request value by blocking until its answer is there.

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

/// A future on the heap: what a request value turns into.
pub type BoxFuture<T> = std::pin::Pin<Box<dyn Future<Output = T> + Send>>;

/// Blocks until an awaitable value has its answer: `.wait()?` where asynchronous code writes `.await?`.
///
/// There is one API, not an asynchronous one with a blocking twin: whatever takes time is a `#[must_use]` request value
/// that does nothing until it is waited for, in one way or the other.
///
/// ```
/// use leyden::Wait;
///
/// assert_eq!(async { 6 * 7 }.wait(), 42);
/// ```
///
/// # Promises
///
/// - It gives the same answer on a plain thread, inside a multi-thread and inside a current-thread tokio runtime, and
///   nested in itself. It never panics of its own accord (tokio's "cannot start a runtime from within a runtime" cannot
///   happen) and does not deadlock on leyden's runtime.
/// - It blocks the calling thread, as every blocking call does: inside a current-thread runtime, tasks of *that* runtime
///   stand still meanwhile. A request that needs one of them to go on ends by its deadline; `.await` it instead.
/// - A panic inside the awaited value comes out of `wait`.
/// - Where a battery that speaks to a network is switched on, the value is driven by leyden's own runtime, started when it is
///   first needed and shared by the whole process. Otherwise there is none, and leyden needs no tokio.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not take time",
    label = "there is nothing to wait for",
    note = "calls that answer at once, as those of `os`, give a `Result` and need no `.wait()`"
)]
pub trait Wait: IntoFuture {
    /// Blocks until the answer is there.
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
