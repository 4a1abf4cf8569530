//! The promises of `sys::Backend`, and the text layer over it: in memory, and over real pipes and files.

use crate::support::layer::layered;
use leyden::World;
use leyden::sys::mock::Kind;
use leyden::sys::native::Native;
use leyden::sys::{Encoding, Error, Errors, ExitStatus, Newline, Reconfigure, Stream, Sys, SystemExit};
use std::io::{Read, Seek, SeekFrom, Write};
use std::sync::Arc;

conformance!(
    mock = Machine::mock,
    native = Machine::native,
    [
        a_line_keeps_its_newline,
        the_last_line_may_have_none,
        universal_newlines_become_one,
        a_newline_across_two_chunks_is_one,
        newlines_are_left_alone_if_asked,
        only_the_chosen_newline_ends_a_line,
        read_counts_characters,
        readline_stops_at_its_size,
        readlines_stops_at_its_hint,
        after_the_end_comes_nothing,
        a_byte_that_is_no_text_is_an_error_and_stays,
        error_handlers_read_what_is_no_text,
        a_character_cut_by_the_end_is_no_text,
        bytes_beneath_the_text,
        output_waits_for_flush,
        stderr_goes_out_by_the_line,
        a_full_buffer_goes_out,
        what_is_left_goes_out_at_the_end,
        write_gives_characters,
        write_macro_works,
        a_character_that_the_encoding_lacks,
        newlines_go_out_as_asked,
        a_broken_pipe_is_an_error,
        closed_streams_refuse,
        closing_twice_does_nothing,
        detached_streams_refuse,
        stdin_cannot_be_written_nor_stdout_read,
        a_pipe_has_no_place,
        a_file_has_a_place,
        a_file_can_be_cut,
        encoding_cannot_change_after_the_first_read,
        facts_of_the_streams,
        text_and_bytes_keep_their_order,
        exit_is_an_error_with_a_code,
        finish_says_what_went_wrong,
        finish_reports_a_broken_stdout,
        another_stdout_in_the_same_program,
        many_threads_write_whole_lines,
    ]
);

/// Makes programs with a stdin and something behind their streams.
struct Machine(fn(&[u8], Kind) -> Program);

/// A program that runs: its `sys`, and what becomes of its output.
struct Program {
    sys: Sys,
    break_stdout: Box<dyn FnOnce()>,
    written: Box<dyn FnOnce() -> (Vec<u8>, Vec<u8>)>,
}

impl Machine {
    fn mock() -> Machine {
        Machine(|stdin, kind| {
            let world = World::new();
            world.sys.set_stdin(stdin);
            for stream in [Stream::Stdin, Stream::Stdout] {
                world.sys.set_kind(stream, kind);
            }
            let (sys, mock, other) = (layered(world.batteries()).sys, world.sys.clone(), world.sys);
            Program {
                sys,
                break_stdout: Box::new(move || mock.break_pipe(Stream::Stdout)),
                written: Box::new(move || (other.written(Stream::Stdout), other.written(Stream::Stderr))),
            }
        })
    }

    fn native() -> Machine {
        Machine(|stdin, kind| {
            let (errors, stderr) = std::io::pipe().unwrap();
            let read = |mut from: Box<dyn Read>| {
                let mut bytes = Vec::new();
                from.read_to_end(&mut bytes).unwrap();
                bytes
            };
            if kind == Kind::File {
                let file = |bytes: &[u8]| {
                    let mut file = tempfile();
                    file.write_all(bytes).unwrap();
                    file.rewind().unwrap();
                    file
                };
                let (input, output) = (file(stdin), file(b""));
                let mut copy = output.try_clone().unwrap();
                let sys = Sys::new(Arc::new(Native::over(input, output, stderr)));
                let written = Box::new(move || {
                    copy.rewind().unwrap();
                    (read(Box::new(copy)), read(Box::new(errors)))
                });
                return Program { sys, break_stdout: Box::new(|| panic!("a file does not break")), written };
            }
            let (input, mut feed) = std::io::pipe().unwrap();
            let (output, stdout) = std::io::pipe().unwrap();
            let stdin = stdin.to_vec();
            std::thread::spawn(move || feed.write_all(&stdin));
            let output = Arc::new(std::sync::Mutex::new(Some(output)));
            let reader = output.clone();
            Program {
                sys: Sys::new(Arc::new(Native::over(input, stdout, stderr))),
                break_stdout: Box::new(move || drop(output.lock().unwrap().take())),
                written: Box::new(move || {
                    let output = reader.lock().unwrap().take();
                    (output.map(|output| read(Box::new(output))).unwrap_or_default(), read(Box::new(errors)))
                }),
            }
        })
    }

    fn program(&self, stdin: impl AsRef<[u8]>) -> Program {
        self.0(stdin.as_ref(), Kind::Pipe)
    }

    fn with_files(&self, stdin: impl AsRef<[u8]>) -> Program {
        self.0(stdin.as_ref(), Kind::File)
    }
}

/// A file without a name.
fn tempfile() -> std::fs::File {
    static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("leyden-sys-{}-{number}", std::process::id()));
    let file = std::fs::OpenOptions::new().read(true).write(true).create_new(true).open(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    file
}

impl Program {
    /// Ends the program and gives its stdout and stderr.
    fn end(self) -> (String, String) {
        drop(self.sys);
        drop(self.break_stdout);
        let (stdout, stderr) = (self.written)();
        (String::from_utf8_lossy(&stdout).into_owned(), String::from_utf8_lossy(&stderr).into_owned())
    }
}

fn a_line_keeps_its_newline(machine: &Machine) {
    let stdin = machine.program("one\nzwei ü\n\nend\n").sys.stdin;
    assert_eq!(stdin.readline(None).unwrap(), "one\n");
    assert_eq!(stdin.readline(None).unwrap(), "zwei ü\n");
    assert_eq!(stdin.lines().collect::<Result<Vec<_>, _>>().unwrap(), ["\n", "end\n"]);
}

fn the_last_line_may_have_none(machine: &Machine) {
    let lines = machine.program("a\nb").sys.stdin.readlines(None).unwrap();
    assert_eq!(lines, ["a\n", "b"]);
}

fn universal_newlines_become_one(machine: &Machine) {
    let stdin = machine.program("a\r\nb\rc\nd\r").sys.stdin;
    assert_eq!(stdin.readlines(None).unwrap(), ["a\n", "b\n", "c\n", "d\n"]);
    assert_eq!(stdin.newlines(), ["\r", "\n", "\r\n"]);
    let stdin = machine.program("a\r\n\r\nb\r\rc").sys.stdin;
    assert_eq!(stdin.read(None).unwrap(), "a\n\nb\n\nc");
}

fn a_newline_across_two_chunks_is_one(machine: &Machine) {
    for before in 8189..8195 {
        let text = format!("{}\r\nrest\r\n", "x".repeat(before));
        let stdin = machine.program(&text).sys.stdin;
        assert_eq!(stdin.readline(None).unwrap().len(), before + 1);
        assert_eq!(stdin.readline(None).unwrap(), "rest\n");
    }
}

fn newlines_are_left_alone_if_asked(machine: &Machine) {
    let stdin = machine.program("a\r\nb\rc\n").sys.stdin;
    stdin.reconfigure(Reconfigure::new().newline(Newline::Any)).unwrap();
    assert_eq!(stdin.readlines(None).unwrap(), ["a\r\n", "b\r", "c\n"]);
}

fn only_the_chosen_newline_ends_a_line(machine: &Machine) {
    for (newline, lines) in
        [(Newline::Lf, vec!["a\r\n", "b\rc"]), (Newline::Cr, vec!["a\r", "\nb\r", "c"]), (Newline::CrLf, vec!["a\r\n", "b\rc"])]
    {
        let stdin = machine.program("a\r\nb\rc").sys.stdin;
        stdin.reconfigure(Reconfigure::new().newline(newline)).unwrap();
        assert_eq!(stdin.readlines(None).unwrap(), lines, "{newline:?}");
        let stdin = machine.program("a\r\nb\rc").sys.stdin;
        stdin.reconfigure(Reconfigure::new().newline(newline)).unwrap();
        assert_eq!(stdin.readline(100).unwrap(), lines[0], "{newline:?}");
    }
}

fn read_counts_characters(machine: &Machine) {
    let stdin = machine.program("aü€😀\r\nb").sys.stdin;
    assert_eq!(stdin.read(3).unwrap(), "aü€");
    assert_eq!(stdin.read(0).unwrap(), "");
    assert_eq!(stdin.read(2).unwrap(), "😀\n");
    assert_eq!(stdin.read(10).unwrap(), "b");
    let long = "ü".repeat(20_000);
    assert_eq!(machine.program(&long).sys.stdin.read(15_000).unwrap().chars().count(), 15_000);
    assert_eq!(machine.program(&long).sys.stdin.read(None).unwrap(), long);
}

fn readline_stops_at_its_size(machine: &Machine) {
    let stdin = machine.program("abcdef\ngh\n").sys.stdin;
    assert_eq!(stdin.readline(4).unwrap(), "abcd");
    assert_eq!(stdin.readline(4).unwrap(), "ef\n");
    assert_eq!(stdin.readline(3).unwrap(), "gh\n");
    assert_eq!(stdin.readline(3).unwrap(), "");
}

fn readlines_stops_at_its_hint(machine: &Machine) {
    assert_eq!(machine.program("a\nb\nc\nd\n").sys.stdin.readlines(3).unwrap(), ["a\n", "b\n"]);
    assert_eq!(machine.program("a\nb\n").sys.stdin.readlines(0).unwrap(), ["a\n", "b\n"]);
}

fn after_the_end_comes_nothing(machine: &Machine) {
    let stdin = machine.program("").sys.stdin;
    for _ in 0..3 {
        assert_eq!(stdin.read(None).unwrap(), "");
        assert_eq!(stdin.readline(None).unwrap(), "");
    }
    assert_eq!(stdin.lines().count(), 0);
}

fn a_byte_that_is_no_text_is_an_error_and_stays(machine: &Machine) {
    let stdin = machine.program(b"ok\nab\xffcd\n").sys.stdin;
    assert_eq!(stdin.readline(None).unwrap(), "ok\n");
    let error = stdin.readline(None).unwrap_err();
    assert_eq!(error.to_string(), "stdin: 'utf-8' codec cannot decode byte 0xff in position 5");
    assert!(matches!(error, Error::UnicodeDecode { byte: 0xff, position: 5, .. }));
    assert_eq!(stdin.read(10).unwrap(), "ab");
    assert!(matches!(stdin.read(10), Err(Error::UnicodeDecode { position: 5, .. })));
    stdin.reconfigure(Reconfigure::new().errors(Errors::Replace)).unwrap();
    assert_eq!(stdin.readline(None).unwrap(), "\u{fffd}cd\n");
}

fn error_handlers_read_what_is_no_text(machine: &Machine) {
    for (errors, text) in
        [(Errors::Ignore, "a(b"), (Errors::Replace, "a\u{fffd}(b\u{fffd}"), (Errors::BackslashReplace, "a\\xe2\\x82(b\\xff")]
    {
        let read = |size: Option<usize>| {
            let stdin = machine.program(b"a\xe2\x82(b\xff").sys.stdin;
            stdin.reconfigure(Reconfigure::new().errors(errors)).unwrap();
            stdin.read(size).unwrap()
        };
        assert_eq!((read(None).as_str(), read(Some(100)).as_str()), (text, text));
    }
    let stdin = machine.program(b"\xfcb").sys.stdin;
    stdin.reconfigure(Reconfigure::new().encoding(Encoding::Latin1)).unwrap();
    assert_eq!((stdin.read(1).unwrap().as_str(), stdin.read(None).unwrap().as_str()), ("ü", "b"));
    let stdin = machine.program(b"a\xfcb").sys.stdin;
    stdin.reconfigure(Reconfigure::new().encoding(Encoding::Ascii)).unwrap();
    assert!(matches!(stdin.read(None), Err(Error::UnicodeDecode { encoding: "ascii", position: 1, .. })));
}

fn a_character_cut_by_the_end_is_no_text(machine: &Machine) {
    for size in [None, Some(5)] {
        let stdin = machine.program(b"\xe2\x82").sys.stdin;
        assert!(matches!(stdin.read(size), Err(Error::UnicodeDecode { byte: 0xe2, position: 0, .. })));
    }
}

fn bytes_beneath_the_text(machine: &Machine) {
    let program = machine.program(b"head\n\xff\x00rest");
    assert_eq!(program.sys.stdin.readline(None).unwrap(), "head\n");
    let mut bytes = Vec::new();
    program.sys.stdin.buffer().read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes, b"\xff\x00rest");
}

fn output_waits_for_flush(machine: &Machine) {
    let program = machine.with_files("");
    program.sys.stdout.write("line\n").unwrap();
    assert_eq!(program.sys.stdout.seek(SeekFrom::End(0)).unwrap(), 5, "seek flushes");
    program.sys.stdout.write("more").unwrap();
    program.sys.stdout.flush().unwrap();
    assert_eq!(program.end().0, "line\nmore");
}

fn stderr_goes_out_by_the_line(machine: &Machine) {
    let program = machine.program("");
    assert!(program.sys.stderr.line_buffering() && !program.sys.stdout.line_buffering());
    program.sys.stderr.write("warning\n").unwrap();
    assert_eq!(program.end().1, "warning\n");
}

fn a_full_buffer_goes_out(machine: &Machine) {
    let program = machine.program("");
    (program.break_stdout)();
    let mut written = 0;
    let error = loop {
        match program.sys.stdout.write("0123456789abcdef") {
            Ok(count) => written += count,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, Error::BrokenPipe { .. }) && written < 10_000, "{error:?} after {written}");
}

fn what_is_left_goes_out_at_the_end(machine: &Machine) {
    let program = machine.program("");
    program.sys.stdout.write("left").unwrap();
    assert_eq!(program.end().0, "left");
}

fn write_gives_characters(machine: &Machine) {
    let program = machine.program("");
    assert_eq!(program.sys.stdout.write("aü€\n").unwrap(), 4);
    program.sys.stdout.writelines(["b", "c\n"]).unwrap();
    assert_eq!(program.end().0, "aü€\nbc\n");
}

fn write_macro_works(machine: &Machine) {
    let program = machine.program("");
    writeln!(&program.sys.stdout, "{} of {:?}", 1, Some('ü')).unwrap();
    assert_eq!(program.end().0, "1 of Some('ü')\n");
}

fn a_character_that_the_encoding_lacks(machine: &Machine) {
    let program = machine.program("");
    let stdout = &program.sys.stdout;
    stdout.reconfigure(Reconfigure::new().encoding(Encoding::Ascii)).unwrap();
    let error = stdout.write("aü").unwrap_err();
    assert_eq!(error.to_string(), "stdout: 'ascii' codec cannot encode character U+00FC");
    for errors in [Errors::Ignore, Errors::Replace, Errors::BackslashReplace, Errors::XmlCharRefReplace] {
        stdout.reconfigure(Reconfigure::new().errors(errors)).unwrap();
        stdout.write("<ü€😀>").unwrap();
    }
    stdout.reconfigure(Reconfigure::new().encoding(Encoding::Latin1)).unwrap();
    stdout.buffer().write_all(b"|").unwrap();
    assert_eq!(program.end().0, "<><???><\\xfc\\u20ac\\U0001f600><&#252;&#8364;&#128512;>|");
}

fn newlines_go_out_as_asked(machine: &Machine) {
    let program = machine.program("");
    program.sys.stdout.reconfigure(Reconfigure::new().newline(Newline::CrLf)).unwrap();
    assert_eq!(program.sys.stdout.write("a\nb\n").unwrap(), 4);
    assert_eq!(program.end().0, "a\r\nb\r\n");
}

fn a_broken_pipe_is_an_error(machine: &Machine) {
    let program = machine.program("");
    (program.break_stdout)();
    program.sys.stdout.write("lost\n").unwrap();
    let error = program.sys.stdout.flush().unwrap_err();
    assert_eq!((error.errno(), error.to_string().as_str()), (Some(32), "stdout: broken pipe"));
    let error = writeln!(&program.sys.stdout, "{}", "x".repeat(9_000)).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
}

fn closed_streams_refuse(machine: &Machine) {
    let program = machine.program("in");
    program.sys.stdout.write("before").unwrap();
    program.sys.stdout.close().unwrap();
    program.sys.stdin.close().unwrap();
    assert!(program.sys.stdout.closed());
    for error in [
        program.sys.stdout.write("after").unwrap_err(),
        program.sys.stdin.read(None).unwrap_err(),
        program.sys.stdout.flush().unwrap_err(),
        program.sys.stdout.isatty().unwrap_err(),
    ] {
        assert!(matches!(&error, Error::Value(text) if text == "I/O operation on closed file."), "{error:?}");
    }
    assert_eq!(program.end().0, "before");
}

fn closing_twice_does_nothing(machine: &Machine) {
    let sys = machine.program("").sys;
    sys.stdout.close().unwrap();
    sys.stdout.close().unwrap();
}

fn detached_streams_refuse(machine: &Machine) {
    let program = machine.program("");
    program.sys.stdout.write("text ").unwrap();
    let mut bytes = program.sys.stdout.detach().unwrap();
    bytes.write_all(b"bytes").unwrap();
    bytes.flush().unwrap();
    assert_eq!(program.sys.stdout.write("x").unwrap_err().to_string(), "underlying buffer has been detached");
    drop(bytes);
    assert_eq!(program.end().0, "text bytes");
}

fn stdin_cannot_be_written_nor_stdout_read(machine: &Machine) {
    let sys = machine.program("x").sys;
    assert_eq!(sys.stdin.write("x").unwrap_err().to_string(), "not writable");
    assert_eq!(sys.stdout.read(None).unwrap_err().to_string(), "not readable");
    assert!(matches!(sys.stderr.readline(None), Err(Error::UnsupportedOperation(_))));
    assert!(sys.stdin.readable() && !sys.stdin.writable() && sys.stdout.writable() && !sys.stdout.readable());
}

fn a_pipe_has_no_place(machine: &Machine) {
    let sys = machine.program("x").sys;
    assert!(!sys.stdin.seekable().unwrap() && !sys.stdout.seekable().unwrap());
    for error in [sys.stdin.tell().unwrap_err(), sys.stdout.tell().unwrap_err(), sys.stdin.seek(SeekFrom::Start(0)).unwrap_err()]
    {
        assert_eq!(error.to_string(), "underlying stream is not seekable");
    }
    assert_eq!(sys.stdout.truncate(0).unwrap_err().errno(), Some(22));
}

fn a_file_has_a_place(machine: &Machine) {
    let stdin = machine.with_files("ab\ncde\nf").sys.stdin;
    assert!(stdin.seekable().unwrap());
    assert_eq!(stdin.readline(None).unwrap(), "ab\n");
    let place = stdin.tell().unwrap();
    assert_eq!(place, 3);
    assert_eq!(stdin.read(None).unwrap(), "cde\nf");
    assert_eq!(stdin.seek(SeekFrom::Start(place)).unwrap(), 3);
    assert_eq!(stdin.readline(None).unwrap(), "cde\n");
    assert_eq!(stdin.seek(SeekFrom::End(0)).unwrap(), 8);
    assert_eq!(stdin.read(None).unwrap(), "");
    assert_eq!(stdin.seek(SeekFrom::Current(1)).unwrap_err().to_string(), "can't do nonzero cur-relative seeks");
    assert_eq!(stdin.seek(SeekFrom::End(-1)).unwrap_err().to_string(), "can't do nonzero end-relative seeks");
    let program = machine.with_files("");
    program.sys.stdout.write("12345").unwrap();
    assert_eq!(program.sys.stdout.tell().unwrap(), 5);
    program.sys.stdout.seek(SeekFrom::Start(1)).unwrap();
    program.sys.stdout.write("x").unwrap();
    assert_eq!(program.end().0, "1x345");
}

fn a_file_can_be_cut(machine: &Machine) {
    let program = machine.with_files("");
    program.sys.stdout.write("12345").unwrap();
    assert_eq!(program.sys.stdout.truncate(2).unwrap(), 2);
    program.sys.stdout.seek(SeekFrom::End(0)).unwrap();
    program.sys.stdout.write("x").unwrap();
    assert_eq!(program.sys.stdout.truncate(None).unwrap(), 3);
    assert_eq!(program.end().0, "12x");
    assert!(matches!(machine.with_files("").sys.stdin.truncate(0), Err(Error::UnsupportedOperation(_))));
}

fn encoding_cannot_change_after_the_first_read(machine: &Machine) {
    let stdin = machine.program("abc").sys.stdin;
    stdin.read(1).unwrap();
    assert!(stdin.reconfigure(Reconfigure::new().encoding(Encoding::Latin1)).is_err());
    assert!(stdin.reconfigure(Reconfigure::new().newline(Newline::Lf)).is_err());
    stdin.reconfigure(Reconfigure::new().errors(Errors::Ignore)).unwrap();
    assert_eq!(stdin.errors(), "ignore");
}

fn facts_of_the_streams(machine: &Machine) {
    let sys = machine.program("").sys;
    let facts = |stream: &leyden::sys::TextIo| {
        (stream.name(), stream.mode(), stream.fileno(), stream.encoding(), stream.errors(), stream.isatty().unwrap())
    };
    assert_eq!(facts(&sys.stdin), ("<stdin>", "r", 0, "utf-8", "strict", false));
    assert_eq!(facts(&sys.stdout), ("<stdout>", "w", 1, "utf-8", "strict", false));
    assert_eq!(facts(&sys.stderr), ("<stderr>", "w", 2, "utf-8", "backslashreplace", false));
    assert!(!sys.stdout.write_through());
    sys.stdout.reconfigure(Reconfigure::new().write_through(true).line_buffering(true)).unwrap();
    assert!(sys.stdout.write_through() && sys.stdout.line_buffering());
    assert!(!sys.argv().is_empty() && sys.argv() == sys.orig_argv());
    assert!(sys.executable().unwrap().is_absolute());
    assert!(sys.thread_info().version.is_none_or(|version| version.starts_with("NPTL 2.")));
}

fn text_and_bytes_keep_their_order(machine: &Machine) {
    let program = machine.program("");
    program.sys.stdout.write("1 ").unwrap();
    program.sys.stdout.buffer().write_all(b"2 ").unwrap();
    program.sys.stdout.write("3 ").unwrap();
    program.sys.stdout.buffer().write_all(&[b'4'; 10_000]).unwrap();
    program.sys.stdout.write(" 5").unwrap();
    let out = program.end().0;
    assert!(out.starts_with("1 2 3 44") && out.ends_with("4 5") && out.len() == 10_008, "{}", out.len());
}

fn exit_is_an_error_with_a_code(machine: &Machine) {
    let sys = machine.program("").sys;
    let code = |status: ExitStatus| {
        let run = || -> leyden::Result<()> {
            sys.exit(status)?;
            Ok(())
        };
        let error = run().unwrap_err();
        assert!(error.is::<SystemExit>());
        sys.status_of::<(), _>(Err(error))
    };
    assert_eq!([code(3.into()), code(0.into()), code(256.into()), code((-1).into()), code(None.into())], [3, 0, 0, 255, 0]);
    assert_eq!(sys.status_of(Ok::<_, leyden::Error>(5)), 0);
}

fn finish_says_what_went_wrong(machine: &Machine) {
    let program = machine.program("");
    program.sys.stdout.write("out").unwrap();
    assert_eq!(program.sys.status_of::<(), _>(Err(leyden::Error::other("it burns"))), 1);
    assert_eq!(program.sys.status_of::<(), _>(Err(SystemExit("usage".into()))), 1);
    assert_eq!(program.end(), ("out".to_owned(), "it burns\nusage\n".to_owned()));
}

fn finish_reports_a_broken_stdout(machine: &Machine) {
    let program = machine.program("");
    (program.break_stdout)();
    program.sys.stdout.write("lost").unwrap();
    assert_eq!(program.sys.status_of(Ok::<_, leyden::Error>(())), 120);
    drop(program.sys);
    let stderr = (program.written)().1;
    assert!(String::from_utf8(stderr).unwrap().starts_with("stdout: broken pipe"));
}

fn another_stdout_in_the_same_program(machine: &Machine) {
    let program = machine.program("");
    let loud = program.sys.clone().with_stdout(program.sys.stderr.clone());
    loud.stdout.write("hidden\n").unwrap();
    loud.original_stdout().write("shown\n").unwrap();
    drop(loud);
    assert_eq!(program.end(), ("shown\n".to_owned(), "hidden\n".to_owned()));
}

fn many_threads_write_whole_lines(machine: &Machine) {
    let program = machine.program("");
    std::thread::scope(|scope| {
        for number in 0..8 {
            let stdout = program.sys.stdout.clone();
            scope.spawn(move || {
                for _ in 0..100 {
                    stdout.write(&format!("{number}{number}{number}\n")).unwrap();
                }
            });
        }
    });
    let out = program.end().0;
    assert_eq!(out.lines().count(), 800);
    assert!(out.lines().all(|line| line.len() == 3 && line.chars().all(|c| line.starts_with(c))));
}

#[test]
fn a_world_has_a_program_of_its_own() {
    let world = World::new();
    world.sys.set_argv(["tool", "-v"]);
    world.sys.set_executable("/opt/tool");
    world.sys.set_kind(Stream::Stdout, Kind::Terminal);
    let sys = world.batteries().sys;
    assert!(sys.argv()[1] == "-v" && sys.executable().unwrap().ends_with("tool"));
    assert!(sys.stdout.isatty().unwrap() && sys.stdout.line_buffering());
    sys.stdout.write("line\n").unwrap();
    assert_eq!(world.script().count("sys.write"), 1);
    sys.exit("no").unwrap_err();
    assert_eq!(world.sys.exit_status(), Some(ExitStatus::Message("no".into())));
    assert_eq!(world.script().count("sys.exit"), 1);
}

#[test]
fn a_failing_stream_fails_the_call() {
    let world = World::new();
    let sys = world.batteries().sys;
    world.script().fail_next("sys.write", std::io::Error::from_raw_os_error(28));
    sys.stdout.write("kept").unwrap();
    let error = sys.stdout.flush().unwrap_err();
    assert_eq!((error.errno(), error.to_string().as_str()), (Some(28), "cannot write to stdout: no space left on device"));
    assert_eq!(world.sys.stdout(), "kept", "what was not taken stays for the next flush");
}

#[test]
fn native_handles_share_their_buffers() {
    let (first, second) = (Sys::native(), Sys::native());
    first.stdin.reconfigure(Reconfigure::new().errors(Errors::Ignore)).unwrap();
    assert_eq!(second.stdin.errors(), "ignore");
}
