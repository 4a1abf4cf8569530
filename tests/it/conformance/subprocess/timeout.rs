//! Deadlines, and what they leave.

use super::fixture::{Fixture, numbers};
use crate::support::SOON;
use leyden::prelude::*;
use leyden::subprocess::mock::Reply;
use leyden::subprocess::{Error, Run};
use std::time::Duration;

fn expires(fixture: &Fixture, run: impl Into<Run>, timeout: Duration) -> Error {
    let start = fixture.clock();
    let error = fixture.subprocess.run(run).timeout(timeout).wait().unwrap_err();
    let took = fixture.clock() - start;
    assert!(error.is_timeout(), "{error:?}");
    assert!(took >= timeout && took < timeout + fixture.late(), "{took:?}");
    error
}

pub fn a_deadline_kills(fixture: &Fixture) {
    fixture.sleeper();
    let error = expires(fixture, ["sleep", "1000"], secs(0.2));
    assert_eq!(error.to_string(), "command 'sleep 1000' timed out after 0.2 seconds");
    let Error::TimeoutExpired { timeout, stdout, stderr, .. } = error else { panic!() };
    assert_eq!((timeout, stdout, stderr), (Duration::from_millis(200), None, None));
    fixture.assert_gone(&[]);
}

pub fn a_deadline_keeps_the_output_so_far(fixture: &Fixture) {
    let reply = Reply::new().stdout("so\r\n").stderr("far").delay(secs(1000)).stdout("never");
    fixture.does("slow", r"printf 'so\r\n'; printf far >&2; sleep 1000; echo never", reply);
    let error = expires(fixture, Run::new("slow").capture_output(true).text(true), SOON);
    assert_eq!((error.stdout(), error.stderr()), (Some(&b"so\r\n"[..]), Some(&b"far"[..])));
}

pub fn a_deadline_holds_though_a_grandchild_keeps_the_pipe(fixture: &Fixture) {
    for stays in [true, false] {
        fixture.family(stays);
        let error = expires(fixture, Run::new("family").capture_output(true), SOON);
        fixture.assert_gone(&numbers(error.stdout().unwrap()));
    }
}

pub fn a_deadline_holds_for_one_that_ignores_sigterm(fixture: &Fixture) {
    let reply = Reply::new().on_signal(15, None).stdout("ready").delay(secs(1000));
    fixture.does("deaf", "trap '' TERM; printf ready; while :; do sleep 1; done", reply);
    let error = expires(fixture, Run::new("deaf").capture_output(true), SOON);
    assert_eq!(error.stdout(), Some(&b"ready"[..]));
}

pub fn a_deadline_holds_for_one_that_writes_for_ever(fixture: &Fixture) {
    fixture.real("yes", |yes| drop(yes.answer(Reply::new().repeat("y\n"))));
    // To nowhere, as what it writes would be kept.
    expires(fixture, Run::new("yes").stdout(leyden::subprocess::DEVNULL), secs(0.2));
}

pub fn a_deadline_holds_for_one_that_closed_its_pipes(fixture: &Fixture) {
    fixture.does("closes", "exec >&- 2>&-; sleep 1000", Reply::new().delay(secs(1000)));
    expires(fixture, Run::new("closes").capture_output(true), secs(0.3));
}

pub fn a_deadline_that_is_not_reached_changes_nothing(fixture: &Fixture) {
    let reply = Reply::new().delay(secs(0.05)).stdout("out").stderr("err").code(3);
    fixture.does("quick", "sleep 0.05; printf out; printf err >&2; exit 3", reply);
    let done = fixture.subprocess.run("quick").capture_output(true).timeout(secs(60)).wait().unwrap();
    assert_eq!((done.returncode, done.stdout.unwrap(), done.stderr.unwrap()), (3, b"out".to_vec(), b"err".to_vec()));
    assert_eq!(fixture.subprocess.call("quick").timeout(secs(60)).stdout(leyden::subprocess::DEVNULL).wait(), Ok(3));
    assert_eq!(fixture.subprocess.call("quick").timeout(None).stdout(leyden::subprocess::DEVNULL).wait(), Ok(3));
    assert_eq!(fixture.subprocess.call("quick").timeout(Duration::MAX).stdout(leyden::subprocess::DEVNULL).wait(), Ok(3));
}

pub fn no_time_at_all_is_too_little(fixture: &Fixture) {
    fixture.sleeper();
    expires(fixture, ["sleep", "1000"], Duration::ZERO);
    fixture.assert_gone(&[]);
}

pub fn a_grandchild_delays_the_end_without_a_deadline(fixture: &Fixture) {
    let reply = Reply::new().background(Reply::new().delay(secs(0.3)).stdout("late\n")).stdout("early\n");
    fixture.does("leaves", "(sleep 0.3; echo late) & echo early", reply);
    let start = fixture.clock();
    assert_eq!(fixture.subprocess.check_output("leaves").wait().unwrap(), b"early\nlate\n");
    assert!(fixture.clock() - start >= secs(0.3));
}

pub fn a_session_is_killed_as_a_whole(fixture: &Fixture) {
    // The one in between ends: who is left is nobody's child, holds no pipe, and is found by the session alone.
    let script = "(sleep 1000 >/dev/null 2>&1 & echo $!) ; echo $$; sleep 1000";
    let reply = Reply::new().background(Reply::new().delay(secs(1000))).stdout("1\n1000\n").delay(secs(1000));
    fixture.does("session", script, reply);
    for run in [Run::new("session").start_new_session(true), Run::new("session").process_group(0)] {
        let error = expires(fixture, run.capture_output(true), SOON);
        if fixture.world.is_none() {
            fixture.assert_gone(&numbers(error.stdout().unwrap()));
        }
        fixture.assert_gone(&[]);
    }
}
