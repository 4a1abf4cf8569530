//! The kernel's primitives beside the file system, with a hook around each that can change or wait for something.

use std::io::Result;
use std::path::PathBuf;
use std::time::Duration;

use super::Around;
use crate::ambient::Variables;
use crate::layers::hook::{Call, Subject};
use crate::os::backend::{Backend, Machine, PriorityOf, TimesResult, UnameResult, WaitOptions, WaitStatus, Who};

fn process(pid: u32) -> Subject<'static> {
    Subject::text(format!("process {pid}"))
}

#[deny(clippy::missing_trait_methods)]
impl Machine for Around<dyn Backend> {
    fn environ(&self) -> Variables {
        self.core.note(Call::look("os.environ", Subject::Machine), || self.inner.environ())
    }

    fn getcwd(&self) -> Result<PathBuf> {
        self.core.call(Call::look("os.getcwd", Subject::Machine), || self.inner.getcwd())
    }

    fn getresuid(&self) -> (u32, u32, u32) {
        self.core.note(Call::look("os.getresuid", Subject::Machine), || self.inner.getresuid())
    }

    fn getresgid(&self) -> (u32, u32, u32) {
        self.core.note(Call::look("os.getresgid", Subject::Machine), || self.inner.getresgid())
    }

    fn getgroups(&self) -> Result<Vec<u32>> {
        self.core.call(Call::look("os.getgroups", Subject::Machine), || self.inner.getgroups())
    }

    fn setresuid(&self, real: Option<u32>, effective: Option<u32>, saved: Option<u32>) -> Result<()> {
        self.core.call(Call::change("os.setresuid", Subject::text(format!("{real:?}, {effective:?}, {saved:?}"))), || {
            self.inner.setresuid(real, effective, saved)
        })
    }

    fn setresgid(&self, real: Option<u32>, effective: Option<u32>, saved: Option<u32>) -> Result<()> {
        self.core.call(Call::change("os.setresgid", Subject::text(format!("{real:?}, {effective:?}, {saved:?}"))), || {
            self.inner.setresgid(real, effective, saved)
        })
    }

    fn setgroups(&self, groups: &[u32]) -> Result<()> {
        self.core.call(Call::change("os.setgroups", Subject::text(format!("{groups:?}"))), || self.inner.setgroups(groups))
    }

    fn getpid(&self) -> u32 {
        self.core.note(Call::look("os.getpid", Subject::Machine), || self.inner.getpid())
    }

    fn getppid(&self) -> u32 {
        self.core.note(Call::look("os.getppid", Subject::Machine), || self.inner.getppid())
    }

    fn getpgid(&self, pid: u32) -> Result<u32> {
        self.core.call(Call::look("os.getpgid", process(pid)), || self.inner.getpgid(pid))
    }

    fn getsid(&self, pid: u32) -> Result<u32> {
        self.core.call(Call::look("os.getsid", process(pid)), || self.inner.getsid(pid))
    }

    fn setpgid(&self, pid: u32, pgid: u32) -> Result<()> {
        self.core.call(Call::change("os.setpgid", process(pid)), || self.inner.setpgid(pid, pgid))
    }

    fn setsid(&self) -> Result<u32> {
        self.core.call(Call::change("os.setsid", Subject::Machine), || self.inner.setsid())
    }

    fn kill(&self, pid: u32, signal: i32) -> Result<()> {
        self.core.call(Call::change("os.kill", Subject::text(format!("process {pid}, signal {signal}"))), || {
            self.inner.kill(pid, signal)
        })
    }

    fn killpg(&self, pgid: u32, signal: i32) -> Result<()> {
        self.core.call(Call::change("os.killpg", Subject::text(format!("process group {pgid}, signal {signal}"))), || {
            self.inner.killpg(pgid, signal)
        })
    }

    fn waitpid(&self, who: Who, options: WaitOptions) -> Result<Option<(u32, WaitStatus)>> {
        self.core.call(Call::change("os.waitpid", Subject::text(format!("{who:?}"))), || self.inner.waitpid(who, options))
    }

    fn getpriority(&self, of: PriorityOf) -> Result<i32> {
        self.core.call(Call::look("os.getpriority", Subject::text(format!("{of:?}"))), || self.inner.getpriority(of))
    }

    fn setpriority(&self, of: PriorityOf, priority: i32) -> Result<()> {
        self.core.call(Call::change("os.setpriority", Subject::text(format!("{of:?}, {priority}"))), || {
            self.inner.setpriority(of, priority)
        })
    }

    fn sched_getaffinity(&self, pid: u32) -> Result<Vec<usize>> {
        self.core.call(Call::look("os.sched_getaffinity", process(pid)), || self.inner.sched_getaffinity(pid))
    }

    fn sched_setaffinity(&self, pid: u32, cpus: &[usize]) -> Result<()> {
        self.core.call(Call::change("os.sched_setaffinity", process(pid)), || self.inner.sched_setaffinity(pid, cpus))
    }

    fn sched_yield(&self) {
        self.core.note(Call::look("os.sched_yield", Subject::Machine), || self.inner.sched_yield());
    }

    fn cpu_count(&self) -> Option<usize> {
        self.core.note(Call::look("os.cpu_count", Subject::Machine), || self.inner.cpu_count())
    }

    fn getloadavg(&self) -> Result<[f64; 3]> {
        self.core.call(Call::look("os.getloadavg", Subject::Machine), || self.inner.getloadavg())
    }

    fn uname(&self) -> UnameResult {
        self.core.note(Call::look("os.uname", Subject::Machine), || self.inner.uname())
    }

    fn times(&self) -> Result<TimesResult> {
        self.core.call(Call::look("os.times", Subject::Machine), || self.inner.times())
    }

    fn uptime(&self) -> Result<Duration> {
        self.core.call(Call::look("os.uptime", Subject::Machine), || self.inner.uptime())
    }

    fn urandom(&self, buffer: &mut [u8]) -> Result<()> {
        self.core.call(Call::look("os.urandom", Subject::text(format!("{} bytes", buffer.len()))), || self.inner.urandom(buffer))
    }

    fn isatty(&self, fd: u32) -> bool {
        self.inner.isatty(fd)
    }

    fn terminal_size(&self, fd: u32) -> Result<(u16, u16)> {
        self.core.call(Call::look("os.terminal_size", Subject::text(format!("descriptor {fd}"))), || self.inner.terminal_size(fd))
    }

    fn ttyname(&self, fd: u32) -> Result<PathBuf> {
        self.core.call(Call::look("os.ttyname", Subject::text(format!("descriptor {fd}"))), || self.inner.ttyname(fd))
    }

    fn getlogin(&self) -> Result<String> {
        self.core.call(Call::look("os.getlogin", Subject::Machine), || self.inner.getlogin())
    }

    fn sysconf(&self, name: i32) -> Result<Option<i64>> {
        self.core.call(Call::look("os.sysconf", Subject::text(name.to_string())), || self.inner.sysconf(name))
    }
}
