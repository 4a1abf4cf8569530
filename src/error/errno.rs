//! [`Errno`]: an error number with a custom reason.

use std::error::Error as StdError;
use std::fmt;

/// An errno with a reason: the text that a policy, or the backend of another machine, adds to the
/// number.
///
/// A backend wraps it in an `io::Error`. The batteries show the reason and decide by the number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errno {
    errno: i32,
    reason: String,
}

impl Errno {
    /// Returns an I/O error with this number and reason.
    pub fn because(errno: i32, reason: impl Into<String>) -> std::io::Error {
        let kind = std::io::Error::from_raw_os_error(errno).kind();
        std::io::Error::new(kind, Errno { errno, reason: reason.into() })
    }

    /// Returns the number of an I/O error: the kernel's, or that of an `Errno`.
    pub fn of(error: &std::io::Error) -> Option<i32> {
        error.raw_os_error().or_else(|| Errno::inside(error).map(|inside| inside.errno))
    }

    /// Returns the reason of an `Errno`.
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
