//! The virtual clock.

use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use leyden::mock::Clock;
use leyden::prelude::*;

#[test]
fn it_starts_on_the_first_of_january_2026() {
    let clock = Clock::default();
    assert_eq!(clock.now(), SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600));
    assert_eq!(clock.elapsed(), Duration::ZERO);
}

#[test]
fn it_stands_still() {
    let clock = Clock::default();
    let before = clock.now();
    std::thread::sleep(Duration::from_millis(5));
    assert_eq!(clock.now(), before);
}

#[test]
fn clones_share_it() {
    let clock = Clock::default();
    clock.clone().advance(Duration::from_secs(5));
    assert_eq!(clock.elapsed(), Duration::from_secs(5));
}

#[test]
fn setting_the_wall_passes_no_time() {
    let clock = Clock::default();
    clock.advance(Duration::from_secs(10));
    clock.set(SystemTime::UNIX_EPOCH);
    assert_eq!((clock.now(), clock.elapsed()), (SystemTime::UNIX_EPOCH, Duration::from_secs(10)));
    clock.advance(Duration::from_secs(1));
    assert_eq!(clock.now(), SystemTime::UNIX_EPOCH + Duration::from_secs(1));
}

#[test]
fn setting_the_wall_before_the_epoch_does_not_panic() {
    let clock = Clock::default();
    clock.advance(Duration::from_secs(10));
    clock.set(SystemTime::UNIX_EPOCH - Duration::from_secs(3));
    let _ = clock.now();
}

#[test]
fn a_sleep_moves_it_and_takes_no_time() {
    let clock = Clock::default();
    let start = std::time::Instant::now();
    clock.sleep(Duration::from_secs(3_600)).wait();
    assert_eq!(clock.elapsed(), Duration::from_secs(3_600));
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_sleep_without_length_is_a_moment() {
    let clock = Clock::default();
    clock.sleep(Duration::ZERO).wait();
    assert_eq!(clock.elapsed(), Duration::ZERO);
}

#[test]
fn a_sleep_for_ever_does_not_overflow_the_time_passed() {
    let clock = Clock::default();
    clock.advance(Duration::from_secs(1));
    clock.sleep(Duration::MAX).wait();
    assert_eq!(clock.elapsed(), Duration::MAX);
}

#[test]
fn sleepers_wake_in_the_order_of_their_deadlines() {
    let clock = Clock::default();
    let mut sleeps: Vec<_> = [30, 10, 20].map(|seconds| (seconds, Box::pin(clock.sleep(Duration::from_secs(seconds))))).into();
    let mut woke = Vec::new();
    let mut context = Context::from_waker(Waker::noop());
    while !sleeps.is_empty() {
        sleeps.retain_mut(|(seconds, sleep)| match sleep.as_mut().poll(&mut context) {
            Poll::Ready(()) => {
                woke.push((*seconds, clock.elapsed().as_secs()));
                false
            }
            Poll::Pending => true,
        });
    }
    assert_eq!(woke, [(10, 10), (20, 20), (30, 30)]);
}

#[test]
fn a_dropped_sleeper_holds_nobody_up() {
    let clock = Clock::default();
    let mut context = Context::from_waker(Waker::noop());
    let mut short = Box::pin(clock.sleep(Duration::from_secs(1)));
    assert!(short.as_mut().poll(&mut context).is_pending());
    drop(short);
    clock.sleep(Duration::from_secs(60)).wait();
    assert_eq!(clock.elapsed(), Duration::from_secs(60));
}

#[test]
fn a_sleeper_that_nobody_polls_holds_nobody_up_for_ever() {
    let clock = Clock::default();
    let mut context = Context::from_waker(Waker::noop());
    let mut forgotten = Box::pin(clock.sleep(Duration::from_secs(1)));
    assert!(forgotten.as_mut().poll(&mut context).is_pending());
    clock.sleep(Duration::from_secs(60)).wait();
    assert_eq!(clock.elapsed(), Duration::from_secs(60));
}

#[test]
fn a_sleep_begins_when_it_is_first_awaited() {
    let clock = Clock::default();
    let sleep = clock.sleep(Duration::from_secs(10));
    clock.advance(Duration::from_secs(100));
    sleep.wait();
    assert_eq!(clock.elapsed(), Duration::from_secs(110));
}
