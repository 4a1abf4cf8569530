//! [`Hook`]: what a pass-through layer does before and after each call of a backend.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::secret::url::redact;

/// One call of a backend, on its way through a layer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Call<'a> {
    /// The primitive: `"os.mkdir"`. The part before the dot is the battery.
    pub operation: &'static str,
    /// What it is called on.
    pub subject: Subject<'a>,
    /// Whether the call can change something.
    pub effect: Effect,
}

impl<'a> Call<'a> {
    pub(super) fn look(operation: &'static str, subject: Subject<'a>) -> Call<'a> {
        Call { operation, subject, effect: Effect::Look }
    }

    pub(super) fn change(operation: &'static str, subject: Subject<'a>) -> Call<'a> {
        Call { operation, subject, effect: Effect::Change }
    }

    /// The battery: `"os"` for `"os.mkdir"`.
    pub fn battery(&self) -> &'static str {
        self.operation.split_once('.').map_or(self.operation, |(battery, _)| battery)
    }
}

impl fmt::Display for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.operation, self.subject)
    }
}

/// Whether a call can change the machine or what is behind the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// It only reads.
    Look,
    /// It can change something.
    Change,
}

/// What a call is made on. `Display` shows it in one line, without secrets; `Debug` does too.
#[derive(Clone)]
#[non_exhaustive]
pub enum Subject<'a> {
    /// The process or the machine as a whole.
    Machine,
    /// A file.
    Path {
        /// Where.
        path: Cow<'a, Path>,
        /// Whether a symbolic link in the last part is followed.
        follow: bool,
    },
    /// Two files.
    Paths(Cow<'a, Path>, Cow<'a, Path>),
    /// A program.
    Program {
        /// The name or path.
        program: &'a OsStr,
        /// The arguments with the name first, secrets hidden.
        args: Vec<Cow<'a, str>>,
        /// Where it runs.
        cwd: Option<&'a Path>,
        /// Its whole environment; None: that of this process.
        environ: Option<&'a BTreeMap<OsString, OsString>>,
    },
    /// An HTTP request.
    Request {
        /// `GET`.
        method: &'a str,
        /// The URL.
        url: &'a str,
        /// The URL of the proxy that carries it, which may hold a password.
        proxy: Option<&'a str>,
    },
    /// A server.
    Host {
        /// Its name or address.
        host: Cow<'a, str>,
        /// Its port.
        port: u16,
    },
    /// Something of Amazon's: a bucket, an object, the instances of a region.
    Resource {
        /// `bucket` or `bucket/key`; empty where the operation has none.
        name: Cow<'a, str>,
        /// What a copy reads, as the request names it: `bucket/key`.
        source: Option<&'a str>,
        /// The URLs of the endpoint and of the proxy, if they are not Amazon's own. They may hold a password.
        through: Vec<&'a str>,
    },
    /// A text: a process id, a stream's name, a duration.
    Text(Cow<'a, str>),
}

impl<'a> Subject<'a> {
    pub(super) fn path(path: impl Into<Cow<'a, Path>>, follow: bool) -> Subject<'a> {
        Subject::Path { path: path.into(), follow }
    }

    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Subject<'a> {
        Subject::Text(text.into())
    }
}

impl fmt::Debug for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subject({self})")
    }
}

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Machine => Ok(()),
            Subject::Path { path, .. } => path.display().fmt(f),
            Subject::Paths(from, to) => write!(f, "{} -> {}", from.display(), to.display()),
            Subject::Program { program, args, .. } => {
                program.display().fmt(f)?;
                args.iter().skip(1).try_for_each(|arg| write!(f, " {arg}"))
            }
            Subject::Request { method, url, .. } => write!(f, "{method} {}", redact(url)),
            Subject::Host { host, port } => write!(f, "{host}:{port}"),
            Subject::Resource { name, .. } => f.write_str(name),
            Subject::Text(text) => f.write_str(text),
        }
    }
}

/// What a hook decides before a call.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Verdict {
    /// Waits this long first, on the clock of the batteries.
    pub delay: Duration,
    /// What becomes of the call.
    pub fate: Fate,
}

impl Verdict {
    /// The call is made.
    pub fn go() -> Verdict {
        Verdict::default()
    }

    /// The call is not made and fails so.
    pub fn fail(failure: Failure) -> Verdict {
        Verdict { delay: Duration::ZERO, fate: Fate::Fail(failure) }
    }

    /// The call is made, but transfers at most this many bytes.
    pub fn short(bytes: usize) -> Verdict {
        Verdict { delay: Duration::ZERO, fate: Fate::Short(bytes) }
    }

    /// The same after a delay.
    pub fn after(mut self, delay: Duration) -> Verdict {
        self.delay = delay;
        self
    }
}

/// What becomes of a call.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Fate {
    /// It is made.
    #[default]
    Go,
    /// It is made, but reads or writes at most this many bytes; a body of a response breaks off after them. Calls that transfer no
    /// bytes are made as they are.
    Short(usize),
    /// It is not made and fails so.
    Fail(Failure),
}

/// A failure that a layer puts in the place of an answer. Each battery reports it in its own error.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Failure {
    /// A system call's errno. Batteries of the network report it as the cause of a lost connection.
    Errno(i32),
    /// No answer in time.
    Timeout,
    /// The connection was reset.
    Reset,
    /// The service asks for fewer requests: HTTP 503, S3's `SlowDown`, EC2's `RequestLimitExceeded`.
    Throttled,
    /// A policy forbids the call: `PermissionError`.
    Refused(Refused),
    /// A replay has no answer to the call, or a recording cannot hold it; the text says which: `PermissionError`.
    NotRecorded(Arc<str>),
}

/// What a policy forbids, and which rule says so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{call}: {rule}")]
#[non_exhaustive]
pub struct Refused {
    /// The call: `os.open(/etc/shadow)`.
    pub call: Arc<str>,
    /// Why: `refused by the guard: no rule allows writing /etc/motd`.
    pub rule: Arc<str>,
}

/// How a call ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// How long it took, on the clock of the batteries.
    pub took: Duration,
    /// How many bytes went through, where the call transfers bytes.
    pub bytes: Option<u64>,
    /// The error's text, if it failed.
    pub error: Option<String>,
}

/// What a pass-through layer does around each call of every backend.
///
/// [`Trace`](super::Trace), [`Chaos`](super::Chaos) and [`Guard`](super::Guard) are hooks; one of your own goes over a set of batteries by
/// [`over`](super::over).
///
/// # Contract
///
/// - Called from many threads at once.
/// - [`Hook::before`] comes first, then the call if it is made, then [`Hook::after`], which also comes after a call that was not made.
/// - Calls that cannot fail (`os.umask`, `platform.uname`) are made whatever the verdict.
/// - Reading a clock is not a call: deadlines read clocks all the time.
pub trait Hook: fmt::Debug + Send + Sync + 'static {
    /// Decides about a call.
    fn before(&self, call: &Call<'_>) -> Verdict {
        let _ = call;
        Verdict::go()
    }

    /// Returns the name of a file or directory that was just opened, for the calls on it. None: the path that it was opened by.
    ///
    /// A policy that judges by paths needs it: a link on the way may lead elsewhere by the time of such a call.
    fn opened(&self, path: &Path, follow: bool) -> Option<PathBuf> {
        let _ = (path, follow);
        None
    }

    /// Learns how it ended.
    fn after(&self, call: &Call<'_>, outcome: &Outcome) {
        let _ = (call, outcome);
    }
}
