//! Who may do what. On the machine these run as nobody, where the tests run as root.

use std::ffi::OsStr;

use leyden::os::backend::{Access, FileTime, FileType, OpenFlags, Times};
use leyden::os::tempfile::Temp;

use super::fixture::*;

conformance!(
    mock = Fixture::mock,
    native = Fixture::native,
    [
        a_file_that_may_not_be_read,
        a_file_that_may_not_be_written,
        truncate_needs_write,
        open_truncate_needs_write,
        a_directory_that_may_not_be_searched,
        a_directory_that_may_not_be_read,
        a_directory_that_may_only_be_read,
        a_directory_that_may_not_be_written,
        removing_needs_the_directory_not_the_file,
        renaming_needs_both_directories,
        moving_a_directory_needs_to_write_it,
        an_existing_name_is_eexist_before_eacces,
        making_a_device,
        a_lost_permission_does_not_close_a_file,
        a_new_name_in_an_open_directory_without_permission,
        execute_is_not_read,
        the_owner_has_the_owners_bits_alone,
        setgid_needs_membership_in_the_group,
        writing_takes_set_id_bits,
        a_temporary_directory_goes_whatever_its_modes,
    ]
);

conformance_of_root!([
    what_others_own,
    noatime_of_what_others_own,
    group_permissions,
    supplementary_groups,
    others_permissions,
    chmod_of_what_others_own,
    chown_by_an_owner,
    chown_by_an_owner_among_its_groups,
    utime_of_what_others_own,
    utime_now_of_what_others_let_write,
    a_sticky_directory_keeps_others_files,
    a_sticky_directory_lets_its_owner,
    root_reads_and_writes_everything,
    root_needs_one_execute_bit,
    a_setgid_directory_hands_its_group_down,
    links_to_what_others_own,
    an_unreadable_directory_in_a_path,
    real_and_effective_user_of_access,
]);

fn a_temporary_directory_goes_whatever_its_modes(f: &Fixture) {
    f.as_nobody(|| {
        f.mkdir("kept");
        f.chmod("kept", 0o500);
        let made = f.os.tempfile.temporary_directory(Temp::new().dir(".")).unwrap();
        let at = |name: &str| made.path().join(name);
        for dir in ["read-only", "read-only/below", "shut", "listed"] {
            f.os.mkdir(at(dir)).unwrap();
        }
        for file in ["read-only/file", "read-only/below/file", "shut/file", "listed/file"] {
            f.os.write_text(at(file), "x").unwrap();
        }
        f.os.symlink("../kept", at("read-only/link")).unwrap();
        for (dir, mode) in [("read-only/below", 0), ("read-only", 0o500), ("shut", 0), ("listed", 0o400), (".", 0o500)] {
            f.os.chmod(at(dir), mode).unwrap();
        }
        made.cleanup().unwrap();
        assert_eq!(f.names("."), ["kept"]);
        assert_eq!(f.stat("kept").permissions(), 0o500, "no link is followed");
        let gone = f.os.tempfile.temporary_directory(Temp::new().dir(".")).unwrap();
        f.os.rmdir(gone.path()).unwrap();
        gone.cleanup().unwrap();
    });
}

fn a_file_that_may_not_be_read(f: &Fixture) {
    f.as_nobody(|| {
        f.write("a", "secret");
        f.chmod("a", 0o200);
        assert_eq!(errno(f.open("a", READ)), EACCES);
        assert_eq!(errno(f.open("a", BOTH)), EACCES);
        assert!(f.open("a", WRITE).is_ok());
        assert_eq!(f.stat("a").st_size, 6);
    });
}

fn a_file_that_may_not_be_written(f: &Fixture) {
    f.as_nobody(|| {
        f.write("a", "kept");
        f.chmod("a", 0o400);
        assert_eq!(errno(f.open("a", WRITE)), EACCES);
        assert_eq!(errno(f.open("a", CREATE)), EACCES);
        assert_eq!(f.read("a"), b"kept");
    });
}

fn truncate_needs_write(f: &Fixture) {
    f.as_nobody(|| {
        f.write("a", "kept");
        f.chmod("a", 0o400);
        assert_eq!(errno(f.os.truncate("a", 0)), EACCES);
        assert_eq!(errno(f.open("a", READ).unwrap().truncate(0)), EINVAL);
    });
}

fn open_truncate_needs_write(f: &Fixture) {
    f.as_nobody(|| {
        f.write("a", "kept");
        f.chmod("a", 0o400);
        assert_eq!(errno(f.open("a", OpenFlags { truncate: true, ..READ })), EACCES);
        assert_eq!(f.read("a"), b"kept");
    });
}

fn a_directory_that_may_not_be_searched(f: &Fixture) {
    f.as_nobody(|| {
        f.mkdir("d");
        f.write("d/a", "");
        f.chmod("d", 0o600);
        assert_eq!(errno(f.os.stat("d/a")), EACCES);
        assert_eq!(errno(f.open("d/a", READ)), EACCES);
        assert_eq!(errno(f.open("d/new", CREATE)), EACCES);
        assert_eq!(errno(f.os.stat("d/missing/x")), EACCES);
        assert_eq!(errno(f.os.unlink("d/a")), EACCES);
        assert_eq!(errno(f.os.stat("d/..")), EACCES);
        assert!(!f.kernel().access(&f.at("d/a"), Access::default(), false, true).unwrap());
        assert_eq!(f.names("d"), ["a"], "its names may be read");
        f.chmod("d", 0o700);
    });
}

fn a_directory_that_may_not_be_read(f: &Fixture) {
    f.as_nobody(|| {
        f.mkdir("d");
        f.write("d/a", "x");
        f.chmod("d", 0o300);
        assert_eq!(errno(f.kernel().read_dir(&f.at("d"))), EACCES);
        assert_eq!(errno(f.kernel().open_dir(&f.at("d"), true)), EACCES);
        assert_eq!(f.read("d/a"), b"x", "but who knows a name gets through");
        f.chmod("d", 0o700);
    });
}

fn a_directory_that_may_only_be_read(f: &Fixture) {
    f.as_nobody(|| {
        f.mkdir("d");
        f.write("d/a", "x");
        f.chmod("d", 0o400);
        let dir = f.open_dir("d");
        assert_eq!(dir.entries().unwrap().count(), 1);
        assert_eq!(errno(dir.stat(OsStr::new("a"), false)), EACCES);
        f.chmod("d", 0o700);
    });
}

fn a_directory_that_may_not_be_written(f: &Fixture) {
    f.as_nobody(|| {
        f.mkdir("d");
        f.write("d/a", "");
        f.mkdir("d/e");
        f.chmod("d", 0o500);
        assert_eq!(errno(f.open("d/new", CREATE)), EACCES);
        assert_eq!(errno(f.os.mkdir("d/new")), EACCES);
        assert_eq!(errno(f.kernel().symlink(&f.at("a"), &f.at("d/new"))), EACCES);
        assert_eq!(errno(f.os.link("d/a", "d/new")), EACCES);
        assert_eq!(errno(f.kernel().mknod(&f.at("d/new"), FileType::Fifo, 0o600, 0)), EACCES);
        assert_eq!(errno(f.os.unlink("d/a")), EACCES);
        assert_eq!(errno(f.os.rmdir("d/e")), EACCES);
        assert_eq!(errno(f.os.rename("d/a", "d/b")), EACCES);
        f.write("d/a", "may be written");
        f.chmod("d", 0o700);
    });
}

fn removing_needs_the_directory_not_the_file(f: &Fixture) {
    f.as_nobody(|| {
        f.write("a", "");
        f.chmod("a", 0);
        f.mkdir("d");
        f.chmod("d", 0);
        f.os.unlink("a").unwrap();
        f.os.rmdir("d").unwrap();
    });
}

fn renaming_needs_both_directories(f: &Fixture) {
    f.as_nobody(|| {
        f.mkdir("d");
        f.mkdir("e");
        f.write("d/a", "");
        f.chmod("e", 0o500);
        assert_eq!(errno(f.os.rename("d/a", "e/a")), EACCES);
        f.chmod("e", 0o700);
        f.chmod("d", 0o500);
        assert_eq!(errno(f.os.rename("d/a", "e/a")), EACCES);
        f.chmod("d", 0o700);
        f.os.rename("d/a", "e/a").unwrap();
    });
}

fn moving_a_directory_needs_to_write_it(f: &Fixture) {
    f.as_nobody(|| {
        f.mkdir("d");
        f.mkdir("e");
        f.mkdir("d/x");
        f.chmod("d/x", 0o500);
        assert_eq!(errno(f.os.rename("d/x", "e/x")), EACCES);
        f.os.rename("d/x", "d/y").unwrap();
    });
}

fn an_existing_name_is_eexist_before_eacces(f: &Fixture) {
    f.as_nobody(|| {
        f.mkdir("d");
        f.mkdir("d/e");
        f.chmod("d", 0o500);
        assert_eq!(errno(f.os.mkdir("d/e")), EEXIST);
        assert_eq!(errno(f.kernel().symlink(&f.at("x"), &f.at("d/e"))), EEXIST);
        f.chmod("d", 0o700);
    });
}

fn making_a_device(f: &Fixture) {
    f.as_nobody(|| {
        assert_eq!(errno(f.kernel().mknod(&f.at("n"), FileType::CharDevice, 0o600, 0x103)), EPERM);
        assert_eq!(errno(f.kernel().mknod(&f.at("n"), FileType::BlockDevice, 0o600, 0x700)), EPERM);
        f.kernel().mknod(&f.at("p"), FileType::Fifo, 0o600, 0).unwrap();
    });
}

fn a_lost_permission_does_not_close_a_file(f: &Fixture) {
    f.as_nobody(|| {
        f.write("a", "old");
        let file = f.open("a", BOTH).unwrap();
        f.chmod("a", 0);
        assert_eq!(read_all(&*file), b"old");
        write_all(&*file, b"!");
        assert_eq!(errno(f.open("a", READ)), EACCES);
    });
}

fn a_new_name_in_an_open_directory_without_permission(f: &Fixture) {
    f.as_nobody(|| {
        f.mkdir("d");
        let dir = f.open_dir("d");
        f.chmod("d", 0o500);
        assert_eq!(errno(dir.mkdir(OsStr::new("e"), 0o777)), EACCES);
        f.chmod("d", 0o700);
        dir.mkdir(OsStr::new("e"), 0o777).unwrap();
    });
}

fn execute_is_not_read(f: &Fixture) {
    f.as_nobody(|| {
        f.write("a", "");
        f.chmod("a", 0o100);
        assert_eq!(errno(f.open("a", READ)), EACCES);
    });
}

fn the_owner_has_the_owners_bits_alone(f: &Fixture) {
    f.as_nobody(|| {
        f.write("a", "");
        f.chmod("a", 0o066);
        assert_eq!(errno(f.open("a", READ)), EACCES);
    });
}

fn setgid_needs_membership_in_the_group(f: &Fixture) {
    f.as_nobody(|| {
        f.write("a", "");
        f.chmod("a", 0o2755);
        assert_eq!(f.stat("a").permissions(), 0o2755, "in its own group it may");
    });
}

fn writing_takes_set_id_bits(f: &Fixture) {
    f.as_nobody(|| {
        f.write("a", "");
        f.chmod("a", 0o6777);
        write_all(&*f.open("a", WRITE).unwrap(), b"x");
        assert_eq!(f.stat("a").permissions(), 0o777);
        f.chmod("a", 0o4777);
        f.os.truncate("a", 0).unwrap();
        assert_eq!(f.stat("a").permissions(), 0o777);
    });
}

/// A file of root's with this mode.
fn roots(f: &Fixture, name: &str, mode: u32) {
    f.write(name, "root's");
    f.chmod(name, mode);
}

fn what_others_own(f: &Fixture) {
    roots(f, "a", 0o600);
    f.as_nobody(|| {
        assert_eq!(errno(f.open("a", READ)), EACCES);
        assert_eq!(errno(f.open("a", WRITE)), EACCES);
        assert_eq!(f.stat("a").st_uid, 0);
    });
}

fn noatime_of_what_others_own(f: &Fixture) {
    roots(f, "a", 0o644);
    f.as_nobody(|| assert_eq!(errno(f.open("a", OpenFlags { noatime: true, ..READ })), EPERM));
}

fn group_permissions(f: &Fixture) {
    roots(f, "a", 0o640);
    f.os.chown("a", None, Some(500)).unwrap();
    f.as_user(1000, 500, &[], || {
        assert_eq!(f.read("a"), b"root's");
        assert_eq!(errno(f.open("a", WRITE)), EACCES);
    });
    // A member has the group's bits even where others have more.
    f.chmod("a", 0o604);
    f.as_user(1000, 500, &[], || assert_eq!(errno(f.open("a", READ)), EACCES));
}

fn supplementary_groups(f: &Fixture) {
    roots(f, "a", 0o660);
    f.os.chown("a", None, Some(500)).unwrap();
    f.as_user(1000, 1000, &[7, 500], || assert!(f.open("a", BOTH).is_ok()));
    f.as_user(1000, 1000, &[7], || assert_eq!(errno(f.open("a", READ)), EACCES));
}

fn others_permissions(f: &Fixture) {
    roots(f, "a", 0o602);
    f.as_nobody(|| {
        assert_eq!(errno(f.open("a", READ)), EACCES);
        assert!(f.open("a", WRITE).is_ok());
    });
}

fn chmod_of_what_others_own(f: &Fixture) {
    roots(f, "a", 0o666);
    f.as_nobody(|| {
        assert_eq!(errno(f.os.chmod("a", 0o777)), EPERM);
        assert_eq!(errno(f.open("a", READ).unwrap().chmod(0o777)), EPERM);
        assert_eq!(errno(f.open_dir("").chmod(OsStr::new("a"), 0o777)), EPERM);
    });
}

fn chown_by_an_owner(f: &Fixture) {
    f.as_nobody(|| {
        f.write("a", "");
        assert_eq!(errno(f.os.chown("a", Some(0), None)), EPERM);
        assert_eq!(errno(f.os.chown("a", None, Some(0))), EPERM);
    });
    roots(f, "b", 0o666);
    f.as_nobody(|| {
        assert_eq!(errno(f.os.chown("b", Some(NOBODY), None)), EPERM);
        assert_eq!(errno(f.os.chown("b", None, Some(NOBODY))), EPERM);
    });
}

fn chown_by_an_owner_among_its_groups(f: &Fixture) {
    f.as_user(1000, 1000, &[500], || {
        f.write("a", "");
        f.os.chown("a", None, Some(500)).unwrap();
        assert_eq!(f.stat("a").st_gid, 500);
        assert_eq!(errno(f.os.chown("a", None, Some(501))), EPERM);
    });
}

fn utime_of_what_others_own(f: &Fixture) {
    roots(f, "a", 0o666);
    let time = FileTime::At(std::time::SystemTime::UNIX_EPOCH);
    f.as_nobody(|| {
        let some = Times { atime: Some(time), mtime: Some(time) };
        assert_eq!(errno(f.os.utime("a", some)), EPERM);
        let half = Times { atime: None, mtime: Some(FileTime::Now) };
        assert_eq!(errno(f.os.utime("a", half)), EPERM);
    });
}

fn utime_now_of_what_others_let_write(f: &Fixture) {
    roots(f, "a", 0o666);
    roots(f, "b", 0o644);
    f.as_nobody(|| {
        let now = Times { atime: Some(FileTime::Now), mtime: Some(FileTime::Now) };
        f.os.utime("a", now).unwrap();
        assert_eq!(errno(f.os.utime("b", now)), EACCES);
    });
}

fn a_sticky_directory_keeps_others_files(f: &Fixture) {
    f.mkdir("d");
    f.chmod("d", 0o1777);
    roots(f, "d/a", 0o666);
    f.mkdir("d/e");
    f.as_nobody(|| {
        f.write("d/mine", "");
        assert_eq!(errno(f.os.unlink("d/a")), EPERM);
        assert_eq!(errno(f.os.rmdir("d/e")), EPERM);
        assert_eq!(errno(f.os.rename("d/a", "d/b")), EPERM);
        assert_eq!(errno(f.os.rename("d/mine", "d/a")), EPERM);
        f.os.rename("d/mine", "d/still_mine").unwrap();
        f.os.unlink("d/still_mine").unwrap();
    });
    f.chmod("d", 0o777);
    f.as_nobody(|| f.os.unlink("d/a").unwrap());
}

fn a_sticky_directory_lets_its_owner(f: &Fixture) {
    f.mkdir("d");
    f.chmod("d", 0o1777);
    f.os.chown("d", Some(NOBODY), None).unwrap();
    roots(f, "d/a", 0o600);
    f.as_nobody(|| f.os.unlink("d/a").unwrap());
}

fn root_reads_and_writes_everything(f: &Fixture) {
    f.as_nobody(|| {
        f.mkdir("d");
        f.write("d/a", "x");
        f.chmod("d/a", 0);
        f.chmod("d", 0);
    });
    assert_eq!(f.read("d/a"), b"x");
    f.write("d/a", "y");
    assert_eq!(f.names("d"), ["a"]);
    f.chmod("d/a", 0o600);
}

fn root_needs_one_execute_bit(f: &Fixture) {
    let execute = Access { execute: true, ..Access::default() };
    roots(f, "a", 0o666);
    assert!(!f.kernel().access(&f.at("a"), execute, false, true).unwrap());
    f.chmod("a", 0o001);
    assert!(f.kernel().access(&f.at("a"), execute, false, true).unwrap());
}

fn a_setgid_directory_hands_its_group_down(f: &Fixture) {
    f.mkdir("d");
    f.os.chown("d", None, Some(500)).unwrap();
    f.chmod("d", 0o2777);
    f.as_nobody(|| {
        f.write("d/a", "");
        f.mkdir("d/e");
        f.symlink("x", "d/l");
    });
    assert_eq!((f.stat("d/a").st_gid, f.stat("d/e").st_gid, f.stat("d/l").st_gid), (500, 500, 500));
    assert_eq!(f.stat("d/e").permissions() & 0o2000, 0o2000);
    assert_eq!(f.stat("d/a").permissions() & 0o2000, 0);
}

fn links_to_what_others_own(f: &Fixture) {
    roots(f, "a", 0o644);
    f.as_nobody(|| {
        f.symlink("a", "l");
        assert_eq!(f.read("l"), b"root's");
        assert_eq!(errno(f.open("l", WRITE)), EACCES);
    });
    // Who may read and write it may give it a name, whatever fs.protected_hardlinks says.
    roots(f, "b", 0o666);
    f.as_nobody(|| f.os.link("b", "c").unwrap());
}

fn an_unreadable_directory_in_a_path(f: &Fixture) {
    f.mkdir("d");
    f.mkdir("d/e");
    roots(f, "d/e/a", 0o644);
    f.chmod("d", 0o711);
    f.as_nobody(|| {
        assert_eq!(f.read("d/e/a"), b"root's");
        assert_eq!(errno(f.kernel().read_dir(&f.at("d"))), EACCES);
    });
    f.chmod("d", 0o700);
    f.as_nobody(|| {
        assert_eq!(errno(f.open("d/e/a", READ)), EACCES);
        assert_eq!(errno(f.kernel().open_dir(&f.at("d/e"), true)), EACCES);
    });
}

fn real_and_effective_user_of_access(f: &Fixture) {
    if !alone(f) {
        return;
    }
    roots(f, "a", 0o600);
    let read = Access { read: true, ..Access::default() };
    f.kernel().setresuid(Some(NOBODY), Some(0), None).unwrap();
    assert!(!f.kernel().access(&f.at("a"), read, false, true).unwrap(), "the real user may not");
    assert!(f.kernel().access(&f.at("a"), read, true, true).unwrap(), "the effective one may");
    assert!(f.open("a", READ).is_ok());
    f.kernel().setresuid(Some(0), None, None).unwrap();
}
