//! The arguments and streams of this process.
#![allow(clippy::disallowed_methods, reason = "this is the seam")]

use std::ffi::OsString;
use std::io::{Result, SeekFrom, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;
use std::sync::Arc;

use rustix::io::{Errno, retry_on_intr};

use super::backend::{Backend, Stream};
use super::exit::ExitStatus;
use crate::interrupt::{Interrupts, native};

/// This process.
#[derive(Clone, Debug, Default)]
pub struct Native {
    /// `None`: the process's own streams.
    streams: Option<Arc<[OwnedFd; 3]>>,
}

impl Native {
    /// This process with other descriptors for stdin, stdout and stderr: pipes, files, terminals.
    pub fn over(stdin: impl Into<OwnedFd>, stdout: impl Into<OwnedFd>, stderr: impl Into<OwnedFd>) -> Native {
        Native { streams: Some(Arc::new([stdin.into(), stdout.into(), stderr.into()])) }
    }

    fn fd(&self, stream: Stream) -> BorrowedFd<'_> {
        match (&self.streams, stream) {
            (Some(streams), Stream::Stdin) => streams[0].as_fd(),
            (Some(streams), Stream::Stdout) => streams[1].as_fd(),
            (Some(streams), Stream::Stderr) => streams[2].as_fd(),
            (None, Stream::Stdin) => rustix::stdio::stdin(),
            (None, Stream::Stdout) => rustix::stdio::stdout(),
            (None, Stream::Stderr) => rustix::stdio::stderr(),
        }
    }
}

impl Backend for Native {
    fn argv(&self) -> Vec<OsString> {
        std::env::args_os().collect()
    }

    fn executable(&self) -> Result<PathBuf> {
        std::env::current_exe()
    }

    fn thread_library(&self) -> Option<String> {
        crate::glibc::version().map(|version| format!("NPTL {version}"))
    }

    fn read(&self, stream: Stream, buffer: &mut [u8]) -> Result<usize> {
        native::readable(self.fd(stream))?;
        Ok(retry_on_intr(|| rustix::io::read(self.fd(stream), &mut *buffer))?)
    }

    fn write(&self, stream: Stream, bytes: &[u8]) -> Result<usize> {
        if self.streams.is_none() && stream == Stream::Stdout {
            // Text that `print!` has buffered was written earlier, so it goes out first.
            let _ = std::io::stdout().flush();
        }
        Ok(retry_on_intr(|| rustix::io::write(self.fd(stream), bytes))?)
    }

    fn seek(&self, stream: Stream, to: SeekFrom) -> Result<u64> {
        let to = match to {
            SeekFrom::Start(at) => rustix::fs::SeekFrom::Start(at),
            SeekFrom::Current(by) => rustix::fs::SeekFrom::Current(by),
            SeekFrom::End(by) => rustix::fs::SeekFrom::End(by),
        };
        let at = rustix::fs::seek(self.fd(stream), to)?;
        // Some terminals report a successful seek.
        if self.isatty(stream) { Err(Errno::SPIPE.into()) } else { Ok(at) }
    }

    fn truncate(&self, stream: Stream, length: u64) -> Result<()> {
        Ok(retry_on_intr(|| rustix::fs::ftruncate(self.fd(stream), length))?)
    }

    fn isatty(&self, stream: Stream) -> bool {
        rustix::termios::isatty(self.fd(stream))
    }

    fn exit(&self, _: &ExitStatus) {}

    fn on_interrupt(&self) -> Result<()> {
        native::arm()
    }

    fn interrupts(&self) -> Interrupts {
        native::interrupts().clone()
    }
}
