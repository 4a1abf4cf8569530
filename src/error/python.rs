//! What Python calls an error, and which `except` clauses catch it.

use std::error::Error as StdError;
use std::io;

/// What an error is in Python.
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
    /// A class that is in none of the groups.
    pub(crate) fn named(name: &'static str) -> Facts {
        Facts { name, os: false, request: false, smtp: false, timeout: false }
    }

    /// Of an error of any type.
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
        #[cfg(feature = "clap")]
        if error.is::<clap::Error>() {
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
        #[cfg(feature = "infra")]
        if let Some(error) = error.downcast_ref::<crate::infra::Error>() {
            return Facts { os: error.is_os_error(), timeout: error.is_timeout(), ..Facts::named(error.python_name()) };
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

/// The subclass of `OSError` that Python chooses by the error's number, and by its kind where it has none.
/// <https://docs.python.org/3/library/exceptions.html#os-exceptions>
#[allow(dead_code, reason = "without a battery one arm uses it")]
pub(crate) fn of_io(error: &io::Error) -> &'static str {
    match (super::Errno::of(error), error.kind()) {
        (Some(2), _) | (None, io::ErrorKind::NotFound) => "FileNotFoundError",
        (Some(17), _) | (None, io::ErrorKind::AlreadyExists) => "FileExistsError",
        (Some(1 | 13), _) | (None, io::ErrorKind::PermissionDenied) => "PermissionError",
        (Some(21), _) | (None, io::ErrorKind::IsADirectory) => "IsADirectoryError",
        (Some(20), _) | (None, io::ErrorKind::NotADirectory) => "NotADirectoryError",
        (Some(11 | 114 | 115), _) | (None, io::ErrorKind::WouldBlock) => "BlockingIOError",
        (Some(32 | 108), _) | (None, io::ErrorKind::BrokenPipe) => "BrokenPipeError",
        (Some(111), _) | (None, io::ErrorKind::ConnectionRefused) => "ConnectionRefusedError",
        (Some(104), _) | (None, io::ErrorKind::ConnectionReset) => "ConnectionResetError",
        (Some(103), _) | (None, io::ErrorKind::ConnectionAborted) => "ConnectionAbortedError",
        (Some(4), _) | (None, io::ErrorKind::Interrupted) => "InterruptedError",
        (Some(110), _) | (None, io::ErrorKind::TimedOut) => "TimeoutError",
        (Some(10), _) => "ChildProcessError",
        (Some(3), _) => "ProcessLookupError",
        _ => "OSError",
    }
}
