//! [`Args`]: a program and its arguments.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use crate::Secret;
use crate::secret::command::redact_command;

/// One argument: plain text, or a [`Secret`] that errors and `Debug` show as `***`.
///
/// Every user of a machine can see the arguments of its processes. If the program accepts it, pass
/// a secret in the environment or on standard input instead.
#[derive(Clone, PartialEq, Eq)]
pub enum Arg {
    /// Shown in errors and in `Debug`.
    Plain(OsString),
    /// Shown as `***`.
    Secret(Secret),
}

impl fmt::Debug for Arg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Not valid Unicode: use the `Debug` form of `OsString`.
            Arg::Plain(text) => match text.to_str() {
                Some(text) => f.debug_tuple("Plain").field(&redact_command(text)).finish(),
                None => f.debug_tuple("Plain").field(text).finish(),
            },
            Arg::Secret(secret) => secret.fmt(f),
        }
    }
}

impl Arg {
    /// Returns the argument itself, secret or not.
    pub fn expose(&self) -> &OsStr {
        match self {
            Arg::Plain(text) => text,
            Arg::Secret(secret) => OsStr::new(secret.expose()),
        }
    }
}

impl From<Secret> for Arg {
    fn from(secret: Secret) -> Arg {
        Arg::Secret(secret)
    }
}

impl From<&Secret> for Arg {
    fn from(secret: &Secret) -> Arg {
        Arg::Secret(secret.clone())
    }
}

macro_rules! plain {
    ($($text:ty),+) => {$(
        impl From<$text> for Arg {
            fn from(text: $text) -> Arg {
                Arg::Plain(text.into())
            }
        }
        impl From<$text> for Args {
            fn from(program: $text) -> Args {
                Args(vec![program.into()])
            }
        }
    )+};
}
plain!(&str, String, &String, &OsStr, OsString, &OsString, &Path, PathBuf, &PathBuf);

impl From<Cow<'_, str>> for Arg {
    fn from(text: Cow<'_, str>) -> Arg {
        Arg::Plain(text.into_owned().into())
    }
}

impl From<&&str> for Arg {
    fn from(text: &&str) -> Arg {
        Arg::Plain(text.into())
    }
}

impl From<&Arg> for Arg {
    fn from(arg: &Arg) -> Arg {
        arg.clone()
    }
}

/// A program and its arguments, as the caller gave them. A single text is a program without
/// arguments or, with `shell`, a command line for the shell.
///
/// `Display` shows the command line with shell quoting. It writes `***` for a [`Secret`], for the
/// value of a `NAME=value` or `--name=value` whose name suggests a secret
/// ([`is_secret_name`](crate::is_secret_name)), and for the password of a URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Args(pub Vec<Arg>);

impl Args {
    /// Returns the arguments themselves, secrets included.
    pub fn expose(&self) -> Vec<OsString> {
        self.0.iter().map(|arg| arg.expose().to_owned()).collect()
    }

    /// Replaces every secret argument in a text by `***`, because a program may repeat its
    /// arguments in its messages.
    pub(super) fn redact(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, arg| match arg {
            Arg::Secret(secret) if !secret.expose().is_empty() => text.replace(secret.expose(), "***"),
            _ => text,
        })
    }
}

#[cfg(feature = "serde")]
impl Args {
    /// The arguments as they may be stored: `***` for a secret, and for the values of names that hold one.
    pub(super) fn shown(&self) -> Vec<Vec<u8>> {
        use std::os::unix::ffi::OsStrExt as _;
        let shown = |arg: &Arg| match arg {
            Arg::Secret(_) => b"***".to_vec(),
            Arg::Plain(text) => match text.to_str() {
                Some(text) => redact_command(text).into_owned().into_bytes(),
                None => text.as_bytes().to_vec(),
            },
        };
        self.0.iter().map(shown).collect()
    }

    /// The same bytes with every secret argument in them replaced by `***`.
    pub(super) fn redact_bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let mut out = bytes.to_vec();
        for arg in &self.0 {
            let Arg::Secret(secret) = arg else { continue };
            let secret = secret.expose().as_bytes();
            let mut from = 0;
            while let Some(at) = memchr::memmem::find(&out[from..], secret).filter(|_| !secret.is_empty()) {
                out.splice(from + at..from + at + secret.len(), *b"***");
                from += at + 3;
            }
        }
        out
    }
}

impl<T: Into<Arg>> From<Vec<T>> for Args {
    fn from(args: Vec<T>) -> Args {
        args.into_iter().collect()
    }
}

impl<T: Into<Arg>, const N: usize> From<[T; N]> for Args {
    fn from(args: [T; N]) -> Args {
        args.into_iter().collect()
    }
}

impl<'a, T> From<&'a [T]> for Args
where
    &'a T: Into<Arg>,
{
    fn from(args: &'a [T]) -> Args {
        args.iter().collect()
    }
}

impl<'a, T, const N: usize> From<&'a [T; N]> for Args
where
    &'a T: Into<Arg>,
{
    fn from(args: &'a [T; N]) -> Args {
        args.iter().collect()
    }
}

impl<'a, T> From<&'a Vec<T>> for Args
where
    &'a T: Into<Arg>,
{
    fn from(args: &'a Vec<T>) -> Args {
        args.iter().collect()
    }
}

impl<T: Into<Arg>> FromIterator<T> for Args {
    fn from_iter<I: IntoIterator<Item = T>>(args: I) -> Args {
        Args(args.into_iter().map(Into::into).collect())
    }
}

impl fmt::Display for Args {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, arg) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            match arg {
                Arg::Secret(_) => f.write_str("***")?,
                // A single text is not quoted: it is a program, or already a command line for the
                // shell.
                Arg::Plain(text) if self.0.len() == 1 => f.write_str(&one_line(&redact_command(&text.to_string_lossy())))?,
                Arg::Plain(text) => f.write_str(&quote(&one_line(&redact_command(&text.to_string_lossy()))))?,
            }
        }
        Ok(())
    }
}

/// Quotes an argument for the shell. An argument with a NUL byte cannot be quoted and is left as it
/// is.
fn quote(text: &str) -> Cow<'_, str> {
    crate::os::shlex::quote(text).unwrap_or(Cow::Borrowed(text))
}

/// Keeps an error on one line even if an argument is a whole script.
fn one_line(text: &str) -> Cow<'_, str> {
    if text.contains(['\n', '\r']) { text.replace('\n', "\\n").replace('\r', "\\r").into() } else { text.into() }
}

/// Returns the command line that Microsoft's C runtime splits into these arguments.
///
/// <https://docs.python.org/3/library/subprocess.html#converting-argument-sequence>
///
/// ```
/// assert_eq!(leyden::subprocess::list2cmdline(["a b", r#"say "hi""#]), r#""a b" "say \"hi\"""#);
/// ```
#[doc(alias = "subprocess.list2cmdline")]
pub fn list2cmdline<T: AsRef<str>>(args: impl IntoIterator<Item = T>) -> String {
    let mut line = String::new();
    for arg in args {
        let arg = arg.as_ref();
        if !line.is_empty() {
            line.push(' ');
        }
        let quoted = arg.is_empty() || arg.contains([' ', '\t']);
        if quoted {
            line.push('"');
        }
        let mut backslashes = 0;
        for c in arg.chars() {
            match c {
                '\\' => backslashes += 1,
                '"' => {
                    // Backslashes before a quote are doubled, and the quote is escaped by one more.
                    line.extend(std::iter::repeat_n('\\', backslashes * 2 + 1));
                    line.push('"');
                    backslashes = 0;
                }
                _ => {
                    line.extend(std::iter::repeat_n('\\', backslashes));
                    line.push(c);
                    backslashes = 0;
                }
            }
        }
        line.extend(std::iter::repeat_n('\\', if quoted { backslashes * 2 } else { backslashes }));
        if quoted {
            line.push('"');
        }
    }
    line
}
