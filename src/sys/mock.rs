//! A program in memory: the test sets its arguments and stdin, and reads its stdout and stderr.
//!
//! ```
//! use leyden::prelude::*;
//!
//! let world = World::new();
//! world.sys.set_argv(["greet", "Ana"]);
//! let sys = world.batteries().sys;
//! sys.stdout.write(&format!("Hello, {}\n", sys.argv()[1].display()))?;
//! assert!(sys.exit(3).is_err());
//! assert_eq!(world.sys.stdout(), "Hello, Ana\n");
//! assert_eq!(world.sys.exit_status().map(|status| status.code()), Some(3));
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! | modelled | how |
//! |---|---|
//! | arguments, executable | [`Mock::set_argv`], [`Mock::set_executable`] |
//! | stdin | [`Mock::set_stdin`]; the end follows its last byte |
//! | stdout, stderr | kept in full: [`Mock::stdout`], [`Mock::stderr`] |
//! | what a stream is connected to | a pipe; [`Mock::set_kind`] makes it a terminal or a regular file |
//! | a closed reading end | [`Mock::break_pipe`] |
//! | `sys.exit` | [`Mock::exit_status`], and `sys.exit` in the log |

use std::ffi::OsString;
use std::io::{Error, Result, SeekFrom};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Sys;
use super::backend::{Backend, Stream};
use super::exit::ExitStatus;
use crate::error::errno::{EBADF, EINVAL, EPIPE, ESPIPE};
use crate::interrupt::Interrupts;
use crate::mock::Script;

/// A program in memory. Clones and all handles share its streams.
#[derive(Clone, Debug)]
pub struct Mock {
    machine: Machine,
    sys: Sys,
}

/// What a stream is connected to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A pipe: not seekable.
    #[default]
    Pipe,
    /// A terminal: flushed after each line.
    Terminal,
    /// A regular file.
    File,
}

#[derive(Clone, Debug)]
struct Machine {
    script: Script,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    argv: Vec<OsString>,
    executable: PathBuf,
    streams: [Contents; 3],
    exit: Option<ExitStatus>,
}

#[derive(Debug, Default)]
struct Contents {
    bytes: Vec<u8>,
    at: usize,
    kind: Kind,
    broken: bool,
}

impl Default for Mock {
    fn default() -> Mock {
        Mock::new(Script::default())
    }
}

impl Mock {
    /// Creates a program called `script`, without arguments and with an empty stdin, that records
    /// its calls in `script`.
    pub fn new(script: Script) -> Mock {
        let state = State {
            argv: vec!["script".into()],
            executable: PathBuf::from("/usr/bin/script"),
            streams: Default::default(),
            exit: None,
        };
        let machine = Machine { script, state: Arc::new(Mutex::new(state)) };
        Mock { sys: Sys::new(Arc::new(machine.clone())), machine }
    }

    /// Returns the battery on this program. All handles share the streams.
    pub fn handle(&self) -> Sys {
        self.sys.clone()
    }

    /// Sets the program's name and its arguments.
    pub fn set_argv(&self, argv: impl IntoIterator<Item = impl Into<OsString>>) {
        self.machine.lock().argv = argv.into_iter().map(Into::into).collect();
    }

    /// Sets the path of the program.
    pub fn set_executable(&self, path: impl Into<PathBuf>) {
        self.machine.lock().executable = path.into();
    }

    /// Sets the remaining input. It need not be UTF-8.
    pub fn set_stdin(&self, bytes: impl Into<Vec<u8>>) {
        let contents = &mut self.machine.lock().streams[0];
        (contents.bytes, contents.at) = (bytes.into(), 0);
    }

    /// Sets what a stream is connected to.
    pub fn set_kind(&self, stream: Stream, kind: Kind) {
        self.machine.lock().contents(stream).kind = kind;
    }

    /// Closes the reading end of stdout or stderr: writes fail with `EPIPE`.
    pub fn break_pipe(&self, stream: Stream) {
        self.machine.lock().contents(stream).broken = true;
    }

    /// Returns everything written to stdout, after a flush. Bytes that are not UTF-8 are replaced;
    /// [`Mock::written`] returns the raw bytes.
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.written(Stream::Stdout)).into_owned()
    }

    /// Returns everything written to stderr, after a flush.
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.written(Stream::Stderr)).into_owned()
    }

    /// Returns the bytes written to a stream, after a flush.
    pub fn written(&self, stream: Stream) -> Vec<u8> {
        // A broken or closed stream has nothing more to flush.
        match stream {
            Stream::Stdin => return Vec::new(),
            Stream::Stdout => drop(self.sys.stdout.flush()),
            Stream::Stderr => drop(self.sys.stderr.flush()),
        }
        self.machine.lock().contents(stream).bytes.clone()
    }

    /// Returns the status of the last `sys.exit`.
    pub fn exit_status(&self) -> Option<ExitStatus> {
        self.machine.lock().exit.clone()
    }
}

fn errno(number: i32) -> Error {
    Error::from_raw_os_error(number)
}

impl State {
    fn contents(&mut self, stream: Stream) -> &mut Contents {
        let [stdin, stdout, stderr] = &mut self.streams;
        match stream {
            Stream::Stdin => stdin,
            Stream::Stdout => stdout,
            Stream::Stderr => stderr,
        }
    }
}

impl Machine {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Backend for Machine {
    fn argv(&self) -> Vec<OsString> {
        self.lock().argv.clone()
    }

    fn executable(&self) -> Result<PathBuf> {
        Ok(self.lock().executable.clone())
    }

    fn thread_library(&self) -> Option<String> {
        Some("NPTL 2.36".into())
    }

    fn read(&self, stream: Stream, buffer: &mut [u8]) -> Result<usize> {
        self.script.enter::<Error>("sys.read", stream.fileno())?;
        self.script.clock().interrupts().check()?;
        if stream != Stream::Stdin {
            return Err(errno(EBADF));
        }
        let mut state = self.lock();
        let contents = state.contents(stream);
        let rest = contents.bytes.get(contents.at..).unwrap_or(&[]);
        let count = rest.len().min(buffer.len());
        buffer.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        contents.at += count;
        Ok(count)
    }

    fn write(&self, stream: Stream, bytes: &[u8]) -> Result<usize> {
        self.script.enter::<Error>("sys.write", stream.fileno())?;
        let mut state = self.lock();
        let contents = state.contents(stream);
        match (stream, contents.broken) {
            (Stream::Stdin, _) => return Err(errno(EBADF)),
            (_, true) => return Err(errno(EPIPE)),
            _ => {}
        }
        if contents.kind == Kind::File {
            let end = contents.at + bytes.len();
            if contents.bytes.len() < end {
                contents.bytes.resize(end, 0);
            }
            let room = contents.bytes.get_mut(contents.at..end).unwrap_or(&mut []);
            room.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
            contents.at = end;
        } else {
            contents.bytes.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn seek(&self, stream: Stream, to: SeekFrom) -> Result<u64> {
        let mut state = self.lock();
        let contents = state.contents(stream);
        if contents.kind != Kind::File {
            return Err(errno(ESPIPE));
        }
        let at = match to {
            SeekFrom::Start(at) => i64::try_from(at).ok(),
            SeekFrom::Current(by) => (contents.at as i64).checked_add(by),
            SeekFrom::End(by) => (contents.bytes.len() as i64).checked_add(by),
        };
        let at = at.and_then(|at| usize::try_from(at).ok()).ok_or_else(|| errno(EINVAL))?;
        contents.at = at;
        Ok(at as u64)
    }

    fn truncate(&self, stream: Stream, length: u64) -> Result<()> {
        self.script.enter::<Error>("sys.truncate", stream.fileno())?;
        let mut state = self.lock();
        let contents = state.contents(stream);
        if contents.kind != Kind::File || stream == Stream::Stdin {
            return Err(errno(EINVAL));
        }
        contents.bytes.resize(usize::try_from(length).map_err(|_| errno(EINVAL))?, 0);
        Ok(())
    }

    fn isatty(&self, stream: Stream) -> bool {
        self.lock().contents(stream).kind == Kind::Terminal
    }

    fn exit(&self, status: &ExitStatus) {
        // `exit` returns no error, so a planned fault only shows in the log.
        let _ = self.script.enter::<Error>("sys.exit", format_args!("{status:?}"));
        self.lock().exit = Some(status.clone());
    }

    fn on_interrupt(&self) -> Result<()> {
        self.script.enter::<Error>("sys.on_interrupt", "")?;
        self.script.clock().interrupts().arm();
        Ok(())
    }

    fn interrupts(&self) -> Interrupts {
        self.script.clock().interrupts().clone()
    }
}
