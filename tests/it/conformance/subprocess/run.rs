//! `run` and its relatives.

use super::fixture::Fixture;
use leyden::subprocess::mock::Reply;
use leyden::subprocess::{Arg, Error, Run, WaitStatus};
use std::io::{Read, Write};

pub fn the_exit_status_is_returned(fixture: &Fixture) {
    for code in [0, 1, 3, 126, 255] {
        fixture.does("ends", &format!("exit {code}"), Reply::new().code(code));
        assert_eq!(fixture.subprocess.run("ends").wait().unwrap().returncode, code);
    }
}

fn noisy(fixture: &Fixture) {
    let reply = Reply::new().stdout("out\n").stderr("warning\nbroken\n").code(3);
    fixture.does("noisy", "echo out; echo warning >&2; echo broken >&2; exit 3", reply);
}

pub fn output_and_error_are_captured_apart(fixture: &Fixture) {
    noisy(fixture);
    let done = fixture.subprocess.run("noisy").capture_output(true).wait().unwrap();
    assert_eq!(done.stdout.as_deref(), Some(&b"out\n"[..]));
    assert_eq!(done.stderr.as_deref(), Some(&b"warning\nbroken\n"[..]));
    assert_eq!(done.returncode, 3);
    assert_eq!(done.args.to_string(), "noisy");
    assert_eq!(done.stdout_text().unwrap(), "out\n");
    assert_eq!(done.stderr_text().unwrap(), "warning\nbroken\n");
}

pub fn nothing_is_captured_unless_asked(fixture: &Fixture) {
    fixture.does("quiet", ":", Reply::new());
    let done = fixture.subprocess.run("quiet").wait().unwrap();
    assert_eq!((done.stdout, done.stderr), (None, None));
    let done = fixture.subprocess.run("quiet").stdout(leyden::subprocess::PIPE).wait().unwrap();
    assert_eq!((done.stdout.as_deref(), done.stderr), (Some(&b""[..]), None));
}

pub fn check_fails_on_an_exit_status(fixture: &Fixture) {
    noisy(fixture);
    let error = fixture.subprocess.run(["noisy", "-v"]).capture_output(true).check(true).wait().unwrap_err();
    assert_eq!(error.to_string(), "command 'noisy -v' returned non-zero exit status 3: broken");
    assert_eq!(error.returncode(), Some(3));
    assert_eq!(error.stdout(), Some(&b"out\n"[..]));
    assert_eq!(error.stderr(), Some(&b"warning\nbroken\n"[..]));
    let Error::CalledProcess { cmd, .. } = error else { panic!("{error}") };
    assert_eq!(cmd.expose(), ["noisy", "-v"]);
    let done = fixture.subprocess.run("noisy").capture_output(true).wait().unwrap();
    assert_eq!(done.check_returncode().unwrap_err().returncode(), Some(3));
}

pub fn check_passes_on_zero(fixture: &Fixture) {
    fixture.does("fine", "exit 0", Reply::new());
    let done = fixture.subprocess.run("fine").check(true).wait().unwrap();
    assert_eq!(done.check_returncode(), Ok(()));
}

pub fn check_fails_on_a_signal(fixture: &Fixture) {
    fixture.does("dies", "kill -9 $$", Reply::new().dies_of(9));
    let error = fixture.subprocess.run("dies").check(true).wait().unwrap_err();
    assert_eq!(error.to_string(), "command 'dies' died with SIGKILL (9)");
    assert_eq!(error.returncode(), Some(-9));
}

pub fn a_signal_is_a_negative_returncode(fixture: &Fixture) {
    for signal in [9, 10, 12, 13, 15] {
        fixture.does("dies", &format!("kill -{signal} $$"), Reply::new().dies_of(signal));
        assert_eq!(fixture.subprocess.run("dies").wait().unwrap().returncode, -signal);
    }
}

pub fn input_is_fed_and_closed(fixture: &Fixture) {
    fixture.cat();
    assert_eq!(fixture.subprocess.check_output("cat").input("one\ntwo\n").wait().unwrap(), b"one\ntwo\n");
}

pub fn empty_input_is_the_end(fixture: &Fixture) {
    fixture.cat();
    assert_eq!(fixture.subprocess.check_output("cat").input("").wait().unwrap(), b"");
}

pub fn a_megabyte_goes_in_and_out(fixture: &Fixture) {
    fixture.cat();
    let megabyte: Vec<u8> = (0..1 << 20).map(|i: u32| (i % 251) as u8).collect();
    let done = fixture.subprocess.run("cat").input(megabyte.clone()).capture_output(true).wait().unwrap();
    assert!(done.stdout.unwrap() == megabyte);
}

pub fn output_takes_no_more_than_twice_its_memory(fixture: &Fixture) {
    fixture.cat();
    for length in [5, 3_000, 70_000, 1 << 20] {
        let output = fixture.subprocess.check_output("cat").input(vec![b'x'; length]).wait().unwrap();
        assert_eq!(output.len(), length);
        assert!(output.capacity() <= 2 * length + 1, "{} for {length}", output.capacity());
    }
}

pub fn a_program_need_not_read_its_input(fixture: &Fixture) {
    fixture.does("deaf", "exit 4", Reply::new().ignores_stdin().code(4));
    let done = fixture.subprocess.run("deaf").input(vec![b'x'; 1 << 20]).capture_output(true).wait().unwrap();
    assert_eq!(done.returncode, 4);
}

pub fn a_run_can_be_kept_and_used_twice(fixture: &Fixture) {
    fixture.cat();
    let cat = Run::new("cat").input("again").capture_output(true);
    for _ in 0..2 {
        assert_eq!(fixture.subprocess.run(cat.clone()).wait().unwrap().stdout_text().unwrap(), "again");
    }
}

fn echo(fixture: &Fixture) {
    fixture.program("show", r#"for arg; do printf '[%s]' "$arg"; done"#, |show| {
        show.runs(|call| Reply::new().stdout((1..call.argv.len()).map(|n| format!("[{}]", call.arg(n))).collect::<String>()));
    });
}

pub fn arguments_can_be_added(fixture: &Fixture) {
    echo(fixture);
    let show = fixture.subprocess.check_output(["show", "a"]).arg("b").args(["c", "d"]);
    assert_eq!(show.wait().unwrap(), b"[a][b][c][d]");
}

pub fn arguments_go_through_unchanged(fixture: &Fixture) {
    echo(fixture);
    let hostile = ["", " ", "a b", "$HOME", "`id`", "$(id)", "*", "\"", "'", "\\", "-rf", "line\nbreak", "é", ";", "%s"];
    let output = fixture.subprocess.check_output("show").args(hostile).wait().unwrap();
    let expected: String = hostile.iter().map(|arg| format!("[{arg}]")).collect();
    assert_eq!(String::from_utf8(output).unwrap(), expected);
}

pub fn call_gives_the_status(fixture: &Fixture) {
    fixture.does("ends", "exit 7", Reply::new().code(7));
    assert_eq!(fixture.subprocess.call("ends").wait(), Ok(7));
}

pub fn check_call_fails_on_a_status(fixture: &Fixture) {
    fixture.does("ends", "exit 7", Reply::new().code(7));
    fixture.does("fine", "exit 0", Reply::new());
    assert_eq!(fixture.subprocess.check_call("ends").wait().unwrap_err().returncode(), Some(7));
    assert_eq!(fixture.subprocess.check_call("fine").wait(), Ok(()));
}

pub fn check_output_gives_the_output(fixture: &Fixture) {
    fixture.does("says", "echo yes", Reply::new().stdout("yes\n"));
    assert_eq!(fixture.subprocess.check_output("says").wait().unwrap(), b"yes\n");
    noisy(fixture);
    let error = fixture.subprocess.check_output("noisy").stderr(leyden::subprocess::DEVNULL).wait().unwrap_err();
    assert_eq!((error.returncode(), error.stdout(), error.stderr()), (Some(3), Some(&b"out\n"[..]), None));
}

pub fn check_output_with_capture_keeps_the_error(fixture: &Fixture) {
    noisy(fixture);
    let error = fixture.subprocess.check_output("noisy").capture_output(true).wait().unwrap_err();
    assert_eq!(error.stderr(), Some(&b"warning\nbroken\n"[..]));
}

pub fn getoutput_merges_and_strips_one_newline(fixture: &Fixture) {
    let line = "echo out; echo err >&2; echo; exit 3";
    fixture.shell(line, Reply::new().stdout("out\n").stderr("err\n").stdout("\n").code(3));
    assert_eq!(fixture.subprocess.getoutput(line).wait().unwrap(), "out\nerr\n");
}

pub fn getstatusoutput_gives_the_status(fixture: &Fixture) {
    fixture.shell("echo out; exit 3", Reply::new().stdout("out\n").code(3));
    assert_eq!(fixture.subprocess.getstatusoutput("echo out; exit 3").wait(), Ok((3, "out".into())));
}

pub fn getstatusoutput_of_a_signal_is_negative(fixture: &Fixture) {
    fixture.shell("kill -15 $$", Reply::new().dies_of(15));
    assert_eq!(fixture.subprocess.getstatusoutput("kill -15 $$").wait(), Ok((-15, String::new())));
}

pub fn system_gives_the_wait_status(fixture: &Fixture) {
    fixture.shell("exit 3", Reply::new().code(3));
    fixture.shell("kill -9 $$", Reply::new().dies_of(9));
    assert_eq!(fixture.subprocess.system("exit 3").wait(), Ok(WaitStatus(3 << 8)));
    assert_eq!(fixture.subprocess.system("kill -9 $$").wait(), Ok(WaitStatus(9)));
}

pub fn shell_pipe_reads(fixture: &Fixture) {
    let line = "echo one; echo two; exit 5";
    fixture.shell(line, Reply::new().stdout("one\ntwo\n").code(5));
    let mut pipe = fixture.subprocess.shell_pipe(line, "r").unwrap();
    let lines: Vec<String> = pipe.lines().map(Result::unwrap).collect();
    assert_eq!(lines, ["one", "two"]);
    assert_eq!(pipe.close(), Ok(Some(WaitStatus(5 << 8))));
    let mut pipe = fixture.subprocess.shell_pipe(line, "r").unwrap();
    let mut text = String::new();
    pipe.read_to_string(&mut text).unwrap();
    assert_eq!(text, "one\ntwo\n");
    assert!(pipe.write(b"x").is_err());
}

pub fn shell_pipe_writes(fixture: &Fixture) {
    let line = "cat > written";
    if let Some(world) = &fixture.world {
        world.subprocess.shell(line).runs(|call| {
            call.os.write_bytes("written", &call.stdin).unwrap();
            Reply::new()
        });
    }
    let mut pipe = fixture.subprocess.shell_pipe(line, "w").unwrap();
    pipe.write_all(b"hello").unwrap();
    assert_eq!(pipe.close(), Ok(None));
    assert_eq!(fixture.read("written"), "hello");
}

pub fn shell_pipe_refuses_other_modes(fixture: &Fixture) {
    let error = fixture.subprocess.shell_pipe(Arg::from("true"), "rw").unwrap_err();
    assert_eq!(error, Error::Value("invalid mode 'rw'".into()));
}
