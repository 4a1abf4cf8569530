//! [`Error`]: the umbrella over the batteries' errors.

use std::error::Error as StdError;
use std::fmt;

/// What a script returns: `leyden::Result<()>`.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Any battery's error, so that `?` works in a script that uses several of them.
///
/// It shows as the error that it wraps: `Display` is that error's line, `source()` that error's cause. `Debug`, which is what
/// `fn main() -> leyden::Result<()>` prints, is that line followed by the causes. The battery's own error comes back by
/// [`Error::downcast_ref`]:
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
/// let error = script(&World::new().batteries()).unwrap_err();
/// assert!(matches!(error.downcast_ref(), Some(os::Error::FileNotFound(_))));
/// # }
/// ```
pub struct Error(Box<dyn StdError + Send + Sync>);

impl Error {
    /// Wraps an error that no battery made, or a text of your own.
    pub fn other(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        Error(error.into())
    }

    /// The wrapped error, if it is an `E`.
    pub fn downcast_ref<E: StdError + 'static>(&self) -> Option<&E> {
        self.0.downcast_ref()
    }

    /// The wrapped error, if it is an `E`; else this error again.
    pub fn downcast<E: StdError + 'static>(self) -> Result<E, Error> {
        self.0.downcast().map(|error| *error).map_err(Error)
    }

    /// True if the wrapped error is an `E`.
    pub fn is<E: StdError + 'static>(&self) -> bool {
        self.0.is::<E>()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, "\n  caused by: {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}

/// Makes `?` turn these errors into [`Error`]. Each battery's error.rs names its own.
macro_rules! umbrella {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$error> for $crate::Error {
            fn from(error: $error) -> $crate::Error {
                $crate::Error::other(error)
            }
        }
    )+};
}
#[allow(unused_imports, reason = "unused without any battery")]
pub(crate) use umbrella;

umbrella!(std::io::Error, std::string::FromUtf8Error, std::num::ParseIntError, std::num::ParseFloatError);

/// An errno with a reason of its own: what a policy, or the backend of another machine, says beyond the kernel's words.
///
/// A backend gives it inside an `io::Error`; the batteries show the reason and branch on the number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errno {
    errno: i32,
    reason: String,
}

impl Errno {
    /// An I/O error of this number whose text is the reason.
    pub fn because(errno: i32, reason: impl Into<String>) -> std::io::Error {
        let kind = std::io::Error::from_raw_os_error(errno).kind();
        std::io::Error::new(kind, Errno { errno, reason: reason.into() })
    }

    /// The number of an I/O error: the kernel's, or the one that goes with a reason.
    pub fn of(error: &std::io::Error) -> Option<i32> {
        error.raw_os_error().or_else(|| Errno::inside(error).map(|inside| inside.errno))
    }

    /// The reason, where there is one beyond the kernel's words.
    pub fn reason(error: &std::io::Error) -> Option<&str> {
        Errno::inside(error).map(|inside| inside.reason.as_str())
    }

    fn inside(error: &std::io::Error) -> Option<&Errno> {
        error.get_ref()?.downcast_ref()
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl StdError for Errno {}
