//! Files of other users, files of the kernel, holes, times out of range. Rows S11, S21, F8 and F9 of the list of faults.

use crate::support::trees::Fixture;
use leyden::os::{Error, Open};
use leyden::prelude::*;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::time::{Duration, SystemTime};

conformance!(
    mock = Fixture::mock,
    native = Fixture::native,
    [a_copy_keeps_holes, attributes_come_along, an_id_of_all_ones_is_refused, numbers_at_the_ends_of_their_types]
);

/// F8
fn a_copy_keeps_holes(Fixture { os, .. }: &Fixture) {
    const HOLE: u64 = 64 << 20;
    for (name, pieces, size) in [
        ("middle", vec![(0, "begin"), (HOLE, "end")], HOLE + 3),
        ("end", vec![(0, "begin")], HOLE),
        ("start", vec![(HOLE - 3, "end")], HOLE),
        ("all", vec![], HOLE),
    ] {
        let mut file = os.open(Open::new(name).mode("wb")).unwrap();
        for (at, text) in &pieces {
            file.seek(SeekFrom::Start(*at)).unwrap();
            file.write_all(text.as_bytes()).unwrap();
        }
        file.flush().unwrap();
        file.truncate(size).unwrap();
        drop(file);
        for (how, copy) in [("copyfile", 0), ("copy2", 1), ("copy over a file", 2)] {
            let target = format!("{name}-{copy}");
            if copy == 2 {
                os.write_text(&target, "old").unwrap();
            }
            if copy == 1 {
                os.shutil.copy2(name, target.as_str()).unwrap()
            } else {
                os.shutil.copyfile(name, target.as_str()).unwrap()
            };
            let stat = os.stat(&target).unwrap();
            assert_eq!(stat.st_size, size, "{how} of {name}");
            assert!(stat.st_blocks * 512 < 1 << 20, "{how} of {name} takes {} bytes", stat.st_blocks * 512);
            let mut file = os.open(Open::new(&target).mode("rb")).unwrap();
            for (at, text) in &pieces {
                let mut there = vec![0; text.len()];
                file.seek(SeekFrom::Start(*at)).unwrap();
                std::io::Read::read_exact(&mut file, &mut there).unwrap();
                assert_eq!(there, text.as_bytes(), "{how} of {name}");
            }
        }
    }
}

/// S11: by the open file, and still all of them.
fn attributes_come_along(Fixture { os, .. }: &Fixture) {
    os.write_text("a", "a").unwrap();
    if os.setxattr("a", "user.leyden", b"x", Default::default()).is_err() {
        return; // a file system without them
    }
    os.write_text("a", "other").unwrap();
    assert_eq!(os.getxattr("a", "user.leyden").unwrap(), b"x");
    os.shutil.copy2("a", "b").unwrap();
    assert_eq!(os.getxattr("b", "user.leyden").unwrap(), b"x");
    os.write_text("c", "").unwrap();
    os.symlink("c", "link").unwrap();
    os.shutil.copystat("a", "link").unwrap();
    assert_eq!(os.getxattr("c", "user.leyden").unwrap(), b"x");
    os.mkdir("d").unwrap();
    os.shutil.copystat("a", "d").unwrap();
    assert_eq!(os.getxattr("d", "user.leyden").unwrap(), b"x");
}

/// The kernel reads this number as "leave it alone".
fn an_id_of_all_ones_is_refused(Fixture { os, .. }: &Fixture) {
    os.write_text("f", "").unwrap();
    let errno = |result: Result<(), Error>| result.unwrap_err().errno();
    assert_eq!(errno(os.chown("f", u32::MAX, None)), Some(22));
    assert_eq!(errno(os.chown("f", None, u32::MAX)), Some(22));
    assert_eq!(errno(os.setresuid(u32::MAX, None, None)), Some(22));
    assert_eq!(errno(os.setresgid(None, u32::MAX, None)), Some(22));
}

fn numbers_at_the_ends_of_their_types(Fixture { os, .. }: &Fixture) {
    assert!(matches!(os.killpg(1, 0), Err(Error::Value(_))));
    assert!(matches!(os.kill(-1, 0), Err(Error::Value(_))));
    for pid in [i64::MIN, i64::MAX, i64::from(u32::MAX), -i64::from(u32::MAX), i64::from(i32::MAX)] {
        assert!(matches!(os.kill(pid, 0), Err(Error::ProcessLookup(_))), "{pid}");
        assert!(matches!(os.waitpid(pid, Default::default()), Err(Error::ChildProcess(_) | Error::ProcessLookup(_))), "{pid}");
    }
}

/// S21. Only the machine has such files.
#[test]
fn a_file_of_the_kernel_is_written_in_place() {
    let os = leyden::os::Os::native();
    os.write_text("/proc/self/comm", "leyden-test").unwrap();
    assert_eq!(os.read_text("/proc/self/comm").unwrap(), "leyden-test\n");
    os.write_bytes("/proc/self/comm", "leyden-more").unwrap();
    assert_eq!(os.read_text("/proc/self/comm").unwrap(), "leyden-more\n");
    assert!(matches!(os.write_text("/proc/self/no-such-file", "x"), Err(Error::FileNotFound(_))));
}

/// F9
#[test]
fn no_time_is_too_long_for_a_world() {
    let world = World::new();
    let Batteries { time, os, .. } = world.batteries();
    for _ in 0..3 {
        time.sleep(Duration::MAX).wait();
        time.sleep(secs(f64::INFINITY)).wait();
        async { time.sleep(Duration::MAX).await }.wait();
        assert!(time.time() > SystemTime::UNIX_EPOCH);
        let _ = (time.monotonic(), time.localtime(None), time.gmtime(None), time.time_ns());
        os.write_text("/f", "f").unwrap();
        let _ = os.stat("/f").unwrap();
        world.clock().advance(Duration::MAX);
    }
    // What the wall clock is set to is what it shows, however much time has passed.
    let now = SystemTime::UNIX_EPOCH + secs(1000);
    world.clock().set(now);
    assert_eq!(world.clock().now(), now);
}
