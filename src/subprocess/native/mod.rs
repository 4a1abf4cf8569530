//! This machine's programs.
//!
//! Starting one is `std::process::Command`, which takes the fast way (`posix_spawn`, that is `vfork`: its cost does not grow with the
//! memory of the parent) unless a user, a group, a session or descriptors are asked for. Everything after that is here: one `poll(2)` over the
//! pipes and a pidfd instead of threads, and the killing of trees.
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

/// This machine. It needs Linux 5.3 or later: earlier ones have no pidfd to wait for with a deadline.
#[derive(Clone, Debug, Default)]
pub struct Native;

impl Backend for Native {
    fn spawn(&self, command: &Command) -> Result<Spawned> {
        child::reap_detached();
        spawn::spawn(command)
    }

    fn check_directory(&self, path: &Path) -> Result<()> {
        let directory = rustix::fs::openat(CWD, path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        // To stand in it is to search it.
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
