//! The signals of this process.
#![allow(clippy::disallowed_methods, reason = "this is the seam")]

use std::sync::OnceLock;

use super::Interrupts;

/// The interrupts of this process: signals are sent to the whole process.
pub(crate) fn interrupts() -> &'static Interrupts {
    static PROCESS: OnceLock<Interrupts> = OnceLock::new();
    PROCESS.get_or_init(Interrupts::default)
}

#[cfg(feature = "sys")]
pub(crate) use handler::{arm, readable};

/// Without `sys` no interrupt can arrive.
#[cfg(all(feature = "subprocess", not(feature = "sys")))]
pub(crate) fn readable(_: impl std::os::fd::AsFd) -> std::io::Result<()> {
    Ok(())
}

#[cfg(feature = "sys")]
mod handler {
    use std::io::{Error, Result};
    use std::os::fd::{AsFd, OwnedFd};
    use std::sync::{Mutex, OnceLock, PoisonError};
    use std::thread;

    use rustix::event::{EventfdFlags, PollFd, PollFlags};
    use rustix::io::Errno;
    use rustix::pipe::PipeFlags;
    use signal_hook::{flag, low_level};

    use super::super::Signal;
    use super::interrupts;

    /// Readable after the first signal.
    static ARRIVED: OnceLock<OwnedFd> = OnceLock::new();

    /// Installs handlers for SIGINT and SIGTERM. A second call arms them again.
    pub(crate) fn arm() -> Result<()> {
        static INSTALLED: Mutex<bool> = Mutex::new(false);
        let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
        interrupts().arm();
        if *installed {
            if interrupts().arrived().is_none()
                && let Some(arrived) = ARRIVED.get()
            {
                // Usually empty already.
                let _ = rustix::io::read(arrived, &mut [0; 8]);
            }
            return Ok(());
        }
        let eventfd = rustix::event::eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        let arrived = ARRIVED.get_or_init(|| eventfd);
        let (reader, writer) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
        let state = &interrupts().0;
        let ignored = ignored()?;
        for signal in [Signal::Sigint, Signal::Sigterm] {
            let number = signal.number();
            if ignored >> (number - 1) & 1 == 1 {
                continue;
            }
            // The order matters: the default action is taken if an earlier signal has set the flag.
            // https://docs.rs/signal-hook/0.4/signal_hook/flag/index.html#examples
            flag::register_conditional_default(number, state.ends.clone())?;
            flag::register(number, state.ends.clone())?;
            flag::register_usize(number, state.arrived.clone(), number.unsigned_abs() as usize)?;
            low_level::pipe::register(number, writer.try_clone()?)?;
        }
        thread::Builder::new().name("leyden-signal".into()).spawn(move || {
            let mut byte = [0];
            while rustix::io::retry_on_intr(|| rustix::io::read(&reader, &mut byte)).is_ok_and(|count| count > 0) {
                // The write fails only if the pipe is full, and then it is readable.
                let _ = rustix::io::write(arrived, &1_u64.to_ne_bytes());
                interrupts().wake();
            }
        })?;
        *installed = true;
        Ok(())
    }

    /// Returns the signals that were ignored when the process started, by `nohup` or by a shell
    /// that runs it in the background: one bit each, the lowest is signal 1. They stay ignored, as
    /// in CPython: <https://github.com/python/cpython/blob/v3.13.0/Modules/signalmodule.c>
    /// (`signal_install_handlers`).
    fn ignored() -> Result<u64> {
        let status = std::fs::read_to_string("/proc/self/status")?;
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        Ok(mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0))
    }

    /// Blocks until a descriptor is readable or an interrupt arrives, which is the error.
    pub(crate) fn readable(fd: impl AsFd) -> Result<()> {
        let (interrupts, Some(arrived)) = (interrupts(), ARRIVED.get()) else { return Ok(()) };
        let watch = interrupts.watch();
        loop {
            if let Some(interrupt) = watch.interrupted() {
                return Err(Error::from(interrupts.report(interrupt)));
            }
            if interrupts.arrived().is_some() {
                // The signal was reported before this call: the next one ends the process.
                return Ok(());
            }
            let mut fds = [PollFd::new(&fd, PollFlags::IN), PollFd::new(arrived, PollFlags::IN)];
            match rustix::event::poll(&mut fds, None) {
                Ok(_) if fds[1].revents().is_empty() => return Ok(()),
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}
