//! With a network battery: one runtime for the process, started lazily, never dropped.

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
            // The machine refuses threads or an epoll descriptor: nothing that waits can work, and no answer can say so.
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
        // Nested in one of our own tasks. The worker hands its other tasks on first: else two nested waits on a
        // two-core machine would hold both workers, and nobody would drive the sockets.
        Ok(current) if current.id() == ours.handle().id() => tokio::task::block_in_place(|| drive(ours, future)),
        // Inside somebody's runtime, where tokio forbids `block_on`: a thread of our own carries the future.
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

/// Ready after so long. tokio's timers wake nobody when they are set, and most are deadlines that never come; but they tick in milliseconds, so a short wait goes by another clock.
#[cfg(feature = "time")]
pub(crate) fn timer(duration: std::time::Duration) -> crate::wait::BoxFuture<()> {
    if duration < std::time::Duration::from_millis(100) {
        return Box::pin(futures_timer::Delay::new(duration));
    }
    let _inside = runtime().enter();
    Box::pin(tokio::time::sleep(duration))
}
