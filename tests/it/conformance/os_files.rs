//! Files as a script uses them: open, whole files, replacing, names, metadata, the environment.

use crate::support::site::Site;
use leyden::os::*;
use std::io::{BufRead, Read, Seek, SeekFrom, Write};
use std::time::{Duration, SystemTime};

conformance!(
    mock = Site::mock,
    native = Site::native,
    [
        write_then_read,
        text_newlines_become_one,
        encodings,
        decode_errors_name_the_byte,
        encode_errors_write_nothing,
        modes_that_contradict_are_refused,
        read_mode_needs_the_file,
        exclusive_mode_needs_no_file,
        append_mode_writes_at_the_end,
        update_mode_reads_and_writes,
        truncating_here_and_there,
        truncating_what_was_read_ahead,
        directories_are_not_opened,
        lines_of_a_file,
        lines_longer_than_the_buffer,
        newlines_across_the_buffer,
        reading_what_is_open_for_writing,
        writing_what_is_open_for_reading,
        buffered_bytes_are_written_on_drop,
        read_ahead_does_not_move_writes,
        pread_and_pwrite_leave_the_position,
        locks_exclude_each_other,
        lseek_counts_from_everywhere,
        lseek_finds_data_and_holes,
        raw_flags_open_as_the_kernel_does,
        allocated_space_is_zeros,
        statvfs_of_path_and_file,
        unbuffered_writes_are_there_at_once,
        replacing_keeps_permissions_and_attributes,
        replacing_through_a_link_keeps_the_link,
        replacing_through_a_dangling_link_makes_its_target,
        replacing_through_a_loop_fails,
        replacing_without_following_refuses_a_link,
        replacing_leaves_nothing_beside,
        replacing_a_directory_fails,
        replacing_a_read_only_file_fails_unless_root,
        replacing_breaks_hard_links_only_by_name,
        replacing_a_file_with_the_longest_name,
        replacing_with_sync,
        new_files_have_the_mode_asked_for,
        two_paths_stand_in_the_error,
        errors_name_the_path_as_it_was_given,
        makedirs_makes_what_is_missing,
        makedirs_of_what_is_there,
        makedirs_through_dots,
        makedirs_over_a_file_fails,
        mkdir_takes_no_exist_ok,
        removedirs_stops_at_what_is_not_empty,
        renames_makes_and_prunes,
        links_count,
        stat_follows_and_does_not,
        access_asks_and_never_fails,
        utime_sets_both,
        utime_before_the_epoch,
        xattrs,
        fifo_and_its_type,
        copy_file_range_copies,
        scandir_knows_types,
        scandir_entries_remember,
        scandir_of_a_dangling_link,
        chdir_resolves_links,
        chdir_to_no_directory_fails,
        getcwd_of_a_removed_directory_fails,
        open_directory_outlives_its_name,
        open_directory_keeps_within,
        environment_is_a_mapping,
        environment_refuses_what_cannot_be,
        clones_share_directory_and_environment,
    ]
);

fn errno(result: Result<impl Sized, Error>) -> i32 {
    result.err().and_then(|error| error.errno()).unwrap_or(0)
}

fn write_then_read(Site { os, .. }: &Site) {
    assert_eq!(os.write_text("a", "h\u{e9}llo\n").unwrap(), 6);
    assert_eq!(os.read_text("a").unwrap(), "h\u{e9}llo\n");
    assert_eq!(os.write_bytes("b", b"\x00\xff").unwrap(), 2);
    assert_eq!(os.read_bytes("b").unwrap(), b"\x00\xff");
    os.write_text("a", "").unwrap();
    assert_eq!(os.read_text("a").unwrap(), "");
    let big = vec![7; 3_000_000];
    os.write_bytes("big", &big).unwrap();
    assert_eq!(os.read_bytes("big").unwrap(), big);
}

fn text_newlines_become_one(Site { os, .. }: &Site) {
    os.write_bytes("a", b"1\r\n2\r3\n\r\r\n").unwrap();
    assert_eq!(os.read_text("a").unwrap(), "1\n2\n3\n\n\n");
    assert_eq!(os.read_text(Open::new("a").newline("")).unwrap(), "1\r\n2\r3\n\r\r\n");
    os.write_text(Open::new("b").newline("\r\n"), "1\n2\n").unwrap();
    assert_eq!(os.read_bytes("b").unwrap(), b"1\r\n2\r\n");
}

fn encodings(Site { os, .. }: &Site) {
    os.write_text(Open::new("a").encoding("Latin_1"), "caf\u{e9}").unwrap();
    assert_eq!(os.read_bytes("a").unwrap(), b"caf\xe9");
    assert_eq!(os.read_text(Open::new("a").encoding("iso-8859-1")).unwrap(), "caf\u{e9}");
    assert_eq!(os.read_text(Open::new("a").errors("replace")).unwrap(), "caf\u{fffd}");
    os.write_text(Open::new("b").encoding("utf-8-sig"), "x").unwrap();
    assert_eq!(os.read_bytes("b").unwrap(), b"\xef\xbb\xbfx");
    assert_eq!(os.read_text(Open::new("b").encoding("utf-8-sig")).unwrap(), "x");
    assert_eq!(os.read_text("b").unwrap(), "\u{feff}x");
    assert!(matches!(os.read_text(Open::new("b").encoding("klingon")), Err(Error::Lookup(_))));
}

fn decode_errors_name_the_byte(Site { os, .. }: &Site) {
    os.write_bytes("a", b"ab\r\n\xffcd").unwrap();
    let error = os.read_text("a").unwrap_err();
    assert!(matches!(&error, Error::UnicodeDecode { position: 4, encoding: "utf-8", .. }), "{error:?}");
    assert_eq!(error.to_string(), "'a': byte 4 is not utf-8");
    let mut file = os.open("a").unwrap();
    assert_eq!(file.readline().unwrap(), "ab\n");
    assert!(matches!(file.read_text(), Err(Error::UnicodeDecode { position: 4, .. })));
    let mut rest = Vec::new();
    file.read_to_end(&mut rest).unwrap();
    assert_eq!(rest, b"\xffcd", "a failed read loses nothing");
    os.write_bytes("b", b"\xef\xbb\xbfa\xff\n").unwrap();
    let marked = || Open::new("b").encoding("utf-8-sig");
    assert!(matches!(os.read_text(marked()), Err(Error::UnicodeDecode { position: 4, .. })), "the mark counts");
    assert!(matches!(os.open(marked()).unwrap().read_text(), Err(Error::UnicodeDecode { position: 4, .. })));
    assert!(matches!(os.open(marked()).unwrap().readline(), Err(Error::UnicodeDecode { position: 4, .. })));
}

fn encode_errors_write_nothing(Site { os, .. }: &Site) {
    os.write_text("a", "old").unwrap();
    let error = os.write_text(Open::new("a").encoding("ascii"), "n\u{e9}w").unwrap_err();
    assert!(matches!(&error, Error::UnicodeEncode { character: '\u{e9}', position: 1, .. }), "{error:?}");
    assert_eq!(os.read_text("a").unwrap(), "old");
}

fn modes_that_contradict_are_refused(Site { os, .. }: &Site) {
    for mode in ["", "z", "rw", "rr", "b", "+", "rbt", "U", "w++"] {
        let error = os.open(Open::new("a").mode(mode)).unwrap_err();
        assert!(matches!(error, Error::Value(_)), "{mode}: {error:?}");
    }
    assert!(matches!(os.open(Open::new("a").mode("wb").encoding("utf-8")), Err(Error::Value(_))));
    assert!(matches!(os.open(Open::new("a").mode("w").buffering(0)), Err(Error::Value(_))));
    assert!(!os.path.exists("a"), "nothing was made before the arguments were checked");
    assert!(matches!(os.write_text(Open::new("a").mode("a"), "x"), Err(Error::Value(_))));
}

fn read_mode_needs_the_file(Site { os, .. }: &Site) {
    assert!(matches!(os.open("none"), Err(Error::FileNotFound(_))));
    assert!(matches!(os.open(Open::new("none").mode("r+")), Err(Error::FileNotFound(_))));
    assert!(matches!(os.open(Open::new("no/dir").mode("w")), Err(Error::FileNotFound(_))));
}

fn exclusive_mode_needs_no_file(Site { os, .. }: &Site) {
    os.open(Open::new("a").mode("x")).unwrap().write_text("1").unwrap();
    assert!(matches!(os.open(Open::new("a").mode("x")), Err(Error::FileExists(_))));
    os.symlink("nowhere", "link").unwrap();
    assert!(matches!(os.open(Open::new("link").mode("x")), Err(Error::FileExists(_))));
}

fn append_mode_writes_at_the_end(Site { os, .. }: &Site) {
    os.write_text("a", "1").unwrap();
    let mut file = os.open(Open::new("a").mode("a+")).unwrap();
    assert_eq!(file.stream_position().unwrap(), 1);
    file.rewind().unwrap();
    file.write_text("2").unwrap();
    file.rewind().unwrap();
    assert_eq!(file.read_text().unwrap(), "12");
}

fn update_mode_reads_and_writes(Site { os, .. }: &Site) {
    os.write_text("a", "abcdef").unwrap();
    let mut file = os.open(Open::new("a").mode("r+")).unwrap();
    let mut two = [0; 2];
    file.read_exact(&mut two).unwrap();
    file.write_all(b"XY").unwrap();
    file.read_exact(&mut two).unwrap();
    assert_eq!(&two, b"ef");
    file.close().unwrap();
    assert_eq!(os.read_text("a").unwrap(), "abXYef");
    let mut file = os.open(Open::new("a").mode("w+")).unwrap();
    assert_eq!(file.read_text().unwrap(), "");
}

fn truncating_here_and_there(Site { os, .. }: &Site) {
    os.write_text("a", "abcdef").unwrap();
    let mut file = os.open(Open::new("a").mode("r+")).unwrap();
    file.seek(SeekFrom::Start(4)).unwrap();
    file.truncate(None).unwrap();
    assert_eq!(file.stat().unwrap().st_size, 4);
    file.truncate(6).unwrap();
    drop(file);
    assert_eq!(os.read_bytes("a").unwrap(), b"abcd\0\0");
    os.truncate("a", 1).unwrap();
    assert_eq!(os.read_bytes("a").unwrap(), b"a");
}

fn truncating_what_was_read_ahead(Site { os, .. }: &Site) {
    os.write_bytes("a", b"one\ntwo\nthree\n").unwrap();
    let mut file = os.open(Open::new("a").mode("r+")).unwrap();
    assert_eq!(file.readline().unwrap(), "one\n");
    file.truncate(6).unwrap();
    assert_eq!(file.read_text().unwrap(), "tw", "what is gone is not read");
    file.write_text("!").unwrap();
    drop(file);
    assert_eq!(os.read_bytes("a").unwrap(), b"one\ntw!");
}

fn directories_are_not_opened(Site { os, .. }: &Site) {
    os.mkdir("d").unwrap();
    for mode in ["r", "w", "a", "r+"] {
        assert!(matches!(os.open(Open::new("d").mode(mode)), Err(Error::IsADirectory(_))), "{mode}");
    }
    assert!(matches!(os.read_text("d"), Err(Error::IsADirectory(_))));
}

fn lines_of_a_file(Site { os, .. }: &Site) {
    os.write_bytes("a", b"1\r\n\n3\r4").unwrap();
    let lines = |open: Open| os.open(open).unwrap().lines().collect::<Result<Vec<_>, _>>().unwrap();
    assert_eq!(lines(Open::new("a")), ["1", "", "3", "4"]);
    assert_eq!(lines(Open::new("a").newline("")), ["1", "", "3", "4"]);
    assert_eq!(lines(Open::new("a").newline("\n")), ["1\r", "", "3\r4"]);
    assert_eq!(lines(Open::new("a").newline("\r")), ["1", "\n\n3", "4"]);
    assert_eq!(lines(Open::new("a").newline("\r\n")), ["1", "\n3\r4"]);
    assert_eq!(os.open("a").unwrap().readlines().unwrap(), ["1\n", "\n", "3\n", "4"]);
    assert_eq!(os.open(Open::new("a").newline("")).unwrap().readlines().unwrap(), ["1\r\n", "\n", "3\r", "4"]);
    assert_eq!(os.open("a").unwrap().lines().count(), 4);
    assert!(matches!(os.open(Open::new("a").mode("rb")).unwrap().readline(), Err(Error::Value(_))));
    assert_eq!(os.open(Open::new("a").mode("rb")).unwrap().split(b'\n').count(), 3);
}

fn lines_longer_than_the_buffer(Site { os, .. }: &Site) {
    let long = "x".repeat(100_000);
    os.write_text("a", format!("{long}\nend")).unwrap();
    let mut file = os.open("a").unwrap();
    assert_eq!(file.readline().unwrap().len(), 100_001);
    assert_eq!(file.readline().unwrap(), "end");
    assert_eq!(file.readline().unwrap(), "");
}

fn newlines_across_the_buffer(Site { os, .. }: &Site) {
    os.write_bytes("a", b"ab\r\ncd\r\r\nef\r").unwrap();
    for size in 2..9 {
        let file = |newline: Option<&str>| {
            let open = Open::new("a").buffering(size);
            os.open(match newline {
                Some(newline) => open.newline(newline),
                None => open,
            })
            .unwrap()
            .readlines()
            .unwrap()
        };
        assert_eq!(file(None), ["ab\n", "cd\n", "\n", "ef\n"], "{size}");
        assert_eq!(file(Some("")), ["ab\r\n", "cd\r", "\r\n", "ef\r"], "{size}");
        assert_eq!(file(Some("\r\n")), ["ab\r\n", "cd\r\r\n", "ef\r"], "{size}");
    }
}

fn reading_what_is_open_for_writing(Site { os, .. }: &Site) {
    let mut file = os.open(Open::new("a").mode("w")).unwrap();
    assert!(matches!(file.read_text(), Err(Error::Value(_))));
    assert_eq!(file.read(&mut [0; 4]).unwrap_err().raw_os_error(), Some(9));
}

fn writing_what_is_open_for_reading(Site { os, .. }: &Site) {
    os.write_text("a", "x").unwrap();
    let mut file = os.open("a").unwrap();
    assert!(matches!(file.write_text("y"), Err(Error::Value(_))));
    assert_eq!(file.write(b"y").unwrap_err().raw_os_error(), Some(9));
    assert_eq!(os.read_text("a").unwrap(), "x");
}

fn buffered_bytes_are_written_on_drop(Site { os, .. }: &Site) {
    let mut file = os.open(Open::new("a").mode("w")).unwrap();
    file.write_text("x").unwrap();
    assert_eq!(os.read_text("a").unwrap(), "");
    file.flush().unwrap();
    assert_eq!(os.read_text("a").unwrap(), "x");
    file.write_text("y").unwrap();
    drop(file);
    assert_eq!(os.read_text("a").unwrap(), "xy");
}

fn read_ahead_does_not_move_writes(Site { os, .. }: &Site) {
    os.write_text("a", "1\n2\n3\n").unwrap();
    let mut file = os.open(Open::new("a").mode("r+")).unwrap();
    assert_eq!(file.readline().unwrap(), "1\n");
    assert_eq!(file.stream_position().unwrap(), 2);
    file.write_text("X").unwrap();
    assert_eq!(file.readline().unwrap(), "\n");
    file.close().unwrap();
    assert_eq!(os.read_text("a").unwrap(), "1\nX\n3\n");
}

fn pread_and_pwrite_leave_the_position(Site { os, .. }: &Site) {
    os.write_text("a", "abcdef").unwrap();
    let mut file = os.open(Open::new("a").mode("r+b")).unwrap();
    let mut one = [0; 1];
    file.read_exact(&mut one).unwrap();
    assert_eq!(file.read_at(2, 4).unwrap(), b"ef");
    assert_eq!(file.read_at(9, 5).unwrap(), b"f");
    assert_eq!(file.write_at(b"X", 1).unwrap(), 1);
    file.read_exact(&mut one).unwrap();
    assert_eq!(&one, b"X");
}

fn locks_exclude_each_other(Site { os, .. }: &Site) {
    os.write_text("a", "").unwrap();
    let (mut one, mut other) = (os.open("a").unwrap(), os.open("a").unwrap());
    assert!(one.try_lock().unwrap());
    assert!(!other.try_lock().unwrap());
    one.unlock().unwrap();
    assert!(other.try_lock().unwrap());
    drop(other);
    one.lock_shared().unwrap();
    os.open("a").unwrap().lock_shared().unwrap();
}

fn lseek_counts_from_everywhere(Site { os, .. }: &Site) {
    os.write_text("a", "abcdef").unwrap();
    let mut file = os.open("a").unwrap();
    assert_eq!(file.lseek(2, SEEK_SET).unwrap(), 2);
    assert_eq!(file.readline().unwrap(), "cdef");
    assert_eq!(file.lseek(-3, SEEK_CUR).unwrap(), 3);
    assert_eq!(file.lseek(-1, SEEK_END).unwrap(), 5);
    assert_eq!(file.readline().unwrap(), "f");
    assert_eq!(file.lseek(10, SEEK_END).unwrap(), 16);
    assert_eq!(errno(file.lseek(-1, SEEK_SET)), 22);
    assert_eq!(errno(file.lseek(-100, SEEK_CUR)), 22);
}

fn lseek_finds_data_and_holes(Site { os, .. }: &Site) {
    os.write_text("a", "abcdef").unwrap();
    let mut file = os.open("a").unwrap();
    assert_eq!(file.lseek(2, SEEK_DATA).unwrap(), 2);
    assert_eq!(file.lseek(2, SEEK_HOLE).unwrap(), 6);
    assert_eq!(errno(file.lseek(6, SEEK_DATA)), 6);
    assert_eq!(errno(file.lseek(7, SEEK_HOLE)), 6);
    assert_eq!(errno(file.lseek(-1, SEEK_HOLE)), 6);
}

fn raw_flags_open_as_the_kernel_does(Site { os, .. }: &Site) {
    let open = |flags| os.open(Open::new("a").flags(flags));
    assert_eq!(errno(open(O_RDWR)), 2);
    open(O_WRONLY | O_CREAT | O_EXCL).unwrap().write_all(b"12").unwrap();
    assert_eq!(errno(open(O_WRONLY | O_CREAT | O_EXCL)), 17);
    open(O_WRONLY | O_APPEND | O_SYNC).unwrap().write_all(b"3").unwrap();
    assert_eq!(os.read_bytes("a").unwrap(), b"123");
    open(O_WRONLY | O_TRUNC).unwrap();
    assert_eq!(os.read_bytes("a").unwrap(), b"");
    assert_eq!(errno(open(O_RDONLY | O_DIRECTORY)), 20);
    os.mkdir("d").unwrap();
    let mut dir = os.open(Open::new("d").flags(O_RDONLY | O_DIRECTORY)).unwrap();
    assert_eq!(dir.read(&mut [0; 8]).unwrap_err().raw_os_error(), Some(21));
    dir.sync().unwrap();
    os.symlink("a", "link").unwrap();
    assert_eq!(errno(os.open(Open::new("link").flags(O_RDONLY | O_NOFOLLOW))), 40);
    assert!(matches!(os.open(Open::new("a").flags(O_RDONLY).mode("w")), Err(Error::Value(_))));
    assert!(matches!(os.write_text(Open::new("a").flags(O_RDONLY), "x"), Err(Error::Value(_))));
}

fn allocated_space_is_zeros(Site { os, .. }: &Site) {
    os.write_text("a", "xy").unwrap();
    let mut file = os.open(Open::new("a").mode("r+b")).unwrap();
    file.posix_fallocate(0, 1).unwrap();
    assert_eq!(file.stat().unwrap().st_size, 2);
    file.posix_fallocate(1, 4).unwrap();
    assert_eq!(os.read_bytes("a").unwrap(), b"xy\0\0\0");
    assert_eq!(errno(file.posix_fallocate(0, 0)), 22);
    assert_eq!(errno(os.open("a").unwrap().posix_fallocate(0, 1)), 9);
    file.posix_fadvise(0, 0, POSIX_FADV_SEQUENTIAL).unwrap();
}

fn statvfs_of_path_and_file(Site { os, .. }: &Site) {
    os.write_text("a", "").unwrap();
    let (by_path, by_file) = (os.statvfs("a").unwrap(), os.open("a").unwrap().statvfs().unwrap());
    assert_eq!((by_path.f_frsize, by_path.f_fsid, by_path.f_namemax), (by_file.f_frsize, by_file.f_fsid, 255));
    assert!(by_path.f_bfree <= by_path.f_blocks && by_path.f_blocks > 0);
    assert_eq!(os.pathconf("a", "PC_NAME_MAX").unwrap(), Some(255));
    assert_eq!(os.pathconf("a", 3).unwrap(), Some(255));
    assert!(matches!(os.pathconf("a", "PC_NONSENSE"), Err(Error::Value(_))));
    assert_eq!(errno(os.pathconf("none", "PC_NAME_MAX")), 2);
}

fn unbuffered_writes_are_there_at_once(Site { os, .. }: &Site) {
    let mut file = os.open(Open::new("a").mode("wb").buffering(0)).unwrap();
    file.write_all(b"x").unwrap();
    assert_eq!(os.read_text("a").unwrap(), "x");
    let mut file = os.open(Open::new("b").mode("w").buffering(1)).unwrap();
    file.write_text("one\n").unwrap();
    assert_eq!(os.read_text("b").unwrap(), "one\n");
    file.write_text("two").unwrap();
    assert_eq!(os.read_text("b").unwrap(), "one\n");
}

fn replacing_keeps_permissions_and_attributes(Site { os, .. }: &Site) {
    os.write_text("a", "old").unwrap();
    os.chmod("a", 0o4640).unwrap();
    os.setxattr("a", "user.note", b"kept", XattrFlags::Either).unwrap();
    let before = os.stat("a").unwrap();
    os.write_text("a", "new").unwrap();
    let after = os.stat("a").unwrap();
    assert_eq!(after.permissions(), 0o640, "set-id bits go, as in a write");
    assert_eq!((after.st_uid, after.st_gid), (before.st_uid, before.st_gid));
    assert_eq!(os.getxattr("a", "user.note").unwrap(), b"kept");
    if os.geteuid() == 0 {
        os.chown("a", 1234, 4321).unwrap();
        os.write_text("a", "newer").unwrap();
        let after = os.stat("a").unwrap();
        assert_eq!((after.st_uid, after.st_gid, after.permissions()), (1234, 4321, 0o640));
    }
}

fn replacing_through_a_link_keeps_the_link(Site { os, .. }: &Site) {
    os.makedirs("d/e").unwrap();
    os.write_text("d/file", "old").unwrap();
    os.symlink("../file", "d/e/one").unwrap();
    os.symlink("d/e/one", "two").unwrap();
    os.write_text("two", "new").unwrap();
    assert!(os.lstat("two").unwrap().is_symlink() && os.lstat("d/e/one").unwrap().is_symlink());
    assert_eq!(os.read_text("d/file").unwrap(), "new");
}

fn replacing_through_a_dangling_link_makes_its_target(Site { os, .. }: &Site) {
    os.mkdir("d").unwrap();
    os.symlink("d/file", "link").unwrap();
    os.write_text("link", "new").unwrap();
    assert_eq!(os.read_text("d/file").unwrap(), "new");
    assert!(os.lstat("link").unwrap().is_symlink());
}

fn replacing_through_a_loop_fails(Site { os, .. }: &Site) {
    os.symlink("b", "a").unwrap();
    os.symlink("a", "b").unwrap();
    assert_eq!(errno(os.write_text("a", "x")), 40);
}

fn replacing_without_following_refuses_a_link(site: &Site) {
    let os = &site.os;
    os.symlink("target", "link").unwrap();
    assert_eq!(errno(os.write_text(Open::new("link").follow_symlinks(false), "x")), 40);
    assert_eq!(site.names("."), ["link"]);
}

fn replacing_leaves_nothing_beside(site: &Site) {
    site.os.write_text("a", "1").unwrap();
    site.os.write_text("a", "2").unwrap();
    assert_eq!(site.names("."), ["a"]);
}

fn replacing_a_directory_fails(site: &Site) {
    let os = &site.os;
    os.mkdir("d").unwrap();
    assert!(matches!(os.write_text("d", "x"), Err(Error::IsADirectory(_))));
    assert!(matches!(os.write_text("d/", "x"), Err(Error::IsADirectory(_))));
    assert!(matches!(os.write_text("new/", "x"), Err(Error::IsADirectory(_))));
    os.write_text("file", "x").unwrap();
    assert!(matches!(os.write_text("file/", "x"), Err(Error::NotADirectory(_))));
    assert!(matches!(os.write_text("", "x"), Err(Error::FileNotFound(_))));
    assert!(matches!(os.write_text("no/file", "x"), Err(Error::FileNotFound(_))));
    assert_eq!(site.names("."), ["d", "file"]);
}

fn replacing_a_read_only_file_fails_unless_root(Site { os, .. }: &Site) {
    os.write_text("a", "old").unwrap();
    os.chmod("a", 0o400).unwrap();
    let written = os.write_text("a", "new");
    assert_eq!(written.is_ok(), os.geteuid() == 0);
}

fn replacing_breaks_hard_links_only_by_name(Site { os, .. }: &Site) {
    os.write_text("a", "old").unwrap();
    os.link("a", "b").unwrap();
    os.write_text("a", "new").unwrap();
    assert_eq!(os.read_text("b").unwrap(), "old");
    assert_eq!(os.stat("a").unwrap().st_nlink, 1);
}

fn replacing_a_file_with_the_longest_name(Site { os, .. }: &Site) {
    let name = "n".repeat(255);
    os.write_text(&name, "1").unwrap();
    os.write_text(&name, "2").unwrap();
    assert_eq!(os.read_text(&name).unwrap(), "2");
    assert_eq!(errno(os.write_text("n".repeat(256), "x")), 36);
}

fn replacing_with_sync(Site { os, .. }: &Site) {
    os.mkdir("d").unwrap();
    for path in ["a", "d/a"] {
        os.write_text(Open::new(path).sync(true), "1").unwrap();
        assert_eq!(os.read_text(path).unwrap(), "1");
    }
}

fn new_files_have_the_mode_asked_for(Site { os, .. }: &Site) {
    os.write_text(Open::new("secret").permissions(0o600), "x").unwrap();
    assert_eq!(os.stat("secret").unwrap().permissions(), 0o600);
    os.open(Open::new("other").mode("w").permissions(0o400)).unwrap();
    assert_eq!(os.stat("other").unwrap().permissions(), 0o400);
    os.mkdir(MakeDirs::new("d").mode(0o700)).unwrap();
    assert_eq!(os.stat("d").unwrap().permissions(), 0o700);
}

fn two_paths_stand_in_the_error(Site { os, .. }: &Site) {
    let error = os.rename("none", "other").unwrap_err();
    assert_eq!(error.filename(), Some("none".as_ref()));
    assert_eq!(error.filename2(), Some("other".as_ref()));
    assert_eq!(error.to_string(), "rename 'none' -> 'other': no such file or directory (errno 2)");
}

fn errors_name_the_path_as_it_was_given(Site { os, .. }: &Site) {
    let error = os.stat("./no/../such").unwrap_err();
    assert_eq!(error.filename(), Some("./no/../such".as_ref()));
    assert_eq!(os.read_text("none").unwrap_err().to_string(), "read_text 'none': no such file or directory (errno 2)");
}

fn makedirs_makes_what_is_missing(Site { os, .. }: &Site) {
    os.makedirs(MakeDirs::new("a/b/c").mode(0o700)).unwrap();
    assert_eq!(os.stat("a/b/c").unwrap().permissions(), 0o700);
    assert_ne!(os.stat("a/b").unwrap().permissions(), 0o700, "the mode is the leaf's");
    os.makedirs("a/x/y/").unwrap();
    assert!(os.path.isdir("a/x/y"));
}

fn makedirs_of_what_is_there(Site { os, .. }: &Site) {
    os.makedirs("a/b").unwrap();
    assert!(matches!(os.makedirs("a/b"), Err(Error::FileExists(_))));
    os.makedirs(MakeDirs::new("a/b").exist_ok(true)).unwrap();
    os.makedirs(MakeDirs::new("/").exist_ok(true)).unwrap();
    assert!(matches!(os.makedirs(""), Err(Error::FileNotFound(_))));
}

fn makedirs_through_dots(site: &Site) {
    let os = &site.os;
    os.makedirs("a/b/.").unwrap();
    os.makedirs(MakeDirs::new("a/b/../c/./d").exist_ok(true)).unwrap();
    assert_eq!(site.names("a"), ["b", "c"]);
    assert!(os.path.isdir("a/c/d"));
    assert!(matches!(os.makedirs("a/b/."), Err(Error::FileExists(_))));
}

fn makedirs_over_a_file_fails(Site { os, .. }: &Site) {
    os.write_text("file", "").unwrap();
    assert!(matches!(os.makedirs(MakeDirs::new("file").exist_ok(true)), Err(Error::FileExists(_))));
    assert!(matches!(os.makedirs("file/sub"), Err(Error::NotADirectory(_))));
}

fn mkdir_takes_no_exist_ok(Site { os, .. }: &Site) {
    assert!(matches!(os.mkdir(MakeDirs::new("d").exist_ok(true)), Err(Error::Value(_))));
}

fn removedirs_stops_at_what_is_not_empty(site: &Site) {
    let os = &site.os;
    os.makedirs("a/b/c").unwrap();
    os.write_text("a/keep", "").unwrap();
    os.removedirs("a/b/c/").unwrap();
    assert_eq!(site.names("a"), ["keep"]);
    assert!(matches!(os.removedirs("none"), Err(Error::FileNotFound(_))));
}

fn renames_makes_and_prunes(site: &Site) {
    let os = &site.os;
    os.makedirs("old/dir").unwrap();
    os.write_text("old/dir/file", "x").unwrap();
    os.renames("old/dir/file", "new/place/file").unwrap();
    assert_eq!(site.names("."), ["new"]);
    assert_eq!(os.read_text("new/place/file").unwrap(), "x");
}

fn links_count(Site { os, .. }: &Site) {
    os.write_text("a", "x").unwrap();
    os.link("a", "b").unwrap();
    assert_eq!(os.stat("a").unwrap().st_nlink, 2);
    os.unlink("a").unwrap();
    assert_eq!(os.read_text("b").unwrap(), "x");
    os.symlink("b", "s").unwrap();
    os.link("s", "t").unwrap();
    assert!(os.lstat("t").unwrap().is_symlink());
    assert_eq!(os.readlink("t").unwrap().as_os_str(), "b");
    assert!(matches!(os.link("b", "t"), Err(Error::FileExists(_))));
}

fn stat_follows_and_does_not(Site { os, .. }: &Site) {
    os.write_text("a", "12345").unwrap();
    os.symlink("a", "link").unwrap();
    assert_eq!(os.stat("link").unwrap().st_size, 5);
    assert_eq!(os.lstat("link").unwrap().st_size, 1);
    assert_eq!(os.stat(Target::new("link").follow_symlinks(false)).unwrap(), os.lstat("link").unwrap());
    assert_eq!(os.stat("a").unwrap().st_ino, os.open("a").unwrap().stat().unwrap().st_ino);
}

fn access_asks_and_never_fails(Site { os, .. }: &Site) {
    os.write_text("a", "").unwrap();
    os.chmod("a", 0o644).unwrap();
    assert!(os.access("a", R_OK | W_OK));
    assert!(!os.access("a", X_OK), "not even root may execute it");
    assert!(!os.access("none", R_OK));
    assert!(!os.access("a/b", leyden::os::F_OK));
    os.symlink("none", "link").unwrap();
    assert!(!os.access("link", leyden::os::F_OK));
    assert!(os.access(Target::new("link").follow_symlinks(false), leyden::os::F_OK));
    assert!(os.access(Target::new("a").effective_ids(true), R_OK));
}

fn utime_sets_both(Site { os, .. }: &Site) {
    os.write_text("a", "").unwrap();
    let at = |seconds, nanoseconds| SystemTime::UNIX_EPOCH + Duration::new(seconds, nanoseconds);
    os.utime("a", (at(1, 5), at(2_000_000_000, 123_456_789))).unwrap();
    let stat = os.stat("a").unwrap();
    assert_eq!((stat.st_atime, stat.st_mtime), (at(1, 5), at(2_000_000_000, 123_456_789)));
    os.utime("a", None).unwrap();
    assert!(os.stat("a").unwrap().st_atime > at(1_000_000_000, 0));
    os.symlink("a", "link").unwrap();
    os.utime(Target::new("link").follow_symlinks(false), (at(7, 0), at(8, 0))).unwrap();
    assert_eq!(os.lstat("link").unwrap().st_mtime, at(8, 0));
    os.utime("a", Times { atime: None, ..Times::from((at(3, 0), at(4, 0))) }).unwrap();
    assert_eq!(os.stat("a").unwrap().st_mtime, at(4, 0));
}

fn utime_before_the_epoch(Site { os, .. }: &Site) {
    os.write_text("a", "").unwrap();
    let early = SystemTime::UNIX_EPOCH - Duration::new(1, 250_000_000);
    os.utime("a", (early, early)).unwrap();
    assert_eq!(os.stat("a").unwrap().st_mtime, early);
}

fn xattrs(Site { os, .. }: &Site) {
    os.write_text("a", "").unwrap();
    assert_eq!(errno(os.getxattr("a", "user.x")), 61);
    assert_eq!(errno(os.setxattr("a", "user.x", b"1", XATTR_REPLACE)), 61);
    os.setxattr("a", "user.x", b"1", XATTR_CREATE).unwrap();
    assert_eq!(errno(os.setxattr("a", "user.x", b"1", XATTR_CREATE)), 17);
    let big = vec![9; 2000];
    os.setxattr("a", "user.big", &big, XattrFlags::Either).unwrap();
    assert_eq!(os.getxattr("a", "user.big").unwrap(), big);
    let mut names = os.listxattr("a").unwrap();
    names.sort();
    assert_eq!(names, ["user.big", "user.x"]);
    os.removexattr("a", "user.x").unwrap();
    assert_eq!(errno(os.removexattr("a", "user.x")), 61);
    assert_eq!(errno(os.setxattr("a", "nonsense", b"", XattrFlags::Either)), 95);
}

fn fifo_and_its_type(Site { os, .. }: &Site) {
    os.mkfifo("pipe", 0o600).unwrap();
    let stat = os.stat("pipe").unwrap();
    assert_eq!((stat.file_type(), stat.permissions()), (leyden::os::FileType::Fifo, 0o600));
    os.mknod("plain", 0o640, 0).unwrap();
    assert!(os.stat("plain").unwrap().is_file());
}

fn copy_file_range_copies(Site { os, .. }: &Site) {
    os.write_text("a", "one\ntwo\n").unwrap();
    let mut from = os.open("a").unwrap();
    let mut to = os.open(Open::new("b").mode("w")).unwrap();
    from.readline().unwrap();
    to.write_text(">").unwrap();
    assert_eq!(os.copy_file_range(&mut from, &mut to, 100).unwrap(), 4);
    assert_eq!(os.copy_file_range(&mut from, &mut to, 100).unwrap(), 0);
    to.close().unwrap();
    assert_eq!(os.read_text("b").unwrap(), ">two\n");
}

fn scandir_knows_types(Site { os, .. }: &Site) {
    os.mkdir("dir").unwrap();
    os.write_text("file", "123").unwrap();
    os.symlink("dir", "link").unwrap();
    let mut entries = os.scandir(".").unwrap().collect::<Result<Vec<_>, _>>().unwrap();
    entries.sort_by_key(|entry| entry.name().to_os_string());
    let facts: Vec<_> = entries
        .iter()
        .map(|e| (e.path().to_str().unwrap(), e.is_dir().unwrap(), e.is_file().unwrap(), e.is_symlink().unwrap()))
        .collect();
    assert_eq!(facts, [("./dir", true, false, false), ("./file", false, true, false), ("./link", true, false, true)]);
    assert_eq!(entries[1].stat().unwrap().st_size, 3);
    assert_eq!(entries[1].inode(), os.stat("file").unwrap().st_ino);
    assert!(entries[2].lstat().unwrap().is_symlink() && entries[2].stat().unwrap().is_dir());
    assert!(matches!(os.scandir("file"), Err(Error::NotADirectory(_))));
    assert!(matches!(os.scandir("none"), Err(Error::FileNotFound(_))));
    os.remove(&entries[1]).unwrap();
}

fn scandir_entries_remember(Site { os, .. }: &Site) {
    os.mkdir("d").unwrap();
    os.write_text("d/file", "123").unwrap();
    let entry = os.scandir("d").unwrap().next().unwrap().unwrap();
    assert_eq!(entry.stat().unwrap().st_size, 3);
    os.remove("d/file").unwrap();
    assert_eq!(entry.stat().unwrap().st_size, 3);
    assert!(entry.is_file().unwrap());
    assert!(!os.path.exists(&entry));
}

fn scandir_of_a_dangling_link(Site { os, .. }: &Site) {
    os.symlink("none", "link").unwrap();
    let entry = os.scandir(".").unwrap().next().unwrap().unwrap();
    assert!(entry.is_symlink().unwrap() && !entry.is_file().unwrap() && !entry.is_dir().unwrap());
    assert!(matches!(entry.stat(), Err(Error::FileNotFound(_))));
}

fn chdir_resolves_links(Site { os, root, .. }: &Site) {
    let os = os.clone();
    os.makedirs("a/b").unwrap();
    os.symlink("a/b", "link").unwrap();
    os.chdir("link").unwrap();
    assert_eq!(os.getcwd().unwrap(), root.join("a/b"));
    os.chdir("..").unwrap();
    assert_eq!(os.getcwd().unwrap(), root.join("a"));
    os.write_text("here", "x").unwrap();
    assert!(os.path.exists(root.join("a/here")));
}

fn chdir_to_no_directory_fails(Site { os, root, .. }: &Site) {
    os.write_text("file", "").unwrap();
    assert!(matches!(os.chdir("file"), Err(Error::NotADirectory(_))));
    assert!(matches!(os.chdir("none"), Err(Error::FileNotFound(_))));
    assert!(matches!(os.chdir(""), Err(Error::FileNotFound(_))));
    assert_eq!(&os.getcwd().unwrap(), root);
}

fn getcwd_of_a_removed_directory_fails(Site { os, root, .. }: &Site) {
    os.mkdir("d").unwrap();
    os.chdir("d").unwrap();
    os.rmdir(root.join("d")).unwrap();
    assert!(matches!(os.getcwd(), Err(Error::FileNotFound(_))));
    assert!(matches!(os.write_text("x", ""), Err(Error::FileNotFound(_))));
}

fn open_directory_outlives_its_name(Site { os, .. }: &Site) {
    os.makedirs("d/sub").unwrap();
    let dir = os.open_dir("d").unwrap();
    os.rename("d", "moved").unwrap();
    dir.open(Open::new("file").mode("w")).unwrap().write_text("x").unwrap();
    assert_eq!(os.read_text("moved/file").unwrap(), "x");
    dir.symlink("file", "link").unwrap();
    assert_eq!(dir.readlink("link").unwrap().as_os_str(), "file");
    assert!(dir.lstat("link").unwrap().is_symlink() && dir.stat("link").unwrap().is_file());
    assert_eq!(errno(dir.open("link")), 40);
    dir.rename("file", "other").unwrap();
    dir.chmod("other", 0o600).unwrap();
    assert_eq!(dir.stat("other").unwrap().permissions(), 0o600);
    assert_eq!(errno(dir.chmod("link", 0o600)), 95);
    dir.unlink("other").unwrap();
    dir.unlink("link").unwrap();
    dir.rmdir("sub").unwrap();
    assert!(dir.listdir().unwrap().is_empty());
    assert_eq!(dir.stat_self().unwrap().st_ino, os.stat("moved").unwrap().st_ino);
}

fn open_directory_keeps_within(Site { os, .. }: &Site) {
    os.makedirs("d/sub").unwrap();
    os.write_text("secret", "x").unwrap();
    os.symlink("..", "d/up").unwrap();
    let dir = os.open_dir("d").unwrap();
    for name in ["", ".", "..", "../secret", "sub/x", "/"] {
        assert_eq!(errno(dir.stat(name)), 22, "{name:?}");
        assert_eq!(errno(dir.unlink(name)), 22, "{name:?}");
    }
    let denied = errno(dir.open_dir(Target::new("up").follow_symlinks(false)));
    assert!(denied == 40 || denied == 20, "{denied}");
    assert_eq!(dir.open_dir("sub").unwrap().path().to_str(), Some("d/sub"));
}

fn environment_is_a_mapping(Site { os, .. }: &Site) {
    os.environ.clear();
    assert!(os.environ.is_empty());
    os.environ.update([("B", "2"), ("A", "1")]).unwrap();
    assert_eq!(os.environ.keys().collect::<Vec<_>>(), ["A", "B"]);
    assert_eq!(os.environ.values().collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!(os.environ.setdefault("A", "9").unwrap(), "1");
    assert_eq!(os.environ.setdefault("C", "3").unwrap(), "3");
    assert_eq!(os.environ.len(), 3);
    assert_eq!(os.environ.pop("C").unwrap(), "3");
    assert_eq!(os.environ.pop("C"), None);
    assert_eq!(os.environ.popitem().unwrap(), ("A".into(), "1".into()));
    let copy = os.environ.copy();
    os.putenv("X", "1").unwrap();
    os.unsetenv("B").unwrap();
    assert_eq!(os.environ.items().collect::<Vec<_>>(), [("X".into(), "1".into())]);
    assert_eq!(copy.len(), 1);
    assert_eq!(os.get_exec_path(), ["/bin".as_ref(), "/usr/bin".as_ref() as &std::path::Path]);
    os.environ.set("PATH", "/a::/b").unwrap();
    assert_eq!(os.get_exec_path(), ["/a", "", "/b"].map(std::path::PathBuf::from));
}

fn environment_refuses_what_cannot_be(Site { os, .. }: &Site) {
    for (name, value) in [("", "x"), ("A=B", "x"), ("A\0", "x"), ("A", "x\0y")] {
        assert!(matches!(os.environ.set(name, value), Err(Error::Value(_))), "{name:?} {value:?}");
    }
    assert!(os.environ.update([("OK", "1"), ("", "2")]).is_err());
    assert!(!os.environ.contains("OK"), "all or nothing");
    assert!(os.unsetenv("A=B").is_err());
}

fn clones_share_directory_and_environment(Site { os, root, .. }: &Site) {
    let other = os.clone();
    os.mkdir("d").unwrap();
    other.chdir("d").unwrap();
    other.environ.set("LEYDEN_TEST", "1").unwrap();
    assert_eq!(os.getcwd().unwrap(), root.join("d"));
    assert_eq!(os.getenv("LEYDEN_TEST").unwrap(), "1");
    assert!(std::env::var_os("LEYDEN_TEST").is_none(), "the process is left alone");
    assert_ne!(std::env::current_dir().unwrap(), root.join("d"));
}
