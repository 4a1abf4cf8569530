//! The journal in a world: restarts, interruptions, damage, a full disk, a second process.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use leyden::World;
use leyden::prelude::*;
use leyden::schedule::{Ending, Error, Missed, Opened, Scheduler};

use super::{Log, outcomes};

const DIR: &str = "/var/lib/ops/journal";

/// A process starts: its scheduler has no jobs yet.
fn boot(world: &World) -> (Scheduler, Opened) {
    let schedule = Scheduler::over(&world.batteries());
    let opened = schedule.journal(DIR).unwrap();
    (schedule, opened)
}

fn pass(world: &World, hours: f64) {
    world.clock().advance(secs(hours * 3600.0));
}

fn nightly(schedule: &Scheduler, missed: Option<Missed>, log: &Log) -> leyden::schedule::Job {
    let log = log.clone();
    let job = schedule.cron("0 2 * * *").name("nightly");
    let job = match missed {
        Some(missed) => job.missed(missed),
        None => job,
    };
    job.do_(move |_| {
        log.note("ran");
        "x".repeat(5_000) + "é end"
    })
    .unwrap()
}

#[test]
fn what_was_missed_while_down_follows_the_policy() {
    for (missed, expected) in [
        (None, 1),
        (Some(Missed::Once), 1),
        (Some(Missed::Skip), 0),
        (Some(Missed::All { max: 10 }), 3),
        (Some(Missed::All { max: 2 }), 2),
    ] {
        let (world, log) = (World::new(), Log::default());
        let (schedule, _) = boot(&world);
        nightly(&schedule, missed, &log);
        pass(&world, 2.5);
        schedule.run_pending().check().unwrap();
        assert_eq!(log.take().len(), 1);
        drop(schedule);
        pass(&world, 72.0);
        let (schedule, opened) = boot(&world);
        assert!(opened.interrupted.is_empty());
        nightly(&schedule, missed, &log);
        let _ = schedule.run_pending();
        assert_eq!(log.take().len(), expected, "{missed:?}");
        assert_eq!(schedule.history("nightly").unwrap().len(), 1 + expected);
        drop(schedule);
        // What was made up is not made up again.
        let (schedule, _) = boot(&world);
        nightly(&schedule, missed, &log);
        let _ = schedule.run_pending();
        assert_eq!(log.take().len(), 0, "{missed:?}");
    }
}

#[test]
fn history_has_outcomes_and_the_end_of_the_output() {
    let (world, log) = (World::new(), Log::default());
    let (schedule, _) = boot(&world);
    nightly(&schedule, None, &log);
    schedule.every(1).day().name("bad").do_(|Batteries { os, .. }| os.remove("/missing")).unwrap();
    let _ = schedule.run_all(Duration::ZERO);
    let past = schedule.history("nightly").unwrap();
    assert_eq!((past[0].ending, past[0].error.as_deref(), past[0].scheduled), (Ending::Done, None, None));
    assert!(past[0].tail.len() <= 4096 && past[0].tail.ends_with("xé end"), "{}", past[0].tail.len());
    let bad = schedule.history("bad").unwrap();
    assert_eq!(bad[0].error.as_deref(), Some("job 'bad' failed: remove '/missing': no such file or directory (errno 2)"));
    assert_eq!((bad[0].ending, bad[0].duration), (Ending::Failed, Some(Duration::ZERO)));
    assert!(schedule.history("unknown").unwrap().is_empty());
    assert!(matches!(World::new().batteries().schedule.history("x"), Err(Error::Value(_))));
    for _ in 0..150 {
        let _ = schedule.run_all(Duration::ZERO);
    }
    drop(schedule);
    let (schedule, _) = boot(&world);
    assert_eq!(schedule.history("nightly").unwrap().len(), 100);
}

/// The process ends during the run: nothing after the panic is done, as by `kill -9`.
fn killed(world: &World, rerun: bool) {
    let (schedule, _) = boot(world);
    let job = schedule.cron("0 2 * * *").name("nightly");
    let job = if rerun { job.rerun() } else { job };
    let bomb = world.clone();
    job.do_(move |Batteries { os, .. }| {
        // From here on each call fails, the one that would note the end too.
        os.write_text("/half", "half")?;
        for _ in 0..20 {
            bomb.script().fail_next("os", std::io::Error::from_raw_os_error(5));
        }
        Ok::<(), leyden::Error>(())
    })
    .unwrap();
    pass(world, 2.5);
    let ran = catch_unwind(AssertUnwindSafe(|| outcomes(&schedule.run_pending()))).unwrap();
    assert_eq!(ran, ["Failed"]);
}

#[test]
fn an_interrupted_run_is_reported_once() {
    for rerun in [false, true] {
        let world = World::new();
        killed(&world, rerun);
        let snapshot = world.os.read(format!("{DIR}/journal.jsonl")).unwrap();
        assert_eq!(String::from_utf8(snapshot.clone()).unwrap().lines().count(), 1);
        // Another machine, so that no planned fault is left.
        let (world, log) = (World::new(), Log::default());
        pass(&world, 3.0);
        world.os.write(format!("{DIR}/journal.jsonl"), snapshot);
        let (schedule, opened) = boot(&world);
        assert_eq!(opened.interrupted.len(), 1);
        assert_eq!((opened.interrupted[0].job.as_str(), opened.interrupted[0].ending), ("nightly", Ending::Interrupted));
        let notes = log.clone();
        let job = schedule.cron("0 2 * * *").name("nightly");
        let job = if rerun { job.rerun() } else { job };
        job.do_(move |_| notes.note("ran")).unwrap();
        schedule.run_pending().check().unwrap();
        assert_eq!(log.take().len(), usize::from(rerun));
        drop(schedule);
        let (schedule, opened) = boot(&world);
        assert!(opened.interrupted.is_empty());
        assert_eq!(schedule.history("nightly").unwrap()[0].ending, Ending::Interrupted);
    }
}

#[test]
fn a_second_process_is_refused_by_name() {
    let world = World::new();
    let (first, _) = boot(&world);
    let second = Scheduler::over(&world.batteries());
    let error = second.journal(DIR).unwrap_err();
    let pid = world.batteries().os.getpid();
    assert_eq!(error.to_string(), format!("journal {DIR} is in use by process {pid} since 2026-01-01 00:00:00 UTC"));
    first.close_journal();
    second.journal(DIR).unwrap();
}

#[test]
fn a_changed_rule_starts_afresh_and_names_are_unique() {
    let (world, log) = (World::new(), Log::default());
    let (schedule, _) = boot(&world);
    nightly(&schedule, None, &log);
    assert!(matches!(schedule.every(1).day().name("nightly").do_(|_| ()), Err(Error::DuplicateJob(name)) if name == "nightly"));
    assert!(schedule.journal("/other").is_err());
    pass(&world, 2.5);
    schedule.run_pending().check().unwrap();
    drop(schedule);
    pass(&world, 48.0);
    let (schedule, _) = boot(&world);
    let job = schedule.cron("30 2 * * *").name("nightly").do_(|_| ()).unwrap();
    assert_eq!(job.next_run().unwrap().to_string(), "2026-01-04 02:30:00");
}

#[test]
fn a_damaged_journal_is_kept_aside_and_an_incomplete_record_dropped() {
    let (world, log) = (World::new(), Log::default());
    let (schedule, _) = boot(&world);
    nightly(&schedule, None, &log);
    for _ in 0..3 {
        let _ = schedule.run_all(Duration::ZERO);
    }
    drop(schedule);
    let path = format!("{DIR}/journal.jsonl");
    let whole = world.os.read(&path).unwrap();
    for cut in [1, 10, 30] {
        world.os.write(&path, &whole[..whole.len() - cut]);
        let (schedule, opened) = boot(&world);
        assert_eq!((opened.corrupt, opened.interrupted.len()), (None, 1), "{cut}");
        drop(schedule);
    }
    let mut damaged = whole.clone();
    damaged[20] ^= 1;
    world.os.write(&path, &damaged);
    let (schedule, opened) = boot(&world);
    let (kept, records) = opened.corrupt.unwrap();
    assert_eq!((kept.to_str().unwrap(), records), ("/var/lib/ops/journal/journal.corrupt-1", 1));
    assert_eq!(world.os.read(&kept).unwrap(), damaged);
    assert_eq!(schedule.history("nightly").unwrap().len(), 2);
    drop(schedule);
    world.os.write(&path, b"\0\xff garbage\nmore\nand more\n");
    let (_, opened) = boot(&world);
    assert!(opened.corrupt.unwrap().0.ends_with("journal.corrupt-2"));
}

#[test]
fn a_run_that_cannot_be_noted_is_not_made() {
    let (world, log) = (World::new(), Log::default());
    let (schedule, _) = boot(&world);
    nightly(&schedule, None, &log);
    pass(&world, 2.5);
    world.script().fail_next("os.write", std::io::Error::from_raw_os_error(28));
    let runs = schedule.run_pending();
    assert!(matches!(runs.check(), Err(Error::Journal { operation: "append a record", .. })));
    assert_eq!(log.take().len(), 0);
    // The next one is noted on a line of its own.
    pass(&world, 24.0);
    schedule.run_pending().check().unwrap();
    drop(schedule);
    let (schedule, opened) = boot(&world);
    assert!(opened.corrupt.is_none());
    assert_eq!(schedule.history("nightly").unwrap().len(), 1);
}

#[test]
fn a_begin_that_could_not_be_recorded_is_not_recorded_later() {
    let full = || std::io::Error::from_raw_os_error(28);
    // The write fails; the sync fails after the write; so does what cuts the record off, once.
    for failing in [&["os.write"][..], &["os.sync"], &["os.sync", "os.truncate"]] {
        let (world, log) = (World::new(), Log::default());
        let (schedule, _) = boot(&world);
        nightly(&schedule, None, &log);
        pass(&world, 2.5);
        for operation in failing {
            world.script().fail_next(*operation, full());
        }
        assert!(
            matches!(schedule.run_pending().check(), Err(Error::Journal { operation: "append a record", .. })),
            "{failing:?}"
        );
        assert_eq!(log.take().len(), 0);
        schedule.close_journal();
        let (schedule, opened) = boot(&world);
        assert!(opened.interrupted.is_empty() && opened.corrupt.is_none(), "{failing:?}: {opened:?}");
        assert!(schedule.history("nightly").unwrap().is_empty());
    }
}

#[test]
fn a_full_disk_leaves_no_record_of_a_run_that_was_not_made() {
    for blocks in 1..16 {
        let (world, log) = (World::new(), Log::default());
        let (schedule, _) = boot(&world);
        nightly(&schedule, None, &log);
        world.os.set_capacity(blocks * 4096);
        for _ in 0..200 {
            let _ = schedule.run_all(Duration::ZERO);
        }
        let made = log.take().len();
        schedule.close_journal();
        world.os.set_capacity(u64::MAX);
        let (schedule, opened) = boot(&world);
        assert!(opened.corrupt.is_none(), "{blocks}: {opened:?}");
        // A run whose end found no room was made nevertheless.
        assert!(opened.interrupted.len() <= made, "{blocks}: {opened:?}");
        assert!(schedule.history("nightly").unwrap().len() <= made, "{blocks}: {made}");
    }
}

#[test]
fn a_clock_that_was_wrong_does_not_stop_a_job() {
    // 2099, then 1970, then 2026; and the first run after each restart.
    for (wrong, missed) in [
        (4_070_908_800.0, Missed::Once),
        (4_070_908_800.0, Missed::All { max: 3 }),
        (0.0, Missed::All { max: 3 }),
        (0.0, Missed::Skip),
    ] {
        let (world, log) = (World::new(), Log::default());
        let now = world.clock().now();
        let jobs = |schedule: &Scheduler| {
            let (log, other) = (log.clone(), log.clone());
            schedule.every(1).seconds().name("beat").missed(missed).do_(move |_| log.note("beat")).unwrap();
            schedule.cron("* * * * *").name("tick").missed(missed).do_(move |_| other.note("tick")).unwrap();
        };
        world.clock().set(std::time::SystemTime::UNIX_EPOCH + secs(wrong));
        let (schedule, _) = boot(&world);
        jobs(&schedule);
        world.clock().advance(secs(60));
        schedule.run_pending().check().unwrap();
        drop(schedule);
        log.take();
        world.clock().set(now);
        let (schedule, _) = boot(&world);
        jobs(&schedule);
        let _ = schedule.run_pending();
        let made_up = if wrong == 0.0 && missed != Missed::Skip { 3 } else { 0 };
        let ran = log.take();
        let of = |name: &str| ran.iter().filter(|ran| *ran == name).count();
        assert_eq!((of("beat"), of("tick")), (made_up, made_up), "{wrong} {missed:?}");
        world.clock().advance(secs(61));
        let _ = schedule.run_pending();
        assert!(log.take().len() >= 2 || missed == Missed::Skip, "{wrong} {missed:?}");
        let next = schedule.next_run(None).unwrap().unwrap();
        assert_eq!((next.year(), next.month(), next.day()), (2026, 1, 1));
    }
}
