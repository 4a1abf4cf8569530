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
//! What belongs to the interpreter (modules, import hooks, frames, garbage, recursion limits) has no meaning here.
//!
//! # DIFFERENCE
//!
//! - Nothing ends the process: [`SystemExit`] travels up as an error, and `main` returns its code.
//! - Ctrl-C and SIGTERM take their default action until [`Sys::on_interrupt`]; then they end calls that wait, and nothing else.
//! - The streams are always UTF-8 (`PYTHONIOENCODING`, `PYTHONUNBUFFERED` and the locale are not looked at), until
//!   [`TextIo::reconfigure`], which knows UTF-8, ASCII and Latin-1, and no `surrogateescape`.
//! - Bytes and text keep their order when both are written; in Python `buffer.write` overtakes text.
//! - Under [`Errors::Ignore`] lines are found before bytes are left out; under [`Errors::BackslashReplace`] a sized read gives an
//!   escape whole, even if it is too long.
//! - `tell` gives bytes, where Python gives a cookie, and works inside a `for line in` loop too.
//! - The buffer is flushed when the last handle is dropped. `std::process::exit` drops nothing: flush first.

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

/// The handle: Python's module `sys` as a value. Cheap to clone; clones share the streams.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Sys {
    /// What comes in, as text.
    pub stdin: TextIo,
    /// What goes out.
    pub stdout: TextIo,
    /// What goes out for people: flushed by the line.
    pub stderr: TextIo,
    originals: Arc<Originals>,
}

/// What a handle was made with.
#[derive(Debug)]
struct Originals {
    backend: Arc<dyn Backend>,
    stdin: TextIo,
    stdout: TextIo,
    stderr: TextIo,
}

impl Sys {
    /// This process's. All native handles that live at one time share its buffers, as there is one stdin and one stdout.
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

    /// Any.
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

    /// The seam, for what is written over it.
    pub fn backend(&self) -> &Arc<dyn Backend> {
        &self.originals.backend
    }

    /// `sys.__stdin__`: the stream that the handle began with.
    #[doc(alias = "sys.__stdin__")]
    pub fn original_stdin(&self) -> &TextIo {
        &self.originals.stdin
    }

    /// `sys.__stdout__`: the stream that the handle began with.
    #[doc(alias = "sys.__stdout__")]
    pub fn original_stdout(&self) -> &TextIo {
        &self.originals.stdout
    }

    /// `sys.__stderr__`: the stream that the handle began with.
    #[doc(alias = "sys.__stderr__")]
    pub fn original_stderr(&self) -> &TextIo {
        &self.originals.stderr
    }

    /// The program's name and its arguments. They need not be UTF-8; `argument == "-v"` works.
    ///
    /// <https://docs.python.org/3/library/sys.html#sys.argv>
    #[doc(alias = "sys.argv")]
    pub fn argv(&self) -> Vec<OsString> {
        self.backend().argv()
    }

    /// The same: no interpreter has taken arguments of its own.
    #[doc(alias = "sys.orig_argv")]
    pub fn orig_argv(&self) -> Vec<OsString> {
        self.backend().argv()
    }

    /// The absolute path of the running program. <https://docs.python.org/3/library/sys.html#sys.executable>
    #[doc(alias = "sys.executable")]
    pub fn executable(&self) -> Result<PathBuf> {
        self.backend().executable().map_err(Error::Executable)
    }

    /// This handle with another stdin.
    pub fn with_stdin(mut self, stream: TextIo) -> Sys {
        self.stdin = stream;
        self
    }

    /// This handle with another stdout: `with_stdout(sys.stderr.clone())` sends one after the other.
    pub fn with_stdout(mut self, stream: TextIo) -> Sys {
        self.stdout = stream;
        self
    }

    /// This handle with another stderr.
    pub fn with_stderr(mut self, stream: TextIo) -> Sys {
        self.stderr = stream;
        self
    }
}
