//! The backend of `smtplib`: a byte stream to a mail server.
//!
//! ```
//! use leyden::prelude::*;
//! use std::sync::Arc;
//!
//! let world = World::new();
//! // The handle works with any backend; this one is the mock.
//! let smtplib = leyden::smtplib::Smtplib::new(Arc::new(world.smtplib.clone()));
//! let smtp = smtplib.smtp("mail.example.com", 25).wait()?;
//! assert_eq!(smtp.noop().wait()?.code, 250);
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! The protocol (replies, extensions, authentication, transactions) is implemented on top of it, so
//! all backends share it.

use std::fmt::Debug;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;

use crate::interrupt::Interrupts;

/// The address of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A TCP port of a host (a name or an address).
    Tcp {
        /// The name, which the certificate must contain, or the address.
        host: String,
        /// The port.
        port: u16,
        /// The local address to connect from; port 0 is any.
        source_address: Option<(String, u16)>,
    },
    /// A Unix socket, for LMTP.
    Unix(PathBuf),
}

impl Target {
    /// Returns the server's name, for errors and for TLS.
    pub(super) fn host(&self) -> String {
        match self {
            Target::Tcp { host, .. } => host.clone(),
            Target::Unix(path) => path.display().to_string(),
        }
    }
}

/// How to verify the server. By default, the certificate authorities of the machine and those built
/// in are trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tls {
    /// Additional certificate authorities, PEM.
    pub extra_roots: Vec<Vec<u8>>,
    /// Accepts any certificate for any name: an attacker on the network path can read the mail and
    /// the password.
    pub dangerously_accept_any_certificate: bool,
}

/// A network with mail servers on it.
///
/// # Contract
///
/// - `connect` returns a connection, or an I/O error with the reason (`ConnectionRefused`, a name
///   that does not resolve).
/// - Every wait ends when its future is dropped: the caller enforces the deadline.
/// - A failed certificate check is an error of kind `InvalidData` with the reason as its text.
#[async_trait]
pub trait Backend: Debug + Send + Sync + 'static {
    /// Connects; with `tls`, the connection starts with a TLS handshake.
    async fn connect(&self, target: &Target, tls: Option<&Tls>) -> io::Result<Box<dyn Connection>>;

    /// Returns the name of this machine for the greeting: its fully qualified name, or an address
    /// in brackets.
    async fn local_hostname(&self) -> String;

    /// Writes a line of the debug log (natively to stderr). It contains no passwords.
    fn debug(&self, line: &str);

    /// The clock, for deadlines: completes after the duration.
    async fn sleep(&self, duration: Duration);

    /// Returns the interrupts that end verbs early. The default implementation reports none.
    fn interrupts(&self) -> Interrupts {
        Interrupts::default()
    }
}

/// An open connection. Dropping it closes it.
#[async_trait]
pub trait Connection: Debug + Send + Sync + 'static {
    /// Sends all the bytes.
    async fn send(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Waits for bytes and appends them to the buffer. Returns 0 at the end of the stream.
    async fn receive(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize>;

    /// Switches to TLS. After an error the connection is unusable.
    async fn start_tls(&mut self, host: &str, tls: &Tls) -> io::Result<()>;
}
