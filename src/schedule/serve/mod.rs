//! [`Serve`]: the loop that runs jobs when they are due, and [`Stop`], which ends it.

pub(super) mod execute;
pub(super) mod outcome;
pub(super) mod runs;

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use self::execute::{Start, micros, panicked};
use self::outcome::{Outcome, Output};
use self::runs::Run;
use super::Scheduler;
use super::datetime::utc_micros;
use super::error::{Error, Result};
use super::job::{Cell, Function};
use super::policy::Overlap;
use super::zone::{self, Rules};
use crate::wait::BoxFuture;

/// Ends a [`serve`](Scheduler::serve), from another thread, a job or a signal handler's thread. Clones stop the same loop.
///
/// ```
/// use leyden::prelude::*;
/// use leyden::schedule::Stop;
///
/// let schedule = World::new().batteries().schedule;
/// let stop = Stop::new();
/// let stops = stop.clone();
/// schedule.every(10).minutes().do_(move |_| stops.stop())?;
/// let served = schedule.serve().stop(&stop).wait()?;
/// assert_eq!(served.runs, 1);
/// # Ok::<(), leyden::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<Stopping>);

#[derive(Debug, Default)]
struct Stopping {
    stopped: AtomicBool,
    wakers: Mutex<Vec<Waker>>,
}

impl Stop {
    /// A handle for [`Serve::stop`].
    pub fn new() -> Stop {
        Stop::default()
    }

    /// Asks the loop to end: no further run starts, and the loop returns when those that go on have ended.
    pub fn stop(&self) {
        self.0.stopped.store(true, Ordering::SeqCst);
        for waker in self.0.wakers.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            waker.wake();
        }
    }

    /// True once [`stop`](Stop::stop) was called.
    pub fn is_stopped(&self) -> bool {
        self.0.stopped.load(Ordering::SeqCst)
    }

    fn poll(&self, context: &Context<'_>) -> bool {
        let mut wakers = self.0.wakers.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.is_stopped() && !wakers.iter().any(|waker| waker.will_wake(context.waker())) {
            wakers.push(context.waker().clone());
        }
        self.is_stopped()
    }
}

/// What a [`serve`](Scheduler::serve) that ended has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Served {
    /// Runs that succeeded or failed, retries included.
    pub runs: u64,
    /// Runs that failed.
    pub failed: u64,
}

/// What [`Scheduler::serve`] returns: end it with `.wait()?` or `.await?`.
#[must_use = "the loop does nothing until `.wait()` or `.await`"]
pub struct Serve {
    scheduler: Scheduler,
    stop: Stop,
    workers: usize,
    until: Option<SystemTime>,
    wake: Duration,
    watch: Option<Watch>,
}

type Watch = Box<dyn FnMut(&Run) + Send>;

impl std::fmt::Debug for Serve {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Serve").field("workers", &self.workers).field("until", &self.until).finish_non_exhaustive()
    }
}

impl Scheduler {
    /// Runs jobs when they are due until a [`Stop`] or [`Serve::until`] ends it. Without either, it goes on as long as the program.
    ///
    /// After [`Sys::on_interrupt`](crate::sys::Sys::on_interrupt), SIGINT and SIGTERM stop it too: no further run starts, waits of the runs that
    /// go on end early with the interrupt, and the loop returns `Ok` when they have ended.
    ///
    /// It sleeps until the next run, but at most a minute ([`Serve::wake`]), so that a clock that was set and a machine that was suspended are noticed.
    /// A job that fails does not end it: see [`Serve::watch`] and [`on_failure`](super::Every::on_failure).
    ///
    /// # Errors
    /// If the zone cannot be read. Failures of the journal fail the run that they concern.
    pub fn serve(&self) -> Serve {
        let wake = Duration::from_secs(60);
        Serve { scheduler: self.clone(), stop: Stop::new(), workers: 1, until: None, wake, watch: None }
    }
}

impl Serve {
    /// Ends when this handle is stopped.
    pub fn stop(self, stop: &Stop) -> Serve {
        Serve { stop: stop.clone(), ..self }
    }

    /// Ends at this moment.
    pub fn until(self, until: SystemTime) -> Serve {
        Serve { until: Some(until), ..self }
    }

    /// How many runs may go on at a time. 1 by default: then a job of [`do_`](super::Every::do_) runs on the thread of the loop. With more, each runs on a thread of its own.
    /// Jobs of [`do_async`](super::Every::do_async) are polled by the loop and count too. 0 counts as 1.
    ///
    /// In a World, use jobs of `do_async` to test what runs beside each other: threads share the virtual clock in no fixed order.
    pub fn workers(self, workers: usize) -> Serve {
        Serve { workers: workers.max(1), ..self }
    }

    /// The longest sleep. A minute by default.
    pub fn wake(self, wake: impl Into<crate::Seconds>) -> Serve {
        Serve { wake: Duration::from(wake.into()).max(Duration::from_millis(1)), ..self }
    }

    /// Called with each run, also with those that were not made: for a log.
    pub fn watch(self, watch: impl FnMut(&Run) + Send + 'static) -> Serve {
        Serve { watch: Some(Box::new(watch)), ..self }
    }
}

impl IntoFuture for Serve {
    type Output = Result<Served>;
    type IntoFuture = BoxFuture<Result<Served>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Serve { scheduler, stop, workers, until, wake, watch } = self;
            let until = until.map(utc_micros);
            let served = Served::default();
            let interrupts = scheduler.time.backend().interrupts().watch();
            let (active, queued) = (Vec::new(), VecDeque::new());
            let mut serving = Serving { scheduler, stop, interrupts, workers, until, wake, watch, served, active, queued };
            serving.run().await
        })
    }
}

/// A run that goes on beside the loop.
struct Active {
    cell: Arc<Cell>,
    start: Start,
    run: BoxFuture<crate::Result<Output>>,
    /// On the monotonic clock; only of tasks, which can be dropped.
    deadline: Option<Duration>,
}

struct Serving {
    scheduler: Scheduler,
    stop: Stop,
    interrupts: crate::interrupt::Watch,
    workers: usize,
    until: Option<i64>,
    wake: Duration,
    watch: Option<Watch>,
    served: Served,
    active: Vec<Active>,
    /// Runs that wait for one of the same job.
    queued: VecDeque<(Arc<Cell>, i64)>,
}

/// Why the loop goes on.
enum Event {
    Ended(usize, crate::Result<Output>),
    Woken,
}

impl Serving {
    async fn run(&mut self) -> Result<Served> {
        loop {
            let over = self.is_stopped() || self.until.is_some_and(|until| zone::now(&self.scheduler.time) >= until);
            if over && self.active.is_empty() {
                // Only now: waits of the runs that went on were to see it too.
                let _ = self.interrupts.take();
                return Ok(self.served);
            }
            if !over {
                self.start_due()?;
                if self.is_stopped() {
                    continue;
                }
            }
            match self.event(over).await? {
                Event::Woken => self.drop_late(),
                Event::Ended(at, result) => {
                    let active = self.active.swap_remove(at);
                    self.ended(active, result);
                }
            }
        }
    }

    fn is_stopped(&self) -> bool {
        self.stop.is_stopped() || self.interrupts.interrupted().is_some()
    }

    /// Waits for the end of a run, the stop, or the time of the next run.
    async fn event(&mut self, over: bool) -> Result<Event> {
        let pause = self.pause(over)?;
        let mut timer = self.scheduler.time.timer(pause);
        let (active, stop, interrupts) = (&mut self.active, &self.stop, &self.interrupts);
        let mut place = interrupts.place();
        Ok(poll_fn(|context| {
            if !over && interrupts.poll(&mut place, context).is_ready() {
                return Poll::Ready(Event::Woken);
            }
            // The timer first: virtual sleepers wake in the order of their deadlines, among those that have been polled.
            // If it is over, nothing else is polled: a virtual sleeper that comes after it would move the clock further.
            if timer.as_mut().poll(context).is_ready() {
                return Poll::Ready(Event::Woken);
            }
            for (at, active) in active.iter_mut().enumerate() {
                if let Poll::Ready(result) = poll(active, context) {
                    return Poll::Ready(Event::Ended(at, result));
                }
            }
            if !over && stop.poll(context) {
                return Poll::Ready(Event::Woken);
            }
            Poll::Pending
        })
        .await)
    }

    fn pause(&self, over: bool) -> Result<Duration> {
        let local = Rules::local(&self.scheduler.time)?;
        let now = zone::now(&self.scheduler.time);
        let mut pause = micros(self.wake);
        if !over {
            if self.active.len() < self.workers
                && let Some(next) = self.scheduler.table().first_moment(&local, now)
            {
                pause = pause.min(next.saturating_sub(now));
            }
            if let Some(until) = self.until {
                pause = pause.min(until.saturating_sub(now));
            }
        }
        let monotonic = self.scheduler.time.monotonic();
        for deadline in self.active.iter().filter_map(|active| active.deadline) {
            pause = pause.min(micros(deadline.saturating_sub(monotonic)));
        }
        // What is due now waits for something else, for a job that this loop runs inside of: the loop must not spin until then.
        Ok(Duration::from_micros(u64::try_from(pause).unwrap_or(0)).max(Duration::from_millis(1)))
    }

    fn start_due(&mut self) -> Result<()> {
        self.scheduler.keep_lease();
        self.start_queued();
        for (cell, planned) in self.scheduler.due()? {
            if self.is_stopped() {
                break;
            }
            if cell.is_nested() {
                // This loop runs inside of the job.
                continue;
            }
            let runs = self.active.iter().filter(|active| Arc::ptr_eq(&active.cell, &cell)).count();
            let overlap = cell.lock().policy.overlap;
            if self.active.len() >= self.workers && (runs == 0 || overlap == Overlap::Allow) {
                // It stays due until a worker is free.
                continue;
            }
            let due = match self.scheduler.occurrences(&cell, planned) {
                Ok(due) => due,
                Err(error) => {
                    let run = self.scheduler.failed(&cell, error);
                    self.scheduler.plan(&cell, None);
                    self.note(&run);
                    continue;
                }
            };
            if self.workers == 1 && matches!(cell.function, Function::Call(_)) && self.active.is_empty() {
                for run in self.scheduler.run_due(&cell, planned) {
                    self.note(&run);
                }
                continue;
            }
            match self.scheduler.leads() {
                Ok(true) => {}
                Ok(false) => {
                    let run = self.scheduler.passed_over(&cell, planned.scheduled, Outcome::NotLeader);
                    self.note(&run);
                    continue;
                }
                Err(error) => {
                    let run = self.scheduler.not_started(&cell, error);
                    self.note(&run);
                    continue;
                }
            }
            if due.is_empty() {
                self.refuse(&cell, planned.scheduled, Outcome::Missed);
            }
            let mut due = due.into_iter();
            if let Some(first) = due.next() {
                self.overlapping(&cell, first, overlap);
            }
            // Missed runs that are made up do not overlap each other: they wait.
            self.queued.extend(due.map(|at| (cell.clone(), at)));
            self.planned_anew(&cell);
        }
        Ok(())
    }

    /// Plans the next run while this one goes on; a job without one is removed when it has ended.
    fn planned_anew(&mut self, cell: &Arc<Cell>) {
        if cell.lock().tries > 0 {
            self.scheduler.plan(cell, None);
            return;
        }
        match self.scheduler.plan_after(cell) {
            Ok(false) => {}
            Ok(true) => self.scheduler.plan(cell, None),
            Err(error) => {
                let run = self.scheduler.failed(cell, error);
                self.note(&run);
            }
        }
    }

    fn overlapping(&mut self, cell: &Arc<Cell>, at: i64, overlap: Overlap) {
        let runs = |active: &Active| Arc::ptr_eq(&active.cell, cell);
        if !self.active.iter().any(runs) && self.active.len() < self.workers {
            return self.start(cell, at);
        }
        let waiting = self.queued.iter().filter(|(queued, _)| Arc::ptr_eq(queued, cell)).count();
        match overlap {
            Overlap::Allow if self.active.len() < self.workers => self.start(cell, at),
            Overlap::Queue(most) if waiting < most => self.queued.push_back((cell.clone(), at)),
            Overlap::CancelOld => {
                while let Some(old) = self.active.iter().position(runs) {
                    let Active { cell, start, run, .. } = self.active.swap_remove(old);
                    drop(run);
                    let run = self.scheduler.dropped(&cell, start);
                    self.note(&run);
                }
                self.start(cell, at);
            }
            Overlap::Skip | Overlap::Allow | Overlap::Queue(_) => self.refuse(cell, at, Outcome::Overlapped),
        }
    }

    fn start_queued(&mut self) {
        let mut waiting = VecDeque::new();
        while let Some((cell, at)) = self.queued.pop_front() {
            let runs = self.active.iter().any(|active| Arc::ptr_eq(&active.cell, &cell));
            if !self.scheduler.table().jobs.contains_key(&cell.id) {
                // It was cancelled while it waited.
                continue;
            }
            if runs || self.active.len() >= self.workers {
                waiting.push_back((cell, at));
            } else {
                self.start(&cell, at);
            }
        }
        self.queued = waiting;
    }

    fn start(&mut self, cell: &Arc<Cell>, at: i64) {
        let started = self.scheduler.begin(cell, Some(at)).and_then(|start| Ok(start.zip(Some(self.scheduler.batteries()?))));
        match started {
            Ok(Some((start, batteries))) => {
                let timeout = cell.lock().policy.timeout;
                let task = matches!(cell.function, Function::Task(_));
                let deadline = timeout.filter(|_| task).map(|timeout| start.since.saturating_add(timeout));
                let run: BoxFuture<crate::Result<Output>> = match &cell.function {
                    Function::Task(function) => function(batteries),
                    Function::Call(_) => on_thread(self.scheduler.clone(), cell.clone()),
                };
                self.active.push(Active { cell: cell.clone(), start, run, deadline });
            }
            Ok(None) => {
                self.refuse(cell, at, Outcome::Expired);
                self.scheduler.table().remove(cell);
            }
            Err(error) => {
                let run = self.scheduler.not_started(cell, error);
                self.note(&run);
            }
        }
    }

    fn refuse(&mut self, cell: &Arc<Cell>, at: i64, outcome: Outcome) {
        let run = self.scheduler.not_run(cell, Some(at), outcome);
        self.note(&run);
    }

    /// Drops the tasks whose time is up.
    fn drop_late(&mut self) {
        let now = self.scheduler.time.monotonic();
        while let Some(at) = self.active.iter().position(|active| active.deadline.is_some_and(|deadline| now >= deadline)) {
            let active = self.active.swap_remove(at);
            let (job, timeout) = (active.cell.name(), active.cell.lock().policy.timeout.unwrap_or_default());
            self.ended(active, Err(Error::TimedOut { job, seconds: timeout.as_secs_f64() }.into()));
        }
    }

    fn ended(&mut self, active: Active, result: crate::Result<Output>) {
        let Active { cell, start, run, .. } = active;
        drop(run);
        let (run, cancel) = self.scheduler.end_beside(&cell, start, result);
        self.note(&run);
        let idle = !self.active.iter().any(|active| Arc::ptr_eq(&active.cell, &cell));
        if cancel || (idle && cell.lock().planned.is_none()) {
            self.scheduler.table().remove(&cell);
            self.queued.retain(|(queued, _)| !Arc::ptr_eq(queued, &cell));
        }
    }

    fn note(&mut self, run: &Run) {
        if matches!(run.outcome, Outcome::Done(_) | Outcome::Failed(_)) {
            self.served.runs += 1;
        }
        if run.outcome.error().is_some() {
            self.served.failed += 1;
        }
        if let Some(watch) = &mut self.watch {
            watch(run);
        }
    }
}

/// Polls a run. A panic is a failure of the job.
fn poll(active: &mut Active, context: &mut Context<'_>) -> Poll<crate::Result<Output>> {
    let _inside = active.cell.enter();
    let run = &mut active.run;
    let polled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| Pin::new(run).poll(context)));
    polled.unwrap_or_else(|payload| Poll::Ready(Err(panicked(payload))))
}

/// A run on a thread, as a future.
fn on_thread(scheduler: Scheduler, cell: Arc<Cell>) -> BoxFuture<crate::Result<Output>> {
    #[derive(Default)]
    struct Slot {
        result: Option<crate::Result<Output>>,
        waker: Option<Waker>,
    }
    let slot = Arc::new(Mutex::new(Slot::default()));
    let fill = slot.clone();
    let lock = |slot: &Mutex<Slot>, result| {
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        slot.result = Some(result);
        if let Some(waker) = slot.waker.take() {
            waker.wake();
        }
    };
    let spawned = std::thread::Builder::new().name("leyden-job".into()).spawn(move || lock(&fill, scheduler.call(&cell)));
    if let Err(error) = spawned {
        lock(&slot, Err(error.into()));
    }
    Box::pin(poll_fn(move |context| {
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        match slot.result.take() {
            Some(result) => Poll::Ready(result),
            None => {
                slot.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }))
}
