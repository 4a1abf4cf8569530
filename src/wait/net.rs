//! The runtime of `requests`' connections. Its tasks run one after another, on one thread at a
//! time.
//!
//! hyper returns a connection to its pool in a separate task, after it has reported the end of the
//! body. If tasks ran in parallel, the next call could come first and open an unnecessary
//! connection; here it cannot.
//!
//! A thread that blocks in [`Wait`](crate::Wait) drives the runtime itself, which saves two thread
//! wake-ups per call. If no caller can, because the response is awaited in another runtime or a
//! body streams while its caller works on it, the crate's own thread does. That thread also takes
//! over shortly after the last call, for servers that close connections.

use std::cell::Cell;
use std::panic;
use std::pin::{Pin, pin};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{Instant, Sleep, sleep_until};

/// How long after a call the crate's own thread takes over: longer than the usual time between two
/// calls.
const GRACE: Duration = Duration::from_millis(5);

struct Net {
    runtime: Runtime,
    shift: Mutex<Shift>,
    changed: Condvar,
    /// Asks the crate's thread to leave the driving to a caller.
    relieve: Notify,
}

/// The state of who drives the runtime.
#[derive(Default)]
struct Shift {
    /// The number of threads that block, and drive meanwhile.
    callers: usize,
    /// The number of calls so far.
    calls: u64,
    /// Exchanges that need the crate's thread.
    attended: usize,
    on_duty: bool,
    /// The crate's thread sleeps until the last caller has left.
    asleep: bool,
}

fn net() -> &'static Net {
    static NET: OnceLock<Net> = OnceLock::new();
    static STARTED: OnceLock<()> = OnceLock::new();
    // As in the other runtime: without it no blocking call can work, and no return value can report
    // that.
    let failed = |error: std::io::Error| -> ! { panic!("leyden cannot start its runtime: {error}") };
    let net = NET.get_or_init(|| {
        let runtime =
            Builder::new_current_thread().thread_name("leyden").enable_all().build().unwrap_or_else(|error| failed(error));
        Net { runtime, shift: Mutex::default(), changed: Condvar::new(), relieve: Notify::new() }
    });
    STARTED.get_or_init(|| {
        let started = thread::Builder::new().name("leyden-net".into()).spawn(|| net.work());
        started.map_or_else(|error| failed(error), drop);
    });
    net
}

impl Net {
    fn shift(&self) -> MutexGuard<'_, Shift> {
        self.shift.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The main loop of the crate's thread.
    fn work(&self) {
        loop {
            let mut shift = self.shift();
            while shift.attended == 0 {
                let calls = shift.calls;
                if shift.callers > 0 {
                    shift.asleep = true;
                    shift = self.changed.wait(shift).unwrap_or_else(PoisonError::into_inner);
                    shift.asleep = false;
                    continue;
                }
                let waited = self.changed.wait_timeout(shift, GRACE).unwrap_or_else(PoisonError::into_inner);
                shift = waited.0;
                if waited.1.timed_out() && shift.callers == 0 && shift.calls == calls {
                    break;
                }
            }
            shift.on_duty = true;
            drop(shift);
            self.runtime.block_on(self.relieve.notified());
            self.shift().on_duty = false;
        }
    }

    /// Runs the tasks on this thread, or lets another do so, until notified.
    fn drive(&self, notice: &Notify) {
        let mut shift = self.shift();
        shift.callers += 1;
        shift.calls = shift.calls.wrapping_add(1);
        if shift.on_duty && shift.attended == 0 {
            self.relieve.notify_one();
        }
        drop(shift);
        let _leaving = Leaving(self);
        self.runtime.block_on(notice.notified());
    }
}

struct Leaving<'a>(&'a Net);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        let mut shift = self.0.shift();
        shift.callers -= 1;
        if shift.callers == 0 && shift.asleep {
            self.0.changed.notify_one();
        }
    }
}

/// While this value lives, the crate's own thread drives.
#[derive(Debug)]
pub(crate) struct Attended(());

impl Attended {
    pub(crate) fn new() -> Attended {
        let net = net();
        let mut shift = net.shift();
        shift.attended += 1;
        if !shift.on_duty {
            net.changed.notify_one();
        }
        Attended(())
    }
}

impl Drop for Attended {
    fn drop(&mut self) {
        net().shift().attended -= 1;
    }
}

thread_local! {
    /// Whether this thread polls the future that it blocks on, so that it may drive as soon as that
    /// future is pending.
    static WAITS: Cell<bool> = const { Cell::new(false) };
}

/// Polls a future to completion on this thread, which drives the connections meanwhile.
pub(super) fn block_on<F: Future>(future: F) -> F::Output {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            WAITS.set(self.0);
        }
    }
    let notice = Arc::new(Notice(Notify::new()));
    let waker = Waker::from(notice.clone());
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        let restore = Restore(WAITS.replace(true));
        let polled = future.as_mut().poll(&mut context);
        drop(restore);
        match polled {
            Poll::Ready(output) => return output,
            // A notification that has already arrived is kept.
            Poll::Pending => net().drive(&notice.0),
        }
    }
}

struct Notice(Notify);

impl Wake for Notice {
    fn wake(self: Arc<Self>) {
        self.0.notify_one();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.notify_one();
    }
}

/// Runs a future on the connections' runtime. Dropping it stops it.
pub(crate) async fn on_net<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
    let _attended = (!WAITS.get()).then(Attended::new);
    let mut task = Abort(net().runtime.spawn(future));
    (&mut task.0).await.unwrap_or_else(|error| panic::resume_unwind(error.into_panic()))
}

struct Abort<T>(JoinHandle<T>);

impl<T> Drop for Abort<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A deadline that may move during the wait. The timer is reset only when it fires too early,
/// because most waits are shorter than the cost of a reset.
#[derive(Debug, Default)]
pub(crate) struct Alarm(Option<Pin<Box<Sleep>>>);

impl Alarm {
    pub(crate) fn poll(&mut self, deadline: Instant, context: &mut Context<'_>) -> Poll<()> {
        let timer = self.0.get_or_insert_with(|| {
            let _inside = net().runtime.enter();
            Box::pin(sleep_until(deadline))
        });
        if timer.deadline() > deadline {
            timer.as_mut().reset(deadline);
        }
        while timer.as_mut().poll(context).is_ready() {
            if timer.deadline() >= deadline {
                return Poll::Ready(());
            }
            timer.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}
