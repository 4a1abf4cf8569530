//! A program's arguments and streams with a hook around each call.

use std::ffi::OsString;
use std::io::{Result, SeekFrom};
use std::path::PathBuf;

use super::Around;
use crate::interrupt::Interrupts;
use crate::layers::hook::{Call, Subject};
use crate::sys::ExitStatus;
use crate::sys::backend::{Backend, Stream};

fn on(stream: Stream) -> Subject<'static> {
    Subject::text(match stream {
        Stream::Stdin => "stdin",
        Stream::Stdout => "stdout",
        Stream::Stderr => "stderr",
    })
}

fn count(bytes: &usize) -> Option<u64> {
    u64::try_from(*bytes).ok()
}

#[deny(clippy::missing_trait_methods)]
impl Backend for Around<dyn Backend> {
    fn argv(&self) -> Vec<OsString> {
        self.core.note(Call::look("sys.argv", Subject::Machine), || self.inner.argv())
    }

    fn executable(&self) -> Result<PathBuf> {
        self.core.call(Call::look("sys.executable", Subject::Machine), || self.inner.executable())
    }

    fn thread_library(&self) -> Option<String> {
        self.core.note(Call::look("sys.thread_library", Subject::Machine), || self.inner.thread_library())
    }

    fn read(&self, stream: Stream, buffer: &mut [u8]) -> Result<usize> {
        let read = |most: usize| {
            let length = buffer.len().min(most.max(1));
            self.inner.read(stream, &mut buffer[..length])
        };
        self.core.transfer(Call::look("sys.read", on(stream)), read, count)
    }

    fn write(&self, stream: Stream, bytes: &[u8]) -> Result<usize> {
        let write = |most: usize| self.inner.write(stream, &bytes[..bytes.len().min(most.max(1))]);
        self.core.transfer(Call::change("sys.write", on(stream)), write, count)
    }

    fn seek(&self, stream: Stream, to: SeekFrom) -> Result<u64> {
        self.core.call(Call::look("sys.seek", on(stream)), || self.inner.seek(stream, to))
    }

    fn truncate(&self, stream: Stream, length: u64) -> Result<()> {
        self.core.call(Call::change("sys.truncate", on(stream)), || self.inner.truncate(stream, length))
    }

    fn isatty(&self, stream: Stream) -> bool {
        self.inner.isatty(stream)
    }

    fn exit(&self, status: &ExitStatus) {
        self.core.note(Call::look("sys.exit", Subject::Machine), || self.inner.exit(status));
    }

    fn on_interrupt(&self) -> Result<()> {
        self.core.call(Call::look("sys.on_interrupt", Subject::Machine), || self.inner.on_interrupt())
    }

    fn interrupts(&self) -> Interrupts {
        self.inner.interrupts()
    }
}
