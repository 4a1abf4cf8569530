//! Waiting for one operation: with a limit, and a sign of life every ten seconds.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use crate::Wait as _;
use crate::infra::address::Address;
use crate::infra::error::Error;
use crate::time::Time;
use crate::wait::BoxFuture;

/// Why an operation gave nothing.
pub(in crate::infra) enum Stop {
    Failed(crate::Error),
    TimedOut(Duration),
}

impl Stop {
    pub(in crate::infra) fn error(self, address: &Address, action: &'static str) -> Error {
        let address = address.clone();
        match self {
            Stop::Failed(error) => Error::Resource { address, action, error },
            Stop::TimedOut(after) => Error::Timeout { address, action, after },
        }
    }
}

type Operation<'a, T> = Pin<Box<dyn Future<Output = crate::Result<T>> + Send + 'a>>;

const SIGN_OF_LIFE: Duration = Duration::from_secs(10);

/// Waits for an operation; dropped when the limit is over, which ends it.
pub(in crate::infra) fn watch<T: Send>(time: &Time, limit: Option<Duration>, operation: Operation<'_, T>) -> Result<T, Stop> {
    watch_with(time, limit, &|_| {}, operation)
}

/// The same; `alive` is called with the time that has passed, every ten seconds.
pub(super) fn watch_with<T: Send>(
    time: &Time,
    limit: Option<Duration>,
    alive: &(dyn Fn(Duration) + Sync),
    mut operation: Operation<'_, T>,
) -> Result<T, Stop> {
    let start = time.monotonic();
    let sleep = |duration: Duration| -> BoxFuture<()> { time.sleep(duration).into_future() };
    let mut timers: Option<(Option<BoxFuture<()>>, BoxFuture<()>)> = None;
    poll_fn(|context| {
        if let Poll::Ready(result) = operation.as_mut().poll(context) {
            return Poll::Ready(result.map_err(Stop::Failed));
        }
        // No timer is made for what is there at once.
        let (end, tick) = timers.get_or_insert_with(|| (limit.map(sleep), sleep(SIGN_OF_LIFE)));
        if let (Some(end), Some(limit)) = (end, limit)
            && end.as_mut().poll(context).is_ready()
        {
            return Poll::Ready(Err(Stop::TimedOut(limit)));
        }
        while tick.as_mut().poll(context).is_ready() {
            alive(time.monotonic().saturating_sub(start));
            *tick = sleep(SIGN_OF_LIFE);
        }
        Poll::Pending
    })
    .wait()
}
