//! Hard and symbolic links.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use leyden::os::backend::OpenFlags;

use super::fixture::*;

conformance!(
    mock = Fixture::mock,
    native = Fixture::native,
    remote = Fixture::remote,
    except = NOT_REMOTE,
    [
        a_symlink_says_its_target,
        a_symlink_may_say_anything,
        a_symlink_over_something,
        a_symlink_without_parent,
        a_symlink_with_an_empty_target,
        a_symlink_with_a_slash,
        a_symlink_with_a_long_target,
        a_symlink_has_the_size_of_its_target,
        a_relative_symlink_starts_at_its_own_directory,
        an_absolute_symlink,
        a_symlink_to_a_directory_on_the_way,
        readlink_of_a_file,
        readlink_missing,
        readlink_with_a_slash,
        stat_follows_or_not,
        stat_of_a_dangling_link,
        stat_of_a_link_with_a_slash,
        a_link_to_itself,
        a_loop_of_two,
        forty_links_in_a_row,
        forty_one_links_in_a_row,
        open_follows,
        open_nofollow,
        open_nofollow_follows_links_on_the_way,
        open_create_through_a_dangling_link,
        open_create_through_a_link_to_nowhere,
        open_create_nofollow_through_a_dangling_link,
        a_hard_link_is_the_same_file,
        a_hard_link_lives_when_the_other_name_goes,
        a_hard_link_over_something,
        a_hard_link_of_nothing,
        a_hard_link_without_parent,
        a_hard_link_of_a_directory,
        a_hard_link_of_a_symlink,
        a_hard_link_of_what_a_symlink_says,
        a_hard_link_sets_ctime,
        links_count_names_of_directories,
    ]
);

fn a_symlink_says_its_target(f: &Fixture) {
    f.symlink("some/../where", "l");
    assert_eq!(f.os.readlink("l").unwrap(), Path::new("some/../where"));
    assert!(f.stat("l").is_symlink());
    assert_eq!(f.stat("l").permissions(), 0o777);
}

fn a_symlink_may_say_anything(f: &Fixture) {
    let target = OsStr::from_bytes(b"\xff //x\n");
    f.symlink(target, "l");
    assert_eq!(f.os.readlink("l").unwrap(), Path::new(target));
}

fn a_symlink_over_something(f: &Fixture) {
    f.write("a", "");
    f.symlink("nothing", "l");
    assert_eq!(errno(f.os.symlink("x", "a")), EEXIST);
    assert_eq!(errno(f.os.symlink("x", "l")), EEXIST);
}

fn a_symlink_without_parent(f: &Fixture) {
    assert_eq!(errno(f.os.symlink("x", "d/l")), ENOENT);
}

fn a_symlink_with_an_empty_target(f: &Fixture) {
    assert_eq!(errno(f.os.symlink("", "l")), ENOENT);
}

fn a_symlink_with_a_slash(f: &Fixture) {
    assert_eq!(errno(f.os.symlink("x", "l/")), ENOENT);
}

fn a_symlink_with_a_long_target(f: &Fixture) {
    f.symlink("x".repeat(4095), "l");
    assert_eq!(f.os.readlink("l").unwrap().as_os_str().len(), 4095);
    assert_eq!(errno(f.kernel().symlink(Path::new(&"x".repeat(4096)), &f.at("m"))), ENAMETOOLONG);
}

fn a_symlink_has_the_size_of_its_target(f: &Fixture) {
    f.symlink("12345", "l");
    assert_eq!(f.stat("l").st_size, 5);
}

fn a_relative_symlink_starts_at_its_own_directory(f: &Fixture) {
    f.mkdir("d");
    f.write("d/a", "inner");
    f.write("a", "outer");
    f.symlink("a", "d/l");
    f.symlink("../a", "d/up");
    assert_eq!((f.read("d/l"), f.read("d/up")), (b"inner".to_vec(), b"outer".to_vec()));
}

fn an_absolute_symlink(f: &Fixture) {
    f.mkdir("d");
    f.write("a", "x");
    f.symlink(f.at("a"), "d/l");
    assert_eq!(f.read("d/l"), b"x");
}

fn a_symlink_to_a_directory_on_the_way(f: &Fixture) {
    f.mkdir("d");
    f.mkdir("d/e");
    f.write("d/e/a", "x");
    f.symlink("d/e/", "l");
    assert_eq!(f.read("l/a"), b"x");
    f.symlink("d/e/a", "to_file");
    assert_eq!(errno(f.open("to_file/b", READ)), ENOTDIR);
}

fn readlink_of_a_file(f: &Fixture) {
    f.write("a", "");
    assert_eq!(errno(f.os.readlink("a")), EINVAL);
    assert_eq!(errno(f.kernel().readlink(&f.dir)), EINVAL);
}

fn readlink_missing(f: &Fixture) {
    assert_eq!(errno(f.os.readlink("l")), ENOENT);
}

fn readlink_with_a_slash(f: &Fixture) {
    f.mkdir("d");
    f.symlink("d", "l");
    assert_eq!(errno(f.os.readlink("l/")), EINVAL);
}

fn stat_follows_or_not(f: &Fixture) {
    f.write("a", "four");
    f.symlink("a", "l");
    assert_eq!(f.os.stat("l").unwrap(), f.stat("a"));
    assert_ne!(f.stat("l").st_ino, f.stat("a").st_ino);
}

fn stat_of_a_dangling_link(f: &Fixture) {
    f.symlink("nothing", "l");
    assert_eq!(errno(f.os.stat("l")), ENOENT);
    assert!(f.stat("l").is_symlink());
}

fn stat_of_a_link_with_a_slash(f: &Fixture) {
    f.mkdir("d");
    f.symlink("d", "l");
    assert!(f.stat("l/").is_dir());
    f.write("a", "");
    f.symlink("a", "m");
    assert_eq!(errno(f.os.lstat("m/")), ENOTDIR);
}

fn a_link_to_itself(f: &Fixture) {
    f.symlink("l", "l");
    assert_eq!(errno(f.os.stat("l")), ELOOP);
    assert_eq!(errno(f.open("l", CREATE)), ELOOP);
    assert_eq!(errno(f.os.mkdir("l/d")), ELOOP);
    assert_eq!(errno(f.kernel().read_dir(&f.at("l"))), ELOOP);
    f.os.unlink("l").unwrap();
}

fn a_loop_of_two(f: &Fixture) {
    f.symlink("m", "l");
    f.symlink("l", "m");
    assert_eq!(errno(f.open("l/a", READ)), ELOOP);
    assert!(f.stat("m").is_symlink());
}

fn chain(f: &Fixture, links: usize) -> String {
    f.write("l0", "end");
    for link in 1..=links {
        f.symlink(format!("l{}", link - 1), format!("l{link}"));
    }
    format!("l{links}")
}

fn forty_links_in_a_row(f: &Fixture) {
    let last = chain(f, 40);
    assert_eq!(f.read(last), b"end");
}

fn forty_one_links_in_a_row(f: &Fixture) {
    let last = chain(f, 41);
    assert_eq!(errno(f.open(&last, READ)), ELOOP);
    assert_eq!(errno(f.os.stat(&last)), ELOOP);
}

fn open_follows(f: &Fixture) {
    f.write("a", "old");
    f.symlink("a", "l");
    f.write("l", "new");
    assert_eq!(f.read("a"), b"new");
    assert!(f.stat("l").is_symlink());
}

fn open_nofollow(f: &Fixture) {
    f.write("a", "");
    f.mkdir("d");
    f.symlink("a", "l");
    f.symlink("d", "m");
    let nofollow = OpenFlags { nofollow: true, ..READ };
    assert_eq!(errno(f.open("l", nofollow)), ELOOP);
    assert_eq!(errno(f.open("m", nofollow)), ELOOP);
    assert_eq!(errno(f.open("m", OpenFlags { directory: true, ..nofollow })), ENOTDIR);
    assert!(f.open("a", nofollow).is_ok());
}

fn open_nofollow_follows_links_on_the_way(f: &Fixture) {
    f.mkdir("d");
    f.write("d/a", "x");
    f.symlink("d", "l");
    assert!(f.open("l/a", OpenFlags { nofollow: true, ..READ }).is_ok());
}

fn open_create_through_a_dangling_link(f: &Fixture) {
    f.mkdir("d");
    f.symlink("d/a", "l");
    f.write("l", "made");
    assert_eq!(f.read("d/a"), b"made");
}

fn open_create_through_a_link_to_nowhere(f: &Fixture) {
    f.symlink("d/a", "l");
    assert_eq!(errno(f.open("l", CREATE)), ENOENT);
}

fn open_create_nofollow_through_a_dangling_link(f: &Fixture) {
    f.symlink("a", "l");
    assert_eq!(errno(f.open("l", OpenFlags { nofollow: true, ..CREATE })), ELOOP);
    assert!(!f.exists("a"));
}

fn a_hard_link_is_the_same_file(f: &Fixture) {
    f.write("a", "x");
    f.os.link("a", "b").unwrap();
    assert_eq!(f.stat("a"), f.stat("b"));
    assert_eq!(f.stat("a").st_nlink, 2);
    f.write("b", "changed");
    assert_eq!(f.read("a"), b"changed");
}

fn a_hard_link_lives_when_the_other_name_goes(f: &Fixture) {
    f.write("a", "x");
    f.os.link("a", "b").unwrap();
    f.os.unlink("a").unwrap();
    assert_eq!(f.read("b"), b"x");
    assert_eq!(f.stat("b").st_nlink, 1);
}

fn a_hard_link_over_something(f: &Fixture) {
    f.write("a", "");
    f.symlink("nothing", "l");
    assert_eq!(errno(f.os.link("a", "a")), EEXIST);
    assert_eq!(errno(f.os.link("a", "l")), EEXIST);
}

fn a_hard_link_of_nothing(f: &Fixture) {
    assert_eq!(errno(f.os.link("a", "b")), ENOENT);
}

fn a_hard_link_without_parent(f: &Fixture) {
    f.write("a", "");
    assert_eq!(errno(f.os.link("a", "d/b")), ENOENT);
}

fn a_hard_link_of_a_directory(f: &Fixture) {
    f.mkdir("d");
    assert_eq!(errno(f.os.link("d", "e")), EPERM);
}

fn a_hard_link_of_a_symlink(f: &Fixture) {
    f.symlink("nothing", "l");
    f.os.link("l", "m").unwrap();
    assert!(f.stat("m").is_symlink());
    assert_eq!(f.stat("m").st_nlink, 2);
}

fn a_hard_link_of_what_a_symlink_says(f: &Fixture) {
    f.write("a", "x");
    f.symlink("a", "l");
    f.kernel().link(&f.at("l"), &f.at("b"), true).unwrap();
    assert_eq!(f.stat("b").st_ino, f.stat("a").st_ino);
    f.symlink("nothing", "dangling");
    assert_eq!(errno(f.kernel().link(&f.at("dangling"), &f.at("c"), true)), ENOENT);
}

fn a_hard_link_sets_ctime(f: &Fixture) {
    f.write("a", "");
    let before = f.stat("a");
    f.tick();
    f.os.link("a", "b").unwrap();
    assert!(f.stat("a").st_ctime > before.st_ctime);
    assert_eq!(f.stat("a").st_mtime, before.st_mtime);
}

fn links_count_names_of_directories(f: &Fixture) {
    f.mkdir("d");
    let empty = f.stat("d").st_nlink;
    f.mkdir("d/x");
    f.mkdir("d/y");
    f.write("d/a", "");
    // Two more, but for the file systems that do not count (they say 1).
    assert!(f.stat("d").st_nlink == empty + 2 || empty == 1);
    f.os.rmdir("d/x").unwrap();
    assert!(f.stat("d").st_nlink == empty + 1 || empty == 1);
}
