//! Torture finds what it says it finds.
#![cfg(feature = "os")]

use std::cell::RefCell;
use std::time::Duration;

use leyden::world::{Trouble, torture};
use leyden::{Batteries, World};

fn nothing(_: &World) {}

fn fine<T>(_: &World, _: &T) -> Result<(), String> {
    Ok(())
}

fn two_calls(Batteries { os, .. }: &Batteries) -> Result<(), leyden::os::Error> {
    os.mkdir("/a")?;
    os.mkdir("/b")
}

#[test]
fn a_sound_job_is_run_once_more_for_each_call() {
    let seen = RefCell::new(Vec::new());
    let report = torture(nothing, two_calls, |world, result| {
        seen.borrow_mut().push((world.os.exists("/a"), world.os.exists("/b"), result.is_ok()));
        Ok(())
    });
    assert_eq!(report.calls, 2);
    report.assert_ok();
    assert_eq!(*seen.borrow(), [(true, true, true), (false, false, false), (true, false, false)]);
}

#[test]
fn a_broken_invariant_names_the_call() {
    let report = torture(nothing, two_calls, |world, _| {
        if world.os.exists("/a") == world.os.exists("/b") { Ok(()) } else { Err("one without the other".into()) }
    });
    let (n, call, trouble) = &report.troubles[0];
    assert_eq!((report.troubles.len(), *n), (1, Some(1)));
    assert_eq!(call.as_ref().unwrap().to_string(), "os.mkdir(/b) failed");
    assert_eq!(*trouble, Trouble::Broken("one without the other".into()));
    assert!(report.to_string().contains("1 of 3 runs went wrong\n  call 1, os.mkdir(/b) failed"), "{report}");
}

#[test]
fn a_panic_is_found() {
    let job = |batteries: &Batteries| -> Result<(), leyden::os::Error> {
        batteries.os.mkdir("/a").expect("nothing ever fails");
        Ok(())
    };
    let report = torture(nothing, job, fine);
    assert!(matches!(&report.troubles[..], [(Some(0), Some(_), Trouble::Panicked(text))] if text.contains("nothing ever fails")));
}

#[test]
fn a_retry_without_end_is_found() {
    let job = |batteries: &Batteries| -> Result<(), leyden::os::Error> {
        let mut failed = false;
        loop {
            failed |= batteries.os.mkdir("/a").is_err();
            if !failed {
                return Ok(());
            }
        }
    };
    let report = torture(nothing, job, fine);
    assert!(matches!(&report.troubles[..], [(Some(0), _, Trouble::Hung(why))] if why.contains("os.mkdir(/a)")), "{report}");
}

#[test]
fn a_wait_without_end_is_found() {
    let job = |batteries: &Batteries| -> Result<(), leyden::os::Error> {
        while batteries.os.rmdir("/a").is_err() {
            batteries.time.sleep(Duration::from_secs(3_600)).wait();
        }
        Ok(())
    };
    let report = torture(|world| world.os.mkdir("/a"), job, fine);
    report.assert_ok();
    let job = |batteries: &Batteries| -> Result<(), leyden::os::Error> {
        let mut gone = batteries.os.rmdir("/a").is_ok();
        while !gone {
            batteries.time.sleep(Duration::from_secs(3_600)).wait();
            gone = batteries.os.rmdir("/b").is_ok();
        }
        Ok(())
    };
    let report = torture(|world| world.os.mkdir("/a"), job, fine);
    assert!(matches!(&report.troubles[..], [(Some(0), _, Trouble::Hung(_))]), "{report}");
}

#[test]
fn trouble_without_any_fault_is_found() {
    let report = torture(nothing, two_calls, |_, result| result.as_ref().err().map_or(Err("it worked".into()), |_| Ok(())));
    assert_eq!(report.troubles[0].0, None);
    assert!(report.to_string().contains("no call failing"));
}

#[test]
#[should_panic = "the job made no backend call"]
fn a_job_that_does_nothing_proves_nothing() {
    torture(nothing, |_: &Batteries| Ok::<(), leyden::os::Error>(()), fine).assert_ok();
}

#[test]
fn arranging_and_inspecting_are_no_calls() {
    let report =
        torture(|world| world.os.write("/x", "1"), two_calls, |world, _| world.os.read("/x").map(drop).ok_or("gone".into()));
    assert_eq!(report.calls, 2);
    report.assert_ok();
}
