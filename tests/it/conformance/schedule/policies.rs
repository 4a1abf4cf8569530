//! Missed runs, grace, jitter, retries, failures, one-shot jobs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use leyden::World;
use leyden::prelude::*;
use leyden::schedule::{Backoff, Error, Missed, Outcome, Scheduler};

use super::{Log, outcomes};

fn hourly(world: &World, missed: Missed, grace: Option<Duration>) -> Scheduler {
    let schedule = world.batteries().schedule;
    let job = schedule.cron("0 * * * *").name("hourly").missed(missed);
    let job = match grace {
        Some(grace) => job.grace(grace),
        None => job,
    };
    job.do_(|_| ()).unwrap();
    schedule
}

#[test]
fn missed_runs_follow_the_policy() {
    let after = |hours: f64, missed, grace| {
        let world = World::new();
        let schedule = hourly(&world, missed, grace);
        world.clock().advance(secs(hours * 3600.0));
        let runs = schedule.run_pending();
        let times: Vec<String> = runs.iter().map(|run| run.scheduled.unwrap().to_string()[11..16].to_owned()).collect();
        assert_eq!(schedule.next_run(None).unwrap().unwrap().hour(), (hours as u32 + 1) % 24);
        (outcomes(&runs), times)
    };
    let one = |outcome: &str, time: &str| (vec![outcome.to_owned()], vec![time.to_owned()]);
    assert_eq!(after(1.0, Missed::Skip, None), one("Done", "01:00"));
    assert_eq!(after(1.9, Missed::Skip, None), one("Done", "01:00"));
    assert_eq!(after(3.5, Missed::Skip, None), one("Missed", "01:00"));
    assert_eq!(after(3.5, Missed::Once, None), one("Done", "01:00"));
    assert_eq!(after(3.5, Missed::Once, Some(secs(3600))), one("Done", "03:00"));
    assert_eq!(after(3.5, Missed::Once, Some(secs(600))), one("Missed", "01:00"));
    let all = after(3.5, Missed::All { max: 10 }, None);
    assert_eq!((all.0.len(), all.1.join(" ")), (3, "01:00 02:00 03:00".into()));
    assert_eq!(after(5.5, Missed::All { max: 2 }, None).1, ["04:00", "05:00"]);
    assert_eq!(after(5.5, Missed::All { max: 9 }, Some(secs(2 * 3600))).1, ["04:00", "05:00"]);
}

#[test]
fn a_failing_job_does_not_stop_the_others_and_is_planned_anew() {
    let world = World::new();
    let Batteries { schedule, time, .. } = world.batteries();
    let log = Log::default();
    let notes = log.clone();
    schedule.every(1).minute().name("bad").do_(|Batteries { os, .. }| os.remove("/missing")).unwrap();
    schedule.every(1).minute().name("worse").do_(|_| assert_eq!(1, 2, "numbers differ")).unwrap();
    schedule.every(1).minute().name("good").do_(move |_| notes.note("good")).unwrap();
    time.sleep(secs(60)).wait();
    let runs = schedule.run_pending();
    let failures: Vec<String> = runs.failed().map(|run| run.outcome.error().unwrap().to_string()).collect();
    assert_eq!(failures[0], "job 'bad' failed: remove '/missing': no such file or directory (errno 2)", "{failures:?}");
    assert!(failures[1].starts_with("job 'worse' failed: panicked: ") && failures[1].contains("numbers differ"), "{failures:?}");
    assert_eq!(log.take(), ["good"]);
    assert!(matches!(runs.check(), Err(Error::JobFailed { job, .. }) if job == "bad"));
    assert!(schedule.jobs().iter().all(|job| job.next_run().unwrap().minute() == 2));
}

#[test]
fn retries_back_off_and_end() {
    let world = World::new();
    let Batteries { schedule, time, .. } = world.batteries();
    let (tries, hooks) = (Arc::new(AtomicUsize::new(0)), Log::default());
    let (counted, failed, succeeded) = (tries.clone(), hooks.clone(), hooks.clone());
    let job = schedule
        .every(1)
        .hour()
        .name("flaky")
        .retries(3)
        .backoff(Backoff { first: secs(10), max: secs(25) })
        .on_failure(move |_, run| {
            failed.note(format!("failed after try {}", run.attempt));
            Ok(())
        })
        .on_success(move |_, run| {
            succeeded.note(format!("done at try {}", run.attempt));
            Ok(())
        })
        .do_(move |_| match counted.fetch_add(1, Ordering::SeqCst) {
            2 | 9.. => Ok(()),
            n => Err(leyden::Error::other(format!("try {n}"))),
        })
        .unwrap();
    let mut pauses = Vec::new();
    for _ in 0..8 {
        let idle = schedule.idle_seconds().unwrap().unwrap();
        pauses.push(idle);
        time.sleep(secs(idle)).wait();
        let _ = schedule.run_pending();
    }
    // Two failures and a success; then four failures, which are one more than the retries.
    assert_eq!(pauses, [3600.0, 10.0, 20.0, 3600.0, 10.0, 20.0, 25.0, 3600.0]);
    assert_eq!(hooks.take(), ["done at try 2", "failed after try 3"]);
    assert_eq!(job.next_run().unwrap().seconds_since(job.last_run().unwrap()), 10.0);
}

#[test]
fn a_hook_that_fails_is_in_the_run() {
    let Batteries { schedule, .. } = World::new().batteries();
    schedule.every(1).hour().on_success(|Batteries { os, .. }, _| Ok(os.remove("/heartbeat")?)).do_(|_| ()).unwrap();
    let runs = schedule.run_all(Duration::ZERO);
    assert!(runs[0].hook_error.as_ref().unwrap().to_string().contains("/heartbeat"));
    assert!(matches!(runs[0].outcome, Outcome::Done(_)));
}

#[test]
fn jitter_is_stable_and_spread() {
    let next = |name: &str| {
        let schedule = World::new().batteries().schedule;
        schedule.cron("0 2 * * *").name(name).jitter(secs(600)).do_(|_| ()).unwrap().next_run().unwrap()
    };
    let delays: Vec<f64> = (0..50).map(|n| next(&format!("job-{n}")).seconds_since(next("job-0").midnight_of())).collect();
    assert!(delays.iter().all(|delay| (7200.0..=7800.0).contains(delay)), "{delays:?}");
    assert!(delays.iter().filter(|delay| **delay < 7500.0).count() > 10, "{delays:?}");
    assert!(delays.iter().filter(|delay| **delay >= 7500.0).count() > 10, "{delays:?}");
    assert_eq!(next("job-7"), next("job-7"));
}

#[test]
fn jitter_shifts_the_runs_and_does_not_add_up() {
    let world = World::new();
    let Batteries { schedule, time, .. } = world.batteries();
    let job = schedule.every(10).minutes().name("beat").jitter(secs(300)).do_(|_| ()).unwrap();
    let first = job.next_run().unwrap();
    let delay = first.seconds_since("2026-01-01 00:10:00".parse().unwrap());
    assert!((1.0..=300.0).contains(&delay), "{delay}");
    for run in 1..=20 {
        time.sleep(secs(schedule.idle_seconds().unwrap().unwrap())).wait();
        schedule.run_pending().check().unwrap();
        assert_eq!(job.next_run().unwrap().seconds_since(first), f64::from(run) * 600.0);
    }
}

#[test]
fn a_run_that_the_jitter_delays_is_not_missed() {
    for (missed, grace) in [(Missed::Skip, None), (Missed::Once, Some(secs(1))), (Missed::All { max: 5 }, Some(secs(1)))] {
        let world = World::new();
        let Batteries { schedule, time, .. } = world.batteries();
        // The jitter is longer than the interval and the grace.
        let job = schedule.cron("* * * * *").name("beat").jitter(secs(3600)).missed(missed);
        let job = match grace {
            Some(grace) => job.grace(grace),
            None => job,
        };
        job.do_(|_| ()).unwrap();
        let mut seen = Vec::new();
        for _ in 0..5 {
            time.sleep(secs(schedule.idle_seconds().unwrap().unwrap())).wait();
            seen.extend(outcomes(&schedule.run_pending()));
        }
        assert_eq!(seen, ["Done"; 5], "{missed:?}");
    }
    let world = World::new();
    let Batteries { schedule, time, .. } = world.batteries();
    schedule.once_at(secs(60)).name("gift").jitter(secs(600)).do_(|_| ()).unwrap();
    time.sleep(secs(3600)).wait();
    assert_eq!(outcomes(&schedule.run_pending()), ["Done"]);
    assert!(schedule.jobs().is_empty());
}

trait Midnight {
    fn midnight_of(self) -> Self;
}

impl Midnight for leyden::schedule::DateTime {
    fn midnight_of(self) -> Self {
        leyden::schedule::DateTime::new(self.year(), self.month(), self.day()).midnight().unwrap()
    }
}

#[test]
fn once_runs_once() {
    let world = World::new();
    let Batteries { schedule, time, .. } = world.batteries();
    let log = Log::default();
    let notes = log.clone();
    let job = schedule.once_at("2026-01-01 18:30").name("gift").do_(move |_| notes.note("gift")).unwrap();
    assert_eq!(job.next_run().unwrap().to_string(), "2026-01-01 18:30:00");
    schedule.once_at(secs(60)).do_(|_| ()).unwrap();
    schedule.once_at("2025-12-01").grace(secs(3600)).do_(|_| ()).unwrap();
    assert_eq!(outcomes(&schedule.run_pending()), ["Missed"]);
    assert_eq!(schedule.jobs().len(), 2);
    for _ in 0..3 {
        time.sleep(secs(12 * 3600)).wait();
        schedule.run_pending().check().unwrap();
    }
    assert_eq!(log.take(), ["gift"]);
    assert!(schedule.jobs().is_empty());
    assert!(schedule.once_at("soon").do_(|_| ()).is_err());
}

#[test]
fn a_run_over_its_time_has_failed() {
    let Batteries { schedule, .. } = World::new().batteries();
    schedule.every(1).hour().name("slow").timeout(secs(5)).do_(|Batteries { time, .. }| time.sleep(secs(8)).wait()).unwrap();
    let runs = schedule.run_all(Duration::ZERO);
    assert_eq!(runs.check().unwrap_err().to_string(), "job 'slow' timed out after 5 s");
}

#[test]
fn what_is_due_is_found_among_many() {
    let world = World::new();
    let Batteries { schedule, time, .. } = world.batteries();
    for n in 0..20_000 {
        schedule.every(1 + n % 7).days().do_(|_| ()).unwrap();
    }
    schedule.every(1).second().do_(|_| ()).unwrap();
    time.sleep(secs(1)).wait();
    assert_eq!(schedule.run_pending().check().unwrap(), 1);
}

#[test]
fn a_job_may_change_the_schedule() {
    let world = World::new();
    let Batteries { schedule, time, .. } = world.batteries();
    let added = schedule.every(1).second().do_(|Batteries { schedule, .. }| {
        schedule.clear(None);
        schedule.every(1).minute().tag(["new"]).do_(|_| ()).map(drop)
    });
    added.unwrap();
    time.sleep(secs(1)).wait();
    schedule.run_pending().check().unwrap();
    assert_eq!((schedule.jobs().len(), schedule.get_jobs("new").len()), (1, 1));
}

#[test]
fn batteries_with_replaced_parts_reach_the_jobs() {
    let world = World::new();
    let batteries = Batteries::builder().os(world.batteries().os).time(world.batteries().time).build();
    batteries.schedule.every(1).second().do_(|Batteries { os, .. }| os.write_text("/here", "x").map(drop)).unwrap();
    batteries.schedule.run_all(Duration::ZERO).check().unwrap();
    assert!(world.os.exists("/here"));
}

#[test]
fn values_are_shown_as_python_shows_them() {
    let shown = |value: f64| leyden::schedule::Value::from(value).to_string();
    // Two decimals of 17 digits are as near: Python takes the even one.
    assert_eq!(shown(-134_509_668_622_451.63), "-134509668622451.62");
    assert_eq!(
        (shown(0.5), shown(1e22), shown(-0.0), shown(5e-324)),
        ("0.5".into(), "1e+22".into(), "-0.0".into(), "5e-324".into())
    );
    // A combining mark is printable, also the first one; a soft hyphen is not.
    let text = leyden::schedule::Value::from("\u{301}e\u{301}\u{ad}");
    assert_eq!(text.to_string(), "'\u{301}e\u{301}\\xad'");
}
