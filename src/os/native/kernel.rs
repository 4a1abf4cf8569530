//! The rest of this machine: the process, its user, the kernel.

use std::io::{Error, Read, Result, Stderr, Stdin, Stdout};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeVal;
use nix::unistd::{Gid, Uid, User};
use rustix::io::{Errno, retry_on_intr};
use rustix::process::{self, Pid, Signal};
use rustix::rand::{GetRandomFlags, getrandom};
use rustix::system;
use rustix::thread::{self, CpuSet};

use super::{Native, limits, path_of};
use crate::ambient::Variables;
use crate::os::backend::{Machine, PriorityOf, TimesResult, UnameResult, WaitOptions, WaitStatus, Who};

impl Machine for Native {
    fn environ(&self) -> Variables {
        std::env::vars_os().collect()
    }

    fn getcwd(&self) -> Result<PathBuf> {
        std::env::current_dir()
    }

    fn getresuid(&self) -> (u32, u32, u32) {
        // getresuid(2) cannot fail.
        nix::unistd::getresuid().map_or((0, 0, 0), |ids| (ids.real.as_raw(), ids.effective.as_raw(), ids.saved.as_raw()))
    }

    fn getresgid(&self) -> (u32, u32, u32) {
        nix::unistd::getresgid().map_or((0, 0, 0), |ids| (ids.real.as_raw(), ids.effective.as_raw(), ids.saved.as_raw()))
    }

    fn getgroups(&self) -> Result<Vec<u32>> {
        Ok(process::getgroups()?.into_iter().map(process::Gid::as_raw).collect())
    }

    // nix calls the C library, which sets the ids of all threads; rustix would set those of this
    // thread only.
    fn setresuid(&self, real: Option<u32>, effective: Option<u32>, saved: Option<u32>) -> Result<()> {
        no_such_id(&[real, effective, saved])?;
        let [real, effective, saved] = [real, effective, saved].map(|id| Uid::from_raw(id.unwrap_or(u32::MAX)));
        nix::unistd::setresuid(real, effective, saved).map_err(Error::from)
    }

    fn setresgid(&self, real: Option<u32>, effective: Option<u32>, saved: Option<u32>) -> Result<()> {
        no_such_id(&[real, effective, saved])?;
        let [real, effective, saved] = [real, effective, saved].map(|id| Gid::from_raw(id.unwrap_or(u32::MAX)));
        nix::unistd::setresgid(real, effective, saved).map_err(Error::from)
    }

    fn setgroups(&self, groups: &[u32]) -> Result<()> {
        let groups: Vec<Gid> = groups.iter().copied().map(Gid::from_raw).collect();
        nix::unistd::setgroups(&groups).map_err(Error::from)
    }

    fn getpid(&self) -> u32 {
        number(process::getpid())
    }

    fn getppid(&self) -> u32 {
        process::getppid().map_or(0, number)
    }

    // Through nix: in a container that was entered from outside, the leader has no id, so the
    // kernel returns 0, which a rustix `Pid` cannot be.
    fn getpgid(&self, pid: u32) -> Result<u32> {
        Ok(nix::unistd::getpgid(nix_pid(pid)?)?.as_raw().cast_unsigned())
    }

    fn getsid(&self, pid: u32) -> Result<u32> {
        Ok(nix::unistd::getsid(nix_pid(pid)?)?.as_raw().cast_unsigned())
    }

    fn setpgid(&self, pid: u32, pgid: u32) -> Result<()> {
        Ok(process::setpgid(self_or(pid)?, self_or(pgid)?)?)
    }

    fn setsid(&self) -> Result<u32> {
        Ok(number(process::setsid()?))
    }

    fn kill(&self, pid: u32, signal: i32) -> Result<()> {
        let pid = self_or(pid)?.ok_or(Errno::INVAL)?;
        match signal {
            0 => Ok(process::test_kill_process(pid)?),
            _ => Ok(process::kill_process(pid, named(signal)?)?),
        }
    }

    fn killpg(&self, pgid: u32, signal: i32) -> Result<()> {
        // -1 would be every process.
        if pgid == 1 {
            return Err(Errno::INVAL.into());
        }
        match (self_or(pgid)?, signal) {
            (Some(pgid), 0) => Ok(process::test_kill_process_group(pgid)?),
            (Some(pgid), _) => Ok(process::kill_process_group(pgid, named(signal)?)?),
            (None, 0) => Ok(process::test_kill_current_process_group()?),
            (None, _) => Ok(process::kill_current_process_group(named(signal)?)?),
        }
    }

    fn waitpid(&self, who: Who, options: WaitOptions) -> Result<Option<(u32, WaitStatus)>> {
        let mut flags = process::WaitOptions::empty();
        flags.set(process::WaitOptions::NOHANG, options.nohang);
        flags.set(process::WaitOptions::UNTRACED, options.untraced);
        flags.set(process::WaitOptions::CONTINUED, options.continued);
        let answer = match who {
            Who::Any => retry_on_intr(|| process::wait(flags))?,
            Who::Pid(pid) => {
                let pid = self_or(pid)?.ok_or(Errno::CHILD)?;
                retry_on_intr(|| process::waitpid(Some(pid), flags))?
            }
            Who::Group(0) => retry_on_intr(|| process::waitpid(None, flags))?,
            Who::Group(pgid) => {
                let pgid = self_or(pgid)?.ok_or(Errno::CHILD)?;
                retry_on_intr(|| process::waitpgid(pgid, flags))?
            }
        };
        Ok(answer.map(|(pid, status)| (number(pid), WaitStatus(status.as_raw()))))
    }

    fn getpriority(&self, of: PriorityOf) -> Result<i32> {
        Ok(match of {
            PriorityOf::Process(pid) => process::getpriority_process(self_or(pid)?)?,
            PriorityOf::Group(pgid) => process::getpriority_pgrp(self_or(pgid)?)?,
            PriorityOf::User(uid) => process::getpriority_user(process::Uid::from_raw(uid))?,
        })
    }

    fn setpriority(&self, of: PriorityOf, priority: i32) -> Result<()> {
        match of {
            PriorityOf::Process(pid) => process::setpriority_process(self_or(pid)?, priority)?,
            PriorityOf::Group(pgid) => process::setpriority_pgrp(self_or(pgid)?, priority)?,
            PriorityOf::User(uid) => process::setpriority_user(process::Uid::from_raw(uid), priority)?,
        }
        Ok(())
    }

    fn sched_getaffinity(&self, pid: u32) -> Result<Vec<usize>> {
        let set = thread::sched_getaffinity(self_or(pid)?)?;
        Ok((0..CpuSet::MAX_CPU).filter(|&cpu| set.is_set(cpu)).collect())
    }

    fn sched_setaffinity(&self, pid: u32, cpus: &[usize]) -> Result<()> {
        let mut set = CpuSet::new();
        for &cpu in cpus {
            // The capacity of the set; no machine that rustix supports has more.
            if cpu >= CpuSet::MAX_CPU {
                return Err(Errno::INVAL.into());
            }
            set.set(cpu);
        }
        Ok(thread::sched_setaffinity(self_or(pid)?, &set)?)
    }

    fn sched_yield(&self) {
        thread::sched_yield();
    }

    fn cpu_count(&self) -> Option<usize> {
        let online = nix::unistd::sysconf(nix::unistd::SysconfVar::_NPROCESSORS_ONLN).ok()??;
        usize::try_from(online).ok()
    }

    fn getloadavg(&self) -> Result<[f64; 3]> {
        // Not sysinfo(2): `/proc/loadavg` shows a container's own load.
        let text = std::fs::read_to_string("/proc/loadavg")?;
        let mut loads = text.split_ascii_whitespace().map(str::parse);
        match (loads.next(), loads.next(), loads.next()) {
            (Some(Ok(one)), Some(Ok(five)), Some(Ok(fifteen))) => Ok([one, five, fifteen]),
            _ => Err(Errno::IO.into()),
        }
    }

    fn uname(&self) -> UnameResult {
        let uname = system::uname();
        let text = |field: &std::ffi::CStr| field.to_string_lossy().into_owned();
        UnameResult {
            sysname: text(uname.sysname()),
            nodename: text(uname.nodename()),
            release: text(uname.release()),
            version: text(uname.version()),
            machine: text(uname.machine()),
        }
    }

    fn times(&self) -> Result<TimesResult> {
        let own = getrusage(UsageWho::RUSAGE_SELF)?;
        let children = getrusage(UsageWho::RUSAGE_CHILDREN)?;
        let spent = |time: TimeVal| Duration::new(time.tv_sec().unsigned_abs(), time.tv_usec() as u32 * 1000);
        let both = |usage: &Usage| (spent(usage.user_time()), spent(usage.system_time()));
        let ((user, system), (children_user, children_system)) = (both(&own), both(&children));
        Ok(TimesResult { user, system, children_user, children_system, elapsed: self.uptime()? })
    }

    fn uptime(&self) -> Result<Duration> {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        Ok(Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32))
    }

    fn urandom(&self, buffer: &mut [u8]) -> Result<()> {
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            filled += retry_on_intr(|| getrandom(&mut *rest, GetRandomFlags::empty()))?;
        }
        Ok(())
    }

    fn isatty(&self, fd: u32) -> bool {
        standard(fd).is_ok_and(rustix::termios::isatty)
    }

    fn terminal_size(&self, fd: u32) -> Result<(u16, u16)> {
        let size = rustix::termios::tcgetwinsize(standard(fd)?)?;
        Ok((size.ws_col, size.ws_row))
    }

    fn ttyname(&self, fd: u32) -> Result<PathBuf> {
        Ok(path_of(rustix::termios::ttyname(standard(fd)?, Vec::new())?))
    }

    fn getlogin(&self) -> Result<String> {
        // Like the C library: the audit id is set at login and survives su.
        let mut text = String::new();
        std::fs::File::open("/proc/self/loginuid")?.read_to_string(&mut text)?;
        let uid = text.trim().parse::<u32>().ok().filter(|&uid| uid != u32::MAX).ok_or(Errno::NXIO)?;
        let user = User::from_uid(Uid::from_raw(uid))?.ok_or(Errno::NXIO)?;
        Ok(user.name)
    }

    fn sysconf(&self, name: i32) -> Result<Option<i64>> {
        limits::sysconf(name)
    }
}

/// The kernel reads this number as "unchanged": a privilege to be dropped would be kept, without an
/// error.
pub(super) fn no_such_id(ids: &[Option<u32>]) -> Result<()> {
    if ids.contains(&Some(u32::MAX)) { Err(Errno::INVAL.into()) } else { Ok(()) }
}

fn number(pid: Pid) -> u32 {
    pid.as_raw_nonzero().get().unsigned_abs()
}

/// 0 means this process (or group). An impossible id is `ESRCH`.
fn self_or(pid: u32) -> Result<Option<Pid>> {
    match i32::try_from(pid) {
        Ok(0) => Ok(None),
        Ok(pid) => Ok(Pid::from_raw(pid)),
        Err(_) => Err(Errno::SRCH.into()),
    }
}

fn nix_pid(pid: u32) -> Result<Option<nix::unistd::Pid>> {
    Ok(self_or(pid)?.map(|pid| nix::unistd::Pid::from_raw(pid.as_raw_nonzero().get())))
}

/// Returns a signal with a name: real-time signals cannot be sent in safe code.
fn named(signal: i32) -> Result<Signal> {
    Ok(Signal::from_named_raw(signal).ok_or(Errno::INVAL)?)
}

/// Standard descriptor 0, 1 or 2.
fn standard(fd: u32) -> Result<BorrowedFd<'static>> {
    static STREAMS: LazyLock<(Stdin, Stdout, Stderr)> =
        LazyLock::new(|| (std::io::stdin(), std::io::stdout(), std::io::stderr()));
    match fd {
        0 => Ok(STREAMS.0.as_fd()),
        1 => Ok(STREAMS.1.as_fd()),
        2 => Ok(STREAMS.2.as_fd()),
        _ => Err(Errno::BADF.into()),
    }
}
