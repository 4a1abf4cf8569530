//! [`Connect`]: the arguments of `Connection(..)`, and what becomes of them.

use std::sync::Arc;
use std::time::Duration;

use super::settings::{ConnectKwargs, HostKeys, HostOptions, Settings};
use super::shorthand::{Shorthand, derive_shorthand};
use crate::fabric::config::Config;
use crate::fabric::connection::Connection;
use crate::fabric::error::{Error, Result};
use crate::fabric::texts::python_repr;

/// `fabric.Connection(host, ..)`: the arguments.
///
/// ```
/// use leyden::prelude::*;
/// use leyden::fabric::Connect;
///
/// let fabric = World::new().batteries().fabric;
/// let web = fabric.connection(Connect::new("web1").user("deploy").port(2222));
/// assert_eq!(format!("{web:?}"), "<Connection host=web1 user=deploy port=2222>");
/// ```
#[derive(Clone, Debug)]
pub struct Connect {
    pub(in crate::fabric) host: String,
    pub(in crate::fabric) user: Option<String>,
    pub(in crate::fabric) port: Option<u16>,
    pub(in crate::fabric) gateway: Option<Gateway>,
    pub(in crate::fabric) forward_agent: Option<bool>,
    pub(in crate::fabric) connect_timeout: Option<Option<Duration>>,
    pub(in crate::fabric) connect_kwargs: ConnectKwargs,
    pub(in crate::fabric) inline_ssh_env: Option<bool>,
    pub(in crate::fabric) host_keys: Option<HostKeys>,
    pub(in crate::fabric) config: Option<Arc<Config>>,
    pub(in crate::fabric) depth: u8,
}

/// `gateway=`: the way to the host.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Gateway {
    /// Another connection: `ProxyJump`.
    Jump(Box<Connection>),
    /// A shell command whose standard input and output are the connection: `ProxyCommand`, with its tokens.
    Command(String),
    /// `False`: none, whatever the configuration says.
    Direct,
}

impl From<Connection> for Gateway {
    fn from(connection: Connection) -> Gateway {
        Gateway::Jump(Box::new(connection))
    }
}

impl From<&Connection> for Gateway {
    fn from(connection: &Connection) -> Gateway {
        Gateway::Jump(Box::new(connection.clone()))
    }
}

impl From<&str> for Gateway {
    fn from(command: &str) -> Gateway {
        if command.is_empty() { Gateway::Direct } else { Gateway::Command(command.to_owned()) }
    }
}

impl From<&str> for Connect {
    fn from(host: &str) -> Connect {
        Connect::new(host)
    }
}

impl From<String> for Connect {
    fn from(host: String) -> Connect {
        Connect::new(host)
    }
}

impl From<&String> for Connect {
    fn from(host: &String) -> Connect {
        Connect::new(host.as_str())
    }
}

impl Connect {
    /// `[user@]host[:port]`, or a name of ssh_config. An IPv6 address takes its port by [`Connect::port`].
    #[doc(alias = "fabric.Connection(host=)")]
    pub fn new(host: impl Into<String>) -> Connect {
        Connect {
            host: host.into(),
            user: None,
            port: None,
            gateway: None,
            forward_agent: None,
            connect_timeout: None,
            connect_kwargs: ConnectKwargs::default(),
            inline_ssh_env: None,
            host_keys: None,
            config: None,
            depth: 0,
        }
    }

    /// The remote user. Default: ssh_config, then the configuration, then the local user.
    #[doc(alias = "fabric.Connection(user=)")]
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// The port. Default: ssh_config, then the configuration, then 22.
    #[doc(alias = "fabric.Connection(port=)")]
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// The configuration. Default: [`Fabric::config`](crate::fabric::Fabric::config).
    #[doc(alias = "fabric.Connection(config=)")]
    pub fn config(mut self, config: impl Into<Arc<Config>>) -> Self {
        self.config = Some(config.into());
        self
    }

    /// A connection, or a proxy command. Default: ssh_config, then the configuration.
    #[doc(alias = "fabric.Connection(gateway=)")]
    pub fn gateway(mut self, gateway: impl Into<Gateway>) -> Self {
        self.gateway = Some(gateway.into());
        self
    }

    /// Whether remote commands may use the local agent. Default: ssh_config, then the configuration, then false.
    #[doc(alias = "fabric.Connection(forward_agent=)")]
    pub fn forward_agent(mut self, forward: bool) -> Self {
        self.forward_agent = Some(forward);
        self
    }

    /// The budget for connecting and authenticating. Default: ssh_config, then the configuration, then 30 seconds; `None` lifts it.
    ///
    /// DIFFERENCE: Python has no budget by default.
    #[doc(alias = "fabric.Connection(connect_timeout=)")]
    pub fn connect_timeout(mut self, timeout: impl Into<crate::TimeLimit>) -> Self {
        self.connect_timeout = Some(timeout.into().into());
        self
    }

    /// How to authenticate.
    #[doc(alias = "fabric.Connection(connect_kwargs=)")]
    pub fn connect_kwargs(mut self, kwargs: ConnectKwargs) -> Self {
        self.connect_kwargs = kwargs;
        self
    }

    /// Whether variables go in front of the command line (`export A=1 && ..`), or by the protocol, where the server accepts those of its
    /// `AcceptEnv` alone. Default: the configuration, then true.
    #[doc(alias = "fabric.Connection(inline_ssh_env=)")]
    pub fn inline_ssh_env(mut self, inline: bool) -> Self {
        self.inline_ssh_env = Some(inline);
        self
    }

    /// The password: short for `connect_kwargs(ConnectKwargs::new().password(..))`.
    pub fn password(mut self, password: impl Into<crate::Secret>) -> Self {
        self.connect_kwargs = self.connect_kwargs.password(password);
        self
    }

    /// A private key file: short for `connect_kwargs(ConnectKwargs::new().key_filename(..))`.
    pub fn key_filename(mut self, path: impl Into<String>) -> Self {
        self.connect_kwargs = self.connect_kwargs.key_filename(path);
        self
    }

    /// What happens with unknown host keys. Default: `StrictHostKeyChecking` of ssh_config, then [`HostKeys::Strict`].
    #[doc(alias = "fabric.host_keys")]
    pub fn host_keys(mut self, policy: HostKeys) -> Self {
        self.host_keys = Some(policy);
        self
    }

    /// Accepts unknown host keys and writes them to known_hosts: `StrictHostKeyChecking accept-new`.
    pub fn accept_new_host_keys(self) -> Self {
        self.host_keys(HostKeys::AcceptNew)
    }

    /// Accepts every host key, as fabric does. An attacker on the network can then read and change everything.
    pub fn dangerously_accept_any_host_key(self) -> Self {
        self.host_keys(HostKeys::DangerouslyAcceptAny)
    }
}

/// What a connection is, after arguments, ssh_config and configuration.
#[derive(Clone, Debug)]
pub(in crate::fabric) struct Facts {
    pub(in crate::fabric) host: String,
    pub(in crate::fabric) original_host: String,
    pub(in crate::fabric) user: String,
    pub(in crate::fabric) port: u16,
    pub(in crate::fabric) gateway: Option<Gateway>,
    pub(in crate::fabric) forward_agent: bool,
    pub(in crate::fabric) connect_timeout: Option<Duration>,
    pub(in crate::fabric) connect_kwargs: ConnectKwargs,
    pub(in crate::fabric) inline_ssh_env: bool,
    pub(in crate::fabric) host_keys: HostKeys,
    pub(in crate::fabric) options: HostOptions,
}

/// Host, user and port of a shorthand and its keyword arguments, which must not say the same thing twice.
pub(in crate::fabric) fn place(connect: &Connect) -> Result<(String, Option<String>, Option<u16>)> {
    let Shorthand { user, host, port } = derive_shorthand(&connect.host)?;
    let twice = |what: &str| Error::Value(format!("You supplied the {what} via both shorthand and kwarg! Please pick one."));
    if user.is_some() && connect.user.is_some() {
        return Err(twice("user"));
    }
    if port.is_some() && connect.port.is_some() {
        return Err(twice("port"));
    }
    let port = match port {
        Some(port) => Some(u16::try_from(port).map_err(|_| Error::Value(format!("invalid port {port}: not in 0..=65535")))?),
        None => connect.port,
    };
    let host = host.ok_or_else(|| Error::Value(format!("no host in {}", python_repr(&connect.host))))?;
    check_word(&host, "host name")?;
    let user = user.or_else(|| connect.user.clone()).filter(|user| !user.is_empty());
    Ok((host, user, port))
}

/// A name that begins with `-` is an option to the programs that a proxy command runs.
pub(in crate::fabric) fn check_word(text: &str, what: &str) -> Result<()> {
    if text.starts_with('-') || text.contains(|c: char| c.is_control() || c.is_whitespace()) {
        return Err(Error::Value(format!("invalid {what} {}", python_repr(text))));
    }
    Ok(())
}

/// Merges arguments, ssh_config and configuration, in that order.
pub(in crate::fabric) fn resolve(
    connect: Connect,
    original: String,
    user: Option<String>,
    port: Option<u16>,
    settings: &Settings,
    options: HostOptions,
) -> Result<Facts> {
    let host = options.hostname.clone().unwrap_or_else(|| original.clone());
    check_word(&host, "host name")?;
    let user = user.or_else(|| options.user.clone()).unwrap_or_else(|| settings.user.clone());
    if user.starts_with('-') || user.contains(|c: char| c.is_control()) {
        return Err(Error::Value(format!("invalid user name {}", python_repr(&user))));
    }
    let port = port.filter(|port| *port != 0).or(options.port).unwrap_or(settings.port);
    let mut kwargs =
        if connect.connect_kwargs.is_empty() { settings.connect_kwargs.clone() } else { connect.connect_kwargs.clone() };
    // The order of fabric: configuration, arguments, ssh_config.
    let keys = [&settings.connect_kwargs.key_filename, &connect.connect_kwargs.key_filename, &options.identity_files];
    kwargs.key_filename = keys.into_iter().flatten().cloned().collect();
    if kwargs.timeout.is_some() && connect.connect_timeout.flatten().is_some() {
        return Err(Error::Value(
            "Refusing to be ambiguous: connect() kwarg 'timeout' was given both via regular arg and via connect_kwargs!"
                .to_owned(),
        ));
    }
    let connect_timeout = match connect.connect_timeout {
        Some(timeout) => timeout.or(kwargs.timeout),
        None => kwargs
            .timeout
            .or(options.connect_timeout)
            .or(settings.connect_timeout)
            .or(Some(crate::fabric::run::options::CONNECT_TIMEOUT)),
    };
    Ok(Facts {
        host,
        original_host: original,
        user,
        port,
        gateway: connect.gateway,
        forward_agent: connect.forward_agent.or(options.forward_agent).unwrap_or(settings.forward_agent),
        connect_timeout: connect_timeout.filter(|timeout| !timeout.is_zero()),
        connect_kwargs: kwargs,
        inline_ssh_env: connect.inline_ssh_env.unwrap_or(settings.inline_ssh_env),
        host_keys: connect.host_keys.or(options.strict).unwrap_or_default(),
        options,
    })
}
