//! Named pipes.

use std::io::SeekFrom;

use leyden::os::backend::{Advice, FileType, OpenFlags};

use super::fixture::*;

conformance!(
    mock = Fixture::mock,
    native = Fixture::native,
    [
        both_ends_meet,
        a_reader_alone_does_not_wait_with_nonblock,
        a_writer_alone_is_refused_with_nonblock,
        reading_before_anything_was_written,
        reading_what_nobody_will_write,
        writing_what_nobody_will_read,
        the_end_comes_when_the_last_writer_goes,
        a_full_pipe,
        a_pipe_has_no_positions,
        a_pipe_forgets_when_all_are_gone,
        a_reader_waits_for_bytes,
        open_for_both_does_not_wait,
    ]
);

const SOON: OpenFlags = OpenFlags { nonblock: true, ..READ };
const SOON_WRITE: OpenFlags = OpenFlags { nonblock: true, ..WRITE };

fn pipe(f: &Fixture) {
    f.kernel().mknod(&f.at("p"), FileType::Fifo, 0o600, 0).unwrap();
}

fn both_ends_meet(f: &Fixture) {
    pipe(f);
    let read = std::thread::scope(|scope| {
        let reader = scope.spawn(|| read_all(&*f.open("p", READ).unwrap()));
        write_all(&*f.open("p", WRITE).unwrap(), b"through the pipe");
        reader.join().unwrap()
    });
    assert_eq!(read, b"through the pipe");
    assert_eq!(f.stat("p").st_size, 0);
}

fn a_reader_alone_does_not_wait_with_nonblock(f: &Fixture) {
    pipe(f);
    assert!(f.open("p", SOON).is_ok());
}

fn a_writer_alone_is_refused_with_nonblock(f: &Fixture) {
    pipe(f);
    assert_eq!(errno(f.open("p", SOON_WRITE)), ENXIO);
    let reader = f.open("p", SOON).unwrap();
    assert!(f.open("p", SOON_WRITE).is_ok());
    drop(reader);
    assert_eq!(errno(f.open("p", SOON_WRITE)), ENXIO);
}

fn reading_before_anything_was_written(f: &Fixture) {
    pipe(f);
    let reader = f.open("p", SOON).unwrap();
    let _writer = f.open("p", SOON_WRITE).unwrap();
    assert_eq!(errno(reader.read(&mut [0; 8])), EAGAIN);
}

fn reading_what_nobody_will_write(f: &Fixture) {
    pipe(f);
    assert_eq!(f.open("p", SOON).unwrap().read(&mut [0; 8]).unwrap(), 0);
}

fn writing_what_nobody_will_read(f: &Fixture) {
    pipe(f);
    let reader = f.open("p", SOON).unwrap();
    let writer = f.open("p", SOON_WRITE).unwrap();
    drop(reader);
    assert_eq!(errno(writer.write(b"x")), EPIPE);
}

fn the_end_comes_when_the_last_writer_goes(f: &Fixture) {
    pipe(f);
    let reader = f.open("p", SOON).unwrap();
    let (one, two) = (f.open("p", WRITE).unwrap(), f.open("p", WRITE).unwrap());
    write_all(&*one, b"1");
    drop(one);
    write_all(&*two, b"2");
    let mut buffer = [0; 8];
    assert_eq!(reader.read(&mut buffer).unwrap(), 2);
    assert_eq!(errno(reader.read(&mut buffer)), EAGAIN);
    drop(two);
    assert_eq!(reader.read(&mut buffer).unwrap(), 0);
}

fn a_full_pipe(f: &Fixture) {
    pipe(f);
    let reader = f.open("p", SOON).unwrap();
    let writer = f.open("p", SOON_WRITE).unwrap();
    let mut written = 0;
    loop {
        match writer.write(&[7; 10_000]) {
            Ok(some) => written += some,
            Err(error) => {
                assert_eq!(error.raw_os_error(), Some(EAGAIN));
                break;
            }
        }
    }
    assert!((50_000..=65_536).contains(&written), "{written}");
    let mut read = 0;
    while let Ok(some @ 1..) = reader.read(&mut [0; 1_000]) {
        read += some;
    }
    assert_eq!(read, written);
    assert_eq!(writer.write(b"room again").unwrap(), 10);
}

fn a_pipe_has_no_positions(f: &Fixture) {
    pipe(f);
    let reader = f.open("p", SOON).unwrap();
    assert_eq!(errno(reader.seek(SeekFrom::Start(0))), ESPIPE);
    assert_eq!(errno(reader.read_at(&mut [0; 8], 0)), ESPIPE);
    let writer = f.open("p", SOON_WRITE).unwrap();
    assert_eq!(errno(writer.write_at(b"x", 0)), ESPIPE);
    assert_eq!(errno(writer.truncate(0)), EINVAL);
    assert_eq!(errno(writer.sync(false)), EINVAL);
    assert_eq!(errno(writer.seek_sparse(0, true)), ESPIPE);
    assert_eq!(errno(writer.allocate(0, 1)), ESPIPE);
    assert_eq!(errno(writer.advise(0, 1, Advice::Normal)), ESPIPE);
}

fn a_pipe_forgets_when_all_are_gone(f: &Fixture) {
    pipe(f);
    let reader = f.open("p", SOON).unwrap();
    write_all(&*f.open("p", WRITE).unwrap(), b"lost");
    drop(reader);
    assert_eq!(f.open("p", SOON).unwrap().read(&mut [0; 8]).unwrap(), 0);
}

fn a_reader_waits_for_bytes(f: &Fixture) {
    pipe(f);
    let holder = f.open("p", BOTH).unwrap();
    let read = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut buffer = [0; 8];
            let read = f.open("p", READ).unwrap().read(&mut buffer).unwrap();
            buffer[..read].to_vec()
        });
        std::thread::sleep(std::time::Duration::from_millis(50));
        write_all(&*holder, b"late");
        reader.join().unwrap()
    });
    assert_eq!(read, b"late");
}

fn open_for_both_does_not_wait(f: &Fixture) {
    pipe(f);
    let both = f.open("p", BOTH).unwrap();
    write_all(&*both, b"echo");
    let mut buffer = [0; 8];
    assert_eq!(both.read(&mut buffer).unwrap(), 4);
}
