//! The primitives of the kernel other than the file system: this process, its user, the machine.

use std::io::Result;
use std::path::PathBuf;
use std::time::Duration;

use super::Shared;
use super::data::{PriorityOf, TimesResult, UnameResult, WaitOptions, WaitStatus, Who};
use crate::ambient::Variables;

/// A kernel.
pub trait Machine: Shared {
    /// Returns the variables that the process was started with.
    fn environ(&self) -> Variables;

    /// Returns the working directory of the process. `ENOENT` if it was removed.
    fn getcwd(&self) -> Result<PathBuf>;

    /// Returns the real, effective and saved user id.
    fn getresuid(&self) -> (u32, u32, u32);

    /// Returns the real, effective and saved group id.
    fn getresgid(&self) -> (u32, u32, u32);

    /// Returns the supplementary groups.
    fn getgroups(&self) -> Result<Vec<u32>>;

    /// Sets the real, effective and saved user id of the whole process; `None` leaves one
    /// unchanged. `EPERM`: only root may take an id other than its current three.
    fn setresuid(&self, real: Option<u32>, effective: Option<u32>, saved: Option<u32>) -> Result<()>;

    /// Sets the real, effective and saved group id of the whole process; `None` leaves one
    /// unchanged. `EPERM`.
    fn setresgid(&self, real: Option<u32>, effective: Option<u32>, saved: Option<u32>) -> Result<()>;

    /// Sets the supplementary groups of the whole process. `EPERM` unless root.
    fn setgroups(&self, groups: &[u32]) -> Result<()>;

    /// Returns the id of this process.
    fn getpid(&self) -> u32;

    /// Returns the id of the parent.
    fn getppid(&self) -> u32;

    /// Returns the process group of a process; 0 is this one. The result is 0 if the group's leader
    /// is outside of this container. `ESRCH`.
    fn getpgid(&self, pid: u32) -> Result<u32>;

    /// Returns the session of a process; 0 is this one. The result is 0 if the session's leader is
    /// outside of this container. `ESRCH`.
    fn getsid(&self, pid: u32) -> Result<u32>;

    /// Moves a process into a process group. `ESRCH`, `EPERM`.
    fn setpgid(&self, pid: u32, pgid: u32) -> Result<()>;

    /// Makes this process the leader of a new session. `EPERM` if it leads a group.
    fn setsid(&self) -> Result<u32>;

    /// Sends a signal to a process; 0 only checks that it exists. `ESRCH`, `EPERM`, `EINVAL`.
    fn kill(&self, pid: u32, signal: i32) -> Result<()>;

    /// Sends a signal to a process group.
    fn killpg(&self, pgid: u32, signal: i32) -> Result<()>;

    /// Waits for a child and reaps it. `None` with `nohang` if no child has changed. `ECHILD`.
    fn waitpid(&self, who: Who, options: WaitOptions) -> Result<Option<(u32, WaitStatus)>>;

    /// Returns the nice value: -20 (highest priority) to 19 (lowest). `ESRCH`.
    fn getpriority(&self, of: PriorityOf) -> Result<i32>;

    /// Sets the nice value. `EACCES` for raising the priority, unless root.
    fn setpriority(&self, of: PriorityOf, priority: i32) -> Result<()>;

    /// Returns the processors that a process may run on; 0 is this one.
    fn sched_getaffinity(&self, pid: u32) -> Result<Vec<usize>>;

    /// Sets the processors that a process may run on. `EINVAL` if none of them exists.
    fn sched_setaffinity(&self, pid: u32, cpus: &[usize]) -> Result<()>;

    /// Yields the processor.
    fn sched_yield(&self);

    /// Returns the number of online processors.
    fn cpu_count(&self) -> Option<usize>;

    /// Returns the load average over 1, 5 and 15 minutes.
    fn getloadavg(&self) -> Result<[f64; 3]>;

    /// Returns the kernel's description of itself.
    fn uname(&self) -> UnameResult;

    /// Returns processor times.
    fn times(&self) -> Result<TimesResult>;

    /// Returns the time since boot.
    fn uptime(&self) -> Result<Duration>;

    /// Fills the buffer with random bytes.
    fn urandom(&self, buffer: &mut [u8]) -> Result<()>;

    /// Returns true if standard descriptor 0, 1 or 2 is a terminal.
    fn isatty(&self, fd: u32) -> bool;

    /// Returns columns and lines of the terminal at standard descriptor 0, 1 or 2. `ENOTTY`,
    /// `EBADF`.
    fn terminal_size(&self, fd: u32) -> Result<(u16, u16)>;

    /// Returns the terminal's path. `ENOTTY`.
    fn ttyname(&self, fd: u32) -> Result<PathBuf>;

    /// Returns the user's name on the controlling terminal. `ENXIO`, `ENOTTY` without one.
    fn getlogin(&self) -> Result<String>;

    /// Returns a `sysconf` value by its number. `EINVAL` for an unknown one. `None`: no limit.
    fn sysconf(&self, name: i32) -> Result<Option<i64>>;
}
