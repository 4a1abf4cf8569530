//! `os`: the kernel of the other machine, by small commands.

use std::ffi::OsString;
use std::io::Result;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;
use std::time::Duration;

use super::agent::{Script, errno, errno_of};
use super::files::{Remote, configured};
use crate::ambient::Variables;
use crate::error::errno::{ECHILD, EINVAL, EIO, ENXIO, EOPNOTSUPP, ESRCH};
use crate::os::backend::{Machine, PriorityOf, TimesResult, UnameResult, WaitOptions, WaitStatus, Who};

impl Remote {
    fn text(&self, script: &[u8]) -> Result<String> {
        Ok(String::from_utf8_lossy(&self.agent.output(script)?).trim().to_owned())
    }

    fn number<T: std::str::FromStr>(&self, script: &[u8]) -> Result<T> {
        self.text(script)?.parse().map_err(|_| errno(EOPNOTSUPP))
    }

    /// A column of `ps` for one process; 0 is the remote shell itself.
    fn of_process(&self, column: &str, pid: u32) -> Result<i64> {
        let pid = if pid == 0 { self.agent.pid()? } else { pid };
        let answer = self.agent.run(format!("ps -o {column}= -p {pid}").as_bytes())?;
        match (answer.status, answer.text().trim().parse()) {
            (0, Ok(number)) => Ok(number),
            (127, _) => Err(errno(EOPNOTSUPP)),
            _ => Err(errno(ESRCH)),
        }
    }

    fn signal(&self, target: &str, signal: i32) -> Result<()> {
        if !(0..=64).contains(&signal) {
            return Err(errno(EINVAL));
        }
        // Without `--`, which dash takes for a process; after a signal a minus begins a group.
        let answer = self.agent.run(format!("kill -{signal} {target}").as_bytes())?;
        if answer.status == 0 { Ok(()) } else { Err(errno_of(&answer.output)) }
    }
}

impl Machine for Remote {
    fn environ(&self) -> Variables {
        variables(&self.agent.output(b"env -0").unwrap_or_default())
    }

    fn getcwd(&self) -> Result<PathBuf> {
        let mut path = self.agent.output(b"pwd -P")?;
        if path.last() == Some(&b'\n') {
            path.pop();
        }
        Ok(PathBuf::from(OsString::from_vec(path)))
    }

    fn getresuid(&self) -> (u32, u32, u32) {
        let real = self.number(b"id -ru").unwrap_or(u32::MAX);
        let effective = self.number(b"id -u").unwrap_or(u32::MAX);
        (real, effective, effective)
    }

    fn getresgid(&self) -> (u32, u32, u32) {
        let real = self.number(b"id -rg").unwrap_or(u32::MAX);
        let effective = self.number(b"id -g").unwrap_or(u32::MAX);
        (real, effective, effective)
    }

    fn getgroups(&self) -> Result<Vec<u32>> {
        self.text(b"id -G")?.split_whitespace().map(|group| group.parse().map_err(|_| errno(EOPNOTSUPP))).collect()
    }

    fn setresuid(&self, _: Option<u32>, _: Option<u32>, _: Option<u32>) -> Result<()> {
        Err(errno(EOPNOTSUPP))
    }

    fn setresgid(&self, _: Option<u32>, _: Option<u32>, _: Option<u32>) -> Result<()> {
        Err(errno(EOPNOTSUPP))
    }

    fn setgroups(&self, _: &[u32]) -> Result<()> {
        Err(errno(EOPNOTSUPP))
    }

    fn getpid(&self) -> u32 {
        self.agent.pid().unwrap_or(0)
    }

    fn getppid(&self) -> u32 {
        self.of_process("ppid", 0).ok().and_then(|pid| u32::try_from(pid).ok()).unwrap_or(0)
    }

    fn getpgid(&self, pid: u32) -> Result<u32> {
        u32::try_from(self.of_process("pgid", pid)?).map_err(|_| errno(ESRCH))
    }

    fn getsid(&self, pid: u32) -> Result<u32> {
        u32::try_from(self.of_process("sid", pid)?).map_err(|_| errno(ESRCH))
    }

    fn setpgid(&self, _: u32, _: u32) -> Result<()> {
        Err(errno(EOPNOTSUPP))
    }

    fn setsid(&self) -> Result<u32> {
        Err(errno(EOPNOTSUPP))
    }

    fn kill(&self, pid: u32, signal: i32) -> Result<()> {
        let pid = if pid == 0 { self.agent.pid()? } else { pid };
        self.signal(&pid.to_string(), signal)
    }

    fn killpg(&self, pgid: u32, signal: i32) -> Result<()> {
        // 0 and 1 would be everything that this user may end.
        if pgid < 2 {
            return Err(errno(EINVAL));
        }
        self.signal(&format!("-{pgid}"), signal)
    }

    fn waitpid(&self, _: Who, _: WaitOptions) -> Result<Option<(u32, WaitStatus)>> {
        // Children are the subprocess battery's, and it waits for them.
        Err(errno(ECHILD))
    }

    fn getpriority(&self, of: PriorityOf) -> Result<i32> {
        match of {
            PriorityOf::Process(pid) => i32::try_from(self.of_process("ni", pid)?).map_err(|_| errno(ESRCH)),
            _ => Err(errno(EOPNOTSUPP)),
        }
    }

    fn setpriority(&self, of: PriorityOf, priority: i32) -> Result<()> {
        let (option, who) = match of {
            PriorityOf::Process(0) => ("-p", self.agent.pid()?),
            PriorityOf::Process(pid) => ("-p", pid),
            PriorityOf::Group(group) if group > 0 => ("-g", group),
            PriorityOf::User(user) => ("-u", user),
            _ => return Err(errno(EOPNOTSUPP)),
        };
        let answer = self.agent.run(format!("renice -n {priority} {option} {who} >/dev/null").as_bytes())?;
        if answer.status == 0 { Ok(()) } else { Err(errno_of(&answer.output)) }
    }

    fn sched_getaffinity(&self, _: u32) -> Result<Vec<usize>> {
        Err(errno(EOPNOTSUPP))
    }

    fn sched_setaffinity(&self, _: u32, _: &[usize]) -> Result<()> {
        Err(errno(EOPNOTSUPP))
    }

    fn sched_yield(&self) {}

    fn cpu_count(&self) -> Option<usize> {
        self.number(b"getconf _NPROCESSORS_ONLN").ok()
    }

    fn getloadavg(&self) -> Result<[f64; 3]> {
        let text = self.text(b"cat /proc/loadavg")?;
        let mut numbers = text.split_whitespace().map(|number| number.parse().map_err(|_| errno(EOPNOTSUPP)));
        let mut next = || numbers.next().unwrap_or_else(|| Err(errno(EOPNOTSUPP)));
        Ok([next()?, next()?, next()?])
    }

    fn uname(&self) -> UnameResult {
        let text = self.text(b"uname -s; uname -n; uname -r; uname -v; uname -m").unwrap_or_default();
        let mut lines = text.lines().map(str::to_owned);
        let mut next = || lines.next().unwrap_or_default();
        UnameResult { sysname: next(), nodename: next(), release: next(), version: next(), machine: next() }
    }

    fn times(&self) -> Result<TimesResult> {
        Err(errno(EOPNOTSUPP))
    }

    fn uptime(&self) -> Result<Duration> {
        let text = self.text(b"cat /proc/uptime")?;
        let seconds: f64 = text.split_whitespace().next().and_then(|text| text.parse().ok()).ok_or_else(|| errno(EOPNOTSUPP))?;
        Duration::try_from_secs_f64(seconds).map_err(|_| errno(EOPNOTSUPP))
    }

    fn urandom(&self, buffer: &mut [u8]) -> Result<()> {
        if buffer.is_empty() {
            return Ok(());
        }
        let bytes = self.agent.output(&Script::new("head -c").words(&buffer.len().to_string()).words("/dev/urandom").0)?;
        if bytes.len() != buffer.len() {
            return Err(errno(EIO));
        }
        buffer.copy_from_slice(&bytes);
        Ok(())
    }

    fn isatty(&self, _: u32) -> bool {
        false
    }

    fn terminal_size(&self, fd: u32) -> Result<(u16, u16)> {
        Err(errno(if fd < 3 { 25 } else { 9 }))
    }

    fn ttyname(&self, fd: u32) -> Result<PathBuf> {
        Err(errno(if fd < 3 { 25 } else { 9 }))
    }

    fn getlogin(&self) -> Result<String> {
        self.text(b"logname 2>/dev/null").map_err(|_| errno(ENXIO))
    }

    fn sysconf(&self, name: i32) -> Result<Option<i64>> {
        let known = crate::os::SYSCONF_NAMES.iter().find(|(_, number)| *number == name).ok_or_else(|| errno(EINVAL))?;
        let word = known.0.trim_start_matches("SC_");
        // getconf knows these by a name with an underscore.
        let word =
            if word.starts_with("NPROCESSORS") || word.ends_with("PHYS_PAGES") { format!("_{word}") } else { word.to_owned() };
        configured(&self.agent, &Script::new("getconf --").words(&word))
    }
}

/// What `env -0` prints, without what is the helper's own.
pub(super) fn variables(output: &[u8]) -> Variables {
    let pairs = output.split(|byte| *byte == 0).filter_map(|line| {
        let at = line.iter().position(|byte| *byte == b'=')?;
        let (name, value) = line.split_at(at);
        Some((OsString::from_vec(name.to_vec()), OsString::from_vec(value.get(1..)?.to_vec())))
    });
    pairs.filter(|(name, _)| !name.is_empty() && name != "_" && name != "LC_ALL" && name != "OLDPWD").collect()
}
