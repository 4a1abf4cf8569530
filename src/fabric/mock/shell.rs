//! The remote shell, as far as `fabric` and plain scripts use it.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use super::super::backend::Backend;
use super::super::error::{Error, Result};
use super::builtins::{self, Output};
use super::host::Host;
use super::sudo;
use crate::ambient::{Ambient, Variables};
use crate::os::{Os, shlex};
use crate::subprocess::backend::{Backend as _, Command, Spawned, Standing};
use crate::subprocess::{Arg, Stdio};

/// The operator between two commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Join {
    Always,
    IfOk,
    IfFailed,
}

/// The state of a shell: directory and variables.
#[derive(Clone)]
pub(super) struct Shell {
    pub(super) host: Host,
    pub(super) user: String,
    cwd: PathBuf,
    environ: Variables,
    pub(super) pty: bool,
}

/// What a command turns out to be.
pub(super) enum Action {
    /// It is done.
    Done(Output),
    /// The shell ends with this status.
    Exit(u32),
    /// A program of the host.
    Spawned(Spawned),
    /// More commands, in a shell of their own.
    Nested(Box<Shell>, String),
    /// A question of sudo's, then more commands.
    Sudo(sudo::Question),
    /// The virtual clock moves.
    Sleep(std::time::Duration),
}

/// Where a user's sessions begin: the home directory if it exists.
pub(super) fn home(host: &Host, user: &str) -> PathBuf {
    let home = home_of(host, user);
    if host.os.exists(&home) { PathBuf::from(home) } else { PathBuf::from("/") }
}

fn home_of(host: &Host, user: &str) -> String {
    host.account(user).map_or_else(|| "/".to_owned(), |account| account.home)
}

impl Shell {
    pub(super) fn new(host: &Host, user: &str, pty: bool) -> Shell {
        let (home, cwd) = (home_of(host, user), home(host, user));
        let mut shell = Shell { host: host.clone(), user: user.to_owned(), cwd, environ: Variables::new(), pty };
        for (name, value) in [
            ("HOME", home.as_str()),
            ("LOGNAME", user),
            ("USER", user),
            ("SHELL", "/bin/bash"),
            ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ] {
            shell.set(name, value);
        }
        shell
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.environ.insert(name.into(), value.into());
    }

    /// The same shell for another user, as sudo starts it.
    pub(super) fn become_user(&self, user: &str, keep: &[String]) -> Shell {
        let mut other = Shell::new(&self.host, user, self.pty);
        other.cwd.clone_from(&self.cwd);
        for name in keep {
            if let Some(value) = self.environ.get(std::ffi::OsStr::new(name)) {
                other.environ.insert(name.into(), value.clone());
            }
        }
        other
    }

    /// The host's files as the shell's user has them, with the shell's environment and directory.
    pub(super) fn os(&self) -> Os {
        let ambient = self.ambient();
        match self.host.account(&self.user) {
            Some(account) if account.uid != 0 => self.host.os.session(account.uid, account.gid, account.groups, ambient).handle(),
            _ => Os::new(Arc::new(self.host.os.clone()), ambient),
        }
    }

    pub(super) fn ambient(&self) -> Ambient {
        Ambient::isolated(self.environ.clone(), self.cwd.clone())
    }

    /// Takes a line apart. A line with an answer of its own is one command.
    pub(super) fn parse(&self, line: &str) -> Result<VecDeque<(Join, String)>> {
        if self.host.subprocess.knows(&["sh", "-c", line]) {
            return Ok(VecDeque::from([(Join::Always, line.to_owned())]));
        }
        let mut parts = VecDeque::new();
        let (mut join, mut from, mut quote, mut escaped) = (Join::Always, 0, None, false);
        let mut characters = line.char_indices().peekable();
        while let Some((at, c)) = characters.next() {
            let next = characters.peek().map(|(_, next)| *next);
            match (quote, c) {
                _ if escaped => escaped = false,
                (None | Some('"'), '\\') => escaped = true,
                (None, '\'' | '"') => quote = Some(c),
                (Some(open), c) if open == c => quote = None,
                (None, '&' | '|' | ';' | '\n') => {
                    let then = match (c, next) {
                        ('&', Some('&')) => Join::IfOk,
                        ('|', Some('|')) => Join::IfFailed,
                        (';' | '\n', _) => Join::Always,
                        // A pipe or a command in the background: the line needs an answer of its own.
                        _ => return Err(unknown(line)),
                    };
                    parts.push_back((join, line[from..at].trim().to_owned()));
                    join = then;
                    if then != Join::Always {
                        characters.next();
                    }
                    from = at + if then == Join::Always { 1 } else { 2 };
                    // The rest may have an answer as a whole.
                    let rest = line[from..].trim();
                    if then == Join::IfOk && self.host.subprocess.knows(&["sh", "-c", rest]) {
                        parts.push_back((join, rest.to_owned()));
                        return Ok(parts);
                    }
                }
                _ => {}
            }
        }
        let rest = line[from..].trim();
        if !rest.is_empty() || parts.is_empty() {
            parts.push_back((join, rest.to_owned()));
        }
        Ok(parts)
    }

    /// Begins one command.
    pub(super) fn start(&mut self, backend: &Arc<dyn Backend>, command: &str) -> Result<Action> {
        let _ = backend;
        if self.host.subprocess.knows(&["sh", "-c", command]) {
            return self.spawn(&["/bin/sh", "-c", command]);
        }
        let words = shlex::split(command).map_err(|_| unknown(command))?;
        let mut words: Vec<String> = words.into_iter().map(|word| self.expand(command, word)).collect();
        // NAME=value in front of a command.
        while let Some((name, value)) =
            words.first().and_then(|word| word.split_once('=')).map(|(n, v)| (n.to_owned(), v.to_owned()))
            && super::super::run::commands::check_name(&name).is_ok()
        {
            self.set(&name, &value);
            words.remove(0);
        }
        let argv: Vec<&str> = words.iter().map(String::as_str).collect();
        match argv.as_slice() {
            [] => Ok(Action::Done(Output::default())),
            ["exec", rest @ ..] => self.start(backend, &shlex::join(rest).map_err(|_| unknown(command))?),
            ["cd"] => {
                let home = self.environ.get(std::ffi::OsStr::new("HOME")).cloned().unwrap_or_default();
                Ok(Action::Done(self.cd(&home.to_string_lossy())))
            }
            ["cd", path] | ["cd", "--", path] => Ok(Action::Done(self.cd(path))),
            ["export", assignments @ ..] => {
                for (name, value) in assignments.iter().filter_map(|word| word.split_once('=')) {
                    self.set(name, value);
                }
                Ok(Action::Done(Output::default()))
            }
            ["exit"] => Ok(Action::Exit(0)),
            ["exit", status] => Ok(Action::Exit(status.parse().unwrap_or(2))),
            ["sh" | "bash" | "/bin/sh" | "/bin/bash", "-c" | "-lc", line] => {
                Ok(Action::Nested(Box::new(self.clone()), (*line).to_owned()))
            }
            ["sudo", ..] if !self.host.subprocess.knows(&argv) => sudo::start(self, command, &argv[1..]),
            ["sleep", seconds] => {
                match seconds.parse::<f64>().ok().and_then(|s| std::time::Duration::try_from_secs_f64(s).ok()) {
                    Some(time) => Ok(Action::Sleep(time)),
                    None => Ok(Action::Done(Output::failed(1, format!("sleep: invalid time interval '{seconds}'\n")))),
                }
            }
            _ if self.host.subprocess.knows(&argv) => self.spawn(&argv),
            _ => match builtins::run(&self.os(), &self.user, self.host.name(), &argv) {
                Some(output) => Ok(Action::Done(output)),
                None => Err(unknown(command)),
            },
        }
    }

    /// `~` at the beginning, and `$NAME` where nothing in the line is quoted.
    fn expand(&self, command: &str, word: String) -> String {
        let variable = |name: &str| {
            self.environ.get(std::ffi::OsStr::new(name)).map(|value| value.to_string_lossy().into_owned()).unwrap_or_default()
        };
        let word = match word.strip_prefix('~') {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("{}{rest}", variable("HOME")),
            _ => word,
        };
        if command.contains('\'') || command.contains('\\') || !word.contains('$') {
            return word;
        }
        let mut out = String::new();
        let mut rest = word.as_str();
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            let braced = after.strip_prefix('{').and_then(|inner| inner.split_once('}'));
            let (name, tail) = braced.unwrap_or_else(|| {
                let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
                after.split_at(end)
            });
            out.push_str(&variable(name));
            rest = tail;
        }
        out.push_str(rest);
        out
    }

    fn cd(&mut self, path: &str) -> Output {
        let os = self.os();
        if !os.path.isdir(path) {
            let why = if os.path.exists(path) { "Not a directory" } else { "No such file or directory" };
            return Output::failed(1, format!("bash: line 1: cd: {path}: {why}\n"));
        }
        match os.path.realpath(path) {
            Ok(cwd) => {
                self.cwd = cwd;
                Output::default()
            }
            Err(error) => Output::failed(1, format!("bash: line 1: cd: {path}: {error}\n")),
        }
    }

    fn spawn(&self, argv: &[&str]) -> Result<Action> {
        let command = Command {
            program: argv.first().copied().unwrap_or_default().into(),
            args: argv.iter().copied().map(Arg::from).collect(),
            environ: Some(Arc::new(self.environ.clone())),
            cwd: Some(self.cwd.clone()),
            stdin: Stdio::Pipe,
            stdout: Stdio::Pipe,
            stderr: if self.pty { Stdio::Stdout } else { Stdio::Pipe },
            standing: Standing::default(),
            pipesize: None,
            pass_fds: Vec::new(),
        };
        match self.host.subprocess.spawn(&command) {
            Ok(spawned) => Ok(Action::Spawned(spawned)),
            // The shell could not start the program.
            Err(error) => Ok(Action::Done(Output::failed(126, format!("bash: line 1: {}: {error}\n", argv.join(" "))))),
        }
    }
}

/// A line that the mock cannot run.
fn unknown(line: &str) -> Error {
    Error::Channel {
        host: "mock".to_owned(),
        what: format!("command {}", super::super::texts::python_repr(line)),
        reason: "no answer is scripted for it: use host.shell(line).reply(..)".to_owned(),
    }
}
