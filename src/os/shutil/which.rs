//! `which`: finds a program by name.

use crate::os::TerminalSize;
use crate::os::backend::Access;
use crate::os::path::{OsPath, dirname, join};
use crate::os::text::{self, bytes};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// The argument of [`OsShutil::which`](super::OsShutil::which): a name, alone or with options.
#[derive(Clone, Debug)]
pub struct Which {
    cmd: PathBuf,
    mode: Access,
    path: Option<OsString>,
}

impl Which {
    /// Searches for an executable `cmd` in the handle's `PATH`.
    pub fn new(cmd: impl Into<PathBuf>) -> Which {
        Which { cmd: cmd.into(), mode: Access { execute: true, ..Access::default() }, path: None }
    }

    /// Sets the required access. Default: execute.
    #[must_use]
    pub fn mode(self, mode: Access) -> Which {
        Which { mode, ..self }
    }

    /// Sets the directories to search, separated by `:`. Default: `PATH`, or `/bin:/usr/bin` if it
    /// is not set.
    #[must_use]
    pub fn path(self, path: impl Into<OsString>) -> Which {
        Which { path: Some(path.into()), ..self }
    }
}

impl<P: AsRef<Path>> From<P> for Which {
    fn from(cmd: P) -> Which {
        Which::new(cmd.as_ref())
    }
}

pub(super) fn which(os: &OsPath, Which { cmd, mode, path }: Which) -> Option<PathBuf> {
    let usable = |file: &Path| {
        let is_file = os.stat(file).is_ok_and(|stat| !stat.is_dir());
        is_file && os.backend().access(&os.resolve(file), mode, false, true).unwrap_or(false)
    };
    if !dirname(&cmd).as_os_str().is_empty() {
        return usable(&cmd).then_some(cmd);
    }
    // An empty PATH contains no directory; an empty component of one is the working directory.
    let path = path.or_else(|| os.ambient().var("PATH")).unwrap_or_else(|| crate::os::path::DEFPATH.into());
    if path.is_empty() {
        return None;
    }
    let dirs = bytes(&path).split(|byte| *byte == b':');
    dirs.map(|dir| join(text::path(dir), &cmd)).find(|file| usable(file))
}

/// Returns `COLUMNS` and `LINES`, otherwise the terminal's size, otherwise the fallback.
pub(super) fn terminal_size(os: &OsPath, fallback: (u16, u16)) -> TerminalSize {
    let number = |name| {
        let value = os.ambient().var(name)?;
        value.to_str()?.trim().parse().ok().filter(|number| *number > 0)
    };
    let (columns, lines): (Option<u16>, Option<u16>) = (number("COLUMNS"), number("LINES"));
    if let (Some(columns), Some(lines)) = (columns, lines) {
        return TerminalSize { columns, lines };
    }
    let asked = os.backend().terminal_size(1).unwrap_or(fallback);
    let or = |variable: Option<u16>, asked: u16, fallback: u16| variable.unwrap_or(if asked > 0 { asked } else { fallback });
    TerminalSize { columns: or(columns, asked.0, fallback.0), lines: or(lines, asked.1, fallback.1) }
}

/// The new owner of a file, for [`OsShutil::chown`](super::OsShutil::chown).
#[derive(Clone, Debug, Default)]
pub struct Owner {
    pub(super) user: Option<Account>,
    pub(super) group: Option<Account>,
}

/// A user or group, by name or number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Account {
    /// A name in `/etc/passwd` or `/etc/group`.
    Name(OsString),
    /// Its number.
    Id(u32),
}

impl From<&str> for Account {
    fn from(name: &str) -> Account {
        Account::Name(name.into())
    }
}

impl From<String> for Account {
    fn from(name: String) -> Account {
        Account::Name(name.into())
    }
}

impl From<&OsStr> for Account {
    fn from(name: &OsStr) -> Account {
        Account::Name(name.into())
    }
}

impl From<u32> for Account {
    fn from(id: u32) -> Account {
        Account::Id(id)
    }
}

impl Owner {
    /// Leaves both unchanged.
    pub fn new() -> Owner {
        Owner::default()
    }

    /// Sets the owner, by name or number.
    #[must_use]
    pub fn user(self, user: impl Into<Account>) -> Owner {
        Owner { user: Some(user.into()), ..self }
    }

    /// Sets the group, by name or number.
    #[must_use]
    pub fn group(self, group: impl Into<Account>) -> Owner {
        Owner { group: Some(group.into()), ..self }
    }
}
