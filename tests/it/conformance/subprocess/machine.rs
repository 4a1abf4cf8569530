//! What only the real machine can show: trees of processes, descriptors, credentials, and each old bug.

use super::fixture::{Fixture, numbers};
use crate::support::SOON;
use crate::support::oracle::is_root;
use leyden::prelude::*;
use leyden::subprocess::{DEVNULL, Error, PIPE, Run, Stdio};
use std::io::{BufRead, Read, Write};
use std::os::fd::AsRawFd;

/// A line of the shell, and what it writes.
fn shell(fixture: &Fixture, run: Run) -> String {
    let output = fixture.subprocess.check_output(run.shell(true)).wait().unwrap();
    String::from_utf8(output).unwrap().trim_end().to_owned()
}

/// The most memory that this process ever had, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

/// Other tests run in this process meanwhile, and are modest. The kernel counts by the way: its peak may be less than it said before.
fn is_little(before: u64) {
    let more = peak().saturating_sub(before);
    assert!(more < 200 << 20, "{} MiB", more >> 20);
}

#[test]
fn a_gigabyte_streams_through_little_memory() {
    let fixture = Fixture::native();
    let before = peak();
    let mut popen = fixture.subprocess.popen(["head", "-c", "1073741824", "/dev/zero"]).stdout(PIPE).spawn().unwrap();
    let read = std::io::copy(&mut popen.stdout.take().unwrap(), &mut std::io::sink()).unwrap();
    assert_eq!((read, popen.wait(None)), (1 << 30, Ok(0)));
    is_little(before);
}

#[test]
fn many_lines_stream_through_little_memory() {
    let fixture = Fixture::native();
    let before = peak();
    let run = Run::shell_line("yes $(printf %010000d 7) | head -c 268435456");
    let mut bytes = 0;
    for line in fixture.subprocess.run(run).check(true).lines().unwrap() {
        bytes += line.unwrap().len() as u64 + 1;
    }
    // The last line has no end.
    assert!((1 << 28..=(1 << 28) + 1).contains(&bytes), "{bytes}");
    is_little(before);
}

#[test]
fn much_on_both_pipes_does_not_deadlock() {
    let fixture = Fixture::native();
    let run = Run::shell_line("head -c 20000000 /dev/zero & head -c 20000000 /dev/zero >&2; wait; cat");
    let done = fixture.subprocess.run(run).input(vec![b'x'; 5_000_000]).capture_output(true).wait().unwrap();
    assert_eq!((done.stdout.unwrap().len(), done.stderr.unwrap().len()), (25_000_000, 20_000_000));
}

#[test]
fn descriptors_do_not_leak_here() {
    let fixture = Fixture::native();
    let count = || std::fs::read_dir("/proc/self/fd").unwrap().count();
    let before = count();
    for i in 0..300 {
        let run = fixture.subprocess.run("true").capture_output(true).input("x");
        assert_eq!(run.timeout(secs(60)).wait().unwrap().returncode, 0);
        if i % 10 == 0 {
            let run = fixture.subprocess.run("true").capture_output(true);
            async { run.await }.wait().unwrap();
            fixture.subprocess.run("no-such-program").capture_output(true).wait().unwrap_err();
        }
    }
    // Other tests hold some, now and then. A leak of one each time were 300.
    assert!(count() < before + 150, "{before} before, {} after", count());
}

#[test]
fn descriptors_do_not_leak_into_the_program() {
    let fixture = Fixture::native();
    let _open = std::fs::File::open("/dev/zero").unwrap();
    let mut other = fixture.subprocess.popen("cat").stdin(PIPE).stdout(PIPE).spawn().unwrap();
    // What this process got from its own parent without the mark to be closed goes on to its children.
    let flags = |number: &str| std::fs::read_to_string(format!("/proc/self/fdinfo/{number}"));
    let closes = |text: String| {
        u32::from_str_radix(text.lines().nth(1).unwrap().split_whitespace().nth(1).unwrap(), 8).unwrap() & 0o2_000_000 != 0
    };
    let inherited = |number: &&str| number.parse::<u32>().unwrap() > 3 && flags(number).is_ok_and(|text| !closes(text));
    let ls = || Run::new("ls /proc/self/fd");
    for run in [ls(), ls().start_new_session(true), ls().umask(0)] {
        // 3 is the directory that `ls` reads.
        let text = shell(&fixture, run);
        let given: Vec<&str> = text.lines().filter(|number| !inherited(number)).collect();
        assert_eq!(given, ["0", "1", "2", "3"]);
    }
    drop(other.stdin.take());
    assert_eq!(other.wait(secs(10)), Ok(0));
}

#[test]
fn nothing_is_a_zombie() {
    let fixture = Fixture::native();
    let mut pids = Vec::new();
    for _ in 0..50 {
        let mut popen = fixture.subprocess.popen("true").spawn().unwrap();
        pids.push(popen.pid());
        popen.wait(None).unwrap();
        let popen = fixture.subprocess.popen(["sleep", "1000"]).spawn().unwrap();
        pids.push(popen.pid());
    }
    for pid in pids {
        assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists(), "{pid}");
    }
}

#[test]
fn a_tree_is_killed_whatever_group_or_session_it_moved_to() {
    let fixture = Fixture::native();
    let scripts = [
        // By descent, in a session of its own, and deeper.
        "setsid sh -c 'echo $$; setsid sleep 1000 & echo $!; wait' & echo $$; wait",
        // Nobody's child any more, in a session of its own: by the pipe that it holds.
        "(setsid sh -c 'echo $$; sleep 1000' &) ; echo $$; sleep 1000",
        // The same, and the program itself has ended.
        "(setsid sh -c 'echo $$; sleep 1000' &) ; echo $$",
    ];
    for script in scripts {
        let run = fixture.subprocess.run(Run::shell_line(script)).capture_output(true).timeout(SOON);
        let error = run.wait().unwrap_err();
        assert!(error.is_timeout(), "{error:?}");
        let pids = numbers(error.stdout().unwrap());
        assert!(pids.len() >= 2, "{script}: {pids:?}");
        fixture.assert_gone(&pids);
    }
}

#[test]
fn a_future_that_is_dropped_takes_the_orphans_with_it() {
    use std::task::{Context, Waker};
    let fixture = Fixture::native();
    // The orphan is in a session of its own, and found by the pipe alone.
    let script = "(setsid sh -c 'echo $$ > number; sleep 1000' &) ; sleep 1000";
    let mut run = fixture.subprocess.run(Run::shell_line(script)).capture_output(true).into_future();
    let file = fixture.dir.join("number");
    let number = || std::fs::read_to_string(&file).ok().filter(|text| text.ends_with('\n'));
    assert!(run.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    while number().is_none() {
        std::thread::sleep(secs(0.01));
    }
    let first = numbers(number().unwrap().as_bytes());
    drop(run);
    fixture.assert_gone(&first);
    std::fs::remove_file(&file).unwrap();
    let mut row = fixture.subprocess.pipe("true").to(Run::shell_line(script)).capture_output(true).into_future();
    assert!(row.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    while number().is_none() {
        std::thread::sleep(secs(0.01));
    }
    let second = numbers(number().unwrap().as_bytes());
    drop(row);
    fixture.assert_gone(&second);
}

#[test]
fn a_tree_that_grows_is_killed() {
    let fixture = Fixture::native();
    let script = "grow() { while :; do sleep 1000 & sleep 0.01; done; }; grow & grow & echo $$; wait";
    let run = fixture.subprocess.run(Run::shell_line(script)).capture_output(true).timeout(SOON);
    let error = run.wait().unwrap_err();
    let root = numbers(error.stdout().unwrap())[0];
    fixture.assert_gone(&[root]);
    fixture.assert_nobody_is_here();
}

#[test]
fn one_that_is_just_starting_others_leaves_none() {
    let fixture = Fixture::native();
    fixture.family(true);
    for i in 0..60 {
        let popen = fixture.subprocess.popen("family").stdout(DEVNULL).spawn().unwrap();
        // Somewhere before, in or after the fork.
        std::thread::sleep(secs(0.0001) * (i % 30));
        drop(popen);
    }
    fixture.assert_nobody_is_here();
}

#[test]
fn one_that_was_there_before_is_not_of_the_tree() {
    let fixture = Fixture::native();
    // It takes the write end of a pipe that is not its own, as a server does that is sent one.
    let script = r#"read -r pid; exec 3>"/proc/$pid/fd/1"; echo taken; sleep 1000"#;
    let mut server = fixture.subprocess.popen(Run::shell_line(script)).stdin(PIPE).stdout(PIPE).spawn().unwrap();
    // The kernel tells when a process was started to a hundredth of a second.
    std::thread::sleep(secs(0.05));
    let mut popen = fixture.subprocess.popen(["sleep", "1000"]).stdout(PIPE).spawn().unwrap();
    writeln!(server.stdin.as_mut().unwrap(), "{}", popen.pid()).unwrap();
    let mut line = String::new();
    server.stdout.as_mut().unwrap().read_line(&mut line).unwrap();
    assert_eq!(line, "taken\n");
    popen.kill_tree().unwrap();
    assert_eq!((popen.poll(), server.poll()), (Ok(Some(-9)), Ok(None)));
}

#[test]
fn the_next_in_a_row_is_not_of_the_tree() {
    let fixture = Fixture::native();
    let mut first = fixture.subprocess.popen(["sleep", "1000"]).stdout(PIPE).spawn().unwrap();
    let stdin = first.stdout.take().unwrap();
    let mut second = fixture.subprocess.popen("cat").stdin(stdin).stdout(DEVNULL).spawn().unwrap();
    drop(first);
    assert_eq!(second.wait(secs(10)), Ok(0));
}

#[test]
fn deadlines_do_not_hit_the_neighbours() {
    let fixture = Fixture::native();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for _ in 0..15 {
                    let run = fixture.subprocess.run(Run::shell_line("sleep 1000 & sleep 1000")).capture_output(true);
                    assert!(run.timeout(secs(0.01)).wait().unwrap_err().is_timeout());
                }
            });
            scope.spawn(|| {
                for i in 0..150 {
                    let text = format!("{i}");
                    let run = fixture.subprocess.check_output("cat").input(text.clone());
                    assert_eq!(run.wait().unwrap(), text.as_bytes());
                }
            });
        }
    });
}

#[test]
fn it_leads_a_session_or_a_group() {
    let fixture = Fixture::native();
    let run = |run: Run| {
        let mut popen = fixture.subprocess.popen(run.arg("cat /proc/$$/stat").shell(true)).stdout(PIPE).spawn().unwrap();
        let mut text = String::new();
        popen.stdout.take().unwrap().read_to_string(&mut text).unwrap();
        let fields: Vec<u32> = text.split_whitespace().skip(4).take(2).map(|field| field.parse().unwrap()).collect();
        (popen.pid(), fields[0], fields[1])
    };
    let none = || Run::new(Vec::<String>::new());
    let (pid, group, session) = run(none().start_new_session(true));
    assert_eq!((group, session), (pid, pid));
    let (pid, group, session) = run(none().process_group(0));
    assert!(group == pid && session != pid);
    let (pid, group, session) = run(none());
    assert!(group != pid && session != pid);
    // A leader of a group cannot lead a session: as in Python.
    let error = fixture.subprocess.run(Run::new("true").start_new_session(true).process_group(0)).wait().unwrap_err();
    assert!(matches!(error, Error::Permission(_)), "{error:?}");
}

#[test]
fn the_mask_is_the_programs_alone() {
    let fixture = Fixture::native();
    let before = shell(&fixture, Run::new("umask"));
    assert_eq!(shell(&fixture, Run::new("umask").umask(0o027)), "0027");
    assert_eq!(shell(&fixture, Run::new("umask").umask(0o077).start_new_session(true)), "0077");
    assert_eq!(shell(&fixture, Run::new("umask")), before);
}

#[test]
fn user_group_and_groups() {
    let fixture = Fixture::native();
    let runs = [
        (Run::new("id -u").user("nobody"), "65534"),
        (Run::new("id -u").user(65534), "65534"),
        (Run::new("id -g").group(12), "12"),
        (Run::new("id -G").group(12).extra_groups([12, 13]), "12 13"),
        (Run::new("id -u; id -g").user(65534).group(12), "65534\n12"),
    ];
    for (run, expected) in runs {
        // The case's own directory may be root's alone.
        let run = run.cwd("/");
        if is_root() {
            assert_eq!(shell(&fixture, run), expected);
        } else {
            let error = fixture.subprocess.run(run.shell(true)).wait().unwrap_err();
            assert!(matches!(error, Error::Permission(_)), "{error:?}");
        }
    }
    // This process and its threads stay who they are.
    assert_eq!(shell(&fixture, Run::new("id -u")) == "0", is_root());
    let error = fixture.subprocess.run(Run::new("true").user("no-such-user")).wait().unwrap_err();
    assert_eq!(error, Error::Value("unknown user 'no-such-user'".into()));
    let error = fixture.subprocess.run(Run::new("true").group("no-such-group")).wait().unwrap_err();
    assert_eq!(error, Error::Value("unknown group 'no-such-group'".into()));
}

#[test]
fn descriptors_can_be_passed_on() {
    let fixture = Fixture::native();
    let (mut read, write) = std::io::pipe().unwrap();
    let number = write.as_raw_fd();
    // A shell takes numbers of one digit only; this is another name of the same descriptor.
    let run = Run::shell_line(format!("echo through > /proc/self/fd/{number}")).pass_fds([write]);
    assert_eq!(fixture.subprocess.call(run).wait(), Ok(0));
    let mut text = String::new();
    read.read_to_string(&mut text).unwrap();
    assert_eq!(text, "through\n");
}

#[test]
fn files_of_the_standard_library_are_streams() {
    let fixture = Fixture::native();
    std::fs::write(fixture.dir.join("in"), "text").unwrap();
    let file = std::fs::File::open(fixture.dir.join("in")).unwrap();
    let log = std::fs::File::create(fixture.dir.join("out")).unwrap();
    assert_eq!(fixture.subprocess.call("cat").stdin(file).stdout(log).wait(), Ok(0));
    assert_eq!(fixture.read("out"), "text");
}

#[test]
fn what_is_no_program_is_an_error_of_its_own() {
    let fixture = Fixture::native();
    fixture.write("text", "echo not a script\n", 0o755);
    let error = fixture.subprocess.run("./text").wait().unwrap_err();
    assert!(matches!(error, Error::Os(_)), "{error:?}");
    assert_eq!(error.errno(), Some(8));
    // DIFFERENCE: on the slow way the C library hands such a file to the shell.
    let output = fixture.subprocess.check_output(Run::new("./text").start_new_session(true)).wait().unwrap();
    assert_eq!(output, b"not a script\n");
    let error = fixture.subprocess.run(["true", &"x".repeat(4 << 20)]).wait().unwrap_err();
    assert_eq!(error.errno(), Some(7));
}

#[test]
fn a_file_in_memory_is_no_stream_of_a_real_program() {
    let fixture = Fixture::native();
    let world = World::new();
    world.os.write("/data", "x");
    let flags = leyden::os::backend::OpenFlags { read: true, ..Default::default() };
    let file = world.batteries().os.backend().open("/data".as_ref(), flags, 0).unwrap();
    let error = fixture.subprocess.run("cat").stdin(Stdio::File(file.into())).wait().unwrap_err();
    assert!(matches!(error, Error::NotImplemented { .. }), "{error:?}");
}

#[cfg(feature = "tokio")]
#[test]
fn tokio_drives_it_too() {
    let fixture = Fixture::native();
    let cats = |fixture: &Fixture| -> Vec<_> {
        (0..40).map(|n| fixture.subprocess.check_output("cat").input(n.to_string()).timeout(secs(60)).into_future()).collect()
    };
    let sleepers = |fixture: &Fixture| fixture.subprocess.run(["sleep", "1000"]).timeout(secs(0.2)).into_future();
    for mut builder in [tokio::runtime::Builder::new_current_thread(), tokio::runtime::Builder::new_multi_thread()] {
        let runtime = builder.build().unwrap();
        runtime.block_on(async {
            let sleeper = tokio::spawn(sleepers(&fixture));
            let cats: Vec<_> = cats(&fixture).into_iter().map(tokio::spawn).collect();
            for (n, cat) in cats.into_iter().enumerate() {
                assert_eq!(cat.await.unwrap().unwrap(), n.to_string().as_bytes());
            }
            assert!(sleeper.await.unwrap().unwrap_err().is_timeout());
            // An abort drops the future.
            let mut popen = fixture.subprocess.popen(["sleep", "1000"]).spawn().unwrap();
            let pid = popen.pid();
            let task = tokio::spawn(async move { popen.ended(None).await });
            tokio::task::yield_now().await;
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
            fixture.assert_gone(&[pid]);
        });
        // Blocking inside a runtime is `.wait()`, as everywhere.
        assert_eq!(runtime.block_on(async { fixture.subprocess.call("true").wait() }), Ok(0));
    }
}
