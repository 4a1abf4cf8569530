//! Full disks and read-only ones. On this machine they are small mounts, which root alone can make.

use std::ffi::OsStr;

use leyden::os::backend::{FileTime, FileType, OpenFlags, Times};

use super::fixture::*;

conformance_of_root!([
    a_write_takes_what_fits,
    a_full_disk,
    space_comes_back,
    space_comes_back_when_the_last_handle_closes,
    holes_take_no_space,
    filling_a_hole_takes_space,
    writing_over_takes_no_more_space,
    a_full_disk_still_makes_names,
    statvfs_counts,
    allocated_space_is_taken,
    allocating_more_than_there_is,
    a_read_only_disk_is_read,
    a_read_only_disk_takes_no_change,
    a_read_only_disk_takes_no_new_name,
    a_read_only_disk_is_not_writable_for_access,
]);

const SIZE: u64 = 256 * 1024;

fn a_write_takes_what_fits(f: &Fixture) {
    f.mount("disk", SIZE);
    let file = f.open("disk/a", CREATE).unwrap();
    let bytes = vec![7; SIZE as usize + 100_000];
    let mut written = 0;
    let error = loop {
        match file.write(&bytes[written..]) {
            Ok(some) => written += some,
            Err(error) => break error,
        }
    };
    assert_eq!(error.raw_os_error(), Some(ENOSPC));
    assert_eq!(written as u64, SIZE);
    assert_eq!(f.stat("disk/a").st_size, SIZE, "what was written stays");
}

fn fill(f: &Fixture, name: &str) {
    let file = f.open(name, CREATE).unwrap();
    while file.write(&[7; 4096]).is_ok() {}
}

fn a_full_disk(f: &Fixture) {
    f.mount("disk", SIZE);
    fill(f, "disk/a");
    let file = f.open("disk/b", CREATE).unwrap();
    assert_eq!(errno(file.write(b"x")), ENOSPC);
    assert_eq!(errno(file.write_at(b"x", 100_000)), ENOSPC);
    assert_eq!(f.stat("disk/b").st_size, 0);
}

fn space_comes_back(f: &Fixture) {
    f.mount("disk", SIZE);
    fill(f, "disk/a");
    f.os.truncate("disk/a", SIZE - 8192).unwrap();
    f.write("disk/b", vec![1; 8192]);
    f.os.unlink("disk/a").unwrap();
    f.write("disk/c", vec![1; SIZE as usize - 8192]);
}

fn space_comes_back_when_the_last_handle_closes(f: &Fixture) {
    f.mount("disk", SIZE);
    fill(f, "disk/a");
    let open = f.open("disk/a", READ).unwrap();
    f.os.unlink("disk/a").unwrap();
    let file = f.open("disk/b", CREATE).unwrap();
    assert_eq!(errno(file.write(b"x")), ENOSPC);
    drop(open);
    // A child that another test is just starting holds a copy of every handle until its exec.
    let taken = (0..100).find_map(|_| {
        file.write(b"x").ok().or_else(|| {
            std::thread::sleep(std::time::Duration::from_millis(10));
            None
        })
    });
    assert_eq!(taken, Some(1));
}

fn holes_take_no_space(f: &Fixture) {
    f.mount("disk", SIZE);
    f.write("disk/a", "");
    f.os.truncate("disk/a", 1 << 30).unwrap();
    assert_eq!(f.stat("disk/a").st_blocks, 0);
    f.write("disk/b", vec![1; SIZE as usize]);
}

fn filling_a_hole_takes_space(f: &Fixture) {
    f.mount("disk", SIZE);
    f.write("disk/a", "");
    f.os.truncate("disk/a", SIZE * 2).unwrap();
    fill(f, "disk/b");
    assert_eq!(errno(f.open("disk/a", WRITE).unwrap().write(b"x")), ENOSPC);
    let mut byte = [9];
    assert_eq!(f.open("disk/a", READ).unwrap().read(&mut byte).unwrap(), 1);
    assert_eq!(byte, [0]);
}

fn writing_over_takes_no_more_space(f: &Fixture) {
    f.mount("disk", SIZE);
    fill(f, "disk/a");
    let file = f.open("disk/a", WRITE).unwrap();
    assert_eq!(file.write(&[1; 10_000]).unwrap(), 10_000);
}

fn a_full_disk_still_makes_names(f: &Fixture) {
    f.mount("disk", SIZE);
    fill(f, "disk/a");
    f.os.rename("disk/a", "disk/b").unwrap();
    f.os.unlink("disk/b").unwrap();
}

fn statvfs_counts(f: &Fixture) {
    f.mount("disk", SIZE);
    let before = f.os.statvfs("disk").unwrap();
    assert_eq!(before.f_blocks * before.f_frsize, SIZE);
    assert_eq!(before.f_bfree, before.f_blocks);
    f.write("disk/a", vec![1; 40_960]);
    let after = f.os.statvfs("disk/a").unwrap();
    assert_eq!((before.f_bfree - after.f_bfree) * after.f_frsize, 40_960);
    assert_eq!(before.f_ffree - after.f_ffree, 1);
}

fn allocated_space_is_taken(f: &Fixture) {
    f.mount("disk", SIZE);
    let file = f.open("disk/a", CREATE).unwrap();
    file.allocate(0, SIZE - 8192).unwrap();
    fill(f, "disk/b");
    assert_eq!(f.stat("disk/b").st_size, 8192);
    assert_eq!(file.write(&[1; 8192]).unwrap(), 8192, "what was allocated can be written");
}

fn allocating_more_than_there_is(f: &Fixture) {
    f.mount("disk", SIZE);
    assert_eq!(errno(f.open("disk/a", CREATE).unwrap().allocate(0, SIZE + 1)), ENOSPC);
    assert_eq!(f.stat("disk/a").st_size, 0);
    f.write("disk/b", vec![1; SIZE as usize]);
}

fn read_only(f: &Fixture) {
    f.mount("disk", SIZE);
    f.write("disk/a", "kept");
    f.mkdir("disk/d");
    f.set_read_only("disk");
}

fn a_read_only_disk_is_read(f: &Fixture) {
    read_only(f);
    assert_eq!(f.read("disk/a"), b"kept");
    assert_eq!(f.names("disk"), ["a", "d"]);
    assert_eq!(f.os.statvfs("disk").unwrap().f_flag & 1, 1);
}

fn a_read_only_disk_takes_no_change(f: &Fixture) {
    read_only(f);
    let a = f.at("disk/a");
    assert_eq!(errno(f.open("disk/a", WRITE)), EROFS);
    assert_eq!(errno(f.open("disk/a", OpenFlags { truncate: true, ..READ })), EROFS);
    assert_eq!(errno(f.kernel().truncate(&a, 0)), EROFS);
    assert_eq!(errno(f.kernel().chmod(&a, 0o600, true)), EROFS);
    assert_eq!(errno(f.kernel().chown(&a, Some(1), None, true)), EROFS);
    assert_eq!(errno(f.kernel().utime(&a, Times { atime: None, mtime: Some(FileTime::Now) }, true)), EROFS);
    assert_eq!(errno(f.kernel().unlink(&a)), EROFS);
    assert_eq!(errno(f.os.unlink("disk/missing")), EROFS);
    assert_eq!(errno(f.os.rmdir("disk/d")), EROFS);
    assert_eq!(errno(f.kernel().rename(&a, &f.at("disk/b"))), EROFS);
    assert_eq!(errno(f.kernel().setxattr(&a, OsStr::new("trusted.x"), b"", leyden::os::XattrFlags::Either, true)), EROFS);
}

fn a_read_only_disk_takes_no_new_name(f: &Fixture) {
    read_only(f);
    assert_eq!(errno(f.open("disk/new", CREATE)), EROFS);
    assert_eq!(errno(f.open("disk/new", READ)), ENOENT);
    assert_eq!(errno(f.os.mkdir("disk/new")), EROFS);
    assert_eq!(errno(f.os.mkdir("disk/d")), EEXIST);
    assert_eq!(errno(f.os.symlink("x", "disk/new")), EROFS);
    assert_eq!(errno(f.os.link("disk/a", "disk/new")), EROFS);
    assert_eq!(errno(f.kernel().mknod(&f.at("disk/new"), FileType::Fifo, 0o600, 0)), EROFS);
}

fn a_read_only_disk_is_not_writable_for_access(f: &Fixture) {
    read_only(f);
    let write = leyden::os::backend::Access { write: true, ..Default::default() };
    let read = leyden::os::backend::Access { read: true, ..Default::default() };
    assert!(!f.kernel().access(&f.at("disk/a"), write, false, true).unwrap());
    assert!(f.kernel().access(&f.at("disk/a"), read, false, true).unwrap());
}
