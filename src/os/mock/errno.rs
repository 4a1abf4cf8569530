//! The error numbers of the model, which are Linux's.

use std::io;

/// An errno. The model uses it internally, and converts it to `io::Error` at its boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Errno(i32);

/// The result of the model's internal calls.
pub(super) type Result<T, E = Errno> = std::result::Result<T, E>;

impl From<i32> for Errno {
    fn from(number: i32) -> Errno {
        Errno(number)
    }
}

impl From<Errno> for io::Error {
    fn from(errno: Errno) -> io::Error {
        io::Error::from_raw_os_error(errno.0)
    }
}

macro_rules! errnos {
    ($($name:ident = $number:literal),+ $(,)?) => { $(pub(super) const $name: Errno = Errno($number);)+ };
}

errnos! {
    EPERM = 1, ENOENT = 2, ESRCH = 3, ENXIO = 6, E2BIG = 7, EBADF = 9, ECHILD = 10, EAGAIN = 11, EACCES = 13, EBUSY = 16,
    EEXIST = 17, EXDEV = 18, ENOTDIR = 20, EISDIR = 21, EINVAL = 22, ENOTTY = 25, EFBIG = 27, ENOSPC = 28, ESPIPE = 29,
    EROFS = 30, EMLINK = 31, EPIPE = 32, ERANGE = 34, ENAMETOOLONG = 36, ENOTEMPTY = 39, ELOOP = 40, ENODATA = 61,
    EOPNOTSUPP = 95,
}
