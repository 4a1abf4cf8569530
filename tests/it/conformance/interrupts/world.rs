//! Interrupts that a test sends: at any virtual time, and at any call.

use super::secs;
use leyden::Signal;
use leyden::prelude::*;
use leyden::subprocess::mock::Reply;
use std::panic::{AssertUnwindSafe, catch_unwind};

fn world() -> World {
    let world = World::new();
    world.os.mkdir("/tmp");
    world.os.mkdir("/srv");
    world.subprocess.program("dump").answer(Reply::new().delay(secs(60)).stdout("rows\n"));
    world
}

/// A backup: all or nothing.
fn backup(Batteries { os, subprocess, sys, time, .. }: &Batteries) -> leyden::Result<()> {
    let work = os.tempfile.temporary_directory(())?;
    let rows = subprocess.run("dump").capture_output(true).check(true).wait()?;
    os.write_text(work.path().join("rows"), rows.stdout_text()?)?;
    time.sleep(secs(10)).interruptible().wait()?;
    os.rename(work.path().join("rows"), "/srv/rows")?;
    sys.stdout.write("done\n")?;
    Ok(())
}

fn check(world: &World, result: &leyden::Result<()>) {
    assert!(world.batteries().os.listdir("/tmp").unwrap().is_empty());
    assert!(world.subprocess.processes().is_empty());
    assert_eq!(world.os.exists("/srv/rows"), result.is_ok());
}

#[test]
fn at_any_time() {
    for second in 0..75 {
        let world = world();
        let batteries = world.batteries();
        batteries.sys.on_interrupt().unwrap();
        world.interrupt_at(secs(second), Signal::Sigterm);
        let result = backup(&batteries);
        check(&world, &result);
        assert_eq!(result.is_err(), second <= 70, "{second}: {result:?}");
        if let Err(error) = result {
            assert_eq!(error.interrupt().unwrap().signal(), Signal::Sigterm);
            assert_eq!(world.clock().elapsed(), secs(second));
            assert_eq!(batteries.sys.status_of(Err::<(), _>(error)), 143);
        }
    }
}

#[test]
fn at_any_call() {
    let calls = {
        let world = world();
        backup(&world.batteries()).unwrap();
        world.script().calls().len()
    };
    let mut interrupted = 0;
    for n in 0..calls {
        let world = world();
        let batteries = world.batteries();
        batteries.sys.on_interrupt().unwrap();
        world.interrupt_at_call(n, Signal::Sigint);
        let result = backup(&batteries);
        check(&world, &result);
        interrupted += usize::from(result.is_err());
        // Also where it came after the last wait.
        assert_eq!(batteries.sys.status_of(result), 130, "call {n}");
    }
    assert!(interrupted > 0 && interrupted < calls, "{interrupted} of {calls}");
}

#[test]
fn without_handlers_it_is_the_end() {
    let world = world();
    world.interrupt_at(secs(5), Signal::Sigint);
    let ended = catch_unwind(AssertUnwindSafe(|| backup(&world.batteries())));
    let message = *ended.unwrap_err().downcast::<String>().unwrap();
    assert_eq!(message, "SIGINT ended the program at once: the script has not called sys.on_interrupt()");
}

#[test]
fn a_second_signal_is_the_end() {
    let world = world();
    let batteries = world.batteries();
    batteries.sys.on_interrupt().unwrap();
    world.interrupt_at(secs(5), Signal::Sigint);
    world.interrupt_at(secs(100), Signal::Sigterm);
    assert!(backup(&batteries).is_err());
    let ended = catch_unwind(AssertUnwindSafe(|| batteries.time.sleep(secs(3600)).wait()));
    let message = *ended.unwrap_err().downcast::<String>().unwrap();
    assert_eq!(message, "SIGTERM ended the program at once: it was interrupted before");
}

#[test]
fn handlers_that_cannot_be_installed_are_an_error() {
    let world = world();
    world.script().fail_next("sys.on_interrupt", std::io::Error::from_raw_os_error(24));
    let error = world.batteries().sys.on_interrupt().unwrap_err();
    assert_eq!(error.errno(), Some(24));
    assert!(error.to_string().starts_with("cannot handle SIGINT and SIGTERM: "), "{error}");
}

#[test]
fn other_worlds_are_not_interrupted() {
    let (one, other) = (world(), world());
    for world in [&one, &other] {
        world.batteries().sys.on_interrupt().unwrap();
    }
    one.interrupt(Signal::Sigint);
    assert!(one.batteries().sys.check_interrupt().is_err());
    other.batteries().sys.check_interrupt().unwrap();
}

#[cfg(feature = "schedule")]
#[test]
fn serve_ends_and_says_ok() {
    let world = world();
    let batteries = world.batteries();
    batteries.sys.on_interrupt().unwrap();
    batteries.schedule.every(60).seconds().do_(|_| ()).unwrap();
    world.interrupt_at(secs(200), Signal::Sigterm);
    let served = batteries.schedule.serve().wait().unwrap();
    assert_eq!((served.runs, served.failed, world.clock().elapsed()), (3, 0, secs(200)));
    assert_eq!(batteries.sys.status_of(Ok::<(), leyden::Error>(())), 0);
}

#[cfg(feature = "schedule")]
#[test]
fn a_job_that_goes_on_is_ended_first() {
    let world = world();
    let batteries = world.batteries();
    batteries.sys.on_interrupt().unwrap();
    batteries.schedule.every(30).seconds().do_(|batteries: &Batteries| backup(batteries)).unwrap();
    world.interrupt_at(secs(45), Signal::Sigint);
    let served = batteries.schedule.serve().wait().unwrap();
    assert_eq!((served.runs, served.failed, world.clock().elapsed()), (1, 1, secs(45)));
    check(&world, &Err(leyden::Error::other("interrupted")));
}

/// A loop of the script's own: the job's error ends in the run, so the loop must learn of the signal by itself.
#[cfg(feature = "schedule")]
#[test]
fn run_pending_hands_the_interrupt_on() {
    let world = world();
    let batteries = world.batteries();
    batteries.sys.on_interrupt().unwrap();
    batteries.schedule.every(30).seconds().do_(|batteries: &Batteries| backup(batteries)).unwrap();
    world.interrupt_at(secs(45), Signal::Sigint);
    let looped: leyden::Result<()> = (|| {
        loop {
            let _ = batteries.schedule.run_pending();
            batteries.time.sleep(secs(1)).interruptible().wait()?;
        }
    })();
    assert!(looped.unwrap_err().interrupt().is_some());
    assert_eq!(world.clock().elapsed(), secs(45));
}
