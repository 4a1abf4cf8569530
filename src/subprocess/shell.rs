//! Shells: `shell=True`, and what Python has in `os`: `os.system` and `os.popen`.

use std::ffi::OsStr;
use std::io::{self, BufRead, Read, Write};

use super::args::Arg;
use super::backend::WaitStatus;
use super::error::{Error, Result};
use super::popen::Popen;
use super::text::{Lines, Text};

/// `shell=True`: the first argument is a line for the shell, and the others are its `$0`, `$1` and so on. `/bin/sh`, unless another
/// executable is set.
pub(super) fn through_shell(args: &mut Vec<Arg>, executable: Option<&OsStr>) {
    let shell = executable.unwrap_or(OsStr::new("/bin/sh"));
    args.splice(0..0, [Arg::Plain(shell.to_owned()), Arg::from("-c")]);
}

/// A shell command line that runs in the background, with a pipe to read from or to write to:
/// `os.popen`.
///
/// In Python the stream is text. Here it is bytes, and [`ShellPipe::lines`] returns text.
#[derive(Debug)]
#[doc(alias = "os.popen")]
pub struct ShellPipe(pub(super) Popen);

impl ShellPipe {
    /// Returns an iterator over the lines of the output, as text without line ends.
    pub fn lines(&mut self) -> Lines<&mut ShellPipe> {
        Lines::new(self, Text { on: true, ..Text::default() })
    }

    /// Closes the pipe, waits for the end and returns the wait status; `None` for success.
    #[doc(alias("os.popen().close"))]
    pub fn close(mut self) -> Result<Option<WaitStatus>> {
        self.0.stdin = None;
        self.0.stdout = None;
        Ok(Some(self.0.wait(None)?).filter(|code| *code != 0).map(wait_status))
    }
}

/// Returns the wait status for a return code. A return code does not record a core dump, so neither
/// does the result.
pub(super) fn wait_status(returncode: i32) -> WaitStatus {
    WaitStatus(if returncode < 0 { returncode.wrapping_neg() } else { returncode << 8 })
}

fn no_pipe(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, Error::Value(format!("this pipe is not for {what}")))
}

impl Read for ShellPipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.stdout.as_mut().ok_or_else(|| no_pipe("reading"))?.read(buffer)
    }
}

impl BufRead for ShellPipe {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.0.stdout.as_mut().ok_or_else(|| no_pipe("reading"))?.fill_buf()
    }

    fn consume(&mut self, n: usize) {
        if let Some(stdout) = &mut self.0.stdout {
            stdout.consume(n);
        }
    }
}

impl Write for ShellPipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.stdin.as_mut().ok_or_else(|| no_pipe("writing"))?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
