//! Exit statuses that are not to be had: row A7 of the list of faults. Only the machine can lose one.

use super::fixture::Fixture;
use crate::support::alone;
use leyden::prelude::*;
use leyden::subprocess::{Error, Popen};
use std::time::{Duration, Instant};

fn unknown<T: std::fmt::Debug>(result: Result<T, Error>) {
    assert!(matches!(result, Err(Error::UnknownStatus { .. })), "{result:?}");
}

/// Takes the status behind its back.
fn steal(fixture: &Fixture, popen: &Popen) {
    let pid = popen.pid();
    assert!(fixture.os.waitpid(pid, Default::default()).unwrap().is_some());
}

#[test]
fn a_status_that_was_taken_elsewhere_is_unknown() {
    let fixture = Fixture::native();
    for program in ["false", "true"] {
        let mut popen = fixture.subprocess.popen(program).spawn().unwrap();
        steal(&fixture, &popen);
        unknown(popen.poll());
        unknown(popen.wait(None));
        unknown(popen.wait(secs(1)));
        unknown(popen.communicate().wait());
        assert_eq!(popen.returncode(), None);
        // It has ended: there is nothing to be signalled, and its number may be another's.
        popen.terminate().unwrap();
        popen.send_signal(0).unwrap();
        popen.kill_tree().unwrap();
        let start = Instant::now();
        drop(popen);
        assert!(start.elapsed() < Duration::from_secs(1));
    }
    let mut popen = fixture.subprocess.popen("false").spawn().unwrap();
    steal(&fixture, &popen);
    let error = popen.wait(None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "command 'false': unknown exit status: SIGCHLD is ignored, or the process was waited for elsewhere"
    );
    let mut popen = fixture.subprocess.popen("false").spawn().unwrap();
    steal(&fixture, &popen);
    unknown(async { popen.ended(None).await }.wait());
}

#[test]
fn where_sigchld_is_ignored_every_status_is_unknown() {
    let fixture = Fixture::native();
    if alone::dir().is_none() {
        // What is ignored stays so over exec.
        let this = alone::bare_command(&fixture.dir);
        let mut shell = std::process::Command::new("/usr/bin/env");
        shell.arg("--ignore-signal=CHLD").arg(this.get_program()).args(this.get_args());
        shell.envs(this.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let mut child = shell.stdout(std::process::Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        std::io::Read::read_to_string(child.stdout.as_mut().unwrap(), &mut said).unwrap();
        assert!(child.wait().unwrap().success() && said.contains("1 passed"), "{said}");
        return;
    }
    let subprocess = &fixture.subprocess;
    for program in ["false", "true"] {
        unknown(subprocess.run(program).wait());
        unknown(subprocess.run(program).timeout(secs(9)).wait());
        unknown(subprocess.check_call(program).wait());
        unknown(subprocess.check_output(program).wait());
    }
    unknown(subprocess.getstatusoutput("exit 3").wait());
    unknown(subprocess.system("exit 3").wait());
    let late = subprocess.run(["sleep", "1000"]).timeout(Duration::from_millis(50)).wait();
    assert!(late.as_ref().is_err_and(Error::is_timeout), "{late:?}");
    let mut popen = subprocess.popen(["sleep", "1000"]).spawn().unwrap();
    assert_eq!(popen.poll().unwrap(), None);
    popen.kill().unwrap();
    unknown(popen.wait(None));
    popen.kill().unwrap();
}
