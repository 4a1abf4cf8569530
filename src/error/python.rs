//! Python's class of an error, and the `except` clauses that catch it.

use std::error::Error as StdError;
use std::io;

use crate::error::errno::{
    EACCES, EAGAIN, EALREADY, ECHILD, ECONNABORTED, ECONNREFUSED, ECONNRESET, EEXIST, EINPROGRESS, EINTR, EISDIR, ENOENT,
    ENOTDIR, EPERM, EPIPE, ESHUTDOWN, ESRCH, ETIMEDOUT,
};

/// The Python view of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    /// The class.
    pub(crate) name: &'static str,
    /// Derives from `OSError`.
    pub(crate) os: bool,
    /// Derives from `requests.RequestException`.
    pub(crate) request: bool,
    /// Derives from `smtplib.SMTPException`.
    pub(crate) smtp: bool,
    /// A deadline or a timeout ended the call.
    pub(crate) timeout: bool,
}

impl Facts {
    /// A class that belongs to none of the groups.
    pub(crate) fn named(name: &'static str) -> Facts {
        Facts { name, os: false, request: false, smtp: false, timeout: false }
    }

    /// Returns the view of an error of any type.
    #[allow(clippy::too_many_lines, reason = "a table")]
    pub(super) fn of(error: &(dyn StdError + Send + Sync + 'static)) -> Facts {
        #[cfg(feature = "os")]
        if let Some(error) = error.downcast_ref::<crate::os::Error>() {
            return Facts { os: error.is_os_error(), timeout: error.is_timeout(), ..Facts::named(error.python_name()) };
        }
        #[cfg(feature = "sys")]
        if let Some(error) = error.downcast_ref::<crate::sys::Error>() {
            return Facts { os: error.is_os_error(), ..Facts::named(error.python_name()) };
        }
        #[cfg(feature = "sys")]
        if error.is::<crate::sys::SystemExit>() {
            return Facts::named("SystemExit");
        }
        #[cfg(feature = "time")]
        if let Some(error) = error.downcast_ref::<crate::time::Error>() {
            return Facts { os: error.is_os_error(), ..Facts::named(error.python_name()) };
        }
        #[cfg(feature = "platform")]
        if let Some(error) = error.downcast_ref::<crate::platform::Error>() {
            return Facts { os: error.is_os_error(), ..Facts::named(error.python_name()) };
        }
        #[cfg(feature = "subprocess")]
        if let Some(error) = error.downcast_ref::<crate::subprocess::Error>() {
            return Facts { os: error.is_os_error(), timeout: error.is_timeout(), ..Facts::named(error.python_name()) };
        }
        #[cfg(feature = "re")]
        if let Some(error) = error.downcast_ref::<crate::re::Error>() {
            return Facts::named(error.python_name());
        }
        #[cfg(feature = "bs4")]
        if let Some(error) = error.downcast_ref::<crate::bs4::Error>() {
            return Facts::named(error.python_name());
        }
        #[cfg(feature = "requests")]
        if let Some(error) = error.downcast_ref::<crate::requests::Error>() {
            let (request, timeout) = (error.is_request_exception(), error.is_timeout());
            return Facts { os: error.is_os_error(), request, timeout, ..Facts::named(error.python_name()) };
        }
        #[cfg(feature = "smtplib")]
        if let Some(error) = error.downcast_ref::<crate::smtplib::Error>() {
            let (smtp, timeout) = (error.is_smtp_exception(), error.is_timeout());
            return Facts { os: error.is_os_error(), smtp, timeout, ..Facts::named(error.python_name()) };
        }
        #[cfg(feature = "aws")]
        if let Some(error) = error.downcast_ref::<crate::boto3::Error>() {
            return Facts { os: error.is_os_error(), timeout: error.is_timeout(), ..Facts::named(error.python_name()) };
        }
        #[cfg(feature = "fabric")]
        if let Some(error) = error.downcast_ref::<crate::fabric::Error>() {
            return Facts { timeout: error.is_timeout(), ..Facts::named(error.python_name()) };
        }
        #[cfg(feature = "schedule")]
        if let Some(error) = error.downcast_ref::<crate::schedule::Error>() {
            return Facts::named(error.python_name());
        }
        #[cfg(any(feature = "requests", feature = "fabric", feature = "schedule", feature = "infra", feature = "aws"))]
        if error.is::<serde_json::Error>() {
            return Facts::named("JSONDecodeError");
        }
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return Facts { timeout: error.kind() == io::ErrorKind::TimedOut, os: true, ..Facts::named(of_io(error)) };
        }
        if error.is::<std::string::FromUtf8Error>() || error.is::<std::str::Utf8Error>() {
            return Facts::named("UnicodeDecodeError");
        }
        if error.is::<std::num::ParseIntError>() || error.is::<std::num::ParseFloatError>() {
            return Facts::named("ValueError");
        }
        Facts::named("Exception")
    }
}

/// Returns the subclass of `OSError` that Python selects by errno, or by kind if there is none.
/// <https://docs.python.org/3/library/exceptions.html#os-exceptions>
#[allow(dead_code, reason = "without a battery one arm uses it")]
pub(crate) fn of_io(error: &io::Error) -> &'static str {
    match (super::Errno::of(error), error.kind()) {
        (Some(ENOENT), _) | (None, io::ErrorKind::NotFound) => "FileNotFoundError",
        (Some(EEXIST), _) | (None, io::ErrorKind::AlreadyExists) => "FileExistsError",
        (Some(EPERM | EACCES), _) | (None, io::ErrorKind::PermissionDenied) => "PermissionError",
        (Some(EISDIR), _) | (None, io::ErrorKind::IsADirectory) => "IsADirectoryError",
        (Some(ENOTDIR), _) | (None, io::ErrorKind::NotADirectory) => "NotADirectoryError",
        (Some(EAGAIN | EALREADY | EINPROGRESS), _) | (None, io::ErrorKind::WouldBlock) => "BlockingIOError",
        (Some(EPIPE | ESHUTDOWN), _) | (None, io::ErrorKind::BrokenPipe) => "BrokenPipeError",
        (Some(ECONNREFUSED), _) | (None, io::ErrorKind::ConnectionRefused) => "ConnectionRefusedError",
        (Some(ECONNRESET), _) | (None, io::ErrorKind::ConnectionReset) => "ConnectionResetError",
        (Some(ECONNABORTED), _) | (None, io::ErrorKind::ConnectionAborted) => "ConnectionAbortedError",
        (Some(EINTR), _) | (None, io::ErrorKind::Interrupted) => "InterruptedError",
        (Some(ETIMEDOUT), _) | (None, io::ErrorKind::TimedOut) => "TimeoutError",
        (Some(ECHILD), _) => "ChildProcessError",
        (Some(ESRCH), _) => "ProcessLookupError",
        _ => "OSError",
    }
}
