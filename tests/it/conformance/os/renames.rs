//! `rename`, with all of POSIX's rules.

use std::ffi::OsStr;
use std::path::Path;

use super::fixture::*;

conformance!(
    mock = Fixture::mock,
    native = Fixture::native,
    remote = Fixture::remote,
    except = NOT_REMOTE,
    [
        moves_a_file,
        moves_a_directory_with_what_is_in_it,
        replaces_a_file,
        replaces_an_empty_directory,
        over_a_directory_with_entries,
        a_file_over_a_directory,
        a_directory_over_a_file,
        a_link_over_a_directory,
        a_directory_over_a_link,
        moves_the_link_not_the_target,
        replaces_a_link_not_its_target,
        missing,
        to_a_missing_directory,
        to_beneath_a_file,
        onto_itself,
        two_names_of_one_file,
        into_itself,
        into_its_own_grandchild,
        onto_its_own_parent,
        of_dots,
        of_the_root,
        with_slashes,
        keeps_the_inode,
        sets_ctime_and_the_directories_mtime,
        an_open_file_stays_open_under_the_new_name,
        a_replaced_open_file_lives_on,
        changes_the_parent_of_a_directory,
        counts_links_of_directories,
        within_an_open_directory,
        across_a_loop_of_links,
    ]
);

conformance_of_root!([across_file_systems, of_a_mount_point]);

fn rename(f: &Fixture, from: &str, to: &str) -> std::io::Result<()> {
    f.kernel().rename(&f.at(from), &f.at(to))
}

fn moves_a_file(f: &Fixture) {
    f.write("a", "x");
    f.mkdir("d");
    rename(f, "a", "d/b").unwrap();
    assert_eq!(f.names(""), ["d"]);
    assert_eq!(f.read("d/b"), b"x");
}

fn moves_a_directory_with_what_is_in_it(f: &Fixture) {
    f.mkdir("d");
    f.write("d/a", "x");
    f.mkdir("e");
    rename(f, "d", "e/f").unwrap();
    assert_eq!(f.read("e/f/a"), b"x");
}

fn replaces_a_file(f: &Fixture) {
    f.write("a", "new");
    f.write("b", "old");
    rename(f, "a", "b").unwrap();
    assert_eq!(f.names(""), ["b"]);
    assert_eq!(f.read("b"), b"new");
}

fn replaces_an_empty_directory(f: &Fixture) {
    f.mkdir("d");
    f.write("d/a", "x");
    f.mkdir("e");
    rename(f, "d", "e").unwrap();
    assert_eq!(f.names(""), ["e"]);
    assert_eq!(f.read("e/a"), b"x");
}

fn over_a_directory_with_entries(f: &Fixture) {
    f.mkdir("d");
    f.mkdir("e");
    f.write("e/kept", "x");
    assert_one_of(errno(rename(f, "d", "e")), &[ENOTEMPTY, EEXIST]);
    assert!(f.exists("d") && f.exists("e/kept"));
}

fn a_file_over_a_directory(f: &Fixture) {
    f.write("a", "");
    f.mkdir("d");
    assert_eq!(errno(rename(f, "a", "d")), EISDIR);
}

fn a_directory_over_a_file(f: &Fixture) {
    f.write("a", "");
    f.mkdir("d");
    assert_eq!(errno(rename(f, "d", "a")), ENOTDIR);
}

fn a_link_over_a_directory(f: &Fixture) {
    f.symlink("d", "l");
    f.mkdir("d");
    assert_eq!(errno(rename(f, "l", "d")), EISDIR);
}

fn a_directory_over_a_link(f: &Fixture) {
    f.mkdir("d");
    f.mkdir("e");
    f.symlink("e", "l");
    assert_eq!(errno(rename(f, "d", "l")), ENOTDIR);
}

fn moves_the_link_not_the_target(f: &Fixture) {
    f.write("a", "x");
    f.symlink("a", "l");
    rename(f, "l", "m").unwrap();
    assert!(f.stat("m").is_symlink());
    assert_eq!(f.names(""), ["a", "m"]);
}

fn replaces_a_link_not_its_target(f: &Fixture) {
    f.write("a", "new");
    f.write("b", "kept");
    f.symlink("b", "l");
    rename(f, "a", "l").unwrap();
    assert!(f.stat("l").is_file());
    assert_eq!((f.read("l"), f.read("b")), (b"new".to_vec(), b"kept".to_vec()));
}

fn missing(f: &Fixture) {
    f.write("b", "kept");
    assert_eq!(errno(rename(f, "a", "b")), ENOENT);
    assert_eq!(f.read("b"), b"kept");
}

fn to_a_missing_directory(f: &Fixture) {
    f.write("a", "");
    assert_eq!(errno(rename(f, "a", "d/a")), ENOENT);
}

fn to_beneath_a_file(f: &Fixture) {
    f.write("a", "");
    f.write("b", "");
    assert_eq!(errno(rename(f, "a", "b/c")), ENOTDIR);
}

fn onto_itself(f: &Fixture) {
    f.write("a", "x");
    f.mkdir("d");
    rename(f, "a", "a").unwrap();
    rename(f, "d", "d").unwrap();
    assert_eq!(f.names(""), ["a", "d"]);
}

fn two_names_of_one_file(f: &Fixture) {
    f.write("a", "x");
    f.os.link("a", "b").unwrap();
    rename(f, "a", "b").unwrap();
    assert_eq!(f.names(""), ["a", "b"]);
    assert_eq!(f.stat("a").st_nlink, 2);
}

fn into_itself(f: &Fixture) {
    f.mkdir("d");
    assert_eq!(errno(rename(f, "d", "d/e")), EINVAL);
    assert!(f.exists("d"));
}

fn into_its_own_grandchild(f: &Fixture) {
    f.mkdir("d");
    f.mkdir("d/e");
    f.mkdir("d/e/f");
    assert_eq!(errno(rename(f, "d", "d/e/f/g")), EINVAL);
    assert_eq!(errno(rename(f, "d", "d/e/f")), EINVAL);
}

fn onto_its_own_parent(f: &Fixture) {
    f.mkdir("d");
    f.mkdir("d/e");
    assert_one_of(errno(rename(f, "d/e", "d")), &[ENOTEMPTY, EEXIST]);
    f.write("d/a", "");
    assert_one_of(errno(rename(f, "d/a", "d")), &[ENOTEMPTY, EISDIR]);
}

fn of_dots(f: &Fixture) {
    f.mkdir("d");
    assert_one_of(errno(rename(f, "d/.", "e")), &[EBUSY, EINVAL]);
    assert_one_of(errno(rename(f, "d/..", "e")), &[EBUSY, EINVAL]);
    assert_one_of(errno(rename(f, "d", "d/.")), &[EBUSY, EINVAL]);
}

fn of_the_root(f: &Fixture) {
    // Where /tmp is a file system of its own, it is another one.
    assert_one_of(errno(f.kernel().rename(Path::new("/"), &f.at("a"))), &[EBUSY, EXDEV]);
    f.mkdir("d");
    assert_one_of(errno(f.kernel().rename(&f.at("d"), Path::new("/"))), &[EBUSY, EXDEV]);
}

fn with_slashes(f: &Fixture) {
    f.write("a", "");
    f.mkdir("d");
    assert_eq!(errno(rename(f, "a/", "b")), ENOTDIR);
    assert_eq!(errno(rename(f, "a", "b/")), ENOTDIR);
    rename(f, "d/", "e/").unwrap();
    assert_eq!(f.names(""), ["a", "e"]);
}

fn keeps_the_inode(f: &Fixture) {
    f.write("a", "");
    let before = f.stat("a");
    rename(f, "a", "b").unwrap();
    let after = f.stat("b");
    assert_eq!((before.st_ino, before.st_dev, before.st_mtime), (after.st_ino, after.st_dev, after.st_mtime));
}

fn sets_ctime_and_the_directories_mtime(f: &Fixture) {
    f.mkdir("d");
    f.mkdir("e");
    f.write("d/a", "");
    let (file, from, to) = (f.stat("d/a"), f.stat("d"), f.stat("e"));
    f.tick();
    rename(f, "d/a", "e/a").unwrap();
    assert!(f.stat("e/a").st_ctime > file.st_ctime);
    assert!(f.stat("d").st_mtime > from.st_mtime);
    assert!(f.stat("e").st_mtime > to.st_mtime);
    assert_eq!(f.stat("e/a").st_mtime, file.st_mtime);
}

fn an_open_file_stays_open_under_the_new_name(f: &Fixture) {
    f.write("a", "");
    let file = f.open("a", WRITE).unwrap();
    rename(f, "a", "b").unwrap();
    write_all(&*file, b"late");
    assert_eq!(f.read("b"), b"late");
}

fn a_replaced_open_file_lives_on(f: &Fixture) {
    f.write("a", "new");
    f.write("b", "old");
    let old = f.open("b", READ).unwrap();
    rename(f, "a", "b").unwrap();
    assert_eq!(read_all(&*old), b"old");
    assert_eq!(old.stat().unwrap().st_nlink, 0);
}

fn changes_the_parent_of_a_directory(f: &Fixture) {
    f.mkdir("d");
    f.mkdir("e");
    f.mkdir("d/x");
    rename(f, "d/x", "e/x").unwrap();
    assert_eq!(f.stat("e/x/..").st_ino, f.stat("e").st_ino);
}

fn counts_links_of_directories(f: &Fixture) {
    f.mkdir("d");
    f.mkdir("e");
    let empty = f.stat("d").st_nlink;
    f.mkdir("d/x");
    let one = f.stat("d").st_nlink;
    rename(f, "d/x", "e/x").unwrap();
    assert_eq!((f.stat("d").st_nlink, f.stat("e").st_nlink), (empty, one));
    f.mkdir("d/x");
    rename(f, "d/x", "e/x").unwrap();
    assert_eq!((f.stat("d").st_nlink, f.stat("e").st_nlink), (empty, one));
}

fn within_an_open_directory(f: &Fixture) {
    f.mkdir("d");
    f.write("d/a", "x");
    let dir = f.open_dir("d");
    rename(f, "d", "elsewhere").unwrap();
    dir.rename(OsStr::new("a"), OsStr::new("b")).unwrap();
    assert_eq!(f.read("elsewhere/b"), b"x");
    assert_eq!(errno(dir.rename(OsStr::new("b"), OsStr::new("../b"))), EINVAL);
    assert_eq!(errno(dir.rename(OsStr::new("a"), OsStr::new("c"))), ENOENT);
}

fn across_a_loop_of_links(f: &Fixture) {
    f.symlink("m", "l");
    f.symlink("l", "m");
    f.write("a", "");
    assert_eq!(errno(rename(f, "a", "l/b")), ELOOP);
    rename(f, "l", "n").unwrap();
    assert_eq!(f.names(""), ["a", "m", "n"]);
}

fn across_file_systems(f: &Fixture) {
    f.mount("other", 1 << 20);
    f.write("a", "x");
    f.mkdir("d");
    assert_eq!(errno(rename(f, "a", "other/a")), EXDEV);
    assert_eq!(errno(rename(f, "d", "other/d")), EXDEV);
    assert_eq!(errno(f.os.link("a", "other/a")), EXDEV);
    assert_ne!(f.stat("other").st_dev, f.stat("d").st_dev);
}

fn of_a_mount_point(f: &Fixture) {
    f.mount("other", 1 << 20);
    assert_one_of(errno(rename(f, "other", "moved")), &[EBUSY, EXDEV]);
    assert_eq!(errno(f.os.rmdir("other")), EBUSY);
    f.write("other/a", "x");
    assert_eq!(f.stat("other/..").st_ino, f.stat("").st_ino);
}
