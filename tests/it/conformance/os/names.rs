//! Making and removing names, and the limits of paths.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use leyden::os::backend::{FileType, OpenFlags};

use super::fixture::*;

conformance!(
    mock = Fixture::mock,
    native = Fixture::native,
    remote = Fixture::remote,
    except = NOT_REMOTE,
    [
        open_missing,
        open_creates,
        open_without_create_makes_nothing,
        open_exclusive_takes_a_free_name,
        open_exclusive_over_a_file,
        open_exclusive_over_a_directory,
        open_exclusive_over_a_dangling_link,
        open_exclusive_over_a_link_to_a_directory,
        open_beneath_a_file,
        open_beneath_nothing,
        open_a_directory_for_reading,
        open_a_directory_for_writing,
        open_a_directory_with_truncate,
        open_a_directory_with_create,
        open_the_root_with_create,
        open_dot_with_create,
        open_new_with_a_slash,
        open_a_file_with_a_slash,
        open_a_file_with_a_slash_and_create,
        open_directory_flag,
        open_directory_flag_on_a_file,
        open_directory_flag_with_create,
        open_truncates,
        open_truncate_without_write_still_truncates,
        open_keeps_contents_without_truncate,
        open_create_keeps_the_mode_of_a_file,
        open_create_may_write_what_nobody_may,
        open_empty_path,
        open_with_nul,
        mkdir_makes_one,
        mkdir_with_a_slash,
        mkdir_without_parent,
        mkdir_beneath_a_file,
        mkdir_over_a_file,
        mkdir_over_a_directory,
        mkdir_over_a_dangling_link,
        mkdir_over_a_dangling_link_with_a_slash,
        mkdir_over_the_root_and_dots,
        mkdir_mode_less_umask,
        rmdir_removes_an_empty_one,
        rmdir_with_entries,
        rmdir_missing,
        rmdir_of_a_file,
        rmdir_of_a_link_to_a_directory,
        rmdir_of_dots,
        rmdir_of_the_root,
        unlink_removes_a_name,
        unlink_missing,
        unlink_of_a_directory,
        unlink_takes_the_link_not_the_target,
        unlink_of_dots,
        unlink_with_a_slash,
        an_unlinked_file_lives_while_it_is_open,
        a_name_can_be_taken_again_while_the_old_file_is_open,
        names_need_not_be_utf8,
        names_may_hold_anything_but_slash_and_nul,
        names_differ_by_case,
        names_of_255_bytes,
        names_of_256_bytes,
        paths_of_4095_bytes,
        paths_of_4096_bytes,
        trees_200_deep,
        dots_and_double_slashes,
        dot_dot_of_the_root_is_the_root,
        dot_dot_needs_a_directory,
        dot_dot_follows_the_real_parent_of_a_linked_directory,
        a_directory_removed_while_open_takes_no_names,
        mknod_makes_an_empty_file,
        mknod_over_something,
        mknod_of_a_directory,
        mknod_fifo_and_socket,
    ]
);

fn open_missing(f: &Fixture) {
    assert_eq!(errno(f.open("a", READ)), ENOENT);
    assert_eq!(errno(f.open("a", WRITE)), ENOENT);
}

fn open_creates(f: &Fixture) {
    drop(f.open("a", CREATE).unwrap());
    assert_eq!(f.stat("a").file_type(), FileType::File);
    assert_eq!(f.stat("a").st_size, 0);
    assert_eq!(f.stat("a").st_nlink, 1);
}

fn open_without_create_makes_nothing(f: &Fixture) {
    assert_eq!(errno(f.open("a", OpenFlags { truncate: true, ..BOTH })), ENOENT);
    assert!(f.names("").is_empty());
}

fn open_exclusive_takes_a_free_name(f: &Fixture) {
    write_all(&*f.open("a", NEW).unwrap(), b"x");
    assert_eq!(f.read("a"), b"x");
}

fn open_exclusive_over_a_file(f: &Fixture) {
    f.write("a", "old");
    assert_eq!(errno(f.open("a", OpenFlags { truncate: true, ..NEW })), EEXIST);
    assert_eq!(f.read("a"), b"old");
}

fn open_exclusive_over_a_directory(f: &Fixture) {
    f.mkdir("d");
    assert_eq!(errno(f.open("d", NEW)), EEXIST);
}

fn open_exclusive_over_a_dangling_link(f: &Fixture) {
    f.symlink("nothing", "l");
    assert_eq!(errno(f.open("l", NEW)), EEXIST);
    assert!(!f.exists("nothing"));
}

fn open_exclusive_over_a_link_to_a_directory(f: &Fixture) {
    f.mkdir("d");
    f.symlink("d", "l");
    assert_eq!(errno(f.open("l", NEW)), EEXIST);
}

fn open_beneath_a_file(f: &Fixture) {
    f.write("a", "");
    assert_eq!(errno(f.open("a/b", READ)), ENOTDIR);
    assert_eq!(errno(f.open("a/b", CREATE)), ENOTDIR);
    assert_eq!(errno(f.open("a/b/c", READ)), ENOTDIR);
}

fn open_beneath_nothing(f: &Fixture) {
    assert_eq!(errno(f.open("a/b", CREATE)), ENOENT);
}

fn open_a_directory_for_reading(f: &Fixture) {
    f.mkdir("d");
    let file = f.open("d", READ).unwrap();
    assert!(file.stat().unwrap().is_dir());
    assert_eq!(errno(file.read(&mut [0; 8])), EISDIR);
    assert_eq!(errno(file.write(b"x")), EBADF);
}

fn open_a_directory_for_writing(f: &Fixture) {
    f.mkdir("d");
    assert_eq!(errno(f.open("d", WRITE)), EISDIR);
    assert_eq!(errno(f.open("d", BOTH)), EISDIR);
}

fn open_a_directory_with_truncate(f: &Fixture) {
    f.mkdir("d");
    assert_eq!(errno(f.open("d", OpenFlags { truncate: true, ..READ })), EISDIR);
}

fn open_a_directory_with_create(f: &Fixture) {
    f.mkdir("d");
    assert_eq!(errno(f.open("d", CREATE)), EISDIR);
    assert_eq!(errno(f.open("d", OpenFlags { create: true, ..READ })), EISDIR);
}

fn open_the_root_with_create(f: &Fixture) {
    assert_eq!(errno(f.kernel().open(Path::new("/"), CREATE, 0o666)), EISDIR);
}

fn open_dot_with_create(f: &Fixture) {
    assert_eq!(errno(f.open(".", CREATE)), EISDIR);
    assert_eq!(errno(f.open("..", CREATE)), EISDIR);
}

fn open_new_with_a_slash(f: &Fixture) {
    assert_eq!(errno(f.open("a/", CREATE)), EISDIR);
    assert_eq!(errno(f.open("a/", READ)), ENOENT);
}

fn open_a_file_with_a_slash(f: &Fixture) {
    f.write("a", "");
    assert_eq!(errno(f.open("a/", READ)), ENOTDIR);
    assert_eq!(errno(f.os.stat("a/")), ENOTDIR);
    assert_eq!(errno(f.os.stat("a/.")), ENOTDIR);
}

fn open_a_file_with_a_slash_and_create(f: &Fixture) {
    f.write("a", "");
    assert_eq!(errno(f.open("a/", CREATE)), EISDIR);
}

fn open_directory_flag(f: &Fixture) {
    f.mkdir("d");
    assert!(f.open("d", OpenFlags { directory: true, ..READ }).is_ok());
    assert!(f.open("d/", OpenFlags { directory: true, ..READ }).is_ok());
}

fn open_directory_flag_on_a_file(f: &Fixture) {
    f.write("a", "");
    assert_eq!(errno(f.open("a", OpenFlags { directory: true, ..READ })), ENOTDIR);
}

fn open_directory_flag_with_create(f: &Fixture) {
    // Linux refuses it since 6.4; before it made a file and failed then.
    assert_one_of(errno(f.open("a", OpenFlags { directory: true, create: true, ..READ })), &[EINVAL, ENOTDIR]);
}

fn open_truncates(f: &Fixture) {
    f.write("a", "old");
    drop(f.open("a", OpenFlags { truncate: true, ..WRITE }).unwrap());
    assert_eq!(f.read("a"), b"");
}

fn open_truncate_without_write_still_truncates(f: &Fixture) {
    f.write("a", "old");
    drop(f.open("a", OpenFlags { truncate: true, ..READ }).unwrap());
    assert_eq!(f.read("a"), b"");
}

fn open_keeps_contents_without_truncate(f: &Fixture) {
    f.write("a", "old");
    write_all(&*f.open("a", CREATE).unwrap(), b"X");
    assert_eq!(f.read("a"), b"Xld");
}

fn open_create_keeps_the_mode_of_a_file(f: &Fixture) {
    f.write("a", "");
    f.chmod("a", 0o640);
    drop(f.kernel().open(&f.at("a"), CREATE, 0o777).unwrap());
    assert_eq!(f.stat("a").permissions(), 0o640);
}

fn open_create_may_write_what_nobody_may(f: &Fixture) {
    f.as_nobody(|| {
        let file = f.kernel().open(&f.at("a"), CREATE, 0).unwrap();
        write_all(&*file, b"once");
        assert_eq!(f.stat("a").permissions(), 0);
        assert_eq!(errno(f.open("a", WRITE)), EACCES);
    });
}

fn open_empty_path(f: &Fixture) {
    let empty = Path::new("");
    assert_eq!(errno(f.kernel().open(empty, READ, 0)), ENOENT);
    assert_eq!(errno(f.kernel().stat(empty, true)), ENOENT);
    assert_eq!(errno(f.kernel().mkdir(empty, 0o777)), ENOENT);
    assert_eq!(errno(f.kernel().unlink(empty)), ENOENT);
    assert_eq!(errno(f.kernel().read_dir(empty)), ENOENT);
    assert_eq!(errno(f.kernel().rename(empty, &f.at("a"))), ENOENT);
}

fn open_with_nul(f: &Fixture) {
    let path = f.at("a\0b");
    assert_eq!(errno(f.kernel().open(&path, CREATE, 0o666)), EINVAL);
    assert_eq!(errno(f.kernel().stat(&path, true)), EINVAL);
    assert_eq!(errno(f.kernel().mkdir(&path, 0o777)), EINVAL);
    assert_eq!(errno(f.kernel().symlink(&path, &f.at("l"))), EINVAL);
    assert_eq!(errno(f.kernel().rename(&f.at("x"), &path)), EINVAL);
}

fn mkdir_makes_one(f: &Fixture) {
    f.kernel().mkdir(&f.at("d"), 0o750).unwrap();
    assert!(f.stat("d").is_dir());
    assert_eq!(f.stat("d").permissions() & 0o700, 0o700);
    assert!(f.names("d").is_empty());
}

fn mkdir_with_a_slash(f: &Fixture) {
    f.mkdir("d/");
    f.mkdir("d/e//");
    assert!(f.stat("d/e").is_dir());
}

fn mkdir_without_parent(f: &Fixture) {
    assert_eq!(errno(f.os.mkdir("a/b")), ENOENT);
}

fn mkdir_beneath_a_file(f: &Fixture) {
    f.write("a", "");
    assert_eq!(errno(f.os.mkdir("a/b")), ENOTDIR);
}

fn mkdir_over_a_file(f: &Fixture) {
    f.write("a", "");
    assert_eq!(errno(f.os.mkdir("a")), EEXIST);
}

fn mkdir_over_a_directory(f: &Fixture) {
    f.mkdir("d");
    assert_eq!(errno(f.os.mkdir("d")), EEXIST);
}

fn mkdir_over_a_dangling_link(f: &Fixture) {
    f.symlink("nothing", "l");
    assert_eq!(errno(f.os.mkdir("l")), EEXIST);
    assert!(!f.exists("nothing"));
}

fn mkdir_over_a_dangling_link_with_a_slash(f: &Fixture) {
    f.symlink("nothing", "l");
    assert_eq!(errno(f.os.mkdir("l/")), EEXIST);
}

fn mkdir_over_the_root_and_dots(f: &Fixture) {
    assert_eq!(errno(f.kernel().mkdir(Path::new("/"), 0o777)), EEXIST);
    assert_eq!(errno(f.os.mkdir(".")), EEXIST);
    assert_eq!(errno(f.os.mkdir("..")), EEXIST);
}

fn mkdir_mode_less_umask(f: &Fixture) {
    f.with_umask(0o027, || {
        f.os.mkdir("d").unwrap();
        f.kernel().mkdir(&f.at("sticky"), 0o1777).unwrap();
        f.kernel().mkdir(&f.at("setgid"), 0o7777).unwrap();
        drop(f.kernel().open(&f.at("a"), CREATE, 0o666).unwrap());
        drop(f.kernel().open(&f.at("x"), CREATE, 0o4755).unwrap());
    });
    assert_eq!(f.stat("d").permissions(), 0o750);
    assert_eq!(f.stat("sticky").permissions(), 0o1750);
    assert_eq!(f.stat("setgid").permissions(), 0o1750); // mkdir knows no set-id bits
    assert_eq!(f.stat("a").permissions(), 0o640);
    assert_eq!(f.stat("x").permissions(), 0o4750);
}

fn rmdir_removes_an_empty_one(f: &Fixture) {
    f.mkdir("d");
    f.os.rmdir("d").unwrap();
    assert!(!f.exists("d"));
    f.mkdir("e");
    f.os.rmdir("e/").unwrap();
    assert!(f.names("").is_empty());
}

fn rmdir_with_entries(f: &Fixture) {
    f.mkdir("d");
    f.write("d/a", "");
    assert_eq!(f.os.rmdir("d").unwrap_err().errno(), Some(ENOTEMPTY));
    assert!(f.exists("d/a"));
}

fn rmdir_missing(f: &Fixture) {
    assert_eq!(f.os.rmdir("d").unwrap_err().errno(), Some(ENOENT));
}

fn rmdir_of_a_file(f: &Fixture) {
    f.write("a", "");
    assert_eq!(f.os.rmdir("a").unwrap_err().errno(), Some(ENOTDIR));
}

fn rmdir_of_a_link_to_a_directory(f: &Fixture) {
    f.mkdir("d");
    f.symlink("d", "l");
    assert_eq!(f.os.rmdir("l").unwrap_err().errno(), Some(ENOTDIR));
    assert_eq!(f.os.rmdir("l/").unwrap_err().errno(), Some(ENOTDIR));
    assert!(f.exists("d"));
}

fn rmdir_of_dots(f: &Fixture) {
    f.mkdir("d");
    assert_eq!(errno(f.os.rmdir("d/.")), EINVAL);
    assert_eq!(errno(f.os.rmdir("d/..")), ENOTEMPTY);
}

fn rmdir_of_the_root(f: &Fixture) {
    assert_eq!(errno(f.kernel().rmdir(Path::new("/"))), EBUSY);
}

fn unlink_removes_a_name(f: &Fixture) {
    f.write("a", "");
    f.os.unlink("a").unwrap();
    assert!(!f.exists("a"));
}

fn unlink_missing(f: &Fixture) {
    assert_eq!(errno(f.os.unlink("a")), ENOENT);
    assert_eq!(errno(f.os.unlink("a/b")), ENOENT);
}

fn unlink_of_a_directory(f: &Fixture) {
    f.mkdir("d");
    assert_eq!(errno(f.os.unlink("d")), EISDIR);
    assert_eq!(errno(f.os.unlink("d/")), EISDIR);
}

fn unlink_takes_the_link_not_the_target(f: &Fixture) {
    f.write("a", "kept");
    f.symlink("a", "l");
    f.mkdir("d");
    f.symlink("d", "ld");
    f.os.unlink("l").unwrap();
    f.os.unlink("ld").unwrap();
    assert_eq!(f.names(""), ["a", "d"]);
}

fn unlink_of_dots(f: &Fixture) {
    assert_eq!(errno(f.os.unlink(".")), EISDIR);
    assert_eq!(errno(f.os.unlink("..")), EISDIR);
    assert_eq!(errno(f.kernel().unlink(Path::new("/"))), EISDIR);
}

fn unlink_with_a_slash(f: &Fixture) {
    f.write("a", "");
    assert_eq!(errno(f.os.unlink("a/")), ENOTDIR);
    assert_eq!(errno(f.os.unlink("b/")), ENOENT);
}

fn an_unlinked_file_lives_while_it_is_open(f: &Fixture) {
    f.write("a", "alive");
    let file = f.open("a", BOTH).unwrap();
    f.os.unlink("a").unwrap();
    assert_eq!(file.stat().unwrap().st_nlink, 0);
    assert_eq!(read_all(&*file), b"alive");
    write_all(&*file, b" still");
    assert_eq!(file.stat().unwrap().st_size, 11);
    assert_eq!(errno(f.open("a", READ)), ENOENT);
}

fn a_name_can_be_taken_again_while_the_old_file_is_open(f: &Fixture) {
    f.write("a", "old");
    let old = f.open("a", READ).unwrap();
    f.os.unlink("a").unwrap();
    f.write("a", "new");
    assert_ne!(old.stat().unwrap().st_ino, f.stat("a").st_ino);
    assert_eq!(read_all(&*old), b"old");
    assert_eq!(f.read("a"), b"new");
}

fn names_need_not_be_utf8(f: &Fixture) {
    f.write(odd(), "x");
    f.kernel().mkdir(&f.at(OsStr::from_bytes(b"\x80")), 0o755).unwrap();
    assert_eq!(f.names(""), [OsStr::from_bytes(b"\x80"), odd()]);
    f.kernel().rename(&f.at(odd()), &f.at(OsStr::from_bytes(b"\x80/\xc3"))).unwrap();
    assert_eq!(f.names(OsStr::from_bytes(b"\x80")), [OsStr::from_bytes(b"\xc3")]);
}

fn names_may_hold_anything_but_slash_and_nul(f: &Fixture) {
    let all: Vec<u8> = (1..=255).filter(|byte| *byte != b'/').collect();
    let (name, rest) = all.split_at(127);
    f.write(OsStr::from_bytes(name), "1");
    f.write(OsStr::from_bytes(rest), "2");
    assert_eq!(f.names(""), [OsStr::from_bytes(name), OsStr::from_bytes(rest)]);
}

fn names_differ_by_case(f: &Fixture) {
    f.write("A", "1");
    f.write("a", "2");
    assert_eq!((f.read("A"), f.read("a")), (b"1".to_vec(), b"2".to_vec()));
}

fn names_of_255_bytes(f: &Fixture) {
    let name = "n".repeat(255);
    f.write(&name, "x");
    assert_eq!(f.names(""), [name.as_str()]);
    f.os.rename(&name, "short").unwrap();
    f.os.symlink("short", &name).unwrap();
    assert_eq!(f.read(&name), b"x");
}

fn names_of_256_bytes(f: &Fixture) {
    let name = "n".repeat(256);
    f.write("a", "");
    assert_eq!(errno(f.open(&name, CREATE)), ENAMETOOLONG);
    assert_eq!(errno(f.os.mkdir(&name)), ENAMETOOLONG);
    assert_eq!(errno(f.os.stat(&name)), ENAMETOOLONG);
    assert_eq!(errno(f.os.rename("a", &name)), ENAMETOOLONG);
    assert_eq!(errno(f.os.symlink("a", &name)), ENAMETOOLONG);
    assert_eq!(errno(f.os.unlink(&name)), ENAMETOOLONG);
    assert_eq!(errno(f.kernel().stat(&f.at(&name).join("b"), true)), ENAMETOOLONG);
}

/// A path of this length that leads to the directory itself.
fn path_of(f: &Fixture, length: usize) -> PathBuf {
    let mut path = f.dir.as_os_str().as_bytes().to_vec();
    path.resize(length - 1, b'/');
    path.push(b'.');
    PathBuf::from(OsStr::from_bytes(&path))
}

fn paths_of_4095_bytes(f: &Fixture) {
    assert!(f.kernel().stat(&path_of(f, 4095), true).unwrap().is_dir());
}

fn paths_of_4096_bytes(f: &Fixture) {
    assert_eq!(errno(f.kernel().stat(&path_of(f, 4096), true)), ENAMETOOLONG);
    assert_eq!(errno(f.kernel().open_dir(&path_of(f, 4096), true)), ENAMETOOLONG);
    assert_eq!(errno(f.kernel().mkdir(&path_of(f, 5000), 0o777)), ENAMETOOLONG);
}

fn trees_200_deep(f: &Fixture) {
    let mut path = PathBuf::new();
    for level in 0..200 {
        path.push(format!("d{level}"));
        f.mkdir(&path);
    }
    f.write(path.join("leaf"), "deep");
    assert_eq!(f.read(path.join("leaf")), b"deep");
    let up: PathBuf = std::iter::repeat_n("..", 199).collect();
    assert_eq!(f.stat(path.join(up)).st_ino, f.stat("d0").st_ino);
    // And one tree beyond the longest path: only open directories reach it.
    let mut dir = f.open_dir("");
    for _ in 0..40 {
        let name = "n".repeat(200);
        dir.mkdir(OsStr::new(&name), 0o755).unwrap();
        dir = dir.open_dir(OsStr::new(&name), false).unwrap();
    }
    write_all(&*dir.open(OsStr::new("leaf"), NEW, 0o644).unwrap(), b"deeper");
    assert_eq!(dir.entries().unwrap().count(), 1);
}

fn dots_and_double_slashes(f: &Fixture) {
    f.mkdir("d");
    f.write("d/a", "x");
    for path in ["d/./a", "d//a", "./d/a", "d/../d/a", "d/.././/d/./a"] {
        assert_eq!(f.read(path), b"x", "{path}");
    }
    assert_eq!(errno(f.open("missing/../d/a", READ)), ENOENT);
}

fn dot_dot_of_the_root_is_the_root(f: &Fixture) {
    let ino = |path: &str| f.kernel().stat(Path::new(path), true).unwrap().st_ino;
    assert_eq!(ino("/.."), ino("/"));
    assert_eq!(ino("/../../tmp"), ino("/tmp"));
}

fn dot_dot_needs_a_directory(f: &Fixture) {
    f.write("a", "");
    assert_eq!(errno(f.os.stat("a/..")), ENOTDIR);
}

fn dot_dot_follows_the_real_parent_of_a_linked_directory(f: &Fixture) {
    f.mkdir("d");
    f.mkdir("d/e");
    f.write("d/a", "beside");
    f.symlink("d/e", "l");
    assert_eq!(f.read("l/../a"), b"beside");
}

fn a_directory_removed_while_open_takes_no_names(f: &Fixture) {
    f.mkdir("d");
    let dir = f.open_dir("d");
    f.os.rmdir("d").unwrap();
    assert_eq!(errno(dir.mkdir(OsStr::new("e"), 0o777)), ENOENT);
    assert_eq!(errno(dir.open(OsStr::new("a"), CREATE, 0o666)), ENOENT);
    assert_eq!(errno(dir.stat(OsStr::new("a"), true)), ENOENT);
    assert_eq!(dir.stat_self().unwrap().st_nlink, 0);
}

fn mknod_makes_an_empty_file(f: &Fixture) {
    f.kernel().mknod(&f.at("a"), FileType::File, 0o600, 0).unwrap();
    assert_eq!((f.stat("a").file_type(), f.stat("a").permissions()), (FileType::File, 0o600));
}

fn mknod_over_something(f: &Fixture) {
    f.symlink("nothing", "l");
    assert_eq!(errno(f.kernel().mknod(&f.at("l"), FileType::Fifo, 0o600, 0)), EEXIST);
    assert_eq!(errno(f.kernel().mknod(&f.at("a/b"), FileType::Fifo, 0o600, 0)), ENOENT);
    assert_eq!(errno(f.kernel().mknod(&f.at("a/"), FileType::Fifo, 0o600, 0)), ENOENT);
}

fn mknod_of_a_directory(f: &Fixture) {
    assert_eq!(errno(f.kernel().mknod(&f.at("d"), FileType::Dir, 0o700, 0)), EPERM);
    assert_eq!(errno(f.kernel().mknod(&f.at("l"), FileType::Symlink, 0o700, 0)), EINVAL);
}

fn mknod_fifo_and_socket(f: &Fixture) {
    f.kernel().mknod(&f.at("p"), FileType::Fifo, 0o600, 0).unwrap();
    f.kernel().mknod(&f.at("s"), FileType::Socket, 0o600, 0).unwrap();
    assert_eq!(f.stat("p").file_type(), FileType::Fifo);
    assert_eq!(f.stat("s").file_type(), FileType::Socket);
    assert_eq!(errno(f.open("s", READ)), ENXIO);
}
