//! Whether work grows with its input, or faster.
//!
//! What is measured is the time that the thread has run on a processor, so that other tests and programs do not count.

use std::time::{Duration, Instant};

/// Runs `work` on a unit repeated `count` times, and 4 times `count` times: linear work takes 4 times as long, quadratic work 16 times.
pub fn grows_linearly(unit: &str, count: usize, make: impl Fn(usize, &str) -> String, work: impl Fn(&str)) {
    let least = |times: usize| {
        let input: String = (0..count * times).map(|number| make(number, unit)).collect();
        let run = |_| processor_time(|| work(&input));
        (0..2).map(run).min().unwrap_or_default()
    };
    let mut shown = Vec::new();
    for _ in 0..4 {
        // Below that, the clock is too coarse.
        let (once, four) = (least(1).max(Duration::from_micros(300)), least(4));
        if four < once * 9 {
            return;
        }
        shown.push((once, four));
    }
    panic!("{count} and {} times {unit:.100?} take {shown:?}", count * 4);
}

fn processor_time(work: impl FnOnce()) -> Duration {
    // Linux: the nanoseconds that this thread has run, as the first number.
    let ran = || std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split_whitespace().next()?.parse().ok();
    let (clock, before): (Instant, Option<u64>) = (Instant::now(), ran());
    work();
    match (before, ran()) {
        (Some(before), Some(after)) if after > before => Duration::from_nanos(after - before),
        _ => clock.elapsed(),
    }
}
