//! The kernel beside the file system: its facts are real, what changes other processes is refused.

use std::io::Result;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::files::{Overlay, REFUSED};
use crate::Errno;
use crate::ambient::Variables;
use crate::os::backend::{Machine, PriorityOf, TimesResult, UnameResult, WaitOptions, WaitStatus, Who};

fn refused<T>(what: String) -> Result<T> {
    Err(Errno::because(REFUSED, format!("a rehearsal does not {what}")))
}

#[deny(clippy::missing_trait_methods)]
impl Machine for Arc<Overlay> {
    fn environ(&self) -> Variables {
        self.base.environ()
    }

    fn getcwd(&self) -> Result<PathBuf> {
        self.base.getcwd()
    }

    // The user may change: the tree above then judges by the new one.
    fn getresuid(&self) -> (u32, u32, u32) {
        self.upper().getresuid()
    }

    fn getresgid(&self) -> (u32, u32, u32) {
        self.upper().getresgid()
    }

    fn getgroups(&self) -> Result<Vec<u32>> {
        self.upper().getgroups()
    }

    fn setresuid(&self, real: Option<u32>, effective: Option<u32>, saved: Option<u32>) -> Result<()> {
        self.write(&[], |upper| upper.setresuid(real, effective, saved))
    }

    fn setresgid(&self, real: Option<u32>, effective: Option<u32>, saved: Option<u32>) -> Result<()> {
        self.write(&[], |upper| upper.setresgid(real, effective, saved))
    }

    fn setgroups(&self, groups: &[u32]) -> Result<()> {
        self.write(&[], |upper| upper.setgroups(groups))
    }

    fn getpid(&self) -> u32 {
        self.base.getpid()
    }

    fn getppid(&self) -> u32 {
        self.base.getppid()
    }

    fn getpgid(&self, pid: u32) -> Result<u32> {
        self.base.getpgid(pid)
    }

    fn getsid(&self, pid: u32) -> Result<u32> {
        self.base.getsid(pid)
    }

    fn setpgid(&self, pid: u32, pgid: u32) -> Result<()> {
        refused(format!("move process {pid} into process group {pgid}"))
    }

    fn setsid(&self) -> Result<u32> {
        refused("start a session".into())
    }

    fn kill(&self, pid: u32, signal: i32) -> Result<()> {
        if signal == 0 {
            return self.base.kill(pid, signal);
        }
        refused(format!("send signal {signal} to process {pid}"))
    }

    fn killpg(&self, pgid: u32, signal: i32) -> Result<()> {
        if signal == 0 {
            return self.base.killpg(pgid, signal);
        }
        refused(format!("send signal {signal} to process group {pgid}"))
    }

    fn waitpid(&self, who: Who, options: WaitOptions) -> Result<Option<(u32, WaitStatus)>> {
        self.base.waitpid(who, options)
    }

    fn getpriority(&self, of: PriorityOf) -> Result<i32> {
        self.base.getpriority(of)
    }

    fn setpriority(&self, of: PriorityOf, priority: i32) -> Result<()> {
        refused(format!("set the priority of {of:?} to {priority}"))
    }

    fn sched_getaffinity(&self, pid: u32) -> Result<Vec<usize>> {
        self.base.sched_getaffinity(pid)
    }

    fn sched_setaffinity(&self, pid: u32, _: &[usize]) -> Result<()> {
        refused(format!("set the processors of process {pid}"))
    }

    fn sched_yield(&self) {
        self.base.sched_yield();
    }

    fn cpu_count(&self) -> Option<usize> {
        self.base.cpu_count()
    }

    fn getloadavg(&self) -> Result<[f64; 3]> {
        self.base.getloadavg()
    }

    fn uname(&self) -> UnameResult {
        self.base.uname()
    }

    fn times(&self) -> Result<TimesResult> {
        self.base.times()
    }

    fn uptime(&self) -> Result<Duration> {
        self.base.uptime()
    }

    fn urandom(&self, buffer: &mut [u8]) -> Result<()> {
        self.base.urandom(buffer)
    }

    fn isatty(&self, fd: u32) -> bool {
        self.base.isatty(fd)
    }

    fn terminal_size(&self, fd: u32) -> Result<(u16, u16)> {
        self.base.terminal_size(fd)
    }

    fn ttyname(&self, fd: u32) -> Result<PathBuf> {
        self.base.ttyname(fd)
    }

    fn getlogin(&self) -> Result<String> {
        self.base.getlogin()
    }

    fn sysconf(&self, name: i32) -> Result<Option<i64>> {
        self.base.sysconf(name)
    }
}
