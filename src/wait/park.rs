//! Without a runtime: the calling thread polls and parks. Enough for every battery that speaks to no network.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

pub(super) fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            // A wake that comes before this line leaves a token, and `park` returns at once.
            Poll::Pending => thread::park(),
        }
    }
}

/// Ready after so long, on a thread that serves all of them.
#[cfg(feature = "time")]
pub(crate) fn timer(duration: std::time::Duration) -> crate::wait::BoxFuture<()> {
    // It adds the duration to an instant, which panics beyond what an instant can hold.
    const CENTURY: std::time::Duration = std::time::Duration::from_secs(100 * 365 * 24 * 3600);
    Box::pin(futures_timer::Delay::new(duration.min(CENTURY)))
}
