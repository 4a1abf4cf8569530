//! Where the streams go.

use super::fixture::Fixture;
use leyden::os::backend::OpenFlags;
use leyden::subprocess::mock::Reply;
use leyden::subprocess::{DEVNULL, PIPE, STDOUT, Stdio};
use std::sync::Arc;

pub fn devnull_is_empty(fixture: &Fixture) {
    fixture.cat();
    assert_eq!(fixture.subprocess.check_output("cat").stdin(DEVNULL).wait().unwrap(), b"");
}

pub fn devnull_swallows(fixture: &Fixture) {
    fixture.does("noisy", "echo out; echo err >&2", Reply::new().stdout("out\n").stderr("err\n"));
    let done = fixture.subprocess.run("noisy").stdout(DEVNULL).stderr(PIPE).wait().unwrap();
    assert_eq!((done.stdout, done.stderr.as_deref()), (None, Some(&b"err\n"[..])));
}

pub fn stderr_into_stdout_keeps_the_order(fixture: &Fixture) {
    let reply = Reply::new().stdout("1\n").stderr("2\n").stdout("3\n").stderr("4\n");
    fixture.does("both", "echo 1; echo 2 >&2; echo 3; echo 4 >&2", reply);
    let done = fixture.subprocess.run("both").stdout(PIPE).stderr(STDOUT).wait().unwrap();
    assert_eq!((done.stdout.as_deref(), done.stderr), (Some(&b"1\n2\n3\n4\n"[..]), None));
    let done = fixture.subprocess.run("both").stdout(DEVNULL).stderr(STDOUT).wait().unwrap();
    assert_eq!((done.stdout, done.stderr), (None, None));
}

fn open(fixture: &Fixture, name: &str, write: bool) -> Stdio {
    let flags = OpenFlags { read: !write, write, create: write, truncate: write, ..OpenFlags::default() };
    Stdio::File(Arc::from(fixture.os.backend().open(&fixture.dir.join(name), flags, 0o644).unwrap()))
}

pub fn stdout_into_a_file(fixture: &Fixture) {
    fixture.does("noisy", "echo out; echo err >&2", Reply::new().stdout("out\n").stderr("err\n"));
    let done = fixture.subprocess.run("noisy").stdout(open(fixture, "log", true)).stderr(STDOUT).wait().unwrap();
    assert_eq!((done.returncode, done.stdout), (0, None));
    assert_eq!(fixture.read("log"), "out\nerr\n");
}

pub fn stdin_from_a_file(fixture: &Fixture) {
    fixture.cat();
    fixture.write("data", "from the file\n", 0o644);
    let output = fixture.subprocess.check_output("cat").stdin(open(fixture, "data", false)).wait().unwrap();
    assert_eq!(output, b"from the file\n");
}

pub fn the_output_of_one_is_the_input_of_the_next(fixture: &Fixture) {
    fixture.does("says", "echo hello", Reply::new().stdout("hello\n"));
    fixture.cat();
    let mut first = fixture.subprocess.popen("says").stdout(PIPE).spawn().unwrap();
    let second = fixture.subprocess.check_output("cat").stdin(first.stdout.take().unwrap());
    assert_eq!(second.wait().unwrap(), b"hello\n");
    assert_eq!(first.wait(None), Ok(0));
}

pub fn the_capacity_of_a_pipe_can_be_set(fixture: &Fixture) {
    fixture.does("says", "head -c 20000 /dev/zero", Reply::new().stdout(vec![0; 20_000]));
    let mut popen = fixture.subprocess.popen("says").stdout(PIPE).pipesize(4096).spawn().unwrap();
    assert_eq!(popen.pipesize(), Some(4096));
    assert!(popen.wait(std::time::Duration::from_millis(300)).unwrap_err().is_timeout());
    assert_eq!(popen.communicate().wait().unwrap().0.unwrap().len(), 20_000);
}
