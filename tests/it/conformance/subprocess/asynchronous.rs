//! `.await`, on no runtime at all: `Wait` polls the futures on the calling thread.

use super::fixture::{Fixture, numbers};
use crate::support::SOON;
use leyden::prelude::*;
use leyden::subprocess::PIPE;
use leyden::subprocess::mock::Reply;
use std::future::poll_fn;
use std::io::BufRead;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// Drives several to their ends, together.
async fn all<T>(mut futures: Vec<Pin<Box<dyn Future<Output = T> + Send>>>) -> Vec<T> {
    let mut done: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (future, done) in futures.iter_mut().zip(&mut done) {
            if done.is_none()
                && let Poll::Ready(answer) = future.as_mut().poll(context)
            {
                *done = Some(answer);
            }
        }
        if done.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}

pub fn awaited_it_gives_the_same(fixture: &Fixture) {
    fixture.cat();
    let megabyte = vec![b'x'; 1 << 20];
    let cat = fixture.subprocess.run("cat").input(megabyte.clone()).capture_output(true);
    let done = async { cat.await }.wait().unwrap();
    assert!(done.stdout.as_ref() == Some(&megabyte) && done.returncode == 0);
}

pub fn awaited_it_fails_the_same(fixture: &Fixture) {
    fixture.does("fails", "echo why >&2; exit 3", Reply::new().stderr("why\n").code(3));
    let run = fixture.subprocess.run("fails").capture_output(true).check(true);
    let error = async { run.await }.wait().unwrap_err();
    assert_eq!(error.to_string(), "command 'fails' returned non-zero exit status 3: why");
    let missing = fixture.subprocess.run("no-such-program");
    assert_eq!(async { missing.await }.wait().unwrap_err().errno(), Some(2));
}

pub fn awaited_together_they_run_together(fixture: &Fixture) {
    for n in 1..=5 {
        let reply = Reply::new().delay(secs(0.4 * f64::from(n))).stdout(format!("{n}"));
        fixture.does(&format!("slow{n}"), &format!("sleep {:.1}; printf {n}", 0.4 * f64::from(n)), reply);
    }
    let start = fixture.clock();
    let runs = (1..=5).map(|n| fixture.subprocess.check_output(format!("slow{n}")).into_future()).collect();
    let outputs: Vec<_> = all(runs).wait().into_iter().map(Result::unwrap).collect();
    assert_eq!(outputs, [b"1", b"2", b"3", b"4", b"5"]);
    let took = fixture.clock() - start;
    assert!(took >= secs(2) && took < secs(5), "{took:?}");
}

pub fn awaited_it_has_a_deadline(fixture: &Fixture) {
    fixture.family(false);
    let start = fixture.clock();
    let run = fixture.subprocess.run("family").capture_output(true).timeout(SOON);
    let error = async { run.await }.wait().unwrap_err();
    assert!(error.is_timeout());
    assert!(fixture.clock() - start < SOON + fixture.late());
    fixture.assert_gone(&numbers(error.stdout().unwrap()));
}

pub fn dropping_the_future_kills_the_tree(fixture: &Fixture) {
    let reply = Reply::new().background(Reply::new().delay(secs(1000))).delay(secs(1000));
    fixture.does("family", "sleep 1000 & echo $$ $! > numbers; sleep 1000", reply);
    let mut future = fixture.subprocess.run("family").capture_output(true).into_future();
    let mut context = Context::from_waker(Waker::noop());
    assert!(future.as_mut().poll(&mut context).is_pending());
    let pids = if fixture.world.is_some() {
        Vec::new()
    } else {
        while std::fs::read_to_string(fixture.dir.join("numbers")).is_ok_and(|text| text.ends_with('\n')).then_some(()).is_none()
        {
            std::thread::sleep(secs(0.01));
        }
        numbers(fixture.read("numbers").as_bytes())
    };
    drop(future);
    fixture.assert_gone(&pids);
}

pub fn a_future_never_polled_does_nothing(fixture: &Fixture) {
    fixture.does("leaves-a-trace", "touch trace", Reply::new());
    drop(fixture.subprocess.run("leaves-a-trace").into_future());
    drop(fixture.subprocess.run("leaves-a-trace"));
    match &fixture.world {
        Some(world) => assert!(world.subprocess.calls().is_empty()),
        None => assert!(!fixture.dir.join("trace").exists()),
    }
}

pub fn communicate_can_be_awaited(fixture: &Fixture) {
    fixture.cat();
    let mut popen = fixture.subprocess.popen("cat").stdin(PIPE).stdout(PIPE).spawn().unwrap();
    let (stdout, _) = async { popen.communicate().input("hello").await }.wait().unwrap();
    assert_eq!(stdout.as_deref(), Some(&b"hello"[..]));
}

pub fn an_end_can_be_awaited(fixture: &Fixture) {
    fixture.does("soon", "echo ready; sleep 0.2; exit 5", Reply::new().stdout("ready\n").delay(secs(0.2)).code(5));
    let mut popen = fixture.subprocess.popen("soon").stdout(PIPE).spawn().unwrap();
    let mut line = String::new();
    popen.stdout.as_mut().unwrap().read_line(&mut line).unwrap();
    assert!(popen.ended(Some(secs(0.05))).wait().unwrap_err().is_timeout());
    assert_eq!(popen.ended(None).wait(), Ok(5));
}

pub fn a_row_can_be_awaited(fixture: &Fixture) {
    fixture.cat();
    let row = fixture.subprocess.pipe("cat").to("cat").input("hello").capture_output(true);
    let done = async { row.await }.wait().unwrap();
    assert_eq!(done[1].stdout.as_deref(), Some(&b"hello"[..]));
    // A waker of another thread does, too.
    let done = Arc::new(fixture.subprocess.pipe("cat").to("cat").input("again").capture_output(true));
    let done = std::thread::spawn(move || Arc::try_unwrap(done).unwrap().into_future().wait()).join().unwrap().unwrap();
    assert_eq!(done[1].stdout.as_deref(), Some(&b"again"[..]));
}
