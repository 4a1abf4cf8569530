//! [`Error`]: the common type of the batteries' errors.

pub(crate) mod errno;
mod ext;
mod python;
mod reason;

use std::error::Error as StdError;
use std::fmt;

pub use errno::Errno;
pub use ext::ResultExt;
#[allow(unused_imports, reason = "without any battery nothing uses it")]
pub(crate) use python::{Facts, of_io};
#[allow(unused_imports, reason = "without any battery nothing uses it")]
pub(crate) use reason::{chain, innermost};

/// The result of a script: `leyden::Result<()>`.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of any battery, so that `?` works in a script that uses several of them.
///
/// `Display` is one line: the steps that [`Error::context`] added, what failed, on what, and why.
/// `{:#}` adds the causes that the line does not contain, on the same line. `Debug`, which `fn
/// main() -> leyden::Result<()>` prints, shows them on separate lines. [`Error::downcast_ref`]
/// returns the battery's own error:
///
/// ```
/// # #[cfg(feature = "os")] {
/// use leyden::{os, World};
///
/// fn script(batteries: &leyden::Batteries) -> leyden::Result<()> {
///     batteries.os.rmdir("/nowhere")?;
///     Ok(())
/// }
///
/// let error = script(&World::new().batteries()).unwrap_err().context("tidying up");
/// assert_eq!(error.to_string(), "tidying up: rmdir '/nowhere': no such file or directory (errno 2)");
/// assert_eq!(error.python_name(), "FileNotFoundError");
/// assert!(matches!(error.downcast_ref(), Some(os::Error::FileNotFound(_))));
/// # }
/// ```
pub struct Error {
    /// The outermost step is last.
    steps: Vec<String>,
    inner: Box<dyn StdError + Send + Sync>,
}

impl Error {
    /// Wraps an error of another crate, or a text. An `Error` is returned unchanged.
    ///
    /// [`ResultExt::other`] is the short form for results.
    pub fn other(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        match error.into().downcast::<Error>() {
            Ok(error) => *error,
            Err(inner) => Error { steps: Vec::new(), inner },
        }
    }

    /// Names the step that failed: `"mailing the summary"` prefixes the line with `mailing the
    /// summary: `.
    ///
    /// [`ResultExt::context`] is the short form for results.
    #[must_use]
    pub fn context(mut self, step: impl fmt::Display) -> Error {
        self.steps.push(step.to_string());
        self
    }

    /// Returns the wrapped error, if it is an `E`.
    pub fn downcast_ref<E: StdError + 'static>(&self) -> Option<&E> {
        self.inner.downcast_ref()
    }

    /// Returns the wrapped error if it is an `E`, otherwise this error.
    pub fn downcast<E: StdError + 'static>(self) -> Result<E, Error> {
        let Error { steps, inner } = self;
        inner.downcast().map(|error| *error).map_err(|inner| Error { steps, inner })
    }

    /// True if the wrapped error is an `E`.
    pub fn is<E: StdError + 'static>(&self) -> bool {
        self.inner.is::<E>()
    }

    /// Returns the name of the Python exception class that this error mirrors:
    /// `"FileNotFoundError"`, `"HTTPError"`. For errors without a counterpart, the nearest base
    /// class; for unknown types, `"Exception"`.
    pub fn python_name(&self) -> &'static str {
        self.facts().name
    }

    /// Returns true where Python's `except OSError` matches: errors of the operating system, and
    /// Python's subclasses of `OSError`, which include every exception of `smtplib` and every
    /// `RequestException` of `requests`.
    pub fn is_os_error(&self) -> bool {
        self.facts().os
    }

    /// Returns true where Python's `except requests.RequestException` matches. False without the
    /// feature `requests`.
    pub fn is_request_exception(&self) -> bool {
        self.facts().request
    }

    /// Returns true where Python's `except smtplib.SMTPException` matches. False without the
    /// feature `smtplib`.
    pub fn is_smtp_exception(&self) -> bool {
        self.facts().smtp
    }

    /// Returns true if a deadline or a timeout ended the call, in any battery.
    pub fn is_timeout(&self) -> bool {
        self.facts().timeout
    }

    /// Returns true where Python's `except ClientError` matches with this code (`"NoSuchBucket"`):
    /// the AWS service refused. False without the features of `boto3`.
    pub fn is_client_error(&self, code: &str) -> bool {
        #[cfg(feature = "aws")]
        if let Some(error) = self.downcast_ref::<crate::boto3::Error>() {
            return error.is_client_error(code);
        }
        let _ = code;
        false
    }

    fn facts(&self) -> Facts {
        Facts::of(&*self.inner)
    }

    /// Returns the line, without the causes that it does not contain.
    fn line(&self) -> String {
        let steps: String = self.steps.iter().rev().map(|step| format!("{step}: ")).collect();
        format!("{steps}{}", self.inner)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line())?;
        if f.alternate() {
            for cause in reason::below(&*self.inner) {
                write!(f, ": {cause}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line())?;
        for cause in reason::below(&*self.inner) {
            write!(f, "\n  caused by: {cause}")?;
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.inner.source()
    }
}

/// Lets `?` convert these errors to [`Error`]. Each battery's error.rs lists its own.
macro_rules! umbrella {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$error> for $crate::Error {
            fn from(error: $error) -> $crate::Error {
                $crate::Error::other(error)
            }
        }
    )+};
}
#[allow(unused_imports, reason = "without any battery nothing uses it")]
pub(crate) use umbrella;

umbrella!(std::io::Error, std::string::FromUtf8Error, std::num::ParseIntError, std::num::ParseFloatError);
umbrella!(std::str::Utf8Error, std::fmt::Error, std::time::SystemTimeError, std::char::ParseCharError);
#[cfg(any(feature = "requests", feature = "fabric", feature = "schedule", feature = "infra", feature = "aws"))]
umbrella!(serde_json::Error);
