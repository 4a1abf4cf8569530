//! Where `requests` keeps its connections: a runtime whose tasks run one after another, on one thread at a time.
//!
//! hyper puts a connection back into its pool in a task of its own, after the body's end has been told. Where tasks run side by side the next call can
//! come before that and open a connection that nobody needs; here it cannot.
//!
//! Whoever waits drives it: a thread that blocks in [`Wait`](crate::Wait) runs the connections' tasks itself, and no other thread has to be woken twice for each
//! call. Where nobody can, because the answer is awaited in somebody's runtime or a body streams while its caller works on it, a thread of ours does, and so it does soon
//! after the last call, for servers that hang up.

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

/// How long after a call our own thread takes over: longer than from one call to the next.
const GRACE: Duration = Duration::from_millis(5);

struct Net {
    runtime: Runtime,
    shift: Mutex<Shift>,
    changed: Condvar,
    /// Tells our thread to leave the driving to a caller.
    relieve: Notify,
}

/// Who drives.
#[derive(Default)]
struct Shift {
    /// Threads that wait, and drive while they do.
    callers: usize,
    /// How many have done so.
    calls: u64,
    /// Exchanges that need our thread.
    attended: usize,
    on_duty: bool,
    /// Our thread sleeps until the last caller is gone.
    asleep: bool,
}

fn net() -> &'static Net {
    static NET: OnceLock<Net> = OnceLock::new();
    static STARTED: OnceLock<()> = OnceLock::new();
    // As in the other runtime: nothing that waits can work without it, and no answer can say so.
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

    /// What our thread does.
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

    /// Runs the tasks on this thread, or lets another do it, until the notice comes.
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

/// While it lives, our own thread drives.
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
    /// Whether what this thread polls is what it waits for, so that it drives as soon as that cannot go on.
    static WAITS: Cell<bool> = const { Cell::new(false) };
}

/// Polls a future to its end on this thread, which drives the connections meanwhile.
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
            // A wake that came already is kept.
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

/// Runs a future among the connections. Dropping it stops it.
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

/// A deadline that may move while it is waited for. Its timer is set anew only when it fires too early: most waits are shorter than
/// what setting it costs.
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
