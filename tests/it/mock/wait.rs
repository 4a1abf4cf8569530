//! The promises of `Wait`: each in every place that a script may wait in.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use leyden::prelude::*;
use tokio::runtime::{Builder, Runtime};

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

fn multi_thread() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap()
}

/// Ready only after another thread woke it.
struct Later(Option<Arc<AtomicBool>>);

impl Future for Later {
    type Output = u32;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u32> {
        if let Some(done) = &self.0 {
            return if done.load(Ordering::Acquire) { Poll::Ready(42) } else { Poll::Pending };
        }
        let done = Arc::new(AtomicBool::new(false));
        self.0 = Some(done.clone());
        let waker = context.waker().clone();
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(20));
            done.store(true, Ordering::Release);
            waker.wake();
        });
        Poll::Pending
    }
}

/// Runs a job on a plain thread, in both kinds of runtime, in a task and in a blocking task of each, and nested in a wait.
fn everywhere(job: fn() -> u32) {
    assert_eq!(job(), 42, "on a plain thread");
    for (kind, runtime) in [("current-thread", current_thread()), ("multi-thread", multi_thread())] {
        assert_eq!(runtime.block_on(async { job() }), 42, "{kind}, block_on");
        assert_eq!(runtime.block_on(async { tokio::spawn(async move { job() }).await.unwrap() }), 42, "{kind}, task");
        assert_eq!(runtime.block_on(async { tokio::task::spawn_blocking(job).await.unwrap() }), 42, "{kind}, blocking task");
        let guard = runtime.enter();
        assert_eq!(job(), 42, "{kind}, entered");
        drop(guard);
    }
    let local = tokio::task::LocalSet::new();
    assert_eq!(local.block_on(&current_thread(), async { tokio::task::spawn_local(async move { job() }).await.unwrap() }), 42);
    assert_eq!(multi_thread().block_on(async { tokio::task::block_in_place(job) }), 42, "in place");
    assert_eq!(async move { job() }.wait(), 42, "nested");
    assert_eq!(async move { async move { async move { job() }.wait() }.wait() }.wait(), 42, "nested deeper");
    assert_eq!(multi_thread().block_on(async move { async move { job() }.wait() }), 42, "nested in a runtime");
}

#[test]
fn the_same_answer_everywhere_for_what_is_ready() {
    everywhere(|| async { 42 }.wait());
}

#[test]
fn the_same_answer_everywhere_for_what_takes_time() {
    everywhere(|| Later(None).wait());
}

#[test]
fn the_same_answer_everywhere_for_a_virtual_sleep() {
    everywhere(|| {
        let world = World::new();
        let clock = world.clock().clone();
        async move {
            clock.sleep(secs(42)).await;
            clock.elapsed().as_secs() as u32
        }
        .wait()
    });
}

#[cfg(feature = "time")]
#[test]
fn the_same_answer_everywhere_for_a_real_sleep() {
    everywhere(|| {
        let sleep = leyden::time::Time::native().sleep(Duration::from_millis(5));
        async move {
            sleep.await;
            42
        }
        .wait()
    });
}

#[test]
fn what_is_waited_for_may_borrow() {
    let text = String::from("borrowed");
    let length = async { text.len() }.wait();
    assert_eq!(length, text.len());
    let mut counter = 0;
    current_thread().block_on(async { async { counter += 1 }.wait() });
    assert_eq!(counter, 1);
}

#[test]
fn a_panic_comes_out_everywhere() {
    fn message(job: impl FnOnce()) -> String {
        let payload = catch_unwind(AssertUnwindSafe(job)).unwrap_err();
        (*payload.downcast::<String>().unwrap()).clone()
    }
    let number = 7;
    let wait = || async { panic!("panic number {number}") }.wait();
    assert_eq!(message(wait), "panic number 7");
    assert_eq!(message(|| current_thread().block_on(async { wait() })), "panic number 7");
    assert_eq!(message(|| multi_thread().block_on(async { wait() })), "panic number 7");
    assert_eq!(message(|| async { wait() }.wait()), "panic number 7");
    assert_eq!(async { 42 }.wait(), 42, "and waiting goes on after it");
}

#[test]
fn errors_are_answers() {
    let result: Result<(), &str> = async { Err("refused") }.wait();
    assert_eq!(result, Err("refused"));
}

#[test]
fn it_blocks_the_tasks_of_a_current_thread_runtime() {
    let ran = Arc::new(AtomicUsize::new(0));
    current_thread().block_on(async {
        let count = ran.clone();
        let task = tokio::spawn(async move { count.fetch_add(1, Ordering::SeqCst) });
        Later(None).wait();
        assert_eq!(ran.load(Ordering::SeqCst), 0, "it stands still meanwhile");
        task.await.unwrap();
    });
    assert_eq!(ran.load(Ordering::SeqCst), 1);
}

#[test]
fn many_waits_at_once_nested_do_not_deadlock() {
    fn nested(depth: u32) -> u32 {
        if depth == 0 { Later(None).wait() } else { async move { nested(depth - 1) }.wait() }
    }
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..24).map(|n| scope.spawn(move || nested(n % 5))).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), 42);
        }
    });
}

#[test]
fn many_waits_in_the_tasks_of_a_small_runtime() {
    let runtime = multi_thread();
    let sum: u32 = runtime.block_on(async {
        let tasks: Vec<_> = (0..16).map(|_| tokio::spawn(async { async { Later(None).wait() }.wait() })).collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await.unwrap();
        }
        sum
    });
    assert_eq!(sum, 16 * 42);
}

#[test]
fn a_waker_that_fires_early_or_twice_loses_nothing() {
    struct Restless(u32);
    impl Future for Restless {
        type Output = u32;
        fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u32> {
            self.0 += 1;
            context.waker().wake_by_ref();
            context.waker().wake_by_ref();
            if self.0 == 1_000 { Poll::Ready(42) } else { Poll::Pending }
        }
    }
    everywhere(|| Restless(0).wait());
}

#[cfg(feature = "time")]
#[test]
fn a_request_that_is_never_waited_for_does_nothing() {
    let world = World::new();
    drop(world.batteries().time.sleep(secs(10)));
    drop(world.batteries().time.sleep(secs(10)).into_future());
    assert_eq!(world.clock().elapsed(), Duration::ZERO);
    assert!(world.script().calls().is_empty());
}

#[test]
fn a_thread_that_was_woken_before_waits_all_the_same() {
    std::thread::current().unpark();
    assert_eq!(Later(None).wait(), 42);
}

#[test]
fn waiting_uses_up_no_wake_of_somebody_else() {
    // Whoever unparks this thread for a reason of his own must not be mistaken for an answer.
    let thread = std::thread::current();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..50 {
                thread.unpark();
                std::thread::yield_now();
            }
        });
        assert_eq!(Later(None).wait(), 42);
    });
}
