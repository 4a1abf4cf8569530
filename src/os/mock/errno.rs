//! The error numbers that the model gives: Linux's.

use std::io;

/// An errno. Inside the model errors are these; at its edge they become `io::Error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Errno(i32);

/// What the calls inside the model give.
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
    ($($name:ident),+ $(,)?) => { $(pub(super) const $name: Errno = Errno(crate::error::errno::$name);)+ };
}

errnos! {
    EPERM, ENOENT, ESRCH, ENXIO, E2BIG, EBADF, ECHILD, EAGAIN, EACCES, EBUSY, EEXIST, EXDEV, ENOTDIR, EISDIR, EINVAL, ENOTTY, EFBIG,
    ENOSPC, ESPIPE, EROFS, EMLINK, EPIPE, ERANGE, ENAMETOOLONG, ENOTEMPTY, ELOOP, ENODATA, EOPNOTSUPP,
}
