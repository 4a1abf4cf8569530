//! `sys`: arguments, standard streams, exit.
//!
//! ```
//! use leyden::prelude::*;
//!
//! fn shout(Batteries { sys, .. }: &Batteries) -> leyden::Result<()> {
//!     for line in sys.stdin.lines() {
//!         sys.stdout.write(&line?.to_uppercase())?;
//!     }
//!     Ok(())
//! }
//!
//! let world = World::new(); // a test; on the machine: Batteries::included()
//! world.sys.set_stdin("one\ntwo\n");
//! shout(&world.batteries()).unwrap();
//! assert_eq!(world.sys.stdout(), "ONE\nTWO\n");
//! ```
//!
//! | Python | leyden |
//! |---|---|
//! | `sys.argv`, `sys.executable`, `sys.platform` | methods: `sys.argv()`, .. |
//! | `sys.stdin.readline()`, `for line in sys.stdin` | `sys.stdin.readline(None)?`, `for line in sys.stdin.lines()` |
//! | `sys.stdout.write(text)`, `print(.., file=sys.stderr)` | `sys.stdout.write(text)?`, `writeln!(&sys.stderr, ..)?` |
//! | `print(text)`, `sys.argv[1:]` | [`Sys::print`], [`Sys::args`] |
//! | `sys.stdout.buffer`, `detach()` | [`TextIo::buffer`], [`TextIo::detach`]: a [`Buffer`], which is `Read` and `Write` |
//! | `sys.stdout = open(..)` | `let sys = sys.with_stdout(other)`: the handle is a value |
//! | `sys.__stdout__` | [`Sys::original_stdout`] |
//! | `sys.exit(2)` | `sys.exit(2)?;`, and [`Sys::finish`] in `main` |
//! | `except KeyboardInterrupt`, `signal.signal(signal.SIGTERM, ..)` | [`Sys::on_interrupt`] |
//! | `sys.exc_info()`, `sys.exception()` | the `Err` value and its `source()` |
//! | `sys.excepthook`, `sys.__excepthook__` | [`Sys::finish`] for errors; `std::panic::set_hook`, `take_hook` for panics |
//! | `sys._getframe().f_lineno` | `std::panic::Location::caller()`, `file!()`, `line!()` |
//! | `sys.getsizeof(x)`, `sys.intern(s)` | `std::mem::size_of_val(&x)`, `Arc<str>` |
//! | `sys.tracebacklimit` | `RUST_BACKTRACE` |
//! | `sys.version`, `version_info`, `hexversion`, `implementation` | leyden's, and the compiler's |
//!
//! The parts that concern the interpreter (modules, import hooks, frames, garbage collection,
//! recursion limits) have no equivalent.
//!
//! # DIFFERENCE
//!
//! - No call ends the process: [`SystemExit`] propagates as an error, and `main` returns its code.
//! - Ctrl-C and SIGTERM have their default action until [`Sys::on_interrupt`]. After that they only
//!   end calls that wait.
//! - The streams are UTF-8 until [`TextIo::reconfigure`], whatever `PYTHONIOENCODING`,
//!   `PYTHONUNBUFFERED` and the locale say. Reconfiguration supports UTF-8, ASCII and Latin-1.
//! - Bytes and text keep their order when both are written; in Python `buffer.write` overtakes text.
//! - With [`Errors::Ignore`], lines are split before bytes are left out. With
//!   [`Errors::BackslashReplace`], a sized read returns a whole escape, even if that exceeds the
//!   size.
//! - `tell` returns a position in bytes, where Python returns an opaque cookie. It also works
//!   inside a `for line in` loop.
//! - The buffer is flushed when the last handle is dropped. `std::process::exit` drops nothing:
//!   flush before it.

pub mod backend;
mod buffer;
mod codec;
mod config;
mod error;
mod exit;
mod facts;
mod input;
mod interrupt;
pub mod mock;
pub mod native;
mod text;

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};

pub use backend::{Backend, Stream};
pub use buffer::Buffer;
pub use codec::{Encoding, Errors};
pub use config::{Newline, Reconfigure};
pub use error::{Error, Result};
pub use exit::{ExitStatus, SystemExit};
pub use facts::{FloatInfo, ThreadInfo, VersionInfo};
pub use text::{Lines, TextIo};

/// A handle on a program's arguments and streams: Python's module `sys` as a value. Cheap to clone;
/// clones share the streams.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Sys {
    /// Standard input, as text.
    pub stdin: TextIo,
    /// Standard output.
    pub stdout: TextIo,
    /// Standard error: flushed after each line.
    pub stderr: TextIo,
    originals: Arc<Originals>,
}

/// The streams that a handle was created with.
#[derive(Debug)]
struct Originals {
    backend: Arc<dyn Backend>,
    stdin: TextIo,
    stdout: TextIo,
    stderr: TextIo,
}

impl Sys {
    /// A handle on this process. All native handles share their buffers, because there is one stdin
    /// and one stdout.
    pub fn native() -> Sys {
        static LIVING: Mutex<Weak<Originals>> = Mutex::new(Weak::new());
        let mut living = LIVING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(originals) = living.upgrade() {
            return Sys::of(originals);
        }
        let sys = Sys::new(Arc::new(native::Native::default()));
        *living = Arc::downgrade(&sys.originals);
        sys
    }

    /// A handle on any backend.
    pub fn new(backend: Arc<dyn Backend>) -> Sys {
        let stream = |stream| TextIo::new(stream, backend.clone());
        Sys::of(Arc::new(Originals {
            stdin: stream(Stream::Stdin),
            stdout: stream(Stream::Stdout),
            stderr: stream(Stream::Stderr),
            backend,
        }))
    }

    fn of(originals: Arc<Originals>) -> Sys {
        let Originals { stdin, stdout, stderr, .. } = &*originals;
        Sys { stdin: stdin.clone(), stdout: stdout.clone(), stderr: stderr.clone(), originals }
    }

    /// The backend, for code that wraps it.
    pub fn backend(&self) -> &Arc<dyn Backend> {
        &self.originals.backend
    }

    /// `sys.__stdin__`: the stream that the handle was created with.
    #[doc(alias = "sys.__stdin__")]
    pub fn original_stdin(&self) -> &TextIo {
        &self.originals.stdin
    }

    /// `sys.__stdout__`: the stream that the handle was created with.
    #[doc(alias = "sys.__stdout__")]
    pub fn original_stdout(&self) -> &TextIo {
        &self.originals.stdout
    }

    /// `sys.__stderr__`: the stream that the handle was created with.
    #[doc(alias = "sys.__stderr__")]
    pub fn original_stderr(&self) -> &TextIo {
        &self.originals.stderr
    }

    /// Returns the program's name and its arguments. They need not be UTF-8; `argument == "-v"`
    /// works.
    ///
    /// <https://docs.python.org/3/library/sys.html#sys.argv>
    #[doc(alias = "sys.argv")]
    pub fn argv(&self) -> Vec<OsString> {
        self.backend().argv()
    }

    /// Returns the arguments as text, without the program's name: `sys.argv[1:]`, the input of an
    /// argument parser.
    ///
    /// Bytes that are not UTF-8 become U+FFFD. Take paths that may hold such bytes from
    /// [`Sys::argv`].
    ///
    /// ```
    /// use leyden::prelude::*;
    ///
    /// let world = World::new();
    /// world.sys.set_argv(["backup", "--days", "3"]);
    /// assert_eq!(world.batteries().sys.args(), ["--days", "3"]);
    /// ```
    #[doc(alias = "sys.argv")]
    pub fn args(&self) -> Vec<String> {
        self.argv().into_iter().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect()
    }

    /// `print(text)`: writes a value and a newline to `stdout`.
    ///
    /// ```
    /// use leyden::prelude::*;
    ///
    /// let world = World::new();
    /// let sys = world.batteries().sys;
    /// sys.print("done")?;
    /// sys.print(format_args!("{} files", 3))?;
    /// assert_eq!(world.sys.stdout(), "done\n3 files\n");
    /// # Ok::<(), leyden::Error>(())
    /// ```
    ///
    /// <https://docs.python.org/3/library/functions.html#print>
    pub fn print(&self, value: impl std::fmt::Display) -> Result<()> {
        self.stdout.write(&format!("{value}\n")).map(drop)
    }

    /// Same as [`Sys::argv`]: there is no interpreter with arguments of its own.
    #[doc(alias = "sys.orig_argv")]
    pub fn orig_argv(&self) -> Vec<OsString> {
        self.backend().argv()
    }

    /// Returns the absolute path of the running program.
    /// <https://docs.python.org/3/library/sys.html#sys.executable>
    #[doc(alias = "sys.executable")]
    pub fn executable(&self) -> Result<PathBuf> {
        self.backend().executable().map_err(Error::Executable)
    }

    /// Replaces stdin of this handle.
    pub fn with_stdin(mut self, stream: TextIo) -> Sys {
        self.stdin = stream;
        self
    }

    /// Replaces stdout of this handle: `with_stdout(sys.stderr.clone())` redirects it to stderr.
    pub fn with_stdout(mut self, stream: TextIo) -> Sys {
        self.stdout = stream;
        self
    }

    /// Replaces stderr of this handle.
    pub fn with_stderr(mut self, stream: TextIo) -> Sys {
        self.stderr = stream;
        self
    }
}
