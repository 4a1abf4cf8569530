//! Programs on this machine.
//!
//! `std::process::Command` starts a program with `posix_spawn` (`vfork`, whose cost does not grow
//! with the parent's memory) unless a user, a group, a session or descriptors are requested. The
//! rest is implemented here: one `poll(2)` over the pipes and a pidfd instead of threads, and the
//! killing of process trees.
#![allow(clippy::disallowed_methods, reason = "this is the seam")]

mod child;
mod reactor;
mod spawn;
mod tree;

use std::io::Result;
use std::path::Path;
use std::time::Duration;

use rustix::fs::{AtFlags, CWD, Mode, OFlags};

use super::backend::{Backend, Command, Spawned};
use crate::interrupt::Interrupts;

/// This machine. Requires Linux 5.3 or later, for pidfds that can be polled.
#[derive(Clone, Debug, Default)]
pub struct Native;

impl Backend for Native {
    fn spawn(&self, command: &Command) -> Result<Spawned> {
        child::reap_detached();
        spawn::spawn(command)
    }

    fn check_directory(&self, path: &Path) -> Result<()> {
        let directory = rustix::fs::openat(CWD, path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        // `chdir` requires search permission.
        Ok(rustix::fs::accessat(directory, ".", rustix::fs::Access::EXEC_OK, AtFlags::EACCESS)?)
    }

    fn monotonic(&self) -> Duration {
        now()
    }

    fn interrupts(&self) -> Interrupts {
        crate::interrupt::native::interrupts().clone()
    }
}

fn now() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec as u32)
}
