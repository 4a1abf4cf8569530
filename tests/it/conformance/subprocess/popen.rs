//! `Popen`.

use super::fixture::{Fixture, numbers};
use crate::support::SOON;
use leyden::prelude::*;
use leyden::subprocess::mock::Reply;
use leyden::subprocess::{Error, PIPE, Popen, STDOUT};
use std::io::{BufRead, Read, Write};

fn sleeper(fixture: &Fixture) -> Popen {
    fixture.sleeper();
    Popen::new(&fixture.subprocess, ["sleep", "1000"]).unwrap()
}

pub fn poll_is_none_while_it_runs(fixture: &Fixture) {
    let mut popen = sleeper(fixture);
    assert_eq!((popen.poll(), popen.returncode()), (Ok(None), None));
    popen.kill().unwrap();
    assert_eq!(popen.wait(None), Ok(-9));
    assert_eq!((popen.poll(), popen.returncode()), (Ok(Some(-9)), Some(-9)));
    assert_eq!(popen.wait(secs(1)), Ok(-9));
}

pub fn wait_with_a_timeout_lets_it_go_on(fixture: &Fixture) {
    let mut popen = sleeper(fixture);
    let error = popen.wait(secs(0.1)).unwrap_err();
    assert_eq!(error.to_string(), "command 'sleep 1000' timed out after 0.1 seconds");
    assert!(fixture.runs(popen.pid()));
    assert_eq!(popen.poll(), Ok(None));
}

pub fn kill_terminate_and_signal(fixture: &Fixture) {
    let mut popen = sleeper(fixture);
    popen.kill().unwrap();
    assert_eq!(popen.wait(None), Ok(-9));
    let mut popen = sleeper(fixture);
    popen.terminate().unwrap();
    assert_eq!(popen.wait(None), Ok(-15));
    let mut popen = sleeper(fixture);
    popen.send_signal(10).unwrap();
    assert_eq!(popen.wait(None), Ok(-10));
}

fn ready(popen: &mut Popen) {
    let mut line = String::new();
    popen.stdout.as_mut().unwrap().read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
}

pub fn a_signal_can_be_ignored_or_caught(fixture: &Fixture) {
    let reply = Reply::new().on_signal(15, None).on_signal(10, Some(7)).stdout("ready\n").delay(secs(1000));
    fixture.does("traps", "trap '' TERM; trap 'exit 7' USR1; echo ready; while :; do sleep 0.05; done", reply);
    let mut popen = fixture.subprocess.popen("traps").stdout(PIPE).spawn().unwrap();
    ready(&mut popen);
    popen.terminate().unwrap();
    assert!(popen.wait(secs(0.2)).unwrap_err().is_timeout());
    popen.send_signal(10).unwrap();
    assert_eq!(popen.wait(secs(10)), Ok(7));
}

pub fn a_signal_after_the_end_does_nothing(fixture: &Fixture) {
    fixture.does("fine", "exit 0", Reply::new());
    let mut popen = fixture.subprocess.popen("fine").spawn().unwrap();
    popen.wait(None).unwrap();
    assert_eq!((popen.kill(), popen.terminate(), popen.send_signal(0)), (Ok(()), Ok(()), Ok(())));
    assert_eq!(popen.returncode(), Some(0));
}

pub fn a_signal_that_does_not_exist_is_an_error(fixture: &Fixture) {
    let mut popen = sleeper(fixture);
    assert_eq!(popen.send_signal(0), Ok(()));
    for signal in [65, 1000, -1] {
        assert_eq!(popen.send_signal(signal).unwrap_err().errno(), Some(22), "{signal}");
    }
}

pub fn stopped_and_continued(fixture: &Fixture) {
    let mut popen = {
        fixture.does("soon", "echo ready; sleep 0.4; exit 5", Reply::new().stdout("ready\n").delay(secs(0.4)).code(5));
        fixture.subprocess.popen("soon").stdout(PIPE).spawn().unwrap()
    };
    ready(&mut popen);
    popen.send_signal(19).unwrap();
    assert!(popen.wait(secs(0.8)).unwrap_err().is_timeout());
    popen.send_signal(18).unwrap();
    assert_eq!(popen.wait(secs(10)), Ok(5));
}

pub fn communicate_exchanges(fixture: &Fixture) {
    fixture.program("both", "cat; echo err >&2; exit 2", |program| {
        program.runs(|call| Reply::new().stdout(call.stdin.clone()).stderr("err\n").code(2));
    });
    let mut popen = fixture.subprocess.popen("both").stdin(PIPE).stdout(PIPE).stderr(PIPE).spawn().unwrap();
    let (stdout, stderr) = popen.communicate().input("hello").wait().unwrap();
    assert_eq!((stdout.as_deref(), stderr.as_deref()), (Some(&b"hello"[..]), Some(&b"err\n"[..])));
    assert_eq!(popen.returncode(), Some(2));
    let mut popen = fixture.subprocess.popen("both").stdin(PIPE).stdout(PIPE).stderr(STDOUT).text(true).spawn().unwrap();
    assert_eq!(popen.communicate().input("a\r\n").wait(), Ok((Some(b"a\nerr\n".to_vec()), None)));
}

pub fn communicate_can_be_repeated_after_a_timeout(fixture: &Fixture) {
    fixture.program("slow", "cat; sleep 3; echo end", |program| {
        program.runs(|call| Reply::new().stdout(call.stdin.clone()).delay(secs(3)).stdout("end\n"));
    });
    let mut popen = fixture.subprocess.popen("slow").stdin(PIPE).stdout(PIPE).spawn().unwrap();
    let error = popen.communicate().input("begin ").timeout(SOON).wait().unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(error.stdout(), Some(&b"begin "[..]));
    let again = popen.communicate().input("more").wait().unwrap_err();
    assert_eq!(again, Error::Value("cannot send input after starting communication".into()));
    assert_eq!(popen.communicate().wait(), Ok((Some(b"begin end\n".to_vec()), None)));
    assert_eq!(popen.returncode(), Some(0));
}

pub fn communicate_refuses_what_makes_no_sense(fixture: &Fixture) {
    let mut popen = sleeper(fixture);
    assert!(matches!(popen.communicate().input("x").wait(), Err(Error::Value(_))));
}

pub fn one_can_talk_with_a_program(fixture: &Fixture) {
    fixture.program("parrot", r#"while read -r line; do echo "> $line"; done"#, |parrot| {
        parrot.each_line(|line| format!("> {line}\n"));
    });
    let mut popen = fixture.subprocess.popen("parrot").stdin(PIPE).stdout(PIPE).spawn().unwrap();
    for word in ["one", "two", "three"] {
        writeln!(popen.stdin.as_mut().unwrap(), "{word}").unwrap();
        let mut answer = String::new();
        popen.stdout.as_mut().unwrap().read_line(&mut answer).unwrap();
        assert_eq!(answer, format!("> {word}\n"));
    }
    popen.stdin = None;
    assert_eq!(popen.wait(secs(10)), Ok(0));
}

pub fn closing_stdin_is_the_end(fixture: &Fixture) {
    fixture.cat();
    let mut popen = fixture.subprocess.popen("cat").stdin(PIPE).stdout(PIPE).spawn().unwrap();
    popen.stdin.take().unwrap().write_all(b"all").unwrap();
    let mut text = String::new();
    popen.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert_eq!((text.as_str(), popen.wait(None)), ("all", Ok(0)));
}

pub fn writing_to_one_that_has_ended_is_a_broken_pipe(fixture: &Fixture) {
    fixture.does("deaf", "exit 0", Reply::new().ignores_stdin());
    let mut popen = fixture.subprocess.popen("deaf").stdin(PIPE).spawn().unwrap();
    assert_eq!(popen.wait(None), Ok(0));
    let error = popen.stdin.as_mut().unwrap().write(b"x").unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
}

pub fn one_that_nobody_reads_dies_of_sigpipe(fixture: &Fixture) {
    fixture.real("yes", |yes| drop(yes.answer(Reply::new().repeat("y\n"))));
    let mut popen = fixture.subprocess.popen("yes").stdout(PIPE).spawn().unwrap();
    let mut some = [0; 6];
    popen.stdout.as_mut().unwrap().read_exact(&mut some).unwrap();
    assert_eq!(&some, b"y\ny\ny\n");
    popen.stdout = None;
    assert_eq!(popen.wait(secs(10)), Ok(-13));
}

pub fn a_full_pipe_holds_it_up(fixture: &Fixture) {
    fixture.does("big", "head -c 100000 /dev/zero", Reply::new().stdout(vec![0; 100_000]));
    let mut popen = fixture.subprocess.popen("big").stdout(PIPE).spawn().unwrap();
    assert!(popen.wait(secs(0.3)).unwrap_err().is_timeout());
    let mut bytes = Vec::new();
    popen.stdout.take().unwrap().read_to_end(&mut bytes).unwrap();
    assert_eq!((bytes.len(), popen.wait(secs(10))), (100_000, Ok(0)));
}

pub fn output_is_there_after_the_end(fixture: &Fixture) {
    fixture.does("says", "echo hello", Reply::new().stdout("hello\n"));
    let mut popen = fixture.subprocess.popen("says").stdout(PIPE).spawn().unwrap();
    assert_eq!(popen.wait(None), Ok(0));
    assert_eq!(popen.communicate().wait(), Ok((Some(b"hello\n".to_vec()), None)));
}

pub fn reading_ahead_loses_nothing(fixture: &Fixture) {
    fixture.does("lines", "echo one; echo two; echo three", Reply::new().stdout("one\ntwo\nthree\n"));
    let mut popen = fixture.subprocess.popen("lines").stdout(PIPE).spawn().unwrap();
    popen.wait(None).unwrap();
    let mut line = String::new();
    popen.stdout.as_mut().unwrap().read_line(&mut line).unwrap();
    assert_eq!(popen.communicate().wait(), Ok((Some(b"two\nthree\n".to_vec()), None)));
}

fn family(fixture: &Fixture) -> (Popen, Vec<u32>) {
    fixture.family(true);
    let mut popen = fixture.subprocess.popen("family").stdout(PIPE).spawn().unwrap();
    let mut line = String::new();
    popen.stdout.as_mut().unwrap().read_line(&mut line).unwrap();
    let pids = numbers(line.as_bytes());
    assert!(fixture.runs(pids[0]));
    (popen, pids)
}

pub fn dropping_kills_the_tree(fixture: &Fixture) {
    let (popen, pids) = family(fixture);
    drop(popen);
    fixture.assert_gone(&pids);
}

pub fn dropping_one_that_has_ended_kills_nothing(fixture: &Fixture) {
    let reply = Reply::new().background(Reply::new().delay(secs(0.3)).stdout("late\n")).code(0);
    fixture.does("leaves", "(sleep 0.3; echo late) & exit 0", reply);
    let mut popen = fixture.subprocess.popen("leaves").stdout(PIPE).spawn().unwrap();
    assert_eq!(popen.wait(None), Ok(0));
    let mut stdout = popen.stdout.take().unwrap();
    drop(popen);
    let mut late = String::new();
    stdout.read_to_string(&mut late).unwrap();
    assert_eq!(late, "late\n");
}

pub fn detached_it_goes_on(fixture: &Fixture) {
    let reply = Reply::new().delay(secs(0.3)).stdout("done\n");
    fixture.does("goes-on", "sleep 0.3; echo done", reply);
    let mut popen = fixture.subprocess.popen("goes-on").stdout(PIPE).spawn().unwrap();
    let mut stdout = popen.stdout.take().unwrap();
    let pid = popen.detach();
    let mut text = String::new();
    stdout.read_to_string(&mut text).unwrap();
    assert_eq!(text, "done\n");
    // It is reaped when the next one starts, at the latest when that is after its end.
    fixture.does("fine", "exit 0", Reply::new());
    for _ in 0..500 {
        fixture.subprocess.call("fine").wait().unwrap();
        if !std::path::Path::new(&format!("/proc/{pid}")).exists() {
            break;
        }
    }
    fixture.assert_gone(&[pid]);
}

pub fn kill_tree_takes_the_grandchildren(fixture: &Fixture) {
    let (mut popen, pids) = family(fixture);
    popen.kill_tree().unwrap();
    assert_eq!(popen.returncode(), Some(-9));
    fixture.assert_gone(&pids);
}

pub fn its_attributes(fixture: &Fixture) {
    fixture.does("fine", "exit 0", Reply::new());
    let popen = fixture.subprocess.popen(["fine", "a b"]).encoding("latin-1").errors("replace").spawn().unwrap();
    assert_eq!(popen.args().to_string(), "fine 'a b'");
    assert_eq!((popen.encoding(), popen.errors()), (Some("latin-1"), Some("replace")));
    assert!(popen.text_mode() && popen.pid() > 1 && popen.pipesize().is_none());
    assert!(popen.stdin.is_none() && popen.stdout.is_none() && popen.stderr.is_none());
}

pub fn popen_takes_no_settings_of_run(fixture: &Fixture) {
    fixture.does("fine", "exit 0", Reply::new());
    let popen = || fixture.subprocess.popen("fine");
    for run in [popen().input("x"), popen().capture_output(true), popen().check(true), popen().timeout(secs(1))] {
        assert!(matches!(run.spawn().unwrap_err(), Error::Value(_)));
    }
}
