//! The options of `run`, `sudo`, `shell` and `local`, as calls and configurations set them.

use std::fmt;
use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::watchers::StreamWatcher;
use crate::fabric::backend::Stream;
use crate::fabric::error::{Error, Result};
use crate::fabric::texts::python_repr;

/// How long a command may take unless something else is configured: DIFFERENCE, Python waits forever.
pub(in crate::fabric) const COMMAND_TIMEOUT: Duration = Duration::from_secs(3600);
/// How long connecting and authenticating may take.
pub(in crate::fabric) const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// invoke's default for `echo_format`: bold.
pub(in crate::fabric) const ECHO_FORMAT: &str = "\x1b[1;37m{command}\x1b[0m";

/// `hide=`: which streams are not copied to the local terminal. They are captured either way.
#[doc(alias = "invoke.run(hide=)")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hide {
    /// `None` or `False`: both are shown.
    #[default]
    Nothing,
    /// `"out"`, `"stdout"`.
    Out,
    /// `"err"`, `"stderr"`.
    Err,
    /// `"both"`.
    Both,
    /// `True`: as [`Hide::Both`], and `echo` is off too.
    All,
}

impl Hide {
    /// By invoke's word for it. Fails with invoke's text for any other word.
    pub fn named(name: &str) -> Result<Hide> {
        match name {
            "out" | "stdout" => Ok(Hide::Out),
            "err" | "stderr" => Ok(Hide::Err),
            "both" => Ok(Hide::Both),
            _ => Err(Error::Value(format!(
                "'hide' got {} which is not in (None, False, 'out', 'stdout', 'err', 'stderr', 'both', True)",
                python_repr(name)
            ))),
        }
    }

    /// `normalize_hide`: a stream that goes elsewhere is not hidden.
    pub(in crate::fabric) fn streams(self, out: &Out, err: &Out) -> Vec<Stream> {
        let mut streams = Vec::new();
        if matches!(self, Hide::Out | Hide::Both | Hide::All) && !out.is_given() {
            streams.push(Stream::Stdout);
        }
        if matches!(self, Hide::Err | Hide::Both | Hide::All) && !err.is_given() {
            streams.push(Stream::Stderr);
        }
        streams
    }
}

impl From<bool> for Hide {
    fn from(all: bool) -> Hide {
        if all { Hide::All } else { Hide::Nothing }
    }
}

/// `out_stream=`, `err_stream=`: where output is copied while the command runs.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Out {
    /// This process's own stream.
    #[default]
    Inherit,
    /// A writer.
    Writer(Arc<Mutex<dyn Write + Send>>),
}

impl Out {
    /// A writer of one's own.
    pub fn writer(writer: impl Write + Send + 'static) -> Out {
        Out::Writer(Arc::new(Mutex::new(writer)))
    }

    /// A writer that is shared: `Out::shared(&buffer)` with an `Arc<Mutex<Vec<u8>>>`.
    pub fn shared<W: Write + Send + 'static>(writer: &Arc<Mutex<W>>) -> Out {
        let writer: Arc<Mutex<W>> = Arc::clone(writer);
        Out::Writer(writer)
    }

    fn is_given(&self) -> bool {
        matches!(self, Out::Writer(_))
    }
}

impl fmt::Debug for Out {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_given() { "Writer" } else { "Inherit" })
    }
}

/// `in_stream=`: what standard input of the command is.
///
/// DIFFERENCE: it ends at once unless set, or stays open for the answers of watchers. Python copies `sys.stdin`, and a script without
/// a terminal hangs or not, depending on where it was started.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum In {
    /// Nothing; ended at once where no watcher can write.
    #[default]
    Empty,
    /// This process's own standard input: Python's default.
    Stdin,
    /// `False`: nothing is written but the answers of watchers, and it stays open.
    Disabled,
    /// These bytes, and the end.
    Bytes(Arc<[u8]>),
    /// What a reader gives, and the end.
    Reader(Arc<Mutex<dyn Read + Send>>),
}

impl In {
    /// What a reader gives. It is read on a thread of its own.
    pub fn reader(reader: impl Read + Send + 'static) -> In {
        In::Reader(Arc::new(Mutex::new(reader)))
    }
}

impl fmt::Debug for In {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            In::Empty => "Empty",
            In::Stdin => "Stdin",
            In::Disabled => "Disabled",
            In::Bytes(_) => "Bytes",
            In::Reader(_) => "Reader",
        })
    }
}

macro_rules! bytes {
    ($($text:ty),+) => {$(
        impl From<$text> for In {
            fn from(text: $text) -> In {
                In::Bytes(Arc::from(<$text as AsRef<[u8]>>::as_ref(&text)))
            }
        }
    )+};
}
bytes!(&str, String, &[u8], Vec<u8>);

/// What a call or a configuration sets. None: not set.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct RunOptions {
    /// Which streams are not shown.
    pub hide: Option<Hide>,
    /// A status other than 0 is not an error.
    pub warn: Option<bool>,
    /// Run in a terminal.
    pub pty: Option<bool>,
    /// Fall back to no terminal where there is none (local commands).
    pub fallback: Option<bool>,
    /// Variables.
    pub env: Option<Vec<(String, String)>>,
    /// `env` is the whole environment (local commands).
    pub replace_env: Option<bool>,
    /// The shell of local commands.
    pub shell: Option<String>,
    /// Print the command first.
    pub echo: Option<bool>,
    /// How to print it.
    pub echo_format: Option<String>,
    /// Copy what is read from `in_stream` to standard output.
    pub echo_stdin: Option<bool>,
    /// Standard input.
    pub in_stream: Option<In>,
    /// Where standard output goes.
    pub out_stream: Option<Out>,
    /// Where standard error goes.
    pub err_stream: Option<Out>,
    /// Readers of the output.
    pub watchers: Option<Vec<Arc<dyn StreamWatcher>>>,
    /// The deadline; `Some(None)` lifts it.
    pub timeout: Option<Option<Duration>>,
    /// Print the command and run nothing.
    pub dry: Option<bool>,
    /// How output becomes text.
    pub encoding: Option<String>,
}

impl fmt::Debug for RunOptions {
    /// The names of the variables, not their values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let env = self.env.as_ref().map(|env| env.iter().map(|(name, _)| name).collect::<Vec<_>>());
        f.debug_struct("RunOptions")
            .field("hide", &self.hide)
            .field("warn", &self.warn)
            .field("pty", &self.pty)
            .field("fallback", &self.fallback)
            .field("env", &env)
            .field("replace_env", &self.replace_env)
            .field("shell", &self.shell)
            .field("echo", &self.echo)
            .field("echo_format", &self.echo_format)
            .field("echo_stdin", &self.echo_stdin)
            .field("in_stream", &self.in_stream)
            .field("out_stream", &self.out_stream)
            .field("err_stream", &self.err_stream)
            .field("watchers", &self.watchers)
            .field("timeout", &self.timeout)
            .field("dry", &self.dry)
            .field("encoding", &self.encoding)
            .finish()
    }
}

impl RunOptions {
    /// What is set here, and for the rest what `below` sets.
    pub(in crate::fabric) fn over(self, below: &RunOptions) -> RunOptions {
        macro_rules! merge {
            ($($field:ident),+) => { RunOptions { $($field: self.$field.or_else(|| below.$field.clone())),+ } };
        }
        merge!(
            hide,
            warn,
            pty,
            fallback,
            env,
            replace_env,
            shell,
            echo,
            echo_format,
            echo_stdin,
            in_stream,
            out_stream,
            err_stream,
            watchers,
            timeout,
            dry,
            encoding
        )
    }
}
