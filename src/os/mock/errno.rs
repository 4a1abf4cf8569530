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
    ($($name:ident),+ $(,)?) => { $(pub(super) const $name: Errno = Errno(crate::error::errno::$name);)+ };
}

errnos! {
    EPERM, ENOENT, ESRCH, ENXIO, E2BIG, EBADF, ECHILD, EAGAIN, EACCES, EBUSY, EEXIST, EXDEV, ENOTDIR, EISDIR, EINVAL, ENOTTY, EFBIG,
    ENOSPC, ESPIPE, EROFS, EMLINK, EPIPE, ERANGE, ENAMETOOLONG, ENOTEMPTY, ELOOP, ENODATA, EOPNOTSUPP,
}
