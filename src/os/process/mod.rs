//! This process: its ids, its user, signals, children, priorities.

pub(super) mod user;
pub(super) mod wait_status;

use std::ffi::OsStr;

use self::wait_status::WaitidResult;
use super::backend::{PriorityOf, TimesResult, WaitOptions, WaitStatus, Who};
use super::machine::accounts;
use super::{Error, Os, Result};
use crate::error::errno::{ECHILD, EINVAL, ESRCH};

impl Os {
    /// Returns the id of this process. <https://docs.python.org/3/library/os.html#os.getpid>
    #[doc(alias = "os.getpid")]
    pub fn getpid(&self) -> u32 {
        self.backend.getpid()
    }

    /// Returns the parent's id; after the parent has ended, that of the process that adopts
    /// orphans.
    ///
    /// <https://docs.python.org/3/library/os.html#os.getppid>
    #[doc(alias = "os.getppid")]
    pub fn getppid(&self) -> u32 {
        self.backend.getppid()
    }

    /// The real user id. <https://docs.python.org/3/library/os.html#os.getuid>
    #[doc(alias = "os.getuid")]
    pub fn getuid(&self) -> u32 {
        self.backend.getresuid().0
    }

    /// The effective user id; 0 is root. <https://docs.python.org/3/library/os.html#os.geteuid>
    #[doc(alias = "os.geteuid")]
    pub fn geteuid(&self) -> u32 {
        self.backend.getresuid().1
    }

    /// The real group id. <https://docs.python.org/3/library/os.html#os.getgid>
    #[doc(alias = "os.getgid")]
    pub fn getgid(&self) -> u32 {
        self.backend.getresgid().0
    }

    /// The effective group id. <https://docs.python.org/3/library/os.html#os.getegid>
    #[doc(alias = "os.getegid")]
    pub fn getegid(&self) -> u32 {
        self.backend.getresgid().1
    }

    /// Real, effective and saved user id. <https://docs.python.org/3/library/os.html#os.getresuid>
    #[doc(alias = "os.getresuid")]
    pub fn getresuid(&self) -> (u32, u32, u32) {
        self.backend.getresuid()
    }

    /// Real, effective and saved group id. <https://docs.python.org/3/library/os.html#os.getresgid>
    #[doc(alias = "os.getresgid")]
    pub fn getresgid(&self) -> (u32, u32, u32) {
        self.backend.getresgid()
    }

    /// The supplementary groups of the process. <https://docs.python.org/3/library/os.html#os.getgroups>
    #[doc(alias = "os.getgroups")]
    pub fn getgroups(&self) -> Result<Vec<u32>> {
        self.backend.getgroups().map_err(|error| Error::new("getgroups", &error, None, None))
    }

    /// Returns the groups that list a user, with `group` first.
    ///
    /// DIFFERENCE: reads only `/etc/group`, no directory service.
    ///
    /// <https://docs.python.org/3/library/os.html#os.getgrouplist>
    #[doc(alias = "os.getgrouplist")]
    pub fn getgrouplist(&self, user: impl AsRef<OsStr>, group: u32) -> Vec<u32> {
        let mut groups = vec![group];
        for gid in accounts::groups_of(&*self.backend, user.as_ref()) {
            if !groups.contains(&gid) {
                groups.push(gid);
            }
        }
        groups
    }

    /// Returns the process group of a process; 0 is this one. The result is 0 if the group's leader
    /// is outside of this container. <https://docs.python.org/3/library/os.html#os.getpgid>
    #[doc(alias = "os.getpgid")]
    pub fn getpgid(&self, pid: u32) -> Result<u32> {
        self.backend.getpgid(pid).map_err(|error| Error::new("getpgid", &error, None, None))
    }

    /// Returns the group of this process. <https://docs.python.org/3/library/os.html#os.getpgrp>
    #[doc(alias = "os.getpgrp")]
    pub fn getpgrp(&self) -> Result<u32> {
        self.getpgid(0)
    }

    /// Moves a process to a process group; 0 means the process itself, for either.
    /// <https://docs.python.org/3/library/os.html#os.setpgid>
    #[doc(alias = "os.setpgid")]
    pub fn setpgid(&self, pid: u32, pgrp: u32) -> Result<()> {
        self.backend.setpgid(pid, pgrp).map_err(|error| Error::new("setpgid", &error, None, None))
    }

    /// Makes this process the leader of a new process group. <https://docs.python.org/3/library/os.html#os.setpgrp>
    #[doc(alias = "os.setpgrp")]
    pub fn setpgrp(&self) -> Result<()> {
        self.setpgid(0, 0)
    }

    /// Returns the session of a process; 0 is this one. The result is 0 if the session's leader is
    /// outside of this container. <https://docs.python.org/3/library/os.html#os.getsid>
    #[doc(alias = "os.getsid")]
    pub fn getsid(&self, pid: u32) -> Result<u32> {
        self.backend.getsid(pid).map_err(|error| Error::new("getsid", &error, None, None))
    }

    /// Makes this process the leader of a new session, and returns its id.
    /// <https://docs.python.org/3/library/os.html#os.setsid>
    #[doc(alias = "os.setsid")]
    pub fn setsid(&self) -> Result<u32> {
        self.backend.setsid().map_err(|error| Error::new("setsid", &error, None, None))
    }

    /// Sends a signal to a process; signal 0 only checks that it exists. As in the kernel, process
    /// 0 is this process's group, and a number below -1 the group of its absolute value.
    ///
    /// DIFFERENCE: -1 (every process) is [`Error::Value`]; a real-time signal is `EINVAL`.
    ///
    /// # Errors
    /// [`Error::ProcessLookup`], [`Error::Permission`].
    ///
    /// <https://docs.python.org/3/library/os.html#os.kill>
    #[doc(alias = "os.kill")]
    pub fn kill(&self, pid: impl Into<i64>, signal: i32) -> Result<()> {
        let pid = pid.into();
        let number = u32::try_from(pid.unsigned_abs()).map_err(|_| std::io::Error::from_raw_os_error(ESRCH));
        let sent = match pid {
            -1 => return Err(Error::Value("kill(-1) would reach every process".into())),
            ..=0 => number.and_then(|pgid| self.backend.killpg(pgid, signal)),
            _ => number.and_then(|pid| self.backend.kill(pid, signal)),
        };
        sent.map_err(|error| Error::new("kill", &error, None, None))
    }

    /// Sends a signal to every process of a group; 0 is this process's own.
    /// <https://docs.python.org/3/library/os.html#os.killpg>
    ///
    /// DIFFERENCE: group 1 is [`Error::Value`]: `kill(2)` would get -1, which means every process.
    #[doc(alias = "os.killpg")]
    pub fn killpg(&self, pgid: u32, signal: i32) -> Result<()> {
        if pgid == 1 {
            return Err(Error::Value("killpg(1) would reach every process".into()));
        }
        self.backend.killpg(pgid, signal).map_err(|error| Error::new("killpg", &error, None, None))
    }

    /// Waits for any child, and reaps it. <https://docs.python.org/3/library/os.html#os.wait>
    ///
    /// # Errors
    /// [`Error::ChildProcess`] if there are no children.
    #[doc(alias = "os.wait")]
    pub fn wait(&self) -> Result<(u32, WaitStatus)> {
        let done = self.waitpid(-1, WaitOptions::default())?;
        // Without WNOHANG the result is never empty.
        done.ok_or_else(|| Error::new("wait", &std::io::Error::from_raw_os_error(EINVAL), None, None))
    }

    /// Waits for a child and reaps it: this one, any (-1), any of this process's group (0), or any
    /// of another group (below -1). With [`WNOHANG`](super::WNOHANG), returns `None` if none has
    /// changed (Python: `(0, 0)`).
    ///
    /// `subprocess` waits for its own children: do not reap them here.
    ///
    /// # Errors
    /// [`Error::ChildProcess`] if it is not a child, or was already reaped.
    ///
    /// <https://docs.python.org/3/library/os.html#os.waitpid>
    #[doc(alias = "os.waitpid")]
    pub fn waitpid(&self, pid: impl Into<i64>, options: WaitOptions) -> Result<Option<(u32, WaitStatus)>> {
        let pid = pid.into();
        // No process or group has a number beyond the range of the type.
        let number = u32::try_from(pid.unsigned_abs())
            .map_err(|_| Error::new("waitpid", &std::io::Error::from_raw_os_error(ECHILD), None, None))?;
        let who = match pid {
            -1 => Who::Any,
            ..=0 => Who::Group(number),
            _ => Who::Pid(number),
        };
        self.backend.waitpid(who, options).map_err(|error| Error::new("waitpid", &error, None, None))
    }

    /// Waits for a child like [`Os::waitpid`], and returns the change. With
    /// [`WNOHANG`](super::WNOHANG), returns `None` if nothing has changed.
    ///
    /// DIFFERENCE: children that have ended are always reported ([`WEXITED`](super::WEXITED)) and
    /// reaped: there is no `WNOWAIT`. `si_uid` is not available in safe code.
    ///
    /// <https://docs.python.org/3/library/os.html#os.waitid>
    #[doc(alias = "os.waitid")]
    pub fn waitid(&self, who: Who, options: WaitOptions) -> Result<Option<WaitidResult>> {
        let news = self.backend.waitpid(who, options).map_err(|error| Error::new("waitid", &error, None, None))?;
        Ok(news.map(|(pid, status)| WaitidResult::new(pid, status)))
    }

    /// Adds to the nice value of this process, and returns the new one.
    /// <https://docs.python.org/3/library/os.html#os.nice>
    #[doc(alias = "os.nice")]
    pub fn nice(&self, increment: i32) -> Result<i32> {
        let own = PriorityOf::Process(0);
        let wanted = self.getpriority(own)?.saturating_add(increment).clamp(-20, 19);
        // nice(2) fails with EPERM, setpriority(2) with EACCES; both are Error::Permission.
        self.backend.setpriority(own, wanted).map_err(|error| Error::new("nice", &error, None, None))?;
        self.getpriority(own)
    }

    /// Returns the nice value of a process, a group or a user: -20 (highest priority) to 19
    /// (lowest). <https://docs.python.org/3/library/os.html#os.getpriority>
    #[doc(alias = "os.getpriority")]
    pub fn getpriority(&self, of: PriorityOf) -> Result<i32> {
        self.backend.getpriority(of).map_err(|error| Error::new("getpriority", &error, None, None))
    }

    /// Sets the nice value. <https://docs.python.org/3/library/os.html#os.setpriority>
    #[doc(alias = "os.setpriority")]
    pub fn setpriority(&self, of: PriorityOf, priority: i32) -> Result<()> {
        self.backend.setpriority(of, priority).map_err(|error| Error::new("setpriority", &error, None, None))
    }

    /// Returns the processors that a process may run on; 0 is this one.
    /// <https://docs.python.org/3/library/os.html#os.sched_getaffinity>
    #[doc(alias = "os.sched_getaffinity")]
    pub fn sched_getaffinity(&self, pid: u32) -> Result<Vec<usize>> {
        self.backend.sched_getaffinity(pid).map_err(|error| Error::new("sched_getaffinity", &error, None, None))
    }

    /// Sets the processors that a process may run on. 0 is the calling thread, and the threads and
    /// programs that it starts later.
    ///
    /// <https://docs.python.org/3/library/os.html#os.sched_setaffinity>
    #[doc(alias = "os.sched_setaffinity")]
    pub fn sched_setaffinity(&self, pid: u32, cpus: impl AsRef<[usize]>) -> Result<()> {
        let set = self.backend.sched_setaffinity(pid, cpus.as_ref());
        set.map_err(|error| Error::new("sched_setaffinity", &error, None, None))
    }

    /// Yields the processor. <https://docs.python.org/3/library/os.html#os.sched_yield>
    #[doc(alias = "os.sched_yield")]
    pub fn sched_yield(&self) {
        self.backend.sched_yield();
    }

    /// Returns the processor times of this process and of the children that it waited for, in
    /// microseconds.
    ///
    /// <https://docs.python.org/3/library/os.html#os.times>
    #[doc(alias = "os.times")]
    pub fn times(&self) -> Result<TimesResult> {
        self.backend.times().map_err(|error| Error::new("times", &error, None, None))
    }
}
