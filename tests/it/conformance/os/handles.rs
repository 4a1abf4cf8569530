//! Open files: reading, writing, positions, locks, copies.

use std::io::SeekFrom;
use std::sync::mpsc;
use std::time::Duration;

use leyden::os::backend::{Advice, Handle, OpenFlags};

use super::fixture::*;

conformance!(
    mock = Fixture::mock,
    native = Fixture::native,
    remote = Fixture::remote,
    except = NOT_REMOTE,
    [
        read_moves_the_position,
        read_at_the_end,
        read_to_fills_the_room_and_no_more,
        read_without_the_right,
        write_moves_the_position,
        write_without_the_right,
        write_beyond_the_end_makes_a_hole,
        write_over_what_is_there,
        large_contents_come_back,
        pieces_at_odd_places_come_back,
        seek_from_everywhere,
        seek_before_the_start,
        seek_beyond_the_end,
        read_at_leaves_the_position,
        write_at_leaves_the_position,
        read_at_beyond_the_end,
        append_goes_to_the_end,
        append_wins_over_write_at,
        append_alone_may_write,
        two_appenders_take_turns,
        append_moves_the_position_to_the_end,
        two_handles_have_two_positions,
        two_handles_see_each_other,
        truncate_leaves_the_position,
        truncate_without_write,
        truncated_under_a_reader,
        stat_of_an_open_file,
        chmod_of_an_open_file,
        sync_of_both_kinds,
        not_a_terminal,
        no_flags_is_read_only,
        dev_null,
        dev_zero,
        dev_full,
        dev_urandom,
        noatime_leaves_atime,
        synchronous_writes_are_written,
        seek_sparse_finds_data_behind_a_hole,
        seek_sparse_finds_the_hole_at_the_end,
        seek_sparse_beyond_the_end,
        seek_sparse_moves_the_position,
        allocate_lengthens,
        allocate_keeps_contents,
        allocate_within_leaves_the_length,
        allocate_nothing,
        allocate_without_write,
        advise_changes_nothing,
        statvfs_of_a_handle,
        copy_range_copies_and_moves,
        copy_range_of_a_part,
        copy_range_at_the_end,
        copy_range_into_the_middle,
        copy_range_is_a_copy,
        copy_range_needs_the_rights,
        copy_range_onto_itself,
        a_lock_excludes_another,
        shared_locks_go_together,
        an_exclusive_lock_waits_for_shared_ones,
        a_lock_can_be_upgraded,
        a_failed_upgrade_loses_the_lock,
        a_lock_ends_with_its_handle,
        a_lock_ends_with_its_handle_though_a_copy_lives,
        a_lock_is_on_the_file_not_the_name,
        a_lock_does_not_stop_a_writer,
        a_lock_taken_twice_by_one_handle,
        unlock_without_a_lock,
        a_lock_that_is_waited_for,
    ]
);

fn read_moves_the_position(f: &Fixture) {
    f.write("a", "12345");
    let file = f.open("a", READ).unwrap();
    let mut buffer = [0; 2];
    let mut seen = Vec::new();
    loop {
        match file.read(&mut buffer).unwrap() {
            0 => break,
            read => seen.push(buffer[..read].to_vec()),
        }
    }
    assert_eq!(seen, [b"12".to_vec(), b"34".to_vec(), b"5".to_vec()]);
}

fn read_at_the_end(f: &Fixture) {
    f.write("a", "");
    let file = f.open("a", BOTH).unwrap();
    assert_eq!(file.read(&mut [0; 8]).unwrap(), 0);
    assert_eq!(file.read(&mut []).unwrap(), 0);
    write_all(&*f.open("a", WRITE).unwrap(), b"more");
    assert_eq!(read_all(&*file), b"more", "the end moves");
}

fn read_to_fills_the_room_and_no_more(f: &Fixture) {
    f.write("a", "1234567");
    let file = f.open("a", READ).unwrap();
    let mut bytes = Vec::with_capacity(5);
    bytes.push(b'>');
    let room = bytes.capacity() - 1;
    assert_eq!(file.read_to(&mut bytes).unwrap(), room);
    assert_eq!(bytes, b">1234567"[..=room]);
    assert_eq!(file.seek(SeekFrom::Current(0)).unwrap(), room as u64);
    assert_eq!(file.read_to(&mut bytes).unwrap(), 0, "no room");
    bytes.reserve(100);
    assert_eq!(file.read_to(&mut bytes).unwrap(), 7 - room);
    assert_eq!(file.read_to(&mut bytes).unwrap(), 0, "the end");
    assert_eq!(bytes, b">1234567");
    assert_eq!(errno(f.open("b", CREATE).unwrap().read_to(&mut bytes)), EBADF);
    assert_eq!(bytes, b">1234567", "an error changes nothing");
}

fn read_without_the_right(f: &Fixture) {
    f.write("a", "x");
    assert_eq!(errno(f.open("a", WRITE).unwrap().read(&mut [0; 1])), EBADF);
    assert_eq!(errno(f.open("a", WRITE).unwrap().read_at(&mut [0; 1], 0)), EBADF);
}

fn write_moves_the_position(f: &Fixture) {
    let file = f.open("a", CREATE).unwrap();
    assert_eq!(file.write(b"12").unwrap(), 2);
    assert_eq!(file.write(b"345").unwrap(), 3);
    assert_eq!(file.seek(SeekFrom::Current(0)).unwrap(), 5);
    assert_eq!(f.read("a"), b"12345");
}

fn write_without_the_right(f: &Fixture) {
    f.write("a", "x");
    assert_eq!(errno(f.open("a", READ).unwrap().write(b"y")), EBADF);
    assert_eq!(errno(f.open("a", READ).unwrap().write_at(b"y", 0)), EBADF);
}

fn write_beyond_the_end_makes_a_hole(f: &Fixture) {
    let file = f.open("a", CREATE).unwrap();
    file.seek(SeekFrom::Start(1_000_000)).unwrap();
    assert_eq!(f.stat("a").st_size, 0, "a seek makes nothing");
    write_all(&*file, b"x");
    let contents = f.read("a");
    assert_eq!(contents.len(), 1_000_001);
    assert!(contents[..1_000_000].iter().all(|byte| *byte == 0) && contents[1_000_000] == b'x');
    assert!(f.stat("a").st_blocks < 256);
}

fn write_over_what_is_there(f: &Fixture) {
    f.write("a", "123456");
    let file = f.open("a", WRITE).unwrap();
    file.seek(SeekFrom::Start(2)).unwrap();
    write_all(&*file, b"XY");
    assert_eq!(f.read("a"), b"12XY56");
}

fn large_contents_come_back(f: &Fixture) {
    let contents: Vec<u8> = (0..3_000_001_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    f.write("a", &contents);
    assert!(f.read("a") == contents);
}

fn pieces_at_odd_places_come_back(f: &Fixture) {
    let mut expected = Vec::new();
    let file = f.open("a", OpenFlags { read: true, ..CREATE }).unwrap();
    let mut state = 1_u64;
    for round in 0..300_u32 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let offset = (state >> 33) as usize % 40_000;
        let length = (state >> 20) as usize % 9_000;
        if round % 10 == 9 {
            file.truncate(offset as u64).unwrap();
            expected.resize(offset, 0);
        } else {
            let piece = vec![round as u8; length];
            let mut written = 0;
            while written < length {
                written += file.write_at(&piece[written..], (offset + written) as u64).unwrap();
            }
            if length > 0 {
                expected.resize(expected.len().max(offset + length), 0);
                expected[offset..offset + length].copy_from_slice(&piece);
            }
        }
        assert!(f.read("a") == expected, "round {round}");
    }
}

fn seek_from_everywhere(f: &Fixture) {
    f.write("a", "12345");
    let file = f.open("a", READ).unwrap();
    assert_eq!(file.seek(SeekFrom::End(-2)).unwrap(), 3);
    assert_eq!(file.seek(SeekFrom::Current(1)).unwrap(), 4);
    assert_eq!(file.seek(SeekFrom::Current(-4)).unwrap(), 0);
    assert_eq!(file.seek(SeekFrom::Start(1)).unwrap(), 1);
    assert_eq!(read_all(&*file), b"2345");
}

fn seek_before_the_start(f: &Fixture) {
    f.write("a", "12345");
    let file = f.open("a", READ).unwrap();
    file.seek(SeekFrom::Start(2)).unwrap();
    assert_eq!(errno(file.seek(SeekFrom::Current(-3))), EINVAL);
    assert_eq!(errno(file.seek(SeekFrom::End(-6))), EINVAL);
    assert_eq!(errno(file.seek(SeekFrom::Start(u64::MAX))), EINVAL);
    assert_eq!(file.seek(SeekFrom::Current(0)).unwrap(), 2, "a seek that fails moves nothing");
}

fn seek_beyond_the_end(f: &Fixture) {
    f.write("a", "12345");
    let file = f.open("a", READ).unwrap();
    assert_eq!(file.seek(SeekFrom::End(1_000)).unwrap(), 1_005);
    assert_eq!(file.read(&mut [0; 8]).unwrap(), 0);
    assert_eq!(f.stat("a").st_size, 5);
}

fn read_at_leaves_the_position(f: &Fixture) {
    f.write("a", "12345");
    let file = f.open("a", READ).unwrap();
    let mut buffer = [0; 3];
    assert_eq!(file.read_at(&mut buffer, 1).unwrap(), 3);
    assert_eq!(&buffer, b"234");
    assert_eq!(read_all(&*file), b"12345");
}

fn write_at_leaves_the_position(f: &Fixture) {
    let file = f.open("a", CREATE).unwrap();
    assert_eq!(file.write_at(b"45", 3).unwrap(), 2);
    write_all(&*file, b"123");
    assert_eq!(f.read("a"), b"12345");
}

fn read_at_beyond_the_end(f: &Fixture) {
    f.write("a", "12345");
    let file = f.open("a", READ).unwrap();
    assert_eq!(file.read_at(&mut [0; 8], 5).unwrap(), 0);
    assert_eq!(file.read_at(&mut [0; 8], 1 << 40).unwrap(), 0);
    assert_eq!(errno(file.read_at(&mut [0; 8], u64::MAX)), EINVAL);
}

fn append_goes_to_the_end(f: &Fixture) {
    f.write("a", "123");
    let file = f.open("a", APPEND).unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    write_all(&*file, b"45");
    assert_eq!(f.read("a"), b"12345");
}

fn append_wins_over_write_at(f: &Fixture) {
    f.write("a", "123");
    assert_eq!(f.open("a", APPEND).unwrap().write_at(b"X", 0).unwrap(), 1);
    assert_eq!(f.read("a"), b"123X");
}

fn append_alone_may_write(f: &Fixture) {
    f.write("a", "1");
    let file = f.open("a", OpenFlags { append: true, ..NONE }).unwrap();
    write_all(&*file, b"2");
    assert_eq!(errno(file.read(&mut [0; 1])), EBADF);
    assert_eq!(f.read("a"), b"12");
}

fn two_appenders_take_turns(f: &Fixture) {
    let (one, two) = (f.open("a", APPEND).unwrap(), f.open("a", APPEND).unwrap());
    write_all(&*one, b"1");
    write_all(&*two, b"2");
    write_all(&*one, b"3");
    assert_eq!(f.read("a"), b"123");
}

fn append_moves_the_position_to_the_end(f: &Fixture) {
    f.write("a", "123");
    let file = f.open("a", OpenFlags { read: true, ..APPEND }).unwrap();
    assert_eq!(file.seek(SeekFrom::Current(0)).unwrap(), 0);
    write_all(&*file, b"4");
    assert_eq!(file.seek(SeekFrom::Current(0)).unwrap(), 4);
}

fn two_handles_have_two_positions(f: &Fixture) {
    f.write("a", "12");
    let (one, two) = (f.open("a", READ).unwrap(), f.open("a", READ).unwrap());
    assert_eq!(read_all(&*one), b"12");
    assert_eq!(read_all(&*two), b"12");
}

fn two_handles_see_each_other(f: &Fixture) {
    f.write("a", "12");
    let (writer, reader) = (f.open("a", WRITE).unwrap(), f.open("a", READ).unwrap());
    write_all(&*writer, b"X");
    assert_eq!(read_all(&*reader), b"X2");
}

fn truncate_leaves_the_position(f: &Fixture) {
    f.write("a", "12345");
    let file = f.open("a", BOTH).unwrap();
    file.seek(SeekFrom::End(0)).unwrap();
    file.truncate(2).unwrap();
    assert_eq!(file.seek(SeekFrom::Current(0)).unwrap(), 5);
    write_all(&*file, b"X");
    assert_eq!(f.read("a"), b"12\0\0\0X");
}

fn truncate_without_write(f: &Fixture) {
    f.write("a", "12345");
    assert_eq!(errno(f.open("a", READ).unwrap().truncate(0)), EINVAL);
}

fn truncated_under_a_reader(f: &Fixture) {
    f.write("a", "12345");
    let reader = f.open("a", READ).unwrap();
    reader.seek(SeekFrom::Start(3)).unwrap();
    f.write("a", "1");
    assert_eq!(reader.read(&mut [0; 8]).unwrap(), 0);
}

fn stat_of_an_open_file(f: &Fixture) {
    f.write("a", "123");
    let file = f.open("a", WRITE).unwrap();
    write_all(&*file, b"12345");
    assert_eq!(file.stat().unwrap().st_size, 5);
    assert_eq!(file.stat().unwrap().st_ino, f.stat("a").st_ino);
}

fn chmod_of_an_open_file(f: &Fixture) {
    f.write("a", "");
    f.open("a", READ).unwrap().chmod(0o604).unwrap();
    assert_eq!(f.stat("a").permissions(), 0o604);
}

fn sync_of_both_kinds(f: &Fixture) {
    f.write("a", "x");
    let file = f.open("a", READ).unwrap();
    file.sync(true).unwrap();
    file.sync(false).unwrap();
    f.kernel().sync();
}

fn not_a_terminal(f: &Fixture) {
    f.write("a", "");
    assert!(!f.open("a", READ).unwrap().isatty());
    assert_eq!(f.open("a", READ).unwrap().as_fd().is_some(), f.world.is_none());
}

fn no_flags_is_read_only(f: &Fixture) {
    f.write("a", "x");
    let file = f.open("a", NONE).unwrap();
    assert_eq!(errno(file.write(b"y")), EBADF);
    assert_eq!(read_all(&*file), b"x");
}

fn device(f: &Fixture, name: &str) -> Box<dyn Handle> {
    f.kernel().open(std::path::Path::new(name), BOTH, 0).unwrap()
}

fn dev_null(f: &Fixture) {
    let null = device(f, "/dev/null");
    assert_eq!(null.write(&[1; 100_000]).unwrap(), 100_000);
    assert_eq!(null.read(&mut [0; 8]).unwrap(), 0);
    assert_eq!(null.stat().unwrap().st_size, 0);
    drop(f.kernel().open(std::path::Path::new("/dev/null"), OpenFlags { truncate: true, ..CREATE }, 0o666).unwrap());
}

fn dev_zero(f: &Fixture) {
    let mut buffer = [1; 100];
    assert_eq!(device(f, "/dev/zero").read(&mut buffer).unwrap(), 100);
    assert_eq!(buffer, [0; 100]);
}

fn dev_full(f: &Fixture) {
    assert_eq!(errno(device(f, "/dev/full").write(b"x")), ENOSPC);
    assert_eq!(device(f, "/dev/full").read(&mut [1; 8]).unwrap(), 8);
}

fn dev_urandom(f: &Fixture) {
    let (mut one, mut two) = ([0; 32], [0; 32]);
    let random = f.kernel().open(std::path::Path::new("/dev/urandom"), READ, 0).unwrap();
    random.read(&mut one).unwrap();
    random.read(&mut two).unwrap();
    assert_ne!(one, two);
}

fn noatime_leaves_atime(f: &Fixture) {
    f.write("a", "x");
    let before = f.stat("a");
    f.tick();
    read_all(&*f.open("a", OpenFlags { noatime: true, ..READ }).unwrap());
    assert_eq!(f.stat("a"), before);
}

fn synchronous_writes_are_written(f: &Fixture) {
    write_all(&*f.open("a", OpenFlags { sync: true, noctty: true, ..CREATE }).unwrap(), b"1");
    write_all(&*f.open("a", OpenFlags { dsync: true, ..APPEND }).unwrap(), b"2");
    assert_eq!(f.read("a"), b"12");
}

const MIB: u64 = 1 << 20;

/// A hole of 1 MiB, 1 MiB of data, a hole of 1 MiB.
fn sparse(f: &Fixture) -> Box<dyn Handle> {
    let file = f.open("a", OpenFlags { read: true, ..CREATE }).unwrap();
    file.seek(SeekFrom::Start(MIB)).unwrap();
    write_all(&*file, &vec![1; MIB as usize]);
    file.truncate(3 * MIB).unwrap();
    file
}

fn seek_sparse_finds_data_behind_a_hole(f: &Fixture) {
    let file = sparse(f);
    // A file system without holes has data everywhere and its one hole at the end.
    assert_one_of(file.seek_sparse(0, false).unwrap(), &[MIB, 0]);
    assert_eq!(file.seek_sparse(MIB + 5, false).unwrap(), MIB + 5);
    assert_one_of(file.seek_sparse(0, true).unwrap(), &[0, 3 * MIB]);
    assert_one_of(file.seek_sparse(MIB + 5, true).unwrap(), &[2 * MIB, 3 * MIB]);
    let behind = file.seek_sparse(2 * MIB + 5, false);
    assert!(behind.is_err_and(|error| error.raw_os_error() == Some(ENXIO)) || file.seek_sparse(0, false).unwrap() == 0);
}

fn seek_sparse_finds_the_hole_at_the_end(f: &Fixture) {
    f.write("a", "12345");
    let file = f.open("a", READ).unwrap();
    assert_eq!(file.seek_sparse(0, true).unwrap(), 5);
    assert_eq!(file.seek_sparse(3, true).unwrap(), 5);
    assert_eq!(file.seek_sparse(3, false).unwrap(), 3);
}

fn seek_sparse_beyond_the_end(f: &Fixture) {
    f.write("a", "12345");
    let file = f.open("a", READ).unwrap();
    for offset in [5, 6, 1 << 40] {
        assert_eq!(errno(file.seek_sparse(offset, false)), ENXIO);
        assert_eq!(errno(file.seek_sparse(offset, true)), ENXIO);
    }
}

fn seek_sparse_moves_the_position(f: &Fixture) {
    let file = sparse(f);
    let target = file.seek_sparse(MIB + 7, false).unwrap();
    assert_eq!(file.seek(SeekFrom::Current(0)).unwrap(), target);
}

fn allocate_lengthens(f: &Fixture) {
    let file = f.open("a", CREATE).unwrap();
    let before = f.stat("a");
    f.tick();
    file.allocate(0, 100_000).unwrap();
    let after = f.stat("a");
    assert_eq!(after.st_size, 100_000);
    assert!(after.st_blocks >= 196, "{} blocks", after.st_blocks);
    assert!(after.st_ctime > before.st_ctime);
    assert!(f.read("a").iter().all(|byte| *byte == 0));
}

fn allocate_keeps_contents(f: &Fixture) {
    f.write("a", "12345");
    f.open("a", WRITE).unwrap().allocate(2, 8).unwrap();
    assert_eq!(f.read("a"), b"12345\0\0\0\0\0");
}

fn allocate_within_leaves_the_length(f: &Fixture) {
    let file = sparse(f);
    let before = f.stat("a").st_blocks;
    file.allocate(0, 2 * MIB).unwrap();
    assert_eq!(f.stat("a").st_size, 3 * MIB);
    assert!(f.stat("a").st_blocks > before, "the hole has its place now");
    assert!(f.read("a")[..MIB as usize].iter().all(|byte| *byte == 0));
}

fn allocate_nothing(f: &Fixture) {
    assert_eq!(errno(f.open("a", CREATE).unwrap().allocate(0, 0)), EINVAL);
}

fn allocate_without_write(f: &Fixture) {
    f.write("a", "");
    assert_eq!(errno(f.open("a", READ).unwrap().allocate(0, 1)), EBADF);
}

fn advise_changes_nothing(f: &Fixture) {
    f.write("a", "12345");
    let file = f.open("a", READ).unwrap();
    for advice in [Advice::Normal, Advice::Sequential, Advice::Random, Advice::NoReuse, Advice::WillNeed, Advice::DontNeed] {
        file.advise(0, 0, advice).unwrap();
        file.advise(1, 1_000_000, advice).unwrap();
    }
    assert_eq!(read_all(&*file), b"12345");
}

fn statvfs_of_a_handle(f: &Fixture) {
    f.write("a", "");
    let (by_handle, by_path) = (f.open("a", READ).unwrap().statvfs().unwrap(), f.os.statvfs("a").unwrap());
    assert_eq!((by_handle.f_blocks, by_handle.f_fsid), (by_path.f_blocks, by_path.f_fsid));
}

/// Copies until nothing comes any more; None where this machine cannot copy so.
fn copy(f: &Fixture, from: &dyn Handle, to: &dyn Handle, mut length: u64) -> Option<u64> {
    let mut copied = 0;
    while length > 0 {
        match f.kernel().copy_range(from, to, length) {
            Ok(0) => break,
            Ok(some) => (copied, length) = (copied + some, length - some),
            Err(error) if [EXDEV, EINVAL, EOPNOTSUPP].contains(&error.raw_os_error().unwrap()) => return None,
            Err(error) => panic!("{error}"),
        }
    }
    Some(copied)
}

fn copy_range_copies_and_moves(f: &Fixture) {
    let contents: Vec<u8> = (0..2_500_000_u32).map(|n| (n / 7) as u8).collect();
    f.write("a", &contents);
    let (from, to) = (f.open("a", READ).unwrap(), f.open("b", CREATE).unwrap());
    assert_eq!(copy(f, &*from, &*to, u64::from(u32::MAX)), Some(2_500_000));
    assert!(f.read("b") == contents);
    let positions = (from.seek(SeekFrom::Current(0)).unwrap(), to.seek(SeekFrom::Current(0)).unwrap());
    assert_eq!(positions, (2_500_000, 2_500_000));
}

fn copy_range_of_a_part(f: &Fixture) {
    f.write("a", "123456789");
    let (from, to) = (f.open("a", READ).unwrap(), f.open("b", CREATE).unwrap());
    from.seek(SeekFrom::Start(2)).unwrap();
    assert_eq!(copy(f, &*from, &*to, 4), Some(4));
    assert_eq!(f.read("b"), b"3456");
    assert_eq!(read_all(&*from), b"789");
}

fn copy_range_at_the_end(f: &Fixture) {
    f.write("a", "1");
    let (from, to) = (f.open("a", READ).unwrap(), f.open("b", CREATE).unwrap());
    from.seek(SeekFrom::End(0)).unwrap();
    assert_eq!(f.kernel().copy_range(&*from, &*to, 10).unwrap(), 0);
    assert_eq!(f.kernel().copy_range(&*from, &*to, 0).unwrap(), 0);
}

fn copy_range_into_the_middle(f: &Fixture) {
    f.write("a", "XY");
    f.write("b", "12345");
    let (from, to) = (f.open("a", READ).unwrap(), f.open("b", WRITE).unwrap());
    to.seek(SeekFrom::Start(1)).unwrap();
    assert_eq!(copy(f, &*from, &*to, 100), Some(2));
    assert_eq!(f.read("b"), b"1XY45");
}

fn copy_range_is_a_copy(f: &Fixture) {
    f.write("a", vec![b'o'; 10_000]);
    let (from, to) = (f.open("a", READ).unwrap(), f.open("b", CREATE).unwrap());
    copy(f, &*from, &*to, 10_000).unwrap();
    f.open("b", WRITE).unwrap().write_at(b"n", 5_000).unwrap();
    f.open("a", WRITE).unwrap().write_at(b"c", 0).unwrap();
    let (a, b) = (f.read("a"), f.read("b"));
    assert_eq!((a[0], a[5_000], b[0], b[5_000]), (b'c', b'o', b'o', b'n'));
}

fn copy_range_needs_the_rights(f: &Fixture) {
    f.write("a", "x");
    f.write("b", "");
    let read = |name: &str| f.open(name, READ).unwrap();
    assert_eq!(errno(f.kernel().copy_range(&*read("a"), &*read("b"), 1)), EBADF);
    assert_eq!(errno(f.kernel().copy_range(&*f.open("a", WRITE).unwrap(), &*f.open("b", WRITE).unwrap(), 1)), EBADF);
    assert_eq!(errno(f.kernel().copy_range(&*read("a"), &*f.open("b", APPEND).unwrap(), 1)), EBADF);
    assert_eq!(errno(f.kernel().copy_range(&*read(""), &*f.open("b", WRITE).unwrap(), 1)), EISDIR);
}

fn copy_range_onto_itself(f: &Fixture) {
    f.write("a", "12345");
    let (from, to) = (f.open("a", READ).unwrap(), f.open("a", WRITE).unwrap());
    to.seek(SeekFrom::Start(2)).unwrap();
    assert_eq!(errno(f.kernel().copy_range(&*from, &*to, 5)), EINVAL, "the ranges overlap");
    assert_eq!(f.read("a"), b"12345");
}

fn a_lock_excludes_another(f: &Fixture) {
    f.write("a", "");
    let (one, two) = (f.open("a", READ).unwrap(), f.open("a", WRITE).unwrap());
    one.lock(true, false).unwrap();
    assert_eq!(errno(two.lock(true, false)), EAGAIN);
    assert_eq!(errno(two.lock(false, false)), EAGAIN);
    one.unlock().unwrap();
    two.lock(true, false).unwrap();
}

fn shared_locks_go_together(f: &Fixture) {
    f.write("a", "");
    let handles: Vec<_> = (0..3).map(|_| f.open("a", READ).unwrap()).collect();
    for handle in &handles {
        handle.lock(false, false).unwrap();
    }
}

fn an_exclusive_lock_waits_for_shared_ones(f: &Fixture) {
    f.write("a", "");
    let (one, two, three) = (f.open("a", READ).unwrap(), f.open("a", READ).unwrap(), f.open("a", READ).unwrap());
    one.lock(false, false).unwrap();
    two.lock(false, false).unwrap();
    assert_eq!(errno(three.lock(true, false)), EAGAIN);
    one.unlock().unwrap();
    assert_eq!(errno(three.lock(true, false)), EAGAIN);
    two.unlock().unwrap();
    three.lock(true, false).unwrap();
}

fn a_lock_can_be_upgraded(f: &Fixture) {
    f.write("a", "");
    let (one, two) = (f.open("a", READ).unwrap(), f.open("a", READ).unwrap());
    one.lock(false, false).unwrap();
    one.lock(true, false).unwrap();
    assert_eq!(errno(two.lock(false, false)), EAGAIN);
    one.lock(false, false).unwrap();
    two.lock(false, false).unwrap();
}

fn a_failed_upgrade_loses_the_lock(f: &Fixture) {
    f.write("a", "");
    let (one, two) = (f.open("a", READ).unwrap(), f.open("a", READ).unwrap());
    one.lock(false, false).unwrap();
    two.lock(false, false).unwrap();
    assert_eq!(errno(one.lock(true, false)), EAGAIN);
    two.lock(true, false).unwrap();
}

fn a_lock_ends_with_its_handle(f: &Fixture) {
    f.write("a", "");
    let (one, two) = (f.open("a", READ).unwrap(), f.open("a", READ).unwrap());
    one.lock(true, false).unwrap();
    drop(one);
    two.lock(true, false).unwrap();
}

/// As a program has one between its fork and its exec, whichever thread starts it.
fn a_lock_ends_with_its_handle_though_a_copy_lives(f: &Fixture) {
    f.write("a", "");
    let (one, two) = (f.open("a", READ).unwrap(), f.open("a", READ).unwrap());
    one.lock(true, false).unwrap();
    let copy = one.as_fd().map(|fd| fd.try_clone_to_owned().unwrap());
    drop(one);
    two.lock(true, false).unwrap();
    drop(copy);
}

fn a_lock_is_on_the_file_not_the_name(f: &Fixture) {
    f.write("a", "");
    f.os.link("a", "b").unwrap();
    let (one, two) = (f.open("a", READ).unwrap(), f.open("b", READ).unwrap());
    one.lock(true, false).unwrap();
    assert_eq!(errno(two.lock(true, false)), EAGAIN);
    f.os.unlink("a").unwrap();
    f.write("a", "");
    f.open("a", READ).unwrap().lock(true, false).unwrap();
}

fn a_lock_does_not_stop_a_writer(f: &Fixture) {
    f.write("a", "");
    let one = f.open("a", READ).unwrap();
    one.lock(true, false).unwrap();
    f.write("a", "written all the same");
}

fn a_lock_taken_twice_by_one_handle(f: &Fixture) {
    f.write("a", "");
    let (one, two) = (f.open("a", READ).unwrap(), f.open("a", READ).unwrap());
    one.lock(true, false).unwrap();
    one.lock(true, false).unwrap();
    one.unlock().unwrap();
    two.lock(true, false).unwrap();
}

fn unlock_without_a_lock(f: &Fixture) {
    f.write("a", "");
    f.open("a", READ).unwrap().unlock().unwrap();
}

fn a_lock_that_is_waited_for(f: &Fixture) {
    f.write("a", "");
    let (one, two) = (f.open("a", READ).unwrap(), f.open("a", READ).unwrap());
    one.lock(true, false).unwrap();
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            two.lock(true, true).unwrap();
            sender.send(()).unwrap();
        });
        assert!(receiver.recv_timeout(Duration::from_millis(100)).is_err(), "it waits");
        one.unlock().unwrap();
        receiver.recv_timeout(Duration::from_secs(10)).unwrap();
    });
}
