//! `subprocess`: programs of the other machine, each in a channel of its own.

use std::ffi::OsStr;
use std::io::{self, ErrorKind, Result};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::time::Duration;

use super::agent::{Script, errno, of_fabric, quoted};
use super::child::RemoteChild;
use super::files::Remote;
use crate::Wait as _;
use crate::error::errno::{E2BIG, EACCES, EINVAL, ENOTDIR};
use crate::fabric::backend::Exec;
use crate::os::backend::{Access, Files as _};
use crate::subprocess::backend::{Backend, Command, Spawned};
use crate::subprocess::{Arg, Stdio};

/// Programs of the other machine.
#[derive(Debug)]
pub(super) struct Programs {
    pub(super) remote: Remote,
}

fn unsupported(what: &str) -> io::Error {
    io::Error::new(ErrorKind::Unsupported, format!("{what} over SSH"))
}

/// What ends each of the announcements, so that what a login shell prints before is passed over.
pub(super) const MARK: &str = "leyden-started";

impl Backend for Programs {
    fn spawn(&self, command: &Command) -> Result<Spawned> {
        let line = script(command)?;
        let connection = self.remote.agent.connection().clone();
        let line_of = line.clone();
        let start = async move {
            let session = connection.session().await?;
            session.exec(&Exec::new(line_of)).await
        };
        let channel = start.wait().map_err(|error| of_fabric(&error))?;
        RemoteChild::start(self.remote.clone(), channel, command)
    }

    fn check_directory(&self, path: &Path) -> Result<()> {
        let found = self.remote.stat(path, true)?;
        if !found.is_dir() {
            return Err(errno(ENOTDIR));
        }
        let enter = Access { execute: true, ..Access::default() };
        if self.remote.access(path, enter, true, true)? { Ok(()) } else { Err(errno(EACCES)) }
    }

    fn monotonic(&self) -> Duration {
        self.remote.agent.connection().backend().monotonic()
    }
}

/// The line for the login shell: it starts `sh`, which looks for the program, announces its process or an errno, and becomes the program.
fn script(command: &Command) -> Result<Vec<u8>> {
    let standing = &command.standing;
    if standing.user.is_some() || standing.group.is_some() || standing.extra_groups.is_some() {
        return Err(unsupported("another user or group: use sudo"));
    }
    if standing.process_group.is_some_and(|group| group != 0) {
        return Err(unsupported("joining a process group"));
    }
    if !command.pass_fds.is_empty() {
        return Err(unsupported("passing descriptors"));
    }
    for stdio in [&command.stdin, &command.stdout, &command.stderr] {
        if matches!(stdio, Stdio::Fd(_) | Stdio::File(_) | Stdio::Child(_)) {
            return Err(unsupported("a local file or pipe as a standard stream"));
        }
    }
    let program = command.program.as_bytes();
    if program.is_empty() {
        return Err(errno(EACCES));
    }
    let named: Vec<&OsStr> = command.args.iter().map(Arg::expose).collect();
    if named.first().is_some_and(|name| *name != command.program) {
        return Err(unsupported("a program under another name"));
    }
    let environ = command.environ.iter().flat_map(|environ| environ.iter());
    let words = named.iter().map(|word| word.as_bytes());
    let texts = environ.clone().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]).chain(words);
    if texts.clone().any(|text| text.contains(&0)) || program.contains(&0) {
        return Err(errno(EINVAL));
    }
    if texts.map(<[u8]>::len).sum::<usize>() > 1 << 20 {
        return Err(errno(E2BIG));
    }
    let mut inner = Script::new("fail() { echo").words(&format!("{MARK} 0 $1 >&2; exit 126; }};"));
    if let Some(umask) = standing.umask {
        inner = inner.words(&format!("umask {umask:o};"));
    }
    if let Some(cwd) = &command.cwd {
        let cwd = cwd.as_os_str().as_bytes();
        // A name of dashes is a directory, not the one before.
        let path = if cwd.starts_with(b"/") { cwd.to_vec() } else { [b"./", cwd].concat() };
        inner = inner
            .words("d=")
            .joined(&path)
            .words("; [ -e \"$d\" ] || fail 2; [ -d \"$d\" ] || fail 20; cd \"$d\" 2>/dev/null || fail 13;");
    }
    inner = inner.words("p=").joined(program).words(";");
    if let Some(environ) = &command.environ {
        let path = environ.get(OsStr::new("PATH")).map_or(&b"/bin:/usr/bin"[..], |path| path.as_bytes());
        inner = inner.words("P=").joined(path).words(";");
    } else {
        inner = inner.words("P=${PATH-/bin:/usr/bin};");
    }
    inner = inner.words(FIND);
    // The announcement goes before everything that the program writes to its standard error.
    inner = inner.words(&format!("echo {MARK} $$ 0 >&2;"));
    if matches!(command.stdin, Stdio::Inherit | Stdio::DevNull) {
        inner = inner.words("exec </dev/null;");
    }
    if matches!(command.stdout, Stdio::DevNull) {
        inner = inner.words("exec >/dev/null;");
    }
    match command.stderr {
        Stdio::Stdout => inner = inner.words("exec 2>&1;"),
        Stdio::DevNull => inner = inner.words("exec 2>/dev/null;"),
        _ => {}
    }
    // By env(1), which keeps the name that the program sees itself by, and looks in the PATH of the new environment.
    inner = inner.words("exec env");
    if let Some(environ) = &command.environ {
        inner = inner.words("-i");
        for (name, value) in environ.iter() {
            let mut pair = name.as_bytes().to_vec();
            pair.push(b'=');
            pair.extend(value.as_bytes());
            inner = inner.value(&pair);
        }
    }
    if program.contains(&b'=') {
        return Err(unsupported("a program with '=' in its name"));
    }
    for word in named {
        inner = inner.value(word.as_bytes());
    }
    if command.args.is_empty() {
        inner = inner.value(program);
    }
    Ok(Script::new("exec /bin/sh -c").value(&inner.0).0)
}

/// Finds the program `$p` in `$P`; `fail` with the errno of `execve`.
const FIND: &str = r##"x() { [ -d "$1" ] && return 13; [ -e "$1" ] || { case "$1" in */*/*) [ -e "${1%/*}" ] && [ ! -d "${1%/*}" ] && return 20;; esac; return 2; }; [ -x "$1" ] || return 13; if [ -r "$1" ] && [ -f "$1" ]; then case "$(head -c 4 -- "$1" 2>/dev/null | tr -d '\000')" in '#!'*|?ELF*) ;; *) return 8;; esac; fi; return 0; };
case "$p" in */*) x "$p"; e=$?;; *) e=2; set -f; I=$IFS; IFS=:; for d in $P; do x "${d:-.}/$p"; r=$?; case $r in 0) e=0; break;; 13) e=13;; 8) e=8; break;; esac; done; IFS=$I; set +f;; esac;
[ $e = 0 ] || fail $e;"##;

impl Script {
    /// A value right behind the last word: of an assignment.
    pub(super) fn joined(mut self, value: &[u8]) -> Script {
        self.0.extend(quoted(value));
        self
    }
}
