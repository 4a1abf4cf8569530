//! What only the mock can do: being told what programs are, and telling what became of them.

use leyden::prelude::*;
use leyden::subprocess::mock::Reply;
use leyden::subprocess::{Error, PIPE, Run};
use leyden::world::torture;
use std::io::{Read, Write};

#[test]
fn the_call_that_names_the_most_arguments_answers() {
    let world = World::new();
    world.subprocess.program("git").reply("any", 1);
    world.subprocess.program(["git", "status"]).reply("status", 0);
    world.subprocess.program(["git", "status", "-s"]).reply("short", 0);
    let subprocess = world.batteries().subprocess;
    let output = |args: &[&str]| subprocess.run(args).capture_output(true).wait().unwrap().stdout_text().unwrap();
    assert_eq!(output(&["git", "fetch"]), "any");
    assert_eq!(output(&["git", "status"]), "status");
    assert_eq!(output(&["git", "status", "-s", "src"]), "short");
    assert_eq!(output(&["/usr/bin/git", "status"]), "status");
    assert_eq!(output(&["/bin/git"]), "any");
    assert!(subprocess.run("/opt/git").wait().is_err());
    world.subprocess.program(["git", "status"]).reply("newer", 0);
    assert_eq!(output(&["git", "status"]), "newer");
}

#[test]
fn answers_come_in_turn_and_the_last_stays() {
    let world = World::new();
    world.subprocess.program("ping").reply("", 1).reply("", 1).reply("up", 0);
    let subprocess = world.batteries().subprocess;
    let codes: Vec<i32> = (0..5).map(|_| subprocess.call("ping").wait().unwrap()).collect();
    assert_eq!(codes, [1, 1, 0, 0, 0]);
}

#[test]
fn calls_tell_what_became_of_them() {
    let world = World::new();
    world.subprocess.program("mail").answer(Reply::new().stderr("queued\n").code(75));
    let subprocess = world.batteries().subprocess;
    let run = Run::new(["mail", "-s", "subject"]).input("body").cwd("/tmp").env_update([("LANG", "C")]).umask(0o77);
    subprocess.run(run).wait().unwrap();
    let calls = world.subprocess.calls();
    assert_eq!(calls.len(), 1);
    let call = &calls[0];
    assert_eq!(call.args(), ["mail", "-s", "subject"]);
    assert_eq!((&call.stdin[..], &call.stderr[..], call.returncode), (&b"body"[..], &b"queued\n"[..], Some(75)));
    assert_eq!(
        (call.cwd.to_str(), call.environ.get("LANG".as_ref() as &std::ffi::OsStr).unwrap().to_str()),
        (Some("/tmp"), Some("C"))
    );
    assert_eq!(call.standing.umask, Some(0o77));
    assert_eq!(world.subprocess.processes(), [0_u32; 0]);
    let log: Vec<String> = world.script().calls().iter().map(ToString::to_string).collect();
    assert_eq!(log, ["subprocess.spawn(mail -s subject)"]);
}

#[test]
fn programs_see_the_files_of_the_world() {
    let world = World::new();
    world.subprocess.program("gzip").runs(|call| {
        let name = call.arg(1);
        let bytes = call.os.read_bytes(name.as_str()).unwrap();
        call.os.write_bytes(format!("{name}.gz").as_str(), &bytes).unwrap();
        Reply::new()
    });
    world.os.mkdir("/srv");
    world.os.write("/srv/log", "text");
    world.batteries().subprocess.check_call(["gzip", "log"]).cwd("/srv").wait().unwrap();
    assert_eq!(world.os.read("/srv/log.gz").as_deref(), Some(&b"text"[..]));
}

#[test]
fn a_program_may_use_the_world_itself() {
    let world = World::new();
    world.subprocess.program("inner").reply("inner\n", 0);
    let inside = world.clone();
    world.subprocess.program("outer").runs(move |_| {
        let output = inside.batteries().subprocess.check_output("inner").wait().unwrap();
        Reply::new().stdout(output)
    });
    assert_eq!(world.batteries().subprocess.check_output("outer").wait().unwrap(), b"inner\n");
}

#[test]
fn an_executable_file_without_an_answer_is_an_explicit_error() {
    let world = World::new();
    world.os.mkdir("/opt");
    world.os.write("/opt/tool", "#!/bin/sh\n");
    world.os.chmod("/opt/tool", 0o755);
    let error = world.batteries().subprocess.run("/opt/tool").wait().unwrap_err();
    assert_eq!(error.to_string(), "not implemented: no answer is scripted for the program /opt/tool");
}

#[test]
fn the_path_is_that_of_the_batteries() {
    let world = World::new();
    world.subprocess.program("df").reply("", 0);
    let Batteries { os, subprocess, .. } = world.batteries();
    assert_eq!(subprocess.call("df").wait(), Ok(0));
    os.ambient().edit(|environ| environ.insert("PATH".into(), "/opt/bin".into()));
    assert_eq!(subprocess.call("df").wait().unwrap_err().errno(), Some(2));
    assert_eq!(subprocess.call("/usr/bin/df").wait(), Ok(0));
}

#[test]
fn time_is_virtual() {
    let world = World::new();
    world.subprocess.program("backup").answer(Reply::new().delay(secs(3600 * 8)).stdout("done"));
    let Batteries { subprocess, time, .. } = world.batteries();
    let start = time.monotonic();
    assert!(subprocess.run("backup").timeout(secs(3600)).wait().unwrap_err().is_timeout());
    assert_eq!(time.monotonic() - start, secs(3600));
    assert_eq!(subprocess.check_output("backup").wait().unwrap(), b"done");
    assert_eq!(time.monotonic() - start, secs(3600 * 9));
}

#[test]
fn a_sleep_and_a_program_share_the_clock() {
    let world = World::new();
    world.subprocess.program("slow").answer(Reply::new().delay(secs(10)));
    let Batteries { subprocess, time, .. } = world.batteries();
    let mut slow = subprocess.popen("slow").spawn().unwrap();
    time.sleep(secs(9)).wait();
    assert_eq!(slow.poll(), Ok(None));
    time.sleep(secs(1)).wait();
    assert_eq!(slow.poll(), Ok(Some(0)));
}

#[test]
fn to_wait_for_ever_is_a_deadlock() {
    let world = World::new();
    world.subprocess.program("cat").runs(|call| Reply::new().stdout(call.stdin.clone()));
    let subprocess = world.batteries().subprocess;
    let mut cat = subprocess.popen("cat").stdin(PIPE).stdout(PIPE).spawn().unwrap();
    assert_eq!(cat.wait(None).unwrap_err().errno(), Some(35));
    assert_eq!(cat.stdout.as_mut().unwrap().read(&mut [0]).unwrap_err().raw_os_error(), Some(35));
    assert_eq!(cat.ended(None).wait().unwrap_err().errno(), Some(35));
    // Another thread may still do what one waits for.
    let mut stdin = cat.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(b"hello"));
    assert_eq!(cat.communicate().wait().unwrap().0.as_deref(), Some(&b"hello"[..]));
    writer.join().unwrap().unwrap();
}

#[test]
fn pipes_of_two_worlds_do_not_meet() {
    let (one, other) = (World::new(), World::new());
    one.subprocess.program("says").reply("hello", 0);
    other.subprocess.program("cat").reply("", 0);
    let mut popen = one.batteries().subprocess.popen("says").stdout(PIPE).spawn().unwrap();
    let stdin = popen.stdout.take().unwrap();
    let error = other.batteries().subprocess.run("cat").stdin(stdin).wait().unwrap_err();
    assert!(matches!(error, Error::NotImplemented { .. }), "{error:?}");
}

#[test]
fn faults_come_out_as_the_errors_they_are() {
    let world = World::new();
    world.subprocess.program("df").reply("", 0);
    world.script().fail_next("subprocess.spawn", std::io::Error::from_raw_os_error(11));
    let subprocess = world.batteries().subprocess;
    let error = subprocess.run("df").wait().unwrap_err();
    assert_eq!(error.to_string(), "cannot run 'df': resource temporarily unavailable (errno 11)");
    assert_eq!(subprocess.call("df").wait(), Ok(0));
}

#[test]
fn a_script_survives_torture() {
    torture(
        |world| {
            world.subprocess.program("dump").reply("data", 0);
            world.subprocess.program("pack").runs(|call| Reply::new().stdout(call.stdin.to_ascii_uppercase()));
        },
        |Batteries { subprocess, os, .. }| -> leyden::Result<()> {
            let done = subprocess.pipe("dump").to("pack").capture_output(true).check(true).timeout(secs(60)).wait()?;
            let packed = done.into_iter().last().and_then(|done| done.stdout).unwrap_or_default();
            os.write_bytes("/backup", packed)?;
            Ok(())
        },
        |world, result| match (world.os.read("/backup").as_deref(), world.subprocess.processes().len()) {
            (_, left) if left > 0 => Err(format!("{left} processes are left")),
            (Some(b"DATA"), _) => Ok(()),
            (None, _) if result.is_err() => Ok(()),
            (other, _) => Err(format!("the backup is {other:?}, the result {result:?}")),
        },
    )
    .assert_ok();
}
