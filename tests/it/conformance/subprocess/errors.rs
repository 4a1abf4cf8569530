//! What cannot be run, and how that is told.

use super::fixture::Fixture;
use leyden::Secret;
use leyden::subprocess::mock::Reply;
use leyden::subprocess::{Arg, Error, PIPE, Run, STDOUT};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

fn fails(fixture: &Fixture, run: impl Into<Run>) -> Error {
    fixture.subprocess.run(run).wait().unwrap_err()
}

pub fn a_missing_program_is_named(fixture: &Fixture) {
    let error = fails(fixture, ["no-such-program", "-v"]);
    assert!(matches!(error, Error::FileNotFound(_)), "{error:?}");
    assert_eq!(error.to_string(), "cannot run 'no-such-program': no such file or directory (errno 2)");
    assert_eq!(error.filename(), Some(Path::new("no-such-program")));
    assert_eq!(error.errno(), Some(2));
    assert!(!error.os_error().unwrap().is_directory());
}

pub fn a_missing_path_is_named(fixture: &Fixture) {
    let error = fails(fixture, "/no/such/program");
    assert!(matches!(error, Error::FileNotFound(_)), "{error:?}");
    assert_eq!(error.filename(), Some(Path::new("/no/such/program")));
}

pub fn a_program_is_no_line(fixture: &Fixture) {
    fixture.does("says", "echo hi", Reply::new().stdout("hi\n"));
    let error = fails(fixture, "says hi");
    assert!(matches!(error, Error::FileNotFound(_)), "{error:?}");
    assert_eq!(error.filename(), Some(Path::new("says hi")));
}

pub fn a_directory_is_no_program(fixture: &Fixture) {
    fixture.mkdir("directory");
    let error = fails(fixture, fixture.dir.join("directory"));
    assert!(matches!(error, Error::Permission(_)), "{error:?}");
    assert_eq!(error.filename(), Some(&*fixture.dir.join("directory")));
}

pub fn a_file_that_is_not_executable_is_refused(fixture: &Fixture) {
    fixture.write("data", "#!/bin/sh\n", 0o644);
    let error = fails(fixture, "./data");
    assert!(matches!(error, Error::Permission(_)), "{error:?}");
    assert_eq!(error.to_string(), "cannot run './data': permission denied (errno 13)");
}

pub fn a_way_through_a_file_is_no_directory(fixture: &Fixture) {
    fixture.write("data", "", 0o644);
    let error = fails(fixture, "./data/program");
    assert!(matches!(error, Error::NotADirectory(_)), "{error:?}");
}

pub fn a_missing_directory_is_blamed(fixture: &Fixture) {
    fixture.does("fine", "exit 0", Reply::new());
    let missing = fixture.dir.join("missing");
    let error = fails(fixture, Run::new("fine").cwd(&missing));
    assert!(matches!(error, Error::FileNotFound(_)), "{error:?}");
    assert_eq!(error.filename(), Some(&*missing));
    assert!(error.os_error().unwrap().is_directory());
    let text = format!("cannot run in directory '{}': no such file or directory (errno 2)", missing.display());
    assert_eq!(error.to_string(), text);
}

pub fn a_directory_that_is_a_file_is_blamed(fixture: &Fixture) {
    fixture.does("fine", "exit 0", Reply::new());
    fixture.write("data", "", 0o644);
    let error = fails(fixture, Run::new("fine").cwd("data"));
    assert!(matches!(error, Error::NotADirectory(_)), "{error:?}");
    assert_eq!(error.filename(), Some(&*fixture.dir.join("data")));
}

pub fn the_program_is_blamed_where_the_directory_is_there(fixture: &Fixture) {
    let error = fails(fixture, Run::new("no-such-program").cwd(&fixture.dir));
    assert_eq!(error.filename(), Some(Path::new("no-such-program")));
}

pub fn an_empty_name_is_refused(fixture: &Fixture) {
    assert!(matches!(fails(fixture, ""), Error::Permission(_)));
}

pub fn no_program_is_a_value_error(fixture: &Fixture) {
    assert!(matches!(fails(fixture, Vec::<Arg>::new()), Error::Value(_)));
}

pub fn nul_bytes_are_refused(fixture: &Fixture) {
    fixture.does("fine", "exit 0", Reply::new());
    let runs = [
        Run::new("fi\0ne"),
        Run::new(["fine", "a\0b"]),
        Run::new("fine").cwd("a\0b"),
        Run::new("fine").env([("A", "a\0b")]),
        Run::new("fine").env_update([("A\0B", "a")]),
        Run::new("fine").executable("fi\0ne"),
        Run::shell_line("exit\0 0"),
    ];
    for run in runs {
        let error = fails(fixture, run);
        assert!(matches!(&error, Error::Value(text) if text.contains("null byte")), "{error:?}");
    }
}

pub fn names_of_variables_are_checked(fixture: &Fixture) {
    fixture.does("fine", "exit 0", Reply::new());
    for name in ["A=B", "="] {
        let error = fails(fixture, Run::new("fine").env([(name, "x")]));
        assert!(matches!(&error, Error::Value(text) if text.contains("illegal environment variable name")), "{error:?}");
    }
}

pub fn settings_that_contradict_are_refused(fixture: &Fixture) {
    fixture.does("fine", "exit 0", Reply::new());
    let runs = [
        Run::new("fine").input("x").stdin(PIPE),
        Run::new("fine").capture_output(true).stdout(PIPE),
        Run::new("fine").capture_output(true).stderr(PIPE),
        Run::new("fine").stdout(STDOUT),
        Run::new("fine").stdin(STDOUT),
    ];
    for run in runs {
        let error = fails(fixture, run);
        assert!(matches!(error, Error::Value(_)), "{error:?}");
    }
    let error = fixture.subprocess.check_output("fine").stdout(PIPE).wait().unwrap_err();
    assert_eq!(error.to_string(), "stdout argument not allowed, it will be overridden");
}

pub fn what_is_not_implemented_says_so(fixture: &Fixture) {
    fixture.does("fine", "exit 0", Reply::new());
    let runs = [Run::new("fine").restore_signals(false), Run::new("fine").user(0).extra_groups([0])];
    for run in runs {
        let error = fails(fixture, run);
        assert!(matches!(error, Error::NotImplemented { .. }), "{error:?}");
    }
}

pub fn messages_are_one_line(fixture: &Fixture) {
    let script = "echo one\necho two\nexit 1";
    fixture.shell(script, Reply::new().stdout("one\ntwo\n").code(1));
    let error = fixture.subprocess.check_output(Run::shell_line(script)).wait().unwrap_err();
    assert_eq!(error.to_string(), r"command 'echo one\necho two\nexit 1' returned non-zero exit status 1");
    let odd = OsStr::from_bytes(b"no-such-\xff-program");
    assert_eq!(fails(fixture, odd).to_string().lines().count(), 1);
}

pub fn secrets_do_not_show(fixture: &Fixture) {
    let script = r#"echo "bad password $2" >&2; exit 1"#;
    fixture.program("login", script, |login| {
        login.runs(|call| Reply::new().stderr(format!("bad password {}\n", call.arg(2))).code(1));
    });
    let password = Secret::new("hunter2");
    let run = Run::new(["login", "-p"]).arg(&password).env_update([("TOKEN", &password)]).input("hunter2");
    let request = fixture.subprocess.run(run.clone()).capture_output(true).check(true);
    assert!(!format!("{run:?} {request:?}").contains("hunter2"));
    let error = request.wait().unwrap_err();
    assert_eq!(error.to_string(), "command 'login -p ***' returned non-zero exit status 1: bad password ***");
    let error = fails(fixture, Run::new("no-such-program").arg(password));
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}
