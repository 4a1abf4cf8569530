//! `platform` and `time`: facts of the other machine.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use super::agent::errno;
use super::files::Remote;
use crate::BoxFuture;
use crate::Wait as _;
use crate::error::errno::{EINVAL, ENOENT};
use crate::os::backend::{Files as _, Machine as _, OpenFlags};
use crate::platform::backend::{Backend as Platform, Kernel};
use crate::time::backend::{Backend as Time, ClockId};

/// The facts.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) remote: Remote,
    /// The wall clock there, and the clock here when it was asked.
    pub(super) clock: OnceLock<(SystemTime, Duration)>,
}

impl Facts {
    pub(super) fn new(remote: Remote) -> Facts {
        Facts { remote, clock: OnceLock::new() }
    }

    fn words(&self, script: &[u8]) -> io::Result<String> {
        let answer = self.remote.agent.run(script)?;
        // 127: there is no such program.
        if answer.status == 127 { Err(errno(ENOENT)) } else { Ok(answer.text().trim().to_owned()) }
    }

    fn file(&self, path: &Path) -> io::Result<Vec<u8>> {
        let handle = self.remote.open(path, OpenFlags { read: true, ..OpenFlags::default() }, 0)?;
        let mut bytes = Vec::new();
        let mut chunk = vec![0; 64 << 10];
        loop {
            match handle.read(&mut chunk)? {
                0 => return Ok(bytes),
                count => bytes.extend(chunk.get(..count).unwrap_or_default()),
            }
        }
    }
}

impl Platform for Facts {
    fn uname(&self) -> Kernel {
        let found = self.remote.uname();
        Kernel {
            system: found.sysname,
            node: found.nodename,
            release: found.release,
            version: found.version,
            machine: found.machine,
        }
    }

    fn processor(&self) -> io::Result<String> {
        self.words(b"uname -p")
    }

    fn libc(&self) -> Option<(String, String)> {
        // "glibc 2.36"
        let text = self.words(b"getconf GNU_LIBC_VERSION 2>/dev/null").ok()?;
        let (name, version) = text.split_once(' ')?;
        Some((name.to_owned(), version.to_owned()))
    }

    fn python(&self) -> io::Result<String> {
        self.words(b"python3 --version")
    }

    fn executable(&self) -> io::Result<PathBuf> {
        // The program that runs is on this side; what stands for it there is the helper's shell.
        let pid = self.remote.agent.pid()?;
        self.remote.readlink(Path::new(&format!("/proc/{pid}/exe")))
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.file(path)
    }
}

impl Time for Facts {
    fn now(&self) -> SystemTime {
        let here = self.monotonic();
        let (there, then) = self.clock.get_or_init(|| {
            let text = self.words(b"date +%s.%N").unwrap_or_default();
            let (seconds, fraction) = text.split_once('.').unwrap_or((&text, ""));
            // Without %N, whole seconds.
            let nanoseconds = fraction.parse().ok().filter(|_| fraction.len() == 9).unwrap_or(0);
            let since = Duration::from_secs(seconds.parse().unwrap_or(0)).saturating_add(Duration::from_nanos(nanoseconds));
            (SystemTime::UNIX_EPOCH.checked_add(since).unwrap_or(SystemTime::UNIX_EPOCH), here)
        });
        there.checked_add(here.saturating_sub(*then)).unwrap_or(*there)
    }

    fn monotonic(&self) -> Duration {
        self.remote.agent.connection().backend().monotonic()
    }

    fn clock_gettime(&self, clock: ClockId) -> io::Result<i128> {
        let nanoseconds = |duration: Duration| i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX);
        match clock {
            ClockId::Realtime => {
                let since = self.now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
                Ok(nanoseconds(since))
            }
            ClockId::Monotonic | ClockId::MonotonicRaw => Ok(nanoseconds(self.monotonic())),
            ClockId::Boottime => Ok(nanoseconds(self.remote.uptime()?)),
            _ => Err(errno(EINVAL)),
        }
    }

    fn clock_getres(&self, clock: ClockId) -> io::Result<Duration> {
        match clock {
            ClockId::Realtime | ClockId::Monotonic | ClockId::MonotonicRaw | ClockId::Boottime => Ok(Duration::from_nanos(1)),
            _ => Err(errno(EINVAL)),
        }
    }

    fn clock_settime(&self, clock: ClockId, _: i128) -> io::Result<()> {
        Err(errno(if clock == ClockId::Realtime { 1 } else { 22 }))
    }

    fn native_id(&self) -> u32 {
        self.remote.getpid()
    }

    fn zone_file(&self, name: Option<&Path>) -> io::Result<Vec<u8>> {
        match name {
            None => self.file(Path::new("/etc/localtime")),
            Some(name) => self.file(&Path::new("/usr/share/zoneinfo").join(name)),
        }
    }

    fn sleep(&self, duration: Duration) {
        self.remote.agent.connection().backend().sleep(duration).wait();
    }

    fn sleep_async(&self, duration: Duration) -> BoxFuture<()> {
        let backend = self.remote.agent.connection().backend().clone();
        Box::pin(async move { backend.sleep(duration).await })
    }
}
