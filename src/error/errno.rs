//! The error numbers of Linux by name, and [`Errno`]: a number with a reason of its own.

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

macro_rules! numbers {
    ($($name:ident = $number:literal),+ $(,)?) => {
        $(#[allow(dead_code, reason = "each battery uses some")] pub(crate) const $name: i32 = $number;)+
    };
}

// include/uapi/asm-generic/errno-base.h and errno.h of Linux, in the order of their numbers.
numbers! {
    EPERM = 1, ENOENT = 2, ESRCH = 3, EINTR = 4, EIO = 5, ENXIO = 6, E2BIG = 7, EBADF = 9, ECHILD = 10, EAGAIN = 11,
    ENOMEM = 12, EACCES = 13, EFAULT = 14, EBUSY = 16, EEXIST = 17, EXDEV = 18, ENOTDIR = 20, EISDIR = 21, EINVAL = 22,
    ENFILE = 23, EMFILE = 24, ENOTTY = 25, EFBIG = 27, ENOSPC = 28, ESPIPE = 29, EROFS = 30, EMLINK = 31, EPIPE = 32,
    ERANGE = 34, EDEADLK = 35, ENAMETOOLONG = 36, ENOSYS = 38, ENOTEMPTY = 39, ELOOP = 40, ENODATA = 61,
    EOPNOTSUPP = 95, ECONNABORTED = 103, ECONNRESET = 104, ESHUTDOWN = 108, ETIMEDOUT = 110, ECONNREFUSED = 111,
    EHOSTUNREACH = 113, EALREADY = 114, EINPROGRESS = 115, ESTALE = 116,
}
