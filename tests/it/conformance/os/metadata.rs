//! `stat` and what sets what it tells.

use std::path::Path;
use std::time::{Duration, SystemTime};

use leyden::os::Target;
use leyden::os::backend::{Access, FileTime, FileType, OpenFlags, Times};

use super::fixture::*;

conformance!(
    mock = Fixture::mock,
    native = Fixture::native,
    remote = Fixture::remote,
    except = NOT_REMOTE,
    [
        stat_of_a_file,
        stat_of_a_directory,
        stat_missing,
        stat_of_the_same_file_is_the_same,
        inodes_differ,
        blocks_are_what_was_written,
        device_files_tell_their_number,
        chmod_sets_all_bits,
        chmod_follows_links,
        chmod_of_a_link_itself,
        chmod_without_follow_of_a_file,
        chmod_missing,
        chmod_sets_ctime_only,
        chown_to_oneself,
        chown_missing,
        utime_to_the_nanosecond,
        utime_before_the_epoch,
        utime_leaves_one_alone,
        utime_now,
        utime_of_a_link_itself,
        utime_sets_ctime,
        utime_missing,
        writing_sets_mtime_and_ctime,
        writing_nothing_sets_nothing,
        reading_sets_atime_after_a_change,
        reading_again_leaves_atime,
        reading_a_day_later_sets_atime,
        listing_sets_atime,
        following_sets_the_atime_of_a_link,
        a_new_name_sets_the_directorys_mtime,
        a_removed_name_sets_the_directorys_mtime,
        writing_leaves_the_directorys_mtime,
        truncating_at_open_sets_mtime,
        truncate_cuts,
        truncate_lengthens_with_zeros,
        truncate_to_the_same_length,
        truncate_of_a_directory,
        truncate_missing,
        truncate_of_a_pipe,
        truncate_too_far,
        access_of_what_is_there,
        access_of_what_is_not,
        access_of_links,
        access_of_root_to_what_nobody_may_execute,
        statvfs_makes_sense,
        statvfs_missing,
        pathconf_tells_limits,
        pathconf_of_an_unknown_name,
        unset_umask_comes_back,
    ]
);

conformance_of_root!([
    chown_sets_owner_and_group,
    chown_leaves_one_alone,
    chown_takes_set_id_bits,
    chown_of_a_link_itself,
    mknod_device
]);

fn at(seconds: u64, nanoseconds: u32) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::new(seconds, nanoseconds)
}

fn both(time: SystemTime) -> Times {
    Times { atime: Some(FileTime::At(time)), mtime: Some(FileTime::At(time)) }
}

fn stat_of_a_file(f: &Fixture) {
    f.write("a", "12345");
    let stat = f.stat("a");
    assert!(stat.is_file() && !stat.is_dir() && !stat.is_symlink());
    assert_eq!((stat.st_size, stat.st_nlink, stat.st_rdev), (5, 1, 0));
    let (_, uid, _) = f.kernel().getresuid();
    assert_eq!(stat.st_uid, uid);
    assert!(stat.st_blksize >= 512);
}

fn stat_of_a_directory(f: &Fixture) {
    f.mkdir("d");
    let stat = f.stat("d");
    assert!(stat.is_dir());
    assert!(stat.st_nlink == 2 || stat.st_nlink == 1);
    assert_eq!(stat.st_dev, f.stat("").st_dev);
}

fn stat_missing(f: &Fixture) {
    assert_eq!(errno(f.os.stat("a")), ENOENT);
    assert_eq!(errno(f.os.lstat("a")), ENOENT);
}

fn stat_of_the_same_file_is_the_same(f: &Fixture) {
    f.write("a", "x");
    let file = f.open("a", READ).unwrap();
    assert_eq!(file.stat().unwrap(), f.stat("a"));
}

fn inodes_differ(f: &Fixture) {
    f.write("a", "");
    f.write("b", "");
    assert_ne!(f.stat("a").st_ino, f.stat("b").st_ino);
}

fn blocks_are_what_was_written(f: &Fixture) {
    f.write("a", vec![1; 100_000]);
    f.open("a", READ).unwrap().sync(false).unwrap();
    let blocks = f.stat("a").st_blocks;
    assert!((196..=280).contains(&blocks), "{blocks} blocks of 512 bytes for 100,000 bytes");
}

fn device_files_tell_their_number(f: &Fixture) {
    let null = f.kernel().stat(Path::new("/dev/null"), true).unwrap();
    assert_eq!((null.file_type(), null.st_rdev), (FileType::CharDevice, 0x103));
}

fn chmod_sets_all_bits(f: &Fixture) {
    f.write("a", "");
    f.mkdir("d");
    for mode in [0o7777, 0o000, 0o4711, 0o1777, 0o644] {
        f.chmod("a", mode);
        f.chmod("d", mode);
        assert_eq!((f.stat("a").permissions(), f.stat("d").permissions()), (mode, mode));
    }
    assert!(f.stat("a").is_file());
}

fn chmod_follows_links(f: &Fixture) {
    f.write("a", "");
    f.symlink("a", "l");
    f.chmod("l", 0o600);
    assert_eq!(f.stat("a").permissions(), 0o600);
    assert_eq!(f.stat("l").permissions(), 0o777);
}

fn chmod_of_a_link_itself(f: &Fixture) {
    f.write("a", "");
    f.symlink("a", "l");
    assert_eq!(errno(f.os.chmod(Target::new("l").follow_symlinks(false), 0o600)), EOPNOTSUPP);
}

fn chmod_without_follow_of_a_file(f: &Fixture) {
    f.write("a", "");
    f.os.chmod(Target::new("a").follow_symlinks(false), 0o600).unwrap();
    assert_eq!(f.stat("a").permissions(), 0o600);
}

fn chmod_missing(f: &Fixture) {
    assert_eq!(errno(f.os.chmod("a", 0o600)), ENOENT);
    f.symlink("nothing", "l");
    assert_eq!(errno(f.os.chmod("l", 0o600)), ENOENT);
}

fn chmod_sets_ctime_only(f: &Fixture) {
    f.write("a", "");
    let before = f.stat("a");
    f.tick();
    f.chmod("a", 0o600);
    let after = f.stat("a");
    assert!(after.st_ctime > before.st_ctime);
    assert_eq!((after.st_mtime, after.st_atime), (before.st_mtime, before.st_atime));
}

fn chown_to_oneself(f: &Fixture) {
    f.as_nobody(|| {
        f.write("a", "");
        let stat = f.stat("a");
        f.os.chown("a", Some(stat.st_uid), Some(stat.st_gid)).unwrap();
        f.os.chown("a", None, None).unwrap();
        assert_eq!((f.stat("a").st_uid, f.stat("a").st_gid), (stat.st_uid, stat.st_gid));
    });
}

fn chown_missing(f: &Fixture) {
    assert_eq!(errno(f.os.chown("a", None, None)), ENOENT);
}

fn chown_sets_owner_and_group(f: &Fixture) {
    f.write("a", "");
    f.os.chown("a", Some(1234), Some(4321)).unwrap();
    assert_eq!((f.stat("a").st_uid, f.stat("a").st_gid), (1234, 4321));
    f.open("a", READ).unwrap().chown(Some(1), None).unwrap();
    assert_eq!((f.stat("a").st_uid, f.stat("a").st_gid), (1, 4321));
}

fn chown_leaves_one_alone(f: &Fixture) {
    f.write("a", "");
    f.os.chown("a", Some(1234), Some(4321)).unwrap();
    f.os.chown("a", None, Some(5)).unwrap();
    f.os.chown("a", Some(6), None).unwrap();
    assert_eq!((f.stat("a").st_uid, f.stat("a").st_gid), (6, 5));
}

fn chown_takes_set_id_bits(f: &Fixture) {
    f.write("a", "");
    f.chmod("a", 0o6755);
    f.os.chown("a", Some(1234), None).unwrap();
    assert_eq!(f.stat("a").permissions(), 0o755);
    f.mkdir("d");
    f.chmod("d", 0o2755);
    f.os.chown("d", Some(1234), None).unwrap();
    assert_eq!(f.stat("d").permissions(), 0o2755);
}

fn chown_of_a_link_itself(f: &Fixture) {
    f.write("a", "");
    f.symlink("a", "l");
    f.os.lchown("l", Some(1234), None).unwrap();
    assert_eq!((f.stat("l").st_uid, f.stat("a").st_uid), (1234, 0));
    f.os.chown("l", Some(99), None).unwrap();
    assert_eq!((f.stat("l").st_uid, f.stat("a").st_uid), (1234, 99));
}

fn mknod_device(f: &Fixture) {
    f.kernel().mknod(&f.at("n"), FileType::CharDevice, 0o600, 0x103).unwrap();
    assert_eq!((f.stat("n").file_type(), f.stat("n").st_rdev), (FileType::CharDevice, 0x103));
    assert_eq!(f.read("n"), b"");
    f.kernel().mknod(&f.at("b"), FileType::BlockDevice, 0o600, 0x7f07).unwrap();
    assert_eq!((f.stat("b").file_type(), f.stat("b").st_rdev), (FileType::BlockDevice, 0x7f07));
}

fn utime_to_the_nanosecond(f: &Fixture) {
    f.write("a", "");
    let times = Times { atime: Some(FileTime::At(at(1_000, 1))), mtime: Some(FileTime::At(at(2_000_000_000, 999_999_999))) };
    f.os.utime("a", times).unwrap();
    assert_eq!((f.stat("a").st_atime, f.stat("a").st_mtime), (at(1_000, 1), at(2_000_000_000, 999_999_999)));
    f.open("a", READ).unwrap().utime(both(at(7, 8))).unwrap();
    assert_eq!(f.stat("a").st_mtime, at(7, 8));
}

fn utime_before_the_epoch(f: &Fixture) {
    f.write("a", "");
    let early = SystemTime::UNIX_EPOCH - Duration::new(1, 250_000_000);
    f.os.utime("a", both(early)).unwrap();
    assert_eq!(f.stat("a").st_mtime, early);
}

fn utime_leaves_one_alone(f: &Fixture) {
    f.write("a", "");
    f.os.utime("a", both(at(5, 5))).unwrap();
    f.kernel().utime(&f.at("a"), Times { atime: Some(FileTime::At(at(6, 6))), mtime: None }, true).unwrap();
    f.kernel().utime(&f.at("a"), Times { atime: None, mtime: Some(FileTime::At(at(7, 7))) }, true).unwrap();
    assert_eq!((f.stat("a").st_atime, f.stat("a").st_mtime), (at(6, 6), at(7, 7)));
}

fn utime_now(f: &Fixture) {
    f.write("a", "");
    f.os.utime("a", both(at(5, 5))).unwrap();
    f.tick();
    f.write("b", "");
    f.tick();
    let now = Times { atime: Some(FileTime::Now), mtime: Some(FileTime::Now) };
    f.os.utime("a", now).unwrap();
    assert!(f.stat("a").st_mtime > f.stat("b").st_mtime && f.stat("a").st_atime > f.stat("b").st_mtime);
}

fn utime_of_a_link_itself(f: &Fixture) {
    f.write("a", "");
    f.symlink("a", "l");
    let before = f.stat("a");
    f.kernel().utime(&f.at("l"), both(at(5, 5)), false).unwrap();
    assert_eq!((f.stat("l").st_mtime, f.stat("a").st_mtime), (at(5, 5), before.st_mtime));
    f.os.utime("l", both(at(6, 6))).unwrap();
    assert_eq!((f.stat("l").st_mtime, f.stat("a").st_mtime), (at(5, 5), at(6, 6)));
}

fn utime_sets_ctime(f: &Fixture) {
    f.write("a", "");
    let before = f.stat("a");
    f.tick();
    f.os.utime("a", both(at(5, 5))).unwrap();
    assert!(f.stat("a").st_ctime > before.st_ctime);
}

fn utime_missing(f: &Fixture) {
    assert_eq!(errno(f.os.utime("a", both(at(5, 5)))), ENOENT);
}

fn writing_sets_mtime_and_ctime(f: &Fixture) {
    f.write("a", "");
    let before = f.stat("a");
    f.tick();
    write_all(&*f.open("a", WRITE).unwrap(), b"x");
    let after = f.stat("a");
    assert!(after.st_mtime > before.st_mtime && after.st_ctime > before.st_ctime);
    assert_eq!(after.st_atime, before.st_atime);
}

fn writing_nothing_sets_nothing(f: &Fixture) {
    f.write("a", "");
    let before = f.stat("a");
    f.tick();
    assert_eq!(f.open("a", WRITE).unwrap().write(b"").unwrap(), 0);
    assert_eq!(f.stat("a"), before);
}

fn reading_sets_atime_after_a_change(f: &Fixture) {
    f.write("a", "x");
    let before = f.stat("a");
    f.tick();
    f.read("a");
    let after = f.stat("a");
    assert!(after.st_atime > before.st_atime);
    assert_eq!((after.st_mtime, after.st_ctime), (before.st_mtime, before.st_ctime));
}

fn reading_again_leaves_atime(f: &Fixture) {
    f.write("a", "x");
    f.tick();
    f.read("a");
    let once = f.stat("a");
    f.tick();
    f.read("a");
    assert_eq!(f.stat("a"), once);
}

fn reading_a_day_later_sets_atime(f: &Fixture) {
    f.write("a", "x");
    // A change long ago, a read after it but more than a day ago: times as a restored backup has them.
    let times = Times { atime: Some(FileTime::At(at(2_000, 0))), mtime: Some(FileTime::At(at(1_000, 0))) };
    f.os.utime("a", times).unwrap();
    f.read("a");
    assert!(f.stat("a").st_atime > at(2_000, 0));
}

fn listing_sets_atime(f: &Fixture) {
    f.mkdir("d");
    f.write("d/a", "");
    let before = f.stat("d");
    f.tick();
    f.names("d");
    assert!(f.stat("d").st_atime > before.st_atime);
}

fn following_sets_the_atime_of_a_link(f: &Fixture) {
    f.write("a", "");
    f.symlink("a", "l");
    let before = f.stat("l");
    f.tick();
    f.os.readlink("l").unwrap();
    assert!(f.stat("l").st_atime > before.st_atime);
}

fn a_new_name_sets_the_directorys_mtime(f: &Fixture) {
    f.mkdir("d");
    let ways: [&dyn Fn(); 4] = [&|| f.write("d/a", ""), &|| f.mkdir("d/e"), &|| f.symlink("x", "d/l"), &|| {
        f.os.link("d/a", "d/b").unwrap();
    }];
    for (n, make) in ways.into_iter().enumerate() {
        let before = f.stat("d");
        f.tick();
        make();
        let after = f.stat("d");
        assert!(after.st_mtime > before.st_mtime && after.st_ctime > before.st_ctime, "way {n}");
    }
}

fn a_removed_name_sets_the_directorys_mtime(f: &Fixture) {
    f.mkdir("d");
    f.write("d/a", "");
    f.mkdir("d/e");
    let before = f.stat("d");
    f.tick();
    f.os.unlink("d/a").unwrap();
    let between = f.stat("d");
    assert!(between.st_mtime > before.st_mtime);
    f.tick();
    f.os.rmdir("d/e").unwrap();
    assert!(f.stat("d").st_mtime > between.st_mtime);
}

fn writing_leaves_the_directorys_mtime(f: &Fixture) {
    f.mkdir("d");
    f.write("d/a", "");
    let before = f.stat("d");
    f.tick();
    f.write("d/a", "x");
    assert_eq!(f.stat("d").st_mtime, before.st_mtime);
}

fn truncating_at_open_sets_mtime(f: &Fixture) {
    f.write("a", "");
    let before = f.stat("a");
    f.tick();
    drop(f.open("a", OpenFlags { truncate: true, ..WRITE }).unwrap());
    assert!(f.stat("a").st_mtime > before.st_mtime);
}

fn truncate_cuts(f: &Fixture) {
    f.write("a", "12345");
    f.tick();
    let before = f.stat("a");
    f.os.truncate("a", 2).unwrap();
    assert_eq!(f.read("a"), b"12");
    assert!(f.stat("a").st_mtime > before.st_mtime);
    f.os.truncate("a", 4).unwrap();
    assert_eq!(f.read("a"), b"12\0\0");
}

fn truncate_lengthens_with_zeros(f: &Fixture) {
    f.write("a", "");
    f.os.truncate("a", 1 << 30).unwrap();
    assert_eq!(f.stat("a").st_size, 1 << 30);
    assert!(f.stat("a").st_blocks < 64, "zeros take no space");
    let file = f.open("a", READ).unwrap();
    let mut buffer = [1; 16];
    assert_eq!(file.read_at(&mut buffer, (1 << 30) - 8).unwrap(), 8);
    assert_eq!(buffer, [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]);
}

fn truncate_to_the_same_length(f: &Fixture) {
    f.write("a", "12");
    let before = f.stat("a");
    f.tick();
    f.os.truncate("a", 2).unwrap();
    let between = f.stat("a");
    assert!(between.st_mtime > before.st_mtime, "it counts as a change");
    f.tick();
    f.open("a", WRITE).unwrap().truncate(2).unwrap();
    assert!(f.stat("a").st_mtime > between.st_mtime);
}

fn truncate_of_a_directory(f: &Fixture) {
    f.mkdir("d");
    assert_eq!(errno(f.os.truncate("d", 0)), EISDIR);
}

fn truncate_missing(f: &Fixture) {
    assert_eq!(errno(f.os.truncate("a", 0)), ENOENT);
}

fn truncate_of_a_pipe(f: &Fixture) {
    f.kernel().mknod(&f.at("p"), FileType::Fifo, 0o600, 0).unwrap();
    assert_eq!(errno(f.os.truncate("p", 0)), EINVAL);
}

fn truncate_too_far(f: &Fixture) {
    f.write("a", "x");
    assert_eq!(errno(f.os.truncate("a", u64::MAX)), EINVAL);
    assert_eq!(errno(f.open("a", WRITE).unwrap().truncate(1 << 63)), EINVAL);
    assert_eq!(f.read("a"), b"x");
}

const R: Access = Access { read: true, write: false, execute: false };
const W: Access = Access { read: false, write: true, execute: false };
const X: Access = Access { read: false, write: false, execute: true };
const F: Access = Access { read: false, write: false, execute: false };

fn access(f: &Fixture, name: &str, access: Access) -> bool {
    f.kernel().access(&f.at(name), access, false, true).unwrap()
}

fn access_of_what_is_there(f: &Fixture) {
    f.as_nobody(|| {
        f.write("a", "");
        f.chmod("a", 0o600);
        assert!(access(f, "a", F) && access(f, "a", R) && access(f, "a", W) && !access(f, "a", X));
        f.chmod("a", 0o100);
        assert!(!access(f, "a", R) && !access(f, "a", W) && access(f, "a", X));
        assert!(f.kernel().access(&f.at("a"), X, true, true).unwrap());
        assert!(!f.kernel().access(&f.at("a"), R, true, true).unwrap());
    });
}

fn access_of_what_is_not(f: &Fixture) {
    f.write("a", "");
    assert!(!access(f, "b", F));
    assert!(!access(f, "a/b", F));
    assert!(!access(f, "d/b", R));
}

fn access_of_links(f: &Fixture) {
    f.symlink("nothing", "l");
    assert!(!access(f, "l", F));
    assert!(f.kernel().access(&f.at("l"), F, true, false).unwrap());
    f.symlink("m", "m");
    assert!(!access(f, "m", F));
}

fn access_of_root_to_what_nobody_may_execute(f: &Fixture) {
    f.write("a", "");
    f.chmod("a", 0o644);
    assert!(!access(f, "a", X));
    f.chmod("a", 0o711);
    assert!(access(f, "a", X));
}

fn statvfs_makes_sense(f: &Fixture) {
    let stat = f.kernel().statvfs(&f.dir).unwrap();
    assert!(stat.f_frsize >= 512 && stat.f_bsize >= 512);
    assert!(stat.f_blocks >= stat.f_bfree && stat.f_bfree >= stat.f_bavail);
    assert!(stat.f_files >= stat.f_ffree);
    assert_eq!(stat.f_namemax, 255);
    assert_eq!(stat.f_flag & 1, 0, "it is writable");
}

fn statvfs_missing(f: &Fixture) {
    assert_eq!(errno(f.os.statvfs("a")), ENOENT);
}

fn pathconf_tells_limits(f: &Fixture) {
    let ask = |name| f.kernel().pathconf(&f.dir, name).unwrap();
    assert_eq!((ask(3), ask(4), ask(5)), (Some(255), Some(4096), Some(4096)));
}

fn pathconf_of_an_unknown_name(f: &Fixture) {
    assert_eq!(errno(f.kernel().pathconf(&f.dir, 12_345)), EINVAL);
    assert_eq!(errno(f.kernel().pathconf(&f.at("missing"), 3)), ENOENT);
}

fn unset_umask_comes_back(f: &Fixture) {
    f.with_umask(0o777, || f.write("a", ""));
    assert_eq!(f.stat("a").permissions(), 0);
    f.with_umask(0, || f.write("b", ""));
    assert_eq!(f.stat("b").permissions(), 0o666);
}
