//! Directories: what is in them, and what is done beneath an open one.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use leyden::os::backend::{FileTime, FileType, OpenFlags, Times};

use super::fixture::*;

conformance!(
    mock = Fixture::mock,
    native = Fixture::native,
    remote = Fixture::remote,
    except = NOT_REMOTE,
    [
        an_empty_directory,
        every_name_once,
        entries_tell_type_and_inode,
        no_dots_among_the_entries,
        read_dir_missing,
        read_dir_of_a_file,
        read_dir_follows_links,
        odd_names_are_listed,
        ten_thousand_names,
        names_removed_while_listing,
        names_added_while_listing,
        every_stable_name_is_listed_whatever_changes,
        a_directory_removed_while_listing,
        open_dir_missing,
        open_dir_of_a_file,
        open_dir_of_a_link,
        open_dir_stays_when_it_is_renamed,
        open_dir_stays_when_another_takes_its_name,
        entries_start_anew_each_time,
        two_listings_of_one_handle,
        names_with_slashes_are_refused,
        dots_are_refused,
        open_dir_in_a_directory,
        open_dir_in_a_directory_refuses_links,
        open_in_a_directory,
        open_in_a_directory_never_follows,
        stat_in_a_directory,
        stat_self_is_the_directory,
        mkdir_and_rmdir_in_a_directory,
        unlink_in_a_directory,
        symlinks_in_a_directory,
        rename_in_a_directory_replaces,
        chmod_in_a_directory,
        utime_in_a_directory_is_of_the_link,
        a_swapped_link_leads_nowhere,
    ]
);

fn an_empty_directory(f: &Fixture) {
    assert_eq!(f.kernel().read_dir(&f.dir).unwrap().count(), 0);
    assert_eq!(f.open_dir("").entries().unwrap().count(), 0);
}

fn every_name_once(f: &Fixture) {
    for name in ["a", "b", "c"] {
        f.write(name, "");
    }
    let listed: Vec<_> = f.kernel().read_dir(&f.dir).unwrap().map(|entry| entry.unwrap().name).collect();
    assert_eq!(listed.len(), 3);
    assert_eq!(f.names(""), ["a", "b", "c"]);
}

fn entries_tell_type_and_inode(f: &Fixture) {
    f.write("a", "");
    f.mkdir("d");
    f.symlink("nothing", "l");
    f.kernel().mknod(&f.at("p"), FileType::Fifo, 0o600, 0).unwrap();
    for entry in f.kernel().read_dir(&f.dir).unwrap() {
        let entry = entry.unwrap();
        let stat = f.stat(&entry.name);
        assert_eq!(entry.ino, stat.st_ino, "{entry:?}");
        assert!(entry.file_type.is_none_or(|file_type| file_type == stat.file_type()), "{entry:?}");
    }
}

fn no_dots_among_the_entries(f: &Fixture) {
    f.mkdir("d");
    f.write(".hidden", "");
    f.write("...", "");
    assert_eq!(f.names(""), ["...", ".hidden", "d"]);
    assert!(f.names("d").is_empty());
}

fn read_dir_missing(f: &Fixture) {
    assert_eq!(errno(f.kernel().read_dir(&f.at("d"))), ENOENT);
    assert_eq!(errno(f.kernel().read_dir(&f.at("d/e"))), ENOENT);
}

fn read_dir_of_a_file(f: &Fixture) {
    f.write("a", "");
    assert_eq!(errno(f.kernel().read_dir(&f.at("a"))), ENOTDIR);
}

fn read_dir_follows_links(f: &Fixture) {
    f.mkdir("d");
    f.write("d/a", "");
    f.symlink("d", "l");
    f.symlink("nothing", "m");
    assert_eq!(f.names("l"), ["a"]);
    assert_eq!(errno(f.kernel().read_dir(&f.at("m"))), ENOENT);
}

fn odd_names_are_listed(f: &Fixture) {
    f.write(odd(), "");
    let entry = f.kernel().read_dir(&f.dir).unwrap().next().unwrap().unwrap();
    assert_eq!(entry.name, odd());
}

fn ten_thousand_names(f: &Fixture) {
    f.mkdir("d");
    for n in 0..10_000 {
        f.kernel().mknod(&f.at(format!("d/file-{n}")), FileType::File, 0o600, 0).unwrap();
    }
    assert_eq!(f.names("d").into_iter().collect::<BTreeSet<_>>().len(), 10_000);
}

fn many(f: &Fixture, count: usize) {
    for n in 0..count {
        f.kernel().mknod(&f.at(format!("file-{n}")), FileType::File, 0o600, 0).unwrap();
    }
}

fn names_removed_while_listing(f: &Fixture) {
    many(f, 3_000);
    let mut listed = BTreeSet::new();
    for entry in f.kernel().read_dir(&f.dir).unwrap() {
        let name = entry.unwrap().name;
        f.os.unlink(&name).unwrap();
        assert!(listed.insert(name), "listed twice");
    }
    assert_eq!(listed.len(), 3_000);
    assert!(f.names("").is_empty());
}

fn names_added_while_listing(f: &Fixture) {
    many(f, 500);
    let mut count = 0;
    for (n, entry) in f.kernel().read_dir(&f.dir).unwrap().enumerate() {
        entry.unwrap();
        count += 1;
        if n < 500 {
            f.kernel().mknod(&f.at(format!("new-{n}")), FileType::File, 0o600, 0).unwrap();
        }
    }
    assert!((500..=1_000).contains(&count), "{count}");
}

fn every_stable_name_is_listed_whatever_changes(f: &Fixture) {
    many(f, 2_000);
    let mut listing = f.kernel().read_dir(&f.dir).unwrap();
    let mut listed: Vec<_> = listing.by_ref().take(10).map(|entry| entry.unwrap().name).collect();
    for n in (0..2_000).filter(|n| n % 2 == 0) {
        f.os.unlink(format!("file-{n}")).unwrap();
        f.kernel().mknod(&f.at(format!("other-{n}")), FileType::File, 0o600, 0).unwrap();
    }
    listed.extend(listing.map(|entry| entry.unwrap().name));
    let set: BTreeSet<_> = listed.iter().cloned().collect();
    assert_eq!(set.len(), listed.len(), "no name twice");
    for n in (0..2_000).filter(|n| n % 2 == 1) {
        assert!(set.contains(OsStr::new(&format!("file-{n}"))), "file-{n}");
    }
}

fn a_directory_removed_while_listing(f: &Fixture) {
    f.mkdir("d");
    let listing = f.kernel().read_dir(&f.at("d")).unwrap();
    f.os.rmdir("d").unwrap();
    // Some kernels say that it is gone, some that nothing is in it.
    for entry in listing {
        assert_eq!(errno(entry), ENOENT);
    }
}

fn open_dir_missing(f: &Fixture) {
    assert_eq!(errno(f.kernel().open_dir(&f.at("d"), true)), ENOENT);
    assert_eq!(errno(f.kernel().open_dir(&f.at("d"), false)), ENOENT);
}

fn open_dir_of_a_file(f: &Fixture) {
    f.write("a", "");
    assert_eq!(errno(f.kernel().open_dir(&f.at("a"), true)), ENOTDIR);
    assert_eq!(errno(f.kernel().open_dir(&f.at("a/b"), true)), ENOTDIR);
}

fn open_dir_of_a_link(f: &Fixture) {
    f.mkdir("d");
    f.symlink("d", "l");
    assert!(f.kernel().open_dir(&f.at("l"), true).is_ok());
    assert_one_of(errno(f.kernel().open_dir(&f.at("l"), false)), &[ELOOP, ENOTDIR]);
}

fn open_dir_stays_when_it_is_renamed(f: &Fixture) {
    f.mkdir("d");
    let dir = f.open_dir("d");
    f.os.rename("d", "e").unwrap();
    dir.mkdir(OsStr::new("x"), 0o755).unwrap();
    assert!(f.exists("e/x"));
}

fn open_dir_stays_when_another_takes_its_name(f: &Fixture) {
    f.mkdir("d");
    f.mkdir("victim");
    f.write("victim/a", "");
    let dir = f.open_dir("d");
    f.os.rename("d", "gone").unwrap();
    f.symlink("victim", "d");
    assert_eq!(dir.entries().unwrap().count(), 0);
    assert_eq!(errno(dir.unlink(OsStr::new("a"))), ENOENT);
    assert!(f.exists("victim/a"));
}

fn entries_start_anew_each_time(f: &Fixture) {
    f.write("a", "");
    let dir = f.open_dir("");
    assert_eq!(dir.entries().unwrap().count(), 1);
    f.write("b", "");
    assert_eq!(dir.entries().unwrap().count(), 2);
}

fn two_listings_of_one_handle(f: &Fixture) {
    many(f, 5);
    let dir = f.open_dir("");
    let (mut one, two) = (dir.entries().unwrap(), dir.entries().unwrap());
    one.next().unwrap().unwrap();
    assert_eq!(two.count(), 5);
    drop(dir);
    assert_eq!(one.count(), 4, "a listing lives on by itself");
}

fn names_with_slashes_are_refused(f: &Fixture) {
    f.mkdir("d");
    f.write("d/a", "");
    f.write("b", "");
    let dir = f.open_dir("");
    let name = OsStr::new("d/a");
    assert_eq!(errno(dir.open(name, READ, 0)), EINVAL);
    assert_eq!(errno(dir.stat(name, true)), EINVAL);
    assert_eq!(errno(dir.unlink(name)), EINVAL);
    assert_eq!(errno(dir.open_dir(OsStr::new("d/"), true)), EINVAL);
    assert_eq!(errno(dir.mkdir(OsStr::new("/e"), 0o777)), EINVAL);
    assert_eq!(errno(dir.rename(OsStr::new("b"), OsStr::new("d/b"))), EINVAL);
    assert_eq!(errno(dir.symlink(Path::new("x"), OsStr::new("../l"))), EINVAL);
    assert_eq!(errno(dir.readlink(name)), EINVAL);
    assert_eq!(errno(dir.chmod(name, 0o600)), EINVAL);
    assert_eq!(errno(dir.utime(name, Times { atime: None, mtime: Some(FileTime::Now) })), EINVAL);
    assert_eq!(errno(dir.rmdir(OsStr::new("d/"))), EINVAL);
}

fn dots_are_refused(f: &Fixture) {
    let dir = f.open_dir("");
    for name in ["", ".", ".."] {
        let name = OsStr::new(name);
        assert_eq!(errno(dir.stat(name, true)), EINVAL);
        assert_eq!(errno(dir.open_dir(name, true)), EINVAL);
        assert_eq!(errno(dir.rmdir(name)), EINVAL);
        assert_eq!(errno(dir.open(name, READ, 0)), EINVAL);
    }
    assert_eq!(errno(dir.stat(OsStr::from_bytes(b"a\0b"), true)), EINVAL);
}

fn open_dir_in_a_directory(f: &Fixture) {
    f.mkdir("d");
    f.mkdir("d/e");
    f.write("d/e/a", "");
    let inner = f.open_dir("d").open_dir(OsStr::new("e"), false).unwrap();
    assert_eq!(inner.entries().unwrap().next().unwrap().unwrap().name, "a");
    assert_eq!(errno(f.open_dir("d").open_dir(OsStr::new("x"), false)), ENOENT);
}

fn open_dir_in_a_directory_refuses_links(f: &Fixture) {
    f.mkdir("d");
    f.symlink("d", "l");
    let dir = f.open_dir("");
    assert_one_of(errno(dir.open_dir(OsStr::new("l"), false)), &[ELOOP, ENOTDIR]);
    assert!(dir.open_dir(OsStr::new("l"), true).is_ok());
}

fn open_in_a_directory(f: &Fixture) {
    f.mkdir("d");
    let dir = f.open_dir("d");
    write_all(&*dir.open(OsStr::new("a"), NEW, 0o640).unwrap(), b"x");
    assert_eq!(f.read("d/a"), b"x");
    assert_eq!(errno(dir.open(OsStr::new("a"), NEW, 0o640)), EEXIST);
    assert_eq!(errno(dir.open(OsStr::new("b"), READ, 0)), ENOENT);
}

fn open_in_a_directory_never_follows(f: &Fixture) {
    f.write("a", "kept");
    f.symlink("a", "l");
    f.symlink("nothing", "m");
    let dir = f.open_dir("");
    assert_eq!(errno(dir.open(OsStr::new("l"), OpenFlags { truncate: true, ..WRITE }, 0)), ELOOP);
    assert_eq!(errno(dir.open(OsStr::new("m"), CREATE, 0o666)), ELOOP);
    assert_eq!(f.read("a"), b"kept");
}

fn stat_in_a_directory(f: &Fixture) {
    f.write("a", "123");
    f.symlink("a", "l");
    let dir = f.open_dir("");
    assert_eq!(dir.stat(OsStr::new("a"), false).unwrap(), f.stat("a"));
    assert!(dir.stat(OsStr::new("l"), false).unwrap().is_symlink());
    assert_eq!(dir.stat(OsStr::new("l"), true).unwrap().st_size, 3);
    assert_eq!(errno(dir.stat(OsStr::new("b"), true)), ENOENT);
}

fn stat_self_is_the_directory(f: &Fixture) {
    f.mkdir("d");
    assert_eq!(f.open_dir("d").stat_self().unwrap(), f.stat("d"));
}

fn mkdir_and_rmdir_in_a_directory(f: &Fixture) {
    let dir = f.open_dir("");
    dir.mkdir(OsStr::new("d"), 0o700).unwrap();
    assert_eq!(f.stat("d").permissions(), 0o700);
    assert_eq!(errno(dir.mkdir(OsStr::new("d"), 0o700)), EEXIST);
    f.write("d/a", "");
    assert_eq!(errno(dir.rmdir(OsStr::new("d"))), ENOTEMPTY);
    f.os.unlink("d/a").unwrap();
    dir.rmdir(OsStr::new("d")).unwrap();
    assert_eq!(errno(dir.rmdir(OsStr::new("d"))), ENOENT);
}

fn unlink_in_a_directory(f: &Fixture) {
    f.write("a", "");
    f.mkdir("d");
    let dir = f.open_dir("");
    dir.unlink(OsStr::new("a")).unwrap();
    assert_eq!(errno(dir.unlink(OsStr::new("a"))), ENOENT);
    assert_eq!(errno(dir.unlink(OsStr::new("d"))), EISDIR);
}

fn symlinks_in_a_directory(f: &Fixture) {
    let dir = f.open_dir("");
    dir.symlink(Path::new("../x"), OsStr::new("l")).unwrap();
    assert_eq!(dir.readlink(OsStr::new("l")).unwrap(), Path::new("../x"));
    assert_eq!(errno(dir.symlink(Path::new("y"), OsStr::new("l"))), EEXIST);
    f.write("a", "");
    assert_eq!(errno(dir.readlink(OsStr::new("a"))), EINVAL);
}

fn rename_in_a_directory_replaces(f: &Fixture) {
    f.write("a", "new");
    f.write("b", "old");
    f.open_dir("").rename(OsStr::new("a"), OsStr::new("b")).unwrap();
    assert_eq!(f.read("b"), b"new");
    assert_eq!(f.names(""), ["b"]);
}

fn chmod_in_a_directory(f: &Fixture) {
    f.write("a", "");
    f.symlink("a", "l");
    let dir = f.open_dir("");
    dir.chmod(OsStr::new("a"), 0o600).unwrap();
    assert_eq!(f.stat("a").permissions(), 0o600);
    assert_eq!(errno(dir.chmod(OsStr::new("l"), 0o777)), EOPNOTSUPP);
    assert_eq!(f.stat("a").permissions(), 0o600);
}

fn utime_in_a_directory_is_of_the_link(f: &Fixture) {
    f.write("a", "");
    f.symlink("a", "l");
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(9);
    let times = Times { atime: None, mtime: Some(FileTime::At(time)) };
    f.open_dir("").utime(OsStr::new("l"), times).unwrap();
    assert_eq!(f.stat("l").st_mtime, time);
    assert_ne!(f.stat("a").st_mtime, time);
}

fn a_swapped_link_leads_nowhere(f: &Fixture) {
    // What rmtree does: it has looked at "d", then somebody swaps it.
    f.mkdir("d");
    f.mkdir("victim");
    f.write("victim/precious", "");
    let dir = f.open_dir("");
    let seen = dir.stat(OsStr::new("d"), false).unwrap();
    f.os.rmdir("d").unwrap();
    f.symlink("victim", "d");
    assert!(seen.is_dir());
    assert_one_of(errno(dir.open_dir(OsStr::new("d"), false)), &[ELOOP, ENOTDIR]);
    assert!(f.exists("victim/precious"));
}
