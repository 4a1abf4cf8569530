//! [`RunResult`]: what a command has done.

use std::collections::BTreeMap;
use std::fmt;

use crate::fabric::backend::Stream;
use crate::fabric::connection::Connection;
use crate::fabric::texts::{python_repr, section, splitlines};

/// `fabric.Result`: what a command has written and how it ended.
///
/// `Display` is Python's `str()`, `Debug` its `repr()`. What was captured is there whether it was hidden or not.
///
/// With the feature `serde` it is written without its connection, and with `***` for the values of `env` and `command` whose names hold
/// secrets ([`is_secret_name`](crate::is_secret_name)).
///
/// <https://docs.fabfile.org/en/stable/api/runners.html#fabric.runners.Result>
#[doc(alias = "fabric.Result")]
#[doc(alias = "invoke.Result")]
#[derive(Clone, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RunResult {
    /// Standard output, decoded; with a pty the errors too.
    #[doc(alias = "invoke.Result.stdout")]
    pub stdout: String,
    /// Standard error, decoded; empty with a pty.
    #[doc(alias = "invoke.Result.stderr")]
    pub stderr: String,
    /// The encoding by which they were decoded.
    #[doc(alias = "invoke.Result.encoding")]
    pub encoding: String,
    /// The command as it was run, with the prefixes of `cd` and `prefix`; empty for `shell()`.
    #[doc(alias = "invoke.Result.command")]
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::doors::serde::command"))]
    pub command: String,
    /// The shell of local commands; remote ones are run by the user's login shell.
    #[doc(alias = "invoke.Result.shell")]
    pub shell: String,
    /// The variables that were given.
    #[doc(alias = "invoke.Result.env")]
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::doors::serde::environment::serialize"))]
    pub env: BTreeMap<String, String>,
    /// The exit status. Killed by a signal: -1 remotely, minus its number locally. None: the command did not end.
    #[doc(alias = "invoke.Result.exited")]
    pub exited: Option<i32>,
    /// The signal that ended a remote command, without `SIG`.
    pub signal: Option<String>,
    /// True if the command had a terminal.
    #[doc(alias = "invoke.Result.pty")]
    pub pty: bool,
    /// The streams that were not shown.
    #[doc(alias = "invoke.Result.hide")]
    pub hide: Vec<Stream>,
    /// The connection; None for local commands.
    #[doc(alias = "fabric.Result.connection")]
    #[cfg_attr(feature = "serde", serde(skip))]
    pub connection: Option<Connection>,
}

impl RunResult {
    /// A result with this output and status 0, as tests and fakes make them.
    pub fn new(stdout: impl Into<String>) -> RunResult {
        RunResult {
            stdout: stdout.into(),
            stderr: String::new(),
            encoding: "utf-8".to_owned(),
            command: String::new(),
            shell: String::new(),
            env: BTreeMap::new(),
            exited: Some(0),
            signal: None,
            pty: false,
            hide: Vec::new(),
            connection: None,
        }
    }

    /// True if the command ended with 0: Python's truth of the object.
    #[doc(alias = "invoke.Result.ok")]
    pub fn ok(&self) -> bool {
        self.exited == Some(0)
    }

    /// The opposite of [`RunResult::ok`].
    #[doc(alias = "invoke.Result.failed")]
    pub fn failed(&self) -> bool {
        !self.ok()
    }

    /// Another name of [`exited`](RunResult::exited).
    #[doc(alias = "invoke.Result.return_code")]
    pub fn return_code(&self) -> Option<i32> {
        self.exited
    }

    /// The last lines of a stream, after an empty line.
    #[doc(alias = "invoke.Result.tail")]
    pub fn tail(&self, stream: Stream, count: usize) -> String {
        let text = match stream {
            Stream::Stdout => &self.stdout,
            Stream::Stderr => &self.stderr,
        };
        let lines = splitlines(text);
        // `lines[-0:]` is the whole list in Python.
        let from = if count == 0 { 0 } else { lines.len().saturating_sub(count) };
        format!("\n\n{}", lines[from..].join("\n"))
    }

    /// `Failure.streams_for_display`: what an error shows of the two streams.
    #[doc(alias = "invoke.exceptions.Failure.streams_for_display")]
    pub fn streams_for_display(&self) -> (String, String) {
        let shown = |stream| {
            if self.hide.contains(&stream) { self.tail(stream, 10) } else { " already printed".to_owned() }
        };
        let stderr = if self.pty { " n/a (PTYs have no stderr)".to_owned() } else { shown(Stream::Stderr) };
        (shown(Stream::Stdout), stderr)
    }

    /// The exit status as Python shows it.
    pub(in crate::fabric) fn python_exited(&self) -> String {
        self.exited.map_or_else(|| "None".to_owned(), |exited| exited.to_string())
    }
}

impl fmt::Display for RunResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = match self.exited {
            Some(exited) => format!("Command exited with status {exited}."),
            None => "Command was not fully executed due to watcher error.".to_owned(),
        };
        section(&mut text, "stdout", &self.stdout);
        section(&mut text, "stderr", &self.stderr);
        f.write_str(&text)
    }
}

impl RunResult {
    /// Python's `repr()` of the command. DIFFERENCE: without the secrets in it.
    pub(in crate::fabric) fn shown(&self) -> String {
        python_repr(&crate::secret::command::redact_command(&self.command))
    }
}

impl fmt::Debug for RunResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<Result cmd={} exited={}>", self.shown(), self.python_exited())
    }
}
