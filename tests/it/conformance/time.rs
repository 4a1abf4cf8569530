//! The promises of `time::Backend`.

use leyden::prelude::*;
use leyden::time::Time;
use std::time::Duration;

conformance!(mock = mock, native = Time::native, [sleep_takes_at_least_its_time, awaited_sleeps_run_together]);

fn mock() -> Time {
    World::new().batteries().time
}

fn sleep_takes_at_least_its_time(time: &Time) {
    let start = time.monotonic();
    time.sleep(Duration::from_millis(20)).wait();
    assert!(time.monotonic() - start >= Duration::from_millis(20));
}

fn awaited_sleeps_run_together(time: &Time) {
    let start = time.monotonic();
    let (long, short) = (time.sleep(Duration::from_millis(300)), time.sleep(Duration::from_millis(200)));
    let (long, short) = (long.into_future(), short.into_future());
    let clock = time.clone();
    async move {
        let (mut long, mut short) = (long, short);
        let mut woke = Vec::new();
        std::future::poll_fn(|context| {
            for (name, sleep) in [("long", &mut long), ("short", &mut short)] {
                if !woke.contains(&name) && sleep.as_mut().poll(context).is_ready() {
                    woke.push(name);
                }
            }
            if woke.len() == 2 { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
        assert_eq!(woke, ["short", "long"]);
    }
    .wait();
    let took = clock.monotonic() - start;
    assert!(took >= Duration::from_millis(300) && took < Duration::from_millis(450), "{took:?}");
}
