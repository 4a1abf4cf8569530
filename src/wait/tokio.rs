//! With a network battery: one runtime for the process, started on first use and never dropped.

use std::panic;
use std::sync::OnceLock;
use std::thread;
use tokio::runtime::{Builder, Handle, Runtime};

pub(super) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        Builder::new_multi_thread()
            .thread_name("leyden")
            .enable_all()
            .build()
            // The system refuses threads or an epoll descriptor: no blocking call can work, and no
            // return value can report that.
            .unwrap_or_else(|error| panic!("leyden cannot start its runtime: {error}"))
    })
}

pub(super) fn block_on<F>(future: F) -> F::Output
where
    F: Future + Send,
    F::Output: Send,
{
    let ours = runtime();
    match Handle::try_current() {
        Err(_) => drive(ours, future),
        // Nested in one of the crate's own tasks. `block_in_place` hands the worker's other tasks
        // to another thread. Otherwise two nested waits on a two-core machine would block both
        // workers, and nothing would drive the sockets.
        Ok(current) if current.id() == ours.handle().id() => tokio::task::block_in_place(|| drive(ours, future)),
        // Inside another runtime, where tokio forbids `block_on`: a separate thread drives the
        // future.
        Ok(_) => thread::scope(|scope| {
            scope.spawn(|| drive(ours, future)).join().unwrap_or_else(|payload| panic::resume_unwind(payload))
        }),
    }
}

/// On this thread, which may block.
#[cfg(feature = "requests")]
fn drive<F: Future>(ours: &Runtime, future: F) -> F::Output {
    let _inside = ours.enter();
    super::net::block_on(future)
}

/// On this thread, which may block.
#[cfg(not(feature = "requests"))]
fn drive<F: Future>(ours: &Runtime, future: F) -> F::Output {
    ours.block_on(future)
}

/// Completes after the duration. Setting one of tokio's timers wakes no thread, which suits
/// deadlines that rarely expire. They have a resolution of a millisecond, so short waits use
/// another clock.
#[cfg(feature = "time")]
pub(crate) fn timer(duration: std::time::Duration) -> crate::wait::BoxFuture<()> {
    if duration < std::time::Duration::from_millis(100) {
        return Box::pin(futures_timer::Delay::new(duration));
    }
    let _inside = runtime().enter();
    Box::pin(tokio::time::sleep(duration))
}
