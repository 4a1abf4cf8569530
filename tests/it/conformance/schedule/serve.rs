//! The loop: what runs beside what, and how it ends.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use leyden::World;
use leyden::prelude::*;
use leyden::schedule::{Overlap, Served, Stop};

use super::{Log, outcome};

/// Serves for so many seconds; what was run, with the second of its start.
fn served(world: &World, seconds: u32, workers: usize) -> (Served, Vec<String>) {
    let Batteries { schedule, .. } = world.batteries();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (sink, from) = (seen.clone(), world.clock().now());
    let until = from + Duration::from_secs(seconds.into());
    let start = leyden::schedule::DateTime::new(2026, 1, 1).midnight().unwrap();
    let watch = move |run: &leyden::schedule::Run| {
        let line = format!("{} {} {}", run.job, run.started.seconds_since(start), outcome(run));
        sink.lock().unwrap().push(line);
    };
    let served = schedule.serve().workers(workers).until(until).watch(watch).wait().unwrap();
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    (served, seen)
}

/// A job of every ten seconds that takes 25.
fn long(world: &World, overlap: Overlap) {
    let schedule = world.batteries().schedule;
    let job = schedule.cron("*/10 * * * * *").name("long").overlap(overlap);
    job.do_async(|Batteries { time, .. }| async move { time.sleep(secs(25)).await }).unwrap();
}

#[test]
fn overlap_skip_drops_the_new_run() {
    let world = World::new();
    long(&world, Overlap::Skip);
    let (served, seen) = served(&world, 65, 4);
    assert_eq!(
        seen,
        ["long 20 Overlapped", "long 30 Overlapped", "long 10 Done", "long 50 Overlapped", "long 60 Overlapped", "long 40 Done"]
    );
    assert_eq!((served.runs, served.failed), (2, 0));
}

#[test]
fn overlap_queue_starts_it_afterwards() {
    let world = World::new();
    long(&world, Overlap::Queue(1));
    let (_, seen) = served(&world, 65, 4);
    assert_eq!(seen[..3], ["long 30 Overlapped", "long 10 Done", "long 50 Overlapped"]);
    assert!(seen.contains(&"long 35 Done".to_owned()), "{seen:?}");
}

#[test]
fn overlap_allow_runs_them_beside_each_other() {
    let world = World::new();
    long(&world, Overlap::Allow);
    let (_, seen) = served(&world, 45, 4);
    assert_eq!(seen, ["long 10 Done", "long 20 Done", "long 30 Done", "long 40 Done"]);
}

#[test]
fn overlap_cancel_old_drops_the_running_one() {
    let world = World::new();
    long(&world, Overlap::CancelOld);
    let (_, seen) = served(&world, 45, 4);
    assert_eq!(seen, ["long 10 Overlapped", "long 20 Overlapped", "long 30 Overlapped", "long 40 Done"]);
    let schedule = world.batteries().schedule;
    let error = schedule.every(1).hour().overlap(Overlap::CancelOld).do_(|_| ()).unwrap_err();
    assert!(error.to_string().contains("do_async"), "{error}");
}

#[test]
fn a_limit_holds_and_what_is_due_waits() {
    let world = World::new();
    let schedule = world.batteries().schedule;
    for name in ["a", "b", "c"] {
        let job = schedule.once_at(secs(10)).name(name);
        job.do_async(|Batteries { time, .. }| async move { time.sleep(secs(5)).await }).unwrap();
    }
    let (_, seen) = served(&world, 60, 2);
    assert_eq!(seen, ["a 10 Done", "b 10 Done", "c 15 Done"]);
    assert!(schedule.jobs().is_empty());
}

#[test]
fn a_task_over_its_time_is_dropped() {
    let world = World::new();
    let schedule = world.batteries().schedule;
    let finished = Arc::new(AtomicBool::new(false));
    let flag = finished.clone();
    let job = schedule.once_at(secs(10)).name("stuck").timeout(secs(3));
    job.do_async(move |Batteries { time, .. }| {
        let flag = flag.clone();
        async move {
            time.sleep(secs(1_000_000)).await;
            flag.store(true, Ordering::SeqCst);
        }
    })
    .unwrap();
    let (served, seen) = served(&world, 30, 2);
    assert_eq!((seen.as_slice(), served.failed), (&["stuck 10 Failed".to_owned()][..], 1));
    assert!(!finished.load(Ordering::SeqCst));
    assert_eq!(world.clock().elapsed(), secs(30));
}

#[test]
fn retries_of_tasks_back_off() {
    let world = World::new();
    let schedule = world.batteries().schedule;
    let job = schedule.once_at(secs(10)).name("flaky").retries(2);
    job.do_async(|_| async { Err::<(), _>(leyden::Error::other("no")) }).unwrap();
    let (served, seen) = served(&world, 30, 2);
    assert_eq!(seen, ["flaky 10 Failed", "flaky 11 Failed", "flaky 13 Failed"]);
    assert_eq!((served.runs, schedule.jobs().len()), (3, 0));
}

#[test]
fn a_job_of_a_thread_and_a_clock_that_is_set() {
    let world = World::new();
    let Batteries { schedule, .. } = world.batteries();
    let log = Log::default();
    let (notes, clock) = (log.clone(), world.clock().clone());
    schedule.cron("0 12 * * *").name("noon").do_(move |_| notes.note("noon")).unwrap();
    let notes = log.clone();
    // An administrator sets the clock to a minute before noon.
    schedule
        .once_at(secs(90))
        .name("set")
        .do_(move |_| {
            notes.note("set");
            clock.set(std::time::UNIX_EPOCH + Duration::from_secs(1_767_225_600 + 43_200 - 60));
        })
        .unwrap();
    let until = world.clock().now() + Duration::from_secs(43_200 + 3_600);
    schedule.serve().until(until).wait().unwrap();
    assert_eq!(log.take(), ["set", "noon"]);
    assert!(world.clock().elapsed() < secs(3 * 3_600), "{:?}", world.clock().elapsed());
}

#[test]
fn stop_ends_a_real_loop_at_once() {
    let batteries = Batteries::included();
    let schedule = leyden::schedule::Scheduler::over(&batteries);
    schedule.every(1).hour().do_(|_| ()).unwrap();
    let stop = Stop::new();
    let stops = stop.clone();
    let begun = Instant::now();
    let stopper = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(50));
        stops.stop();
    });
    schedule.serve().stop(&stop).wait().unwrap();
    stopper.join().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    // A handle that was stopped before ends a loop before its first run.
    assert_eq!(schedule.serve().stop(&stop).wait().unwrap().runs, 0);
}

#[test]
fn real_threads_run_beside_each_other() {
    let schedule = leyden::schedule::Scheduler::over(&Batteries::included());
    let barrier = Arc::new(std::sync::Barrier::new(3));
    for name in ["a", "b", "c"] {
        let barrier = barrier.clone();
        // Each waits for the others: one after another they would never end.
        schedule
            .once_at(Duration::ZERO)
            .name(name)
            .do_(move |_| {
                barrier.wait();
            })
            .unwrap();
    }
    let until = std::time::SystemTime::now() + Duration::from_millis(200);
    let served = schedule.serve().workers(3).until(until).wait().unwrap();
    assert_eq!((served.runs, served.failed, schedule.jobs().len()), (3, 0, 0));
}

#[test]
fn a_year_of_a_hundred_jobs_passes_in_a_world() {
    let world = World::new();
    world.time.set_zone("Europe/Berlin");
    let schedule = world.batteries().schedule;
    let count = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    for n in 0..100 {
        let count = count.clone();
        schedule
            .cron(format!("{} {} * * *", n % 60, n % 24))
            .name(format!("job-{n}"))
            .do_(move |_| {
                count.fetch_add(1, Ordering::SeqCst);
            })
            .unwrap();
    }
    let until = world.clock().now() + Duration::from_secs(365 * 86_400);
    let begun = Instant::now();
    let served = schedule.serve().wake(Duration::from_secs(3_600)).until(until).wait().unwrap();
    println!("a year of 100 jobs: {:?}", begun.elapsed());
    assert_eq!((served.runs, count.load(Ordering::SeqCst)), (36_500, 36_500));
}

#[derive(Clone, Debug, Default)]
struct Asked(Arc<AtomicUsize>);

impl leyden::schedule::Leader for Asked {
    fn lead(&self, _: Duration) -> leyden::schedule::Result<Option<u64>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(Some(1))
    }
}

#[test]
fn the_loop_does_not_spin_in_a_fold() {
    let world = World::new();
    world.time.set_zone("Europe/Berlin");
    // 02:35 for the second time: 02:45 has been already, and comes again.
    world.clock().set(SystemTime::UNIX_EPOCH + secs(1_792_892_100));
    let Batteries { schedule, time, .. } = world.batteries();
    let asked = Asked::default();
    schedule.leader(asked.clone());
    schedule.every(10).minutes().do_(|_| ()).unwrap();
    let until = time.time() + secs(3600);
    let served = schedule.serve().until(until).wait().unwrap();
    assert_eq!(served.runs, 5);
    let asked = asked.0.load(Ordering::SeqCst);
    assert!(asked < 100, "the loop woke {asked} times in an hour");
}

#[test]
fn a_run_that_waits_is_not_made_after_its_job_was_cancelled() {
    let world = World::new();
    let Batteries { schedule, time, .. } = world.batteries();
    let started = Asked::default();
    let counted = started.clone();
    schedule
        .every(10)
        .seconds()
        .name("slow")
        .overlap(Overlap::Queue(5))
        .do_async(move |Batteries { time, schedule, .. }| {
            counted.0.fetch_add(1, Ordering::SeqCst);
            async move {
                time.sleep(secs(25)).await;
                schedule.clear(None);
            }
        })
        .unwrap();
    schedule.serve().workers(2).until(time.time() + secs(300)).wait().unwrap();
    assert_eq!(started.0.load(Ordering::SeqCst), 1);
}
