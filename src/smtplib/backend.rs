//! The seam of `smtplib`: a way to a mail server, as bytes.
//!
//! ```
//! use leyden::prelude::*;
//! use std::sync::Arc;
//!
//! let world = World::new();
//! // The handle stands on any backend; this one is the mock.
//! let smtplib = leyden::smtplib::Smtplib::new(Arc::new(world.smtplib.clone()));
//! let smtp = smtplib.smtp("mail.example.com", 25).wait()?;
//! assert_eq!(smtp.noop().wait()?.code, 250);
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! The protocol itself (replies, extensions, authentication, transactions) stands above, so every backend gets the same.

use std::fmt::Debug;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;

use crate::interrupt::Interrupts;

/// Where a server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A TCP port of a host (a name or an address).
    Tcp {
        /// The name, which a certificate must bear, or the address.
        host: String,
        /// The port.
        port: u16,
        /// The local address to connect from; port 0 is any.
        source_address: Option<(String, u16)>,
    },
    /// A Unix socket, for LMTP.
    Unix(PathBuf),
}

/// How the server must prove who it is. The default trusts the certificate authorities that the machine (or the build) carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tls {
    /// Further certificate authorities, PEM.
    pub extra_roots: Vec<Vec<u8>>,
    /// Accept any certificate for any name: anybody on the way can read the mail and the password.
    pub dangerously_accept_any_certificate: bool,
}

/// A network with mail servers on it.
///
/// # Contract
///
/// - `connect` gives a connection, or the I/O error that says why not (`ConnectionRefused`, a name that does not resolve).
/// - No method waits for ever by itself in a way that dropping its future does not end: the deadline stands above.
/// - A failed certificate check is an error of kind `InvalidData` whose text says what is wrong.
#[async_trait]
pub trait Backend: Debug + Send + Sync + 'static {
    /// Connects, with TLS from the first byte if `tls` is given.
    async fn connect(&self, target: &Target, tls: Option<&Tls>) -> io::Result<Box<dyn Connection>>;

    /// The name by which this machine greets: its fully qualified name, or an address in brackets.
    async fn local_hostname(&self) -> String;

    /// Shows a line of the debug log (stderr, natively). It holds no password.
    fn debug(&self, line: &str);

    /// The clock, for deadlines: completes after the duration.
    async fn sleep(&self, duration: Duration);

    /// The interrupts that end verbs early. By default, none ever comes.
    fn interrupts(&self) -> Interrupts {
        Interrupts::default()
    }
}

/// An open connection. Closed by `Drop`.
#[async_trait]
pub trait Connection: Debug + Send + Sync + 'static {
    /// Sends all the bytes.
    async fn send(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Waits for bytes and appends them to the buffer. None more come: 0.
    async fn receive(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize>;

    /// Changes to TLS. After an error the connection is of no use.
    async fn start_tls(&mut self, host: &str, tls: &Tls) -> io::Result<()>;
}
