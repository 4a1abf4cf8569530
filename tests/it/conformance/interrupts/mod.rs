//! SIGINT and SIGTERM after `sys.on_interrupt()`: in memory by virtual time, on the machine by real signals in a process of the test's own.

#[cfg(any(feature = "requests", feature = "smtplib", feature = "s3"))]
mod network;
mod process;
mod world;

use crate::support::alone;
use leyden::prelude::*;
use leyden::subprocess::mock::Reply;
use leyden::{Signal, subprocess};
use std::io::Read;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

conformance!(
    mock = Fixture::mock,
    native = Fixture::native,
    [
        a_sleep_ends_early_and_the_next_call_reports,
        an_awaited_sleep_ends_early,
        an_interruptible_sleep_fails,
        sigterm_has_a_code_of_its_own,
        run_is_ended_and_its_program_killed,
        an_awaited_run_is_ended,
        captured_output_does_not_hold_run_up,
        a_captured_family_is_killed,
        lines_end_with_the_interrupt,
        a_row_is_ended,
        popen_wait_leaves_the_program,
        communicate_leaves_the_program,
        a_read_of_a_pipe_is_ended,
        a_pending_interrupt_starts_nothing,
        it_is_reported_once,
        armed_again_the_next_signal_is_a_first_one,
        every_thread_that_waits_is_ended,
        a_program_that_ends_before_is_not_affected,
    ]
);

struct Fixture {
    batteries: Batteries,
    world: Option<World>,
    start: Instant,
}

impl Fixture {
    fn mock() -> Fixture {
        let world = World::new();
        for (line, reply) in [
            ("sleep 30", Reply::new().delay(secs(30))),
            ("trap '' INT TERM; sleep 30", Reply::new().on_signal(2, None).on_signal(15, None).delay(secs(30))),
            ("sleep 30 & echo up; wait", Reply::new().background(Reply::new().delay(secs(30))).stdout("up\n").delay(secs(30))),
            ("echo one; sleep 30", Reply::new().stdout("one\n").delay(secs(30))),
            ("echo done", Reply::new().stdout("done\n")),
        ] {
            world.subprocess.shell(line).answer(reply);
        }
        let batteries = crate::support::layer::layered(world.batteries());
        Fixture { batteries, world: Some(world), start: Instant::now() }
    }

    fn native() -> Fixture {
        let batteries = crate::support::layer::layered(Batteries::included());
        Fixture { batteries, world: None, start: Instant::now() }
    }

    /// The test's own process, with handlers. None: it ran in another.
    fn begin(&self) -> Option<()> {
        if self.world.is_none() && !alone::alone(Path::new("/")) {
            return None;
        }
        self.batteries.sys.on_interrupt().unwrap();
        Some(())
    }

    /// A signal in a while.
    fn later(&self, signal: Signal) {
        const WHILE: Duration = Duration::from_millis(300);
        match &self.world {
            Some(world) => world.interrupt_at(world.clock().elapsed() + WHILE, signal),
            None => drop(thread::spawn(move || {
                thread::sleep(WHILE);
                send(signal);
            })),
        }
    }

    /// A signal that has arrived.
    fn now(&self, signal: Signal) {
        match &self.world {
            Some(world) => world.interrupt(signal),
            None => {
                send(signal);
                while self.batteries.sys.backend().interrupts().pending().is_none() {
                    thread::yield_now();
                }
            }
        }
    }

    /// Whether less time has passed than any of the waits would take.
    fn is_early(&self) -> bool {
        let real = self.start.elapsed() < secs(20);
        real && self.world.as_ref().is_none_or(|world| world.clock().elapsed() < secs(5))
    }

    fn sh(&self, line: &str) -> Run<subprocess::On<subprocess::CompletedProcess>> {
        self.batteries.subprocess.run(Run::new(line).shell(true))
    }

    fn spawn(&self, line: &str) -> subprocess::Popen {
        self.batteries.subprocess.popen(Run::new(line).shell(true)).stdout(PIPE).spawn().unwrap()
    }

    /// Whether all programs have ended.
    fn all_are_gone(&self) -> bool {
        match &self.world {
            Some(world) => world.subprocess.processes().is_empty(),
            None => {
                let children = format!("/proc/self/task/{}/children", std::process::id());
                (0..100).any(|_| {
                    thread::sleep(Duration::from_millis(10));
                    std::fs::read_to_string(&children).unwrap_or_default().is_empty()
                })
            }
        }
    }
}

fn send(signal: Signal) {
    let line = format!("kill -{} {}", signal.number(), std::process::id());
    assert!(std::process::Command::new("sh").args(["-c", &line]).status().unwrap().success());
}

fn interrupted(error: impl Into<leyden::Error>) -> Option<Signal> {
    error.into().interrupt().map(|interrupt| interrupt.signal())
}

fn a_sleep_ends_early_and_the_next_call_reports(fixture: &Fixture) {
    let Some(()) = fixture.begin() else { return };
    let Batteries { sys, time, .. } = &fixture.batteries;
    fixture.later(Signal::Sigint);
    time.sleep(secs(30)).wait();
    time.sleep(secs(30)).wait();
    assert!(fixture.is_early());
    assert_eq!(sys.check_interrupt().unwrap_err().signal(), Signal::Sigint);
    sys.check_interrupt().unwrap();
}

fn an_awaited_sleep_ends_early(fixture: &Fixture) {
    let Some(()) = fixture.begin() else { return };
    let Batteries { sys, time, .. } = &fixture.batteries;
    fixture.later(Signal::Sigint);
    async { time.sleep(secs(30)).await }.wait();
    assert!(fixture.is_early() && sys.check_interrupt().is_err());
}

fn an_interruptible_sleep_fails(fixture: &Fixture) {
    let Some(()) = fixture.begin() else { return };
    let time = &fixture.batteries.time;
    fixture.later(Signal::Sigint);
    let interrupt = time.sleep(secs(30)).interruptible().wait().unwrap_err();
    assert_eq!((interrupt.code(), interrupt.to_string()), (130, "interrupted by SIGINT".into()));
    assert!(fixture.is_early());
    time.sleep(Duration::from_millis(5)).interruptible().wait().unwrap();
}

fn sigterm_has_a_code_of_its_own(fixture: &Fixture) {
    let Some(()) = fixture.begin() else { return };
    let time = &fixture.batteries.time;
    fixture.later(Signal::Sigterm);
    let interrupt = async { time.sleep(secs(30)).interruptible().await }.wait().unwrap_err();
    assert_eq!((interrupt.signal(), interrupt.code()), (Signal::Sigterm, 143));
}

fn run_is_ended_and_its_program_killed(fixture: &Fixture) {
    let Some(()) = fixture.begin() else { return };
    fixture.later(Signal::Sigint);
    let error = fixture.sh("trap '' INT TERM; sleep 30").wait().unwrap_err();
    assert!(matches!(error, subprocess::Error::KeyboardInterrupt { .. }), "{error}");
    let text = error.to_string();
    assert!(text.starts_with("waiting for command '") && text.ends_with("was ended by SIGINT"), "{text}");
    assert_eq!(interrupted(error), Some(Signal::Sigint));
    assert!(fixture.is_early() && fixture.all_are_gone());
}

fn an_awaited_run_is_ended(fixture: &Fixture) {
    let Some(()) = fixture.begin() else { return };
    fixture.later(Signal::Sigterm);
    let error = async { fixture.sh("sleep 30").await }.wait().unwrap_err();
    assert_eq!(interrupted(error), Some(Signal::Sigterm));
    assert!(fixture.is_early() && fixture.all_are_gone());
}

fn captured_output_does_not_hold_run_up(fixture: &Fixture) {
    let Some(()) = fixture.begin() else { return };
    fixture.later(Signal::Sigint);
    let error = fixture.sh("echo one; sleep 30").capture_output(true).timeout(secs(25)).wait().unwrap_err();
    assert_eq!(interrupted(error), Some(Signal::Sigint));
    assert!(fixture.is_early() && fixture.all_are_gone());
}

fn a_captured_family_is_killed(fixture: &Fixture) {
    let Some(()) = fixture.begin() else { return };
    fixture.later(Signal::Sigint);
    let error = fixture.sh("sleep 30 & echo up; wait").capture_output(true).wait().unwrap_err();
    assert_eq!(interrupted(error), Some(Signal::Sigint));
    assert!(fixture.is_early() && fixture.all_are_gone());
}

fn lines_end_with_the_interrupt(fixture: &Fixture) {
    let Some(()) = fixture.begin() else { return };
    fixture.later(Signal::Sigint);
    let mut lines = fixture.sh("echo one; sleep 30").lines().unwrap();
    assert_eq!(lines.next().unwrap().unwrap(), "one");
    assert_eq!(interrupted(lines.next().unwrap().unwrap_err()), Some(Signal::Sigint));
    assert!(lines.next().is_none());
    assert!(fixture.is_early() && fixture.all_are_gone());
}

fn a_row_is_ended(fixture: &Fixture) {
    let Some(()) = fixture.begin() else { return };
    fixture.later(Signal::Sigint);
    let sleep = || Run::new("sleep 30").shell(true);
    let error = fixture.batteries.subprocess.pipe(sleep()).to(sleep()).wait().unwrap_err();
    assert_eq!(interrupted(error), Some(Signal::Sigint));
    assert!(fixture.is_early() && fixture.all_are_gone());
}

fn popen_wait_leaves_the_program(fixture: &Fixture) {
    let Some(()) = fixture.begin() else { return };
    let mut popen = fixture.spawn("sleep 30");
    fixture.later(Signal::Sigint);
    assert_eq!(interrupted(popen.wait(None).unwrap_err()), Some(Signal::Sigint));
    assert!(popen.wait(Duration::from_millis(10)).unwrap_err().is_timeout());
    assert!(fixture.is_early());
    drop(popen);
    assert!(fixture.all_are_gone());
}

fn communicate_leaves_the_program(fixture: &Fixture) {
    let Some(()) = fixture.begin() else { return };
    let mut popen = fixture.spawn("echo one; sleep 30");
    fixture.later(Signal::Sigint);
    assert_eq!(interrupted(popen.communicate().wait().unwrap_err()), Some(Signal::Sigint));
    // Nothing is lost.
    let error = popen.communicate().timeout(Duration::from_millis(50)).wait().unwrap_err();
    assert_eq!((error.is_timeout(), error.stdout()), (true, Some(&b"one\n"[..])));
    assert!(fixture.is_early());
}

fn a_read_of_a_pipe_is_ended(fixture: &Fixture) {
    let Some(()) = fixture.begin() else { return };
    let mut popen = fixture.spawn("sleep 30");
    fixture.later(Signal::Sigint);
    let error = popen.stdout.as_mut().unwrap().read(&mut [0; 10]).unwrap_err();
    assert_eq!(interrupted(error), Some(Signal::Sigint));
    assert!(fixture.start.elapsed() < secs(20));
}

fn a_pending_interrupt_starts_nothing(fixture: &Fixture) {
    let Some(()) = fixture.begin() else { return };
    fixture.now(Signal::Sigint);
    assert_eq!(interrupted(fixture.sh("echo done").wait().unwrap_err()), Some(Signal::Sigint));
    if let Some(world) = &fixture.world {
        assert!(world.subprocess.calls().is_empty());
    }
}

fn it_is_reported_once(fixture: &Fixture) {
    let Some(()) = fixture.begin() else { return };
    let Batteries { sys, time, .. } = &fixture.batteries;
    fixture.now(Signal::Sigint);
    assert!(time.sleep(secs(30)).interruptible().wait().is_err());
    // What a script does to clean up.
    sys.check_interrupt().unwrap();
    time.sleep(Duration::from_millis(5)).interruptible().wait().unwrap();
    let done = fixture.sh("echo done").capture_output(true).check(true).wait().unwrap();
    assert_eq!(done.stdout_text().unwrap(), "done\n");
}

fn armed_again_the_next_signal_is_a_first_one(fixture: &Fixture) {
    let Some(()) = fixture.begin() else { return };
    let Batteries { sys, time, .. } = &fixture.batteries;
    for _ in 0..3 {
        fixture.later(Signal::Sigint);
        assert!(time.sleep(secs(30)).interruptible().wait().is_err());
        sys.on_interrupt().unwrap();
    }
    // A pending one is not forgotten.
    fixture.now(Signal::Sigterm);
    sys.on_interrupt().unwrap();
    assert_eq!(sys.check_interrupt().unwrap_err().signal(), Signal::Sigterm);
}

fn every_thread_that_waits_is_ended(fixture: &Fixture) {
    let Some(()) = fixture.begin() else { return };
    let time = &fixture.batteries.time;
    if fixture.world.is_none() {
        fixture.later(Signal::Sigint);
        let ended = thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| time.sleep(secs(30)).interruptible().wait())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).filter(Result::is_err).count()
        });
        assert_eq!(ended, 8);
    } else {
        // Virtual time has one thread: futures beside each other.
        fixture.later(Signal::Sigint);
        let mut sleeps: Vec<_> = (0..8).map(|_| time.sleep(secs(30)).interruptible().into_future()).collect();
        let ended = std::future::poll_fn(move |context| {
            sleeps.retain_mut(|sleep| !matches!(sleep.as_mut().poll(context), std::task::Poll::Ready(Err(_))));
            if sleeps.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        });
        ended.wait();
    }
    assert!(fixture.is_early());
}

fn a_program_that_ends_before_is_not_affected(fixture: &Fixture) {
    let Some(()) = fixture.begin() else { return };
    let done = fixture.sh("echo done").capture_output(true).wait().unwrap();
    assert_eq!((done.returncode, done.stdout_text().unwrap()), (0, "done\n".into()));
    assert_eq!(fixture.batteries.sys.status_of(Ok::<(), leyden::Error>(())), 0);
}
