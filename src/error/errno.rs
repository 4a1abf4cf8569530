//! [`Errno`]: an error number with a reason of its own.

use std::error::Error as StdError;
use std::fmt;

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
