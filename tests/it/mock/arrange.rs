//! The test author's hand on the machine in memory.
#![cfg(feature = "os")]

use std::time::{Duration, SystemTime};

use leyden::World;
use leyden::os::backend::{UnameResult, WaitOptions, WaitStatus, Who};
use leyden::os::mock::{OnSignal, ProcessState};

#[test]
fn a_fresh_machine_is_furnished() {
    let world = World::new();
    assert_eq!(world.os.listdir("/"), ["bin", "dev", "etc", "home", "root", "tmp", "usr", "var"]);
    assert_eq!(world.os.tree("/dev"), "full%\nnull%\nrandom%\nurandom%\nzero%\n");
    assert_eq!(world.os.stat("/tmp").unwrap().permissions(), 0o1777);
    assert!(world.os.read_text("/etc/passwd").unwrap().starts_with("root:x:0:0:root:/root:/bin/sh\n"));
    let kernel = world.batteries().os.backend().clone();
    assert_eq!((kernel.getpid(), kernel.getppid(), kernel.getresuid()), (100, 1, (0, 0, 0)));
    assert!(world.script().calls().is_empty());
}

#[test]
fn writing_makes_what_is_above() {
    let world = World::new();
    world.os.write("/a/b/c", "deep");
    world.os.write("/a/b/c", "again");
    assert_eq!(world.os.read_text("/a/b/c").unwrap(), "again");
    assert_eq!(world.os.stat("/a/b").unwrap().permissions(), 0o755);
    assert_eq!(world.os.stat("/a/b/c").unwrap().permissions(), 0o644);
}

#[test]
fn reading_what_is_not_there() {
    let world = World::new();
    world.os.write("/odd", [0xff]);
    assert_eq!(world.os.read("/missing"), None);
    assert_eq!(world.os.read("/tmp"), None);
    assert_eq!(world.os.read_text("/odd"), None);
    assert_eq!(world.os.read("/odd").unwrap(), [0xff]);
    assert!(world.os.listdir("/missing").is_empty() && world.os.tree("/missing").is_empty());
}

#[test]
fn a_tree_shows_everything() {
    let world = World::new();
    world.os.write("/s/file", "12345");
    world.os.mkdir("/s/empty");
    world.os.symlink("../x", "/s/dir/link");
    world.os.mkfifo("/s/pipe");
    world.os.link("/s/file", "/s/same");
    assert_eq!(world.os.tree("/s"), "dir/\ndir/link -> ../x\nempty/\nfile (5)\npipe|\nsame (5)\n");
    world.os.remove("/s/dir");
    world.os.remove("/s/nothing");
    assert_eq!(world.os.listdir("/s"), ["empty", "file", "pipe", "same"]);
    world.os.remove("/s");
    assert!(!world.os.exists("/s"));
}

#[test]
fn a_dangling_link_exists() {
    let world = World::new();
    world.os.symlink("nothing", "/l");
    assert!(world.os.exists("/l"));
    assert_eq!(world.os.readlink("/l").unwrap(), std::path::Path::new("nothing"));
    assert_eq!(world.os.readlink("/tmp"), None);
}

#[test]
fn nothing_stops_the_hand() {
    let world = World::new();
    world.os.write("/d/a", "");
    world.os.chmod("/d", 0);
    world.os.set_user(1000, 1000);
    world.os.set_capacity(0);
    world.os.set_inodes(0);
    world.os.set_read_only("/", true);
    world.os.write("/d/b", "written all the same");
    assert_eq!(world.os.read("/d/b").unwrap().len(), 20);
    let os = world.batteries().os;
    assert_eq!(os.mkdir("/e").unwrap_err().errno(), Some(30));
    world.os.set_read_only("/", false);
    assert_eq!(os.mkdir("/e").unwrap_err().errno(), Some(13));
    world.os.set_user(0, 0);
    assert_eq!(os.mkdir("/e").unwrap_err().errno(), Some(28));
}

#[test]
#[should_panic = "cannot arrange /a/b: Not a directory"]
fn what_cannot_be_is_a_mistake_of_the_test() {
    let world = World::new();
    world.os.write("/a", "");
    world.os.write("/a/b", "");
}

#[test]
fn relative_paths_start_where_the_script_stands() {
    let world = World::new();
    world.os.ambient().chdir(std::path::Path::new("/home"));
    world.os.write("ann/x", "");
    assert!(world.os.exists("/home/ann/x"));
}

#[test]
fn inodes_run_out() {
    let world = World::new();
    let os = world.batteries().os;
    let used = {
        let stat = os.backend().statvfs(std::path::Path::new("/")).unwrap();
        stat.f_files - stat.f_ffree
    };
    world.os.set_inodes(used + 2);
    os.mkdir("/1").unwrap();
    os.mkdir("/2").unwrap();
    assert_eq!(os.mkdir("/3").unwrap_err().errno(), Some(28));
    os.rmdir("/1").unwrap();
    os.mkdir("/3").unwrap();
}

#[test]
fn times_can_be_set() {
    let world = World::new();
    world.os.write("/a", "");
    let (atime, mtime) = (SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH + Duration::from_secs(1));
    world.os.utime("/a", atime, mtime);
    let stat = world.os.stat("/a").unwrap();
    assert_eq!((stat.st_atime, stat.st_mtime, stat.st_ctime), (atime, mtime, world.clock().now()));
}

#[test]
fn the_machine_is_what_it_is_told() {
    let world = World::new();
    let kernel = world.batteries().os.backend().clone();
    world.os.set_cpu_count(Some(64));
    world.os.set_loadavg([1.0, 2.0, 3.0]);
    world.os.set_terminal(Some((132, 43)));
    world.os.set_login(Some("ann"));
    world.os.set_uptime(Duration::from_secs(10));
    world.os.set_sysconf(4, Some(99));
    let name = |text: &str| text.to_owned();
    world.os.set_uname(UnameResult {
        sysname: name("Linux"),
        nodename: name("db1"),
        release: name("6.6.6"),
        version: name("#1"),
        machine: name("aarch64"),
    });
    world.clock().advance(Duration::from_secs(5));
    assert_eq!((kernel.cpu_count(), kernel.sched_getaffinity(0).unwrap().len()), (Some(64), 64));
    assert_eq!(kernel.getloadavg().unwrap(), [1.0, 2.0, 3.0]);
    assert!(kernel.isatty(1));
    assert_eq!(kernel.terminal_size(1).unwrap(), (132, 43));
    assert_eq!(kernel.getlogin().unwrap(), "ann");
    assert_eq!(kernel.uptime().unwrap().as_secs(), 15);
    assert_eq!((kernel.sysconf(4).unwrap(), kernel.sysconf(84).unwrap()), (Some(99), Some(64)));
    assert_eq!(kernel.uname().nodename, "db1");
}

#[test]
fn random_bytes_follow_the_seed() {
    let bytes = |seed| {
        let world = World::new();
        world.os.seed(seed);
        let mut buffer = [0; 24];
        world.batteries().os.backend().urandom(&mut buffer).unwrap();
        buffer
    };
    assert_eq!(bytes(1), bytes(1));
    assert_ne!(bytes(1), bytes(2));
}

#[test]
fn a_process_that_catches_signals() {
    let world = World::new();
    let kernel = world.batteries().os.backend().clone();
    let server = world.os.spawn_process();
    let os = world.os.clone();
    server.on_signal(move |signal| {
        os.write("/log", format!("got {signal}"));
        if signal == 15 { OnSignal::Exit(3) } else { OnSignal::Ignore }
    });
    kernel.kill(server.pid(), 1).unwrap();
    assert_eq!(world.os.read_text("/log").unwrap(), "got 1");
    assert_eq!(server.state(), ProcessState::Running);
    kernel.kill(server.pid(), 15).unwrap();
    assert_eq!(server.state(), ProcessState::Ended(WaitStatus(3 << 8)));
    assert_eq!(server.reap(), Some(WaitStatus(3 << 8)));
    assert_eq!(server.state(), ProcessState::Gone);
    assert!(world.os.process(server.pid()).is_none());
}

#[test]
fn nobody_catches_kill_and_stop() {
    let world = World::new();
    let kernel = world.batteries().os.backend().clone();
    let server = world.os.spawn_process();
    server.on_signal(|_| OnSignal::Ignore);
    kernel.kill(server.pid(), 19).unwrap();
    assert_eq!(server.state(), ProcessState::Stopped);
    kernel.kill(server.pid(), 18).unwrap();
    assert_eq!(server.state(), ProcessState::Running);
    kernel.kill(server.pid(), 9).unwrap();
    assert_eq!(server.state(), ProcessState::Ended(WaitStatus(9)));
    assert_eq!(server.signals(), [19, 18, 9]);
}

#[test]
fn a_daemon_is_nobodys_child() {
    let world = World::new();
    let kernel = world.batteries().os.backend().clone();
    let daemon = world.os.spawn_daemon(33);
    assert_eq!(kernel.getsid(daemon.pid()).unwrap(), daemon.pid());
    assert_eq!(kernel.waitpid(Who::Pid(daemon.pid()), WaitOptions::default()).unwrap_err().raw_os_error(), Some(10));
    world.os.set_user(34, 34);
    assert_eq!(kernel.kill(daemon.pid(), 15).unwrap_err().raw_os_error(), Some(1));
    world.os.set_user(33, 33);
    kernel.kill(daemon.pid(), 15).unwrap();
    assert_eq!(daemon.state(), ProcessState::Gone, "init reaps it");
}

#[test]
fn the_scripts_own_process_survives_its_signals() {
    let world = World::new();
    let kernel = world.batteries().os.backend().clone();
    kernel.kill(kernel.getpid(), 15).unwrap();
    kernel.killpg(kernel.getpid(), 10).unwrap();
    assert_eq!(world.os.signals(), [15, 10]);
}

#[test]
fn a_child_that_ends_while_it_is_waited_for() {
    let world = World::new();
    let kernel = world.batteries().os.backend().clone();
    let child = world.os.spawn_process();
    std::thread::scope(|scope| {
        let waiter = scope.spawn(|| kernel.waitpid(Who::Any, WaitOptions::default()).unwrap());
        std::thread::sleep(Duration::from_millis(20));
        child.exit(4);
        assert_eq!(waiter.join().unwrap(), Some((child.pid(), WaitStatus(4 << 8))));
    });
}

#[test]
fn large_things_cost_little() {
    let world = World::new();
    let kernel = world.batteries().os.backend().clone();
    let start = std::time::Instant::now();
    world.os.write("/sparse", "");
    kernel.truncate(std::path::Path::new("/sparse"), 1 << 40).unwrap();
    for n in 0..100_000 {
        world.os.write(format!("/many/file-{n}"), "x");
    }
    assert_eq!(kernel.read_dir(std::path::Path::new("/many")).unwrap().count(), 100_000);
    // 64 copies of 64 MiB would be 4 GiB if they were not shared.
    world.os.write("/big", vec![7; 64 << 20]);
    let flags = |write: bool| leyden::os::backend::OpenFlags { read: !write, write, create: write, ..Default::default() };
    for n in 0..64 {
        let from = kernel.open(std::path::Path::new("/big"), flags(false), 0).unwrap();
        let to = kernel.open(format!("/copy-{n}").as_ref(), flags(true), 0o644).unwrap();
        assert_eq!(kernel.copy_range(&*from, &*to, u64::MAX).unwrap(), 64 << 20);
    }
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}

#[cfg(feature = "subprocess")]
#[test]
fn signals_reach_the_programs_of_subprocess() {
    use leyden::prelude::*;
    use leyden::subprocess::mock::Reply;

    let world = World::new();
    world.subprocess.program("daemon").answer(Reply::new().delay(secs(1_000)));
    let batteries = world.batteries();
    let kernel = batteries.os.backend();
    let mut child = batteries.subprocess.popen("daemon").spawn().unwrap();
    assert_ne!(child.pid(), kernel.getpid());
    assert_eq!(kernel.getpgid(child.pid()).unwrap(), kernel.getpgid(0).unwrap());
    kernel.kill(child.pid(), 0).unwrap();
    assert_eq!(kernel.kill(child.pid(), 999).unwrap_err().raw_os_error(), Some(22));
    kernel.kill(child.pid(), 15).unwrap();
    assert_eq!(child.wait(None).unwrap(), -15);
    assert_eq!(kernel.kill(child.pid(), 0).unwrap_err().raw_os_error(), Some(3), "it was waited for");

    let mut leader = batteries.subprocess.popen("daemon").start_new_session(true).spawn().unwrap();
    assert_eq!(kernel.getsid(leader.pid()).unwrap(), leader.pid());
    kernel.killpg(leader.pid(), 9).unwrap();
    assert_eq!(leader.wait(None).unwrap(), -9);
}
