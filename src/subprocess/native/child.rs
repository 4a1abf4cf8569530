//! A child process and its pipes.

use std::io::Result;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, WaitOptions};

use super::super::backend::{BoxFuture, Child, Pipe, Pipes, Ready, Standing, WaitStatus};
use super::super::signal;
use super::{now, reactor, tree};

/// Detached processes that have not ended yet. They are children of this process, whichever handle
/// started them.
static DETACHED: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

/// Reaps the detached processes that have ended. Runs at each start of another, as in Python.
pub(super) fn reap_detached() {
    let mut detached = DETACHED.lock().unwrap_or_else(PoisonError::into_inner);
    detached.retain(|pid| matches!(rustix::process::waitpid(Some(*pid), WaitOptions::NOHANG), Ok(None) | Err(Errno::INTR)));
}

#[derive(Debug)]
pub(super) struct NativePipe(pub(super) OwnedFd);

impl Pipe for NativePipe {
    fn read(&self, buffer: &mut [u8]) -> Result<usize> {
        Ok(rustix::io::retry_on_intr(|| rustix::io::read(&self.0, &mut *buffer))?)
    }

    fn read_to(&self, bytes: &mut Vec<u8>) -> Result<usize> {
        const CHUNK: usize = 64 * 1024;
        // Reads into the vector's spare capacity, to avoid a copy.
        bytes.reserve(CHUNK);
        loop {
            match rustix::io::read(&self.0, rustix::buffer::spare_capacity(bytes)) {
                Err(Errno::INTR) => {}
                read => return Ok(read?),
            }
        }
    }

    fn wait_readable(&self) -> Result<()> {
        crate::interrupt::native::readable(&self.0)
    }

    fn write(&self, bytes: &[u8]) -> Result<usize> {
        Ok(rustix::io::retry_on_intr(|| rustix::io::write(&self.0, bytes))?)
    }

    fn wait_writable(&self) -> Result<()> {
        let mut fds = [PollFd::new(&self.0, PollFlags::OUT)];
        rustix::io::retry_on_intr(|| rustix::event::poll(&mut fds, None))?;
        Ok(())
    }

    fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        Some(self.0.as_fd())
    }
}

#[derive(Debug)]
pub(super) struct NativeChild {
    pid: Pid,
    /// Opened on first use: a program that is only waited for needs no descriptor.
    pidfd: Option<Arc<OwnedFd>>,
    leads_group: bool,
    leads_session: bool,
    reaped: bool,
}

impl NativeChild {
    pub(super) fn new(pid: u32, standing: &Standing) -> Result<NativeChild> {
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).ok_or(Errno::SRCH)?;
        let leads_session = standing.start_new_session;
        let leads_group = leads_session || standing.process_group == Some(0);
        Ok(NativeChild { pid, pidfd: None, leads_group, leads_session, reaped: false })
    }

    fn pidfd(&mut self) -> Result<Arc<OwnedFd>> {
        if let Some(fd) = &self.pidfd {
            return Ok(fd.clone());
        }
        let fd = match rustix::process::pidfd_open(self.pid, PidfdFlags::empty()) {
            Err(Errno::SRCH) => return Err(Errno::CHILD.into()),
            opened => Arc::new(opened?),
        };
        // A child that was not reaped keeps its process id, so the descriptor refers to the child.
        self.check_is_child()?;
        self.pidfd = Some(fd.clone());
        Ok(fd)
    }

    /// `ECHILD` if the process id is no longer this child's, because other code in this process
    /// reaped it, or the kernel did since SIGCHLD is ignored. The id may then belong to another
    /// process.
    fn check_is_child(&mut self) -> Result<()> {
        if self.reaped {
            return Err(Errno::CHILD.into());
        }
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let seen = rustix::io::retry_on_intr(|| rustix::process::waitid(WaitId::Pid(self.pid), options));
        self.reaped |= matches!(seen, Err(Errno::CHILD));
        Ok(seen.map(drop)?)
    }

    /// `ECHILD` if the status is unknown. Python reports success instead.
    fn waitpid(&mut self, options: WaitOptions) -> Result<Option<WaitStatus>> {
        if self.reaped {
            return Err(Errno::CHILD.into());
        }
        match rustix::io::retry_on_intr(|| rustix::process::waitpid(Some(self.pid), options)) {
            Ok(None) => Ok(None),
            Ok(Some((_, status))) => {
                self.reaped = true;
                Ok(Some(WaitStatus(status.as_raw())))
            }
            Err(error) => {
                self.reaped |= error == Errno::CHILD;
                Err(error.into())
            }
        }
    }

    fn sources(&mut self, pipes: &Pipes, exit: bool) -> Result<Sources> {
        let exit = if exit { Some(self.pidfd()?) } else { None };
        Ok(Sources { pipes: pipes.clone(), exit })
    }
}

impl Child for NativeChild {
    fn pid(&self) -> u32 {
        self.pid.as_raw_pid().unsigned_abs()
    }

    fn poll(&mut self, pipes: &Pipes, exit: bool, timeout: Option<Duration>) -> Result<Ready> {
        self.sources(pipes, exit)?.poll(timeout)
    }

    fn poll_async<'a>(&'a mut self, pipes: &'a Pipes, exit: bool, timeout: Option<Duration>) -> BoxFuture<'a, Result<Ready>> {
        Box::pin(async move {
            let sources = Arc::new(self.sources(pipes, exit)?);
            reactor::ready(sources.clone(), timeout)?.await;
            sources.poll(Some(Duration::ZERO))
        })
    }

    fn wait(&mut self) -> Result<WaitStatus> {
        loop {
            if let Some(status) = self.waitpid(WaitOptions::empty())? {
                return Ok(status);
            }
        }
    }

    fn try_wait(&mut self) -> Result<Option<WaitStatus>> {
        self.waitpid(WaitOptions::NOHANG)
    }

    fn send_signal(&mut self, signal: i32) -> Result<()> {
        // Signal 0 only checks that the process exists.
        if signal == 0 {
            return self.check_is_child();
        }
        if !(1..=signal::SIGRTMAX).contains(&signal) {
            return Err(Errno::INVAL.into());
        }
        match Signal::from_named_raw(signal) {
            Some(signal) => Ok(rustix::process::pidfd_send_signal(&*self.pidfd()?, signal)?),
            None => Err(std::io::Error::new(std::io::ErrorKind::Unsupported, format!("sending the real-time signal {signal}"))),
        }
    }

    fn kill_tree(&mut self, pipes: &Pipes) -> Result<()> {
        // After it was reaped, its id may belong to another process.
        match self.check_is_child() {
            Err(error) if error.raw_os_error() == Some(Errno::CHILD.raw_os_error()) => Ok(()),
            is_child => is_child.and_then(|()| tree::kill(self.pid, self.leads_group, self.leads_session, pipes)),
        }
    }

    fn detach(self: Box<Self>) {
        if !self.reaped {
            DETACHED.lock().unwrap_or_else(PoisonError::into_inner).push(self.pid);
        }
        reap_detached();
    }
}

/// The sources to poll.
#[derive(Debug)]
pub(super) struct Sources {
    pipes: Pipes,
    exit: Option<Arc<OwnedFd>>,
}

impl Sources {
    pub(super) fn fds(&self) -> impl Iterator<Item = (BorrowedFd<'_>, PollFlags)> {
        let Pipes { stdin, stdout, stderr } = &self.pipes;
        let pipes = [(stdin, PollFlags::OUT), (stdout, PollFlags::IN), (stderr, PollFlags::IN)];
        let pipes = pipes.into_iter().filter_map(|(pipe, flags)| Some((pipe.as_ref()?.as_fd()?, flags)));
        pipes.chain(self.exit.as_ref().map(|fd| (fd.as_fd(), PollFlags::IN)))
    }

    fn poll(&self, timeout: Option<Duration>) -> Result<Ready> {
        let mut fds: Vec<PollFd<'_>> = self.fds().map(|(fd, flags)| PollFd::from_borrowed_fd(fd, flags)).collect();
        poll(&mut fds, timeout)?;
        let mut ready = fds.iter().map(|fd| !fd.revents().is_empty());
        let mut next = |there: bool| there && ready.next().unwrap_or(false);
        Ok(Ready {
            stdin: next(self.pipes.stdin.is_some()),
            stdout: next(self.pipes.stdout.is_some()),
            stderr: next(self.pipes.stderr.is_some()),
            exit: next(self.exit.is_some()),
        })
    }
}

/// `poll(2)`, repeated for the rest of the time after `EINTR`.
pub(super) fn poll(fds: &mut [PollFd<'_>], timeout: Option<Duration>) -> Result<()> {
    let until = timeout.map(|timeout| now().saturating_add(timeout));
    loop {
        let left = until.map(|until| until.saturating_sub(now()));
        // A timeout beyond the range of `Timespec` means no limit.
        let left = left.and_then(|left| Timespec::try_from(left).ok());
        match rustix::event::poll(fds, left.as_ref()) {
            Ok(_) => return Ok(()),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
