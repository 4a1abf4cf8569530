//! Jobs that run jobs: the one that runs does not begin again inside of itself.

use std::time::Duration;

use leyden::World;
use leyden::prelude::*;
use leyden::schedule::{Outcome, Run};

use super::{Log, outcomes};

fn note<'r>(log: &Log, runs: impl IntoIterator<Item = &'r Run>) {
    for run in runs {
        log.note(format!("{} overlapped: {}", run.job, matches!(run.outcome, Outcome::Overlapped)));
    }
}

#[test]
fn a_job_that_runs_what_is_pending_runs_the_others_alone() {
    let (world, log) = (World::new(), Log::default());
    let Batteries { schedule, time, .. } = world.batteries();
    let seen = log.clone();
    schedule
        .every(1)
        .second()
        .name("outer")
        .do_(move |Batteries { schedule, .. }| note(&seen, schedule.run_pending().iter()))
        .unwrap();
    let seen = log.clone();
    schedule
        .every(1)
        .second()
        .name("inner")
        .do_async(move |Batteries { schedule, .. }| {
            let seen = seen.clone();
            async move { note(&seen, schedule.run_pending().iter()) }
        })
        .unwrap();
    for _ in 0..3 {
        time.sleep(secs(1)).wait();
        let runs = schedule.run_pending();
        assert!(outcomes(&runs).iter().all(|outcome| outcome == "Done"), "{:?}", outcomes(&runs));
        assert_eq!(log.take(), ["inner overlapped: false"]);
    }
}

#[test]
fn a_job_that_runs_itself_is_refused_also_by_its_hooks() {
    let (world, log) = (World::new(), Log::default());
    let schedule = world.batteries().schedule;
    let seen = log.clone();
    let (in_hook, from_hook) = (log.clone(), schedule.clone());
    let job = schedule
        .every(1)
        .day()
        .name("self")
        .on_success(move |_, _| {
            note(&in_hook, &[from_hook.get_jobs(None)[0].run()]);
            Ok(())
        })
        .do_(move |Batteries { schedule, .. }| {
            note(&seen, &[schedule.get_jobs(None)[0].run()]);
            note(&seen, schedule.run_all(Duration::ZERO).iter());
        })
        .unwrap();
    assert!(job.run().outcome.is_run());
    assert_eq!(log.take(), ["self overlapped: true"; 3]);
    // It is free again.
    assert!(job.run().outcome.is_run());
}

#[test]
fn a_job_of_a_loop_that_takes_longer_than_its_interval_may_ask_what_is_pending() {
    for workers in [1, 2] {
        let (world, log) = (World::new(), Log::default());
        let schedule = world.batteries().schedule;
        let seen = log.clone();
        schedule
            .every(1)
            .second()
            .name("slow")
            .do_(move |Batteries { schedule, time, .. }| {
                time.sleep(secs(2)).wait();
                note(&seen, schedule.run_pending().iter());
            })
            .unwrap();
        let served = schedule.serve().workers(workers).until(world.clock().now() + Duration::from_secs(20)).wait().unwrap();
        assert!(served.runs > 0 && served.failed == 0, "{served:?}");
        assert_eq!(log.take(), Vec::<String>::new());
    }
}
