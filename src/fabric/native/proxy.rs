//! `ProxyCommand`: a local program whose standard input and output are the connection.

use std::io::Result;
use std::os::unix::process::CommandExt as _;
use std::pin::Pin;
use std::process::{Child, Command, Stdio};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::UnixStream;

use crate::wait::driver::{blocking, detach};

/// The program's end of a socket pair is its standard input and output.
pub(super) struct Proxy {
    stream: UnixStream,
    child: Option<Child>,
}

pub(super) fn start(command: &str) -> Result<Proxy> {
    let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
    ours.set_nonblocking(true)?;
    let input = std::os::fd::OwnedFd::from(theirs.try_clone()?);
    let output = std::os::fd::OwnedFd::from(theirs);
    let child = Command::new("/bin/sh")
        .args(["-c", &format!("exec {command}")])
        .stdin(Stdio::from(input))
        .stdout(Stdio::from(output))
        .process_group(0)
        .spawn()?;
    Ok(Proxy { stream: UnixStream::from_std(ours)?, child: Some(child) })
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let group = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
        if let Some(group) = group {
            // ESRCH: it has ended by itself.
            let _gone = rustix::process::kill_process_group(group, rustix::process::Signal::TERM);
        }
        if matches!(child.try_wait(), Ok(Some(_))) {
            return;
        }
        // Reaped beside us: a program that ignores the signal must not hold up the caller.
        detach(blocking(true, move || {
            std::thread::sleep(std::time::Duration::from_millis(200));
            let _ended = child.kill();
            let _status = child.wait();
        }));
    }
}

impl AsyncRead for Proxy {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Proxy {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
