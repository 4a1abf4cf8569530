//! The primitives of the kernel beside the file system: this process, its user, the machine.

use std::io::Result;
use std::path::PathBuf;
use std::time::Duration;

use super::Shared;
use super::data::{PriorityOf, TimesResult, UnameResult, WaitOptions, WaitStatus, Who};
use crate::ambient::Variables;

/// A kernel.
pub trait Machine: Shared {
    /// The variables that the process was started with.
    fn environ(&self) -> Variables;

    /// The directory that the process stands in. `ENOENT` if it was removed.
    fn getcwd(&self) -> Result<PathBuf>;

    /// Real, effective and saved user id.
    fn getresuid(&self) -> (u32, u32, u32);

    /// Real, effective and saved group id.
    fn getresgid(&self) -> (u32, u32, u32);

    /// The supplementary groups.
    fn getgroups(&self) -> Result<Vec<u32>>;

    /// Sets real, effective and saved user id of the whole process; None leaves one alone. `EPERM`: only root may take an id that
    /// is not among the three it has.
    fn setresuid(&self, real: Option<u32>, effective: Option<u32>, saved: Option<u32>) -> Result<()>;

    /// Sets real, effective and saved group id of the whole process; None leaves one alone. `EPERM`.
    fn setresgid(&self, real: Option<u32>, effective: Option<u32>, saved: Option<u32>) -> Result<()>;

    /// Sets the supplementary groups of the whole process. `EPERM` unless root.
    fn setgroups(&self, groups: &[u32]) -> Result<()>;

    /// This process's id.
    fn getpid(&self) -> u32;

    /// The parent's id.
    fn getppid(&self) -> u32;

    /// The process group of a process; 0 is this one. The answer is 0 where the group's leader is outside of this container. `ESRCH`.
    fn getpgid(&self, pid: u32) -> Result<u32>;

    /// The session of a process; 0 is this one. The answer is 0 where the session's leader is outside of this container. `ESRCH`.
    fn getsid(&self, pid: u32) -> Result<u32>;

    /// Moves a process into a process group. `ESRCH`, `EPERM`.
    fn setpgid(&self, pid: u32, pgid: u32) -> Result<()>;

    /// Makes this process the leader of a new session. `EPERM` if it leads a group.
    fn setsid(&self) -> Result<u32>;

    /// Sends a signal to a process; 0 only asks whether it is there. `ESRCH`, `EPERM`, `EINVAL`.
    fn kill(&self, pid: u32, signal: i32) -> Result<()>;

    /// Sends a signal to a process group.
    fn killpg(&self, pgid: u32, signal: i32) -> Result<()>;

    /// Waits for a child and takes its status. None with `nohang` if none has changed. `ECHILD`.
    fn waitpid(&self, who: Who, options: WaitOptions) -> Result<Option<(u32, WaitStatus)>>;

    /// The nice value: -20 (first) to 19 (last). `ESRCH`.
    fn getpriority(&self, of: PriorityOf) -> Result<i32>;

    /// Sets the nice value. `EACCES` for going first, unless root.
    fn setpriority(&self, of: PriorityOf, priority: i32) -> Result<()>;

    /// The processors that a process may run on; 0 is this one.
    fn sched_getaffinity(&self, pid: u32) -> Result<Vec<usize>>;

    /// Sets them. `EINVAL` for none that exists.
    fn sched_setaffinity(&self, pid: u32, cpus: &[usize]) -> Result<()>;

    /// Lets others run.
    fn sched_yield(&self);

    /// Processors that are online.
    fn cpu_count(&self) -> Option<usize>;

    /// The load over 1, 5 and 15 minutes.
    fn getloadavg(&self) -> Result<[f64; 3]>;

    /// The kernel's description of itself.
    fn uname(&self) -> UnameResult;

    /// Processor times.
    fn times(&self) -> Result<TimesResult>;

    /// How long the machine is up.
    fn uptime(&self) -> Result<Duration>;

    /// Fills the buffer with unpredictable bytes.
    fn urandom(&self, buffer: &mut [u8]) -> Result<()>;

    /// True if standard descriptor 0, 1 or 2 is a terminal.
    fn isatty(&self, fd: u32) -> bool;

    /// Columns and lines of the terminal behind standard descriptor 0, 1 or 2. `ENOTTY`, `EBADF`.
    fn terminal_size(&self, fd: u32) -> Result<(u16, u16)>;

    /// The terminal's path. `ENOTTY`.
    fn ttyname(&self, fd: u32) -> Result<PathBuf>;

    /// The user's name on the controlling terminal. `ENXIO`, `ENOTTY` where there is none.
    fn getlogin(&self) -> Result<String>;

    /// A `sysconf` value by its number. `EINVAL` for an unknown one. None: no limit.
    fn sysconf(&self, name: i32) -> Result<Option<i64>>;
}
