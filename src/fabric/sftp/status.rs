//! [`SftpError`]: what a server, or the way to it, reports.

use std::io;
use std::time::Duration;

/// Why an SFTP request has failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SftpError {
    /// The server refuses.
    #[error("{}", status(*.code, .message))]
    Status {
        /// `SSH_FX_*`.
        code: u32,
        /// The server's words.
        message: String,
    },
    /// The connection ended before the answer.
    #[error("connection lost: {0}")]
    Lost(String),
    /// The server does not keep to the protocol.
    #[error("SFTP protocol error: {0}")]
    Protocol(String),
    /// No answer within this time.
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
    /// The server does not have this extension.
    #[error("the server does not support {0}")]
    Unsupported(&'static str),
    /// What arrived is not what was sent: `size mismatch in put!  10 != 12`.
    #[error("size mismatch in {operation}!  {found} != {expected}")]
    SizeMismatch {
        /// `put` or `get`.
        operation: &'static str,
        /// Bytes that are there.
        found: u64,
        /// Bytes that were copied.
        expected: u64,
    },
    /// An errno that the client found out, or that the local side reported.
    #[error("{}", crate::os::strerror(*.0).to_lowercase())]
    Errno(i32),
    /// The local side failed.
    #[error("{0}")]
    Local(String),
}

/// `SSH_FX_OK`, and what follows.
pub(super) mod code {
    pub(in super::super) const OK: u32 = 0;
    pub(in super::super) const EOF: u32 = 1;
    pub(in super::super) const NO_SUCH_FILE: u32 = 2;
    pub(in super::super) const PERMISSION_DENIED: u32 = 3;
    pub(in super::super) const FAILURE: u32 = 4;
    pub(in super::super) const BAD_MESSAGE: u32 = 5;
    pub(in super::super) const OP_UNSUPPORTED: u32 = 8;
}

fn name(code: u32) -> &'static str {
    match code {
        0 => "ok",
        1 => "end of file",
        2 => "no such file or directory",
        3 => "permission denied",
        4 => "failure",
        5 => "bad message",
        6 => "no connection",
        7 => "connection lost",
        8 => "operation unsupported",
        _ => "unknown status",
    }
}

fn status(code: u32, message: &str) -> String {
    let name = name(code);
    if message.is_empty() || message.eq_ignore_ascii_case(name) || (code == 2 && message == "No such file") {
        format!("{name} (SFTP status {code})")
    } else {
        format!("{name} (SFTP status {code}): {message}")
    }
}

impl SftpError {
    /// The errno that says the same, as paramiko maps them: ENOENT, EACCES. None for a plain failure, of which the protocol says no more.
    pub fn errno(&self) -> Option<i32> {
        match self {
            SftpError::Status { code: code::NO_SUCH_FILE, .. } => Some(2),
            SftpError::Status { code: code::PERMISSION_DENIED, .. } => Some(13),
            SftpError::Status { code: code::OP_UNSUPPORTED, .. } | SftpError::Unsupported(_) => Some(95),
            SftpError::TimedOut(_) => Some(110),
            SftpError::Lost(_) => Some(104),
            SftpError::Errno(errno) => Some(*errno),
            _ => None,
        }
    }

    /// True if the server answered with this status.
    pub(super) fn is(&self, status: u32) -> bool {
        matches!(self, SftpError::Status { code, .. } if *code == status)
    }
}

impl From<SftpError> for io::Error {
    /// The kind is that of Python's exception: `NotFound`, `PermissionDenied`, ..
    fn from(error: SftpError) -> io::Error {
        let kind = match error.errno() {
            Some(errno) => io::Error::from_raw_os_error(errno).kind(),
            None if error.is(code::EOF) => io::ErrorKind::UnexpectedEof,
            None => io::ErrorKind::Other,
        };
        io::Error::new(kind, error)
    }
}

impl From<super::wire::Truncated> for SftpError {
    fn from(_: super::wire::Truncated) -> SftpError {
        SftpError::Protocol("packet is too short".into())
    }
}
