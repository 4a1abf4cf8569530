//! The seam of `fabric`: [`Backend`] connects to machines, [`Session`] is one authenticated connection.
//!
//! ```
//! use leyden::prelude::*;
//! use std::sync::Arc;
//!
//! let world = World::new();
//! world.fabric.host("web1").shell("uname").reply("Linux\n", 0);
//! // The handle works over any backend; this one is the mock.
//! let batteries = world.batteries();
//! let fabric = leyden::fabric::Fabric::new(Arc::new(world.fabric.clone()), batteries.os, batteries.subprocess);
//! assert_eq!(fabric.connection("web1").run("uname").hide(true).wait()?.stdout, "Linux\n");
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! Command lines, watchers, results, groups, transfers, configuration and host-key rules are written once, over these.

use std::fmt;
use std::fmt::Debug;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};

use super::error::Result;
use crate::BoxFuture;
use crate::Secret;

/// Bytes in both directions: a channel of a connection, or a socket.
pub trait ByteStream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> ByteStream for T {}

/// A [`ByteStream`] on the heap.
pub type BoxStream = Box<dyn ByteStream>;

/// A network with SSH servers on it, and the local side of what `fabric` does.
///
/// # Contract
///
/// - `connect` resolves, connects, checks the host key through [`Target::host_keys`] before anything secret is sent, and
///   authenticates with [`Target::credentials`] in their order.
/// - No method waits forever in a way that dropping its future does not end: the deadlines are applied by the facade.
/// - Dropping the last handle to a session closes it.
#[async_trait]
pub trait Backend: Debug + Send + Sync + 'static {
    /// Opens an authenticated connection.
    async fn connect(&self, target: &Target) -> Result<Arc<dyn Session>>;

    /// Listens on a local TCP port; 0 lets the system choose.
    async fn listen(&self, host: &str, port: u16) -> Result<Box<dyn Listener>>;

    /// Connects to a TCP port from this machine: the local end of a remote forward.
    async fn dial(&self, host: &str, port: u16) -> Result<BoxStream>;

    /// Writes text to the local standard output or error.
    fn print(&self, stream: Stream, text: &str);

    /// The next bytes of the local standard input; empty at its end.
    async fn read_stdin(&self) -> Result<Bytes>;

    /// The size of the local terminal as columns and rows; (80, 24) without one.
    fn pty_size(&self) -> (u16, u16);

    /// Completes after the duration, on the backend's clock.
    async fn sleep(&self, duration: Duration);

    /// A clock that never goes back.
    fn monotonic(&self) -> Duration;

    /// Runs a future beside its caller. The task ends with the process.
    fn spawn(&self, task: BoxFuture<()>);

    /// Runs work that blocks. Natively it gets a thread; in memory it runs at once, so the order of calls is fixed.
    async fn blocking(&self, work: Box<dyn FnOnce() + Send>);
}

/// A local or remote stream of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// Where to connect, and as which user.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Target {
    /// The host name or address, after `HostName` of ssh_config.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The remote user.
    pub user: String,
    /// The way to the host.
    pub via: Via,
    /// What to authenticate with, in this order.
    pub credentials: Vec<Credential>,
    /// Accepts or refuses the key that the server shows.
    pub host_keys: Arc<dyn CheckHostKey>,
    /// Compress the connection.
    pub compress: bool,
    /// Send a keepalive after this much silence.
    pub keepalive: Option<Duration>,
    /// Algorithms not to use, by their SSH names.
    pub disabled_algorithms: Vec<String>,
    /// How long a local agent may take to answer one request.
    pub agent_timeout: Duration,
}

impl Target {
    /// A direct connection without credentials.
    pub fn new(host: impl Into<String>, port: u16, user: impl Into<String>, host_keys: Arc<dyn CheckHostKey>) -> Target {
        Target {
            host: host.into(),
            port,
            user: user.into(),
            via: Via::Direct,
            credentials: Vec::new(),
            host_keys,
            compress: false,
            keepalive: None,
            disabled_algorithms: Vec::new(),
            agent_timeout: Duration::from_secs(3),
        }
    }
}

/// The way to a host.
#[derive(Clone, Debug)]
pub enum Via {
    /// TCP.
    Direct,
    /// A `direct-tcpip` channel of another connection: `ProxyJump`.
    Jump(Arc<dyn Session>),
    /// Standard input and output of a local shell command, tokens expanded: `ProxyCommand`.
    Command(String),
}

/// One way to authenticate.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Credential {
    /// The keys that an agent holds.
    Agent {
        /// Its Unix socket.
        socket: PathBuf,
    },
    /// A private key.
    Key {
        /// Where it was read, for errors.
        path: String,
        /// The key file: OpenSSH, PKCS#8, PKCS#1, SEC1 or PPK.
        private: Secret,
        /// The OpenSSH certificate of the key, if there is one.
        certificate: Option<String>,
        /// Gives the passphrase of an encrypted key.
        passphrase: Ask,
    },
    /// A password.
    Password(Secret),
    /// Answers to the server's prompts.
    KeyboardInteractive(Ask),
}

impl Credential {
    /// The name of the method, for errors: `agent`, `publickey ~/.ssh/id_ed25519`, `password`, `keyboard-interactive`.
    pub fn name(&self) -> String {
        match self {
            Credential::Agent { socket } => format!("agent {}", socket.display()),
            Credential::Key { path, .. } => format!("publickey {path}"),
            Credential::Password(_) => "password".to_owned(),
            Credential::KeyboardInteractive(_) => "keyboard-interactive".to_owned(),
        }
    }
}

/// A callback that answers a prompt: a passphrase, a one-time code. None means that there is no answer.
#[derive(Clone)]
pub struct Ask(Arc<Answer>);

type Answer = dyn Fn(&str) -> Option<Secret> + Send + Sync;

impl Ask {
    /// Calls this function for each prompt.
    pub fn new(answer: impl Fn(&str) -> Option<Secret> + Send + Sync + 'static) -> Ask {
        Ask(Arc::new(answer))
    }

    /// Gives the same answer to every prompt.
    pub fn always(answer: Secret) -> Ask {
        Ask::new(move |_| Some(answer.clone()))
    }

    /// Has no answers.
    pub fn never() -> Ask {
        Ask::new(|_| None)
    }

    /// The answer to a prompt.
    pub fn ask(&self, prompt: &str) -> Option<Secret> {
        (self.0)(prompt)
    }
}

impl Debug for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ask")
    }
}

/// A host key as a server shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OfferedKey {
    /// Its algorithm: `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`; for a certificate the name with `-cert-v01@openssh.com`.
    pub algorithm: String,
    /// The key, or the certificate, in SSH's wire format: what base64 shows in a known_hosts file.
    pub blob: Vec<u8>,
    /// For a certificate: what it certifies.
    pub certificate: Option<HostCertificate>,
}

impl OfferedKey {
    /// A plain key.
    pub fn new(algorithm: impl Into<String>, blob: impl Into<Vec<u8>>) -> OfferedKey {
        OfferedKey { algorithm: algorithm.into(), blob: blob.into(), certificate: None }
    }
}

/// A verified host certificate: its signature was checked by the backend, its authority is for the caller to accept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HostCertificate {
    /// The authority's algorithm.
    pub authority_algorithm: String,
    /// The authority's key in wire format.
    pub authority_blob: Vec<u8>,
    /// The names for which it is valid; empty is every name.
    pub principals: Vec<String>,
    /// The certified key in wire format.
    pub key_blob: Vec<u8>,
}

impl HostCertificate {
    /// A certificate of this key by this authority.
    pub fn new(
        authority_algorithm: impl Into<String>,
        authority_blob: Vec<u8>,
        principals: Vec<String>,
        key_blob: Vec<u8>,
    ) -> Self {
        HostCertificate { authority_algorithm: authority_algorithm.into(), authority_blob, principals, key_blob }
    }
}

/// Decides about host keys.
pub trait CheckHostKey: Debug + Send + Sync + 'static {
    /// Fails with the error that `connect` is to return, unless the key is accepted for this host and port.
    fn check(&self, host: &str, port: u16, key: &OfferedKey) -> Result<()>;

    /// The algorithms of keys known for this host, best first, so that the server is asked for one that can be checked. Empty:
    /// no preference.
    fn algorithms(&self, host: &str, port: u16) -> Vec<String>;
}

/// One authenticated connection. Many channels run on it beside each other.
///
/// # Contract
///
/// - A channel that is not read does not stall the other channels.
/// - After the connection is lost, every method fails with [`Error::ConnectionLost`](super::Error::ConnectionLost).
#[async_trait]
pub trait Session: Debug + Send + Sync + 'static {
    /// Opens a session channel and starts what the request describes.
    async fn exec(&self, request: &Exec) -> Result<Arc<dyn Channel>>;

    /// Starts a subsystem, such as `sftp`, as a byte stream.
    async fn subsystem(&self, name: &str) -> Result<BoxStream>;

    /// Opens a TCP connection from the remote machine: `direct-tcpip`.
    async fn direct_tcpip(&self, host: &str, port: u16, origin: (&str, u16)) -> Result<BoxStream>;

    /// Asks the remote machine to listen; 0 lets it choose the port.
    async fn forward(&self, host: &str, port: u16) -> Result<Box<dyn Listener>>;

    /// True until the connection is closed or lost.
    fn is_active(&self) -> bool;

    /// The machine itself, where it is in this process: a host in memory. Over a network None: then it is reached by commands and SFTP.
    fn machine(&self) -> Option<Machine> {
        None
    }

    /// Sends a keepalive and waits for the reply.
    async fn keepalive(&self) -> Result<()>;

    /// Closes the connection and all its channels.
    async fn close(&self);
}

/// The batteries of a machine.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Machine {
    /// Its files, its kernel.
    pub os: crate::os::Os,
    /// Its programs.
    pub subprocess: crate::subprocess::Subprocess,
    /// What kind of machine it is.
    pub platform: crate::platform::Platform,
    /// Its clocks.
    pub time: crate::time::Time,
}

impl Machine {
    /// A machine of these batteries.
    pub fn new(
        os: crate::os::Os,
        subprocess: crate::subprocess::Subprocess,
        platform: crate::platform::Platform,
        time: crate::time::Time,
    ) -> Machine {
        Machine { os, subprocess, platform, time }
    }
}

/// What to start in a session channel.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Exec {
    /// The command line for the remote user's shell. None: an interactive login shell.
    pub command: Option<Vec<u8>>,
    /// Variables to request from the server; it accepts those of its `AcceptEnv`.
    pub env: Vec<(String, String)>,
    /// A terminal of this size.
    pub pty: Option<(u16, u16)>,
    /// Forward the local agent to the channel.
    pub forward_agent: bool,
}

impl fmt::Debug for Exec {
    /// The command without the secrets in it, and the names of the variables.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exec")
            .field("command", &self.shown())
            .field("env", &self.env.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("pty", &self.pty)
            .field("forward_agent", &self.forward_agent)
            .finish()
    }
}

impl Exec {
    /// The command for logs, without the secrets in it; None for a login shell.
    pub(crate) fn shown(&self) -> Option<String> {
        let command = String::from_utf8_lossy(self.command.as_deref()?);
        Some(crate::secret::command::redact_command(&command).into_owned())
    }

    /// A command without a terminal.
    pub fn new(command: impl Into<Vec<u8>>) -> Exec {
        Exec { command: Some(command.into()), ..Exec::default() }
    }
}

/// What a channel reports.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// Output.
    Stdout(Bytes),
    /// Errors.
    Stderr(Bytes),
    /// The command ended with this status.
    Exit(u32),
    /// A signal ended the command: its name without `SIG`.
    Signal(String),
    /// Nothing follows.
    Closed,
}

/// A running command, remote or local. Dropping it closes the channel.
#[async_trait]
pub trait Channel: Debug + Send + Sync {
    /// Waits for the next event. After [`Event::Closed`] it gives that again.
    async fn next(&self) -> Result<Event>;

    /// Writes all the bytes to standard input. Bytes that the command no longer reads are dropped.
    async fn write(&self, bytes: &[u8]) -> Result<()>;

    /// Ends standard input.
    async fn close_stdin(&self) -> Result<()>;

    /// Sends a signal by its name without `SIG`: `TERM`. Servers may ignore it.
    async fn signal(&self, name: &str) -> Result<()>;

    /// Tells the terminal's new size.
    async fn resize(&self, columns: u16, rows: u16) -> Result<()>;

    /// Ends the command with all that it has started, as far as the machine can find it, and closes the channel.
    async fn kill(&self);

    /// Closes the channel. The command may go on.
    async fn close(&self);
}

/// A port that listens.
#[async_trait]
pub trait Listener: Debug + Send + Sync {
    /// The port: the one that was asked for, or the one chosen for 0.
    fn port(&self) -> u16;

    /// Waits for the next connection: the stream and where it comes from.
    async fn accept(&self) -> Result<(BoxStream, (String, u16))>;

    /// Stops listening.
    async fn close(&self);
}
